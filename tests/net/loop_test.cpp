#include "net/loop.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <vector>

namespace mm::net {
namespace {

using std::chrono::milliseconds;

Loop::Instant in(milliseconds delay) {
  return std::chrono::steady_clock::now() + delay;
}

TEST(Loop, WaitsNoLongerThanAsked) {
  Loop loop;
  const auto until = in(milliseconds{20});
  EXPECT_FALSE(loop.run_one_until(until));
  EXPECT_GE(std::chrono::steady_clock::now(), until);
  loop.post([&] { loop.stop(); });
  EXPECT_TRUE(loop.run_one_until(in(milliseconds{1000})));
  EXPECT_FALSE(loop.run_one_until(in(milliseconds{1000})));
  EXPECT_TRUE(loop.stopped());
}

TEST(Timer, AskingAgainReplaces) {
  Loop loop;
  std::vector<int> called;
  Timer timer(loop);
  timer.expire_after(milliseconds{0}, [&] { called.push_back(1); });
  timer.expire_after(milliseconds{1}, [&] {
    called.push_back(2);
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(called, std::vector{2});
}

TEST(Timer, MayBeDestroyedByItsOwnHandlerAndCancelsOtherwise) {
  Loop loop;
  int called = 0;
  std::optional<Timer> own(std::in_place, loop);
  own->expire_after(milliseconds{0}, [&] {
    own.reset();
    ++called;
  });
  {
    Timer gone(loop);
    gone.expire_after(milliseconds{0}, [&] { called += 100; });
  }
  while (loop.run_one_until(in(milliseconds{20}))) {
  }
  EXPECT_EQ(called, 1);
}

TEST(Signals, ArriveOnTheLoopEachTime) {
  Loop loop;
  std::vector<int> seen;
  Signals signals(loop, {SIGUSR1, SIGUSR2}, [&](int signal) {
    seen.push_back(signal);
    if (seen.size() == 2) loop.stop();
  });
  std::raise(SIGUSR1);
  while (seen.empty()) ASSERT_TRUE(loop.run_one_until(in(milliseconds{1000})));
  std::raise(SIGUSR2);
  loop.run();
  EXPECT_EQ(seen, (std::vector{SIGUSR1, SIGUSR2}));
}

}  // namespace
}  // namespace mm::net
