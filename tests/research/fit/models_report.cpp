// models-report: how well the fits recover what made the data, and what an online model costs.
//
// Prints the tables of docs/models.md. Everything but the nanoseconds is the same in every run.
//
//   models-report            fits on data whose law is known, and cost
//   models-report lead-lag   spot, USD-M and COIN-M of the recorded bitcoin captures

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include "engine/random.hpp"
#include "research/fit/hawkes_fit.hpp"
#include "research/fit/hmm_fit.hpp"
#include "research/fit/lead_lag_fit.hpp"
#include "tests/engine/models/all_models.hpp"
#include "tests/research/fit/known_baseline.hpp"
#include "tests/research/fit/real_lead_lag.hpp"

namespace mm::research {
namespace {

struct Spread {
  double mean = 0;
  double sd = 0;
};

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  for (const double value : values) spread.mean += value / static_cast<double>(values.size());
  for (const double value : values)
    spread.sd += (value - spread.mean) * (value - spread.mean) / static_cast<double>(values.size());
  spread.sd = std::sqrt(spread.sd);
  return spread;
}

void hawkes() {
  constexpr double mu = 0.5;
  constexpr double alpha = 0.8;
  constexpr double beta = 2;
  fmt::print(
      "| T (s) | seeds | mu 0.5 | alpha 0.8 | beta 2 | branching 0.4 | within 2 se |\n"
      "|---|---|---|---|---|---|---|\n");
  for (const double end : {1000.0, 2000.0, 5000.0}) {
    std::vector<double> found[4];
    int inside = 0;
    constexpr int seeds = 40;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const HawkesFit fit =
          fit_hawkes(unmarked_sample(simulate_hawkes(mu, alpha, beta, end, seed), end)).value();
      const HawkesParameters& at = fit.parameters;
      const HawkesParameters& error = fit.standard_errors;
      found[0].push_back(at.mu[0]);
      found[1].push_back(at.alpha);
      found[2].push_back(at.beta);
      found[3].push_back(fit.branching);
      inside += std::fabs(at.mu[0] - mu) < 2 * error.mu[0] ? 1 : 0;
      inside += std::fabs(at.alpha - alpha) < 2 * error.alpha ? 1 : 0;
      inside += std::fabs(at.beta - beta) < 2 * error.beta ? 1 : 0;
    }
    fmt::print("| {:.0f} | {} |", end, seeds);
    for (const auto& values : found) {
      const Spread spread = spread_of(values);
      fmt::print(" {:.3f} ± {:.3f} |", spread.mean, spread.sd);
    }
    fmt::print(" {:.0f} % |\n", 100.0 * inside / (3 * seeds));
  }
}

void baseline() {
  constexpr std::array<const char*, 4> names = {"cosine", "slow score", "fast score", "sine"};
  const HawkesParameters truth = known_baseline();
  fmt::print("| T (s) | seeds |");
  for (std::size_t k = 0; k < names.size(); ++k) fmt::print(" {} {} |", names[k], truth.weights[k]);
  fmt::print(
      " mean error | weights within 1.96 errors | mu, alpha, beta within |\n"
      "|---|---|---|---|---|---|---|---|---|\n");
  for (const double end : {3600.0, 7200.0, 28'800.0}) {
    constexpr int seeds = 100;
    std::array<std::vector<double>, 4> found;
    double error_sum = 0;
    int weights_inside = 0;
    int others_inside = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const HawkesFit fit = fit_hawkes(sample_of_known_baseline(end, seed)).value();
      const HawkesParameters& at = fit.parameters;
      const HawkesParameters& error = fit.standard_errors;
      const auto inside = [](double value, double known, double of) {
        return std::fabs(value - known) < 1.96 * of ? 1 : 0;
      };
      for (std::size_t k = 0; k < found.size(); ++k) {
        found[k].push_back(at.weights[k]);
        error_sum += error.weights[k];
        weights_inside += inside(at.weights[k], truth.weights[k], error.weights[k]);
      }
      others_inside += inside(at.mu[0], truth.mu[0], error.mu[0]) +
                       inside(at.alpha, truth.alpha, error.alpha) +
                       inside(at.beta, truth.beta, error.beta);
    }
    fmt::print("| {:.0f} | {} |", end, seeds);
    for (const auto& values : found) {
      const Spread spread = spread_of(values);
      fmt::print(" {:.3f} ± {:.3f} |", spread.mean, spread.sd);
    }
    fmt::print(" {:.3f} | {:.1f} % | {:.1f} % |\n", error_sum / (4 * seeds),
               100.0 * weights_inside / (4 * seeds), 100.0 * others_inside / (3 * seeds));
  }
}

struct Pair {
  TimedSeries leader;
  TimedSeries follower;
};

/// A walk of 1e-5 a millisecond, seen 50 times a second by the leader, and `lag` ms later with
/// noise 20 times a second by the follower.
Pair pair(std::int64_t lag, std::int64_t length_ms, std::uint64_t seed) {
  SplitMix64 random{seed};
  std::vector<double> walk{0};
  Pair both;
  for (std::int64_t i = 1; i <= length_ms; ++i) {
    walk.push_back(walk.back() + 1e-5 * random.normal());
    if (random.uniform() < 0.05) {
      both.leader.times.push_back(i);
      both.leader.values.push_back(walk.back());
    }
    if (random.uniform() < 0.02 && i > lag) {
      both.follower.times.push_back(i);
      both.follower.values.push_back(0.9 * walk[static_cast<std::size_t>(i - lag)] +
                                     2e-5 * random.normal());
    }
  }
  return both;
}

void lead_lag() {
  fmt::print(
      "| true lag (ms) | seconds | seeds | lag | lag's error | within 1.96 errors | beta 0.9 "
      "| beta within 1.96 errors |\n|---|---|---|---|---|---|---|---|\n");
  for (const std::int64_t lag : {127, 1000}) {
    for (const std::int64_t length : {60'000, 300'000}) {
      constexpr int seeds = 100;
      std::vector<double> lags;
      std::vector<double> errors;
      std::vector<double> betas;
      int lag_inside = 0;
      int beta_inside = 0;
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const Pair both = pair(lag, length, seed);
        const auto found = estimate_lead_lag(both.leader, both.follower, -500, 2500, 10, 5000);
        if (!found) continue;
        lags.push_back(static_cast<double>(found->best.lag));
        errors.push_back(found->lag_error);
        betas.push_back(found->best.beta);
        lag_inside +=
            std::fabs(lags.back() - static_cast<double>(lag)) <= 1.96 * found->lag_error ? 1 : 0;
        beta_inside += std::fabs(betas.back() - 0.9) <= 1.96 * found->beta_error ? 1 : 0;
      }
      const Spread at = spread_of(lags);
      const Spread beta = spread_of(betas);
      fmt::print("| {} | {} | {} | {:.1f} ± {:.1f} | {:.1f} | {} % | {:.3f} ± {:.3f} | {} % |\n",
                 lag, length / 1000, lags.size(), at.mean, at.sd, spread_of(errors).mean,
                 100 * lag_inside / seeds, beta.mean, beta.sd, 100 * beta_inside / seeds);
    }
  }
}

void regime() {
  fmt::print(
      "| windows | seed | right, true parameters | right, fitted | largest error of a mean "
      "(sd) | means and sds within 1.96 errors |\n|---|---|---|---|---|---|\n");
  const Hmm truth = hmm_of(default_regime_model(), 10);
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    SplitMix64 random{seed};
    Matrix observations;
    std::vector<std::size_t> states;
    std::size_t state = 0;
    for (int t = 0; t < 8640; ++t) {  // a day
      states.push_back(state);
      observations.emplace_back();
      for (std::size_t d = 0; d < truth.dimensions(); ++d)
        observations.back().push_back(truth.mean[state][d] + truth.sd[state][d] * random.normal());
      double u = random.uniform();
      std::size_t next = 0;
      while (next + 1 < truth.states() && u >= truth.transition[state][next])
        u -= truth.transition[state][next++];
      state = next;
    }
    const auto right = [&](const Hmm& model) {
      const Smoothed beliefs = smooth(model, observations);
      double hits = 0;
      for (std::size_t t = 0; t < states.size(); ++t) {
        const auto& belief = beliefs.filtered[t];
        const auto best = std::max_element(belief.begin(), belief.end()) - belief.begin();
        hits += static_cast<std::size_t>(best) == states[t] ? 1 : 0;
      }
      return 100 * hits / static_cast<double>(states.size());
    };
    const RegimeFit fit = fit_regimes({observations}, 10, seed).value();
    double worst = 0;
    for (std::size_t j = 0; j < truth.states(); ++j)
      for (std::size_t d = 0; d < truth.dimensions(); ++d)
        worst = std::max(worst,
                         std::fabs(fit.best.model.mean[j][d] - truth.mean[j][d]) / truth.sd[j][d]);
    int inside = 0;
    const RegimeErrors& errors = fit.errors.value();
    for (std::size_t j = 0; j < truth.states(); ++j)
      for (std::size_t d = 0; d < truth.dimensions(); ++d) {
        const Emission& found = fit.model.emission[j][d];
        inside += std::fabs(found.mean - truth.mean[j][d]) < 1.96 * errors.mean[j][d] ? 1 : 0;
        inside += std::fabs(found.sd - truth.sd[j][d]) < 1.96 * errors.sd[j][d] ? 1 : 0;
      }
    fmt::print("| {} | {} | {:.1f} % | {:.1f} % | {:.2f} | {} of 32 |\n", states.size(), seed,
               right(truth), right(fit.best.model), worst, inside);
  }
}

// ---------------------------------------------------------------- cost

/// The least of several rounds of `calls` calls, in ns each.
template <class F>
double cost_of(int calls, F&& call) {
  double least = 1e18;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) call();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    least = std::min(least, took.count() / calls);
  }
  return least;
}

void cost() {
  SplitMix64 random{1};
  Time now = time_from_ns(1'700'000'000'000'000'000);
  AllModels models;
  double log_mid = 0;
  double leader = 0;
  const auto soon = [&] {
    now += Duration{static_cast<std::int64_t>(random.below(20'000'000))};
    return now;
  };
  const auto touch = [&] {
    log_mid = leader + 1e-6 * random.normal();  // follows at once
    const double bid = 1e5 * (1 + log_mid);
    return MicropriceView{.bid = bid,
                          .ask = bid + 0.1,
                          .bid_qty = 1 + random.uniform(),
                          .ask_qty = 1 + random.uniform(),
                          .tick = 0.1};
  };
  const auto lead = [&] {
    const double move = 2e-5 * random.normal();
    leader += move;
    models.on_leader(soon(), leader, move);
  };
  const auto order = [&] {
    models.on_order(soon(), random.below(2) == 0 ? Side::buy : Side::sell,
                    static_cast<std::int64_t>(1 + random.below(1000)), 3, false);
  };
  for (int i = 0; i < 100'000; ++i) {
    models.on_touch(soon(), touch());
    if (i % 2 == 0) lead();
    if (i % 20 == 0) order();
    if (i % 50 == 0) models.liquidation.on_funding({}, now, 1e-5 * random.normal());
    if (i % 50 == 0) models.liquidation.on_open_interest({}, now, 1000 + random.uniform());
  }
  const auto row = [](std::string_view what, double ns) {
    fmt::print("| {} | {:.0f} |\n", what, ns);
  };
  double sink = 0;
  fmt::print("| call | ns |\n|---|---|\n");
  row("a change of the touch, all models that follow it",
      cost_of(20'000, [&] { models.on_touch(soon(), touch()); }));
  row("of it: lead-lag, follower", cost_of(20'000, [&] {
        models.lead_lag.on_follower({}, soon(), log_mid += 1e-6 * random.normal());
      }));
  row("of it: volatility", cost_of(20'000, [&] {
        models.volatility.on_mid({}, soon(), 1e5 * (1 + (log_mid += 1e-6 * random.normal())));
      }));
  row("a change of the leader: 301 lags and the prediction", cost_of(20'000, lead));
  row("a taker order, all models that follow it", cost_of(20'000, order));
  row("one decision: kappa, intensities, fill probabilities at three horizons, checks",
      cost_of(20'000, [&] { sink += models.decide(soon()) ? 1 : 0; }));
  row("of it: a fill probability", cost_of(20'000, [&] {
        const FillFlow flow{.horizon_s = 1, .expected = 2, .theta = 0.4, .queue_ahead = 300};
        sink += fill_probability(flow, models.hawkes.sizes(), 5e-4, 1e-4, 1e-4).fill;
      }));
  row("of it: how clustered the orders are (theta)",
      cost_of(20'000, [&] { sink += clustering(2 + 1e-9 * sink, 1.1); }));
  row("lead-lag estimate with errors: once a second is enough", cost_of(2'000, [&] {
        const auto estimate = models.lead_lag.estimate({}, std::nullopt);
        sink += estimate ? estimate->beta : 0;
      }));
  row("liquidation probability", cost_of(20'000, [&] {
        models.liquidation.on_mid(soon(), 1e5 * (1 + log_mid));
        const auto score = models.liquidation.update({}, now, 1e-4);
        sink += score ? score->probability : 0;
      }));
  const RegimeModel model = default_regime_model();
  row("regime filter, a step", cost_of(20'000, [&] {
        models.regime.update(model, std::chrono::seconds{10}, {0.1, 0.2, 0.3, 0.4});
      }));
  if (!std::isfinite(sink)) fmt::print("a model went wrong\n");
  ByteWriter out;
  std::size_t before = 0;
  fmt::print("\n| state | bytes |\n|---|---|\n");
  const char* names[] = {"Volatility",
                         "VolatilityRanking",
                         "MicropriceResidual",
                         "ReachCounts",
                         "OwnFills",
                         "HawkesIntensity",
                         "HawkesQueueKernel",
                         "FillMoves",
                         "TakerFlow",
                         "AdverseSelectionAdjuster",
                         "LiquidationDetector",
                         "RegimeWindow",
                         "RegimeFilter",
                         "LeadLag",
                         "LagPrediction"};
  const char** name = names;
  models.each([&](const auto& each) {
    each.save(out);
    fmt::print("| {} | {} |\n", *name++, out.size() - before);
    before = out.size();
  });
}

int real_markets() {
  std::vector<std::string> missing;
  const std::vector<testing::LeadLagRow> rows = testing::real_lead_lag(missing);
  for (const std::string& file : missing) fmt::print(stderr, "not there: {}\n", file);
  if (rows.empty()) return 3;
  fmt::print(
      "| leader | moves | follower | moves | lag (ms) | 95 % | beta | 95 % | R2 | LLR |\n"
      "|---|---:|---|---:|---:|---|---:|---|---:|---:|\n");
  for (const testing::LeadLagRow& row : rows) {
    fmt::print("| {} | {} | {} | {} |", row.leader, row.leader_moves, row.follower,
               row.follower_moves);
    if (!row.estimate) {
      fmt::print(" absent | | | | | |\n");
      continue;
    }
    const LeadLagEstimate& found = *row.estimate;
    const double lag = static_cast<double>(found.best.lag) / 1000;
    const double lag_reach = 1.96 * found.lag_error / 1000;
    const double beta_reach = 1.96 * found.beta_error;
    fmt::print(" {:.0f} | [{:.0f}, {:.0f}] | {:.2f} | [{:.2f}, {:.2f}] | {:.3f} | {:.2f} |\n", lag,
               lag - lag_reach, lag + lag_reach, found.best.beta, found.best.beta - beta_reach,
               found.best.beta + beta_reach, found.best.rho * found.best.rho, found.ratio);
  }
  return 0;
}

}  // namespace
}  // namespace mm::research

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]} == "lead-lag") return mm::research::real_markets();
  if (argc > 1 && std::string_view{argv[1]} == "baseline") {
    mm::research::baseline();
    return 0;
  }
  if (argc > 1) {
    fmt::print(stderr, "models-report: no table '{}'; give lead-lag, baseline or nothing\n",
               argv[1]);
    return 2;
  }
  std::puts("Hawkes, one stream:\n");
  mm::research::hawkes();
  std::puts("\nHawkes, a baseline that follows covariates:\n");
  mm::research::baseline();
  std::puts("\nLead-lag, leader 50/s, follower 20/s:\n");
  mm::research::lead_lag();
  std::puts("\nRegimes, a day of ten-second windows:\n");
  mm::research::regime();
  std::puts("\nCost:\n");
  mm::research::cost();
}
