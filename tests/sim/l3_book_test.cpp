#include "sim/l3_book.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/random.hpp"
#include "sim/matching.hpp"

namespace mm::sim {
namespace {

Price price(std::int64_t units) {
  return Price::from_units(units);
}
Qty lots(std::int64_t count) {
  return Qty::from_lots(count);
}

class L3BookTest : public ::testing::Test {
 protected:
  void buy(std::uint64_t id, std::int64_t at, std::int64_t qty) {
    book_.add(id, Side::buy, price(at), lots(qty), fills_);
  }
  void sell(std::uint64_t id, std::int64_t at, std::int64_t qty) {
    book_.add(id, Side::sell, price(at), lots(qty), fills_);
  }
  void execute(std::uint64_t id, std::int64_t qty) { book_.execute(id, lots(qty), fills_); }
  void our_bid(std::uint64_t id, std::int64_t at, std::int64_t qty) {
    book_.place(ClientOrderId{id}, Side::buy, price(at), lots(qty));
  }
  /// "1 2@100 left 0; ..." since the last call.
  std::string filled() {
    std::string text;
    for (const L3Fill& fill : fills_) {
      if (!text.empty()) text += "; ";
      text += std::to_string(fill.order.value) + " " + std::to_string(fill.qty.lots()) + "@" +
              std::to_string(fill.price.units()) + " left " + std::to_string(fill.remaining.lots());
    }
    fills_.clear();
    return text;
  }

  L3Book book_;
  std::vector<L3Fill> fills_;
};

TEST_F(L3BookTest, OnlyAnExecutionBehindUsIsOurs) {
  buy(1, 100, 5);
  our_bid(1, 100, 3);
  buy(2, 100, 5);
  EXPECT_EQ(book_.ahead(ClientOrderId{1}), lots(5));
  execute(1, 4);
  EXPECT_EQ(filled(), "");
  book_.reduce(1, lots(1));
  EXPECT_EQ(book_.ahead(ClientOrderId{1}), lots(0));
  execute(2, 2);
  EXPECT_EQ(filled(), "1 2@100 left 1");
  execute(2, 3);
  EXPECT_EQ(filled(), "1 1@100 left 0");
  EXPECT_EQ(book_.ahead(ClientOrderId{1}), std::nullopt);
}

TEST_F(L3BookTest, AnExecutionAtAWorsePriceWentThroughUs) {
  buy(1, 100, 5);
  buy(2, 99, 5);
  our_bid(1, 100, 3);
  our_bid(2, 99, 3);
  execute(2, 4);
  EXPECT_EQ(filled(), "1 3@100 left 0");  // ours at 99 stands behind it
}

TEST_F(L3BookTest, ATradeWithoutAMakerReachesUsBehindWhatIsShown) {
  buy(1, 100, 5);
  our_bid(1, 100, 3);
  book_.trade(Side::buy, price(101), lots(9), fills_);
  book_.trade(Side::sell, price(100), lots(9), fills_);
  book_.trade(Side::buy, price(100), lots(5), fills_);
  EXPECT_EQ(filled(), "");
  book_.trade(Side::buy, price(100), lots(6), fills_);
  EXPECT_EQ(filled(), "1 1@100 left 2");
  book_.trade(Side::buy, price(99), lots(1), fills_);
  EXPECT_EQ(filled(), "1 1@100 left 1");
}

TEST_F(L3BookTest, AnOrderThatReachesUsMeetsUs) {
  our_bid(1, 100, 3);
  our_bid(2, 99, 3);
  sell(1, 101, 4);
  EXPECT_EQ(filled(), "");
  sell(2, 100, 4);
  EXPECT_EQ(filled(), "1 3@100 left 0");
}

TEST_F(L3BookTest, AnOldOrderThatIsToldOfLateStandsInItsOldPlace) {
  buy(5, 100, 5);
  our_bid(1, 100, 3);
  buy(3, 100, 2);
  buy(6, 100, 2);
  EXPECT_EQ(book_.ahead(ClientOrderId{1}), lots(7));
  execute(3, 2);
  EXPECT_EQ(filled(), "");
}

TEST_F(L3BookTest, CountsWhatCannotBe) {
  buy(1, 100, 5);
  buy(1, 101, 5);
  book_.remove(9);
  book_.reduce(9, lots(1));
  execute(9, 1);
  buy(2, 100, 0);
  EXPECT_EQ(book_.strange(), 5u);
  EXPECT_EQ(book_.order_count(), 1u);
  EXPECT_EQ(book_.size_of(1), lots(5));
  EXPECT_EQ(book_.best(Side::buy), (Level{price(100), lots(5)}));
  execute(1, 7);  // more than there was
  EXPECT_EQ(book_.best(Side::buy), std::nullopt);
}

// A market of random orders in an exchange that matches by price and time. A fifth of them is
// hidden from the feed: there ours stand in their place, and who executed them is a trade without a
// name. Ours must get what they got, message by message.
class Hidden : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Hidden, OursGetWhatTheyGot) {
  SplitMix64 random{GetParam()};
  MatchingBook exchange;
  L3Book book;
  struct Live {
    OrderRef ref;
    bool hidden = false;
  };
  std::map<std::uint64_t, Live> live;
  std::vector<MatchReport> reports;
  std::vector<L3Fill> fills;
  std::int64_t hidden_fills = 0;
  for (std::uint64_t id = 1; id <= 8000; ++id) {
    if (!live.empty() && random.below(2) == 0) {  // somebody cancels, or makes his smaller
      auto victim = live.begin();
      std::advance(victim, static_cast<std::ptrdiff_t>(random.below(live.size())));
      const auto [of, order] = *victim;
      const Qty left = exchange.find(order.ref)->left;
      if (!order.hidden && left > lots(1) && random.below(3) == 0) {
        ASSERT_TRUE(exchange.reduce(order.ref, left - lots(1)));
        book.reduce(of, lots(1));
      } else {
        ASSERT_EQ(exchange.cancel(order.ref), left);
        if (order.hidden) {
          EXPECT_EQ(book.cancel(ClientOrderId{of}), left);
        } else {
          book.remove(of);
        }
        live.erase(victim);
      }
      continue;
    }
    const Side side = random.below(2) == 0 ? Side::buy : Side::sell;
    const auto distance = static_cast<std::int64_t>(random.below(12)) - 2;
    const Price at = price(side == Side::buy ? 1000 - distance : 1001 + distance);
    const Qty qty = lots(static_cast<std::int64_t>(1 + random.below(9)));
    reports.clear();
    const AddOutcome outcome =
        exchange.add({.side = side, .price = at, .qty = qty, .tag = id}, reports);
    for (const MatchReport& report : reports) {
      fills.clear();
      const auto maker = live.find(report.maker_tag);
      ASSERT_NE(maker, live.end());
      if (maker->second.hidden) {
        book.trade(opposite(side), report.price, report.qty, fills);
        ASSERT_EQ(fills.size(), 1u) << "seed " << GetParam() << ", order " << id;
        EXPECT_EQ(fills[0].order.value, report.maker_tag);
        EXPECT_EQ(fills[0].qty, report.qty);
        EXPECT_EQ(fills[0].remaining, report.maker_left);
        ++hidden_fills;
      } else {
        book.execute(report.maker_tag, report.qty, fills);
        ASSERT_TRUE(fills.empty()) << "seed " << GetParam() << ", order " << id;
      }
      if (report.maker_left == Qty{}) live.erase(maker);
    }
    if (outcome.status != AddStatus::resting) continue;
    const bool hidden = random.below(5) == 0;
    live[id] = {outcome.ref, hidden};
    fills.clear();
    if (hidden) {
      book.place(ClientOrderId{id}, side, at, outcome.left, id);
    } else {
      book.add(id, side, at, outcome.left, fills);
      ASSERT_TRUE(fills.empty());
    }
  }
  EXPECT_GT(hidden_fills, 100);
  EXPECT_EQ(book.strange(), 0u);
}
INSTANTIATE_TEST_SUITE_P(Seeds, Hidden, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace mm::sim
