#pragma once

// fixed_spread: quotes at a fixed distance on both sides of a reference price.
//
//   half  = spread / 2
//   shift = skew * position / max_position          (position value; 0 without a max_position)
//   bid   = reference * (1 - half - shift - level * level_step)      rounded down to the tick
//   ask   = reference * (1 + half - shift + level * level_step)      rounded up
//
// A long position lowers both quotes, so that it is rather reduced than grown. Bids stay below the
// best ask and asks above the best bid.

#include <array>
#include <string_view>

#include "engine/policy.hpp"
#include "strategies/quoting.hpp"

namespace mm {

struct FixedSpread {
  struct Params : Ladder {
    double spread_bps = 0;  ///< full width
    double skew_bps = 0;    ///< shift of both quotes at a full position
    double reference = 0;   ///< Reference
  };
  struct State {
    void save(ByteWriter&) const {}
    void restore(ByteReader&) {}
  };

  static constexpr std::string_view name = "fixed_spread";
  static constexpr std::string_view doc =
      "quotes at a fixed distance on both sides of mid or microprice, shifted by inventory";
  static constexpr bool wants_to_be_asked = true;
  static constexpr std::array parameters = {
      shared::level_step,
      shared::levels,
      shared::max_position,
      shared::reference,
      shared::requote_threshold,
      shared::size,
      ParameterInfo{.name = "skew",
                    .unit = ParameterUnit::bps,
                    .default_value = 2,
                    .minimum = 0,
                    .maximum = 1000,
                    .doc = "shift of both quotes against a position of max_position"},
      ParameterInfo{.name = "spread",
                    .unit = ParameterUnit::bps,
                    .default_value = 5,
                    .minimum = 0.01,
                    .maximum = 2000,
                    .doc = "full width from bid to ask"},
  };

  static constexpr std::array<double Params::*, parameters.size()> fields = {
      &Params::level_step_bps,        &Params::levels, &Params::max_position, &Params::reference,
      &Params::requote_threshold_bps, &Params::size,   &Params::skew_bps,     &Params::spread_bps};

  static Quotes quotes(const Params& params, State& state, const View& view);
  /// A microprice moves with the sizes at the touch, too.
  static bool moves_with_touch(const Params& params) {
    return static_cast<Reference>(params.reference) == Reference::mid;
  }
};

}  // namespace mm
