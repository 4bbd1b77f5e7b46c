// What live feeds subscribe to, and the definitions they begin with.

#include "venues/live/plan.hpp"

#include <gtest/gtest.h>

#include "venues/binance/live_plan.hpp"
#include "venues/hyperliquid/live_plan.hpp"
#include "venues/instruments.hpp"

namespace mm::venues {
namespace {

using namespace std::chrono_literals;

const Instruments& table() {
  static const Instruments built_in = Instruments::built_in();
  return built_in;
}

FeedPlan plan(const char* venue, const char* symbol, const char* network) {
  return plan_feed(table().find(venue, symbol, "--venue"), Network::parse(network).value(), {});
}

TEST(Network, IsMainnetTestnetOrOnePlace) {
  EXPECT_EQ(Network::parse("testnet")->text(), "testnet");
  EXPECT_EQ(Network::parse("https://127.0.0.1:8443")->local->port, 8443);
  for (const char* wrong : {"", "livenet", "wss://localhost:1", "http://localhost:1/path"}) {
    EXPECT_TRUE(Network::parse(wrong).has_error()) << wrong;
  }
}

TEST(LivePlan, HyperliquidKeepsItsTwoBookCadencesOnTwoSockets) {
  const FeedPlan of = plan("hyperliquid", "ETH", "mainnet");
  ASSERT_EQ(of.sockets.size(), 2u);
  EXPECT_EQ(of.sockets[0].url.text(), "wss://api.hyperliquid.xyz/ws");
  EXPECT_EQ(
      of.sockets[0].hello,
      (std::vector<std::string>{
          R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"ETH"}})",
          R"({"method":"subscribe","subscription":{"type":"bbo","coin":"ETH"}})",
          R"({"method":"subscribe","subscription":{"type":"trades","coin":"ETH"}})",
          R"({"method":"subscribe","subscription":{"type":"activeAssetCtx","coin":"ETH"}})"}));
  EXPECT_EQ(
      of.sockets[1].hello,
      (std::vector<std::string>{
          R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"ETH","fast":true}})"}));
  for (const SocketPlan& socket : of.sockets) {
    EXPECT_GE(socket.ping_every, 15s);
    EXPECT_LE(socket.ping_every, 50s);
  }
  EXPECT_EQ(of.sockets[0].watches[0].kind, RecordKind::best_quote);
  EXPECT_EQ(of.sockets[0].watches[0].most, 5s);
  EXPECT_FALSE(of.snapshot);
}

TEST(LivePlan, FuturesNeverMixRoutes) {
  const FeedPlan of = plan("binance-usdm", "ETHUSDT", "mainnet");
  ASSERT_EQ(of.sockets.size(), 2u);
  EXPECT_EQ(
      of.sockets[0].url.text(),
      "wss://fstream.binance.com/public/stream?streams=ethusdt@depth@100ms/ethusdt@bookTicker");
  EXPECT_EQ(of.sockets[1].url.text(),
            "wss://fstream.binance.com/market/stream?streams=ethusdt@aggTrade/"
            "ethusdt@markPrice@1s/ethusdt@forceOrder");
  EXPECT_TRUE(of.sockets[0].hello.empty()) << "streams stand in the address";
  EXPECT_EQ(of.sockets[0].life, 23h);
  EXPECT_EQ(of.rest.text(), "https://fapi.binance.com/");
  EXPECT_EQ(of.snapshot->target, "/fapi/v1/depth?symbol=ETHUSDT&limit=1000");
  ASSERT_EQ(of.polls.size(), 1u);
  EXPECT_EQ(of.polls[0].request.target, "/fapi/v1/openInterest?symbol=ETHUSDT");
}

TEST(LivePlan, CoinMarginedAndSpotHaveTheirOwnPlaces) {
  const FeedPlan coin = plan("binance-coinm", "BTCUSD_PERP", "mainnet");
  EXPECT_EQ(coin.sockets[0].url.text(),
            "wss://dstream.binance.com/public/stream?streams=btcusd_perp@depth@100ms/"
            "btcusd_perp@bookTicker");
  EXPECT_EQ(coin.snapshot->target, "/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000");
  const FeedPlan spot = plan("binance-spot", "BTCUSDT", "mainnet");
  ASSERT_EQ(spot.sockets.size(), 1u);
  EXPECT_EQ(spot.sockets[0].url.text(),
            "wss://stream.binance.com:9443/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/"
            "btcusdt@aggTrade");
  EXPECT_EQ(spot.snapshot->target, "/api/v3/depth?symbol=BTCUSDT&limit=1000");
  EXPECT_TRUE(spot.polls.empty());
}

TEST(LivePlan, OneLocalPlaceServesAll) {
  EXPECT_EQ(plan("hyperliquid", "BTC", "http://127.0.0.1:9000").sockets[0].url.text(),
            "ws://127.0.0.1:9000/ws");
  const FeedPlan of = plan("binance-usdm", "BTCUSDT", "https://127.0.0.1:9000");
  EXPECT_EQ(of.sockets[1].url.scheme, "wss");
  EXPECT_EQ(of.rest.text(), "https://127.0.0.1:9000/");
}

// ---------------------------------------------------------------- definitions

constexpr std::string_view meta =
    R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":56},)"
    R"({"szDecimals":4,"name":"ETH","maxLeverage":25},{"szDecimals":0,"name":"kPEPE"},)"
    R"({"szDecimals":1,"name":"OLD","isDelisted":true}],)"
    R"("marginTables":[],"collateralToken":0})";

TEST(HyperliquidDefinition, IsTheBuiltInOneWhereThatIsKnown) {
  for (const char* coin : {"BTC", "ETH"}) {
    const Instrument& known = table().find("hyperliquid", coin, "");
    EXPECT_EQ(hyperliquid::listing_of(coin, meta, &known).value().instrument, known) << coin;
  }
}

TEST(HyperliquidDefinition, FollowsTheSizeDecimals) {
  const Instrument of = hyperliquid::listing_of("kPEPE", meta, nullptr).value().instrument;
  EXPECT_EQ(of.price_decimals, 6);
  EXPECT_EQ(of.lot_decimals, 0);
  EXPECT_EQ(of.significant_figures, 5);
}

// A bad coin kills the socket and every stream on it, so it must be found out before.
TEST(HyperliquidDefinition, RefusesWhatWouldKillTheSocket) {
  const auto wrong_case = hyperliquid::listing_of("eth", meta, nullptr);
  ASSERT_TRUE(wrong_case.has_error());
  EXPECT_EQ(wrong_case.error().kind(), ErrorKind::usage);
  EXPECT_NE(wrong_case.error().message().find("did you mean ETH?"), std::string::npos);
  EXPECT_EQ(hyperliquid::listing_of("NONE", meta, nullptr).error().kind(), ErrorKind::usage);
  EXPECT_EQ(hyperliquid::listing_of("OLD", meta, nullptr).error().kind(), ErrorKind::usage);
  for (const char* broken : {"", "null", "<html>", "{\"universe\":3}", "[1]",
                             R"({"universe":[{"szDecimals":"2","name":"BTC"}]})"}) {
    EXPECT_EQ(hyperliquid::listing_of("BTC", broken, nullptr).error().kind(), ErrorKind::data)
        << broken;
  }
}

// New kinds of assets appear at the venue without notice: only the coin that is asked for must make
// sense.
TEST(HyperliquidDefinition, AnOddEntryOfAnotherCoinIsCounted) {
  constexpr std::string_view odd =
      R"({"universe":[{"szDecimals":9,"name":"ODD"},{"szDecimals":4,"name":"ETH"},7]})";
  const auto eth = hyperliquid::listing_of("ETH", odd, nullptr);
  ASSERT_TRUE(eth.has_value());
  EXPECT_EQ(eth->index, 1u);
  EXPECT_EQ(eth->odd_entries, 2u);
  const auto named = hyperliquid::listing_of("ODD", odd, nullptr);
  ASSERT_TRUE(named.has_error());
  EXPECT_EQ(named.error().kind(), ErrorKind::data);
  EXPECT_NE(named.error().message().find("szDecimals 9 for ODD"), std::string::npos)
      << named.error().message();
  const auto missing = hyperliquid::listing_of("BTC", odd, nullptr);
  EXPECT_EQ(missing.error().kind(), ErrorKind::usage);
  EXPECT_NE(missing.error().message().find("2 entries of meta"), std::string::npos);
}

constexpr std::string_view exchange_info =
    R"({"symbols":[{"symbol":"BTCUSDT","status":"TRADING","marginAsset":"USDT","pricePrecision":2,)"
    R"("quantityPrecision":3,"filters":[{"filterType":"PRICE_FILTER","tickSize":"0.10"},)"
    R"({"filterType":"LOT_SIZE","stepSize":"0.001","minQty":"0.001"},)"
    R"({"filterType":"MIN_NOTIONAL","notional":"100"}]},)"
    R"({"symbol":"HALTUSDT","status":"SETTLING","filters":[]},)"
    R"({"symbol":"ODDUSDT","status":"TRADING","marginAsset":"USDT","filters":[)"
    R"({"filterType":"PRICE_FILTER","tickSize":"0"},)"
    R"({"filterType":"LOT_SIZE","stepSize":"1","minQty":"1"}]}]})";

TEST(BinanceDefinition, GoesByTheFiltersNotThePrecisions) {
  const Instrument& known = table().find("binance-usdm", "BTCUSDT", "");
  const Instrument of =
      binance::definition_of("binance-usdm", "BTCUSDT", exchange_info, &known).value();
  EXPECT_EQ(of, known);
  EXPECT_EQ(of.tick, Price::from_units(1));
  EXPECT_EQ(of.price_decimals, 1);
}

TEST(BinanceDefinition, ReadsContractsAndSpot) {
  const Instrument coin =
      binance::definition_of(
          "binance-coinm", "BTCUSD_PERP",
          R"({"symbols":[{"symbol":"BTCUSD_PERP","contractStatus":"TRADING","contractSize":100,)"
          R"("marginAsset":"BTC","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.1"},)"
          R"({"filterType":"LOT_SIZE","stepSize":"1","minQty":"1"}]}]})",
          &table().find("binance-coinm", "BTCUSD_PERP", ""))
          .value();
  EXPECT_EQ(coin, table().find("binance-coinm", "BTCUSD_PERP", ""));
  const Instrument spot =
      binance::definition_of(
          "binance-spot", "BTCUSDT",
          R"({"symbols":[{"symbol":"BTCUSDT","status":"TRADING","quoteAsset":"USDT","filters":[)"
          R"({"filterType":"PRICE_FILTER","tickSize":"0.01000000"},)"
          R"({"filterType":"LOT_SIZE","stepSize":"0.00001000","minQty":"0.00001000"},)"
          R"({"filterType":"NOTIONAL","minNotional":"5.00000000"}]}]})",
          &table().find("binance-spot", "BTCUSDT", ""))
          .value();
  EXPECT_EQ(spot, table().find("binance-spot", "BTCUSDT", ""));
}

TEST(BinanceDefinition, RefusesWhatCannotBeTraded) {
  const auto kind = [](const char* symbol, std::string_view text = exchange_info) {
    return binance::definition_of("binance-usdm", symbol, text, nullptr).error().kind();
  };
  EXPECT_EQ(kind("NONEUSDT"), ErrorKind::usage);
  EXPECT_EQ(kind("HALTUSDT"), ErrorKind::usage);
  EXPECT_EQ(kind("BTCUSDT", R"({"code":-1121,"msg":"Invalid symbol."})"), ErrorKind::usage);
  EXPECT_EQ(kind("ODDUSDT"), ErrorKind::data);
  EXPECT_EQ(kind("BTCUSDT", "<html>403</html>"), ErrorKind::data);
  EXPECT_EQ(kind("BTCUSDT", R"({"symbols":[{"symbol":"BTCUSDT","filters":7,"status":3}]})"),
            ErrorKind::data);
}

}  // namespace
}  // namespace mm::venues
