#include "sim/exchange.hpp"

#include <algorithm>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

/// `a` is nearer to the touch of its side than `b`.
bool better(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

/// A level at `price` of the other side is reached by an order of `side` with this limit.
bool reaches(Side side, Price limit, Price price) {
  return side == Side::buy ? limit >= price : limit <= price;
}

const Level& touch_of(const Touch& touch, Side side) {
  return side == Side::buy ? touch.bid : touch.ask;
}

/// The book follows the venue and is not crossed: something can trade against it.
bool is_open(const InstrumentState& market) {
  const Touch& touch = market.touch();
  return market.book_state() == BookState::valid &&
         (touch.bid.qty == Qty{} || touch.ask.qty == Qty{} || touch.bid.price < touch.ask.price);
}

/// Quantity shown at a price, 0 if there is none.
Qty shown_at(const InstrumentState& market, Side side, Price price) {
  const Level& touch = touch_of(market.touch(), side);
  if (touch.qty == Qty{} || better(side, price, touch.price)) return Qty{};
  return price == touch.price ? touch.qty : market.book().qty_at(side, price);
}

/// The venue shows levels at or beyond this price, so nothing shown at it means nothing is there.
bool is_inside_window(const InstrumentState& market, Side side, Price price) {
  const Level& touch = touch_of(market.touch(), side);
  if (touch.qty == Qty{}) return false;
  return !better(side, touch.price, price) || market.book().has_at_or_beyond(side, price);
}

std::optional<Qty> displayed_at(const InstrumentState& market, Side side, Price price) {
  const Qty qty = shown_at(market, side, price);
  return qty > Qty{} || is_inside_window(market, side, price) ? std::optional{qty} : std::nullopt;
}

/// Rows of one side of a delta; they run from the touch outwards.
std::span<const Level> rows_of(const BookDelta& delta, Side side) {
  return side == Side::buy ? delta.bids : delta.asks;
}

/// Whether the event can have moved the far end of what is shown beyond this price.
bool may_widen_window(const Event& event, Side side, Price price) {
  if (std::holds_alternative<BookSnapshot>(event.body)) return true;
  const auto* delta = std::get_if<BookDelta>(&event.body);
  if (delta == nullptr) return false;
  const std::span<const Level> rows = rows_of(*delta, side);
  return !rows.empty() && !better(side, rows.back().price, price);
}

/// Whether the event states the level's total anew. A best quote speaks of its level each time
/// either side changes, so an unchanged one says nothing.
bool names_level(const Event& event, Side side, Price price) {
  if (std::holds_alternative<BookSnapshot>(event.body)) return true;
  const auto* delta = std::get_if<BookDelta>(&event.body);
  if (delta == nullptr) return false;
  const std::span<const Level> rows = rows_of(*delta, side);
  const auto row = std::lower_bound(
      rows.begin(), rows.end(), price,
      [&](const Level& level, Price wanted) { return better(side, level.price, wanted); });
  return row != rows.end() && row->price == price;
}

double lot_in_base_units(const Instrument& instrument) {
  return instrument.contract == ContractKind::inverse
             ? 1.0
             : 1.0 / static_cast<double>(power_of_ten(instrument.lot_decimals));
}

}  // namespace

// ---------------------------------------------------------------- our messages

void Exchange::send(Time now, const Output& decision) {
  const auto send_if_there = [&](const auto* message) {
    if (message == nullptr) return;
    const Duration latency = settings_.latency.entry_of(message->kind, now, entry_random_);
    inbound_.push({entry_lane_.deliver(now, latency), *message});
  };
  send_if_there(std::get_if<PlaceOrder>(&decision.body));
  send_if_there(std::get_if<CancelOrder>(&decision.body));
  send_if_there(std::get_if<ReplaceOrder>(&decision.body));
}

void Exchange::arrive(const InstrumentState& market) {
  MM_ASSERT(!inbound_.empty(), "a message is under way");
  const Message message = inbound_.front();
  inbound_.pop();
  if (const auto* order = std::get_if<PlaceOrder>(&message.body)) {
    if (over_limit(message.arrival)) {
      tell(message.arrival,
           OrderReject{.order = order->order, .reason = RejectReason::rate_limited});
    } else {
      place(message.arrival, *order, market);
    }
  } else if (const auto* gone = std::get_if<CancelOrder>(&message.body)) {
    cancel(message.arrival, gone->order);
  } else if (const auto* moved = std::get_if<ReplaceOrder>(&message.body)) {
    if (over_limit(message.arrival)) {
      refuse(message.arrival, *moved, RejectReason::rate_limited);
    } else {
      replace(message.arrival, *moved, market);
    }
  }
  check();
}

std::optional<Exchange::Refusal> Exchange::refusal(const PlaceOrder& order,
                                                   const InstrumentState& market) const {
  if (!market.defined() || !is_open(market)) return Refusal{RejectReason::market_closed};
  const Instrument& instrument = market.definition();
  if (order.price <= Price{} || floor_to_tick(instrument, order.price) != order.price)
    return Refusal{RejectReason::off_tick};
  if (order.qty <= Qty{} || order.qty < instrument.min_qty ||
      floor_to_step(instrument, order.qty) != order.qty)
    return Refusal{RejectReason::off_lot};
  if (quote_value(instrument, order.price, order.qty) < instrument.min_notional)
    return Refusal{RejectReason::below_min_notional};
  const auto has_its_id = [&](const RestingOrder& resting) { return resting.id == order.order; };
  if (std::ranges::any_of(bids_, has_its_id) || std::ranges::any_of(asks_, has_its_id))
    return Refusal{RejectReason::other, "an order of this id rests"};

  const Side other = opposite(order.side);
  const Orders& ours = orders_of(other);
  const bool meets_ours = !ours.empty() && reaches(order.side, order.price, ours.front().price);
  if (order.time_in_force == TimeInForce::post_only) {
    const Level& touch = touch_of(market.touch(), other);
    const bool meets_touch = touch.qty > Qty{} && reaches(order.side, order.price, touch.price);
    if (meets_touch || meets_ours) return Refusal{RejectReason::post_only_would_cross};
  }
  if (meets_ours) return Refusal{RejectReason::other, "meets an own order"};
  return std::nullopt;
}

bool Exchange::over_limit(Time now) {
  const std::int64_t limit = settings_.venue_orders_per_minute;
  if (limit == 0) return false;
  if (arrivals_.count(now) >= limit) return true;
  arrivals_.add(now, 1);
  return false;
}

void Exchange::place(Time now, const PlaceOrder& order, const InstrumentState& market) {
  if (const auto refused = refusal(order, market)) {
    tell(now,
         OrderReject{.order = order.order, .reason = refused->reason, .detail = refused->detail});
    return;
  }
  totals_.ordered += order.qty.lots();
  tell(now, OrderAck{.order = order.order,
                     .venue_order_id = ++last_venue_id_,
                     .price = order.price,
                     .remaining = order.qty});
  const Qty taken =
      order.time_in_force == TimeInForce::post_only ? Qty{} : take(now, order, market);
  const Qty rest = order.qty - taken;
  if (rest == Qty{}) return;

  const bool rests =
      order.time_in_force == TimeInForce::post_only || order.time_in_force == TimeInForce::gtc;
  if (!rests) {
    totals_.cancelled += rest.lots();
    tell(now, OrderDone{.order = order.order, .reason = DoneReason::expired, .remaining = rest});
    return;
  }
  totals_.resting += rest.lots();
  Orders& orders = orders_of(order.side);
  const auto place = std::find_if(orders.begin(), orders.end(), [&](const RestingOrder& other) {
    return better(order.side, order.price, other.price);
  });
  orders.insert(place, {.id = order.order,
                        .side = order.side,
                        .price = order.price,
                        .ordered = order.qty,
                        .filled = taken,
                        .remaining = rest,
                        .position = QueuePosition{displayed_at(market, order.side, order.price)},
                        .waits_for_through = settings_.bound == Bound::pessimistic &&
                                             better(order.side, order.price,
                                                    touch_of(market.touch(), order.side).price)});
}

Qty Exchange::take(Time now, const PlaceOrder& order, const InstrumentState& market) {
  const Side other = opposite(order.side);
  std::vector<Level> reached;
  std::int64_t reachable = 0;
  market.for_each_level(other, [&](const Level& level) {
    if (!reaches(order.side, order.price, level.price) || reachable >= order.qty.lots())
      return false;
    const std::int64_t lots = std::min(available(other, level), order.qty.lots() - reachable);
    if (lots > 0) reached.push_back({level.price, Qty::from_lots(lots)});
    reachable += lots;
    return true;
  });
  if (order.time_in_force == TimeInForce::fok && reachable < order.qty.lots()) return Qty{};

  Qty remaining = order.qty;
  for (const Level& level : reached) {
    remaining -= level.qty;
    totals_.filled += level.qty.lots();
    position_ += Qty::from_lots(sign(order.side) * level.qty.lots());
    mark_taken(other, level.price, level.qty.lots());
    tell(now, Fill{.order = order.order,
                   .trade_id = ++last_trade_id_,
                   .side = order.side,
                   .price = level.price,
                   .qty = level.qty,
                   .remaining = remaining,
                   .maker = false,
                   .fee = fees_.fee(market.definition(), level.price, level.qty, false),
                   .cause = FillCause::taker});
  }
  return order.qty - remaining;
}

void Exchange::cancel(Time now, ClientOrderId id) {
  for (const Side side : {Side::buy, Side::sell}) {
    Orders& orders = orders_of(side);
    const auto found = std::find_if(orders.begin(), orders.end(),
                                    [&](const RestingOrder& order) { return order.id == id; });
    if (found == orders.end()) continue;
    const Qty rest = found->remaining;
    totals_.resting -= rest.lots();
    totals_.cancelled += rest.lots();
    orders.erase(found);
    tell(now, OrderDone{.order = id, .reason = DoneReason::cancelled, .remaining = rest});
    return;
  }
  tell(now, CancelReject{.order = id, .reason = RejectReason::unknown_order});
}

void Exchange::replace(Time now, const ReplaceOrder& order, const InstrumentState& market) {
  Orders& orders = orders_of(order.side);
  const auto found = std::find_if(orders.begin(), orders.end(), [&](const RestingOrder& resting) {
    return resting.id == order.order;
  });
  if (found == orders.end()) {
    refuse(now, order, RejectReason::unknown_order);
    return;
  }
  const Qty rest = found->remaining;
  const PlaceOrder placed{.order = order.replacement,
                          .side = order.side,
                          .price = order.price,
                          .qty = order.qty,
                          .time_in_force = order.time_in_force,
                          .reason = order.reason,
                          .level = order.level};
  totals_.resting -= rest.lots();
  totals_.cancelled += rest.lots();
  if (keeps_place(*found, order, market.definition()) && !refusal(placed, market)) {
    totals_.ordered += order.qty.lots();
    totals_.resting += order.qty.lots();
    found->id = order.replacement;
    found->ordered = found->remaining = order.qty;
    found->filled = Qty{};
    tell(now, OrderDone{.order = order.order, .reason = DoneReason::replaced, .remaining = rest});
    tell(now, OrderAck{.order = order.replacement,
                       .venue_order_id = ++last_venue_id_,
                       .price = order.price,
                       .remaining = order.qty});
    return;
  }
  orders.erase(found);
  tell(now, OrderDone{.order = order.order, .reason = DoneReason::replaced, .remaining = rest});
  place(now, placed, market);
}

void Exchange::refuse(Time now, const ReplaceOrder& order, RejectReason reason) {
  tell(now, CancelReject{.order = order.order, .reason = reason});
  tell(now, OrderReject{.order = order.replacement, .reason = reason});
}

bool Exchange::keeps_place(const RestingOrder& old, const ReplaceOrder& order,
                           const Instrument& instrument) const {
  const bool may_keep =
      settings_.replace_queue == ReplaceQueue::keep ||
      (settings_.replace_queue == ReplaceQueue::venue && instrument.venue.starts_with("binance-"));
  const bool rests =
      order.time_in_force == TimeInForce::post_only || order.time_in_force == TimeInForce::gtc;
  return may_keep && rests && order.price == old.price && order.qty <= old.remaining;
}

// ---------------------------------------------------------------- the market

void Exchange::on_market(const Event& event, const InstrumentState& after) {
  if (event.header.instrument.value != 0) return;
  const Time now = event.header.recv_time;
  // A fill is told like a payment: both are news of the account.
  if (const auto payment = funding_.on_market(event, after.definition(), position_))
    tell(now, RecordKind::fill, *payment);
  switch (event.kind()) {
    case RecordKind::trade:
      if (was_open_) on_trade(now, std::get<Trade>(event.body), after);
      break;
    case RecordKind::book_snapshot:
    case RecordKind::book_delta:
    case RecordKind::best_quote:
      on_book(now, event, after);
      break;
    default:
      was_open_ = was_open_ && is_open(after);
      break;
  }
}

void Exchange::on_trade(Time now, const Trade& trade, const InstrumentState& market) {
  const Side side = opposite(trade.aggressor);
  Orders& orders = orders_of(side);
  std::int64_t budget = trade.qty.lots();
  auto order = orders.begin();
  for (; order != orders.end() && better(side, order->price, trade.price); ++order) {
    order->position.nothing_ahead();
    const std::int64_t lots = std::min(budget, order->remaining.lots());
    budget -= lots;
    fill(now, *order, Qty::from_lots(lots), FillCause::through, market.definition());
  }
  for (; order != orders.end() && order->price == trade.price; ++order) {
    const std::int64_t reaching = order->position.known() && !order->waits_for_through
                                      ? budget - order->position.whole_lots_ahead()
                                      : 0;
    order->position.on_trade(trade.qty);
    const std::int64_t lots = std::clamp(reaching, std::int64_t{0}, order->remaining.lots());
    // Those behind us wait for ours as well as for the others in front of them.
    budget -= lots;
    fill(now, *order, Qty::from_lots(lots), FillCause::queue, market.definition());
  }
  drop_filled(side);
  check();
}

void Exchange::on_book(Time now, const Event& event, const InstrumentState& after) {
  const bool open = is_open(after);
  const bool reopened = open && !was_open_;
  was_open_ = open;
  if (!open) return;
  for (const Side side : {Side::buy, Side::sell}) {
    if (!taken_of(side).empty()) forget_taken(side, after);
    if (orders_of(side).empty()) continue;
    if (reopened) {
      for (RestingOrder& order : orders_of(side))
        order.position.on_resync(displayed_at(after, side, order.price));
    } else {
      update_queues(side, event, after);
    }
  }
  for (const Side side : {Side::buy, Side::sell}) {
    const Orders& orders = orders_of(side);
    const Level& other = touch_of(after.touch(), opposite(side));
    if (!orders.empty() && other.qty > Qty{} && reaches(side, orders.front().price, other.price))
      cross(now, side, after);
  }
  check();
}

void Exchange::update_queues(Side side, const Event& event, const InstrumentState& after) {
  const double lot = lot_in_base_units(after.definition());
  for (RestingOrder& order : orders_of(side)) {
    QueuePosition& position = order.position;
    const Qty shown = shown_at(after, side, order.price);
    if (position.known()) {
      // An unchanged total matters only where trades are to be set off against it.
      if (shown == position.displayed() &&
          (!position.awaits_depth() || !names_level(event, side, order.price)))
        continue;
    } else if (shown == Qty{} && !may_widen_window(event, side, order.price)) {
      continue;
    }
    if (shown == Qty{} && !is_inside_window(after, side, order.price)) continue;
    position.on_depth(settings_.queue, shown, lot);
  }
}

void Exchange::cross(Time now, Side side, const InstrumentState& after) {
  const Side other = opposite(side);
  for (RestingOrder& order : orders_of(side)) {
    const Level& touch = touch_of(after.touch(), other);
    if (!reaches(side, order.price, touch.price)) break;
    order.position.nothing_ahead();
    std::int64_t wanted = order.remaining.lots();
    after.for_each_level(other, [&](const Level& level) {
      if (wanted == 0 || !reaches(side, order.price, level.price)) return false;
      const std::int64_t lots = std::min(wanted, available(other, level));
      mark_taken(other, level.price, lots);
      wanted -= lots;
      return true;
    });
    fill(now, order, Qty::from_lots(order.remaining.lots() - wanted), FillCause::cross,
         after.definition());
  }
  drop_filled(side);
}

// ---------------------------------------------------------------- liquidity we have used

std::int64_t Exchange::available(Side side, const Level& level) {
  for (const Taken& taken : taken_of(side)) {
    if (taken.price == level.price) return std::max(level.qty.lots() - taken.lots, std::int64_t{0});
  }
  return level.qty.lots();
}

void Exchange::mark_taken(Side side, Price price, std::int64_t lots) {
  if (lots == 0) return;
  for (Taken& taken : taken_of(side)) {
    if (taken.price == price) {
      taken.lots += lots;
      return;
    }
  }
  taken_of(side).push_back({price, lots});
}

void Exchange::forget_taken(Side side, const InstrumentState& after) {
  std::vector<Taken>& taken = taken_of(side);
  for (Taken& level : taken) {
    level.lots = std::min(level.lots, shown_at(after, side, level.price).lots());
  }
  std::erase_if(taken, [](const Taken& level) { return level.lots == 0; });
}

// ---------------------------------------------------------------- answers and accounts

void Exchange::fill(Time now, RestingOrder& order, Qty qty, FillCause cause,
                    const Instrument& instrument) {
  if (qty == Qty{}) return;
  order.filled += qty;
  order.remaining -= qty;
  totals_.filled += qty.lots();
  totals_.resting -= qty.lots();
  position_ += Qty::from_lots(sign(order.side) * qty.lots());
  MM_ASSERT(order.remaining >= Qty{} && order.filled + order.remaining == order.ordered,
            "an order's lots are filled or remaining");
  tell(now, Fill{.order = order.id,
                 .trade_id = ++last_trade_id_,
                 .side = order.side,
                 .price = order.price,
                 .qty = qty,
                 .remaining = order.remaining,
                 .maker = true,
                 .fee = fees_.fee(instrument, order.price, qty, true),
                 .cause = cause});
}

void Exchange::drop_filled(Side side) {
  std::erase_if(orders_of(side),
                [](const RestingOrder& order) { return order.remaining == Qty{}; });
}

void Exchange::tell(Time now, RecordKind latency_of, const EventBody& body) {
  const Duration latency = settings_.latency.response_of(latency_of, now, response_random_);
  answers_.push(
      {.header = {.recv_time = response_lane_.deliver(now, latency), .exchange_time = now},
       .body = body});
}

Event Exchange::take_answer() {
  MM_ASSERT(!answers_.empty(), "an answer is under way");
  const Event answer = answers_.front();
  answers_.pop();
  return answer;
}

void Exchange::check() const {
  MM_ASSERT(totals_.holds(), "ordered lots are filled, cancelled or resting");
  std::int64_t resting = 0;
  for (const RestingOrder& order : bids_) resting += order.remaining.lots();
  for (const RestingOrder& order : asks_) resting += order.remaining.lots();
  MM_ASSERT(resting == totals_.resting, "the resting total is that of the orders");
}

}  // namespace mm::sim
