#include "strategies/quoting.hpp"

#include <algorithm>

#include "engine/numeric.hpp"

namespace mm {

double reference_price(const Touch& touch, Reference reference) {
  const double bid = static_cast<double>(touch.bid.price.units());
  const double ask = static_cast<double>(touch.ask.price.units());
  if (reference == Reference::mid) return (bid + ask) / 2;
  const double bid_qty = static_cast<double>(touch.bid.qty.lots());
  const double ask_qty = static_cast<double>(touch.ask.qty.lots());
  return (bid * ask_qty + ask * bid_qty) / (bid_qty + ask_qty);
}

Qty clip_of(const Instrument& instrument, const Ladder& ladder, double reference) {
  return qty_for_value(instrument, ladder.size, floor_to_tick(instrument, reference));
}

Qty position_limit(const Instrument& instrument, const Ladder& ladder, double reference) {
  if (!(ladder.max_position > 0)) return Qty{};
  return qty_for_value(instrument, ladder.max_position, floor_to_tick(instrument, reference));
}

Quotes lay_quotes(const View& view, const Ladder& ladder, double reference, const Depths& depths) {
  const Instrument& instrument = view.instrument.definition();
  const Touch& touch = view.instrument.touch();
  Quotes quotes;
  const Qty clip = clip_of(instrument, ladder, reference);
  if (clip <= Qty{}) return quotes;
  const int levels = static_cast<int>(ladder.levels);
  for (int level = 0; level < levels; ++level) {
    const double further = level * ladder.level_step_bps * 1e-4;
    const Price bid = std::min(floor_to_tick(instrument, reference * (1 - depths.bid - further)),
                               next_below(instrument, touch.ask.price));
    const Price ask = std::max(ceil_to_tick(instrument, reference * (1 + depths.ask + further)),
                               next_above(instrument, touch.bid.price));
    if (bid > Price{}) quotes.bids.add({bid, clip});
    if (ask > Price{}) quotes.asks.add({ask, clip});
  }
  quotes.max_position = position_limit(instrument, ladder, reference);
  quotes.requote_threshold =
      Price::from_units(static_cast<std::int64_t>(reference * ladder.requote_threshold_bps * 1e-4));
  return quotes;
}

}  // namespace mm
