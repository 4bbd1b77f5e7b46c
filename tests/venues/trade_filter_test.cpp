// What of a Hyperliquid tape is news.

#include "venues/hyperliquid/trade_filter.hpp"

#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::venues::hyperliquid {
namespace {

using Verdict = TradeFilter::Verdict;

Time second(std::int64_t seconds) {
  return time_from_ns(seconds * 1'000'000'000);
}

TEST(TradeFilter, TradesFromBeforeTheFirstBookAreHistory) {
  TradeFilter filter;
  filter.on_venue_time(second(100));
  filter.on_trades_frame(second(100));
  EXPECT_EQ(filter.judge(second(60), 1), Verdict::history);
  EXPECT_EQ(filter.judge(second(99), 2), Verdict::history);
  EXPECT_EQ(filter.judge(second(100), 3), Verdict::news);
}

TEST(TradeFilter, AFrameAheadOfAnyBookIsHistoryToItsLastTrade) {
  TradeFilter filter;
  filter.on_trades_frame(second(100));
  EXPECT_EQ(filter.judge(second(80), 1), Verdict::history);
  EXPECT_EQ(filter.judge(second(100), 2), Verdict::history);
  filter.on_trades_frame(second(101));
  EXPECT_EQ(filter.judge(second(101), 3), Verdict::news);
}

TEST(TradeFilter, TheSameTimeAndIdIsADuplicateTheSameIdAloneIsNot) {
  TradeFilter filter;
  filter.on_venue_time(second(100));
  EXPECT_EQ(filter.judge(second(101), 7), Verdict::news);
  EXPECT_EQ(filter.judge(second(101), 7), Verdict::duplicate);
  EXPECT_EQ(filter.judge(second(102), 7), Verdict::news);
  EXPECT_EQ(filter.judge(second(101), 8), Verdict::news);
}

// After a reconnect the venue repeats some seconds; what is old must not print through our orders.
TEST(TradeFilter, AReplayAfterAReconnectIsHistoryButForItsLastSeconds) {
  TradeFilter filter;
  filter.on_venue_time(second(100));
  EXPECT_EQ(filter.judge(second(100), 1), Verdict::news);
  filter.on_trades_frame(second(160));
  EXPECT_EQ(filter.judge(second(100), 1), Verdict::history);
  EXPECT_EQ(filter.judge(second(140), 2), Verdict::history);
  EXPECT_EQ(filter.judge(second(156), 3), Verdict::news);
  EXPECT_EQ(filter.judge(second(160), 4), Verdict::news);
}

TEST(HyperliquidFeed, ARepeatedFrameGivesNoTrades) {
  const auto feed = make_feed_decoder(test::instrument("hyperliquid", "BTC"), InstrumentId{0});
  EventBatch batch;
  const test::Padded book(
      R"({"channel":"l2Book","data":{"coin":"BTC","time":1790234567000,"levels":[[],[]]}})");
  const test::Padded trades(
      R"({"channel":"trades","data":[{"coin":"BTC","side":"A","px":"63104.0","sz":"0.0125",)"
      R"("time":1790234567880,"tid":1}]})");
  feed->on_frame(second(1), book, batch);
  feed->on_frame(second(2), trades, batch);
  feed->on_frame(second(3), trades, batch);
  int count = 0;
  for (const Event& event : batch.events()) count += event.kind() == RecordKind::trade ? 1 : 0;
  EXPECT_EQ(count, 1);
  EXPECT_EQ(feed->counters().duplicates, 1);
}

TEST(HyperliquidFeed, TheFirstBookAfterALossResynchronises) {
  const auto feed = make_feed_decoder(test::instrument("hyperliquid", "BTC"), InstrumentId{0});
  EventBatch batch;
  const test::Padded book(
      R"({"channel":"l2Book","data":{"coin":"BTC","time":1790234567000,"levels":[[],[]]}})");
  feed->on_frame(second(1), book, batch);
  feed->on_lost(second(2), "closed", batch);
  feed->on_frame(second(3), book, batch);
  std::vector<FeedState> states;
  for (const Event& event : batch.events()) {
    if (const auto* status = std::get_if<FeedStatus>(&event.body)) states.push_back(status->state);
  }
  EXPECT_EQ(states, (std::vector{FeedState::connected, FeedState::lost, FeedState::connected,
                                 FeedState::resynchronised}));
}

}  // namespace
}  // namespace mm::venues::hyperliquid
