// The simulator against a market whose truth is known: places in queues, fills, and the answers of
// counterfactuals. synthetic/study.cpp does the same at length.

#include <gtest/gtest.h>

#include <cmath>

#include "research/what_if/fidelity.hpp"
#include "tests/research/synthetic/coverage.hpp"
#include "tests/research/synthetic/queue_error.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research {
namespace {

using testing::SyntheticPlan;
using testing::SyntheticRun;

/// A market in which five basis points are near the touch, and a strategy that lets orders stand.
SyntheticPlan plan_of(std::uint64_t seed, Duration length) {
  SyntheticPlan plan;
  plan.seed = seed;
  plan.length = length;
  plan.market =
      "spread=4bps\ndepth=5bps\nsigma=3bps\nregime_speed=60\nlead.makers_per_s=10\n"
      "lead.depth_interval=1s\nlead.takers_per_s=0.1\n";
  plan.parameters = "requote_threshold=1bps\nsize=2000\nspread=5bps\n";
  return plan;
}

sim::QueueModel model(const char* name) {
  return sim::QueueModel::parse(name).value();
}

std::vector<Fidelity> fidelity_of(const SyntheticRun& run,
                                  const std::vector<QuoteCandidate>& candidates) {
  const Time from = sim::testing::synthetic_start;
  return replay_quotes(run.recording(), from, from + run.plan().length, candidates)
      .value()
      .candidates;
}

// The recorded book shows our orders, the fills are the exchange's own.
TEST(AgainstTruth, TheSimulatorFillsWhatTheExchangeFilled) {
  const SyntheticRun run = SyntheticRun::of(plan_of(1, std::chrono::minutes{40}));
  QuoteCandidate right{run.plan().simulator};
  right.settings.queue = model("power:1");
  QuoteCandidate late = right;
  late.shift = std::chrono::milliseconds{400};
  const auto results = fidelity_of(run, {right, late});
  EXPECT_GT(results[0].recorded_fills, 100);
  EXPECT_GE(results[0].precision, 0.95);
  EXPECT_GE(results[0].recall, 0.95);
  EXPECT_LT(*results[0].log_score, 0.5 * *results[0].null_log_score);
  // It can fail: moments that are wrong are found out.
  EXPECT_LT(results[1].f1, results[0].f1 - 0.02);
}

// Others cancel anywhere in the queue with equal chance, which is what power:1 supposes.
TEST(AgainstTruth, PlacesInQueuesAreEstimatedWithoutBias) {
  SyntheticPlan plan = plan_of(2, std::chrono::minutes{20});
  plan.keep_truth = true;
  plan.market = "regime_speed=60\nlead.makers_per_s=10\n";
  plan.parameters = "spread=3bps\n";
  const auto errors = testing::queue_errors(
      SyntheticRun::of(plan), {model("power:1"), model("risk_averse"), model("power3:3")});
  for (const testing::QueueError& error : errors) {
    EXPECT_GT(error.places, 10'000) << error.model;
    EXPECT_GT(error.mean_ahead, 1000) << error.model;
    EXPECT_LT(error.relative(), 0.15) << error.model;
  }
  EXPECT_LT(std::abs(errors[0].bias), 0.02 * errors[0].mean_ahead);
  // Who supposes that nobody in front of him ever leaves waits too long.
  EXPECT_GT(errors[1].bias, 2 * std::abs(errors[0].bias));
  EXPECT_LT(errors[0].mean_absolute, errors[1].mean_absolute);
}

/// Mean and standard error of what the counterfactual says less what is true, seed by seed.
std::pair<double, double> error_of(const testing::Coverage& found) {
  double sum = 0, squares = 0;
  const auto count = static_cast<double>(found.sessions.size());
  for (const testing::CoverageSession& session : found.sessions)
    sum += session.delta - session.true_delta;
  const double mean = sum / count;
  for (const testing::CoverageSession& session : found.sessions) {
    const double off = session.delta - session.true_delta - mean;
    squares += off * off;
  }
  return {mean, std::sqrt(squares / (count - 1) / count)};
}

// The long form of this is `synthetic_study coverage`. Where orders do not show, a counterfactual
// knows what a strategy saw.
TEST(AgainstTruth, IntervalsOfACounterfactualCoverTheTruth) {
  testing::CoveragePlan plan{.session = plan_of(1, std::chrono::minutes{20}),
                             .sessions = 10,
                             .truths = 16,
                             .first_seed = 500,
                             .threads = 2};
  plan.session.market += "own_displayed=0\n";
  const testing::Coverage right = testing::measure_coverage(plan);
  EXPECT_GE(right.covered, 7u);
  const auto [bias, error] = error_of(right);
  EXPECT_LT(std::abs(bias), 4 * error + 0.1 * std::abs(right.mean_true_delta));

  // It can fail: a session that says it was slower than it was misleads the simulator.
  plan.session.told = plan.session.simulator;
  plan.session.told->latency = sim::LatencyModel::parse("3s").value();
  plan.truths = 2;
  const testing::Coverage wrong = testing::measure_coverage(plan);
  const auto [wrong_bias, wrong_error] = error_of(wrong);
  EXPECT_GT(std::abs(wrong_bias), 2 * std::abs(bias));
  EXPECT_GT(std::abs(wrong_bias), 3 * wrong_error);
}

}  // namespace
}  // namespace mm::research
