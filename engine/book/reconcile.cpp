#include "engine/book/reconcile.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory_resource>
#include <span>
#include <vector>

#include "engine/numeric.hpp"

namespace mm {
namespace {

struct Wanted {
  Quote quote;
  std::int64_t level = 0;
  bool served = false;
};

struct Ours {
  Order order;  // as it was before this decision
  bool kept = false;
};

/// qty >= min_order_qty(instrument, price) for a quantity on the step, mostly without a division.
bool is_order_qty(const Instrument& instrument, Price price, Qty qty) {
  const std::int64_t exponent = 12 - instrument.lot_decimals - instrument.price_decimals;
  const Int128 needed = instrument.min_notional.units();
  const bool plain =
      instrument.contract == ContractKind::linear && exponent >= 0 && exponent <= 12 &&
      needed > 0 && price > Price{} && price <= Price::from_units(max_price_units) &&
      qty < Qty::from_lots(max_lots) && instrument.qty_step < Qty::from_lots(max_lots);
  if (!plain) return qty >= min_order_qty(instrument, price);
  if (qty < std::max(instrument.min_qty, Qty::from_lots(1))) return false;
  // Exact: below 2^43 * 2^40 * 2^43. A multiple of the step reaches a number where it reaches the
  // next multiple.
  return Int128{price.units()} * powers_of_ten[static_cast<std::size_t>(exponent)] * qty.lots() >=
         needed;
}

/// Calls f(quote, level) for the quotes of a side as they can be sent.
template <class F>
void for_each_wanted(Side side, const QuoteList& quotes, const Instrument& instrument,
                     const Touch& touch, F&& f) {
  const bool buy = side == Side::buy;
  std::int64_t level = -1;
  Price last;
  for (Quote quote : quotes.all()) {
    ++level;
    quote.price =
        buy ? floor_to_tick(instrument,
                            std::min(quote.price, next_below(instrument, touch.ask.price)))
            : ceil_to_tick(instrument,
                           std::max(quote.price, next_above(instrument, touch.bid.price)));
    if (quote.price <= Price{}) continue;
    quote.qty = floor_to_step(instrument, quote.qty);
    if (!is_order_qty(instrument, quote.price, quote.qty)) continue;
    // Quotes pushed off the touch may land on one price: one order is enough there.
    if (last == quote.price) continue;
    last = quote.price;
    f(quote, level);
  }
}

Int128 room_of(Qty limit, Side side, Qty position) {
  if (limit == Qty{}) return Int128{1} << 64;  // no limit
  return Int128{limit.lots()} - sign(side) * position.lots();
}

bool fits(Int128 lots, Int128 wanted, Int128 room) {
  const Int128 fitting = std::min(wanted, room);
  return lots <= room && lots >= fitting / 2 && lots <= fitting + fitting / 4;
}

// What reconcile() works with on one side.
class SideWork {
 public:
  SideWork(Side side, const Quotes& wanted, const Instrument& instrument, const Touch& touch,
           const ReconcileRules& rules, Time now, Orders& orders, std::vector<Output>& outputs,
           ReconcileResult& result)
      : side_(side),
        instrument_(instrument),
        rules_(rules),
        threshold_(wanted.requote_threshold),
        now_(now),
        orders_(orders),
        outputs_(outputs),
        result_(result) {
    ours_.reserve(orders.all().size());
    for (const Order& order : orders.all())
      if (order.side == side) ours_.push_back({order});
    wanted_.reserve(wanted.of(side).size());
    for_each_wanted(side, wanted.of(side), instrument, touch,
                    [&](const Quote& quote, std::int64_t level) {
                      wanted_.push_back({quote, level});
                    });
  }

  // `room`: lots that may still be added on this side, everything else filled.
  void run(Int128 room) {
    for (const auto& [order, kept] : ours_)
      if (order.state == OrderState::pending_cancel || order.state == OrderState::pending_replace)
        room -= order.remaining.lots();
    keep_matches(room);
    for (const auto& [order, kept] : ours_)
      if (order.state == OrderState::pending_new && !kept) room -= order.remaining.lots();
    move_or_cancel(room);
    place_rest(room);
  }

 private:
  void keep_matches(Int128& room) {
    for (Wanted& want : wanted_) {
      Ours* best = nullptr;
      std::int64_t best_distance = 0;
      for (Ours& candidate : ours_) {
        const Order& order = candidate.order;
        if (order.state != OrderState::live && order.state != OrderState::pending_new) continue;
        const std::int64_t distance = std::abs((order.price - want.quote.price).units());
        if (distance > threshold_.units() || candidate.kept) continue;
        if (!fits(order.remaining.lots(), want.quote.qty.lots(), room)) continue;
        if (best != nullptr && distance >= best_distance) continue;
        best = &candidate;
        best_distance = distance;
      }
      if (best == nullptr) continue;
      want.served = true;
      best->kept = true;
      room -= best->order.remaining.lots();
    }
  }

  // Live orders that match nothing: each moves to the next unserved quote, or goes.
  void move_or_cancel(Int128& room) {
    std::pmr::vector<const Order*> loose{&scratch_};
    for (const auto& [order, kept] : ours_) {
      if (kept) continue;
      if (order.state == OrderState::live) {
        loose.push_back(&order);
      } else if (order.state != OrderState::pending_replace) {
        ++blocked_;
      }
    }
    // Nearest first, the id deciding at one price: a total order.
    std::ranges::sort(loose, [this](const Order* a, const Order* b) {
      if (a->price != b->price) return (a->price > b->price) == (side_ == Side::buy);
      return a->id < b->id;
    });
    // Until it is gone, an order that moves may still fill, beside the one that takes its place.
    for (const Order* order : loose) room -= order->remaining.lots();
    for (const Order* order : loose) {
      Wanted* want = next_unserved();
      if (want == nullptr) {
        cancel(*order,
               room < 0 ? DecisionReason::inventory_limit : DecisionReason::quote_withdrawn);
        continue;
      }
      want->served = true;
      const Qty qty = cut(*want, room);
      if (rules_.replace && qty > Qty{} && rules_.keep_apart && meets_own(want->quote.price)) {
        // It waits where it is.
      } else if (rules_.replace && qty > Qty{} && take_permission()) {
        room -= qty.lots();
        replace(*order, *want, qty);
      } else {
        // Its place stays empty until it is gone.
        cancel(*order, room < 0 ? DecisionReason::inventory_limit : DecisionReason::requote);
      }
    }
  }

  void place_rest(Int128& room) {
    std::size_t open = 0;
    for (const Wanted& want : wanted_)
      if (!want.served) ++open;
    while (open > blocked_) {
      --open;
      Wanted* want = next_unserved();
      want->served = true;
      if (rules_.keep_apart && meets_own(want->quote.price)) continue;
      const Qty qty = cut(*want, room);
      if (qty == Qty{} || !take_permission()) continue;
      room -= qty.lots();
      const ClientOrderId id = orders_.next_id();
      orders_.sent({.id = id,
                    .side = side_,
                    .price = want->quote.price,
                    .remaining = qty,
                    .level = want->level,
                    .sent_at = now_});
      put(PlaceOrder{.order = id,
                     .side = side_,
                     .price = want->quote.price,
                     .qty = qty,
                     .reason = DecisionReason::new_quote,
                     .level = want->level});
      ++result_.placed;
    }
  }

  Wanted* next_unserved() {
    for (Wanted& want : wanted_)
      if (!want.served) return &want;
    return nullptr;
  }

  // What fits of a wanted quantity; 0 if that is less than the venue takes.
  Qty cut(const Wanted& want, Int128 room) const {
    if (want.quote.qty.lots() <= room) return want.quote.qty;
    if (room <= 0) return Qty{};
    const Qty fits = floor_to_step(instrument_, Qty::from_lots(static_cast<std::int64_t>(room)));
    return is_order_qty(instrument_, want.quote.price, fits) ? fits : Qty{};
  }

  bool meets_own(Price price) const {
    return std::ranges::any_of(orders_.all(), [&](const Order& order) {
      return order.side != side_ &&
             (side_ == Side::buy ? order.price <= price : order.price >= price);
    });
  }

  bool take_permission() {
    if (side_ == Side::buy ? rules_.buy_paused : rules_.sell_paused) return false;
    if (result_.placed >= rules_.may_place) {
      result_.rate_limited = true;
      return false;
    }
    return true;
  }

  void replace(const Order& order, const Wanted& want, Qty qty) {
    const ClientOrderId id = orders_.next_id();
    orders_.replace_sent(order.id);
    orders_.sent({.id = id,
                  .side = side_,
                  .price = want.quote.price,
                  .remaining = qty,
                  .level = want.level,
                  .replaces = order.id,
                  .sent_at = now_});
    put(ReplaceOrder{.order = order.id,
                     .replacement = id,
                     .side = side_,
                     .price = want.quote.price,
                     .qty = qty,
                     .reason = DecisionReason::requote,
                     .level = want.level});
    ++result_.placed;
  }

  void cancel(const Order& order, DecisionReason reason) {
    orders_.cancel_sent(order.id);
    put(CancelOrder{.order = order.id, .reason = reason});
    ++result_.cancelled;
  }

  void put(OutputBody body) { outputs_.push_back({{.recv_time = now_}, body}); }

  Side side_;
  const Instrument& instrument_;
  const ReconcileRules& rules_;
  Price threshold_;
  Time now_;
  Orders& orders_;
  std::vector<Output>& outputs_;
  ReconcileResult& result_;
  // A side rarely has more than a few orders: these lists then cost no allocation.
  std::array<std::byte, 2048> memory_;
  std::pmr::monotonic_buffer_resource scratch_{memory_.data(), memory_.size()};
  std::pmr::vector<Ours> ours_{&scratch_};
  std::pmr::vector<Wanted> wanted_{&scratch_};
  std::size_t blocked_ = 0;  // orders in flight that stand for a wanted quote each
};

}  // namespace

Qty limit_of(const Quotes& wanted, const ReconcileRules& rules) {
  if (wanted.max_position > Qty{} &&
      (rules.max_position == Qty{} || wanted.max_position < rules.max_position))
    return wanted.max_position;
  return rules.max_position;
}

ReconcileResult reconcile(const Quotes& wanted, const Instrument& instrument, const Touch& touch,
                          Qty position, const ReconcileRules& rules, Time now, Orders& orders,
                          std::vector<Output>& outputs) {
  ReconcileResult result;
  const Qty limit = limit_of(wanted, rules);
  for (const Side side : {Side::buy, Side::sell})
    SideWork(side, wanted, instrument, touch, rules, now, orders, outputs, result)
        .run(room_of(limit, side, position));
  return result;
}

bool awaits_answers(Side side, std::size_t wanted, const Orders& orders) {
  std::size_t awaited = 0;
  bool any = false;
  for (const Order& order : orders.all()) {
    if (order.side != side) continue;
    if (order.state == OrderState::live) return false;
    any = true;
    // One that is being replaced has its successor among the new ones.
    if (order.state != OrderState::pending_replace) ++awaited;
  }
  return any && wanted <= awaited;
}

namespace {

bool side_stays(Side side, const WantedAt& low, const WantedAt& high, const Instrument& instrument,
                Int128 room, const Orders& orders) {
  const std::size_t most = std::max(low.quotes.of(side).size(), high.quotes.of(side).size());
  if (awaits_answers(side, most, orders)) return true;
  QuoteList lows;
  QuoteList highs;
  const auto into = [](QuoteList& list) {
    return [&list](const Quote& quote, std::int64_t) { list.add(quote); };
  };
  for_each_wanted(side, low.quotes.of(side), instrument, low.touch, into(lows));
  for_each_wanted(side, high.quotes.of(side), instrument, high.touch, into(highs));
  const std::span<const Quote> lowest = lows.all();
  const std::span<const Quote> highest = highs.all();
  const std::size_t count = lowest.size();
  if (highest.size() != count) return false;
  std::size_t ours = 0;
  for (const Order& order : orders.all()) {
    if (order.side != side) continue;
    if (order.state != OrderState::live && order.state != OrderState::pending_new) return false;
    ++ours;
  }
  if (ours == 0) return count == 0 || room <= 0;
  if (ours != count) return false;
  const std::int64_t threshold = low.quotes.requote_threshold.units();
  for (std::size_t next = 0; next < count; ++next) {
    const Quote& from = lowest[next];
    const Quote& to = highest[next];
    if (from.qty != to.qty) return false;
    // Two quotes may not meet on the way, or one of them would be dropped.
    if (next > 0 && (side == Side::buy ? to.price >= lowest[next - 1].price
                                       : from.price <= highest[next - 1].price))
      return false;
    const Order* mine = nullptr;
    for (const Order& order : orders.all()) {
      if (order.side != side) continue;
      const std::int64_t above = (order.price - from.price).units();
      const std::int64_t below = (to.price - order.price).units();
      // Somewhere on the way this order may be near enough, but not all the way.
      const bool always = std::abs(above) <= threshold && std::abs(below) <= threshold;
      const bool never = above < -threshold || below < -threshold;
      if (!always && !never) return false;
      if (never) continue;
      if (mine != nullptr) return false;
      mine = &order;
    }
    if (mine == nullptr || !fits(mine->remaining.lots(), from.qty.lots(), room)) return false;
    room -= mine->remaining.lots();
  }
  return true;
}

}  // namespace

bool nothing_to_send(const WantedAt& low, const WantedAt& high, const Instrument& instrument,
                     Qty position, const ReconcileRules& rules, const Orders& orders) {
  const Qty limit = limit_of(low.quotes, rules);
  if (low.quotes.requote_threshold != high.quotes.requote_threshold ||
      low.quotes.max_position != high.quotes.max_position)
    return false;
  for (const Side side : {Side::buy, Side::sell}) {
    if (!side_stays(side, low, high, instrument, room_of(limit, side, position), orders))
      return false;
  }
  return true;
}

std::int64_t cancel_all(DecisionReason reason, Time now, Orders& orders,
                        std::vector<Output>& outputs) {
  std::int64_t cancelled = 0;
  for (std::size_t i = 0; i < orders.all().size(); ++i) {
    const Order& order = orders.all()[i];
    if (order.state != OrderState::live && order.state != OrderState::pending_new) continue;
    const ClientOrderId id = order.id;
    orders.cancel_sent(id);
    outputs.push_back({{.recv_time = now}, CancelOrder{.order = id, .reason = reason}});
    ++cancelled;
  }
  return cancelled;
}

}  // namespace mm
