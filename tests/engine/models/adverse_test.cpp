#include "engine/models/adverse.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/models/softmax.hpp"
#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::minutes;

std::optional<double> of(const TradeFeatures& features, TradeFeature feature) {
  return features[static_cast<std::size_t>(feature)];
}

TEST(Softmax, SumsToOneAlsoForHugeScores) {
  SplitMix64 random{1};
  for (int i = 0; i < 500; ++i) {
    std::array<double, 5> scores{};
    for (double& score : scores) score = 2000 * random.normal();
    softmax(scores, 0.1 + random.uniform());
    EXPECT_NEAR(std::accumulate(scores.begin(), scores.end(), 0.0), 1, 1e-12);
    for (const double p : scores) EXPECT_TRUE(p >= 0 && p <= 1);
  }
}

TEST(Logistic, IsSymmetricAndBounded) {
  for (const double x : {-800.0, -3.0, 0.0, 0.5, 800.0}) {
    EXPECT_NEAR(logistic(x) + logistic(-x), 1, 1e-15);
    EXPECT_TRUE(logistic(x) >= 0 && logistic(x) <= 1);
  }
}

TEST(TradeClassifier, SaysTheSharesItWasTaughtWithoutFeatures) {
  TradeClassifier classifier;
  const double shares[trade_classes] = {0.7, 0.2, 0.04, 0.06};
  for (std::size_t k = 0; k < trade_classes; ++k)
    classifier.weights[k * (1 + trade_features)] = std::log(shares[k]);
  const auto p = classifier.classify({});
  for (std::size_t k = 0; k < trade_classes; ++k) EXPECT_NEAR(p[k], shares[k], 1e-12);
}

// Standardised features are clipped: one absurd value cannot decide alone, and none is NaN.
TEST(TradeClassifier, ClipsWhatIsFarOut) {
  TradeClassifier classifier;
  classifier.mean[0] = 10;
  classifier.sd[0] = 2;
  classifier.weights[1 * (1 + trade_features) + 1] = 1;  // informed rises with the first feature
  TradeFeatures features;
  features[0] = 20;
  const auto five_sigmas = classifier.classify(features);
  features[0] = 1e300;
  EXPECT_EQ(classifier.classify(features), five_sigmas);
  features[0] = 12;
  EXPECT_LT(classifier.classify(features)[1], five_sigmas[1]);
  features[0] = 10;
  EXPECT_EQ(classifier.classify(features), classifier.classify({}));
}

TEST(TakerFlow, KnowsOnlyWhatCameBefore) {
  const TakerFlow::Settings settings;
  TakerFlow flow;
  const TradeFeatures first = flow.features(settings, at_seconds(0), Side::buy, 5);
  EXPECT_FALSE(of(first, TradeFeature::size_quantile));
  EXPECT_FALSE(of(first, TradeFeature::log_ms_since_last));
  EXPECT_FALSE(of(first, TradeFeature::imbalance_1s));
  EXPECT_EQ(of(first, TradeFeature::log_orders_1s), 0);
  flow.on_order(settings, at_seconds(0), Side::buy, 4);
  flow.on_order(settings, at_seconds(0.5), Side::buy, 16);
  flow.on_order(settings, at_seconds(1), Side::sell, 8);
  const TradeFeatures next = flow.features(settings, at_seconds(1.2), Side::sell, 1000);
  EXPECT_NEAR(*of(next, TradeFeature::log_ms_since_last), std::log(201), 1e-12);
  EXPECT_NEAR(*of(next, TradeFeature::log_orders_1s), std::log(3), 1e-12);  // the first is out
  EXPECT_NEAR(*of(next, TradeFeature::log_orders_10s), std::log(4), 1e-12);
  EXPECT_NEAR(*of(next, TradeFeature::imbalance_1s), -8.0 / 24, 1e-12);
  EXPECT_NEAR(*of(next, TradeFeature::imbalance_10s), -12.0 / 28, 1e-12);
  EXPECT_EQ(of(next, TradeFeature::size_quantile), 1);
  EXPECT_GT(*of(next, TradeFeature::size_zscore), 5);
  EXPECT_NEAR(*flow.imbalance_10s(at_seconds(10.2)), 8.0 / 24, 1e-12);
  EXPECT_FALSE(flow.imbalance_10s(at_seconds(30)));
  restored(flow);
}

TEST(AdverseSelectionAdjuster, GoesBackToItsLongRunMean) {
  const AdverseSelectionAdjuster::Settings settings;
  AdverseSelectionAdjuster adjuster;
  EXPECT_FALSE(adjuster.informed_intensity(settings, at_seconds(0)));
  for (int i = 0; i < 300; ++i) adjuster.on_order(settings, at_seconds(i), i < 150 ? 0.1 : 0.9);
  const double after = *adjuster.informed_intensity(settings, at_seconds(299));
  EXPECT_GT(after, 0.85);
  const double later = *adjuster.informed_intensity(settings, at_seconds(299) + minutes{5});
  EXPECT_NEAR(later, 0.5 + (after - 0.5) / 2, 0.01);
  EXPECT_EQ(restored(adjuster).informed_intensity(settings, at_seconds(400)),
            adjuster.informed_intensity(settings, at_seconds(400)));
}

TEST(AdverseSelectionAdjuster, LargeOrdersWeighMore) {
  const AdverseSelectionAdjuster::Settings settings;
  AdverseSelectionAdjuster twice;
  AdverseSelectionAdjuster large;
  twice.on_order(settings, at_seconds(0), 0.1);
  large.on_order(settings, at_seconds(0), 0.1);
  twice.on_order(settings, at_seconds(1), 0.9);
  twice.on_order(settings, at_seconds(1), 0.9);
  large.on_order(settings, at_seconds(1), 0.9, 2);
  EXPECT_NEAR(*twice.informed_intensity(settings, at_seconds(1)),
              *large.informed_intensity(settings, at_seconds(1)), 1e-12);
  EXPECT_GT(spread_adjustment_bps(settings, 0.9), spread_adjustment_bps(settings, 0.1));
  EXPECT_EQ(kappa_adjustment(settings, 1), 0.3);
}

}  // namespace
}  // namespace mm
