#include "research/why/shots.hpp"

namespace mm::research::why {
namespace {

/// What of a displayed level is ours; of paper orders, what stands beside it at its price.
Qty ours_at(const Trader& trader, Side side, Price price) {
  Qty ours;
  if (trader.settings().own_displayed) {
    for (const OwnDisplayed::At& at : trader.own_levels())
      if (at.side == side && at.price == price) ours += at.ours;
    return ours;
  }
  for (const Order& order : trader.orders().all())
    if (order.side == side && order.price == price && order.state != OrderState::pending_new)
      ours += order.remaining;
  return ours;
}

std::vector<LevelShot> side_of(const InstrumentState& instrument, const Trader& trader, Side side) {
  std::vector<LevelShot> levels;
  instrument.for_each_level(side, [&](const Level& level) {
    levels.push_back({level.price, level.qty, ours_at(trader, side, level.price)});
    return levels.size() < BookShot::depth;
  });
  return levels;
}

}  // namespace

std::optional<double> BookShot::mid() const {
  if (!quotable) return std::nullopt;
  return (static_cast<double>(touch.bid.price.units()) +
          static_cast<double>(touch.ask.price.units())) /
         2;
}

BookShot book_shot(const Engine& engine, Seq seq, Time time) {
  const InstrumentState& instrument = engine.market().quoted();
  const Trader& trader = engine.trader();
  const Orders& orders = trader.orders();
  const Touch& touch = trader.touch(engine.market());
  return {.seq = seq,
          .time = time,
          .quotable = instrument.quotable() && touch.two_sided(),
          .touch = touch,
          .bids = side_of(instrument, trader, Side::buy),
          .asks = side_of(instrument, trader, Side::sell),
          .orders = {orders.all().begin(), orders.all().end()},
          .position = trader.ledger().position()};
}

AccountShot account_shot(const Trader& trader) {
  const Attribution& parts = trader.attribution();
  return {.position = trader.ledger().position(),
          .average_cost = trader.ledger().average_cost(),
          .spread_capture = parts.spread_capture(),
          .adverse_selection = parts.adverse_selection(),
          .inventory = parts.inventory_cost(),
          .fees = parts.fee_cost(),
          .funding = parts.funding(),
          .fills = trader.ledger().fill_count()};
}

AccountShot operator-(const AccountShot& later, const AccountShot& earlier) {
  return {.position = later.position,
          .average_cost = later.average_cost,
          .spread_capture = later.spread_capture - earlier.spread_capture,
          .adverse_selection = later.adverse_selection - earlier.adverse_selection,
          .inventory = later.inventory - earlier.inventory,
          .fees = later.fees - earlier.fees,
          .funding = later.funding - earlier.funding,
          .fills = later.fills - earlier.fills};
}

}  // namespace mm::research::why
