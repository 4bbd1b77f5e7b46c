// Labels, softmax weights and recalibration maps: what makes and corrects a classifier.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/models/softmax.hpp"
#include "engine/random.hpp"
#include "research/fit/clustered_errors.hpp"
#include "research/fit/recalibrate.hpp"
#include "research/fit/softmax_fit.hpp"
#include "research/fit/trade_labels.hpp"

namespace mm::research {
namespace {

TEST(FitSoftmax, RecoversTheWeightsThatMadeTheLabels) {
  SplitMix64 random{1};
  const std::vector<double> truth = {0.5, 1, 0, -0.2, -1, 0.8, -0.3, 0, -0.8};  // sums are 0
  LabelledSample sample;
  for (int i = 0; i < 8000; ++i) {
    const std::vector<double> x = {random.normal(), random.normal()};
    double p[3];
    softmax(truth, x, p);
    const double u = random.uniform();
    sample.features.push_back(x);
    sample.labels.push_back(u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2);
  }
  const SoftmaxFit fit = fit_softmax(sample, 3, 0.01).value();
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(fit.weights[i], truth[i], 0.12) << i;
}

TEST(FitSoftmax, HasZeroSlopeAtItsMinimum) {
  LabelledSample sample{.features = {{0}, {1}, {2}, {3}}, .labels = {0, 1, 0, 1}};
  const SoftmaxFit at = fit_softmax(sample, 2, 0.5).value();
  sample.weights = {2, 2, 2, 2};  // twice the data and the penalty: the same minimum
  const SoftmaxFit twice = fit_softmax(sample, 2, 1).value();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(at.weights[i], twice.weights[i], 1e-6);
  EXPECT_NEAR(twice.loss, 2 * at.loss, 1e-8);
  EXPECT_TRUE(fit_softmax({}, 2).has_error());
}

TEST(TimeSplit, LeavesNoLabelThatLooksIntoTheNextBlock) {
  std::vector<double> times;
  for (int i = 0; i < 1000; ++i) times.push_back(i);
  const auto blocks = time_split(times, 10, 60);
  int counts[4] = {0, 0, 0, 0};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ++counts[static_cast<int>(blocks[i])];
    if (blocks[i] == Block::train) {
      EXPECT_LT(times[i] + 10, 600);
    }
    if (blocks[i] == Block::calibrate) {
      EXPECT_GE(times[i], 660);
      EXPECT_LT(times[i] + 10, 800);
    }
    if (blocks[i] == Block::test) {
      EXPECT_GE(times[i], 860);
    }
  }
  EXPECT_EQ(counts[0], 590);
  EXPECT_EQ(counts[1], 130);
  EXPECT_EQ(counts[2], 140);
}

TEST(ScalerOf, LeavesAConstantColumnAlone) {
  const Scaler scaler = scaler_of({{1, 5}, {3, 5}});
  EXPECT_EQ(scaler.mean, (std::vector<double>{2, 5}));
  EXPECT_EQ(scaler.sd, (std::vector<double>{1, 1}));
}

// The scaled threshold calls the same small share of pure noise informed, whatever the volatility.
TEST(LabelOrder, CallsLittleOfPureNoiseInformed) {
  SplitMix64 random{2};
  for (const double sigma : {0.5, 2.5, 8.0}) {
    int informed = 0;
    for (int i = 0; i < 5000; ++i) {
      const OrderOutcome outcome{
          .taker = random.below(2) == 0 ? Side::buy : Side::sell,
          .mid_before = 1000,
          .mid_after = 1000 * (1 + sigma * 1e-4 * std::sqrt(10.0) * random.normal()),
          .sigma_bps = sigma};
      informed += label_order(outcome).label == TradeClass::informed ? 1 : 0;
    }
    EXPECT_LE(informed, 5000 * 0.078) << sigma;
  }
}

TEST(FitIsotonic, NeverFallsAndStaysInside) {
  SplitMix64 random{3};
  std::vector<double> scores;
  std::vector<double> outcomes;
  for (int i = 0; i < 2000; ++i) {
    scores.push_back(std::floor(100 * random.uniform()) / 100);
    outcomes.push_back(random.uniform() < scores.back() * scores.back() ? 1 : 0);
  }
  const IsotonicMap map = fit_isotonic(scores, outcomes);
  double last = 0;
  for (double x = -0.5; x < 1.5; x += 0.001) {
    EXPECT_GE(map(x), last);
    last = map(x);
    EXPECT_TRUE(last >= 1.0 / 4000 && last <= 1 - 1.0 / 4000);
  }
  EXPECT_NEAR(map(0.5), 0.25, 0.08);
  EXPECT_NEAR(map(0.9), 0.81, 0.08);
}

TEST(FitPlatt, FindsTheLogisticThatMadeTheOutcomes) {
  SplitMix64 random{4};
  std::vector<double> scores;
  std::vector<double> outcomes;
  for (int i = 0; i < 20'000; ++i) {
    scores.push_back(2 * random.normal());
    outcomes.push_back(random.uniform() < logistic(1.5 * scores.back() - 0.7) ? 1 : 0);
  }
  const PlattMap map = fit_platt(scores, outcomes);
  EXPECT_NEAR(map.slope, 1.5, 0.06);
  EXPECT_NEAR(map.intercept, -0.7, 0.06);
  // Told apart perfectly, the targets keep the slope finite.
  const PlattMap apart =
      fit_platt(std::vector<double>{-1, -2, 1, 2}, std::vector<double>{0, 0, 1, 1});
  EXPECT_TRUE(std::isfinite(apart.slope) && apart.slope > 0);
}

TEST(FitTemperature, FindsOverconfidence) {
  SplitMix64 random{5};
  std::vector<std::vector<double>> logits;
  std::vector<std::size_t> labels;
  for (int i = 0; i < 5000; ++i) {
    std::vector<double> p = {random.normal(), random.normal(), random.normal()};
    std::vector<double> loud;
    for (const double each : p) loud.push_back(3 * each);
    softmax(p);
    const double u = random.uniform();
    labels.push_back(u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2);
    logits.push_back(loud);
  }
  EXPECT_NEAR(fit_temperature(logits, labels).temperature, 3, 0.25);
}

// Every observation is told ten times over: errors must be those of one tenth as many.
TEST(ClusteredErrors, ArePlausibleWhereObservationsRepeat) {
  constexpr std::array truth = {-1.0, 1.5};
  int within = 0;
  int naive_within = 0;
  constexpr int seeds = 200;
  for (int seed = 1; seed <= seeds; ++seed) {
    SplitMix64 random{static_cast<std::uint64_t>(seed)};
    LabelledSample sample;
    std::vector<std::size_t> clusters;
    std::vector<std::size_t> alone;
    for (std::size_t i = 0; i < 300; ++i) {
      const double x = random.normal();
      const double p = 1 / (1 + std::exp(-truth[0] - truth[1] * x));
      const std::size_t label = random.uniform() < p ? 1 : 0;
      for (int repeat = 0; repeat < 10; ++repeat) {
        sample.features.push_back({x});
        sample.labels.push_back(label);
        clusters.push_back(i);
        alone.push_back(alone.size());
      }
    }
    const auto fit = fit_softmax(sample, 2).value();
    const std::array weights = {fit.weights[2] - fit.weights[0], fit.weights[3] - fit.weights[1]};
    const auto errors = clustered_logit_errors(sample, clusters, weights);
    const auto naive = clustered_logit_errors(sample, alone, weights);
    ASSERT_EQ(errors.size(), 2u);
    for (std::size_t j = 0; j < 2; ++j) {
      within += std::fabs(weights[j] - truth[j]) < 1.96 * errors[j] ? 1 : 0;
      naive_within += std::fabs(weights[j] - truth[j]) < 1.96 * naive[j] ? 1 : 0;
    }
  }
  EXPECT_GE(within, 2 * seeds * 9 / 10);
  EXPECT_LT(naive_within, 2 * seeds * 6 / 10);
  EXPECT_TRUE(clustered_logit_errors({.features = {{0.0}}, .labels = {1}, .weights = {}},
                                     std::array<std::size_t, 1>{0}, truth)
                  .empty());
}

}  // namespace
}  // namespace mm::research
