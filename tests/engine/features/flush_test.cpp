#include "engine/features/flush.hpp"

#include <gtest/gtest.h>

#include "tests/engine/features/saved_copy.hpp"

namespace mm {
namespace {

Time at(double seconds) {
  return time_from_ns(static_cast<std::int64_t>(seconds * 1e9));
}

TEST(FlushScore, MovedOrTradedLiquidityIsNotWithdrawn) {
  const double base[] = {5, 5, 5, 5, 5};
  const double moved[] = {0, 10, 0, 15, 0};
  EXPECT_EQ(flush_score(base, moved, 0)->score, 0);
  const double eaten[] = {0, 0, 5, 5, 5};
  EXPECT_EQ(flush_score(base, eaten, 10)->score, 0);
  EXPECT_EQ(flush_score(base, eaten, 0)->score, 0.4);
  EXPECT_EQ(flush_score(base, eaten, 0)->breadth, 0.4);
  const double nothing[] = {0, 0, 0, 0, 0};
  EXPECT_FALSE(flush_score(nothing, base, 0));
}

TEST(FlushLatch, EndsOnlyAfterASecondOfCalm) {
  FlushLatch latch;
  const FlushThresholds thresholds;
  using Change = FlushLatch::Change;
  EXPECT_EQ(latch.update(thresholds, at(0), FlushScore{0.9, 0.5}), Change::none);
  EXPECT_EQ(latch.update(thresholds, at(1), FlushScore{0.5, 0.6}), Change::started);
  EXPECT_EQ(latch.update(thresholds, at(2), FlushScore{0.2, 0}), Change::none);
  EXPECT_EQ(latch.update(thresholds, at(2.9), FlushScore{0.3, 0}), Change::none);
  EXPECT_EQ(latch.update(thresholds, at(3), FlushScore{0.2, 0}), Change::none);
  EXPECT_EQ(latch.update(thresholds, at(3.5), std::nullopt), Change::none);
  FlushLatch copy = saved_copy(latch);
  EXPECT_EQ(copy.update(thresholds, at(4), FlushScore{0.2, 0}), Change::ended);
  EXPECT_TRUE(latch.active());
  EXPECT_FALSE(copy.active());
}

TEST(LiquidityRegime, IsAbsentAfterTwoSecondsOfNothing) {
  LiquidityRegime regime;
  const LiquidityThresholds thresholds;
  regime.update(thresholds, at(0), {});
  EXPECT_FALSE(regime.state());
  regime.update(thresholds, at(1), {.density = 0.5});
  EXPECT_EQ(regime.state(), LiquidityState::thin);
  regime.update(thresholds, at(2.9), {});
  EXPECT_EQ(saved_copy(regime).state(), LiquidityState::thin);
  regime.update(thresholds, at(3), {});
  EXPECT_FALSE(regime.state());
  // Between the thresholds a latch stays as it was.
  regime.update(thresholds, at(4), {.density = 0.7});
  EXPECT_EQ(regime.state(), LiquidityState::thin);
  regime.update(thresholds, at(5), {.density = 0.8});
  EXPECT_EQ(regime.state(), LiquidityState::thick);
}

}  // namespace
}  // namespace mm
