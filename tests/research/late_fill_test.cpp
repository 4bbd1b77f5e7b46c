#include <gtest/gtest.h>

#include <algorithm>

#include "engine/account/attribution.hpp"

namespace mm {
namespace {

Time at_ms(std::int64_t ms) {
  return time_from_ns(ms * 1'000'000);
}

// Only the split could differ between hearing of a fill at once and a few milliseconds later; the
// move in between belongs to adverse selection, not to the spread.
TEST(LateFill, IsBookedAsIfHeardAtOnce) {
  Attribution prompt;
  prompt.mark(at_ms(0), 1000);
  prompt.fill(at_ms(10), Side::buy, 3, 3 * 990, 7);
  prompt.mark(at_ms(12), 980);
  prompt.mark(at_ms(30), 970);
  prompt.mark(at_ms(10'011), 900);

  Attribution late;
  late.mark(at_ms(0), 1000);
  late.mark(at_ms(12), 980);
  late.late_fill(at_ms(15), at_ms(10), 1000, Side::buy, 3, 3 * 990, 7);
  late.mark(at_ms(30), 970);
  late.mark(at_ms(10'011), 900);

  ByteWriter prompt_bytes;
  ByteWriter late_bytes;
  prompt.save(prompt_bytes);
  late.save(late_bytes);
  EXPECT_TRUE(std::ranges::equal(prompt_bytes.bytes(), late_bytes.bytes()));
  EXPECT_TRUE(late.spread_capture() == 30);
  EXPECT_TRUE(late.adverse_selection() == -90);
  EXPECT_TRUE(late.inventory_cost() == -210);
}

TEST(LateFill, OfAnEarlierMomentAgesFirst) {
  Attribution pnl;
  pnl.mark(at_ms(0), 1000);
  pnl.fill(at_ms(5), Side::buy, 1, 1000, 0);
  pnl.late_fill(at_ms(6), at_ms(2), 1000, Side::buy, 2, 2000, 0);
  pnl.mark(at_ms(10'003), 1010);  // the two lots are old, the one is not
  EXPECT_TRUE(pnl.inventory_cost() == 20);
  EXPECT_TRUE(pnl.adverse_selection() == 10);
}

}  // namespace
}  // namespace mm
