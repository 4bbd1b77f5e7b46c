// After warm-up the fold takes no memory: every call of operator new is counted.

#include <gtest/gtest.h>

#include "engine/features/microstructure.hpp"
#include "tests/engine/counted_new.hpp"
#include "tests/engine/features/recorded_market.hpp"

namespace mm {
namespace {

TEST(Allocations, NoneAfterWarmUp) {
  for (const test::Capture& capture : test::fixture_captures()) {
    if (capture.venue == "hyperliquid") continue;  // 55 messages: all of it is warm-up
    SCOPED_TRACE(capture.venue + " " + capture.symbol);
    const test::RecordedMarket recorded{capture};
    const Time warm = recorded.events.front().header.recv_time + std::chrono::seconds{20};
    Market market;
    Microstructure fold;
    ChangeList changes;
    std::size_t taken = 0;
    std::size_t calls = 0;
    int decisions = 0;
    test::fold_with_decisions(
        recorded, market,
        [&](const Event& event) {
          const std::size_t before = test::allocations();
          fold.on_event(event, market.quoted());
          if (event.header.recv_time > warm) {
            taken += test::allocations() - before;
            ++calls;
          }
        },
        [&](Time now) {
          const std::size_t before = test::allocations();
          changes.clear();
          fold.decide(now, market.quoted(), changes);
          if (now > warm) {
            taken += test::allocations() - before;
            ++decisions;
          }
        });
    EXPECT_EQ(taken, 0u);
    EXPECT_GT(calls, 1000u);
    EXPECT_GT(decisions, 300);
  }
  // The counter counts. A call of the function itself: what a vector takes may be left out.
  const std::size_t before = test::allocations();
  void* const memory = ::operator new(100);
  EXPECT_EQ(test::allocations() - before, 1u);
  ::operator delete(memory);
}

}  // namespace
}  // namespace mm
