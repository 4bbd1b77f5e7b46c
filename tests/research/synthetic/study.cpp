// synthetic_study: the simulator against a market whose truth is known.
//
//   synthetic_study queues   [--sessions 12] [--minutes 30]
//       error of the estimated queue place, fidelity and log score of the fills, by queue model
//   synthetic_study coverage [--sessions 100] [--truths 200] [--minutes 30] [--other 8bps]
//       how often the 95 % interval of a counterfactual difference covers the truth; our orders
//       show in the book that is sent
//   synthetic_study coverage_hidden
//       likewise where they do not show
//   synthetic_study speed    [--minutes 60]
//       what the bare market makes in a second of processor time, with a delta at every change
//   options of all: study_options.hpp
//
// Prints a table for docs/simulator.md. Exit code 1: a goal of the project is missed.

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "research/what_if/fidelity.hpp"
#include "tests/research/synthetic/coverage.hpp"
#include "tests/research/synthetic/queue_error.hpp"
#include "tests/research/synthetic/study_options.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace {

using namespace mm;
using namespace mm::research;
using namespace mm::research::testing;

/// A light lead: what leads is not asked for here.
const std::string light_lead =
    "lead.makers_per_s=10 lead.depth_interval=1s lead.takers_per_s=0.1 regime_speed=60";

const std::vector<std::string> model_names{"risk_averse", "power:1",  "power:2", "power:3",
                                           "power2:2",    "power3:3", "log",     "log2"};

int study_queues(const StudyOptions& options) {
  const std::uint64_t sessions = options.number("sessions", "12");
  std::vector<sim::QueueModel> models;
  for (const std::string& name : model_names)
    models.push_back(sim::QueueModel::parse(name).value());
  std::vector<QueueError> errors(models.size());
  struct Sum {
    double simulated = 0, recorded = 0, matched = 0, score = 0, null_score = 0, orders = 0;
  };
  std::vector<Sum> sums(models.size());
  for (std::uint64_t at = 0; at < sessions; ++at) {
    SyntheticPlan plan = plan_of(options, {"30", light_lead, "", "1.5bps"});
    plan.seed = options.number("seed") + at;
    plan.keep_truth = true;
    const SyntheticRun run = SyntheticRun::of(plan);
    const auto found = queue_errors(run, models);
    std::vector<QuoteCandidate> candidates;
    for (const sim::QueueModel& model : models) {
      candidates.push_back({plan.simulator});
      candidates.back().settings.queue = model;
    }
    const Time from = sim::testing::synthetic_start;
    const auto fidelity = replay_quotes(run.recording(), from, from + plan.length, candidates);
    if (!fidelity) {
      fmt::print(stderr, "{}\n", fidelity.error().message());
      return 3;
    }
    for (std::size_t m = 0; m < models.size(); ++m) {
      errors[m].model = model_names[m];
      errors[m].add(found[m]);
      const Fidelity& of = fidelity->candidates[m];
      sums[m].simulated += static_cast<double>(of.simulated.lots());
      sums[m].recorded += static_cast<double>(of.recorded.lots());
      sums[m].matched += static_cast<double>(of.matched.lots());
      const auto orders = static_cast<double>(of.report.orders);
      sums[m].score += of.log_score.value_or(0) * orders;
      sums[m].null_score += of.null_log_score.value_or(0) * orders;
      sums[m].orders += orders;
    }
    fmt::print(stderr, "session {} of {}\r", at + 1, sessions);
  }
  fmt::print(
      "| model | places | mean ahead (lots) | mean abs error | relative | bias | precision | "
      "recall | log score |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  bool good = false;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const double precision = sums[m].matched / sums[m].simulated;
    const double recall = sums[m].matched / sums[m].recorded;
    good = good || (precision >= 0.95 && recall >= 0.95);
    fmt::print("| `{}` | {} | {:.0f} | {:.0f} | {:.1f} % | {:+.0f} | {:.4f} | {:.4f} | {:.4f} |\n",
               model_names[m], errors[m].places, errors[m].mean_ahead, errors[m].mean_absolute,
               errors[m].relative() * 100, errors[m].bias, precision, recall,
               sums[m].score / sums[m].orders);
  }
  fmt::print("log score without a simulator: {:.4f}\n", sums[0].null_score / sums[0].orders);
  return good ? 0 : 1;
}

int study_coverage(const StudyOptions& options, bool displayed) {
  // Five basis points are near the touch there, and orders are let stand.
  const StudyDefaults defaults{
      "30",
      light_lead + " spread=4bps depth=5bps sigma=3bps own_displayed=" + (displayed ? "1" : "0"),
      "requote_threshold=1bps size=2000", "5bps"};
  const CoveragePlan plan{.session = plan_of(options, defaults),
                          .spread = options.text("spread", defaults.spread),
                          .other = options.text("other"),
                          .sessions = options.number("sessions", "100"),
                          .truths = options.number("truths"),
                          .first_seed = options.number("seed"),
                          .threads = static_cast<unsigned>(options.number("threads"))};
  const Coverage found = measure_coverage(
      plan, [](std::size_t done, std::size_t all) { fmt::print(stderr, "{} of {}\r", done, all); });
  for (const CoverageSession& session : found.sessions)
    fmt::print(stderr, "seed {} delta {:.3f} true {:.3f} ci [{:.3f}, {:.3f}]\n", session.seed,
               session.delta, session.true_delta, session.low, session.high);
  fmt::print(
      "truth {:.3f} +- {:.3f} ({} seeds, sd {:.3f}); recorded sessions: mean delta {:.3f}, "
      "mean true delta {:.3f}, mean width {:.3f}\n"
      "covered {} of {}: {:.1f} %\n",
      found.truth, found.truth_error, plan.truths,
      found.truth_error * std::sqrt(static_cast<double>(plan.truths)), found.mean_delta,
      found.mean_true_delta, found.mean_width, found.covered, found.sessions.size(),
      found.share() * 100);
  return found.share() >= 0.90 && found.share() <= 0.99 ? 0 : 1;
}

int study_speed(const StudyOptions& options) {
  SyntheticPlan plan =
      plan_of(options, {"60", "depth_interval=0s lead.depth_interval=0s", "", "5bps"});
  plan.seed = options.number("seed");
  const std::clock_t start = std::clock();
  sim::SyntheticMarket market = market_without_us(plan);
  double events = 0;
  while (market.next(sim::testing::synthetic_start + plan.length) != nullptr) ++events;
  const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  fmt::print(
      "{:.0f} events and {} order actions of two venues in {:.2f} s: {:.2f} and {:.2f} "
      "million a second\n",
      events, market.actions(), took, events / took * 1e-6,
      static_cast<double>(market.actions()) / took * 1e-6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_study(
      "synthetic_study",
      {{"queues", study_queues},
       {"coverage", [](const StudyOptions& options) { return study_coverage(options, true); }},
       {"coverage_hidden",
        [](const StudyOptions& options) { return study_coverage(options, false); }},
       {"speed", study_speed}},
      argc, argv);
}
