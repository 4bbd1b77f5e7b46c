// A recorded market as orders: the book is the recorded one, and our orders stand in its queues.

#include "standin/recorded_flow.hpp"

#include <gtest/gtest.h>

#include "engine/random.hpp"

namespace mm::standin {
namespace {

using sim::AccountId;
using sim::NewOrder;

Level level(std::int64_t price, std::int64_t lots) {
  return {Price::from_units(price), Qty::from_lots(lots)};
}
Time at(int seconds) {
  return time_from_ns(1'000'000'000LL * seconds);
}

class Recorded : public testing::Test {
 protected:
  void snapshot(int seconds, std::vector<Level> bids, std::vector<Level> asks) {
    BookSnapshot of;
    of.bids = bids;
    of.asks = asks;
    reports_.clear();
    flow_.on_snapshot(at(seconds), of, reports_);
  }
  void trade(int seconds, std::int64_t price, std::int64_t lots, Side aggressor) {
    Trade of;
    of.price = Price::from_units(price);
    of.qty = Qty::from_lots(lots);
    of.aggressor = aggressor;
    reports_.clear();
    flow_.on_trade(at(seconds), of, reports_);
  }
  sim::AddOutcome ours(Side side, std::int64_t price, std::int64_t lots,
                       TimeInForce tif = TimeInForce::post_only) {
    NewOrder of;
    of.account = AccountId{1};
    of.side = side;
    of.price = Price::from_units(price);
    of.qty = Qty::from_lots(lots);
    of.tif = tif;
    reports_.clear();
    const auto outcome = book_.add(of, reports_);
    flow_.on_own_reports(reports_);
    return outcome;
  }
  std::int64_t lots(Side side, std::int64_t price) {
    const auto found = book_.level(side, Price::from_units(price));
    return found ? found->qty.lots() : 0;
  }
  std::int64_t filled() const {
    std::int64_t sum = 0;
    for (const auto& report : reports_) {
      if (report.maker_account.value == 1) sum += report.qty.lots();
    }
    return sum;
  }

  sim::MatchingBook book_;
  RecordedFlow flow_{book_};
  std::vector<sim::MatchReport> reports_;
};

TEST_F(Recorded, TheBookIsTheRecordedOne) {
  snapshot(1, {level(99, 10), level(98, 5)}, {level(101, 7)});
  snapshot(2, {level(100, 3), level(98, 6)}, {level(101, 2), level(102, 9)});
  EXPECT_EQ(lots(Side::buy, 100), 3);
  EXPECT_EQ(lots(Side::buy, 99), 0);
  EXPECT_EQ(lots(Side::buy, 98), 6);
  EXPECT_EQ(lots(Side::sell, 101), 2);
  EXPECT_EQ(lots(Side::sell, 102), 9);
  EXPECT_TRUE(reports_.empty());
}

// A trade reaches us only after what was displayed when we came.
TEST_F(Recorded, TradesConsumeTheQueueInFrontOfUsFirst) {
  snapshot(1, {level(99, 10)}, {level(101, 7)});
  const auto mine = ours(Side::buy, 99, 4);
  trade(2, 99, 6, Side::sell);
  EXPECT_EQ(filled(), 0);
  EXPECT_EQ(book_.ahead(mine.ref)->lots(), 4);
  trade(3, 99, 5, Side::sell);
  EXPECT_EQ(filled(), 1);
}

// Who leaves a level leaves from its back: we move up only when less than what was ahead is left.
TEST_F(Recorded, LeavingOrdersLeaveFromTheBack) {
  snapshot(1, {level(99, 10)}, {level(101, 7)});
  const auto mine = ours(Side::buy, 99, 4);
  snapshot(2, {level(99, 15)}, {level(101, 7)});
  snapshot(3, {level(99, 11)}, {level(101, 7)});
  EXPECT_EQ(book_.ahead(mine.ref)->lots(), 10);
  snapshot(4, {level(99, 6)}, {level(101, 7)});
  EXPECT_EQ(book_.ahead(mine.ref)->lots(), 6);
  EXPECT_EQ(lots(Side::buy, 99), 10);  // theirs and ours
}

TEST_F(Recorded, ATradeBeyondOurPriceFillsUsAtOurs) {
  snapshot(1, {level(99, 10), level(98, 10)}, {level(101, 7)});
  ours(Side::buy, 99, 4);
  trade(2, 98, 20, Side::sell);
  EXPECT_EQ(filled(), 4);
  EXPECT_EQ(lots(Side::buy, 99), 0);
}

TEST_F(Recorded, ABookThatReachesOurOrderTradesWithIt) {
  snapshot(1, {level(99, 10)}, {level(101, 7)});
  ours(Side::sell, 100, 4);
  snapshot(2, {level(100, 6)}, {level(101, 7)});
  EXPECT_EQ(filled(), 4);
  EXPECT_EQ(lots(Side::buy, 100), 2);
  // What we took of it does not come back with the next picture of the same level.
  snapshot(3, {level(100, 6)}, {level(101, 7)});
  EXPECT_EQ(lots(Side::buy, 100), 2);
}

TEST_F(Recorded, WhatWeTookStaysTakenUntilLessIsShown) {
  snapshot(1, {level(99, 10)}, {level(101, 7)});
  EXPECT_EQ(ours(Side::buy, 101, 5, TimeInForce::ioc).filled.lots(), 5);
  EXPECT_EQ(lots(Side::sell, 101), 2);
  snapshot(2, {level(99, 10)}, {level(101, 7)});
  EXPECT_EQ(lots(Side::sell, 101), 2);
  snapshot(3, {level(99, 10)}, {level(101, 3)});
  EXPECT_EQ(lots(Side::sell, 101), 2);
  snapshot(4, {level(99, 10)}, {level(101, 9)});
  EXPECT_EQ(lots(Side::sell, 101), 8);
}

// The book knows of a trade that comes after it: nobody in front of us goes twice.
TEST_F(Recorded, ALateTradeMovesNobody) {
  snapshot(5, {level(99, 10)}, {level(101, 7)});
  const auto mine = ours(Side::buy, 99, 4);
  trade(4, 99, 6, Side::sell);
  EXPECT_EQ(book_.ahead(mine.ref)->lots(), 10);
  EXPECT_EQ(lots(Side::buy, 99), 14);
}

TEST_F(Recorded, RandomRecordingsNeverLoseALot) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    sim::MatchingBook book;
    RecordedFlow flow(book);
    SplitMix64 random(seed);
    std::vector<sim::MatchReport> reports;
    for (int step = 1; step < 300; ++step) {
      const auto middle = static_cast<std::int64_t>(1000 + random.below(20));
      std::vector<Level> bids, asks;
      for (std::int64_t i = 1; i <= 5; ++i) {
        bids.push_back(level(middle - i, static_cast<std::int64_t>(1 + random.below(20))));
        asks.push_back(level(middle + i, static_cast<std::int64_t>(1 + random.below(20))));
      }
      BookSnapshot of;
      of.bids = bids;
      of.asks = asks;
      flow.on_snapshot(at(step), of, reports);
      NewOrder order;
      order.account = AccountId{1 + static_cast<std::uint32_t>(random.below(2))};
      order.side = random.below(2) == 0 ? Side::buy : Side::sell;
      order.price = Price::from_units(middle - 3 + static_cast<std::int64_t>(random.below(7)));
      order.qty = Qty::from_lots(static_cast<std::int64_t>(1 + random.below(9)));
      order.tif = static_cast<TimeInForce>(random.below(3));
      const std::size_t before = reports.size();
      book.add(order, reports);
      flow.on_own_reports(std::span(reports).subspan(before));
      Trade print;
      print.price = Price::from_units(middle - 2 + static_cast<std::int64_t>(random.below(5)));
      print.qty = Qty::from_lots(static_cast<std::int64_t>(1 + random.below(30)));
      print.aggressor = random.below(2) == 0 ? Side::buy : Side::sell;
      flow.on_trade(at(step - static_cast<int>(random.below(2))), print, reports);
    }
    const auto& totals = book.totals();
    EXPECT_EQ(totals.added, 2 * totals.traded + totals.cancelled + totals.resting);
  }
}

}  // namespace
}  // namespace mm::standin
