#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/probe/family.hpp"
#include "engine/models/lead_lag.hpp"
#include "engine/random.hpp"
#include "research/fit/lead_lag_fit.hpp"

namespace mm::probe {
namespace {

research::TimedSeries series(const Json& times, const Json& values) {
  research::TimedSeries result{times.get<std::vector<std::int64_t>>(), numbers(values)};
  if (result.times.size() != result.values.size()) throw BadInput{"a value for each time"};
  for (std::size_t i = 1; i < result.times.size(); ++i)
    if (result.times[i] <= result.times[i - 1]) throw BadInput{"times must ascend"};
  return research::changes_only(result);
}

Json contrast(const Json& input) {
  const auto lags = input.at("lags").get<std::vector<std::int64_t>>();
  Json u = Json::array();
  Json rho = Json::array();
  Json beta = Json::array();
  for (const research::Contrast& at : research::lead_lag_contrast(
           series(input.at("tx"), input.at("x")), series(input.at("ty"), input.at("y")), lags)) {
    u.push_back(at.u);
    rho.push_back(at.rho);
    beta.push_back(at.beta);
  }
  return {{"U", u}, {"rho", rho}, {"beta", beta}};
}

struct Pair {
  research::TimedSeries leader;
  research::TimedSeries follower;
};

/// A random walk a millisecond a step, seen at random instants, and what follows it with noise.
Pair simulated_pair(const Json& input) {
  const auto seed = input.at("seed").get<std::uint64_t>();
  const auto count = input.at("n_ms").get<std::int64_t>();
  const auto lag = input.at("true_lag_ms").get<std::int64_t>();
  const auto beta = input.at("beta").get<double>();
  if (count < 1 || count > 10'000'000 || lag < 0 || lag > 200)
    throw BadInput{"n_ms must be 1 to 10000000, true_lag_ms 0 to 200"};
  SplitMix64 steps{seed};
  SplitMix64 leader_seen{seed + 1};
  SplitMix64 follower_seen{seed + 2};
  SplitMix64 noise{seed + 3};
  std::vector<double> walk{0};
  for (std::int64_t i = 0; i < count; ++i) walk.push_back(walk.back() + 1e-5 * steps.normal());
  Pair pair;
  for (std::int64_t i = 0; i <= count; ++i) {
    const bool sees_leader = leader_seen.uniform() < 0.05;
    const bool sees_follower = follower_seen.uniform() < 0.02;
    const double error = 2e-5 * noise.normal();
    if (sees_leader) {
      pair.leader.times.push_back(i);
      pair.leader.values.push_back(walk[static_cast<std::size_t>(i)]);
    }
    if (sees_follower && i >= 200) {
      pair.follower.times.push_back(i);
      pair.follower.values.push_back(beta * walk[static_cast<std::size_t>(i - lag)] + error);
    }
  }
  return pair;
}

std::vector<std::int64_t> grid(const Json& ends, std::int64_t step) {
  const auto from = ends.at(0).get<std::int64_t>();
  const auto to = ends.at(1).get<std::int64_t>();
  if (from > 0 || to < 0 || to - from > 100'000) throw BadInput{"a lag grid spans 0"};
  return research::lag_grid(from, to, step);
}

Json recovered(const Json& input) {
  const Pair pair = simulated_pair(input);
  const auto fine =
      research::lead_lag_contrast(pair.leader, pair.follower, grid(input.at("lags_1ms"), 1));
  const auto coarse =
      research::lead_lag_contrast(pair.leader, pair.follower, grid(input.at("lags_10ms"), 10));
  const research::Contrast& best = research::best_lag(fine);
  std::optional<double> at_zero;
  for (const research::Contrast& each : fine)
    if (each.lag == 0) at_zero = each.rho;
  return {{"n_leader", pair.leader.times.size()},
          {"n_follower", pair.follower.times.size()},
          {"best_lag_1ms", best.lag},
          {"rho_best", best.rho},
          {"beta_at_best", best.beta},
          {"rho_at_0", nullable(at_zero)},
          {"best_lag_10ms", research::best_lag(coarse).lag},
          {"llr_10ms", nullable(research::lead_lag_ratio(coarse))}};
}

Json predicted(const Json& input) {
  const auto beta = input.at("beta").get<double>();
  const Duration lag = time_of_seconds(input.at("lag_s").get<double>()).time_since_epoch();
  LagPrediction prediction;
  Time last = Time::min();
  for (const Json& move : input.at("moves")) {
    const Time time = time_of_seconds(move.at(0).get<double>());
    if (time < last) throw BadInput{"moves must be in order of time"};
    last = time;
    prediction.on_move(time, move.at(1).get<double>(), lag);
  }
  const Time now = time_of_seconds(input.at("t").get<double>());
  if (now < last) throw BadInput{"t must not be before the last move"};
  const auto remaining = [&](LagMode mode) { return prediction.remaining(mode, now, beta, lag); };
  return {{"pure_delay", remaining(LagMode::pure_delay)},
          {"linear_ramp", remaining(LagMode::linear_ramp)},
          {"exponential", remaining(LagMode::exponential)}};
}

constexpr Function functions[] = {
    {"leadlag.hry", contrast},
    {"leadlag.recover", recovered},
    {"leadlag.predict", predicted},
};

}  // namespace

std::span<const Function> lead_functions() {
  return functions;
}

}  // namespace mm::probe
