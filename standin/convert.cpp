#include "standin/convert.hpp"

#include <algorithm>

#include "engine/numeric.hpp"

namespace mm::standin {
namespace {

std::int64_t rescale(std::int64_t value, std::int64_t from, std::int64_t to) {
  if (to >= from) return value * power_of_ten(to - from);
  return static_cast<std::int64_t>(divide_half_even(value, power_of_ten(from - to)));
}

template <class Key>
void sort_unique(std::vector<Key>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

}  // namespace

Price Converter::price_of(Side side, Price price) const {
  // As a double the price has at most 2^53 units, and the rounding forgives its last bit.
  const double units = static_cast<double>(price.units()) *
                       static_cast<double>(power_of_ten(to_.price_decimals)) /
                       static_cast<double>(power_of_ten(from_.price_decimals));
  return side == Side::buy ? floor_to_tick(to_, units) : ceil_to_tick(to_, units);
}

Qty Converter::qty_of(Qty qty) const {
  if (qty == Qty{}) return qty;
  const std::int64_t lots = rescale(qty.lots(), from_.lot_decimals, to_.lot_decimals);
  const std::int64_t step = std::max<std::int64_t>(to_.qty_step.lots(), 1);
  return Qty::from_lots(std::max(step, (lots + step / 2) / step * step));
}

void Converter::set(Side side, Price price, Qty qty) {
  Levels& levels = levels_of(side);
  if (qty == Qty{}) {
    levels.erase(price);
  } else {
    levels[price] = qty;
  }
  (side == Side::buy ? touched_bids_ : touched_asks_).push_back(price_of(side, price));
}

/// Totals of the touched target prices, touch outwards.
void Converter::aggregate(Side side, std::vector<Level>& out) {
  std::vector<Price>& touched = side == Side::buy ? touched_bids_ : touched_asks_;
  std::vector<std::uint32_t>& orders = side == Side::buy ? bid_orders_ : ask_orders_;
  sort_unique(touched);
  if (side == Side::buy) std::reverse(touched.begin(), touched.end());
  out.clear();
  orders.clear();
  for (const Price target : touched) {
    // Sources that round to the target stand within one target step of it.
    const Price low = side == Side::buy ? target : next_below(to_, target);
    const Price high = side == Side::buy ? next_above(to_, target) : target;
    const auto scaled = [this](Price of) {
      return Price::from_units(rescale(of.units(), to_.price_decimals, from_.price_decimals));
    };
    const Levels& levels = levels_of(side);
    Qty sum;
    std::uint32_t count = 0;
    for (auto at = levels.lower_bound(scaled(low) - Price::from_units(1));
         at != levels.end() && at->first <= scaled(high) + Price::from_units(1); ++at) {
      if (price_of(side, at->first) != target) continue;
      sum += at->second;
      ++count;
    }
    out.push_back({target, qty_of(sum)});
    orders.push_back(count);
  }
  touched.clear();
}

Event Converter::delta(const Event& event) {
  aggregate(Side::buy, out_bids_);
  aggregate(Side::sell, out_asks_);
  BookDelta out;
  out.bids = out_bids_;
  out.asks = out_asks_;
  return {event.header, out};
}

Event Converter::snapshot(const Event& event, const BookSnapshot& of) {
  bids_.clear();
  asks_.clear();
  touched_bids_.clear();
  touched_asks_.clear();
  for (const Level& level : of.bids) set(Side::buy, level.price, level.qty);
  for (const Level& level : of.asks) set(Side::sell, level.price, level.qty);
  aggregate(Side::buy, out_bids_);
  aggregate(Side::sell, out_asks_);
  BookSnapshot out;
  out.bids = out_bids_;
  out.asks = out_asks_;
  out.bid_orders = bid_orders_;
  out.ask_orders = ask_orders_;
  return {event.header, out};
}

std::optional<Event> Converter::convert(const Event& event) {
  const Time time = event.header.exchange_time;
  if (const auto* of = std::get_if<BookSnapshot>(&event.body)) {
    book_time_ = std::max(book_time_, time);
    return snapshot(event, *of);
  }
  if (const auto* of = std::get_if<BookDelta>(&event.body)) {
    book_time_ = std::max(book_time_, time);
    for (const Level& level : of->bids) set(Side::buy, level.price, level.qty);
    for (const Level& level : of->asks) set(Side::sell, level.price, level.qty);
    return delta(event);
  }
  if (const auto* of = std::get_if<BestQuote>(&event.body)) {
    // Spot prints no time with its quotes: they may be old, and the book is enough.
    if (time < book_time_ || time == Time{}) return std::nullopt;
    std::vector<Price> gone;
    for (auto at = bids_.rbegin(); at != bids_.rend() && at->first > of->bid.price; ++at) {
      gone.push_back(at->first);
    }
    for (const Price price : gone) set(Side::buy, price, Qty{});
    gone.clear();
    for (auto at = asks_.begin(); at != asks_.end() && at->first < of->ask.price; ++at) {
      gone.push_back(at->first);
    }
    for (const Price price : gone) set(Side::sell, price, Qty{});
    if (of->bid.qty > Qty{}) set(Side::buy, of->bid.price, of->bid.qty);
    if (of->ask.qty > Qty{}) set(Side::sell, of->ask.price, of->ask.qty);
    return delta(event);
  }
  if (const auto* of = std::get_if<Trade>(&event.body)) {
    Trade out = *of;
    out.price = price_of(opposite(of->aggressor), of->price);
    out.qty = qty_of(of->qty);
    return Event{event.header, out};
  }
  if (std::holds_alternative<AssetContext>(event.body)) return event;
  return std::nullopt;
}

}  // namespace mm::standin
