#pragma once

// How likely a wall is to be withdrawn before anybody trades with it (Models 4.7).
//
//   logit = -3 + 0.6 min(flicker_hz, 5) + 6 (p_pull - 1/2) + 0.3 round + 0.8 opp_flow
//           + 0.2 ln(size / median) - 0.4 ln(1 + age_s)
//   p_pull = (pulls + 1) / (pulls + fills + 2);   score = 1 / (1 + e^-logit)
//
// pulls and fills are past outcomes of walls of this side and size class that the opposite touch
// came near to. The weights are a prior, to be fitted on that outcome, which can be observed.

#include <algorithm>
#include <cstdint>

#include "engine/det/math.hpp"
#include "engine/types.hpp"

namespace mm {

struct SpoofWeights {
  double base = -3;
  double flicker = 0.6;
  double flicker_cap_hz = 5;
  double pull = 6;
  double round = 0.3;
  double opposite_flow = 0.8;
  double log_size = 0.2;
  double log_age = -0.4;
};

struct SpoofInputs {
  double flicker_hz = 0;
  double pulls = 0;  ///< decayed counts
  double fills = 0;
  bool is_round = false;
  /// Taker volume away from the wall less volume towards it, over their sum, last second; 0 = none.
  double opposite_flow = 0;
  double size_ratio = 1;  ///< to the side's median, > 0
  double age_s = 0;
};

struct SpoofScore {
  double p_pull = 0;
  double logit = 0;
  double score = 0;  ///< in (0, 1)
};

inline SpoofScore spoof_score(const SpoofWeights& weights, const SpoofInputs& inputs) {
  const double p_pull = (inputs.pulls + 1) / (inputs.pulls + inputs.fills + 2);
  const double logit =
      weights.base + weights.flicker * std::min(inputs.flicker_hz, weights.flicker_cap_hz) +
      weights.pull * (p_pull - 0.5) + weights.round * (inputs.is_round ? 1 : 0) +
      weights.opposite_flow * inputs.opposite_flow +
      weights.log_size * det::log(inputs.size_ratio) + weights.log_age * det::log1p(inputs.age_s);
  return {p_pull, logit, 1 / (1 + det::exp(-logit))};
}

/// Whether a price is one that people like: in ticks, a multiple of 5 * 10^k, with k three below
/// the number of its last digit (61 850.0 at a tick of 0.1: 618 500 is a multiple of 500).
constexpr bool is_round_price(Price price, Price tick) {
  if (tick.units() <= 0 || price.units() <= 0 || price.units() % tick.units() != 0) return false;
  const std::int64_t ticks = price.units() / tick.units();
  std::int64_t step = 5;
  while (step <= ticks / 2000) step *= 10;
  return ticks % step == 0;
}

/// The size classes outcomes are counted by: size / median in [4, 8), [8, 16), 16 and more.
inline constexpr int spoof_size_classes = 3;
constexpr int spoof_size_class(double size_ratio) {
  return size_ratio < 8 ? 0 : size_ratio < 16 ? 1 : 2;
}

}  // namespace mm
