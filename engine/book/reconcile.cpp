#include "engine/book/reconcile.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory_resource>
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
    take_wanted(wanted.of(side), touch);
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
  void take_wanted(const QuoteList& quotes, const Touch& touch) {
    const bool buy = side_ == Side::buy;
    std::int64_t level = -1;
    for (Quote quote : quotes.all()) {
      ++level;
      quote.price =
          buy ? floor_to_tick(instrument_,
                              std::min(quote.price, next_below(instrument_, touch.ask.price)))
              : ceil_to_tick(instrument_,
                             std::max(quote.price, next_above(instrument_, touch.bid.price)));
      if (quote.price <= Price{}) continue;
      quote.qty = floor_to_step(instrument_, quote.qty);
      if (quote.qty < min_order_qty(instrument_, quote.price)) continue;
      // Quotes pushed off the touch may land on one price: one order is enough there.
      if (!wanted_.empty() && wanted_.back().quote.price == quote.price) continue;
      wanted_.push_back({quote, level});
    }
  }

  void keep_matches(Int128& room) {
    for (Wanted& want : wanted_) {
      Ours* best = nullptr;
      std::int64_t best_distance = 0;
      for (Ours& candidate : ours_) {
        const Order& order = candidate.order;
        if (order.state != OrderState::live && order.state != OrderState::pending_new) continue;
        const std::int64_t distance = std::abs((order.price - want.quote.price).units());
        const Int128 lots = order.remaining.lots();
        const Int128 fitting = std::min<Int128>(want.quote.qty.lots(), room);
        if (distance > threshold_.units() || lots > room) continue;
        if (lots < fitting / 2 || lots > fitting + fitting / 4 || candidate.kept) continue;
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
      if (rules_.replace && qty > Qty{} && take_permission()) {
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
    return fits < min_order_qty(instrument_, want.quote.price) ? Qty{} : fits;
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

ReconcileResult reconcile(const Quotes& wanted, const Instrument& instrument, const Touch& touch,
                          Qty position, const ReconcileRules& rules, Time now, Orders& orders,
                          std::vector<Output>& outputs) {
  ReconcileResult result;
  Qty limit = rules.max_position;
  if (wanted.max_position > Qty{} && (limit == Qty{} || wanted.max_position < limit))
    limit = wanted.max_position;
  for (const Side side : {Side::buy, Side::sell}) {
    Int128 room = Int128{1} << 64;  // no limit
    if (limit > Qty{}) room = Int128{limit.lots()} - sign(side) * position.lots();
    SideWork(side, wanted, instrument, touch, rules, now, orders, outputs, result).run(room);
  }
  return result;
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
