#include "engine/features/chase.hpp"

#include <gtest/gtest.h>

#include "engine/random.hpp"
#include "tests/engine/features/saved_copy.hpp"

namespace mm {
namespace {

Time ms(std::int64_t value) {
  return time_from_ns(value * 1'000'000);
}

TEST(Chase, FollowsTheWallNotTheOtherWayRound) {
  ChaseMetric chase;
  chase.wall_moved(ms(1000), Side::buy, 1);
  chase.quote_moved(ms(1400), Side::buy, 1);    // a chase
  chase.quote_moved(ms(9900), Side::sell, -1);  // a lead
  chase.wall_moved(ms(10'000), Side::sell, -2);
  chase.wall_moved(ms(20'000), Side::buy, 1);
  chase.quote_moved(ms(20'100), Side::buy, -1);  // the wrong way
  chase.quote_moved(ms(20'200), Side::sell, 1);  // the wrong side
  chase.quote_moved(ms(20'501), Side::buy, 1);   // too late
  EXPECT_EQ(chase.rates().walls, 3);
  EXPECT_EQ(chase.rates().chase, 1.0 / 3);
  EXPECT_EQ(chase.rates().lead, 1.0 / 3);
  EXPECT_FALSE(chase.rates().baseline_chase);
  chase.advance(ms(60'501));
  EXPECT_TRUE(chase.rates().baseline_chase);
  EXPECT_EQ(saved_copy(chase).rates().chase, 1.0 / 3);
}

// Quotes that move on their own chase no more often than chance has it.
TEST(Chase, TheBaselineIsWhatIndependentQuotesShow) {
  ChaseMetric chase{3};
  SplitMix64 random{11};
  for (std::int64_t now = 0; now < 3'600'000; now += 50) {
    if (random.below(20) == 0) chase.wall_moved(ms(now), Side::buy, 1);
    if (random.below(20) == 0) chase.quote_moved(ms(now + 25), Side::buy, 1);
  }
  const ChaseMetric::Rates rates = chase.rates();
  EXPECT_GT(rates.walls, 3000);
  EXPECT_NEAR(*rates.chase, *rates.baseline_chase, 0.04);
  EXPECT_NEAR(*rates.lead, *rates.baseline_lead, 0.04);
}

}  // namespace
}  // namespace mm
