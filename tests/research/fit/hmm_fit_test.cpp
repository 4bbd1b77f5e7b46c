#include "research/fit/hmm_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/random.hpp"
#include "research/fit/hmm_errors.hpp"

namespace mm::research {
namespace {

/// Observations drawn from the model, and the states they came from.
struct Drawn {
  Matrix observations;
  std::vector<std::size_t> states;
};

std::size_t draw(const std::vector<double>& shares, SplitMix64& random) {
  double u = random.uniform();
  for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
    if (u < shares[i]) return i;
    u -= shares[i];
  }
  return shares.size() - 1;
}

Drawn draw_from(const Hmm& model, int count, std::uint64_t seed) {
  SplitMix64 random{seed};
  Drawn drawn;
  std::size_t state = draw(model.initial, random);
  for (int t = 0; t < count; ++t) {
    drawn.states.push_back(state);
    std::vector<double> y;
    for (std::size_t d = 0; d < model.dimensions(); ++d)
      y.push_back(model.mean[state][d] + model.sd[state][d] * random.normal());
    drawn.observations.push_back(y);
    state = draw(model.transition[state], random);
  }
  return drawn;
}

Hmm two_states() {
  return {.transition = {{0.95, 0.05}, {0.1, 0.9}},
          .initial = {0.7, 0.3},
          .mean = {{0, 1}, {2, 0}},
          .sd = {{1, 0.5}, {0.7, 0.5}}};
}

// Filtering, smoothing and the best path against the enumeration of all paths.
TEST(Smooth, AgreesWithAllPaths) {
  Hmm model = two_states();
  model.outlier_share = 0.01;
  model.outlier_density = {0.1, 0.2};
  model.weight = {1, 0.5};
  Drawn drawn = draw_from(model, 9, 3);
  drawn.observations[4][1] = std::numeric_limits<double>::quiet_NaN();
  const std::size_t count = drawn.observations.size();
  std::vector<double> state_sum(2 * count, 0.0);
  double all = 0;
  double best = 0;
  std::size_t best_path = 0;
  for (std::size_t path = 0; path < (std::size_t{1} << count); ++path) {
    double p = 1;
    for (std::size_t t = 0; t < count; ++t) {
      const std::size_t j = (path >> t) & 1;
      p *= t == 0 ? model.initial[j] : model.transition[(path >> (t - 1)) & 1][j];
      for (std::size_t d = 0; d < 2; ++d) {
        const double y = drawn.observations[t][d];
        if (std::isnan(y)) continue;
        const double z = (y - model.mean[j][d]) / model.sd[j][d];
        const double normal = std::exp(-z * z / 2) / (model.sd[j][d] * std::sqrt(2 * M_PI));
        p *= std::pow(0.99 * normal + 0.01 * model.outlier_density[d], model.weight[d]);
      }
    }
    all += p;
    for (std::size_t t = 0; t < count; ++t) state_sum[2 * t + ((path >> t) & 1)] += p;
    if (p > best) {
      best = p;
      best_path = path;
    }
  }
  const Smoothed got = smooth(model, drawn.observations);
  EXPECT_NEAR(got.log_likelihood, std::log(all), 1e-12);
  const auto path = viterbi(model, drawn.observations);
  double moves = 0;
  for (std::size_t t = 0; t < count; ++t) {
    EXPECT_NEAR(got.smoothed[t][1], state_sum[2 * t + 1] / all, 1e-12);
    EXPECT_EQ(path[t], (best_path >> t) & 1);
  }
  for (const auto& row : got.moves)
    for (const double move : row) moves += move;
  EXPECT_NEAR(moves, static_cast<double>(count - 1), 1e-12);
}

TEST(BaumWelch, NeverLosesLikelihood) {
  for (const bool with_prior : {false, true}) {
    const Hmm truth = two_states();
    const Drawn drawn = draw_from(truth, 400, 1);
    Hmm model = truth;
    model.mean = {{-1, 0}, {1, 1}};
    const HmmPrior prior{
        .transition_counts = {{95, 5}, {10, 90}}, .mean = truth.mean, .sd = truth.sd};
    double last = -std::numeric_limits<double>::infinity();
    for (int round = 0; round < 40; ++round) {
      const double objective = smooth(model, drawn.observations).log_likelihood +
                               (with_prior ? log_prior(prior, model) : 0);
      EXPECT_GE(objective, last - 1e-9);
      last = objective;
      model = em_step(model, drawn.observations, with_prior ? &prior : nullptr, 1e-6);
    }
  }
}

TEST(HmmErrors, HaveTheGradientOfTheObjective) {
  const Hmm truth = two_states();
  const HmmRuns runs = {draw_from(truth, 300, 3).observations,
                        draw_from(truth, 200, 4).observations};
  const HmmPrior prior{
      .transition_counts = {{95, 5}, {10, 90}}, .mean = {{0, 0}, {1, 1}}, .sd = truth.sd};
  Hmm at = truth;
  at.mean[0][0] += 0.2;
  const auto objective = [&](const Hmm& model) {
    return log_likelihood(model, runs) + log_prior(prior, model);
  };
  const std::vector<double> gradient = hmm_gradient(at, runs, &prior);
  ASSERT_EQ(gradient.size(), 10u);  // four means, four deviations, two logits
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    std::vector<double> by(gradient.size(), 0.0);
    by[i] = 1e-5;
    const double above = objective(hmm_moved(at, by));
    by[i] = -1e-5;
    EXPECT_NEAR((above - objective(hmm_moved(at, by))) / 2e-5, gradient[i],
                1e-4 * (1 + std::fabs(gradient[i])))
        << i;
  }
}

// The short form of the table in docs/models.md (models-report).
TEST(HmmErrors, HoldTheTruth) {
  const Hmm truth = two_states();
  const auto figures = [](const Hmm& model) {
    std::vector<double> all;
    for (std::size_t j = 0; j < 2; ++j) {
      all.insert(all.end(), model.mean[j].begin(), model.mean[j].end());
      all.insert(all.end(), model.sd[j].begin(), model.sd[j].end());
      all.push_back(model.transition[j][j]);
    }
    return all;
  };
  const std::vector<double> known = figures(truth);
  int within = 0;
  int all = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const HmmRuns runs = {draw_from(truth, 700, seed).observations,
                          draw_from(truth, 500, 100 + seed).observations};
    const HmmFit fit = baum_welch(truth, runs, nullptr);
    const std::vector<double> found = figures(fit.model);
    const std::vector<double> errors = hmm_standard_errors(fit.model, runs, nullptr, figures);
    ASSERT_EQ(errors.size(), known.size());
    for (std::size_t i = 0; i < known.size(); ++i) {
      EXPECT_GT(errors[i], 0);
      within += std::fabs(found[i] - known[i]) < 1.96 * errors[i] ? 1 : 0;
      ++all;
    }
  }
  EXPECT_EQ(all, 300);
  EXPECT_GE(within, 273);  // 91 %
}

TEST(FitRegimes, RecoversARegimeModel) {
  const Hmm truth = hmm_of(default_regime_model(), 10);
  const Drawn drawn = draw_from(truth, 6000, 5);
  const RegimeFit fit = fit_regimes({drawn.observations}, 10, 1).value();
  for (std::size_t i = 0; i < regimes; ++i) {
    double stay = 0;
    for (std::size_t j = 0; j < regimes; ++j) stay += fit.model.transition_per_minute[i][j];
    EXPECT_NEAR(stay, 1, 1e-9);
    for (std::size_t d = 0; d < 4; ++d)
      EXPECT_NEAR(fit.model.emission[i][d].mean, truth.mean[i][d], 0.4 * truth.sd[i][d]) << i << d;
  }
  EXPECT_NEAR(fit.model.transition_per_minute[0][0], 0.95, 0.02);
  ASSERT_TRUE(fit.errors);
  // What was seen for long is known well, what was seen for minutes is not.
  const RegimeModel law = default_regime_model();
  for (std::size_t i = 0; i < regimes; ++i) {
    EXPECT_NEAR(stay_minutes(fit.model, i), stay_minutes(law, i), 4 * fit.errors->stay[i]) << i;
    EXPECT_NEAR(fit.model.initial[i], law.initial[i], 4 * fit.errors->share[i]) << i;
    for (std::size_t d = 0; d < 4; ++d)
      EXPECT_NEAR(fit.model.emission[i][d].mean, truth.mean[i][d], 4 * fit.errors->mean[i][d]);
  }
  EXPECT_LT(fit.errors->mean[0][0], 0.02);
  EXPECT_GT(fit.errors->mean[3][0], 2 * fit.errors->mean[0][0]);
  // Filtered by the fit, most windows get their true state.
  int right = 0;
  const Smoothed beliefs = smooth(fit.best.model, drawn.observations);
  for (std::size_t t = 0; t < drawn.states.size(); ++t)
    right += std::max_element(beliefs.filtered[t].begin(), beliefs.filtered[t].end()) -
                         beliefs.filtered[t].begin() ==
                     static_cast<std::ptrdiff_t>(drawn.states[t])
                 ? 1
                 : 0;
  EXPECT_GT(right, 5100);
}

TEST(FitRegimes, RefusesWhatItCannotName) {
  EXPECT_TRUE(fit_regimes({Matrix(10, {0, 0, 0, 0})}, 10, 1).has_error());
}

TEST(Relabel, UndoesAnyShuffle) {
  const Hmm reference = hmm_of(default_regime_model(), 10);
  const std::size_t shuffled[] = {2, 0, 3, 1};
  Matrix means;
  for (const std::size_t state : shuffled) means.push_back(reference.mean[state]);
  const auto labels = relabel(means, reference.mean, reference.sd);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(labels[i], shuffled[i]);
}

}  // namespace
}  // namespace mm::research
