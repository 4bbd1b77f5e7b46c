// POST /info: shapes and refusals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/standin/stage.hpp"
#include "tests/venues/market_data.hpp"

namespace mm {
namespace {

using namespace test;

const std::string user = R"(,"user":")" + std::string(account_address) + R"("})";

struct Question {
  const char* name;
  std::string body;
  unsigned status;
  std::string reply;
};

class Info : public testing::TestWithParam<Question> {};

TEST_P(Info, IsAnsweredAsTheVenueDoes) {
  Stage stage(recorded_btc());
  stage.advance(std::chrono::seconds{2});
  const auto answer = stage.post("/info", GetParam().body);
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.body, GetParam().reply);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Info,
    testing::Values(
        Question{"no_json", "{", 400, "Failed to parse the request body as JSON"},
        Question{"unknown", R"({"type":"nothing"})", 422,
                 "Failed to deserialize the JSON body into the target type"},
        Question{"field_missing", R"({"type":"l2Book"})", 422,
                 "Failed to deserialize the JSON body into the target type"},
        Question{"unknown_coin", R"({"type":"l2Book","coin":"NOPE"})", 200, "null"},
        Question{"history_of_nothing", R"({"type":"fundingHistory","coin":"NOPE","startTime":1})",
                 500, "null"},
        Question{"unknown_dex", R"({"type":"meta","dex":"xyz"})", 500, "null"},
        Question{"no_orders", R"({"type":"openOrders")" + user, 200, "[]"},
        Question{"no_fills", R"({"type":"userFills")" + user, 200, "[]"},
        Question{"fills_without_start", R"({"type":"userFillsByTime")" + user, 422,
                 "Failed to deserialize the JSON body into the target type"},
        Question{"role", R"({"type":"userRole")" + user, 200, R"({"role":"user"})"},
        Question{"nobody",
                 R"({"type":"userRole","user":"0x0000000000000000000000000000000000000009"})", 200,
                 R"({"role":"missing"})"},
        Question{"unknown_order", R"({"type":"orderStatus","oid":5)" + user, 200,
                 R"({"status":"unknownOid"})"},
        Question{"rate", R"({"type":"userRateLimit")" + user, 200,
                 R"({"cumVlm":"0.0","nRequestsUsed":0,"nRequestsCap":10000,"nRequestsSurplus":0})"},
        Question{
            "meta", R"({"type":"meta"})", 200,
            R"({"universe":[{"szDecimals":5,"name":"BTC","maxLeverage":40,"marginTableId":40}],)"
            R"("marginTables":[[40,{"description":"","marginTiers":[{"lowerBound":"0.0",)"
            R"("maxLeverage":40}]}]],"collateralToken":0})"}),
    [](const auto& of) { return of.param.name; });

TEST(InfoShapes, HaveTheKeysOfTheVenue) {
  Stage stage(recorded_btc());
  stage.advance(std::chrono::seconds{20});
  const Json both = stage.info(R"({"type":"metaAndAssetCtxs"})");
  for (const char* key : {"funding", "openInterest", "prevDayPx", "dayNtlVlm", "premium",
                          "oraclePx", "markPx", "midPx", "impactPxs", "dayBaseVlm"}) {
    EXPECT_TRUE(both[1][0].contains(key)) << key;
  }
  EXPECT_TRUE(stage.info(R"({"type":"allMids"})").contains("BTC"));
  const Json state = stage.info(R"({"type":"clearinghouseState")" + user);
  EXPECT_EQ(state["marginSummary"]["accountValue"], "100000.0");
  EXPECT_EQ(state["assetPositions"].size(), 0u);
  const Json status = stage.info(R"({"type":"exchangeStatus"})");
  EXPECT_LT(status["time"].get<std::uint64_t>(), stage.now_ms());
  EXPECT_FALSE(stage.info(R"({"type":"recentTrades","coin":"BTC"})").empty());
}

TEST(InfoLimits, AreAWeightAMinute) {
  Stage stage(recorded_btc());
  int answered = 0;
  while (stage.post("/info", R"({"type":"meta"})").status == 200) ++answered;
  EXPECT_EQ(answered, 1200 / 20);
  const auto refused = stage.post("/info", R"({"type":"meta"})");
  EXPECT_EQ(refused.status, 429u);
  EXPECT_EQ(refused.body, "null");
  stage.advance(std::chrono::minutes{1});
  EXPECT_EQ(stage.post("/info", R"({"type":"meta"})").status, 200u);
}

/// All keys of a value, with the paths that lead there; arrays count as their first element.
void keys_of(const Json& value, const std::string& path, std::set<std::string>& out) {
  if (value.is_array()) {
    if (!value.empty()) keys_of(value.front(), path + "[]", out);
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      out.insert(path + "." + key);
      keys_of(inner, path + "." + key, out);
    }
  }
}

// What we send has every key that frames recorded on the wire have.
TEST(Frames, HaveTheKeysOfRecordedOnes) {
  std::ifstream samples(data_root() + "/hyperliquid/ws_samples/hyperliquid_ws_samples.jsonl");
  if (!samples) GTEST_SKIP() << "no recorded frames here";
  std::map<std::string, std::set<std::string>> recorded;
  for (std::string line; std::getline(samples, line);) {
    const Json sample = Json::parse(line);
    if (!sample.value("real", false)) continue;
    const Json frame = Json::parse(sample["msg"].get<std::string>(), nullptr, false);
    if (!frame.is_object() || !frame.contains("channel")) continue;
    std::set<std::string> keys;
    keys_of(frame, "", keys);
    std::set<std::string>& all = recorded[frame["channel"]];
    // The common ones: optional keys differ from frame to frame.
    if (all.empty()) {
      all = keys;
    } else {
      std::erase_if(all, [&](const std::string& key) { return !keys.contains(key); });
    }
  }
  Stage stage(recorded_btc());
  stage.advance(std::chrono::seconds{10});
  const auto client = stage.connect();
  for (const char* type : {"l2Book", "bbo", "trades", "activeAssetCtx"}) {
    stage.send(client, std::string(R"({"method":"subscribe","subscription":{"type":")") + type +
                           R"(","coin":"BTC"}})");
  }
  std::size_t compared = 0;
  for (const std::string& text : stage.take(client)) {
    const Json frame = Json::parse(text);
    std::set<std::string> keys;
    keys_of(frame, "", keys);
    if (frame["channel"] == "subscriptionResponse") continue;
    for (const std::string& key : recorded[frame["channel"]]) {
      EXPECT_TRUE(keys.contains(key)) << key << " in " << text.substr(0, 200);
      ++compared;
    }
  }
  EXPECT_GT(compared, 20u);
}

}  // namespace
}  // namespace mm
