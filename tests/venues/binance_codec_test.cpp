// Captured Binance frames, field by field, and frames that are not what they should be.

#include "venues/binance/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"

namespace mm::venues::binance {
namespace {

using test::Padded;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BinanceCodec : public ::testing::Test {
 protected:
  Message decode(std::string_view frame, const char* venue = "binance-usdm",
                 const char* symbol = "BTCUSDT") {
    Codec codec(test::instrument(venue, symbol));
    const Result<Message> result = codec.decode(Padded(frame), arena_);
    EXPECT_TRUE(result.has_value()) << result.error().message();
    return result.has_value() ? *result : Message{};
  }
  std::string error_of(std::string_view frame) {
    Codec codec(test::instrument("binance-usdm", "BTCUSDT"));
    const Result<Message> result = codec.decode(Padded(frame), arena_);
    EXPECT_TRUE(result.has_error()) << frame;
    return result.error().message();
  }
  Arena arena_;
};

Level level(std::int64_t price, std::int64_t qty) {
  return {Price::from_units(price), Qty::from_lots(qty)};
}

constexpr const char* update =
    R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,)"
    R"("T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,)"
    R"("b":[["58710.20","0.014"],["61496.50","0.010"],["61510.90","0.000"]],)"
    R"("a":[["61801.00","1.5"],["61800.30","2"]]}})";

TEST_F(BinanceCodec, DepthUpdateStandsTouchOutwards) {
  const Message message = decode(update);
  const auto& delta = std::get<BookDelta>(message.body);
  EXPECT_EQ(to_ns(message.exchange_time), 1723161256298000000);
  EXPECT_EQ(delta.event_time_ns, 1723161256299000000);
  EXPECT_EQ(delta.first_id, 5123107832006);
  EXPECT_EQ(delta.last_id, 5123107837557);
  EXPECT_EQ(delta.prev_id, 5123107831937);
  EXPECT_THAT(delta.bids, ElementsAre(level(615109, 0), level(614965, 10), level(587102, 14)));
  EXPECT_THAT(delta.asks, ElementsAre(level(618003, 2000), level(618010, 1500)));
}

// Our order of keys is a habit of the venue, not a promise.
TEST_F(BinanceCodec, KeyOrderAndUnknownKeysDoNotMatter) {
  const Message message = decode(
      R"({"data":{"zz":{"s":"X","b":[["1","1"]]},"a":[["61801.00","1.5"],["61800.30","2"]],)"
      R"("b":[["58710.20","0.014"],["61496.50","0.010"],["61510.90","0.000"]],"st":1,)"
      R"("pu":5123107831937,"u":5123107837557,"U":5123107832006,"s":"BTCUSDT",)"
      R"("T":1723161256298,"E":1723161256299,"e":"depthUpdate"},"stream":"btcusdt@depth@0ms"})");
  const Message usual = decode(update);
  EXPECT_EQ(message.exchange_time, usual.exchange_time);
  const auto& delta = std::get<BookDelta>(message.body);
  const auto& same = std::get<BookDelta>(usual.body);
  EXPECT_EQ(delta.first_id, same.first_id);
  EXPECT_THAT(delta.bids, ::testing::ElementsAreArray(same.bids));
  EXPECT_THAT(delta.asks, ::testing::ElementsAreArray(same.asks));
}

// Two entries of one price: the later one must win when they are applied in order.
TEST_F(BinanceCodec, EqualPricesKeepTheirOrder) {
  const Message message = decode(
      R"({"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":1,"u":2,"pu":0,)"
      R"("b":[["10.0","1"],["12.0","2"],["10.0","3"]],"a":[]})");
  const auto& delta = std::get<BookDelta>(message.body);
  EXPECT_THAT(delta.bids, ElementsAre(level(120, 2000), level(100, 1000), level(100, 3000)));
  EXPECT_TRUE(delta.asks.empty());
}

TEST_F(BinanceCodec, SpotUpdateHasItsEventTimeOnly) {
  const Message message = decode(
      R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,)"
      R"("s":"BTCUSDT","U":50093239189,"u":50093239202,"b":[["61737.63000000","0.00000000"]],)"
      R"("a":[["61837.64000000","1.54698000"]]}})",
      "binance-spot");
  const auto& delta = std::get<BookDelta>(message.body);
  EXPECT_EQ(to_ns(message.exchange_time), 1723161255208000000);
  EXPECT_EQ(delta.event_time_ns, 1723161255208000000);
  EXPECT_EQ(delta.prev_id, 0);
  EXPECT_THAT(delta.asks, ElementsAre(level(6183764, 1546980)));
}

TEST_F(BinanceCodec, SpotTimesMayBeMicroseconds) {
  const Message message = decode(
      R"({"e":"trade","E":1723161255343123,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000",)"
      R"("q":"0.02000000","T":1723161255342123,"m":true,"M":true})",
      "binance-spot");
  EXPECT_EQ(to_ns(message.exchange_time), 1723161255342123000);
}

TEST_F(BinanceCodec, SnapshotsOfAllMarkets) {
  const Message futures = decode(
      R"({"lastUpdateId":5123107852948,"E":1723161256501,"T":1723161256493,)"
      R"("bids":[["61800.20","2.909"],["61800.10","0.000"]],"asks":[["61800.30","1.000"]]})");
  const auto& body = std::get<BookSnapshot>(futures.body);
  EXPECT_EQ(body.update_id, 5123107852948);
  EXPECT_EQ(to_ns(futures.exchange_time), 1723161256493000000);
  EXPECT_EQ(body.event_time_ns, 1723161256501000000);
  EXPECT_THAT(body.bids, ElementsAre(level(618002, 2909)));
  EXPECT_THAT(body.asks, ElementsAre(level(618003, 1000)));

  const Message spot =
      decode(R"({"lastUpdateId":50093239218,"bids":[["61837.63000000","3.78826000"]],"asks":[]})",
             "binance-spot");
  EXPECT_EQ(spot.exchange_time, Time{});
  const char* coinm =
      R"({"lastUpdateId":1,"E":1723161257835,"T":1723161257823,)"
      R"("symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":[["61804.7","35"]],"asks":[]})";
  EXPECT_EQ(decode(coinm, "binance-coinm", "BTCUSD_PERP").outcome, Outcome::decoded);
  EXPECT_EQ(decode(coinm, "binance-coinm", "ETHUSD_PERP").outcome, Outcome::other_symbol);
}

TEST_F(BinanceCodec, BookTickersWithAndWithoutTimes) {
  const Message futures = decode(
      R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT",)"
      R"("b":"61800.20","B":"2.507","a":"61800.30","A":"2.510",)"
      R"("T":1723161256313,"E":1723161256314}})");
  const auto& quote = std::get<BestQuote>(futures.body);
  EXPECT_EQ(quote.update_id, 5123107839020);
  EXPECT_EQ(quote.bid, level(618002, 2507));
  EXPECT_EQ(quote.ask, level(618003, 2510));
  EXPECT_EQ(to_ns(futures.exchange_time), 1723161256313000000);
  EXPECT_EQ(quote.event_time_ns, 1723161256314000000);

  const Message spot = decode(
      R"({"stream":"btcusdt@bookTicker","data":{"u":35346513501,"s":"BTCUSDT","b":"2683.80000000",)"
      R"("B":"3.02920000","a":"2683.81000000","A":"31.43950000"}})",
      "binance-spot");
  EXPECT_EQ(spot.exchange_time, Time{});
  EXPECT_EQ(std::get<BestQuote>(spot.body).event_time_ns, 0);
}

TEST_F(BinanceCodec, TradesTellTheTakingSide) {
  const Message sold =
      decode(R"({"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":5266583935,)"
             R"("p":"61800.30","q":"0.006","X":"MARKET","m":true})");
  EXPECT_EQ(std::get<Trade>(sold.body).aggressor, Side::sell);
  EXPECT_EQ(std::get<Trade>(sold.body).trade_id, 5266583935);
  EXPECT_EQ(std::get<Trade>(sold.body).qty, Qty::from_lots(6));
  EXPECT_FALSE(sold.aggregated);

  const Message grouped = decode(
      R"({"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1786171884624,"a":3404749954,)"
      R"("s":"BTCUSDT","p":"64990.90","q":"0.002","nq":"0.002","f":7960913511,"l":7960913512,)"
      R"("T":1786171884471,"m":false,"st":1}})");
  const auto& trade = std::get<Trade>(grouped.body);
  EXPECT_TRUE(grouped.aggregated);
  EXPECT_EQ(trade.trade_id, 3404749954);
  EXPECT_EQ(trade.first_id, 7960913511);
  EXPECT_EQ(trade.last_id, 7960913512);
  EXPECT_EQ(trade.aggressor, Side::buy);
  EXPECT_EQ(to_ns(grouped.exchange_time), 1786171884471000000);
}

TEST_F(BinanceCodec, InsuranceAndAdlTradesAreNotOfTheTape) {
  for (const char* kind : {"INSURANCE_FUND", "ADL", "NA"}) {
    const std::string frame =
        std::string(R"({"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5,)"
                    R"("p":"0","q":"0","m":false,"X":")") +
        kind + "\"}";
    EXPECT_EQ(decode(frame).outcome, Outcome::skipped_trade);
  }
}

TEST_F(BinanceCodec, MarkPrice) {
  const Message message =
      decode(R"({"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1786171884000,)"
             R"("s":"BTCUSDT","p":"64991.37858696","ap":"64991.37858696","P":"64980.01344384",)"
             R"("i":"65016.05673913",)"
             R"("r":"0.00003936","T":1786176000000,"st":1}})");
  const auto& context = std::get<AssetContext>(message.body);
  EXPECT_EQ(context.mark_e8, 6499137858696);
  EXPECT_EQ(context.oracle_e8, 6501605673913);
  EXPECT_EQ(context.funding_e12, 39360000);
  EXPECT_EQ(context.next_funding_ns, 1786176000000000000);
  EXPECT_EQ(to_ns(message.exchange_time), 1786171884000000000);
  EXPECT_EQ(context.open_interest_e8, absent_e);
}

TEST_F(BinanceCodec, ForcedOrder) {
  const char* frame =
      R"({"e":"forceOrder","E":1738661434388,"o":{"s":"ETHUSDT","S":"SELL","o":"LIMIT","f":"IOC",)"
      R"("q":"0.036","p":"2694.06","ap":"2704.515","X":"FILLED","l":"0.016","z":"0.036",)"
      R"("T":1738661434384}})";
  const Message message = decode(frame, "binance-usdm", "ETHUSDT");
  const auto& forced = std::get<Liquidation>(message.body);
  EXPECT_EQ(forced.side, Side::sell);
  EXPECT_EQ(forced.price, Price::from_units(269406));
  EXPECT_EQ(forced.average_price, Price::from_units(270452));
  EXPECT_EQ(forced.qty, Qty::from_lots(36));
  EXPECT_EQ(to_ns(message.exchange_time), 1738661434384000000);
  EXPECT_EQ(forced.event_time_ns, 1738661434388000000);
  EXPECT_EQ(decode(frame).outcome, Outcome::other_symbol);
}

TEST_F(BinanceCodec, WhatIsNotOursIsToldApart) {
  EXPECT_EQ(decode(R"({"result":null,"id":1})").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"result":["btcusdt@depth"],"id":3})").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"code":2,"msg":"no"})").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"error":{"code":2,"msg":"no"},"id":1})").outcome, Outcome::control);
  EXPECT_EQ(decode(R"({"e":"kline","E":1786173360960,"s":"BTCUSDT","k":{}})").outcome,
            Outcome::unknown_kind);
  EXPECT_EQ(decode(R"([{"s":"BTCUSDT"}])").outcome, Outcome::unknown_kind);
  // The units of another symbol may be finer than ours: no error.
  EXPECT_EQ(decode(R"({"e":"depthUpdate","E":1626992741077,"T":1626992740974,"U":1,"u":1,"pu":0,)"
                   R"("b":[],"a":[["0.01737","437848"]],"s":"AKROUSDT"})")
                .outcome,
            Outcome::other_symbol);
  // A partial book has the shape of an update and would be taken for one.
  EXPECT_EQ(
      decode(R"({"stream":"btcusdt@depth20@100ms","data":{"e":"depthUpdate","E":1626992741077,)"
             R"("T":1626992740974,"s":"BTCUSDT","U":1,"u":1,"pu":0,"b":[],"a":[]}})")
          .outcome,
      Outcome::unknown_kind);
}

TEST_F(BinanceCodec, BadFramesSayWhatIsWrong) {
  EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(R"({"e":"trade"} x)"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(std::string(update).substr(0, 200)), HasSubstr("not JSON"));
  std::string fine(update);
  fine.replace(fine.find("58710.20"), 8, "58710.25");
  EXPECT_THAT(error_of(fine), HasSubstr("\"58710.25\" is finer than the instrument's unit"));
  std::string odd(update);
  odd.replace(odd.find("58710.20"), 8, "58710e20");
  EXPECT_THAT(error_of(odd), HasSubstr("not a plain decimal"));
  std::string id(update);
  id.replace(id.find("5123107832006"), 13, "-123107832006");
  EXPECT_THAT(error_of(id), HasSubstr("not an id"));
  EXPECT_THAT(error_of(R"({"e":"trade","T":1723161256322,"s":"BTCUSDT","t":5,"p":"1","q":"1"})"),
              HasSubstr("without a side"));
  EXPECT_THAT(error_of(R"({"lastUpdateId":5,"bids":[["1","1"],["1","2"]],"asks":[]})"),
              HasSubstr("one price twice"));
  EXPECT_THAT(error_of(R"({"lastUpdateId":5,"bids":[["1","1"]]})"), HasSubstr("both sides"));
  EXPECT_THAT(error_of(R"({"lastUpdateId":5,"bids":[["-1","1"]],"asks":[]})"),
              HasSubstr("is negative"));
}

}  // namespace
}  // namespace mm::venues::binance
