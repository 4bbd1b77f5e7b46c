// A market that really matches: our resting orders fill against its flow, and the books add up.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/standin/stage.hpp"

namespace mm {
namespace {

using namespace test;
namespace hl = venues::hyperliquid;

TEST(SyntheticMarket, OurFillsArePublicTradesAndOurPositionIsTheirSum) {
  Stage stage(synthetic_btc(11));
  stage.advance(std::chrono::seconds{20});
  const auto client = stage.connect();
  stage.send(client, R"({"method":"subscribe","subscription":{"type":"trades","coin":"BTC"}})");
  stage.send(client, R"({"method":"subscribe","subscription":{"type":"userFills","user":")" +
                         std::string(account_address) + R"("}})");
  stage.take(client);
  std::uint64_t order_id = 0;
  std::map<std::string, double> trades;  // by tid: size
  double position = 0;
  std::size_t fills = 0;
  for (int round = 0; round < 60; ++round) {
    const Json book = stage.info(R"({"type":"l2Book","coin":"BTC"})");
    std::vector<hl::Order> orders;
    orders.push_back(order(Side::buy, book["levels"][0][0]["px"].get<std::string>(), "0.01"));
    orders.push_back(order(Side::sell, book["levels"][1][0]["px"].get<std::string>(), "0.01"));
    for (hl::Order& of : orders) {
      of.price = of.price.substr(0, of.price.find('.'));
      of.cloid = hl::Cloid{1, ClientOrderId{++order_id}};
    }
    EXPECT_EQ(stage.act(hl::order_action(orders)).status, 200u);
    stage.advance(std::chrono::seconds{1});
    std::vector<hl::CloidCancelRequest> cancels;
    for (const hl::Order& of : orders) cancels.push_back({0, *of.cloid});
    EXPECT_EQ(stage.act(hl::cancel_by_cloid_action(cancels)).status, 200u);
    for (const std::string& text : stage.take(client)) {
      const Json json = Json::parse(text);
      if (json["channel"] == "trades") {
        for (const Json& trade : json["data"]) {
          trades[trade["tid"].dump()] = std::stod(trade["sz"].get<std::string>());
        }
      } else if (json["channel"] == "userFills") {
        for (const Json& fill : json["data"]["fills"]) {
          const double size = std::stod(fill["sz"].get<std::string>());
          EXPECT_NEAR(std::stod(fill["startPosition"].get<std::string>()), position, 1e-9);
          position += fill["side"] == "B" ? size : -size;
          ASSERT_TRUE(trades.contains(fill["tid"].dump()));
          EXPECT_EQ(trades[fill["tid"].dump()], size);
          ++fills;
        }
      }
    }
  }
  EXPECT_GT(fills, 5u);
  const Json state = Json::parse(stage.get("/control/state").body);
  const Json account = state["hyperliquid"]["accounts"][0];
  EXPECT_TRUE(account["openOrders"].empty());
  const double held = account["positions"].contains("BTC")
                          ? std::stod(account["positions"]["BTC"].get<std::string>())
                          : 0;
  EXPECT_NEAR(held, position, 1e-9);
  EXPECT_EQ(account["fills"], fills);
}

TEST(SyntheticMarket, BinanceLeadsHyperliquid) {
  standin::Options options;
  options.coins = {"BTC"};
  options.seed = 5;
  Stage stage(options);
  stage.advance(std::chrono::seconds{10});
  std::vector<double> lead, late;
  for (int i = 0; i < 1200; ++i) {
    stage.advance(std::chrono::milliseconds{100});
    const Json state = Json::parse(stage.get("/control/state").body);
    const auto mid = [](const Json& bids, const Json& asks, auto key) {
      return 0.5 * (std::stod(bids[0][key].template get<std::string>()) +
                    std::stod(asks[0][key].template get<std::string>()));
    };
    const Json& usdm = state["binance-usdm"][0];
    lead.push_back(mid(usdm["bids"], usdm["asks"], std::size_t{0}));
    const Json& book = state["hyperliquid"]["books"][0]["levels"];
    late.push_back(mid(book[0], book[1], "px"));
  }
  // The correlation of returns over half a second is largest near a lag of 500 ms.
  const auto product = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t at = 5; at + lag < lead.size(); ++at) {
      sum += (lead[at] - lead[at - 5]) * (late[at + lag] - late[at + lag - 5]);
    }
    return sum;
  };
  EXPECT_GT(product(5), 1.5 * product(0));
  EXPECT_GT(product(5), product(12));
}

TEST(SyntheticMarket, TheSeedIsTheSession) {
  const auto run = [](std::uint64_t seed) {
    Stage stage(synthetic_btc(seed));
    const auto client = stage.connect();
    stage.send(client, R"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})");
    stage.send(client, R"({"method":"subscribe","subscription":{"type":"trades","coin":"BTC"}})");
    stage.advance(std::chrono::seconds{20});
    return stage.take(client);
  };
  EXPECT_EQ(run(4), run(4));
  EXPECT_NE(run(4), run(5));
}

// The clocks of a market at twenty times its speed come twenty times as often.
TEST(SyntheticMarket, SpeedShortensTheMarketsClocks) {
  standin::Options options = synthetic_btc(4);
  options.speed = 20;
  Stage stage(options);
  stage.advance(std::chrono::seconds{1});
  const auto client = stage.connect();
  stage.send(client, R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}})");
  stage.take(client);
  stage.advance(std::chrono::milliseconds{2750});
  EXPECT_EQ(stage.take(client, "l2Book").size(), 10u);
}

}  // namespace
}  // namespace mm
