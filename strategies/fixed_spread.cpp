#include "strategies/fixed_spread.hpp"

namespace mm {

Quotes FixedSpread::quotes(const Params& params, State&, const View& view) {
  const Instrument& instrument = view.instrument.definition();
  const double reference = reference_price(view.touch, static_cast<Reference>(params.reference));
  const Sizes sizes = sizes_of(instrument, params, reference);
  const Qty limit = sizes.max_position;
  const double filled =
      limit > Qty{} ? static_cast<double>(view.position.lots()) / static_cast<double>(limit.lots())
                    : 0.0;
  const double half = params.spread_bps / 2 * 1e-4;
  const double shift = params.skew_bps * filled * 1e-4;
  return lay_quotes(view, params, reference, sizes, {.bid = half + shift, .ask = half - shift});
}

}  // namespace mm
