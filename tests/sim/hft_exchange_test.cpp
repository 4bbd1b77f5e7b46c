#include "sim/hft_exchange.hpp"

#include <gtest/gtest.h>

#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

// Worked by hand from the rules at the head of hft_exchange.hpp; lot 1, latency 1 ns after each.
class HftExchangeTest : public testing::Test {
 protected:
  void use(std::string_view queue) {
    exchange_ = HftExchange(*QueueModel::parse(queue), {Duration{}, Duration{1}}, 1.0);
  }
  void bid(std::int64_t tick, double qty) { exchange_.depth_row(now(), Side::buy, tick, qty); }
  void ask(std::int64_t tick, double qty) { exchange_.depth_row(now(), Side::sell, tick, qty); }
  void sold(std::int64_t tick, double qty) { exchange_.trade(now(), Side::sell, tick, qty); }
  void bought(std::int64_t tick, double qty) { exchange_.trade(now(), Side::buy, tick, qty); }
  void place(std::uint64_t id, Side side, std::int64_t tick, double qty,
             TimeInForce tif = TimeInForce::post_only) {
    exchange_.place(now(), ClientOrderId{id}, side, tick, qty, tif);
  }
  Time now() { return time_from_ns(++clock_); }

  /// "1 new", "1 filled 2@100 maker", ... since the last call.
  std::string heard() {
    static constexpr std::string_view names[] = {"new", "filled", "cancelled", "expired"};
    std::string text;
    for (const HftResponse& answer : exchange_.answers()) {
      EXPECT_EQ(answer.heard - answer.exchange_time, Duration{1});
      if (!text.empty()) text += "; ";
      text += std::to_string(answer.id.value) + " ";
      text += answer.refused ? "refused" : names[static_cast<std::size_t>(answer.status)];
      if (answer.status != HftStatus::filled) continue;
      text += " " + format_double(answer.filled_qty) + "@" + std::to_string(answer.filled_tick) +
              (answer.maker ? " maker" : " taker");
    }
    exchange_.answers().clear();
    return text;
  }

  HftExchange exchange_{*QueueModel::parse("risk_averse"), {Duration{}, Duration{1}}, 1.0};
  std::int64_t clock_ = 0;
};

TEST_F(HftExchangeTest, OneLotBehindTheQueueFillsTheWholeOrder) {
  bid(100, 5);
  ask(101, 5);
  place(1, Side::buy, 100, 50);
  sold(100, 5);  // everybody in front of us, nothing for us
  EXPECT_EQ(heard(), "1 new");
  sold(100, 1);
  EXPECT_EQ(heard(), "1 filled 50@100 maker");
}

TEST_F(HftExchangeTest, ATradeBeyondOurPriceFillsWholeWhateverItsSize) {
  bid(100, 5);
  ask(101, 5);
  place(1, Side::buy, 100, 50);
  place(2, Side::sell, 101, 7);
  sold(101, 1);
  EXPECT_EQ(heard(), "1 new; 2 new");  // above our bid; sellers do not touch our ask
  sold(99, 1);
  EXPECT_EQ(heard(), "1 filled 50@100 maker");
  bought(102, 1);
  EXPECT_EQ(heard(), "2 filled 7@101 maker");
}

TEST_F(HftExchangeTest, ABestPriceThatRisesToOurAskFillsItAtItsOwnPrice) {
  bid(100, 5);
  ask(103, 5);
  place(1, Side::sell, 102, 2);
  place(2, Side::sell, 103, 2);
  bid(101, 1);
  EXPECT_EQ(heard(), "1 new; 2 new");
  bid(102, 1);
  EXPECT_EQ(heard(), "1 filled 2@102 maker");
}

TEST_F(HftExchangeTest, WhatIsMarketableTakesTheWholeAtTheBestPrice) {
  bid(100, 5);
  ask(101, 1);
  ask(102, 1);
  place(1, Side::buy, 102, 9, TimeInForce::gtc);
  EXPECT_EQ(heard(), "1 filled 9@101 taker");
  place(2, Side::buy, 101, 9, TimeInForce::post_only);
  place(3, Side::buy, 101, 9, TimeInForce::fok);
  place(4, Side::buy, 100, 9, TimeInForce::ioc);
  place(5, Side::buy, 100, 9, TimeInForce::fok);
  place(6, Side::sell, 100, 9, TimeInForce::ioc);
  EXPECT_EQ(heard(), "2 expired; 3 filled 9@101 taker; 4 expired; 5 expired; 6 filled 9@100 taker");
}

TEST_F(HftExchangeTest, AnEmptyBookIsNeverMarketable) {
  place(1, Side::buy, 102, 9, TimeInForce::gtc);
  place(2, Side::sell, 1, 9, TimeInForce::gtc);
  EXPECT_EQ(heard(), "1 new; 2 new");
}

TEST_F(HftExchangeTest, ACancelOfWhatIsNotThereIsRefused) {
  bid(100, 5);
  place(1, Side::buy, 100, 2);
  exchange_.cancel(now(), ClientOrderId{1}, 100, 2);
  exchange_.cancel(now(), ClientOrderId{1}, 100, 2);
  EXPECT_EQ(heard(), "1 new; 1 cancelled; 1 refused");
}

// A bid row that reaches the best ask hides the asks it crosses; they stay until a row names them.
TEST_F(HftExchangeTest, CrossedLevelsAreHiddenNotGone) {
  bid(100, 5);
  ask(101, 5);
  ask(104, 5);
  bid(102, 5);
  place(1, Side::buy, 103, 1, TimeInForce::gtc);  // the best ask is 104 now
  EXPECT_EQ(heard(), "1 new");
  bid(102, 0);
  bid(103, 0);
  ask(101, 4);  // seen again
  EXPECT_EQ(heard(), "1 filled 1@103 maker");
}

TEST_F(HftExchangeTest, ASnapshotDropsWhatStandsWithinIt) {
  bid(100, 5);
  bid(98, 5);
  bid(90, 5);
  place(1, Side::buy, 98, 1);
  exchange_.clear(Side::buy, 95);
  bid(99, 3);
  bid(97, 3);
  place(2, Side::sell, 98, 1, TimeInForce::ioc);
  EXPECT_EQ(heard(), "1 new; 2 filled 1@99 taker");
  bid(99, 0);
  bid(97, 0);
  place(3, Side::sell, 90, 1, TimeInForce::ioc);  // beyond the snapshot's end it is as it was
  EXPECT_EQ(heard(), "3 filled 1@90 taker");
}

// 10 ahead, 10 join behind, 8 leave: power(1) puts half of them in front of us.
TEST_F(HftExchangeTest, TheQueueModelSharesWhatLeft) {
  use("power:1");
  bid(100, 10);
  place(1, Side::buy, 100, 1);
  bid(100, 20);
  bid(100, 12);
  sold(100, 6);
  EXPECT_EQ(heard(), "1 new");
  sold(100, 1);
  EXPECT_EQ(heard(), "1 filled 1@100 maker");
  use("risk_averse");
  bid(100, 10);
  place(2, Side::buy, 100, 1);
  bid(100, 20);
  bid(100, 12);
  sold(100, 10);
  EXPECT_EQ(heard(), "2 new");
  sold(100, 1);
  EXPECT_EQ(heard(), "2 filled 1@100 maker");
}

// The queue may be overrun by less than half a lot without a fill; power3 of it is still a number,
// and the whole displayed size is ahead again only as far as the minimum says.
TEST_F(HftExchangeTest, LessThanHalfALotBeyondTheQueueFillsNothing) {
  use("power3:3");
  bid(100, 5);
  place(1, Side::buy, 100, 1);
  sold(100, 5.4);
  EXPECT_EQ(heard(), "1 new");
  sold(100, 0.2);
  EXPECT_EQ(heard(), "1 filled 1@100 maker");
}

}  // namespace
}  // namespace mm::sim
