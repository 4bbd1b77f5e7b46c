#include "live/guards.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "engine/numeric.hpp"
#include "engine/settings.hpp"

namespace mm::live {
namespace {

Qty magnitude(Qty qty) {
  return qty < Qty{} ? -qty : qty;
}

/// Value at the mid, in quote currency; rounded up a hair, never down.
Money value_at_mid(const InstrumentState& market, Qty qty) {
  const Instrument& instrument = market.definition();
  const Touch& touch = market.touch();
  const Money bid = quote_value(instrument, touch.bid.price, qty);
  const Money ask = quote_value(instrument, touch.ask.price, qty);
  return Money::from_units((bid.units() + ask.units() + 1) / 2);
}

std::string beyond(std::string_view what, Money value, Money limit) {
  return fmt::format("{} would be worth {}, beyond the limit of {}", what, format_money(value),
                     format_money(limit));
}

}  // namespace

std::optional<std::string> Guards::check(Time now, Side side, Price price, Qty qty,
                                         const GuardView& view) {
  if (!view.market.defined() || !view.market.quotable()) return "there is no valid book";
  const Duration age = now - view.market.last_update();
  if (age > limits_.stale)
    return fmt::format("the market data is {} old, the limit is {}", format_duration(age),
                       format_duration(limits_.stale));
  if (qty <= Qty{} || price <= Price{}) return "price and size must be positive";

  const Touch& touch = view.market.touch();
  const double mid = 0.5 * static_cast<double>(touch.bid.price.units() + touch.ask.price.units());
  const double away = std::abs(static_cast<double>(price.units()) / mid - 1) * 1e4;
  if (away > limits_.price_band_bps)
    return fmt::format("the price is {:.1f} bps from the mid, the band is {} bps", away,
                       limits_.price_band_bps);

  const Money order = value_at_mid(view.market, qty);
  if (order > limits_.max_order) return beyond("the order", order, limits_.max_order);
  const Qty position = view.ledger.position();
  const Qty reached =
      side == Side::buy ? position + view.open_buy + qty : -(position - view.open_sell - qty);
  const Money worst = value_at_mid(view.market, reached);
  if (worst > limits_.max_position) return beyond("the position", worst, limits_.max_position);
  const Money gross =
      value_at_mid(view.market, magnitude(position) + view.open_buy + view.open_sell + qty);
  if (gross > limits_.max_notional)
    return beyond("position and orders", gross, limits_.max_notional);

  if (rate_.count(now) >= limits_.max_orders_per_minute)
    return fmt::format("{} orders went out in the last minute, the limit is {}", rate_.count(now),
                       limits_.max_orders_per_minute);
  rate_.add(now, 1);
  return std::nullopt;
}

std::optional<Side> Guards::overcommitted(const GuardView& view) const {
  if (!view.market.defined() || !view.market.quotable()) return std::nullopt;
  const Money most = limits_.max_position + Money::from_units(limits_.max_position.units() / 100);
  const Qty position = view.ledger.position();
  if (view.open_buy > Qty{} && value_at_mid(view.market, position + view.open_buy) > most)
    return Side::buy;
  if (view.open_sell > Qty{} && value_at_mid(view.market, view.open_sell - position) > most)
    return Side::sell;
  return std::nullopt;
}

std::optional<std::string> Guards::breach(const GuardView& view) const {
  if (!view.market.defined() || !view.market.quotable()) return std::nullopt;
  const Touch& touch = view.market.touch();
  const Money pnl = view.ledger.net_pnl(
      mid_value_of_one_lot(view.market.definition(), touch.bid.price, touch.ask.price));
  if (pnl <= -limits_.max_loss)
    return fmt::format("the session has lost {}, the limit is {}", format_money(-pnl),
                       format_money(limits_.max_loss));
  const Money held = value_at_mid(view.market, magnitude(view.ledger.position()));
  if (held > limits_.max_position + limits_.max_order)
    return fmt::format("the position is worth {}, beyond the limit of {}", format_money(held),
                       format_money(limits_.max_position));
  return std::nullopt;
}

}  // namespace mm::live
