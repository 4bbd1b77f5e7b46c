#include "sim/l3_exchange.hpp"

#include <algorithm>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

bool reaches(Side side, Price limit, Price price) {
  return side == Side::buy ? limit >= price : limit <= price;
}

constexpr std::size_t all_levels = SIZE_MAX;

}  // namespace

L3Exchange::L3Exchange(Settings settings, Instrument instrument)
    : settings_(std::move(settings)),
      instrument_(std::move(instrument)),
      entry_random_(settings_.seed),
      response_random_(settings_.seed ^ 0x9E3779B97F4A7C15) {}

// ---------------------------------------------------------------- the feed

void L3Exchange::add(Time now, std::uint64_t id, Side side, Price price, Qty qty) {
  book_.add(id, side, price, qty, fills_);
  hand_out(now);
}

void L3Exchange::reduce(std::uint64_t id, Qty by) {
  book_.reduce(id, by);
  forget_taken();
}

void L3Exchange::remove(std::uint64_t id) {
  book_.remove(id);
  forget_taken();
}

void L3Exchange::execute(Time now, std::uint64_t id, Qty qty) {
  book_.execute(id, qty, fills_);
  forget_taken();
  hand_out(now);
}

void L3Exchange::trade(Time now, Side maker, Price price, Qty qty) {
  book_.trade(maker, price, qty, fills_);
  hand_out(now);
}

void L3Exchange::hand_out(Time now) {
  if (fills_.empty()) return;
  for (const L3Fill& fill : fills_) {
    const auto order = std::find_if(resting_.begin(), resting_.end(),
                                    [&](const Resting& each) { return each.id == fill.order; });
    MM_ASSERT(order != resting_.end() && order->left >= fill.qty, "a fill is of a resting order");
    order->left -= fill.qty;
    totals_.filled += fill.qty.lots();
    totals_.resting -= fill.qty.lots();
    position_ += Qty::from_lots(sign(order->side) * fill.qty.lots());
    tell(now, Fill{.order = fill.order,
                   .trade_id = ++last_trade_id_,
                   .side = order->side,
                   .price = fill.price,
                   .qty = fill.qty,
                   .remaining = fill.remaining,
                   .maker = true,
                   .fee = fees_.fee(instrument_, fill.price, fill.qty, true),
                   .cause = fill.cause});
  }
  fills_.clear();
  std::erase_if(resting_, [](const Resting& order) { return order.left == Qty{}; });
  check();
}

// ---------------------------------------------------------------- our messages

void L3Exchange::send(Time now, const OutputBody& decision) {
  const RecordKind kind = std::visit([](const auto& body) { return body.kind; }, decision);
  if (kind != RecordKind::place_order && kind != RecordKind::cancel_order &&
      kind != RecordKind::replace_order)
    return;
  const Duration latency = settings_.latency.entry_of(kind, now, entry_random_);
  inbound_.push_back({entry_lane_.deliver(now, latency), decision});
}

void L3Exchange::arrive() {
  MM_ASSERT(!inbound_.empty(), "a message is under way");
  const Message message = inbound_.front();
  inbound_.pop_front();
  const Time now = message.arrival;
  if (const auto* order = std::get_if<PlaceOrder>(&message.body)) {
    place(now, *order);
  } else if (const auto* gone = std::get_if<CancelOrder>(&message.body)) {
    cancel(now, gone->order, DoneReason::cancelled);
  } else if (const auto* moved = std::get_if<ReplaceOrder>(&message.body)) {
    if (find(moved->order) == nullptr) {
      tell(now, CancelReject{.order = moved->order, .reason = RejectReason::unknown_order});
      tell(now, OrderReject{.order = moved->replacement, .reason = RejectReason::unknown_order});
    } else {
      cancel(now, moved->order, DoneReason::replaced);
      place(now, {.order = moved->replacement,
                  .side = moved->side,
                  .price = moved->price,
                  .qty = moved->qty,
                  .time_in_force = moved->time_in_force});
    }
  }
  check();
}

RejectReason L3Exchange::refusal(const PlaceOrder& order) const {
  if (order.price <= Price{} || floor_to_tick(instrument_, order.price) != order.price)
    return RejectReason::off_tick;
  if (order.qty <= Qty{} || floor_to_step(instrument_, order.qty) != order.qty)
    return RejectReason::off_lot;
  if (quote_value(instrument_, order.price, order.qty) < instrument_.min_notional)
    return RejectReason::below_min_notional;
  if (find(order.order) != nullptr) return RejectReason::other;
  const bool meets_ours = std::any_of(resting_.begin(), resting_.end(), [&](const Resting& own) {
    return own.side != order.side && reaches(order.side, order.price, own.price);
  });
  const auto best = book_.best(opposite(order.side));
  const bool meets = best && reaches(order.side, order.price, best->price);
  if (order.time_in_force == TimeInForce::post_only && (meets || meets_ours))
    return RejectReason::post_only_would_cross;
  return meets_ours ? RejectReason::other : RejectReason::unspecified;
}

void L3Exchange::place(Time now, const PlaceOrder& order) {
  if (const RejectReason reason = refusal(order); reason != RejectReason::unspecified) {
    tell(now, OrderReject{.order = order.order, .reason = reason});
    return;
  }
  totals_.ordered += order.qty.lots();
  tell(now, OrderAck{.order = order.order,
                     .venue_order_id = ++last_venue_id_,
                     .price = order.price,
                     .remaining = order.qty});
  const Qty rest = order.qty - take(now, order);
  if (rest == Qty{}) return;
  if (order.time_in_force == TimeInForce::ioc || order.time_in_force == TimeInForce::fok) {
    totals_.cancelled += rest.lots();
    tell(now, OrderDone{.order = order.order, .reason = DoneReason::expired, .remaining = rest});
    return;
  }
  totals_.resting += rest.lots();
  resting_.push_back({order.order, order.side, order.price, rest});
  book_.place(order.order, order.side, order.price, rest);
}

Qty L3Exchange::take(Time now, const PlaceOrder& order) {
  const Side other = opposite(order.side);
  const auto best = book_.best(other);
  if (!best || !reaches(order.side, order.price, best->price)) return Qty{};
  book_.depth(other, all_levels, levels_);
  std::vector<Level> reached;
  std::int64_t wanted = order.qty.lots();
  for (const Level& level : levels_) {
    if (wanted == 0 || !reaches(order.side, order.price, level.price)) break;
    const std::int64_t lots = std::min(available(other, level), wanted);
    if (lots > 0) reached.push_back({level.price, Qty::from_lots(lots)});
    wanted -= lots;
  }
  if (order.time_in_force == TimeInForce::fok && wanted != 0) return Qty{};
  Qty remaining = order.qty;
  for (const Level& level : reached) {
    remaining -= level.qty;
    totals_.filled += level.qty.lots();
    position_ += Qty::from_lots(sign(order.side) * level.qty.lots());
    const auto known = std::find_if(taken_.begin(), taken_.end(), [&](const Taken& taken) {
      return taken.side == other && taken.price == level.price;
    });
    if (known == taken_.end()) {
      taken_.push_back({other, level.price, level.qty.lots()});
    } else {
      known->lots += level.qty.lots();
    }
    tell(now, Fill{.order = order.order,
                   .trade_id = ++last_trade_id_,
                   .side = order.side,
                   .price = level.price,
                   .qty = level.qty,
                   .remaining = remaining,
                   .maker = false,
                   .fee = fees_.fee(instrument_, level.price, level.qty, false),
                   .cause = FillCause::taker});
  }
  return order.qty - remaining;
}

std::int64_t L3Exchange::available(Side side, const Level& level) const {
  for (const Taken& taken : taken_) {
    if (taken.side == side && taken.price == level.price)
      return std::max(level.qty.lots() - taken.lots, std::int64_t{0});
  }
  return level.qty.lots();
}

void L3Exchange::forget_taken() {
  for (Taken& taken : taken_)
    taken.lots = std::min(taken.lots, book_.shown_at(taken.side, taken.price).lots());
  std::erase_if(taken_, [](const Taken& taken) { return taken.lots == 0; });
}

void L3Exchange::cancel(Time now, ClientOrderId id, DoneReason reason) {
  const auto left = book_.cancel(id);
  if (!left) {
    tell(now, CancelReject{.order = id, .reason = RejectReason::unknown_order});
    return;
  }
  totals_.resting -= left->lots();
  totals_.cancelled += left->lots();
  std::erase_if(resting_, [&](const Resting& order) { return order.id == id; });
  tell(now, OrderDone{.order = id, .reason = reason, .remaining = *left});
}

const L3Exchange::Resting* L3Exchange::find(ClientOrderId id) const {
  const auto order = std::find_if(resting_.begin(), resting_.end(),
                                  [&](const Resting& each) { return each.id == id; });
  return order == resting_.end() ? nullptr : &*order;
}

// ---------------------------------------------------------------- answers

template <class Body>
void L3Exchange::tell(Time now, const Body& body) {
  const Duration latency = settings_.latency.response_of(Body::kind, now, response_random_);
  answers_.push_back(
      {.header = {.recv_time = response_lane_.deliver(now, latency), .exchange_time = now},
       .body = body});
}

Event L3Exchange::take_answer() {
  MM_ASSERT(!answers_.empty(), "an answer is under way");
  const Event answer = answers_.front();
  answers_.pop_front();
  return answer;
}

void L3Exchange::check() const {
  std::int64_t resting = 0;
  for (const Resting& order : resting_) resting += order.left.lots();
  MM_ASSERT(totals_.holds() && resting == totals_.resting,
            "ordered lots are filled, cancelled or resting");
}

}  // namespace mm::sim
