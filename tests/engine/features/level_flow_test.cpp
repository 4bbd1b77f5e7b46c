#include "engine/features/level_flow.hpp"

#include <gtest/gtest.h>

#include "tests/engine/features/saved_copy.hpp"

namespace mm {
namespace {

Time ms(std::int64_t value) {
  return time_from_ns(value * 1'000'000);
}

TEST(LevelFlow, TellsTradedFromCancelled) {
  LevelFlow flow;
  flow.start(25, ms(0));
  flow.on_trade(2, ms(5));
  flow.on_book(10, ms(10));
  EXPECT_EQ(flow.cancelled(), 13);
  EXPECT_EQ(flow.filled(), 2);
  EXPECT_EQ(flow.added(), 0);
  EXPECT_EQ(pulled_fraction(13, 2), 13.0 / 15);
  EXPECT_FALSE(pulled_fraction(0, 0));
}

// The trade stream runs ahead: the book of an earlier stamp must not make an add of it.
TEST(LevelFlow, ATradeStampedLaterWaitsForItsBook) {
  LevelFlow flow;
  flow.start(10, ms(0));
  flow.on_trade(6, ms(8));
  flow.on_book(10, ms(5));
  EXPECT_EQ(flow.added(), 0);
  flow = saved_copy(flow);
  flow.on_book(4, ms(10));
  EXPECT_EQ(flow.added(), 0);
  EXPECT_EQ(flow.cancelled(), 0);
  EXPECT_EQ(flow.filled(), 6);
}

// The book stream runs ahead: the trade explains what looked like a cancel.
TEST(LevelFlow, ATradeBehindItsBookTakesTheCancelBack) {
  LevelFlow flow;
  flow.start(10, ms(0));
  flow.on_book(4, ms(10));
  EXPECT_EQ(flow.cancelled(), 6);
  flow.on_trade(5, ms(9));
  EXPECT_EQ(flow.cancelled(), 1);
  EXPECT_EQ(flow.filled(), 5);
  flow.on_book(4, ms(12));
  EXPECT_EQ(flow.added(), 0);
}

TEST(LevelFlow, WithoutStampsArrivalDecides) {
  LevelFlow flow;
  flow.start(10, Time{});
  flow.on_trade(3, Time{});
  const LevelChange<std::int64_t> change = flow.on_book(9, Time{});
  EXPECT_EQ(change.added, 2);
  EXPECT_EQ(change.cancelled, 0);
}

TEST(WallOutcome, Labels) {
  EXPECT_EQ(outcome_of(0.7), WallOutcome::pulled);
  EXPECT_EQ(outcome_of(0.69), WallOutcome::mixed);
  EXPECT_EQ(outcome_of(0.31), WallOutcome::mixed);
  EXPECT_EQ(outcome_of(0.3), WallOutcome::filled);
}

}  // namespace
}  // namespace mm
