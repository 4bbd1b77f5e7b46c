// Answers of POST /info, by the examples of the venue's documentation and older captures.

#include "venues/hyperliquid/info.hpp"

#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"

namespace mm::venues::hyperliquid {
namespace {

using mm::test::instrument;

constexpr const char* meta =
    R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":56},
      {"szDecimals":4,"name":"ETH","maxLeverage":25},
      {"szDecimals":1,"name":"OLD","maxLeverage":3,"isDelisted":true,"onlyIsolated":true},
      {"szDecimals":2,"name":"SOL","maxLeverage":20},
      {"szDecimals":0,"name":"kPEPE","maxLeverage":10}],
      "marginTables":[[56,{}]],"collateralToken":0})";

constexpr const char* account_state =
    R"({"marginSummary":{"accountValue":"1790.07","totalNtlPos":"788.81","totalRawUsd":"1001.26",
      "totalMarginUsed":"39.44"},"crossMarginSummary":{"accountValue":"1790.07"},
      "crossMaintenanceMarginUsed":"9.86","withdrawable":"1711.18",
      "assetPositions":[{"type":"oneWay","position":{"coin":"BTC","szi":"-0.0125",
        "leverage":{"type":"cross","value":20},"entryPx":"63100.25","positionValue":"788.81",
        "unrealizedPnl":"0.0587","returnOnEquity":"0.0014","liquidationPx":null,
        "marginUsed":"39.44","maxLeverage":40,"cumFunding":{"allTime":"0.41"}}}],
      "time":1790234567812})";

constexpr const char* order_row =
    R"({"coin":"BTC","side":"B","limitPx":"63104.0","sz":"0.01","oid":512907741186,
      "timestamp":1790234560101,"origSz":"0.0125","cloid":"0x6d6d0050c6301a2b00000000000000d2",
      "triggerCondition":"N/A","isTrigger":false,"triggerPx":"0.0","children":[],
      "isPositionTpsl":false,"reduceOnly":true,"orderType":"Limit","tif":"Alo"})";

// The rule and the table built into the program say the same.
TEST(Meta, GivesTheBuiltInInstruments) {
  const auto decoded = decode_meta(meta);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->odd.empty());
  const std::vector<Asset>* const assets = &decoded->assets;
  ASSERT_EQ(assets->size(), 5u);
  EXPECT_EQ((*assets)[0].instrument, instrument("hyperliquid", "BTC"));
  EXPECT_EQ((*assets)[1].instrument, instrument("hyperliquid", "ETH"));
  EXPECT_EQ((*assets)[3].instrument, instrument("hyperliquid", "SOL"));
  EXPECT_EQ((*assets)[3].index, 3u);
  EXPECT_TRUE((*assets)[2].delisted);
  EXPECT_FALSE((*assets)[3].delisted);
  EXPECT_EQ((*assets)[0].max_leverage, 40);
  EXPECT_EQ((*assets)[4].instrument.price_decimals, 6);
  EXPECT_EQ((*assets)[4].instrument.lot_decimals, 0);
}

TEST(Meta, IsReadBesideItsContextsToo) {
  EXPECT_EQ(decode_meta("[" + std::string(meta) + ",[]]")->assets.size(), 5u);
}

TEST(Meta, RefusesWhatItCannotBe) {
  for (const char* bad :
       {"", "null", "[]", "{}", R"({"universe":{}})", R"({"universe":[1]})",
        R"({"universe":[{"name":"BTC"}]})", R"({"universe":[{"name":"BTC","szDecimals":7}]})",
        R"({"universe":[{"name":"BTC","szDecimals":-1}]})",
        R"({"universe":[{"name":"BTC","szDecimals":"5"}]})",
        R"({"universe":[{"name":"","szDecimals":5}]})"})
    EXPECT_FALSE(decode_meta(bad)) << bad;
}

TEST(Meta, LeavesOddEntriesOutAndKeepsTheIndicesOfTheOthers) {
  const auto decoded = decode_meta(
      R"({"universe":[{"name":"A","szDecimals":7},1,{"name":"B","szDecimals":2},{"szDecimals":2}]})");
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->assets.size(), 1u);
  EXPECT_EQ(decoded->assets[0].index, 2u);
  ASSERT_EQ(decoded->odd.size(), 3u);
  EXPECT_EQ(decoded->odd[0].name, "A");
  EXPECT_EQ(decoded->odd[1].name, "");
  EXPECT_EQ(decoded->odd[2].index, 3u);
  for (const OddAsset& odd : decoded->odd) EXPECT_FALSE(odd.problem.empty());
}

TEST(Units, AreExactOrNothing) {
  const Instrument& btc = instrument("hyperliquid", "BTC");
  EXPECT_EQ(price_of(btc, 6'310'450'000'000), Price::from_units(631045));
  EXPECT_FALSE(price_of(btc, 6'310'450'000'001));
  EXPECT_EQ(qty_of(btc, -1'250'000), Qty::from_lots(-1250));
  EXPECT_FALSE(qty_of(btc, 1));
}

TEST(OpenOrders, AreReadWithAndWithoutTheFrontendsFields) {
  const auto orders = decode_open_orders(
      "[" + std::string(order_row) +
      R"(,{"coin":"ETH","limitPx":"1870.7","oid":5,"side":"A","sz":"1.5","timestamp":7},
          {"coin":"INJ","limitPx":"9.2037","oid":6,"side":"A","sz":"0.0","timestamp":7,
           "origSz":"12.5","isTrigger":true,"tif":null,"cloid":null,"children":[]}])");
  ASSERT_TRUE(orders);
  ASSERT_EQ(orders->size(), 3u);
  const OpenOrder& full = (*orders)[0];
  EXPECT_EQ(full.coin, "BTC");
  EXPECT_EQ(full.side, Side::buy);
  EXPECT_EQ(full.limit_price_e8, 6'310'400'000'000);
  EXPECT_EQ(full.size_e8, 1'000'000);
  EXPECT_EQ(full.original_size_e8, 1'250'000);
  EXPECT_EQ(full.oid, 512907741186);
  EXPECT_EQ(full.cloid, (Cloid{0x6d6d0050c6301a2b, ClientOrderId{0xd2}}));
  EXPECT_TRUE(full.reduce_only);
  EXPECT_EQ(full.time_in_force, "Alo");
  EXPECT_EQ((*orders)[1].original_size_e8, 150'000'000);
  EXPECT_FALSE((*orders)[1].cloid);
  EXPECT_TRUE((*orders)[2].is_trigger);
  EXPECT_TRUE(decode_open_orders("[]")->empty());
}

TEST(OpenOrders, RefusesWhatTheyCannotBe) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string row = order_row;
    return "[" + row.replace(row.find(from), from.size(), to) + "]";
  };
  EXPECT_TRUE(decode_open_orders(with("\"B\"", "\"A\"")));
  EXPECT_FALSE(decode_open_orders(with("\"B\"", "\"buy\"")));
  EXPECT_FALSE(decode_open_orders(with("\"63104.0\"", "63104.0")));
  EXPECT_FALSE(decode_open_orders(with("\"63104.0\"", "\"-63104.0\"")));
  EXPECT_FALSE(decode_open_orders(with("\"63104.0\"", "\"6e4\"")));
  EXPECT_FALSE(decode_open_orders(with("\"63104.0\"", "\"0.123456789\"")));
  EXPECT_FALSE(decode_open_orders(with("512907741186", "\"512907741186\"")));
  EXPECT_FALSE(decode_open_orders("{}"));
  EXPECT_FALSE(decode_open_orders("[[]]"));
}

TEST(OrderStatus, IsFoundOrUnknown) {
  const auto found =
      decode_order_status(R"({"status":"order","order":{"order":)" + std::string(order_row) +
                          R"(,"status":"filled","statusTimestamp":1790234567880}})");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->phase, OrderPhase::filled);
  EXPECT_EQ((*found)->status, "filled");
  EXPECT_EQ((*found)->time_ms, 1790234567880);
  EXPECT_EQ((*found)->order.oid, 512907741186);
  const auto unknown = decode_order_status(R"({"status":"unknownOid"})");
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(*unknown);
  EXPECT_FALSE(decode_order_status(R"({"status":"order"})"));
  EXPECT_FALSE(decode_order_status(R"({"status":"else"})"));
  EXPECT_FALSE(decode_order_status("null"));
}

TEST(AccountState, HoldsMarginAndPositions) {
  const auto account = decode_account_state(account_state);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->account_value, Money::from_units(Int128{1'790'070'000'000'000}));
  EXPECT_EQ(account->time_ms, 1790234567812);
  ASSERT_EQ(account->positions.size(), 1u);
  const AssetPosition& position = account->positions[0];
  EXPECT_EQ(position.size_e8, -1'250'000);
  EXPECT_EQ(position.entry_price_e8, 6'310'025'000'000);
  EXPECT_FALSE(position.liquidation_price_e8);
  EXPECT_EQ(position.leverage, 20);
  EXPECT_FALSE(position.isolated);
}

TEST(AccountState, GivesThePositionOfAnInstrument) {
  const AccountState account = *decode_account_state(account_state);
  const auto btc = position_of(account, instrument("hyperliquid", "BTC"));
  ASSERT_TRUE(btc);
  EXPECT_EQ(btc->position, Qty::from_lots(-1250));
  EXPECT_EQ(btc->average_price, Price::from_units(631002));  // 631002.5, half to even
  const auto eth = position_of(account, instrument("hyperliquid", "ETH"));
  ASSERT_TRUE(eth);
  EXPECT_EQ(eth->position, Qty{});
}

TEST(AccountState, RefusesWhatItCannotBe) {
  const std::string good = account_state;
  for (const auto& [from, to] :
       {std::pair{"\"-0.0125\"", "-0.0125"}, std::pair{"\"-0.0125\"", "\"NaN\""},
        std::pair{"\"assetPositions\"", "\"else\""}, std::pair{"\"1790.07\"", "\"\""},
        std::pair{"\"value\"", "\"v\""}, std::pair{"20}", "1e400}"}}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string(from).size(), to);
    EXPECT_FALSE(decode_account_state(bad)) << to;
  }
}

TEST(RequestBudget, IsReadInBothItsForms) {
  const auto now = decode_request_budget(
      R"({"cumVlm":"21000.5","nRequestsUsed":3120,"nRequestsCap":31000,"nRequestsSurplus":4})");
  ASSERT_TRUE(now);
  EXPECT_EQ(now->volume, Money::from_units(Int128{21'000'500'000'000'000}));
  EXPECT_EQ(now->used, 3120);
  EXPECT_EQ(now->cap, 31000);
  EXPECT_EQ(now->surplus, 4);
  const auto older = decode_request_budget(
      R"({"cumVlm":"170043721737.450012207","nRequestsUsed":36589831368,"nRequestsCap":170043731737})");
  ASSERT_TRUE(older);
  EXPECT_EQ(older->surplus, 0);
}

TEST(UserRoleReply, TellsAnAgentsMaster) {
  EXPECT_EQ(decode_user_role(R"({"role":"user"})")->role, UserRole::user);
  EXPECT_EQ(decode_user_role(R"({"role":"missing"})")->role, UserRole::missing);
  EXPECT_EQ(decode_user_role(R"({"role":"something"})")->role, UserRole::unknown);
  const auto agent = decode_user_role(
      R"({"role":"agent","data":{"user":"0x1F0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810"}})");
  ASSERT_TRUE(agent && agent->master);
  EXPECT_EQ(agent->master->text(), "0x1f0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810");
  EXPECT_EQ(agent->role, UserRole::agent);
  EXPECT_FALSE(decode_user_role(R"({"role":"agent","data":{"user":"0x1f"}})"));
  EXPECT_FALSE(decode_user_role(R"({"role":7})"));
}

TEST(ExchangeStatus, IsAClock) {
  const auto quiet = decode_exchange_status(R"({"specialStatuses":null,"time":1790234567439})");
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->time_ms, 1790234567439);
  EXPECT_EQ(quiet->special, "");
  EXPECT_EQ(decode_exchange_status(R"({"specialStatuses":["x"],"time":1})")->special, R"(["x"])");
  EXPECT_FALSE(decode_exchange_status(R"({"time":"1"})"));
}

TEST(InfoRequest, AsksInTheVenuesWords) {
  const Address user = *Address::parse("0x1F0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810");
  EXPECT_EQ(info_request("meta"), R"({"type":"meta"})");
  EXPECT_EQ(info_request("openOrders", user),
            R"({"type":"openOrders","user":"0x1f0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810"})");
  EXPECT_EQ(
      order_status_request(user, 7),
      R"({"type":"orderStatus","user":"0x1f0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810","oid":7})");
  EXPECT_EQ(order_status_request(user, Cloid{1, ClientOrderId{2}}),
            R"({"type":"orderStatus","user":"0x1f0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810",)"
            R"("oid":"0x00000000000000010000000000000002"})");
  EXPECT_EQ(fills_request(user, 5),
            R"({"type":"userFillsByTime","user":"0x1f0e8b7a4c2d9e635a7b1c08d4e2f3a6b5c79810",)"
            R"("startTime":5})");
}

}  // namespace
}  // namespace mm::venues::hyperliquid
