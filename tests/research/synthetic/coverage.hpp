#pragma once

// How often the 95 % interval of a counterfactual difference covers the truth (market reaction
// off).
//
// Truth: the mean over fresh seeds of the difference of two real runs in the synthetic exchange,
// one at each parameter, on the same seed: what another parameter would have earned, no simulator
// in between. Each recorded session asks the counterfactual the same question from its records
// alone; the interval covers if it holds the truth.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/research/synthetic/run.hpp"

namespace mm::research::testing {

struct CoveragePlan {
  SyntheticPlan session;
  std::string spread = "5bps";
  std::string other = "8bps";
  std::uint64_t sessions = 100;
  std::uint64_t truths = 200;
  std::uint64_t first_seed = 1;  ///< of the sessions; those of the truth follow behind
  unsigned threads = 2;
};

struct CoverageSession {
  std::uint64_t seed = 0;
  double delta = 0;       ///< as the counterfactual says
  double true_delta = 0;  ///< of this seed
  double low = 0;
  double high = 0;
};

struct Coverage {
  std::vector<CoverageSession> sessions;
  double truth = 0;
  double truth_error = 0;  ///< standard error of it
  double mean_delta = 0;
  double mean_true_delta = 0;
  double mean_width = 0;
  std::uint64_t covered = 0;
  double share() const {
    return static_cast<double>(covered) / static_cast<double>(sessions.size());
  }
};

Coverage measure_coverage(const CoveragePlan& plan,
                          const std::function<void(std::size_t, std::size_t)>& progress = {});

}  // namespace mm::research::testing
