// Captured Hyperliquid frames, field by field.

#include "venues/hyperliquid/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"

namespace mm::venues::hyperliquid {
namespace {

using test::Padded;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HyperliquidCodec : public ::testing::Test {
 protected:
  Message decode(std::string_view frame, const char* coin = "BTC") {
    codec_.emplace_back(std::make_unique<Codec>(test::instrument("hyperliquid", coin)));
    const Result<Message> result = codec_.back()->decode(Padded(frame), arena_);
    EXPECT_TRUE(result.has_value()) << result.error().message();
    return result.has_value() ? *result : Message{Outcome::unknown_kind};
  }
  std::string error_of(std::string_view frame) {
    Codec codec(test::instrument("hyperliquid", "BTC"));
    const Result<Message> result = codec.decode(Padded(frame), arena_);
    EXPECT_TRUE(result.has_error()) << frame;
    return result.error().message();
  }
  Arena arena_;
  std::vector<std::unique_ptr<Codec>> codec_;
};

Level level(std::int64_t price, std::int64_t qty) {
  return {Price::from_units(price), Qty::from_lots(qty)};
}

constexpr const char* book =
    R"({"channel":"l2Book","data":{"coin":"BTC","time":1790234567812,"levels":[)"
    R"([{"px":"63104.0","sz":"3.41207","n":7},{"px":"63103.0","sz":"0.1428","n":1}],)"
    R"([{"n":4,"px":"63105.0","sz":"1.90004"}]],"fast":true}})";

TEST_F(HyperliquidCodec, BooksCarryOrderCounts) {
  const Message message = decode(book);
  ASSERT_EQ(message.items.size(), 1u);
  EXPECT_EQ(to_ns(message.items[0].exchange_time), 1790234567812000000);
  const auto& body = std::get<BookSnapshot>(message.items[0].body);
  EXPECT_THAT(body.bids, ElementsAre(level(631040, 341207), level(631030, 14280)));
  EXPECT_THAT(body.asks, ElementsAre(level(631050, 190004)));
  EXPECT_THAT(body.bid_orders, ElementsAre(7u, 1u));
  EXPECT_THAT(body.ask_orders, ElementsAre(4u));
}

TEST_F(HyperliquidCodec, ChannelMayStandBehindTheData) {
  const Message message =
      decode(R"({"data":{"levels":[[{"px":"1.0","sz":"1"}],[]],"time":1790234567812,"coin":"BTC"},)"
             R"("channel":"l2Book"})");
  ASSERT_EQ(message.items.size(), 1u);
  const auto& body = std::get<BookSnapshot>(message.items[0].body);
  EXPECT_THAT(body.bids, ElementsAre(level(10, 100000)));
  EXPECT_TRUE(body.bid_orders.empty());  // no n: no counts
  EXPECT_TRUE(body.asks.empty());
}

TEST_F(HyperliquidCodec, EmptyAndBareBooks) {
  const Message empty =
      decode(R"({"channel":"l2Book","data":{"coin":"BTC","time":1788490374938,"levels":[[],[]]}})");
  EXPECT_TRUE(std::get<BookSnapshot>(empty.items[0].body).bids.empty());
  const Message bare =
      decode(R"({"coin":"BTC","time":1788490374938,"levels":[[],[{"px":"2","sz":"1","n":1}]]})");
  EXPECT_THAT(std::get<BookSnapshot>(bare.items[0].body).asks, ElementsAre(level(20, 100000)));
}

TEST_F(HyperliquidCodec, BboWithNullSides) {
  const Message message =
      decode(R"({"channel":"bbo","data":{"coin":"BTC","time":1788490065008,"bbo":[)"
             R"({"px":"80639.0","sz":"0.00186","n":2},null]}})");
  const auto& quote = std::get<BestQuote>(message.items[0].body);
  EXPECT_EQ(quote.bid, level(806390, 186));
  EXPECT_EQ(quote.bid_orders, 2);
  EXPECT_EQ(quote.ask, Level{});
  EXPECT_EQ(quote.ask_orders, 0);
}

TEST_F(HyperliquidCodec, TradesOfOneFrame) {
  const Message message = decode(
      R"({"channel":"trades","data":[{"coin":"BTC","side":"A","px":"63104.0","sz":"0.0125",)"
      R"("time":1790234567880,"hash":"0x5b","tid":351904478120663,"users":["0x1","0x2"]},)"
      R"({"coin":"BTC","side":"B","px":"63105.0","sz":"0.5","time":1790234567950,"tid":7}]})");
  ASSERT_EQ(message.items.size(), 2u);
  const auto& first = std::get<Trade>(message.items[0].body);
  EXPECT_EQ(first.aggressor, Side::sell);
  EXPECT_EQ(first.trade_id, 351904478120663);
  EXPECT_EQ(first.price, Price::from_units(631040));
  EXPECT_EQ(first.qty, Qty::from_lots(1250));
  EXPECT_EQ(std::get<Trade>(message.items[1].body).aggressor, Side::buy);
  EXPECT_EQ(to_ns(message.items[1].exchange_time), 1790234567950000000);
}

TEST_F(HyperliquidCodec, AssetContextWithNulls) {
  const Message message = decode(
      R"({"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"0.0000052974",)"
      R"("openInterest":"36295.80812","prevDayPx":"77759.0","dayNtlVlm":"4490636699.3287734985",)"
      R"("premium":null,"oraclePx":"80684.7","markPx":80640.0,"midPx":null,"impactPxs":null,)"
      R"("dayBaseVlm":"0.0"}}})");
  EXPECT_EQ(message.items[0].exchange_time, Time{});
  const auto& context = std::get<AssetContext>(message.items[0].body);
  EXPECT_EQ(context.funding_e12, 5297400);
  EXPECT_EQ(context.open_interest_e8, 3629580812000);
  EXPECT_EQ(context.day_volume_e8, 449063669932877350);
  EXPECT_EQ(context.premium_e12, absent_e);
  EXPECT_EQ(context.mid_e8, absent_e);
  EXPECT_EQ(context.oracle_e8, 8068470000000);
  EXPECT_EQ(context.mark_e8, 8064000000000);
}

TEST_F(HyperliquidCodec, WhatIsNotMarketDataIsToldApart) {
  EXPECT_EQ(decode("Websocket connection established.").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"channel":"pong"})").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"channel":"subscriptionResponse","data":{"method":"subscribe"}})").outcome,
            Outcome::control);
  EXPECT_EQ(decode(R"({"channel":"post","data":{"id":1}})").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"channel":"notification","data":{"notification":"x"}})").outcome,
            Outcome::control);
  EXPECT_EQ(decode(R"({"channel":"candle","data":{"t":1}})").outcome, Outcome::unknown_kind);
  EXPECT_EQ(decode(R"({"channel":"userFills","data":{"fills":[]}})").outcome, Outcome::user);
  EXPECT_EQ(decode(book, "ETH").outcome, Outcome::other_symbol);
  const Message error = decode(R"({"channel":"error","data":"Already unsubscribed: {\"a\":1}"})");
  EXPECT_EQ(error.outcome, Outcome::venue_error);
  EXPECT_THAT(std::string(error.text), HasSubstr("Already unsubscribed"));
}

// A book grouped by nSigFigs shows sums of levels; to take it for a book would be wrong.
TEST_F(HyperliquidCodec, GroupedBooksAreNotTaken) {
  EXPECT_EQ(decode(R"({"channel":"l2Book","data":{"coin":"BTC","time":1788490374938,)"
                   R"("levels":[[{"px":"80600","sz":"1","n":9}],[]],"spread":"100.0"}})")
                .outcome,
            Outcome::unknown_kind);
}

TEST_F(HyperliquidCodec, BadFramesSayWhatIsWrong) {
  EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(std::string(book).substr(0, 150)), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(std::string(book) + "}"), HasSubstr("not JSON"));
  std::string fine(book);
  fine.replace(fine.find("63104.0"), 7, "63104.05");
  EXPECT_THAT(error_of(fine), HasSubstr("is finer than the instrument's unit"));
  std::string order(book);
  order.replace(order.find("63103.0"), 7, "63104.0");
  EXPECT_THAT(error_of(order), HasSubstr("out of order"));
  EXPECT_THAT(error_of(R"({"channel":"l2Book","data":{"coin":"BTC","levels":[[],[]]}})"),
              HasSubstr("without both sides and a time"));
  EXPECT_THAT(error_of(R"({"channel":"trades","data":[{"coin":"BTC","side":"X","px":"1","sz":"1",)"
                       R"("time":1788490374938,"tid":1}]})"),
              HasSubstr("side other than A or B"));
  EXPECT_THAT(error_of(R"({"channel":"bbo","data":{"coin":"BTC","time":1788490374938,)"
                       R"("bbo":[{"px":"1e5","sz":"1","n":1},null]}})"),
              HasSubstr("not a plain decimal"));
}

}  // namespace
}  // namespace mm::venues::hyperliquid
