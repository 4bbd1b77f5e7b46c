// MatchingBook: price-time priority, and nothing lost, against a book that a child could follow.

#include "sim/matching.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>

#include "engine/random.hpp"

namespace mm::sim {
namespace {

NewOrder order(Side side, std::int64_t price, std::int64_t lots, TimeInForce tif = TimeInForce::gtc,
               std::uint32_t account = 0) {
  NewOrder of;
  of.account = AccountId{account};
  of.side = side;
  of.price = Price::from_units(price);
  of.qty = Qty::from_lots(lots);
  of.tif = tif;
  return of;
}

class Matching : public testing::Test {
 protected:
  AddOutcome add(const NewOrder& of) {
    reports_.clear();
    return book_.add(of, reports_);
  }
  std::int64_t lots_at(Side side, std::int64_t price) {
    const auto level = book_.level(side, Price::from_units(price));
    return level ? level->qty.lots() : 0;
  }
  MatchingBook book_;
  std::vector<MatchReport> reports_;
};

TEST_F(Matching, TheOldestOrderOfAPriceIsFirst) {
  const auto first = add(order(Side::sell, 100, 5));
  const auto second = add(order(Side::sell, 100, 5));
  EXPECT_EQ(book_.ahead(second.ref)->lots(), 5);
  const auto taker = add(order(Side::buy, 100, 7, TimeInForce::ioc));
  EXPECT_EQ(taker.status, AddStatus::filled);
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].maker, first.ref);
  EXPECT_EQ(reports_[0].maker_left, Qty{});
  EXPECT_EQ(reports_[1].maker, second.ref);
  EXPECT_EQ(reports_[1].qty.lots(), 2);
  EXPECT_EQ(book_.find(second.ref)->left.lots(), 3);
  EXPECT_FALSE(book_.find(first.ref));
}

TEST_F(Matching, BetterPricesAreFirstAndMatchAtTheirOwn) {
  add(order(Side::sell, 102, 1));
  add(order(Side::sell, 101, 1));
  const auto taker = add(order(Side::buy, 105, 3));
  EXPECT_EQ(taker.status, AddStatus::resting);
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].price.units(), 101);
  EXPECT_EQ(reports_[1].price.units(), 102);
  EXPECT_EQ(lots_at(Side::buy, 105), 1);
}

TEST_F(Matching, PostOnlyIocAndFok) {
  add(order(Side::sell, 100, 5));
  EXPECT_EQ(add(order(Side::buy, 100, 1, TimeInForce::post_only)).status, AddStatus::would_match);
  EXPECT_EQ(add(order(Side::buy, 100, 6, TimeInForce::fok)).status, AddStatus::expired);
  EXPECT_EQ(lots_at(Side::sell, 100), 5);
  EXPECT_EQ(add(order(Side::buy, 99, 1, TimeInForce::post_only)).status, AddStatus::resting);
  const auto ioc = add(order(Side::buy, 100, 6, TimeInForce::ioc));
  EXPECT_EQ(ioc.status, AddStatus::expired);
  EXPECT_EQ(ioc.filled.lots(), 5);
  EXPECT_EQ(ioc.left.lots(), 1);
}

TEST_F(Matching, ASelfTradeCancelsTheRestingOrderAndGoesOn) {
  const auto mine = add(order(Side::sell, 100, 5, TimeInForce::gtc, 7));
  add(order(Side::sell, 100, 4));
  const auto taker = add(order(Side::buy, 100, 3, TimeInForce::ioc, 7));
  EXPECT_EQ(taker.status, AddStatus::filled);
  ASSERT_EQ(reports_.size(), 2u);
  EXPECT_EQ(reports_[0].kind, MatchReport::Kind::self_trade);
  EXPECT_EQ(reports_[0].maker, mine.ref);
  EXPECT_EQ(reports_[0].qty.lots(), 5);
  EXPECT_EQ(lots_at(Side::sell, 100), 1);
  EXPECT_TRUE(book_.orders_of(AccountId{7}).empty());
}

TEST_F(Matching, ReducingKeepsThePlaceAndReferencesAreNeverReused) {
  const auto mine = add(order(Side::buy, 99, 5, TimeInForce::gtc, 7));
  add(order(Side::buy, 99, 5));
  EXPECT_TRUE(book_.reduce(mine.ref, Qty::from_lots(2)));
  EXPECT_FALSE(book_.reduce(mine.ref, Qty::from_lots(3)));
  EXPECT_EQ(book_.ahead(mine.ref)->lots(), 0);
  EXPECT_EQ(book_.cancel(mine.ref)->lots(), 2);
  EXPECT_FALSE(book_.cancel(mine.ref));
  const auto next = add(order(Side::buy, 99, 5, TimeInForce::gtc, 7));
  EXPECT_NE(next.ref, mine.ref);
  EXPECT_EQ(book_.ahead(next.ref)->lots(), 5);
}

TEST_F(Matching, AnAnonymousOrderMayStandForSeveral) {
  NewOrder crowd = order(Side::buy, 99, 50);
  crowd.count = 7;
  const auto placed = add(crowd);
  add(order(Side::buy, 99, 1, TimeInForce::gtc, 3));
  EXPECT_EQ(book_.best(Side::buy)->orders, 8u);
  book_.set_count(placed.ref, 4);
  EXPECT_EQ(book_.best(Side::buy)->orders, 5u);
}

TEST_F(Matching, TouchedPricesAreToldOnce) {
  book_.track_touched();
  add(order(Side::buy, 99, 5));
  add(order(Side::buy, 98, 5));
  add(order(Side::sell, 99, 2));
  EXPECT_EQ(book_.take_touched(Side::buy),
            (std::vector<Price>{Price::from_units(98), Price::from_units(99)}));
  EXPECT_TRUE(book_.take_touched(Side::buy).empty());
  EXPECT_TRUE(book_.take_touched(Side::sell).empty());
}

/// The same exchange as one list of orders, searched from the front each time.
class NaiveBook {
 public:
  struct Order {
    std::uint64_t id;
    NewOrder of;
    std::int64_t left;
  };
  struct Trade {
    std::uint64_t maker;
    std::int64_t price, lots;
    bool self;
    bool operator==(const Trade&) const = default;
  };

  std::vector<Trade> add(std::uint64_t id, const NewOrder& of) {
    std::vector<Trade> trades;
    std::int64_t left = of.qty.lots();
    const bool reached = best(of) != orders_.end();
    if (of.tif == TimeInForce::post_only && reached) return trades;
    if (of.tif == TimeInForce::fok) {
      std::int64_t sum = 0;
      for (const Order& maker : orders_) {
        if (matches(of, maker) && (of.account.value == 0 || maker.of.account != of.account)) {
          sum += maker.left;
        }
      }
      if (sum < left) return trades;
    }
    for (auto maker = best(of); left > 0 && maker != orders_.end(); maker = best(of)) {
      const bool self = of.account.value != 0 && maker->of.account == of.account;
      const std::int64_t lots = self ? maker->left : std::min(left, maker->left);
      trades.push_back({maker->id, maker->of.price.units(), lots, self});
      if (!self) left -= lots;
      maker->left -= lots;
      if (maker->left == 0) orders_.erase(maker);
    }
    if (left > 0 && of.tif != TimeInForce::ioc) orders_.push_back({id, of, left});
    return trades;
  }
  bool cancel(std::uint64_t id) {
    return orders_.remove_if([id](const Order& of) { return of.id == id; }) > 0;
  }
  std::map<std::int64_t, std::int64_t> totals(Side side) const {
    std::map<std::int64_t, std::int64_t> sums;
    for (const Order& of : orders_) {
      if (of.of.side == side) sums[of.of.price.units()] += of.left;
    }
    return sums;
  }

 private:
  static bool matches(const NewOrder& taker, const Order& maker) {
    if (maker.of.side == taker.side) return false;
    return taker.side == Side::buy ? maker.of.price <= taker.price : maker.of.price >= taker.price;
  }
  std::list<Order>::iterator best(const NewOrder& taker) {
    auto found = orders_.end();
    for (auto at = orders_.begin(); at != orders_.end(); ++at) {
      if (!matches(taker, *at)) continue;
      if (found == orders_.end() || (taker.side == Side::buy ? at->of.price < found->of.price
                                                             : at->of.price > found->of.price)) {
        found = at;
      }
    }
    return found;
  }
  std::list<Order> orders_;
};

TEST(MatchingProperty, RandomFlowMatchesTheNaiveBookAndConservesLots) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix64 random(seed);
    MatchingBook book;
    NaiveBook naive;
    std::map<std::uint64_t, OrderRef> resting;  // by tag
    std::vector<MatchReport> reports;
    for (std::uint64_t tag = 1; tag <= 2000; ++tag) {
      if (random.below(4) == 0 && !resting.empty()) {
        auto at = resting.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random.below(resting.size())));
        ASSERT_EQ(book.cancel(at->second).has_value(), naive.cancel(at->first));
        resting.erase(at);
        continue;
      }
      NewOrder of = order(random.below(2) == 0 ? Side::buy : Side::sell,
                          static_cast<std::int64_t>(95 + random.below(11)),
                          static_cast<std::int64_t>(1 + random.below(9)),
                          static_cast<TimeInForce>(random.below(4)),
                          static_cast<std::uint32_t>(random.below(4)));
      of.tag = tag;
      reports.clear();
      const AddOutcome outcome = book.add(of, reports);
      std::vector<NaiveBook::Trade> seen;
      for (const MatchReport& report : reports) {
        seen.push_back({report.maker_tag, report.price.units(), report.qty.lots(),
                        report.kind == MatchReport::Kind::self_trade});
        if (report.maker_left == Qty{}) resting.erase(report.maker_tag);
      }
      ASSERT_EQ(seen, naive.add(tag, of)) << "order " << tag;
      if (outcome.status == AddStatus::resting) resting[tag] = outcome.ref;
      for (Side side : {Side::buy, Side::sell}) {
        std::vector<DepthLevel> depth;
        book.depth(side, 1000, depth);
        std::map<std::int64_t, std::int64_t> sums;
        for (const DepthLevel& level : depth) sums[level.price.units()] = level.qty.lots();
        ASSERT_EQ(sums, naive.totals(side));
      }
    }
    const auto& totals = book.totals();
    EXPECT_EQ(totals.added, 2 * totals.traded + totals.cancelled + totals.resting);
    EXPECT_GT(totals.traded, 500);
  }
}

}  // namespace
}  // namespace mm::sim
