#pragma once

// What the regime filter and the cascade detectors say against the regimes the synthetic market
// goes through.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/models/regime_hmm.hpp"
#include "tests/research/synthetic/run.hpp"

namespace mm::research::testing {

/// Something that may call a cascade.
struct CascadeCalls {
  std::int64_t found = 0;        ///< cascades during which it called, or had called
  std::int64_t calls = 0;        ///< from off to on
  std::int64_t false_calls = 0;  ///< outside of every cascade and the 30 s behind it
  std::vector<double> delays_s;  ///< from a cascade's begin to the call
  std::vector<double> leads_s;   ///< from the call to the cascade's end
};

struct RegimeTruth {
  double days = 0;
  /// Seconds in [true regime][most likely regime], after the first hour.
  std::array<std::array<std::int64_t, regimes>, regimes> seconds{};
  std::int64_t cascades = 0;  ///< of 10 s and more, after the first hour
  CascadeCalls liquidation;   ///< the liquidation detector's latch
  CascadeCalls belief;        ///< P(cascade) above one half
  CascadeCalls flush;         ///< liquidity "collapsing"

  double accuracy() const;
  /// The largest true share: what saying always the same would get.
  double always_the_same() const;
  void add(const RegimeTruth& other);
};

/// Runs the market of a plan without us through the models of a session.
RegimeTruth measure_regimes(const SyntheticPlan& plan);

}  // namespace mm::research::testing
