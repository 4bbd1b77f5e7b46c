#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "engine/numeric.hpp"
#include "engine/trader.hpp"

// How far the touch may move before a decision sends something: guessed from how far each order is
// from where it is wanted, then proved by asking the strategy at the two ends.

namespace mm {
namespace {

Touch shifted(const Touch& touch, Price by) {
  return {{touch.bid.price + by, touch.bid.qty}, {touch.ask.price + by, touch.ask.qty}};
}

struct Room {
  std::int64_t down = 0;
  std::int64_t up = 0;
};

/// How far the wanted prices may fall and rise, in price units, until an order is too far away.
/// Where answers are awaited any distance would do, but not for long: a threshold is enough, and
/// likely to leave sizes and limits alone. Empty if none will do.
std::optional<Room> room_of(const Quotes& wanted, const Orders& orders, std::int64_t rounding) {
  constexpr std::int64_t far = 1'000;
  const std::int64_t threshold = wanted.requote_threshold.units();
  Room room{far, far};
  for (const Side side : {Side::buy, Side::sell}) {
    const QuoteList& quotes = wanted.of(side);
    if (awaits_answers(side, quotes.size(), orders)) {
      room.down = std::min(room.down, threshold);
      room.up = std::min(room.up, threshold);
      continue;
    }
    for (const Order& order : orders.all()) {
      if (order.side != side) continue;
      if (order.state != OrderState::live && order.state != OrderState::pending_new)
        return std::nullopt;
      std::int64_t nearest = INT64_MAX;
      for (const Quote& quote : quotes.all()) {
        const std::int64_t above = (order.price - quote.price).units();
        if (std::abs(above) < std::abs(nearest)) nearest = above;
      }
      if (nearest == INT64_MAX || std::abs(nearest) > threshold) return std::nullopt;
      room.down = std::min(room.down, threshold - nearest - rounding);
      room.up = std::min(room.up, threshold + nearest - rounding);
    }
  }
  return Room{std::max<std::int64_t>(room.down, 0), std::max<std::int64_t>(room.up, 0)};
}

}  // namespace

Quotes Trader::wanted_at(const Touch& touch, const Market& market) const {
  const View view{.now = {},
                  .market = market,
                  .instrument = market.quoted(),
                  .touch = touch,
                  .position = account_.ledger.position(),
                  .average_cost = account_.ledger.average_cost()};
  return strategy_->quotes(view);
}

bool Trader::is_quiet_between(const Touch& low, const Touch& high, const Market& market) const {
  const Quotes lowest = wanted_at(low, market);
  const ReconcileRules rules = rules_at(market.quoted(), low);
  // A decision that is passed over must not change the limit by which fills are judged either.
  if (limit_of(lowest, rules) != account_.max_position) return false;
  const Quotes highest = wanted_at(high, market);
  if (rules.max_position != rules_at(market.quoted(), high).max_position) return false;
  return nothing_to_send({lowest, low}, {highest, high}, market.quoted().definition(),
                         account_.ledger.position(), rules, orders_);
}

std::optional<TouchBox> Trader::quiet_box(const Market& market) const {
  if (settings_.scripted || settings_.own_displayed) return std::nullopt;
  if (orders_.empty() && (!settings_.trading || !strategy_->wants_to_be_asked())) {
    constexpr Price lowest = Price::from_units(INT64_MIN);
    constexpr Price highest = Price::from_units(INT64_MAX);
    return TouchBox{lowest, highest, lowest, highest};
  }
  if (!strategy_->moves_with_touch() || !settings_.trading) return std::nullopt;
  // What is told once, or waits for a moment, is looked at with every decision.
  const bool waits = settings_.max_loss > Money{} || clock_.killed || clock_.ended ||
                     clock_.told_stale.breached() || clock_.rate_limited.breached() ||
                     (settings_.stale > Duration{} && !clock_.stale_timer_set && !orders_.empty());
  if (waits) return std::nullopt;
  const Touch& touch = market.quoted().touch();
  constexpr Price furthest = Price::from_units(max_price_units / 2);
  if (touch.ask.price >= furthest) return std::nullopt;

  const std::int64_t tick =
      (next_above(market.quoted().definition(), touch.ask.price) - touch.ask.price).units();
  const bool in_flight = !orders_.empty() && std::ranges::none_of(orders_.all(), &Order::settled);
  // About half a basis point: nobody asks for long.
  const std::int64_t little = touch.ask.price.units() >> 14;
  const std::optional<Room> guess =
      in_flight ? Room{little, little} : room_of(wanted_at(touch, market), orders_, tick);
  if (!guess) return std::nullopt;
  Room room = *guess;
  room.down = std::min(room.down, touch.bid.price.units() - 1);
  // The guess may be off where prices or sizes jump; half of it rarely is.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Touch low = shifted(touch, Price::from_units(-room.down));
    const Touch high = shifted(touch, Price::from_units(room.up));
    if (is_quiet_between(low, high, market))
      return TouchBox{low.bid.price, high.bid.price, low.ask.price, high.ask.price};
    if (room.down == 0 && room.up == 0) return std::nullopt;
    room = attempt == 0 ? Room{room.down / 2, room.up / 2} : Room{};
  }
  return std::nullopt;
}

}  // namespace mm
