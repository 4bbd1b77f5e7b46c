#include "engine/account/limits.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "engine/random.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

// Never less than what was sent in the last 60 s, never more than in the last 61 s.
TEST(MessageRate, CoversTheLastMinute) {
  SplitMix64 random{3};
  MessageRate rate;
  std::deque<std::int64_t> sent;
  std::int64_t now_ms = 1'700'000'000'000;
  for (int i = 0; i < 20'000; ++i) {
    now_ms += static_cast<std::int64_t>(random.below(random.below(500) == 0 ? 90'000 : 400));
    const auto messages = static_cast<std::int64_t>(random.below(4));
    rate.add(at_ms(now_ms), messages);
    sent.insert(sent.end(), static_cast<std::size_t>(messages), now_ms);
    while (!sent.empty() && sent.front() <= now_ms - 61'000) sent.pop_front();
    std::int64_t in_minute = 0;
    for (const std::int64_t at : sent) in_minute += at > now_ms - 60'000 ? 1 : 0;
    const std::int64_t counted = rate.count(at_ms(now_ms));
    ASSERT_GE(counted, in_minute);
    ASSERT_LE(counted, static_cast<std::int64_t>(sent.size()));
  }
  ByteWriter out;
  rate.save(out);
  MessageRate copy;
  ByteReader in{out.bytes()};
  ASSERT_TRUE(copy.restore(in));
  EXPECT_EQ(copy, rate);
}

TEST(Latch, TellsABreachOnceUntilItEnds) {
  Latch latch;
  EXPECT_FALSE(latch.begins(false));
  EXPECT_TRUE(latch.begins(true));
  EXPECT_FALSE(latch.begins(true));
  EXPECT_FALSE(latch.begins(false));
  EXPECT_TRUE(latch.begins(true));
}

}  // namespace
}  // namespace mm
