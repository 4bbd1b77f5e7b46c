#pragma once

// From what the models say to two quotes: blending over regimes and the widths of both sides
// (Models 15; the closed form itself is strategies/glft.hpp).
//
//   xi   = gamma_base * sum p gamma;   floor = sum p floor;   limit = n_max * sum p inv
//   k    = clamp(kappa / sum(p / kappa_multiplier) [* kappa_adjustment], 100, 20000)
//   half = max(c1 + sigma c2/2 + fee + premium, floor) * u
//   u    = clamp(1 + 0.5 min(cv, 2) + 0.25 H(p)/ln 4, 1, 2.5)
//   skew = clamp(n sigma c2, -half, half)
//   bid  = max(half + skew - d, 0.5 bps);   ask = max(half - skew + d, 0.5 bps)
//   d    = directional_weight * sign(leader's move) * R^2 * 2 bps
//
// Fractions of the fair price microprice * (1 + predicted move) unless the name says bps; inventory
// n in clips, + is long. 1/multiplier is blended, not the multiplier: widths average, and danger
// widens. With equal inputs the width before the floor is in the order Quiet < Trending < Volatile
// < Cascade.

#include <array>
#include <cstddef>
#include <optional>

#include "engine/instrument.hpp"
#include "engine/models/kappa.hpp"
#include "engine/models/regime_hmm.hpp"
#include "engine/types.hpp"

namespace mm {

/// A: what the intensity of taker orders at the touch is at depth 0, mean of both sides:
/// lambda e^(kappa touch_depth), in [0.01, 100] per second.
double intensity_at_zero(double lambda_bid, double lambda_ask, double kappa, double touch_depth);

/// The named constants, by Regime where there are four.
struct QuoteSettings {
  double gamma_base = 600;
  std::array<double, regimes> gamma = {0.3, 0.5, 0.8, 2.0};
  std::array<double, regimes> kappa_multiplier = {1.0, 0.7, 0.6, 0.2};
  std::array<double, regimes> half_spread_floor_bps = {5, 10, 15, 50};  ///< `spread_floor_bps`
  std::array<double, regimes> max_inventory = {1.0, 0.5, 0.3, 0.1};     ///< of n_max
  bool use_kappa_adjustment = false;  ///< instead of the additive premium
  double directional_weight = 0;      ///< 1: the leader's move is used twice, as in the source
  double directional_bps = 2;
  double min_depth_bps = 0.5;
  double uncertainty_cv = 0.5;
  double uncertainty_entropy = 0.25;
  double defensive_half_bps = 50;
  double defensive_size = 0.1;
  double defensive_belief = 0.8;  ///< P(Cascade) above which quotes are defensive
};

/// The source's multipliers, which tighten in danger.
inline constexpr std::array<double, regimes> kappa_multiplier_of_source = {1.0, 0.7, 1.5, 5.0};

struct Blend {
  double gamma = 0;
  double spread_multiplier = 1;  ///< sum p / kappa_multiplier
  double kappa_multiplier = 1;   ///< 1 / spread_multiplier
  double half_spread_floor_bps = 0;
  double max_inventory = 0;
};
/// Beliefs each >= 0 and together 1 +- 1e-9.
Blend blend_regimes(const QuoteSettings& settings, const Belief& belief);

/// H(p) in nats.
double entropy(const Belief& belief);

/// u, in [1, 2.5]. cv >= 0.
double uncertainty_multiplier(const QuoteSettings& settings, double entropy, double cv);

struct QuoteInputs {
  double microprice = 0;  ///< in price units, > 0
  Belief belief{};
  std::optional<double> entropy;  ///< H(belief), where the caller knows it already
  double kappa = 0;               ///< per fraction, > 0
  double kappa_cv = 0;
  double intensity = 0;  ///< A, 1/s, > 0
  double sigma = 0;      ///< >= 0
  double inventory_clips = 0;
  double fee = 0;               ///< maker's, a fraction
  double premium_bps = 0;       ///< for adverse selection
  double kappa_adjustment = 1;  ///< (0, 1]
  double predicted_move = 0;    ///< log return the leader announces
  double leader_move = 0;       ///< its sign alone matters; 0 is no move
  double leader_r_squared = 0;
  bool cascade = false;               ///< the liquidation detector's latch
  double n_max = 0;                   ///< clips, > 0
  std::optional<double> half_spread;  ///< takes the place of c1 + sigma c2/2 + fee + premium, its
                                      ///< floor and u
};

/// One side: how far from fair, and how much of the base size. No size, no quote.
struct QuoteSide {
  double depth = 0;
  double size = 0;  ///< in [0, 1]
};

struct QuoteWidths {
  Blend blend;
  double xi = 0;
  double kappa = 0;  ///< k
  double c1 = 0;
  double skew_per_clip = 0;  ///< sigma c2
  double uncertainty = 1;    ///< u
  double half = 0;
  double skew = 0;
  double fair = 0;  ///< in price units
  bool defensive = false;
  QuoteSide bid;
  QuoteSide ask;
};

/// Defensive (a cascade, or P(Cascade) > 0.8): only the side that reduces |n|, none when flat, half
/// at least 50 bps * u, a tenth of the size.
QuoteWidths quote_widths(const QuoteSettings& settings, const QuoteInputs& inputs);

struct QuotePrices {
  Price bid;
  Price ask;
};
/// Rounded outwards to the tick, then kept off the others' opposite best by one tick.
QuotePrices quote_prices(const Instrument& instrument, const QuoteWidths& widths, Price best_bid,
                         Price best_ask);

}  // namespace mm
