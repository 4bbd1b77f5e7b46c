#include "tests/research/synthetic/coverage.hpp"

#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

#include "research/counterfactual.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research::testing {
namespace {

double number(Money money) {
  return static_cast<double>(money.units()) * 1e-12;
}

SyntheticPlan at_spread(const CoveragePlan& plan, std::uint64_t seed, const std::string& spread) {
  SyntheticPlan session = plan.session;
  session.seed = seed;
  // The last one counts: what the plan says of the spread gives way.
  std::string kept;
  std::size_t at = 0;
  while (at < session.parameters.size()) {
    const std::size_t end = session.parameters.find('\n', at);
    const std::string line = session.parameters.substr(at, end - at);
    if (!line.empty() && !line.starts_with("spread=")) kept += line + '\n';
    if (end == std::string::npos) break;
    at = end + 1;
  }
  session.parameters = kept + "spread=" + spread + '\n';
  return session;
}

double true_delta(const CoveragePlan& plan, std::uint64_t seed) {
  const double here = number(SyntheticRun::of(at_spread(plan, seed, plan.spread), false).pnl());
  const double there = number(SyntheticRun::of(at_spread(plan, seed, plan.other), false).pnl());
  return there - here;
}

CoverageSession ask(const CoveragePlan& plan, std::uint64_t seed) {
  const SyntheticRun run = SyntheticRun::of(at_spread(plan, seed, plan.spread));
  CounterfactualRequest request;
  request.from = sim::testing::synthetic_start;
  request.to = sim::testing::synthetic_start + plan.session.length;
  request.variants = {{plan.other, {{"spread", plan.other}}}};
  request.seed = seed;
  request.bounds = false;
  request.fidelity = false;
  const auto result = run_counterfactual(request, run.recording());
  if (!result) throw result.error();
  const CounterfactualRow& row = result->rows.back();
  MM_ASSERT(row.delta && row.ci95, "a session has at least thirty blocks");
  return {.seed = seed,
          .delta = number(*row.delta),
          .low = number(row.ci95->first),
          .high = number(row.ci95->second)};
}

}  // namespace

Coverage measure_coverage(const CoveragePlan& plan,
                          const std::function<void(std::size_t, std::size_t)>& progress) {
  Coverage found;
  found.sessions.resize(plan.sessions);
  std::vector<double> truths(plan.truths);
  const std::size_t all = plan.sessions + plan.truths;
  std::atomic<std::size_t> next = 0;
  std::size_t done = 0;
  std::mutex telling;
  const auto work = [&] {
    for (std::size_t at = next++; at < all; at = next++) {
      if (at < plan.sessions) {
        found.sessions[at] = ask(plan, plan.first_seed + at);
        found.sessions[at].true_delta = true_delta(plan, plan.first_seed + at);
      } else {
        truths[at - plan.sessions] = true_delta(plan, plan.first_seed + at);
      }
      const std::lock_guard lock(telling);
      if (progress) progress(++done, all);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned at = 1; at < plan.threads; ++at) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();

  double sum = 0, squares = 0;
  for (const double truth : truths) sum += truth;
  found.truth = sum / static_cast<double>(plan.truths);
  for (const double truth : truths) squares += (truth - found.truth) * (truth - found.truth);
  found.truth_error =
      std::sqrt(squares / static_cast<double>(plan.truths - 1) / static_cast<double>(plan.truths));
  for (const CoverageSession& session : found.sessions) {
    const double share = 1 / static_cast<double>(plan.sessions);
    found.mean_delta += session.delta * share;
    found.mean_true_delta += session.true_delta * share;
    found.mean_width += (session.high - session.low) * share;
    found.covered += session.low <= found.truth && found.truth <= session.high ? 1 : 0;
  }
  return found;
}

}  // namespace mm::research::testing
