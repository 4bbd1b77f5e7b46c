#include "engine/market.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

class MarketTest : public testing::Test {
 protected:
  void snapshot(std::int64_t ms, std::int64_t id, std::int64_t bid, std::int64_t ask) {
    bids_ = {level(bid, 10), level(bid - 1, 20), level(bid - 2, 30)};
    asks_ = {level(ask, 11), level(ask + 1, 21), level(ask + 2, 31)};
    market_.apply(event_of(ms, BookSnapshot{.update_id = id, .bids = bids_, .asks = asks_}));
  }
  void quote(std::int64_t ms, std::int64_t id, Level bid, Level ask) {
    market_.apply(event_of(ms, BestQuote{.update_id = id, .bid = bid, .ask = ask}));
  }
  void delta(std::int64_t ms, std::int64_t id, std::vector<Level> bids, std::vector<Level> asks) {
    bids_ = std::move(bids);
    asks_ = std::move(asks);
    market_.apply(event_of(ms, BookDelta{.last_id = id, .bids = bids_, .asks = asks_}));
  }
  void feed(FeedState state) { market_.apply(event_of(1, FeedStatus{.state = state})); }
  Touch touch() const { return market_.quoted().touch(); }
  std::vector<Level> shown(Side side) const {
    std::vector<Level> all;
    market_.quoted().for_each_level(side, [&](const Level& of) { all.push_back(of); });
    return all;
  }

  Market market_;
  std::vector<Level> bids_;
  std::vector<Level> asks_;
};

TEST_F(MarketTest, ANewerBestQuoteSpeaksForTheTouch) {
  snapshot(1, 100, 50, 52);
  quote(2, 101, level(49, 7), level(51, 8));
  EXPECT_EQ(touch(), (Touch{level(49, 7), level(51, 8)}));
  EXPECT_TRUE(market_.touch_moved());
}

TEST_F(MarketTest, AnOlderBestQuoteSaysNothing) {
  snapshot(1, 100, 50, 52);
  quote(2, 99, level(40, 7), level(60, 8));
  EXPECT_EQ(touch(), (Touch{level(50, 10), level(52, 11)}));
  EXPECT_FALSE(market_.touch_moved());
}

// USD-M diffs often arrive after a best quote that is newer than they are.
TEST_F(MarketTest, ADiffOlderThanTheBestQuoteDoesNotTakeTheTouchBack) {
  snapshot(1, 100, 50, 52);
  quote(2, 110, level(49, 7), level(51, 8));
  delta(3, 105, {level(50, 4)}, {});
  EXPECT_EQ(touch().bid, level(49, 7));
  delta(4, 110, {level(50, 0), level(49, 6)}, {level(51, 8)});
  EXPECT_EQ(touch(), (Touch{level(49, 6), level(51, 8)}));
}

TEST_F(MarketTest, LevelsCrossedByANewerBestQuoteAreHiddenUntilTheNextDiff) {
  snapshot(1, 100, 50, 52);
  quote(2, 101, level(48, 7), level(53, 8));
  EXPECT_EQ(shown(Side::buy), (std::vector<Level>{level(48, 7)}));
  EXPECT_EQ(shown(Side::sell), (std::vector<Level>{level(53, 8), level(54, 31)}));
  delta(3, 102, {level(47, 1)}, {});
  EXPECT_EQ(shown(Side::buy).front(), level(50, 10));
}

TEST_F(MarketTest, WithoutUpdateIdsTheVenuesTimeDecides) {
  snapshot(100, 0, 50, 52);
  quote(101, 0, level(49, 7), level(51, 8));
  EXPECT_EQ(touch().bid, level(49, 7));
  snapshot(101, 0, 50, 52);  // as new as the quote: the book speaks
  EXPECT_EQ(touch().bid, level(50, 10));
}

TEST_F(MarketTest, WithoutIdsAndTimesTheLaterArrivalDecides) {
  const std::vector<Level> bid = {level(50, 1)};
  Event book = event_of(1, BookSnapshot{.bids = bid});
  Event best = event_of(2, BestQuote{.bid = level(49, 2), .ask = level(51, 2)});
  book.header.exchange_time = best.header.exchange_time = Time{};
  market_.apply(book);
  market_.apply(best);
  EXPECT_EQ(touch().bid, level(49, 2));
  market_.apply(book);
  EXPECT_EQ(touch().bid, level(50, 1));
}

TEST_F(MarketTest, AChangedQuantityIsNoMove) {
  snapshot(1, 100, 50, 52);
  EXPECT_TRUE(market_.touch_moved());
  quote(2, 101, level(50, 99), level(52, 98));
  EXPECT_FALSE(market_.touch_moved());
  quote(3, 102, level(50, 99), Level{});
  EXPECT_TRUE(market_.touch_moved());
}

TEST_F(MarketTest, AGapInvalidatesUntilTheFeedIsWholeAgain) {
  feed(FeedState::connected);
  EXPECT_EQ(market_.quoted().book_state(), BookState::invalid);
  snapshot(1, 100, 50, 52);
  EXPECT_TRUE(market_.quoted().quotable());
  feed(FeedState::gap);
  EXPECT_FALSE(market_.quoted().quotable());
  delta(2, 105, {level(50, 1)}, {});
  EXPECT_FALSE(market_.quoted().quotable());
  feed(FeedState::resynchronised);
  EXPECT_TRUE(market_.quoted().quotable());
  feed(FeedState::lost);
  EXPECT_FALSE(market_.quoted().quotable());
  snapshot(3, 200, 50, 52);
  EXPECT_TRUE(market_.quoted().quotable());
  EXPECT_EQ(market_.quoted().gap_count(), 2);
}

TEST_F(MarketTest, AOneSidedOrCrossedTouchCannotBeQuotedAgainst) {
  snapshot(1, 100, 50, 52);
  quote(2, 101, level(53, 1), level(52, 1));
  EXPECT_FALSE(market_.quoted().quotable());
  quote(3, 102, Level{}, level(52, 1));
  EXPECT_FALSE(market_.quoted().quotable());
}

TEST_F(MarketTest, KeepsDefinitionsTradesAndContexts) {
  const Instrument instrument = btc_usd_inverse();
  market_.apply(define(instrument, 3));
  market_.apply(event_of(5, Trade{.price = units(7), .qty = lots(2), .aggressor = Side::sell}, 3));
  market_.apply(event_of(6, AssetContext{.mark_e8 = 77}, 3));
  const InstrumentState& state = market_.instrument(InstrumentId{3});
  EXPECT_TRUE(state.defined());
  EXPECT_EQ(state.definition(), instrument);
  EXPECT_EQ(state.last_trade(), (LastTrade{units(7), lots(2), Side::sell, at_ms(5)}));
  EXPECT_EQ(state.asset_context()->mark_e8, 77);
  EXPECT_EQ(state.last_update(), at_ms(5));
  EXPECT_FALSE(market_.quoted().defined());
  EXPECT_EQ(market_.instrument_count(), 4u);
}

TEST_F(MarketTest, StateSurvivesSavingAndCopying) {
  RandomStream stream{11};
  for (int i = 0; i < 5000; ++i) market_.apply(stream.next());
  ByteWriter before;
  market_.save(before);

  Market restored;
  ByteReader in{before.bytes()};
  ASSERT_TRUE(restored.restore(in));
  EXPECT_TRUE(in.at_end());
  Market copy = market_;
  for (int i = 0; i < 5000; ++i) {
    const Event& event = stream.next();
    market_.apply(event);
    restored.apply(event);
    copy.apply(event);
    ASSERT_EQ(market_.touch_moved(), restored.touch_moved());
    ASSERT_EQ(market_.quoted().touch(), restored.quoted().touch());
  }
  ByteWriter after;
  ByteWriter after_restored;
  ByteWriter after_copy;
  market_.save(after);
  restored.save(after_restored);
  copy.save(after_copy);
  EXPECT_TRUE(std::ranges::equal(after.bytes(), after_restored.bytes()));
  EXPECT_TRUE(std::ranges::equal(after.bytes(), after_copy.bytes()));
}

}  // namespace
}  // namespace mm
