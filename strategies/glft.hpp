#pragma once

// glft: the closed-form optimal market maker of Guéant, Lehalle and Fernandez-Tapia, with constant
// parameters (Models 15.1; Guéant, Lehalle & Fernandez-Tapia 2013; Guéant 2017, eqs 4.6 and 4.7,
// rewritten in fractions of mid and clips).
//
//   c1 = ln(1 + xi/kappa) / xi
//   c2 = sqrt( xi / (2 A kappa) * (1 + xi/kappa)^(kappa/xi + 1) )
//   bid depth = fee + c1 + sigma c2 / 2 + n sigma c2
//   ask depth = fee + c1 + sigma c2 / 2 - n sigma c2
//
//   xi     risk aversion for a 100 % price move of one clip        `gamma`
//   kappa  decay of the fill intensity per fraction of depth       `kappa`  (2000: e-fold in 5 bps)
//   A      fill intensity at depth 0, per side, 1/s                `intensity`
//   sigma  volatility, fraction per square root of a second        `volatility` (bps per root
//   second) fee    maker fee as a fraction, enters additively              `fee` n      inventory
//   in clips
//
// With `spread` set, half of it takes the place of fee + c1 + sigma c2 / 2; the inventory skew
// stays.

#include <array>
#include <string_view>

#include "engine/policy.hpp"
#include "strategies/quoting.hpp"

namespace mm {

/// In the units above; xi, kappa, intensity > 0, sigma >= 0.
struct GlftParameters {
  double xi = 0;
  double kappa = 0;
  double intensity = 0;
  double sigma = 0;
  double fee = 0;
};

struct GlftCoefficients {
  double c1 = 0;
  double c2 = 0;
};

/// For xi/kappa < 1e-8 by series: c1 = (1 - x/2 + x^2/3)/kappa and (1+x)^(1/x+1) = e^(1+x/2-x^2/6).
GlftCoefficients glft_coefficients(const GlftParameters& parameters);

struct GlftQuote {
  double half_spread = 0;  ///< fee + c1 + sigma c2 / 2
  double skew = 0;         ///< n sigma c2
  double bid_depth = 0;    ///< half_spread + skew
  double ask_depth = 0;    ///< half_spread - skew
};

/// Depths at an inventory of n clips, as fractions of mid.
GlftQuote glft_quote(const GlftParameters& parameters, double inventory_clips);

struct Glft {
  struct Params : Ladder {
    double gamma = 0;
    double kappa = 0;
    double intensity_per_s = 0;
    double volatility_bps = 0;  ///< per square root of a second
    double fee_bps = 0;
    double spread_bps = 0;  ///< full width, 0 = the model's
    double reference = 0;   ///< Reference
  };
  struct State {
    void save(ByteWriter&) const {}
    void restore(ByteReader&) {}
  };

  /// Stands for the instrument's own maker fee.
  static constexpr double fee_of_venue = -1e9;

  static constexpr std::string_view name = "glft";
  static constexpr std::string_view doc =
      "closed-form optimal quotes for constant volatility and fill intensity, with inventory skew";
  static constexpr bool wants_to_be_asked = true;
  static constexpr std::array parameters = {
      ParameterInfo{.name = "fee",
                    .unit = ParameterUnit::bps,
                    .default_value = fee_of_venue,
                    .minimum = -100,
                    .maximum = 100,
                    .doc = "maker fee added to each depth; venue = the instrument's own",
                    .keyword = "venue",
                    .keyword_value = fee_of_venue},
      ParameterInfo{.name = "gamma",
                    .unit = ParameterUnit::ratio,
                    .default_value = 180,
                    .minimum = 1e-7,
                    .maximum = 1e6,
                    .doc = "risk aversion for a 100 % price move of one clip"},
      ParameterInfo{.name = "intensity",
                    .unit = ParameterUnit::per_second,
                    .default_value = 0.5,
                    .minimum = 0.01,
                    .maximum = 100,
                    .doc = "fills per second and side at depth 0"},
      ParameterInfo{.name = "kappa",
                    .unit = ParameterUnit::ratio,
                    .default_value = 2000,
                    .minimum = 100,
                    .maximum = 20000,
                    .doc = "decay of the fill intensity per fraction of depth (2000: e-fold in "
                           "5 bps)"},
      shared::level_step,
      shared::levels,
      shared::max_position,
      shared::reference,
      shared::requote_threshold,
      shared::size,
      ParameterInfo{.name = "spread",
                    .unit = ParameterUnit::bps,
                    .default_value = 0,
                    .minimum = 0.01,
                    .maximum = 2000,
                    .doc = "full width at zero inventory; auto = the model's",
                    .keyword = "auto",
                    .keyword_value = 0},
      ParameterInfo{.name = "volatility",
                    .unit = ParameterUnit::bps,
                    .default_value = 1,
                    .minimum = 0,
                    .maximum = 1000,
                    .doc = "volatility per square root of a second"},
  };
  static constexpr std::array<double Params::*, parameters.size()> fields = {
      &Params::fee_bps,      &Params::gamma,          &Params::intensity_per_s,
      &Params::kappa,        &Params::level_step_bps, &Params::levels,
      &Params::max_position, &Params::reference,      &Params::requote_threshold_bps,
      &Params::size,         &Params::spread_bps,     &Params::volatility_bps};

  static Quotes quotes(const Params& params, State& state, const View& view);
  /// A microprice moves with the sizes at the touch, too.
  static bool moves_with_touch(const Params& params) {
    return static_cast<Reference>(params.reference) == Reference::mid;
  }
};

}  // namespace mm
