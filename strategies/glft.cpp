#include "strategies/glft.hpp"

#include <cmath>

#include "engine/det/math.hpp"

namespace mm {

GlftCoefficients glft_coefficients(const GlftParameters& parameters) {
  const double xi = parameters.xi;
  const double kappa = parameters.kappa;
  const double x = xi / kappa;
  GlftCoefficients result;
  double growth = 0;  // (1 + x)^(1/x + 1)
  if (x < 1e-8) {
    result.c1 = (1 - x / 2 + x * x / 3) / kappa;
    growth = det::exp(1 + x / 2 - x * x / 6);
  } else {
    const double log_growth = det::log1p(x);
    result.c1 = log_growth / xi;
    growth = det::exp((1 / x + 1) * log_growth);
  }
  result.c2 = std::sqrt(xi / (2 * parameters.intensity * kappa) * growth);
  return result;
}

GlftQuote glft_quote(const GlftParameters& parameters, double inventory_clips) {
  const GlftCoefficients coefficients = glft_coefficients(parameters);
  const double risk = parameters.sigma * coefficients.c2;
  GlftQuote quote;
  quote.half_spread = coefficients.c1 + risk / 2 + parameters.fee;
  quote.skew = inventory_clips * risk;
  quote.bid_depth = quote.half_spread + quote.skew;
  quote.ask_depth = quote.half_spread - quote.skew;
  return quote;
}

Quotes Glft::quotes(const Params& params, State&, const View& view) {
  const Instrument& instrument = view.instrument.definition();
  const double reference = reference_price(view.touch, static_cast<Reference>(params.reference));
  const Sizes sizes = sizes_of(instrument, params, reference);
  const double inventory = sizes.clip > Qty{} ? static_cast<double>(view.position.lots()) /
                                                    static_cast<double>(sizes.clip.lots())
                                              : 0.0;
  const double fee = params.fee_bps == fee_of_venue
                         ? static_cast<double>(instrument.maker_fee_e8) / 1e8
                         : params.fee_bps * 1e-4;
  const GlftQuote quote = glft_quote({.xi = params.gamma,
                                      .kappa = params.kappa,
                                      .intensity = params.intensity_per_s,
                                      .sigma = params.volatility_bps * 1e-4,
                                      .fee = fee},
                                     inventory);
  const double half = params.spread_bps > 0 ? params.spread_bps / 2 * 1e-4 : quote.half_spread;
  return lay_quotes(view, params, reference, sizes,
                    {.bid = half + quote.skew, .ask = half - quote.skew});
}

}  // namespace mm
