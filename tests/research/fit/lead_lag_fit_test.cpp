#include "research/fit/lead_lag_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"

namespace mm::research {
namespace {

struct Pair {
  TimedSeries leader;
  TimedSeries follower;
};

Pair pair(std::int64_t lag, double beta, std::int64_t length, std::uint64_t seed) {
  SplitMix64 random{seed};
  std::vector<double> walk{0};
  Pair result;
  for (std::int64_t i = 1; i <= length; ++i) {
    walk.push_back(walk.back() + 1e-5 * random.normal());
    if (random.uniform() < 0.05) {
      result.leader.times.push_back(i);
      result.leader.values.push_back(walk.back());
    }
    if (random.uniform() < 0.02 && i > 1500) {
      result.follower.times.push_back(i);
      result.follower.values.push_back(beta * walk[static_cast<std::size_t>(i - lag)] +
                                       2e-5 * random.normal());
    }
  }
  return result;
}

// The contiguous sums against the definition: all pairs of intervals that meet.
TEST(LeadLagContrast, AgreesWithAllPairs) {
  const Pair both = pair(40, 0.7, 2500, 1);
  for (const std::int64_t lag : {-300, -1, 0, 1, 40, 777}) {
    double u = 0;
    const TimedSeries& x = both.leader;
    const TimedSeries& y = both.follower;
    for (std::size_t i = 1; i < x.times.size(); ++i)
      for (std::size_t j = 1; j < y.times.size(); ++j)
        if (std::max(x.times[i - 1], y.times[j - 1] - lag) < std::min(x.times[i], y.times[j] - lag))
          u += (x.values[i] - x.values[i - 1]) * (y.values[j] - y.values[j - 1]);
    const std::int64_t lags[] = {lag};
    EXPECT_NEAR(lead_lag_contrast(x, y, lags)[0].u, u, 1e-18) << lag;
  }
}

TEST(EstimateLeadLag, RecoversWithinItsErrors) {
  int lag_inside = 0;
  int beta_inside = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Pair both = pair(127, 0.9, 60'000, seed);
    const auto found = estimate_lead_lag(both.leader, both.follower, -500, 2500, 10, 5000);
    ASSERT_TRUE(found);
    EXPECT_GT(found->ratio, 1);
    EXPECT_GE(found->blocks, 11);
    lag_inside +=
        std::fabs(static_cast<double>(found->best.lag) - 127) <= std::max(2 * found->lag_error, 3.0)
            ? 1
            : 0;
    beta_inside += std::fabs(found->best.beta - 0.9) < 2 * found->beta_error ? 1 : 0;
  }
  EXPECT_GE(lag_inside, 18);
  EXPECT_GE(beta_inside, 16);
}

TEST(EstimateLeadLag, IsAbsentOnTheEdgeOfTheGrid) {
  const Pair both = pair(800, 0.9, 60'000, 2);
  EXPECT_FALSE(estimate_lead_lag(both.leader, both.follower, -500, 800, 10, 5000));
  EXPECT_TRUE(estimate_lead_lag(both.leader, both.follower, -500, 2500, 10, 5000));
  TimedSeries still{{1, 2, 3}, {5, 5, 5}};
  EXPECT_FALSE(estimate_lead_lag(still, still, -500, 800, 10, 5000));
}

TEST(BestLag, BreaksTiesTowardsZeroAndThenForward) {
  const std::vector<Contrast> ties = {{-20, 1, 0.5, 1}, {-10, 1, 0.5, 1}, {10, 1, -0.5, 1}};
  EXPECT_EQ(best_lag(ties).lag, 10);
}

TEST(ChangesOnly, DropsRepeatsAndKeepsTheLastOfAnInstant) {
  const TimedSeries got = changes_only({{1, 2, 2, 3, 4}, {5, 6, 7, 7, 8}});
  EXPECT_EQ(got.times, (std::vector<std::int64_t>{1, 2, 4}));
  EXPECT_EQ(got.values, (std::vector<double>{5, 7, 8}));
}

TEST(ResponseKernel, RisesToOne) {
  const Pair both = pair(400, 1, 120'000, 3);
  const auto contrasts = lead_lag_contrast(both.leader, both.follower, lag_grid(-500, 2500, 10));
  const auto response = response_kernel(contrasts, -50);
  ASSERT_EQ(response.size(), 251u);
  for (std::size_t i = 1; i < response.size(); ++i) EXPECT_GE(response[i], response[i - 1]);
  EXPECT_NEAR(response.back(), 1, 1e-12);
  EXPECT_LT(response[33], 0.25);
  EXPECT_GT(response[47], 0.6);
}

}  // namespace
}  // namespace mm::research
