#include "sim/timers.hpp"

#include <gtest/gtest.h>

namespace mm::sim {
namespace {

Time at(std::int64_t ns) {
  return time_from_ns(ns);
}

std::int64_t taken(PendingTimers& timers, Time when) {
  const Event event = timers.take(when);
  EXPECT_EQ(event.header.recv_time, when);
  return std::get<Timer>(event.body).id;
}

TEST(PendingTimers, ComeByTimeAndThenById) {
  PendingTimers timers;
  EXPECT_EQ(timers.next(), Time::max());
  timers.set(at(1), {.id = 7, .at = at(30)});
  timers.set(at(1), {.id = 3, .at = at(30)});
  timers.set(at(1), {.id = 9, .at = at(20)});
  EXPECT_EQ(timers.next(), at(20));
  EXPECT_EQ(taken(timers, at(20)), 9);
  EXPECT_EQ(taken(timers, at(30)), 3);
  EXPECT_EQ(taken(timers, at(31)), 7);
  EXPECT_EQ(timers.next(), Time::max());
}

TEST(PendingTimers, SettingOneAgainMovesIt) {
  PendingTimers timers;
  timers.set(at(1), {.id = 1, .at = at(30)});
  timers.set(at(1), {.id = 2, .at = at(40)});
  timers.set(at(2), {.id = 1, .at = at(50)});
  EXPECT_EQ(taken(timers, at(40)), 2);
  EXPECT_EQ(timers.next(), at(50));
  EXPECT_EQ(taken(timers, at(50)), 1);
  EXPECT_EQ(timers.next(), Time::max());
}

// Nothing can be due before the decision that asked for it.
TEST(PendingTimers, AMomentThatHasPassedIsNow) {
  PendingTimers timers;
  timers.set(at(10), {.id = 1, .at = at(5)});
  EXPECT_EQ(timers.next(), at(10));
}

}  // namespace
}  // namespace mm::sim
