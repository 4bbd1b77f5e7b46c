// The models against a market whose truth is known. synthetic/model_study.cpp does the same at
// length and prints the tables of docs/models.md.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/research/synthetic/flow_truth.hpp"
#include "tests/research/synthetic/regime_truth.hpp"
#include "tests/research/synthetic/wall_truth.hpp"

namespace mm::research {
namespace {

using testing::SyntheticPlan;

SyntheticPlan plan_of(std::uint64_t seed, Duration length, const std::string& market) {
  SyntheticPlan plan;
  plan.seed = seed;
  plan.length = length;
  plan.market = market;
  return plan;
}

const std::string light_lead = "lead.makers_per_s=10\nlead.depth_interval=1s\n";

TEST(ModelTruth, WallsAreFoundAndTheirEndsToldRight) {
  testing::WallTruth all;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    all.add(testing::measure_walls(
        plan_of(seed, std::chrono::hours{1}, "depth=10bps\nsigma=3bps\n" + light_lead)));
  EXPECT_GT(all.true_walls, 300);
  EXPECT_GT(static_cast<double>(all.found), 0.75 * static_cast<double>(all.true_walls));
  EXPECT_LT(static_cast<double>(all.not_true), 0.25 * static_cast<double>(all.told));
  EXPECT_GT(all.ends[0][0], 100);
  EXPECT_GT(all.ends[1][1], 5);
  EXPECT_GT(all.attribution_accuracy(), 0.95);
  // Fakes that look like the others until they are near cannot be told from them.
  EXPECT_NEAR(all.spoof_auc(), 0.5, 0.1);
}

TEST(ModelTruth, FakesThatFlickerScoreHigher) {
  testing::WallTruth all;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    all.add(testing::measure_walls(plan_of(
        seed, std::chrono::hours{1}, "depth=10bps\nsigma=3bps\nwall_flicker=1\n" + light_lead)));
  EXPECT_GT(all.fake_scores.size(), 80u);
  EXPECT_GT(all.spoof_auc(), 0.6);
}

TEST(ModelTruth, ExcitationOfTakerOrdersIsRecovered) {
  const auto found = testing::measure_hawkes(
      plan_of(1, std::chrono::hours{1},
              "first_regime=0\nregime_speed=0.0001\ngap_weight=0\n" + light_lead));
  ASSERT_TRUE(found) << found.error().message();
  const HawkesParameters& is = found->fit.parameters;
  const HawkesParameters& error = found->fit.standard_errors;
  EXPECT_GT(found->fit.events, 3000u);
  EXPECT_NEAR(is.alpha, found->alpha, 3 * error.alpha);
  EXPECT_NEAR(is.beta, found->beta, 3 * error.beta);
  for (const std::size_t side : {0u, 1u})
    EXPECT_NEAR(is.mu[side], found->mu[side], 3 * error.mu[side]);
  EXPECT_LT(error.beta, 0.2 * is.beta);
  EXPECT_LT(found->goodness.distance, 0.02);
}

TEST(ModelTruth, TheLagLiesWithinItsError) {
  int inside = 0;
  int narrow = 0;
  constexpr int seeds = 10;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const testing::LagTruth found = testing::measure_lag(
        plan_of(seed, std::chrono::minutes{5}, "sigma=4bps\nspread=0.5bps\nlead.spread=0.5bps\n"));
    ASSERT_TRUE(found.estimate);
    ASSERT_TRUE(found.estimate->lag_sd);
    const double off = sim::seconds_of(found.estimate->lag - found.lag);
    const double error = sim::seconds_of(*found.estimate->lag_sd);
    inside += std::fabs(off) <= 1.96 * error ? 1 : 0;
    narrow += error < 0.05 ? 1 : 0;
  }
  EXPECT_GE(inside, seeds * 9 / 10);
  EXPECT_GE(narrow, seeds * 9 / 10);
}

TEST(ModelTruth, RegimesAndCascadesAreCalled) {
  const testing::RegimeTruth found =
      testing::measure_regimes(plan_of(3, std::chrono::hours{7}, "regime_speed=2\n" + light_lead));
  ASSERT_GT(found.cascades, 2);
  EXPECT_GT(found.accuracy(), found.always_the_same() + 0.05);
  EXPECT_GT(found.belief.found * 3, found.cascades * 2);
  EXPECT_EQ(found.belief.delays_s.size(), static_cast<std::size_t>(found.belief.found));
  // Open interest has to fall first: it is late, and never wrong.
  EXPECT_LE(found.liquidation.found, found.belief.found);
  EXPECT_LE(static_cast<double>(found.liquidation.false_calls), found.days);
}

}  // namespace
}  // namespace mm::research
