// Sentences are made of numbers above their threshold, and of no others.

#include "research/why/causes.hpp"

#include <gtest/gtest.h>

namespace mm::research::why {
namespace {

using namespace std::chrono_literals;

std::string joined(const FillFacts& facts) {
  std::string text;
  for (const std::string& line : facts_of(facts)) text += line + "\n";
  return text;
}

TEST(Causes, SayNothingWhereNothingIsKnown) {
  EXPECT_TRUE(facts_of({}).empty());
  EXPECT_EQ(cause_line(FillFacts{}), "nothing stands out");
}

TEST(Causes, NameALeadOnlyIfItMovedAgainstUs) {
  FillFacts facts{.side = Side::buy, .lead = "lead:XY", .lead_1s_bps = -2.5};
  EXPECT_EQ(joined(facts), "lead:XY had moved -2.5 bps in the second before\n");
  facts.lead_1s_bps = 2.5;
  EXPECT_EQ(joined(facts), "");
  facts.side = Side::sell;
  EXPECT_EQ(joined(facts), "lead:XY had moved +2.5 bps in the second before\n");
  facts.lead_1s_bps = 0.9;
  EXPECT_EQ(joined(facts), "");
}

TEST(Causes, NameASweepWithOurShare) {
  EXPECT_EQ(joined({.prices_swept = 1, .share_of_taker = 0.5}), "");
  EXPECT_EQ(joined({.prices_swept = 3, .share_of_taker = 0.125}),
            "the taker swept 3 prices, ours 12.5 % of its size\n");
}

TEST(Causes, NameAPositionThatGrew) {
  EXPECT_EQ(joined({.side = Side::buy, .position_before = 5, .lots = 1}),
            "it added to the position\n");
  EXPECT_EQ(joined({.side = Side::buy, .position_before = -5, .lots = 1}), "");
  EXPECT_EQ(joined({.side = Side::sell, .position_before = -5, .lots = 1}),
            "it added to the position\n");
}

TEST(Causes, KeepThreeForTheLine) {
  const FillFacts facts{.maker = false,
                        .adverse_10s_bps = 4,
                        .leaving_since = 2ms,
                        .prices_swept = 2,
                        .context = FillContext::last_remaining};
  EXPECT_EQ(facts_of(facts).size(), 5U);
  EXPECT_EQ(cause_line(facts),
            "we were the taker; our cancel or replace had been sent 2.0 ms before and came too "
            "late; the taker swept 2 prices");
}

TEST(Causes, NameTheLargestLossOfAMinute) {
  const Instrument instrument{.lot_decimals = 3};
  AccountShot change{.position = Qty::from_lots(500), .inventory = -7, .fees = -3, .fills = 2};
  EXPECT_EQ(cause_line(change, Qty::from_lots(1'500), -12.34, instrument),
            "inventory: held 1.5 to 0.5, the mid -12.3 bps");
  change.fees = -8;
  EXPECT_EQ(cause_line(change, Qty{}, {}, instrument), "fees of 2 fills");
  change.adverse_selection = -9;
  EXPECT_EQ(cause_line(change, Qty{}, 1.0, instrument),
            "adverse selection: the 10 s behind 2 fills, the mid +1.0 bps");
  EXPECT_EQ(cause_line(AccountShot{}, Qty{}, {}, instrument), "no part of it lost");
}

}  // namespace
}  // namespace mm::research::why
