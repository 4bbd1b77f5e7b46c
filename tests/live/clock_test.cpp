#include "live/clock.hpp"

#include <gtest/gtest.h>

namespace mm::live {
namespace {

using namespace std::chrono_literals;

constexpr Time start = time_from_ns(1'700'000'000'000'000'000);

TEST(ClockRule, FollowsTheSystemsClockThroughSlewing) {
  ClockRule clock;
  EXPECT_EQ(clock.read(0ns, start), start);
  EXPECT_EQ(clock.read(1s, start + 1s + 400us), start + 1s + 400us);
  EXPECT_EQ(clock.read(2s, start + 2s - 100us), start + 2s - 100us);
  EXPECT_EQ(clock.take_step(), 0ns);
}

TEST(ClockRule, FollowsAStepForwardAtOnceAndTellsIt) {
  ClockRule clock;
  clock.read(0ns, start);
  EXPECT_EQ(clock.read(1s, start + 31s), start + 31s);
  EXPECT_EQ(clock.take_step(), 30s);
  EXPECT_EQ(clock.take_step(), 0ns);
}

// Timers must go on after the system's clock was set back, and nothing may happen twice.
TEST(ClockRule, NeitherStandsStillNorGoesBackAfterAStepBack) {
  ClockRule clock;
  clock.read(0ns, start);
  clock.read(8s, start + 8s);
  EXPECT_EQ(clock.read(8s, start + 6s), start + 8s);
  EXPECT_EQ(clock.take_step(), -2s);
  EXPECT_EQ(clock.read(16s, start + 14s), start + 15s);
  // Two seconds are made up for in sixteen.
  EXPECT_EQ(clock.read(24s, start + 22s), start + 22s);
  EXPECT_EQ(clock.read(25s, start + 23s), start + 23s);
  EXPECT_EQ(clock.take_step(), 0ns);
}

TEST(SystemClock, DoesNotDecrease) {
  SystemClock clock;
  Time last = clock.now();
  for (int reading = 0; reading < 10'000; ++reading) {
    const Time now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace mm::live
