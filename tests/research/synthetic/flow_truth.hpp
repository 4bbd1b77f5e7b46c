#pragma once

// What is estimated from the events we hear against the laws the synthetic market draws from: how
// taker orders excite each other, and by how much the lead leads.

#include <optional>
#include <string>
#include <vector>

#include "engine/models/lead_lag.hpp"
#include "research/fit/hawkes_fit.hpp"
#include "tests/research/synthetic/run.hpp"

namespace mm::research::testing {

/// Two streams, bids and asks, of the taker orders heard: prints of one side and venue time are one
/// order; marks from its size to the sample's median, and whether it printed at two prices.
struct HawkesTruth {
  HawkesFit fit;
  std::vector<double> mu;  ///< true mean baseline of each side, 1/s
  double alpha = 0;
  double beta = 0;
  KolmogorovSmirnov goodness;  ///< of both sides' residuals together
};
Result<HawkesTruth> measure_hawkes(const SyntheticPlan& plan);

/// The online estimate at the end of a session, on receive time.
struct LagTruth {
  std::optional<LagEstimate> estimate;
  Duration lag{};  ///< true mean: of the path, and of the two feeds' delays
};
LagTruth measure_lag(const SyntheticPlan& plan);

}  // namespace mm::research::testing
