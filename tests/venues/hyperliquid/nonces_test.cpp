#include "venues/hyperliquid/nonces.hpp"

#include <gtest/gtest.h>

namespace mm::venues::hyperliquid {
namespace {

constexpr std::uint64_t now = 1'790'234'567'890;

TEST(NonceSource, FollowsTheClockAndNeverRepeats) {
  NonceSource source;
  EXPECT_EQ(source.next(now), now);
  EXPECT_EQ(source.next(now), now + 1);
  EXPECT_EQ(source.next(now - 5000), now + 2);  // the clock was stepped back
  EXPECT_EQ(source.next(now + 10), now + 10);
  EXPECT_EQ(NonceSource(now + 7).next(now), now + 8);
}

TEST(NonceWindow, TakesWhatASourceGives) {
  NonceSource source;
  NonceWindow window;
  for (std::uint64_t i = 0; i < 500; ++i)
    EXPECT_FALSE(window.use(source.next(now + i / 10), now + i / 10));
}

TEST(NonceWindow, RefusesWhatItHasSeen) {
  NonceWindow window;
  EXPECT_FALSE(window.use(now, now));
  EXPECT_EQ(window.use(now, now), "Invalid nonce: duplicate nonce 1790234567890");
  EXPECT_EQ(window.use(now, now + 1000), "Invalid nonce: duplicate nonce 1790234567890");
}

// Requests may overtake each other, but not by more than a hundred.
TEST(NonceWindow, TakesLateOnesOnlyAmongTheHighestHundred) {
  NonceWindow window;
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_FALSE(window.use(now + 10 * i, now));
  EXPECT_EQ(window.use(now - 1, now), "Invalid nonce: nonce too low 1790234567889 < 1790234567890");
  EXPECT_FALSE(window.use(now + 5, now));
  EXPECT_EQ(window.use(now + 4, now), "Invalid nonce: nonce too low 1790234567894 < 1790234567895");
  EXPECT_EQ(window.use(now, now), "Invalid nonce: duplicate nonce 1790234567890");
  EXPECT_FALSE(window.use(now + 6, now));
}

TEST(NonceWindow, BeginsTwoDaysAgoAndEndsInADay) {
  NonceWindow window;
  const std::uint64_t earliest = now - NonceWindow::past_ms;
  const std::uint64_t latest = now + NonceWindow::future_ms;
  EXPECT_EQ(window.use(earliest, now), "Invalid nonce: nonce too low " + std::to_string(earliest) +
                                           " < " + std::to_string(earliest));
  EXPECT_EQ(window.use(latest, now), "Invalid nonce: nonce too high " + std::to_string(latest) +
                                         " > " + std::to_string(latest));
  EXPECT_FALSE(window.use(earliest + 1, now));
  EXPECT_FALSE(window.use(latest - 1, now));
  EXPECT_TRUE(window.use(5, now));
  EXPECT_TRUE(window.use(UINT64_MAX, now));
  EXPECT_TRUE(NonceWindow{}.use(0, 0));
}

}  // namespace
}  // namespace mm::venues::hyperliquid
