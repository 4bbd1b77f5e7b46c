#include "strategies/quote_engine.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"
#include "engine/numeric.hpp"
#include "strategies/glft.hpp"

namespace mm {
namespace {

constexpr double bps = 1e-4;

double sign_of(double value) {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

}  // namespace

double intensity_at_zero(double lambda_bid, double lambda_ask, double kappa, double touch_depth) {
  return std::clamp((lambda_bid + lambda_ask) / 2 * det::exp(kappa * touch_depth), 0.01, 100.0);
}

double entropy(const Belief& belief) {
  double sum = 0;
  for (const double p : belief) sum -= p > 0 ? p * det::log(p) : 0;
  return sum;
}

Blend blend_regimes(const QuoteSettings& settings, const Belief& belief) {
  double sum = 0;
  for (const double p : belief) sum += p;
  MM_ASSERT(std::fabs(sum - 1) <= 1e-9, "beliefs sum to one");
  Blend blend{.spread_multiplier = 0};
  for (std::size_t j = 0; j < regimes; ++j) {
    blend.gamma += belief[j] * settings.gamma[j];
    blend.spread_multiplier += belief[j] / settings.kappa_multiplier[j];
    blend.half_spread_floor_bps += belief[j] * settings.half_spread_floor_bps[j];
    blend.max_inventory += belief[j] * settings.max_inventory[j];
  }
  blend.kappa_multiplier = 1 / blend.spread_multiplier;
  return blend;
}

double uncertainty_multiplier(const QuoteSettings& settings, double entropy, double cv) {
  constexpr double log_four = 1.38629436111989061883;
  return std::clamp(1 + settings.uncertainty_cv * std::min(cv, 2.0) +
                        settings.uncertainty_entropy * entropy / log_four,
                    1.0, 2.5);
}

QuoteWidths quote_widths(const QuoteSettings& settings, const QuoteInputs& inputs) {
  QuoteWidths widths;
  widths.blend = blend_regimes(settings, inputs.belief);
  widths.xi = settings.gamma_base * widths.blend.gamma;
  const double adjustment = settings.use_kappa_adjustment ? inputs.kappa_adjustment : 1;
  widths.kappa = std::clamp(inputs.kappa * widths.blend.kappa_multiplier * adjustment, kappa_floor,
                            kappa_ceiling);
  const GlftCoefficients glft = glft_coefficients({.xi = widths.xi,
                                                   .kappa = widths.kappa,
                                                   .intensity = inputs.intensity,
                                                   .sigma = inputs.sigma});
  widths.c1 = glft.c1;
  widths.skew_per_clip = inputs.sigma * glft.c2;
  widths.uncertainty = uncertainty_multiplier(
      settings, inputs.entropy ? *inputs.entropy : entropy(inputs.belief), inputs.kappa_cv);

  const double premium = settings.use_kappa_adjustment ? 0 : inputs.premium_bps * bps;
  double base = widths.c1 + widths.skew_per_clip / 2 + inputs.fee + premium;
  base = std::max(base, widths.blend.half_spread_floor_bps * bps);
  widths.defensive = inputs.cascade || inputs.belief[static_cast<std::size_t>(Regime::cascade)] >
                                           settings.defensive_belief;
  if (widths.defensive) base = std::max(base, settings.defensive_half_bps * bps);
  widths.half = inputs.half_spread ? *inputs.half_spread : base * widths.uncertainty;

  const double n = inputs.inventory_clips;
  widths.skew = std::clamp(n * widths.skew_per_clip, -widths.half, widths.half);
  const double direction = settings.directional_weight * sign_of(inputs.leader_move) *
                           inputs.leader_r_squared * settings.directional_bps * bps;
  const double least = settings.min_depth_bps * bps;
  widths.bid.depth = std::max(widths.half + widths.skew - direction, least);
  widths.ask.depth = std::max(widths.half - widths.skew + direction, least);
  widths.fair = inputs.microprice * (1 + inputs.predicted_move);

  if (widths.defensive) {
    widths.bid.size = n < 0 ? settings.defensive_size : 0;
    widths.ask.size = n > 0 ? settings.defensive_size : 0;
  } else {
    const double limit = inputs.n_max * widths.blend.max_inventory;
    widths.bid.size = std::clamp(1 - n / limit, 0.0, 1.0);
    widths.ask.size = std::clamp(1 + n / limit, 0.0, 1.0);
  }
  return widths;
}

QuotePrices quote_prices(const Instrument& instrument, const QuoteWidths& widths, Price best_bid,
                         Price best_ask) {
  const Price bid = floor_to_tick(instrument, widths.fair * (1 - widths.bid.depth));
  const Price ask = ceil_to_tick(instrument, widths.fair * (1 + widths.ask.depth));
  return {std::min(bid, next_below(instrument, best_ask)),
          std::max(ask, next_above(instrument, best_bid))};
}

}  // namespace mm
