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

Sizes sizes_of(const Instrument& instrument, const Ladder& ladder, double reference) {
  const LotsByValue at{instrument, floor_to_tick(instrument, reference)};
  Sizes sizes;
  sizes.clip = at.lots(ladder.size);
  if (ladder.max_position > 0) sizes.max_position = at.lots(ladder.max_position);
  return sizes;
}

Quotes lay_quotes(const View& view, const Ladder& ladder, double reference, const Sizes& sizes,
                  const Depths& depths) {
  const Instrument& instrument = view.instrument.definition();
  const Touch& touch = view.touch;
  Quotes quotes;
  if (sizes.clip <= Qty{}) return quotes;
  const int levels = static_cast<int>(ladder.levels);
  for (int level = 0; level < levels; ++level) {
    const double further = level * ladder.level_step_bps * 1e-4;
    const Price bid = std::min(floor_to_tick(instrument, reference * (1 - depths.bid - further)),
                               next_below(instrument, touch.ask.price));
    const Price ask = std::max(ceil_to_tick(instrument, reference * (1 + depths.ask + further)),
                               next_above(instrument, touch.bid.price));
    if (bid > Price{}) quotes.bids.add({bid, sizes.clip});
    if (ask > Price{}) quotes.asks.add({ask, sizes.clip});
  }
  quotes.max_position = sizes.max_position;
  quotes.requote_threshold =
      Price::from_units(static_cast<std::int64_t>(reference * ladder.requote_threshold_bps * 1e-4));
  return quotes;
}

}  // namespace mm
