#pragma once

// How likely orders were to fill within a second, by their distance from the mid when accepted.
//
// A cancelled order says nothing of what would have come later: the cancel censors. So outcomes are
// weighted by the inverse chance of not having been cancelled yet (IPCW, Graf et al. 1999; with G
// the Kaplan-Meier curve of cancellation, fills before cancels at equal times):
//
//   weight = 1 / G(T-)  if filled at T < h        1 / G(h)  if alive at h        0  otherwise
//   probability = sum of weights of the filled / number of orders, h = 1 s
//
// Weights are cut at 20. The bars are Wilson's at the effective number (sum w)^2 / sum w^2. Times
// count in whole milliseconds, so that memory does not grow with the orders. A replace is a cancel.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm::research {

inline constexpr std::int64_t curve_horizon_ms = 1'000;

/// Orders by depth (whole bps) * 1001 + lifetime (whole ms, the horizon for longer ones): how many
/// filled then, how many were cancelled or lived on. By cell, each once.
using FillCurve = std::vector<std::pair<std::int64_t, std::array<std::int64_t, 2>>>;

/// Orders of both.
FillCurve sum_of(const FillCurve& a, const FillCurve& b);

/// Follows the orders of one lane.
class FillCurveTracker {
 public:
  void accepted(ClientOrderId order, Time at, std::int64_t depth_bps) {
    open_.push_back({order, at, depth_bps});
  }
  /// Its first fill, or its end without one.
  void ended(ClientOrderId order, Time at, bool filled);
  /// The window is over at `now`: what is open was seen until then.
  void finish(Time now);
  FillCurve curve() const;

 private:
  struct Open {
    ClientOrderId order;
    Time at;
    std::int64_t depth_bps = 0;
  };
  void count(const Open& order, Time at, bool filled);

  std::vector<Open> open_;
  FillCurve curve_;
  std::vector<std::int64_t> recent_;  // 2 * cell + column of those that are not in curve_ yet
};

}  // namespace mm::research
