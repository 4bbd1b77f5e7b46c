// After warm-up an outlook takes no memory.

#include <gtest/gtest.h>

#include "engine/outlook/outlook.hpp"
#include "tests/engine/counted_new.hpp"
#include "tests/engine/outlook/two_markets.hpp"

namespace mm {
namespace {

// Rings grow to the most they ever held and keep it: what the same minutes need a second time is
// there.
TEST(OutlookAllocations, NoneAfterWarmUp) {
  const std::vector<Event>& events = test::two_markets().events();
  const Duration length = events.back().header.recv_time - events.front().header.recv_time;
  Market market;
  Outlook outlook;
  std::vector<Output> outputs;
  outputs.reserve(64);
  std::size_t taken = 0;
  std::size_t calls = 0;
  for (int pass = 0; pass < 3; ++pass) {
    for (Event event : events) {
      event.header.recv_time += length * pass;
      event.header.exchange_time += length * pass;
      market.apply(event);
      outputs.clear();
      const std::size_t before = test::allocations();
      outlook.apply(event, market, outputs);
      if (pass == 0) continue;
      taken += test::allocations() - before;
      ++calls;
    }
  }
  EXPECT_EQ(taken, 0u);
  EXPECT_GT(calls, 10'000u);
  EXPECT_GT(outlook.order_count(), 100u);
  ASSERT_TRUE(outlook.reading().lead);
  EXPECT_TRUE(outlook.reading().lead->moved_at);
}

}  // namespace
}  // namespace mm
