#include "engine/account/attribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

// Models, case P-PNL-1: prices in atoms, money = atoms x lots.
TEST(Attribution, TheSpecifiedCase) {
  Attribution attribution{std::chrono::milliseconds{10'000}};
  attribution.open(50);
  attribution.mark(at_ms(0), 157'410'000);
  attribution.fill(at_ms(1000), Side::buy, 5, Int128{5} * 157'400'000, 11'805);
  attribution.mark(at_ms(1500), 157'415'000);
  attribution.mark(at_ms(4000), 157'380'000);
  attribution.fill(at_ms(5000), Side::sell, 8, Int128{8} * 157'395'000, 18'887);
  attribution.mark(at_ms(9000), 157'390'000);
  attribution.mark(at_ms(11'000), 157'385'000);  // the first fill is exactly 10 s old: young
  attribution.mark(at_ms(11'001), 157'360'000);
  attribution.funding(at_ms(12'000), -9'822);
  attribution.mark(at_ms(16'000), 157'350'000);
  attribution.mark(at_ms(20'000), 157'370'000);
  EXPECT_EQ(attribution.spread_capture(), 170'000);
  EXPECT_EQ(attribution.adverse_selection(), 35'000);
  EXPECT_EQ(attribution.inventory_cost(), -2'155'000);
  EXPECT_EQ(attribution.fee_cost(), -30'692);
  EXPECT_EQ(attribution.funding(), -9'822);
  EXPECT_EQ(attribution.net_pnl(), -1'990'514);
  EXPECT_EQ(attribution.gross_pnl(), -1'950'000);
  EXPECT_EQ(attribution.residual(), 0);
}

TEST(Attribution, FillsBeforeTheFirstMarkCaptureNoSpread) {
  Attribution attribution;
  attribution.fill(at_ms(1), Side::buy, 3, 300, 2);
  EXPECT_EQ(attribution.net_pnl(), -2);
  attribution.mark(at_ms(2), 110);
  EXPECT_EQ(attribution.spread_capture(), 0);
  EXPECT_EQ(attribution.adverse_selection(), 30);
  EXPECT_EQ(attribution.net_pnl(), 28);
}

TEST(Attribution, OppositeFillsStayTwoYoungQuantities) {
  Attribution attribution;
  attribution.mark(at_ms(0), 100);
  attribution.fill(at_ms(0), Side::buy, 4, 400, 0);
  attribution.fill(at_ms(5000), Side::sell, 4, 400, 0);
  EXPECT_EQ(attribution.position(), 0);
  attribution.mark(at_ms(9000), 110);  // flat
  EXPECT_EQ(attribution.net_pnl(), 0);
  attribution.mark(at_ms(12'000), 120);  // the first is old: 4 old against -4 young
  EXPECT_EQ(attribution.inventory_cost(), 40);
  EXPECT_EQ(attribution.adverse_selection(), -40);
  EXPECT_EQ(attribution.net_pnl(), 0);
  EXPECT_FALSE(attribution.idle());
  attribution.mark(at_ms(16'000), 130);
  EXPECT_TRUE(attribution.idle());
}

TEST(Attribution, StateSurvivesSavingWhateverWasForgotten) {
  Attribution attribution;
  attribution.mark(at_ms(0), 1000);
  for (int i = 0; i < 500; ++i) {
    attribution.fill(at_ms(i * 100), i % 3 == 0 ? Side::sell : Side::buy, 1 + i % 7,
                     Int128{1 + i % 7} * (1000 + i), 1);
    attribution.mark(at_ms(i * 100 + 50), 1000 + i);
  }
  ByteWriter out;
  attribution.save(out);
  Attribution copy;
  ByteReader in{out.bytes()};
  ASSERT_TRUE(copy.restore(in));
  EXPECT_TRUE(in.at_end());
  for (Attribution* of : {&attribution, &copy}) of->mark(at_ms(70'000), 5000);
  EXPECT_EQ(copy.adverse_selection(), attribution.adverse_selection());
  EXPECT_EQ(copy.inventory_cost(), attribution.inventory_cost());
  ByteWriter ours;
  ByteWriter theirs;
  attribution.save(ours);
  copy.save(theirs);
  EXPECT_TRUE(std::ranges::equal(ours.bytes(), theirs.bytes()));
}

}  // namespace
}  // namespace mm
