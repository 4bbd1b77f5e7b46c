#include "research/analytics/attribution.hpp"

#include <gtest/gtest.h>

#include "engine/random.hpp"

namespace mm::research {
namespace {

Time at_ms(std::int64_t ms) {
  return time_from_ns(ms * 1'000'000);
}

AttributedFill fill(std::int64_t ms, Side side, std::int64_t lots, Int128 price, Int128 mark,
                    Int128 fee) {
  return {.time = at_ms(ms),
          .side = side,
          .qty = Qty::from_lots(lots),
          .value = lots * price,
          .mark_before = mark,
          .fee = fee};
}

// The worked example of models.md: fills of both directions, one of which grows old on the way.
TEST(Attribution, SplitsTheWorkedExampleExactly) {
  Attribution pnl{Qty::from_lots(50), 157410000};
  pnl.on_fill(at_ms(1000), fill(1000, Side::buy, 5, 157400000, 157410000, 11805));
  pnl.on_mark(at_ms(1500), 157415000);
  pnl.on_mark(at_ms(4000), 157380000);
  pnl.on_fill(at_ms(5000), fill(5000, Side::sell, 8, 157395000, 157380000, 18887));
  pnl.on_mark(at_ms(9000), 157390000);
  pnl.on_mark(at_ms(11000), 157385000);
  pnl.on_mark(at_ms(11001), 157360000);
  pnl.on_funding(at_ms(12000), -9822);
  pnl.on_mark(at_ms(16000), 157350000);
  pnl.on_mark(at_ms(20000), 157370000);
  const PnlParts expected{.spread_capture = 170000,
                          .adverse_selection = 35000,
                          .inventory = -2155000,
                          .fees = -30692,
                          .funding = -9822};
  EXPECT_TRUE(pnl.parts() == expected);
  EXPECT_TRUE(pnl.net() == -1990514);
  EXPECT_TRUE(pnl.residual() == 0);
}

// A fill we hear of late is booked as if we had heard at once: only the split could differ, and the
// move between the fill and the message belongs to adverse selection.
TEST(Attribution, BooksALateFillBackToItsOwnTime) {
  Attribution prompt{Qty{}, 1000};
  prompt.on_fill(at_ms(10), fill(10, Side::buy, 3, 990, 1000, 7));
  prompt.on_mark(at_ms(12), 980);
  prompt.on_mark(at_ms(30), 970);

  Attribution late{Qty{}, 1000};
  late.on_mark(at_ms(12), 980);
  late.on_fill(at_ms(15), fill(10, Side::buy, 3, 990, 1000, 7));
  late.on_mark(at_ms(30), 970);

  EXPECT_TRUE(prompt.parts() == late.parts());
  EXPECT_TRUE(late.parts().adverse_selection == -90);
}

// Parts of neighbouring windows add up to those of the whole, whatever the events.
TEST(Attribution, NetOfAnyStreamEqualsCashPlusInventory) {
  SplitMix64 random{7};
  Attribution pnl{Qty::from_lots(-4), 5000};
  std::int64_t now = 0;
  Int128 mark = 5000;
  for (int i = 0; i < 20000; ++i) {
    now += static_cast<std::int64_t>(random.next() % 900);
    if (random.next() % 3 != 0) {
      mark += static_cast<std::int64_t>(random.next() % 41) - 20;
      pnl.on_mark(at_ms(now), mark);
    } else {
      const Side side = random.next() % 2 == 0 ? Side::buy : Side::sell;
      const auto lots = static_cast<std::int64_t>(random.next() % 9) + 1;
      pnl.on_fill(at_ms(now), fill(now, side, lots, mark - 3, mark, 1));
    }
    ASSERT_TRUE(pnl.residual() == 0) << "seed 7, event " << i;
  }
}

}  // namespace
}  // namespace mm::research
