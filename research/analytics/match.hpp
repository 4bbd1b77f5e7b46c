#pragma once

// How well simulated fills reproduce recorded ones (models.md 21.2).
//
// A simulated fill matches recorded quantity of the same order within `tolerance`; pairs are taken
// greedily in time order, by size:
//
//   precision = matched / simulated size        recall = matched / recorded size
//   time error = size-weighted mean of |simulated time - recorded time| over matched size

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/types.hpp"

namespace mm::research {

inline constexpr Duration match_tolerance{250'000'000};

struct FillMark {
  ClientOrderId order;
  Time time;
  Qty qty;
};

/// A stretch of quantity that was both recorded and simulated.
struct MatchedPart {
  std::size_t recorded = 0;  ///< index
  std::size_t simulated = 0;
  Qty qty;
  Duration error;  ///< simulated - recorded time
};

struct MatchResult {
  std::vector<MatchedPart> parts;
  Qty matched;
  Qty recorded;
  Qty simulated;
  double precision =
      1;  ///< 1 where nothing was simulated and nothing recorded, 0 where only one is empty
  double recall = 1;
  double f1 = 1;
  std::optional<double> mean_abs_time_error_ms;  ///< absent when nothing matched

  /// Size-weighted quantile of |time error| in ms: the smallest error that at least the share `q`
  /// of the matched size does not exceed. Absent when nothing matched.
  std::optional<double> abs_time_error_ms(double q) const;
};

/// Both spans in non-decreasing time.
MatchResult match_fills(std::span<const FillMark> recorded, std::span<const FillMark> simulated,
                        Duration tolerance = match_tolerance);

}  // namespace mm::research
