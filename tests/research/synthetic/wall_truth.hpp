#pragma once

// What is said of walls against what they were: the synthetic market knows which of its large
// orders were fake and how each ended.
//
// A wall that was told of belongs to the true wall of its side that stood within a bucket of its
// price when it was confirmed. What ended is judged where the true wall ended within two seconds of
// it; a true wall that still stands then counts as an end that never was.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/research/synthetic/run.hpp"

namespace mm::research::testing {

struct WallTruth {
  std::int64_t true_walls = 0;  ///< stood for 1.5 s or more, inside of the window and large enough
  std::int64_t found = 0;       ///< of these, confirmed at some time
  std::int64_t told = 0;        ///< walls confirmed
  std::int64_t not_true = 0;    ///< no large order stood there: makers' orders that add up
  /// Ends of walls that are true: [what they were: pulled, filled, moved, standing]
  /// [what was told: pulled, filled, moved, gone].
  std::array<std::array<std::int64_t, 4>, 4> ends{};
  /// Spoof scores when the opposite best first came near, or at the end of those it never did.
  std::vector<double> fake_scores;
  std::vector<double> genuine_scores;

  /// Of the ends told as pulled or filled and truly one of the two.
  double attribution_accuracy() const;
  /// Chance that a fake scores above a genuine one; ties count half.
  double spoof_auc() const;
  void add(const WallTruth& other);
};

/// Runs the market of a plan without us, and follows the quoted instrument.
WallTruth measure_walls(const SyntheticPlan& plan);

}  // namespace mm::research::testing
