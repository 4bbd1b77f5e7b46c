// Faults on demand: what they are called and what the client sees of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/standin/stage.hpp"

namespace mm {
namespace {

using namespace test;
using standin::parse_fault;
using testing::HasSubstr;
using testing::SizeIs;
namespace hl = venues::hyperliquid;

TEST(FaultText, IsReadOrExplained) {
  const auto spec = parse_fault("reject@30s,for=1m,venue=hyperliquid,status=badAloPxRejected");
  ASSERT_TRUE(spec.has_value());
  EXPECT_EQ(spec->at, std::chrono::seconds{30});
  EXPECT_EQ(spec->length, std::chrono::minutes{1});
  EXPECT_EQ(spec->status, "badAloPxRejected");
  for (const auto& [text, why] :
       {std::pair{"explode@1s", "unknown kind"}, std::pair{"drop@soon", "no duration"},
        std::pair{"drop@1s,for=x", "no duration"}, std::pair{"drop@1s,venue=kraken", "hyperliquid"},
        std::pair{"ban@1s", "name the coin"}, std::pair{"drop@1s,what", "name=value"}}) {
    const auto bad = parse_fault(text);
    ASSERT_TRUE(bad.has_error()) << text;
    EXPECT_THAT(bad.error().message(), HasSubstr(why));
  }
}

class Fault : public testing::Test {
 protected:
  /// A synthetic USD-M market with one client of its depth, and the fault after ten seconds.
  Stage& start(const std::string& fault, const std::string& streams = "btcusdt@depth@100ms") {
    standin::Options options;
    options.hyperliquid = false;
    options.coins = {"BTC"};
    options.seed = 3;
    options.faults.push_back(parse_fault(fault).value());
    stage_.emplace(options);
    client_ = stage_->connect("/public/ws/" + streams);
    stage_->advance(std::chrono::milliseconds{9900});
    stage_->take(client_);
    return *stage_;
  }
  /// u and pu of the events seen, in order.
  std::vector<std::pair<std::int64_t, std::int64_t>> chain() {
    std::vector<std::pair<std::int64_t, std::int64_t>> ids;
    for (const std::string& text : stage_->take(client_)) {
      const Json event = Json::parse(text);
      ids.emplace_back(event["u"], event["pu"]);
    }
    return ids;
  }
  static std::size_t breaks(const std::vector<std::pair<std::int64_t, std::int64_t>>& ids) {
    std::size_t count = 0;
    for (std::size_t at = 1; at < ids.size(); ++at) count += ids[at].second != ids[at - 1].first;
    return count;
  }
  std::string counts() { return Json::parse(stage_->get("/control/state").body)["faults"].dump(); }

  std::optional<Stage> stage_;
  standin::ConnectionId client_;
};

TEST_F(Fault, DropCutsEveryConnection) {
  Stage& stage = start("drop@10s");
  EXPECT_TRUE(stage.alive(client_));
  stage.advance(std::chrono::milliseconds{200});
  ASSERT_FALSE(stage.alive(client_));
  EXPECT_EQ(stage.end_of(client_)->kind, standin::Deed::Kind::cut);
  EXPECT_EQ(counts(), R"({"drop":1})");
}

TEST_F(Fault, HalfOpenSaysNothingMore) {
  Stage& stage = start("half-open@10s");
  stage.advance(std::chrono::milliseconds{200});
  EXPECT_EQ(stage.end_of(client_)->kind, standin::Deed::Kind::freeze);
}

TEST_F(Fault, AGapBreaksTheChainOnce) {
  start("gap@12s").advance(std::chrono::seconds{5});
  EXPECT_EQ(breaks(chain()), 1u);
}

TEST_F(Fault, ADuplicateComesTwice) {
  start("duplicate@10s").advance(std::chrono::seconds{5});
  const auto ids = chain();
  std::size_t twice = 0;
  for (std::size_t at = 1; at < ids.size(); ++at) twice += ids[at] == ids[at - 1];
  EXPECT_EQ(twice, 1u);
}

TEST_F(Fault, AReorderChangesTwo) {
  start("reorder@10s").advance(std::chrono::seconds{5});
  const auto ids = chain();
  std::size_t back = 0;
  for (std::size_t at = 1; at < ids.size(); ++at) back += ids[at].first < ids[at - 1].first;
  EXPECT_EQ(back, 1u);
}

TEST_F(Fault, ACorruptFrameIsWrongInOnePlace) {
  Stage& stage = start("corrupt@10s");
  stage.advance(std::chrono::seconds{5});
  std::size_t wrong = 0;
  for (const std::string& text : stage.take(client_)) wrong += text.find('~') != std::string::npos;
  EXPECT_EQ(wrong, 1u);
}

TEST_F(Fault, ATornFrameIsTheEnd) {
  Stage& stage = start("torn@10s");
  stage.advance(std::chrono::seconds{5});
  ASSERT_FALSE(stage.alive(client_));
  EXPECT_EQ(stage.end_of(client_)->kind, standin::Deed::Kind::torn);
  EXPECT_GT(stage.end_of(client_)->code, stage.end_of(client_)->text.size());
}

TEST_F(Fault, AStallHoldsEverythingBackInOrder) {
  Stage& stage = start("stall@10s,for=3s");
  stage.advance(std::chrono::milliseconds{2900});
  EXPECT_LE(chain().size(), 1u);
  stage.advance(std::chrono::seconds{2});
  const auto ids = chain();
  EXPECT_GT(ids.size(), 20u);
  EXPECT_EQ(breaks(ids), 0u);
}

TEST_F(Fault, SlowMessagesAreLateAndNotOvertaken) {
  Stage& stage = start("slow@10s,for=2s,by=700ms");
  stage.advance(std::chrono::milliseconds{600});
  EXPECT_LE(chain().size(), 1u);
  stage.advance(std::chrono::seconds{5});
  const auto ids = chain();
  EXPECT_EQ(breaks(ids), 0u);
  for (std::size_t at = 1; at < ids.size(); ++at) EXPECT_GT(ids[at].first, ids[at - 1].first);
}

TEST_F(Fault, RestRefusesWith429And418) {
  Stage& stage = start("429@10s,for=5s");
  stage.advance(std::chrono::milliseconds{200});
  EXPECT_EQ(stage.get("/fapi/v1/ping").status, 429u);
  stage.advance(std::chrono::seconds{7});
  EXPECT_EQ(stage.get("/fapi/v1/ping").status, 200u);
  stage.post("/control/fault", R"({"fault":"418,for=4s"})");
  const auto banned = stage.get("/fapi/v1/ping");
  EXPECT_EQ(banned.status, 418u);
  EXPECT_TRUE(net::find_header(banned.headers, "Retry-After").has_value());
}

TEST_F(Fault, TheControlEndpointTakesThemToo) {
  Stage& stage = start("gap@5m");
  EXPECT_EQ(stage.post("/control/fault", R"({"fault":"drop@1s"})").body, R"({"ok":true})");
  EXPECT_EQ(stage.post("/control/fault", R"({"fault":"nonsense"})").status, 400u);
  EXPECT_EQ(stage.post("/control/fault", "x").status, 400u);
  stage.advance(std::chrono::seconds{2});
  EXPECT_FALSE(stage.alive(client_));
}

class HyperliquidFault : public testing::Test {
 protected:
  HyperliquidFault() : stage_(recorded_btc()) {
    stage_.advance(std::chrono::seconds{40});
    const Json book = stage_.info(R"({"type":"l2Book","coin":"BTC"})");
    bid_ = std::stoll(book["levels"][0][0]["px"].get<std::string>());
    ask_ = std::stoll(book["levels"][1][0]["px"].get<std::string>());
    client_ = stage_.connect();
    for (const char* type : {"orderUpdates", "userFills"}) {
      stage_.send(client_, std::string(R"({"method":"subscribe","subscription":{"type":")") + type +
                               R"(","user":")" + account_address + R"("}})");
    }
    stage_.take(client_);
  }
  void inject(const std::string& fault) {
    EXPECT_EQ(stage_.post("/control/fault", R"({"fault":")" + fault + R"("})").status, 200u);
  }
  Stage::Answer place(TimeInForce tif, std::int64_t price) {
    const hl::Order orders[] = {order(Side::buy, std::to_string(price), "0.002", tif)};
    return stage_.act(hl::order_action(orders));
  }
  Stage stage_;
  std::int64_t bid_ = 0, ask_ = 0;
  standin::ConnectionId client_;
};

TEST_F(HyperliquidFault, AReplyIsLostAndTheOrderIsThere) {
  inject("reply-lost,for=10s");
  EXPECT_EQ(place(TimeInForce::post_only, bid_ - 20).status, 0u);
  EXPECT_THAT(
      stage_.info(R"({"type":"openOrders","user":")" + std::string(account_address) + R"("})"),
      SizeIs(1));
}

TEST_F(HyperliquidFault, FillsMayComeBeforeTheirOrder) {
  inject("fill-first,for=10s");
  place(TimeInForce::ioc, ask_ + 20);
  std::vector<std::string> channels;
  for (const std::string& text : stage_.take(client_))
    channels.push_back(Json::parse(text)["channel"]);
  EXPECT_THAT(channels, testing::ElementsAre("userFills", "orderUpdates"));
}

TEST_F(HyperliquidFault, EveryStatusCanBeAskedFor) {
  for (const char* status :
       {"tickRejected", "perpMarginRejected", "badAloPxRejected", "oracleRejected"}) {
    inject(std::string("reject,for=2s,status=") + status);
    EXPECT_THAT(place(TimeInForce::post_only, bid_ - 20).body, HasSubstr("error"));
    const auto updates = stage_.take(client_, "orderUpdates");
    ASSERT_THAT(updates, SizeIs(1));
    EXPECT_EQ(updates[0][0]["status"], status);
    stage_.advance(std::chrono::seconds{3});
  }
}

TEST_F(HyperliquidFault, TheRequestBudgetIsUsedUp) {
  inject("refuse,for=5s");
  EXPECT_THAT(place(TimeInForce::post_only, bid_ - 20).body,
              HasSubstr(R"({"status":"err","response":"Too many cumulative requests sent)"));
}

TEST_F(HyperliquidFault, AfterAnUpgradeOnlyPostOnly) {
  inject("post-only,for=5s");
  EXPECT_THAT(place(TimeInForce::ioc, ask_ + 20).body, HasSubstr("Only post-only orders allowed"));
  EXPECT_THAT(place(TimeInForce::post_only, bid_ - 20).body, HasSubstr("resting"));
}

TEST_F(HyperliquidFault, SilenceHasNoBlocksButPongs) {
  inject("silence,for=3s");
  const Time asked = stage_.now();
  stage_.send(client_, R"({"method":"ping"})");
  EXPECT_THAT(stage_.take(client_), SizeIs(1));
  EXPECT_THAT(place(TimeInForce::post_only, bid_ - 20).body, HasSubstr("resting"));
  EXPECT_GE(stage_.now() - asked, std::chrono::seconds{3});
}

TEST_F(HyperliquidFault, ABannedCoinTakesItsSocketsDown) {
  const auto market = stage_.connect();
  stage_.send(market, R"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})");
  inject("ban,for=5s,coin=BTC");
  stage_.advance(std::chrono::milliseconds{200});
  EXPECT_FALSE(stage_.alive(market));
  EXPECT_TRUE(stage_.alive(client_));
}

// Once every clock stood still with the sockets' own: the venue span for ever.
TEST_F(HyperliquidFault, ClocksOfSocketsGoOnThroughEveryFault) {
  const auto market = stage_.connect();
  stage_.send(market, R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC",)"
                      R"("fast":true}})");
  for (const char* fault : {"silence,for=3s", "clock,for=3s,by=-90s", "clock,for=3s,by=90s"}) {
    stage_.take(market);
    inject(fault);
    stage_.advance(std::chrono::seconds{9});
    EXPECT_GE(stage_.take(market, "l2Book").size(), 10u) << fault;
    EXPECT_TRUE(stage_.alive(market)) << fault;
  }
}

TEST_F(HyperliquidFault, StampsCanBeOff) {
  inject("clock,for=5s,by=-90s");
  const Json book = stage_.info(R"({"type":"l2Book","coin":"BTC"})");
  EXPECT_LT(book["time"].get<std::uint64_t>() + 89'000, stage_.now_ms());
}

}  // namespace
}  // namespace mm
