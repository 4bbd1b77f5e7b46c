// Hyperliquid's /exchange: signed actions, the venue's texts, and what users hear of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/standin/stage.hpp"

namespace mm {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;
namespace hl = venues::hyperliquid;

/// A venue whose recorded market is over: the book stands still.
class Exchange : public testing::Test {
 protected:
  explicit Exchange(standin::Options options = recorded_btc()) : stage_(options) {
    stage_.advance(std::chrono::seconds{40});
    const Json book = stage_.info(R"({"type":"l2Book","coin":"BTC"})");
    bid_ = std::stod(book["levels"][0][0]["px"].get<std::string>());
    ask_ = std::stod(book["levels"][1][0]["px"].get<std::string>());
  }
  static std::string whole(double price) {
    return std::to_string(static_cast<std::int64_t>(price));
  }
  Json statuses(const Stage::Answer& answer) {
    EXPECT_EQ(answer.status, 200u);
    const Json json = Json::parse(answer.body);
    EXPECT_EQ(json["status"], "ok") << answer.body;
    return json["response"]["data"]["statuses"];
  }
  Json place(const hl::Order& of) {
    const hl::Order orders[] = {of};
    return statuses(stage_.act(hl::order_action(orders)))[0];
  }
  std::string position() {
    const Json state = stage_.info(R"({"type":"clearinghouseState","user":")" +
                                   std::string(account_address) + R"("})");
    return state["assetPositions"].empty()
               ? "0"
               : state["assetPositions"][0]["position"]["szi"].get<std::string>();
  }
  Json user(const char* type) {
    return stage_.info(std::string(R"({"type":")") + type + R"(","user":")" + account_address +
                       R"("})");
  }

  Stage stage_;
  double bid_ = 0;
  double ask_ = 0;
};

TEST_F(Exchange, ASignedPostOnlyOrderRestsAndIsShown) {
  hl::Order of = order(Side::buy, whole(bid_ - 50), "0.01");
  of.cloid = hl::Cloid{7, ClientOrderId{1}};
  const Json status = place(of);
  ASSERT_TRUE(status.contains("resting")) << status;
  EXPECT_EQ(status["resting"]["cloid"], of.cloid->text());
  const Json open = user("openOrders");
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0]["oid"], status["resting"]["oid"]);
  EXPECT_EQ(open[0]["sz"], "0.01");
  EXPECT_EQ(user("frontendOpenOrders")[0]["tif"], "Alo");
  const Json found =
      stage_.info(R"({"type":"orderStatus","user":")" + std::string(account_address) +
                  R"(","oid":")" + of.cloid->text() + R"("})");
  EXPECT_EQ(found["status"], "order");
  EXPECT_EQ(found["order"]["status"], "open");
}

TEST_F(Exchange, RepliesFollowTheirBlockSomeTimeLater) {
  const hl::Order orders[] = {order(Side::buy, whole(bid_ - 50), "0.01")};
  const auto answer = stage_.act(hl::order_action(orders));
  EXPECT_GT(answer.after, std::chrono::milliseconds{20});
  EXPECT_LT(answer.after, std::chrono::milliseconds{1100});
}

TEST_F(Exchange, AnIocTakesAndFillsAreTold) {
  const auto client = stage_.connect();
  for (const char* type : {"userFills", "orderUpdates", "userEvents"}) {
    stage_.send(client, std::string(R"({"method":"subscribe","subscription":{"type":")") + type +
                            R"(","user":")" + account_address + R"("}})");
  }
  stage_.take(client);
  const Json status = place(order(Side::buy, whole(ask_ + 20), "0.002", TimeInForce::ioc));
  ASSERT_TRUE(status.contains("filled")) << status;
  EXPECT_EQ(status["filled"]["totalSz"], "0.002");
  stage_.advance(std::chrono::seconds{1});
  std::vector<Json> updates;
  std::vector<Json> fills;
  for (const std::string& text : stage_.take(client)) {
    const Json json = Json::parse(text);
    if (json["channel"] == "orderUpdates") updates.push_back(json["data"]);
    if (json["channel"] == "userFills") fills.push_back(json["data"]);
  }
  // Taken at once: both in one frame, the second with nothing left.
  ASSERT_THAT(updates, SizeIs(1));
  ASSERT_THAT(updates[0], SizeIs(2));
  EXPECT_EQ(updates[0][0]["status"], "open");
  EXPECT_EQ(updates[0][1]["status"], "filled");
  EXPECT_EQ(updates[0][1]["order"]["sz"], "0.0");
  ASSERT_THAT(fills, SizeIs(1));
  EXPECT_EQ(fills[0]["isSnapshot"], false);
  const Json& fill = fills[0]["fills"][0];
  EXPECT_EQ(fill["dir"], "Open Long");
  EXPECT_EQ(fill["crossed"], true);
  EXPECT_EQ(fill["startPosition"], "0.0");
  EXPECT_EQ(position(), "0.002");
  // 0.045 % of the value.
  const double value =
      std::stod(fill["px"].get<std::string>()) * std::stod(fill["sz"].get<std::string>());
  EXPECT_NEAR(std::stod(fill["fee"].get<std::string>()), value * 0.00045, 1e-6);
}

TEST_F(Exchange, WhatIsWrongWithAnOrderIsSaidInTheVenuesWords) {
  hl::Order reduce = order(Side::sell, whole(ask_ + 10), "0.01");
  reduce.reduce_only = true;
  const struct {
    hl::Order of;
    const char* text;
    const char* status;
  } table[] = {
      {order(Side::buy, whole(bid_ - 50) + ".5", "0.01"),
       "Price must be divisible by tick size. asset=0", "tickRejected"},
      {order(Side::buy, whole(bid_ - 50), "0.0000012"), "Order has invalid size. asset=0",
       "rejected"},
      {order(Side::buy, whole(bid_ - 50), "0.00001"),
       "Order must have minimum value of $10. asset=0", "minTradeNtlRejected"},
      {order(Side::buy, whole(bid_ - 50), "90"), "Insufficient margin to place order. asset=0",
       "perpMarginRejected"},
      {reduce, "Reduce only order would increase position. asset=0", "reduceOnlyRejected"},
      {order(Side::buy, whole(ask_ + 5), "0.01"),
       "Post only order would have immediately matched, bbo was", "badAloPxRejected"},
      {order(Side::buy, whole(bid_ - 50), "0.01", TimeInForce::ioc),
       "Order could not immediately match against any resting orders. asset=0",
       "iocCancelRejected"},
      {order(Side::buy, "100", "0.2"),
       "Order price cannot be more than 95% away from the reference price asset=0", nullptr},
  };
  for (const auto& row : table) {
    const Json status = place(row.of);
    ASSERT_TRUE(status.contains("error")) << status << row.text;
    EXPECT_THAT(status["error"].get<std::string>(), StartsWith(row.text));
    if (row.status != nullptr) {
      EXPECT_EQ(user("historicalOrders")[0]["status"], row.status);
    }
  }
  EXPECT_TRUE(user("openOrders").empty());
}

TEST_F(Exchange, CancelsByBothNames) {
  hl::Order of = order(Side::buy, whole(bid_ - 50), "0.01");
  of.cloid = hl::Cloid{7, ClientOrderId{1}};
  const std::int64_t oid = place(of)["resting"]["oid"];
  const hl::CancelRequest cancels[] = {{0, oid}, {0, oid}, {0, 1}};
  EXPECT_EQ(
      statuses(stage_.act(hl::cancel_action(cancels))).dump(),
      R"(["success",{"error":"Order was never placed, already canceled, or filled. asset=0"},)"
      R"({"error":"Order was never placed, already canceled, or filled. asset=0"}])");
  // The id is free again once its order is gone.
  ASSERT_TRUE(place(of).contains("resting"));
  EXPECT_THAT(place(of)["error"].get<std::string>(), HasSubstr("cloid"));
  const hl::CloidCancelRequest by_cloid[] = {{0, *of.cloid}};
  EXPECT_EQ(statuses(stage_.act(hl::cancel_by_cloid_action(by_cloid)))[0], "success");
}

TEST_F(Exchange, AModifyIsANewOrder) {
  hl::Order of = order(Side::buy, whole(bid_ - 50), "0.01");
  const std::int64_t oid = place(of)["resting"]["oid"];
  of.price = whole(bid_ - 40);
  const hl::ModifyRequest modifies[] = {{oid, of}};
  const Json status = statuses(stage_.act(hl::batch_modify_action(modifies)))[0];
  ASSERT_TRUE(status.contains("resting")) << status;
  EXPECT_NE(status["resting"]["oid"], oid);
  EXPECT_THAT(user("openOrders"), SizeIs(1));
  // The old one is gone.
  EXPECT_EQ(statuses(stage_.act(hl::batch_modify_action(modifies)))[0]["error"],
            "Cannot modify canceled or filled order asset=0");
  const std::int64_t live = status["resting"]["oid"];
  EXPECT_EQ(stage_.act(hl::modify_action({live, of})).body,
            R"({"status":"ok","response":{"type":"default"}})");
  // One that would match loses the old order and is not placed.
  const std::int64_t last = user("openOrders")[0]["oid"];
  of.price = whole(ask_ + 10);
  const hl::ModifyRequest crossing[] = {{last, of}};
  EXPECT_THAT(
      statuses(stage_.act(hl::batch_modify_action(crossing)))[0]["error"].get<std::string>(),
      StartsWith("Error placing new order during modify: Post only"));
  EXPECT_TRUE(user("openOrders").empty());
}

TEST_F(Exchange, OneNonceIsGoodOnce) {
  const auto action = hl::noop_action();
  const std::uint64_t nonce = stage_.now_ms();
  EXPECT_EQ(stage_.post("/exchange", stage_.signed_body(action, nonce)).body,
            R"({"status":"ok","response":{"type":"default"}})");
  EXPECT_EQ(stage_.post("/exchange", stage_.signed_body(action, nonce)).body,
            R"({"status":"err","response":"Invalid nonce: duplicate nonce )" +
                std::to_string(nonce) + R"("})");
  EXPECT_THAT(stage_.post("/exchange", stage_.signed_body(action, nonce + 2 * 86'400'000)).body,
              HasSubstr("Invalid nonce: nonce too high"));
  // An expired action has used its nonce as well.
  EXPECT_EQ(stage_.post("/exchange", stage_.signed_body(action, nonce + 1, nonce - 5000)).body,
            R"({"status":"err","response":"Action already expired"})");
  EXPECT_THAT(stage_.post("/exchange", stage_.signed_body(action, nonce + 1)).body,
              HasSubstr("duplicate"));
}

TEST_F(Exchange, AStrangerIsNamedAndAnAgentIsNot) {
  const auto stranger = hl::PrivateKey::from_hex(std::string(63, '0') + "7").value();
  hl::RequestTerms terms;
  terms.nonce = stage_.now_ms();
  const auto body = [&] {
    ++terms.nonce;
    return hl::signed_request(stranger, hl::Network::testnet, hl::noop_action(), terms);
  };
  EXPECT_EQ(stage_.post("/exchange", body()).body,
            R"({"status":"err","response":"User or API Wallet )" + stranger.address().text() +
                R"( does not exist."})");
  const auto master = hl::PrivateKey::from_hex(account_key).value();
  EXPECT_EQ(stage_
                .post("/exchange",
                      hl::approve_agent_request(master, hl::Network::testnet, stranger.address(),
                                                "quoter", stage_.now_ms()))
                .body,
            R"({"status":"ok","response":{"type":"default"}})");
  EXPECT_EQ(stage_.post("/exchange", body()).body,
            R"({"status":"ok","response":{"type":"default"}})");
  EXPECT_EQ(stage_.info(R"({"type":"userRole","user":")" + stranger.address().text() + R"("})")
                .at("role"),
            "agent");
}

TEST_F(Exchange, WhatIsNoRequestIsAnHttpError) {
  EXPECT_EQ(stage_.post("/exchange", "{").status, 400u);
  EXPECT_EQ(stage_.post("/exchange", "{}").status, 422u);
  EXPECT_EQ(stage_.get("/exchange").status, 405u);
  std::string body = stage_.signed_body(hl::noop_action());
  body.replace(body.find("\"nonce\":"), 8, "\"nonce\":1");
  EXPECT_THAT(stage_.post("/exchange", body).body, HasSubstr("does not exist."));
}

TEST_F(Exchange, TheDeadMansSwitchNeedsVolume) {
  EXPECT_EQ(stage_.act(hl::schedule_cancel_action(stage_.now_ms() + 10'000)).body,
            R"({"status":"err","response":"Cannot set scheduled cancel time until enough volume )"
            R"(traded. Required: $1000000. Traded: $0.00"})");
}

class Veteran : public Exchange {
 protected:
  static standin::Options options() {
    standin::Options of = recorded_btc();
    of.prior_volume = Money::from_units(Int128{2'000'000} * Money::per_one);
    return of;
  }
  Veteran() : Exchange(options()) {}
};

TEST_F(Veteran, TheDeadMansSwitchCancelsEverything) {
  const auto client = stage_.connect();
  stage_.send(client, R"({"method":"subscribe","subscription":{"type":"orderUpdates","user":")" +
                          std::string(account_address) + R"("}})");
  place(order(Side::buy, whole(bid_ - 50), "0.01"));
  place(order(Side::sell, whole(ask_ + 50), "0.01"));
  EXPECT_EQ(stage_.act(hl::schedule_cancel_action(stage_.now_ms() + 6'000)).body,
            R"({"status":"ok","response":{"type":"default"}})");
  EXPECT_THAT(stage_.act(hl::schedule_cancel_action(stage_.now_ms() + 1'000)).body,
              HasSubstr("at least 5 seconds"));
  stage_.advance(std::chrono::seconds{4});
  EXPECT_THAT(user("openOrders"), SizeIs(2));
  stage_.take(client);
  stage_.advance(std::chrono::seconds{3});
  EXPECT_THAT(user("openOrders"), SizeIs(0));
  const auto updates = stage_.take(client, "orderUpdates");
  ASSERT_THAT(updates, SizeIs(1));
  EXPECT_EQ(updates[0][1]["status"], "scheduledCancel");
}

TEST_F(Exchange, OwnOrdersNeverTradeWithEachOther) {
  const std::int64_t resting = place(order(Side::sell, whole(ask_), "0.01"))["resting"]["oid"];
  // More than stands at the touch, our own order behind it included.
  const Json status = place(order(Side::buy, whole(ask_), "7", TimeInForce::ioc));
  ASSERT_TRUE(status.contains("filled")) << status;
  EXPECT_NE(status["filled"]["totalSz"], "7.0");
  const Json found =
      stage_.info(R"({"type":"orderStatus","user":")" + std::string(account_address) +
                  R"(","oid":)" + std::to_string(resting) + "}");
  EXPECT_EQ(found["order"]["status"], "selfTradeCanceled");
}

TEST_F(Exchange, ReduceOnlyShrinksAndEndsWithThePosition) {
  place(order(Side::buy, whole(ask_ + 20), "0.002", TimeInForce::ioc));
  hl::Order close = order(Side::sell, whole(ask_ + 100), "0.005");
  close.reduce_only = true;
  ASSERT_TRUE(place(close).contains("resting"));
  EXPECT_EQ(user("openOrders")[0]["sz"], "0.002");
  EXPECT_EQ(user("openOrders")[0]["origSz"], "0.005");
  place(order(Side::sell, whole(bid_ - 20), "0.002", TimeInForce::ioc));
  EXPECT_EQ(position(), "0");
  EXPECT_EQ(user("historicalOrders")[1]["status"], "reduceOnlyCanceled");
}

TEST_F(Exchange, FundingIsPaidOnTheHour) {
  place(order(Side::buy, whole(ask_ + 20), "0.01", TimeInForce::ioc));
  const auto client = stage_.connect();
  stage_.send(client, R"({"method":"subscribe","subscription":{"type":"userEvents","user":")" +
                          std::string(account_address) + R"("}})");
  stage_.take(client);
  const std::uint64_t hour = 3'600'000;
  for (std::uint64_t left = hour - stage_.now_ms() % hour + 200; left > 0;) {
    const std::uint64_t part = std::min<std::uint64_t>(left, 50'000);
    stage_.advance(std::chrono::milliseconds{static_cast<std::int64_t>(part)});
    stage_.send(client, R"({"method":"ping"})");
    left -= part;
  }
  const auto events = stage_.take(client, "user");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0]["funding"]["fundingRate"], "0.0000125");
  EXPECT_LT(std::stod(events[0]["funding"]["usdc"].get<std::string>()), 0);
  EXPECT_LT(events[0]["funding"]["time"].get<std::uint64_t>() % hour, 400u);
}

}  // namespace
}  // namespace mm
