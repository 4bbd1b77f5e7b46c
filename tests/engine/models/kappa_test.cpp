#include "engine/models/kappa.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::seconds;

TEST(KappaBook, IsAbsentWithoutThreeDepthsThatOrdersPass) {
  std::vector<DepthReach> depths = {{1, 0.8, 80}, {2, 0.65, 65}, {4, 0.4, 40}, {9, 0.09, 9}};
  EXPECT_TRUE(kappa_book(depths));
  depths[2].orders = 9;
  EXPECT_FALSE(kappa_book(depths));
  for (DepthReach& each : depths) each = {each.depth_bps, 0.5, 50};
  EXPECT_FALSE(kappa_book(depths));  // no decay
}

// Reaches drawn from the law itself: Theil-Sen finds its decay.
TEST(ReachCounts, RecoversAKnownDecay) {
  const ReachCounts::Settings settings;
  ReachCounts counts;
  EXPECT_FALSE(counts.estimate(settings, at_seconds(0), std::nullopt));
  SplitMix64 random{1};
  for (int i = 0; i < 4000; ++i)
    counts.on_order(settings, at_seconds(i * 0.1), -std::log(random.uniform()) / 2500 * 1e4);
  const auto estimate = counts.estimate(settings, at_seconds(400), std::nullopt);
  EXPECT_NEAR(estimate->kappa, 2500, 250);
  EXPECT_NEAR(std::sqrt(estimate->log_variance), std::sqrt(2 / 2920.0), 0.002);
  EXPECT_NEAR(counts.estimate(settings, at_seconds(400), 4)->kappa, 2500, 300);
  const auto later = counts.estimate(settings, at_seconds(1000), std::nullopt);
  EXPECT_EQ(later->kappa, estimate->kappa);
  EXPECT_GT(later->log_variance, estimate->log_variance);
  EXPECT_EQ(restored(counts).estimate(settings, at_seconds(400), 4)->kappa,
            counts.estimate(settings, at_seconds(400), 4)->kappa);
}

TEST(KappaRobust, LooksNearTheQuotedDepthWhenItCan) {
  // 8000 up to 2 bps, 1000 beyond.
  std::vector<double> counts;
  for (const double g : kappa_grid_bps)
    counts.push_back(1e5 * std::exp(-(g <= 2 ? 0.8 * g : 1.6 + 0.1 * (g - 2))));
  EXPECT_NEAR(*kappa_robust(kappa_grid_bps, counts, 6), 1000, 1e-6);
  EXPECT_GT(*kappa_robust(kappa_grid_bps, counts), 1000);
  for (double& count : counts) count = 0;
  EXPECT_FALSE(kappa_robust(kappa_grid_bps, counts, 6));
}

TEST(KappaOwn, RecoversAKnownDecayAndSaysHowSureItIs) {
  const OwnFills::Settings settings;
  SplitMix64 random{2};
  double inside = 0;
  for (int run = 0; run < 40; ++run) {
    OwnFills fills;
    Time now = at_seconds(0);
    for (int i = 0; i < 3000; ++i) {
      now += seconds{1};
      const double depth = 0.5 + static_cast<double>(random.below(12));
      fills.on_exposure(settings, now, depth, seconds{1});
      if (random.uniform() < 0.4 * std::exp(-3000 * depth * 1e-4)) {
        fills.on_fill(settings, now, depth);
      }
    }
    const auto own = fills.estimate(settings, now);
    ASSERT_TRUE(own);
    inside += std::fabs(std::log(own->kappa / 3000)) < 2 * std::sqrt(own->log_variance) ? 1 : 0;
    if (run == 0) {
      EXPECT_NEAR(own->intensity, 0.4, 0.12);
      EXPECT_EQ(restored(fills).estimate(settings, now)->kappa, own->kappa);
    }
  }
  EXPECT_GE(inside, 35);
}

TEST(OwnFills, FadeTogetherAndAreForgotten) {
  const OwnFills::Settings settings;
  OwnFills fills;
  Time now = at_seconds(0);
  for (int i = 0; i < 400; ++i) {
    now += seconds{1};
    const double depth = i % 2 == 0 ? 2.5 : 8.5;
    fills.on_exposure(settings, now, depth, seconds{1});
    if (i % (depth < 5 ? 4 : 20) == 0 || i % 20 == 1) fills.on_fill(settings, now, depth);
  }
  const auto fresh = fills.estimate(settings, now);
  const auto hours_later = fills.estimate(settings, now + std::chrono::hours{4});
  ASSERT_TRUE(fresh && hours_later);
  EXPECT_NEAR(hours_later->kappa, fresh->kappa, 1e-6);
  EXPECT_NEAR(hours_later->log_variance, fresh->log_variance * std::exp(1), 1e-6);
  EXPECT_FALSE(fills.estimate(settings, now + std::chrono::hours{24 * 30}));
  // Through changes of the unit the old weighs nothing and the new what it should.
  for (int year = 1; year < 5; ++year)
    fills.on_exposure(settings, now + std::chrono::hours{8760 * year}, 2.5, seconds{1});
  EXPECT_FALSE(fills.estimate(settings, now + std::chrono::hours{8760 * 4}));
  restored(fills);
}

TEST(KappaOwn, IsAbsentWhereNothingCanBeSaid) {
  EXPECT_FALSE(kappa_own(std::vector<DepthExposure>{}));
  EXPECT_FALSE(kappa_own(std::vector<DepthExposure>{{2, 100, 9}}));                 // one depth
  EXPECT_FALSE(kappa_own(std::vector<DepthExposure>{{2, 100, 2}, {4, 100, 2}}));    // four fills
  EXPECT_FALSE(kappa_own(std::vector<DepthExposure>{{2, 100, 2}, {4, 100, 200}}));  // rises
  // All fills at the nearest depth: no finite maximum, and none is told that is not finite.
  const auto edge = kappa_own(std::vector<DepthExposure>{{2, 100, 20}, {4, 100, 0}});
  if (edge) {
    EXPECT_TRUE(std::isfinite(edge->kappa) && std::isfinite(edge->intensity));
    EXPECT_GT(edge->log_variance, 0);
  }
}

TEST(CombineKappa, LeansToTheSurestAndStaysInBounds) {
  const std::vector<KappaEstimate> estimates = {kappa_prior, {1500, 0.01}};
  const KappaFinal together = combine_kappa(estimates);
  EXPECT_NEAR(together.kappa, 1510, 10);
  EXPECT_LT(together.log_sd, 0.1);
  EXPECT_EQ(combine_kappa(std::vector<KappaEstimate>{{5, 0.01}}).kappa, kappa_floor);
  EXPECT_EQ(combine_kappa(std::vector<KappaEstimate>{{1e9, 0.01}}).kappa, kappa_ceiling);
  EXPECT_NEAR(combine_kappa(std::span{&kappa_prior, 1}).kappa, 3000, 1e-9);
}

TEST(KappaFromFills, IsTheDecayWhateverTheActivity) {
  for (const double activity : {0.01, 1.0, 100.0})
    EXPECT_NEAR(*kappa_from_fills(activity * std::exp(-1.98), activity * std::exp(-2.02), 1e-5),
                2000, 1e-8);
  EXPECT_FALSE(kappa_from_fills(1e-13, 1e-14, 1e-5));
}

}  // namespace
}  // namespace mm
