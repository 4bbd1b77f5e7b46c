#pragma once

// How a window is cut into blocks of time and distances into buckets: the same wherever it matters.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "engine/types.hpp"
#include "research/analytics/marks.hpp"

namespace mm::research {

/// Length of the blocks whose differences are resampled: window / 100, at least 10 s, at most 5 min
/// (models.md 21.4).
inline Duration block_length_of(Duration window) {
  constexpr Duration shortest = std::chrono::seconds{10};
  constexpr Duration longest = std::chrono::minutes{5};
  return std::clamp(Duration{window.count() / 100}, shortest, longest);
}

inline constexpr std::int64_t furthest_bucket = 99;

/// Distance of a price from the mid in whole basis points (0: less than one), at most
/// furthest_bucket. Integers throughout, so that a price on a boundary is always the same side.
inline std::int64_t depth_in_bps(const Mark& mark, Price price) {
  const std::int64_t twice_mid = mark.bid.units() + mark.ask.units();
  const std::int64_t twice = 2 * price.units();
  const std::int64_t away = twice > twice_mid ? twice - twice_mid : twice_mid - twice;
  return std::min<std::int64_t>(away * 10'000 / twice_mid, furthest_bucket);
}

}  // namespace mm::research
