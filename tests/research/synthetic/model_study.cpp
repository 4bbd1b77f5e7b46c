// model_study: the models against the synthetic market's truth.
//
//   model_study walls   [--sessions 24] [--minutes 60]
//       walls found, how they ended, and whether the spoof score tells fakes
//   model_study hawkes  [--sessions 12] [--minutes 120]
//       the taker orders' excitation, fitted to what is heard
//   model_study lag     [--sessions 100] [--minutes 10]
//       by how much the lead leads
//   model_study regimes [--sessions 8] [--minutes 720]
//       the regime filter, and how soon cascades are called
//   options of all: study_options.hpp
//
// Prints tables for docs/models.md. Exit code 1: a goal of the project is missed.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "tests/research/synthetic/flow_truth.hpp"
#include "tests/research/synthetic/regime_truth.hpp"
#include "tests/research/synthetic/study_options.hpp"
#include "tests/research/synthetic/wall_truth.hpp"

namespace {

using namespace mm;
using namespace mm::research;
using namespace mm::research::testing;

int study_walls(const StudyOptions& options) {
  const std::uint64_t sessions = options.number("sessions", "12");
  WallTruth all;
  for (std::uint64_t at = 0; at < sessions; ++at) {
    SyntheticPlan plan =
        plan_of(options, {"60", "lead.makers_per_s=10 lead.depth_interval=1s", "", "5bps"});
    plan.seed = options.number("seed") + at;
    all.add(measure_walls(plan));
    fmt::print(stderr, "session {} of {}\r", at + 1, sessions);
  }
  fmt::print("true walls {}, found {} ({:.1f} %); told {}, not true {}\n", all.true_walls,
             all.found,
             100.0 * static_cast<double>(all.found) / static_cast<double>(all.true_walls), all.told,
             all.not_true);
  const char* const truly[] = {"pulled", "filled", "moved", "standing"};
  fmt::print("| truly | told pulled | filled | moved | gone |\n|---|---:|---:|---:|---:|\n");
  for (std::size_t i = 0; i < 4; ++i)
    fmt::print("| {} | {} | {} | {} | {} |\n", truly[i], all.ends[i][0], all.ends[i][1],
               all.ends[i][2], all.ends[i][3]);
  fmt::print("pulled or filled told right: {:.1f} %; spoof AUC {:.3f} ({} fake, {} genuine)\n",
             100 * all.attribution_accuracy(), all.spoof_auc(), all.fake_scores.size(),
             all.genuine_scores.size());
  return 0;
}

int study_hawkes(const StudyOptions& options) {
  const std::uint64_t sessions = options.number("sessions", "12");
  fmt::print(
      "| seed | orders | mu bid | true | mu ask | true | alpha | beta | branching | KS |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  std::int64_t inside = 0;
  for (std::uint64_t at = 0; at < sessions; ++at) {
    SyntheticPlan plan = plan_of(options, {"120",
                                           "first_regime=0 regime_speed=0.0001 gap_weight=0 "
                                           "lead.makers_per_s=10 lead.depth_interval=1s",
                                           "", "5bps"});
    plan.seed = options.number("seed") + at;
    const auto found = measure_hawkes(plan);
    if (!found) {
      fmt::print(stderr, "seed {}: {}\n", plan.seed, found.error().message());
      return 3;
    }
    const HawkesParameters& is = found->fit.parameters;
    const HawkesParameters& error = found->fit.standard_errors;
    fmt::print(
        "| {} | {} | {:.3f} ± {:.3f} | {:.3f} | {:.3f} ± {:.3f} | {:.3f} | {:.3f} ± {:.3f} | "
        "{:.2f} ± {:.2f} | {:.3f} | {:.3f} |\n",
        plan.seed, found->fit.events, is.mu[0], error.mu[0], found->mu[0], is.mu[1], error.mu[1],
        found->mu[1], is.alpha, error.alpha, is.beta, error.beta, found->fit.branching,
        found->goodness.distance);
    inside += std::fabs(is.alpha - found->alpha) < 1.96 * error.alpha ? 1 : 0;
    inside += std::fabs(is.beta - found->beta) < 1.96 * error.beta ? 1 : 0;
    for (const std::size_t side : {0u, 1u})
      inside += std::fabs(is.mu[side] - found->mu[side]) < 1.96 * error.mu[side] ? 1 : 0;
  }
  fmt::print("within 1.96 errors: {} of {}\n", inside, 4 * sessions);
  return 0;
}

int study_lag(const StudyOptions& options) {
  const std::uint64_t sessions = options.number("sessions", "40");
  std::int64_t inside = 0, absent = 0;
  double sum = 0, squares = 0, width = 0;
  for (std::uint64_t at = 0; at < sessions; ++at) {
    SyntheticPlan plan = plan_of(options, {"10", "", "", "5bps"});
    plan.seed = options.number("seed") + at;
    const LagTruth found = measure_lag(plan);
    if (!found.estimate || !found.estimate->lag_sd) {
      ++absent;
      continue;
    }
    const double off = sim::seconds_of(found.estimate->lag - found.lag) * 1000;
    const double error = sim::seconds_of(*found.estimate->lag_sd) * 1000;
    fmt::print(stderr, "seed {} lag off {:.0f} ms, error {:.0f} ms, R2 {:.3f}\n", plan.seed, off,
               error, found.estimate->r_squared());
    sum += off;
    squares += off * off;
    width += error;
    inside += std::fabs(off) <= 1.96 * error ? 1 : 0;
  }
  const double count = static_cast<double>(sessions) - static_cast<double>(absent);
  fmt::print(
      "lag less truth {:+.1f} ms, root mean square {:.1f} ms, error told {:.1f} ms; within 1.96 "
      "errors at {} of {} seeds, absent at {}\n",
      sum / count, std::sqrt(squares / count), width / count, inside, sessions, absent);
  return static_cast<double>(inside) >= 0.9 * static_cast<double>(sessions) ? 0 : 1;
}

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());  // total order: finite doubles
  return values[values.size() / 2];
}

int study_regimes(const StudyOptions& options) {
  const std::uint64_t sessions = options.number("sessions", "8");
  RegimeTruth all;
  for (std::uint64_t at = 0; at < sessions; ++at) {
    SyntheticPlan plan =
        plan_of(options, {"720", "lead.makers_per_s=10 lead.depth_interval=1s", "", "5bps"});
    plan.seed = options.number("seed") + at;
    all.add(measure_regimes(plan));
    fmt::print(stderr, "session {} of {}\r", at + 1, sessions);
  }
  fmt::print("{:.1f} days; right {:.1f} %, saying always the same {:.1f} %\n", all.days,
             100 * all.accuracy(), 100 * all.always_the_same());
  const char* const names[] = {"quiet", "trending", "volatile", "cascade"};
  fmt::print(
      "| truly | share | told quiet | trending | volatile | cascade "
      "|\n|---|---:|---:|---:|---:|---:|\n");
  double total = 0;
  for (const auto& row : all.seconds)
    for (const std::int64_t count : row) total += static_cast<double>(count);
  for (std::size_t i = 0; i < regimes; ++i) {
    double sum = 0;
    for (const std::int64_t count : all.seconds[i]) sum += static_cast<double>(count);
    fmt::print("| {} | {:.1f} % |", names[i], 100 * sum / total);
    for (const std::int64_t count : all.seconds[i])
      fmt::print(" {:.1f} % |", 100 * static_cast<double>(count) / sum);
    fmt::print("\n");
  }
  fmt::print(
      "\n{} cascades of 10 s and more\n| detector | found | delay (s), median | before its end "
      "(s), median | false a day |\n|---|---:|---:|---:|---:|\n",
      all.cascades);
  const auto row = [&](const char* name, const CascadeCalls& calls) {
    fmt::print("| {} | {:.0f} % | {:.1f} | {:.1f} | {:.1f} |\n", name,
               100.0 * static_cast<double>(calls.found) / static_cast<double>(all.cascades),
               median(calls.delays_s), median(calls.leads_s),
               static_cast<double>(calls.false_calls) / all.days);
  };
  row("liquidation detector", all.liquidation);
  row("P(cascade) > 0.5", all.belief);
  row("liquidity collapsing", all.flush);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_study("model_study",
                   {{"walls", study_walls},
                    {"hawkes", study_hawkes},
                    {"lag", study_lag},
                    {"regimes", study_regimes}},
                   argc, argv);
}
