// What decoders do for sockets beyond what captures need.

#include <gtest/gtest.h>

#include <string>

#include "tests/venues/market_data.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::venues {
namespace {

/// Feeds frames and tells the events that came out, by kind and state.
class Stage {
 public:
  Stage(const char* venue, const char* symbol)
      : decoder(make_feed_decoder(test::instrument(venue, symbol), InstrumentId{})) {}

  std::string frame(std::string text) {
    const std::size_t length = text.size();
    text.append(frame_padding, ' ');
    batch.clear();
    decoder->on_frame(Time{Duration{++now}}, std::string_view(text).substr(0, length), batch);
    return told();
  }
  std::string connected() {
    batch.clear();
    decoder->on_connected(Time{Duration{++now}}, batch);
    return told();
  }
  std::string lost() {
    batch.clear();
    decoder->on_lost(Time{Duration{++now}}, "cut", batch);
    return told();
  }

  std::unique_ptr<FeedDecoder> decoder;
  EventBatch batch;

 private:
  std::string told() const {
    std::string out;
    for (const Event& event : batch.events()) {
      if (!out.empty()) out += ' ';
      if (const auto* status = std::get_if<FeedStatus>(&event.body)) {
        out += status->state == FeedState::connected        ? "connected"
               : status->state == FeedState::lost           ? "lost"
               : status->state == FeedState::resynchronised ? "resynchronised"
                                                            : "status";
      } else {
        out += name_of(event.kind());
      }
    }
    return out;
  }
  std::int64_t now = 0;
};

std::string trade(int id) {
  const std::string text = std::to_string(id);
  return R"({"e":"aggTrade","E":1790234567921,"a":)" + text + R"(,"s":"BTCUSDT","p":"63102.0",)" +
         R"("q":"0.118","f":)" + text + R"(,"l":)" + text + R"(,"T":1790234567899,"m":false})";
}

std::string ticker(int id) {
  return R"({"e":"bookTicker","u":)" + std::to_string(id) +
         R"(,"E":1790234567906,"T":1790234567899,"s":"BTCUSDT","b":"63101.9","B":"4.215",)" +
         R"("a":"63102.0","A":"0.871"})";
}

// Frames of a socket that still stands must not end the loss of the one that carries the book.
TEST(LiveDecoder, OnlyTheSocketThatCarriesTheBookEndsALoss) {
  Stage binance("binance-usdm", "BTCUSDT");
  binance.decoder->follow_sockets();
  EXPECT_EQ(binance.frame(trade(0)), "trade");
  EXPECT_EQ(binance.connected(), "connected");
  EXPECT_EQ(binance.frame(trade(1)), "trade");
  EXPECT_EQ(binance.lost(), "lost");
  EXPECT_EQ(binance.frame(trade(2)), "trade");
  EXPECT_EQ(binance.connected(), "connected");
  EXPECT_EQ(binance.connected(), "");
}

TEST(LiveDecoder, ACaptureHasItsFirstFrameSaySo) {
  Stage binance("binance-usdm", "BTCUSDT");
  EXPECT_EQ(binance.frame(trade(1)), "connected trade");
  EXPECT_EQ(binance.lost(), "lost");
  EXPECT_EQ(binance.frame(trade(2)), "connected trade");
}

TEST(LiveDecoder, AHyperliquidBookEndsTheLossOnceTheSocketIsBack) {
  Stage hyperliquid("hyperliquid", "BTC");
  const std::string book =
      R"({"channel":"l2Book","data":{"coin":"BTC","time":1790234567812,"levels":[)"
      R"([{"px":"63104.0","sz":"3.41","n":7}],[{"px":"63105.0","sz":"1.9","n":4}]]}})";
  EXPECT_EQ(hyperliquid.connected(), "connected");
  EXPECT_EQ(hyperliquid.frame(book), "book_snapshot");
  EXPECT_EQ(hyperliquid.lost(), "lost");
  EXPECT_EQ(hyperliquid.connected(), "connected");
  EXPECT_EQ(hyperliquid.frame(book), "book_snapshot resynchronised");
}

TEST(LiveDecoder, WhatTwoConnectionsBringIsTakenOnce) {
  Stage binance("binance-usdm", "BTCUSDT");
  binance.connected();
  EXPECT_EQ(binance.frame(trade(5)), "trade");
  EXPECT_EQ(binance.frame(ticker(50)), "best_quote");
  binance.decoder->set_doubled(true);
  EXPECT_EQ(binance.frame(trade(4)), "");
  EXPECT_EQ(binance.frame(trade(5)), "");
  EXPECT_EQ(binance.frame(ticker(50)), "");
  EXPECT_EQ(binance.frame(trade(6)), "trade");
  EXPECT_EQ(binance.frame(ticker(51)), "best_quote");
  EXPECT_EQ(binance.decoder->counters().duplicates, 3);
  binance.decoder->set_doubled(false);
  EXPECT_EQ(binance.frame(trade(6)), "trade") << "one connection's word is taken as it comes";
}

TEST(LiveDecoder, TheOpenInterestIsAContext) {
  Stage binance("binance-usdm", "BTCUSDT");
  binance.connected();
  ASSERT_EQ(binance.frame(R"({"openInterest":"81234.551","symbol":"BTCUSDT",)"
                          R"("time":1790234560000})"),
            "asset_context");
  const Event event = binance.batch.events().front();
  const auto context = std::get<AssetContext>(event.body);
  EXPECT_EQ(context.open_interest_e8, 8'123'455'100'000);
  EXPECT_EQ(context.mark_e8, absent_e);
  ASSERT_EQ(binance.frame(R"({"e":"markPriceUpdate","E":1790234568000,"s":"BTCUSDT","p":"63101.7",)"
                          R"("i":"63120.5","r":"0.0001","T":1790236800000})"),
            "asset_context");
  const auto& joined = std::get<AssetContext>(binance.batch.events().front().body);
  EXPECT_EQ(joined.open_interest_e8, 8'123'455'100'000) << "a mark price does not blot it out";
  EXPECT_EQ(joined.mark_e8, 6'310'170'000'000);
  EXPECT_EQ(to_ns(event.header.exchange_time), 1'790'234'560'000'000'000);
  EXPECT_EQ(binance.frame(R"({"openInterest":"1","symbol":"ETHUSDT","time":1790234560000})"), "");
  EXPECT_EQ(binance.frame(R"({"openInterest":"x","symbol":"BTCUSDT","time":1790234560000})"),
            "status");
}

}  // namespace
}  // namespace mm::venues
