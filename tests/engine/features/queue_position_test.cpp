#include "engine/features/queue_position.hpp"

#include <gtest/gtest.h>

#include "engine/random.hpp"
#include "tests/engine/features/saved_copy.hpp"

namespace mm {
namespace {

TEST(QueuePosition, UnknownUntilThePriceIsDisplayed) {
  QueuePosition queue{5, std::nullopt};
  queue.add(3);
  queue.cancel(1, 1);
  EXPECT_EQ(queue.trade(100), 0);
  EXPECT_FALSE(queue.ahead());
  EXPECT_FALSE(queue.total());
  queue.cap(12);
  EXPECT_EQ(queue.ahead(), 12);
  EXPECT_EQ(queue.total(), 17);
  EXPECT_EQ(queue.trade_through(), 5);
  EXPECT_EQ(queue.ahead(), 0);
}

TEST(QueuePosition, ALargeCancelOfOneOrderCannotHaveBeenAhead) {
  QueuePosition queue{1, 3};
  queue.add(10);
  queue.cancel(5, 1, true);
  EXPECT_EQ(queue.ahead(), 3);
  EXPECT_EQ(queue.behind(), 5);
  EXPECT_EQ(queue.ahead_lo(), 3);
}

// Bounds bracket the estimate, and nothing is negative or no number, whatever comes.
TEST(QueuePosition, BoundsHoldWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SplitMix64 random{seed};
    const double power = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 2 : 0.5;
    QueuePosition queue{1 + random.uniform() * 10, random.uniform() * 100};
    double displayed = 200;
    for (int step = 0; step < 500; ++step) {
      const double lots = random.uniform() * 20;
      switch (random.below(4)) {
        case 0:
          queue.add(lots);
          break;
        case 1:
          queue.cancel(lots, power, random.below(2) == 0);
          break;
        case 2:
          queue.trade(lots / 4);
          break;
        default:
          queue.cap(displayed = random.uniform() * 150);
      }
      ASSERT_LE(*queue.ahead_lo(), *queue.ahead() + 1e-9) << seed << ' ' << step;
      ASSERT_LE(*queue.ahead(), *queue.ahead_hi() + 1e-9) << seed << ' ' << step;
      ASSERT_GE(*queue.ahead_lo(), 0);
      ASSERT_GE(*queue.behind(), 0);
      ASSERT_GE(queue.remaining(), 0);
    }
    EXPECT_EQ(saved_copy(queue).ahead(), queue.ahead());
  }
}

TEST(RelativeVisibility, IsAbsentWhereWeDoNotRest) {
  EXPECT_EQ(relative_visibility(5, 15), 0.25);
  EXPECT_EQ(relative_visibility(5, 0), 1);
  EXPECT_EQ(relative_visibility(5, -3), 1);
  EXPECT_FALSE(relative_visibility(0, 15));
}

}  // namespace
}  // namespace mm
