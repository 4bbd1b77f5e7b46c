#include "research/fit/hawkes_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/models/hawkes.hpp"
#include "engine/random.hpp"
#include "research/fit/minimize.hpp"
#include "tests/research/fit/known_baseline.hpp"

namespace mm::research {
namespace {

/// Both sides of a book, simulated by thinning, with the marks each order has in each stream.
HawkesSample two_sided_sample(double mu, double alpha, double beta, double end,
                              std::uint64_t seed) {
  SplitMix64 random{seed};
  HawkesSample sample{.end = end, .streams = std::vector<HawkesStream>(2)};
  double excitation[2] = {0, 0};
  double time = 0;
  for (;;) {
    const double bound = 2 * mu + excitation[0] + excitation[1];
    const double wait = -std::log(random.uniform()) / bound;
    time += wait;
    if (time > end) return sample;
    for (double& each : excitation) each *= std::exp(-beta * wait);
    const double u = random.uniform() * bound;
    if (u > 2 * mu + excitation[0] + excitation[1]) continue;
    const std::size_t side = u < mu + excitation[0] ? 0 : 1;
    const double size = random.below(2) == 0 ? 1 : 2;
    sample.times.push_back(time);
    for (const std::size_t stream : {std::size_t{0}, std::size_t{1}}) {
      const double mark = size_sweep_mark({}, size, false) * (stream == side ? 1.5 : 0.8);
      sample.streams[stream].marks.push_back(mark);
      sample.streams[stream].own.push_back(stream == side ? 1 : 0);
      excitation[stream] += alpha * mark;
    }
  }
}

TEST(HawkesLikelihood, HasTheGradientOfItsValue) {
  const HawkesSample sample = two_sided_sample(0.3, 0.2, 1.5, 200, 1);
  const HawkesParameters at{.mu = {0.4, 0.2}, .alpha = 0.3, .beta = 1.1};
  const HawkesLikelihood exact = hawkes_likelihood(sample, at);
  const double step = 1e-6;
  const auto slope = [&](auto&& change) {
    HawkesParameters up = at;
    HawkesParameters down = at;
    change(up, step);
    change(down, -step);
    return (hawkes_likelihood(sample, up).log_likelihood -
            hawkes_likelihood(sample, down).log_likelihood) /
           (2 * step);
  };
  EXPECT_NEAR(slope([](auto& p, double d) { p.mu[0] += d; }), exact.d_mu[0], 1e-4);
  EXPECT_NEAR(slope([](auto& p, double d) { p.mu[1] += d; }), exact.d_mu[1], 1e-4);
  EXPECT_NEAR(slope([](auto& p, double d) { p.alpha += d; }), exact.d_alpha, 1e-4);
  EXPECT_NEAR(slope([](auto& p, double d) { p.beta += d; }), exact.d_beta, 1e-4);
}

// The likelihood of a Poisson process: n ln mu - mu T.
TEST(HawkesLikelihood, IsPoissonsWithoutExcitation) {
  const HawkesSample sample = unmarked_sample({1, 2, 2, 5}, 10);
  EXPECT_NEAR(hawkes_likelihood(sample, {{0.4}, 0, 1}).log_likelihood, 4 * std::log(0.4) - 4,
              1e-12);
}

TEST(FitHawkes, RecoversBothSidesWithinItsStandardErrors) {
  int inside = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const HawkesFit fit = fit_hawkes(two_sided_sample(0.3, 0.25, 2, 1500, seed)).value();
    EXPECT_EQ(fit.parameters.mu.size(), 2u);
    EXPECT_GT(fit.standard_errors.beta, 0);
    inside += std::fabs(fit.parameters.alpha - 0.25) < 2 * fit.standard_errors.alpha ? 1 : 0;
    inside += std::fabs(fit.parameters.beta - 2) < 2 * fit.standard_errors.beta ? 1 : 0;
    inside += std::fabs(fit.parameters.mu[0] - 0.3) < 2 * fit.standard_errors.mu[0] ? 1 : 0;
    EXPECT_NEAR(fit.branching, 2.3 * 0.25 * 1.207 / 2, 0.12);
  }
  EXPECT_GE(inside, 25);  // of 30 at 95 %
}

/// One stream whose baseline doubles and halves every 50 seconds.
HawkesSample waxing_sample(double weight, double end, std::uint64_t seed) {
  SplitMix64 random{seed};
  HawkesSample sample{.end = end, .streams = std::vector<HawkesStream>(1)};
  for (double start = 0; start < end; start += 50)
    sample.baseline.push_back({start, {std::fmod(start, 100) == 0 ? 1.0 : -1.0}});
  double excitation = 0;
  double time = 0;
  for (;;) {
    const double bound = 0.5 * std::exp(weight) + excitation;
    const double wait = -std::log(random.uniform()) / bound;
    time += wait;
    if (time > end) return sample;
    excitation *= std::exp(-2 * wait);
    const double x = sample.baseline[static_cast<std::size_t>(time / 50)].x[0];
    if (random.uniform() * bound > 0.5 * std::exp(weight * x) + excitation) continue;
    sample.times.push_back(time);
    sample.streams[0].marks.push_back(1);
    excitation += 0.8;
  }
}

TEST(FitHawkes, FindsWhatTheBaselineDependsOn) {
  const HawkesSample sample = waxing_sample(0.7, 3000, 4);
  const HawkesParameters at{.mu = {0.4}, .alpha = 0.6, .beta = 1.7, .weights = {0.3}};
  HawkesParameters up = at;
  HawkesParameters down = at;
  up.weights[0] += 1e-6;
  down.weights[0] -= 1e-6;
  EXPECT_NEAR((hawkes_likelihood(sample, up).log_likelihood -
               hawkes_likelihood(sample, down).log_likelihood) /
                  2e-6,
              hawkes_likelihood(sample, at).d_weights[0], 1e-3);
  const HawkesFit fit = fit_hawkes(sample).value();
  EXPECT_NEAR(fit.parameters.weights[0], 0.7, 3 * fit.standard_errors.weights[0]);
  EXPECT_LT(fit.standard_errors.weights[0], 0.15);
  EXPECT_GT(exponential_ks(hawkes_residuals(sample, 0, fit.parameters)).p, 0.01);
  // The intensity's jump at a piece's start is the baseline's.
  const auto around = hawkes_intensity(sample, 0, fit.parameters, std::vector{49.999999, 50.0});
  EXPECT_LT(around[1], around[0]);
}

// The short form of the table in docs/models.md (models-report).
TEST(FitHawkes, WeightsLieWithinTheirErrors) {
  const HawkesParameters truth = known_baseline();
  int within = 0;
  int all = 0;
  const auto count = [&](double value, double known, double error) {
    EXPECT_GT(error, 0);
    EXPECT_LT(error, 0.2);
    within += std::fabs(value - known) < 1.96 * error ? 1 : 0;
    ++all;
  };
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const HawkesFit fit = fit_hawkes(sample_of_known_baseline(7200, seed)).value();
    for (std::size_t k = 0; k < truth.weights.size(); ++k)
      count(fit.parameters.weights[k], truth.weights[k], fit.standard_errors.weights[k]);
    count(fit.parameters.mu[0], truth.mu[0], fit.standard_errors.mu[0]);
    count(fit.parameters.alpha, truth.alpha, fit.standard_errors.alpha);
  }
  EXPECT_EQ(all, 72);
  EXPECT_GE(within, 65);
}

// Two parts of one process, each without what came before it, against the whole and against the
// same parts glued together with the pause counted as time.
TEST(FitHawkes, SamplesAddUpAndPausesAreNoTime) {
  const std::vector<HawkesSample> parts = {sample_of_known_baseline(4000, 21),
                                           sample_of_known_baseline(3000, 22)};
  HawkesParameters at = known_baseline();
  EXPECT_DOUBLE_EQ(hawkes_log_likelihood(parts, at),
                   hawkes_likelihood(parts[0], at).log_likelihood +
                       hawkes_likelihood(parts[1], at).log_likelihood);
  const HawkesFit both = fit_hawkes(parts).value();
  const HawkesFit one = fit_hawkes(parts[0]).value();
  EXPECT_EQ(both.events, parts[0].times.size() + parts[1].times.size());
  EXPECT_NEAR(both.parameters.mu[0], 0.5, 3 * both.standard_errors.mu[0]);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(both.parameters.weights[k], at.weights[k], 3 * both.standard_errors.weights[k]);
    EXPECT_LT(both.standard_errors.weights[k], one.standard_errors.weights[k]);
  }
}

TEST(FitHawkes, SaysWhyThereIsNoFit) {
  const auto few = fit_hawkes(unmarked_sample({1, 2, 3}, 10));
  ASSERT_TRUE(few.has_error());
  EXPECT_NE(few.error().message().find("only 3 taker orders"), std::string::npos);
}

// Residuals of the right model look exponential and independent; those of a wrong one do not.
TEST(HawkesResiduals, TellTheRightModelFromAWrongOne) {
  const HawkesSample sample = unmarked_sample(simulate_hawkes(0.5, 0.8, 2, 3000, 11), 3000);
  const auto right = hawkes_residuals(sample, 0, {{0.5}, 0.8, 2});
  EXPECT_GT(exponential_ks(right).p, 0.01);
  EXPECT_GT(ljung_box(right).p, 0.01);
  const double rate = static_cast<double>(sample.times.size()) / 3000;
  const auto wrong = hawkes_residuals(sample, 0, {{rate}, 0, 1});
  EXPECT_LT(exponential_ks(wrong).p, 1e-6);
  EXPECT_LT(ljung_box(wrong).p, 1e-3);
}

TEST(Minimize, FindsTheBottomOfACurvedValley) {
  const Minimum found = minimize(
      [](std::span<const double> x, std::span<double> gradient) {
        const double a = 1 - x[0];
        const double b = x[1] - x[0] * x[0];
        gradient[0] = -2 * a - 400 * x[0] * b;
        gradient[1] = 200 * b;
        return a * a + 100 * b * b;
      },
      {-1.2, 1});
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.x[0], 1, 1e-6);
  EXPECT_NEAR(found.x[1], 1, 1e-6);
}

TEST(Minimize, LetsAnExceptionThrough) {
  EXPECT_THROW(minimize([](std::span<const double>, std::span<double>) -> double { throw 3; }, {1}),
               int);
}

}  // namespace
}  // namespace mm::research
