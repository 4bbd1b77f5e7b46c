#pragma once

// Sessions whose orders stand in the synthetic exchange, kept in memory with their truth: what
// studies and tests of the simulator against truth are made of.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/types.hpp"
#include "sim/settings.hpp"
#include "sim/synthetic/market.hpp"
#include "tests/research/record_memory.hpp"

namespace mm::research::testing {

struct SyntheticPlan {
  std::uint64_t seed = 1;
  Duration length = std::chrono::minutes{30};
  std::string market;  ///< "name=value" lines
  std::string strategy = "fixed_spread";
  std::string parameters;  ///< "name=value" lines
  sim::Settings simulator{.queue = {sim::QueueFunction::power, 1}};
  std::optional<sim::Settings> told;  ///< what the session says of it, if that is not the truth
  bool keep_truth = false;
};

class SyntheticRun {
 public:
  /// Runs it with execution "live", our orders standing in the exchange. `keep` = false: only the
  /// result is wanted.
  static SyntheticRun of(const SyntheticPlan& plan, bool keep = true);

  /// What was earned, marked at the mid at the end.
  Money pnl() const { return pnl_; }
  std::int64_t fills() const { return fills_; }
  const SyntheticPlan& plan() const { return plan_; }
  const std::vector<sim::Truth>& truth() const { return truth_; }
  /// All records, as often as wanted. Borrows the run.
  Recording recording() const { return records_.recording(); }

 private:
  friend struct RunKeeper;

  SyntheticPlan plan_;
  Money pnl_;
  std::int64_t fills_ = 0;
  std::vector<sim::Truth> truth_;
  RecordMemory records_;
};

/// The market of a plan, without us: the same flow, event by event.
sim::SyntheticMarket market_without_us(const SyntheticPlan& plan);

}  // namespace mm::research::testing
