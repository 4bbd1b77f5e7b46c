// Hyperliquid's WebSocket: what is asked, word for word, and what comes back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/standin/stage.hpp"

namespace mm {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Exchange {
  const char* name;
  const char* sent;
  const char* first_reply;
};

class Subscription : public testing::TestWithParam<Exchange> {};

TEST_P(Subscription, IsAnsweredAsTheVenueDoes) {
  Stage stage(recorded_btc());
  stage.advance(std::chrono::seconds{2});
  const auto client = stage.connect();
  stage.send(client, GetParam().sent);
  const auto replies = stage.take(client);
  ASSERT_FALSE(replies.empty());
  EXPECT_EQ(replies.front(), GetParam().first_reply);
  EXPECT_TRUE(stage.alive(client));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Subscription,
    testing::Values(
        Exchange{"ping", R"({"method":"ping"})", R"({"channel":"pong"})"},
        Exchange{"quote",
                 R"({"method": "subscribe", "subscription": {"coin": "BTC", "type": "bbo"}})",
                 R"({"channel":"subscriptionResponse","data":{"method":"subscribe",)"
                 R"("subscription":{"type":"bbo","coin":"BTC"}}})"},
        Exchange{
            "book", R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}})",
            R"({"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":)"
            R"({"type":"l2Book","coin":"BTC","nSigFigs":null,"mantissa":null,"fast":false}}})"},
        Exchange{"fills",
                 R"({"method":"subscribe","subscription":{"type":"userFills",)"
                 R"("user":"0x31CA8395cf837de08b24da3f660e77761dfb974b"}})",
                 R"({"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":)"
                 R"({"type":"userFills","user":"0x31ca8395cf837de08b24da3f660e77761dfb974b",)"
                 R"("aggregateByTime":false}}})"},
        Exchange{
            "unknown",
            R"({"method": "subscribe", "subscription": {"type": "noSuchType", "coin": "BTC"}})",
            R"({"channel":"error","data":"Error parsing JSON into valid websocket request: )"
            R"({\"method\": \"subscribe\", \"subscription\": {\"type\": \"noSuchType\", )"
            R"(\"coin\": \"BTC\"}}"})"},
        Exchange{
            "no_subscription",
            R"({"method":"subscribe","xsubscription":{"type":"bbo","coin":"SOL"}})",
            R"({"channel":"error","data":"Error parsing JSON into valid websocket request: )"
            R"({\"method\":\"subscribe\",\"xsubscription\":{\"type\":\"bbo\",\"coin\":\"SOL\"}}"})"},
        Exchange{"list_of_coins",
                 R"({"method":"subscribe","subscription":{"type":"bbo","coin":["BTC","ETH"]}})",
                 R"({"channel":"error","data":"Error parsing JSON into valid websocket request: )"
                 R"({\"method\":\"subscribe\",\"subscription\":{\"type\":\"bbo\",)"
                 R"(\"coin\":[\"BTC\",\"ETH\"]}}"})"},
        Exchange{
            "no_json", "hello",
            R"({"channel":"error","data":"Error parsing JSON into valid websocket request: hello"})"},
        Exchange{
            "interval",
            R"({"method":"subscribe","subscription":{"type":"candle","coin":"BTC","interval":"7m"}})",
            R"({"channel":"error","data":"Invalid subscription )"
            R"({\"type\":\"candle\",\"coin\":\"BTC\",\"interval\":\"7m\"}"})"},
        Exchange{"not_subscribed",
                 R"({"method":"unsubscribe","subscription":{"type":"trades","coin":"BTC"}})",
                 R"({"channel":"error","data":"Already unsubscribed: )"
                 R"({\"type\":\"trades\",\"coin\":\"BTC\"}"})"}),
    [](const auto& of) { return of.param.name; });

class Sockets : public testing::Test {
 protected:
  Sockets() : stage_(recorded_btc()) { stage_.advance(std::chrono::seconds{2}); }

  standin::ConnectionId subscribed(const std::string& subscription) {
    const auto client = stage_.connect();
    stage_.send(client, R"({"method":"subscribe","subscription":)" + subscription + "}");
    return client;
  }
  Stage stage_;
};

TEST_F(Sockets, ADuplicateIsToldAndTheSocketStays) {
  const auto client = subscribed(R"({"type":"bbo","coin":"BTC"})");
  stage_.take(client);
  stage_.send(client, R"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})");
  EXPECT_THAT(stage_.take(client), ElementsAre(R"({"channel":"error","data":"Already subscribed: )"
                                               R"({\"type\":\"bbo\",\"coin\":\"BTC\"}"})"));
}

TEST_F(Sockets, TheFirstBookComesAtOnceAndThenByTheClock) {
  const auto client = subscribed(R"({"type":"l2Book","coin":"BTC"})");
  EXPECT_THAT(stage_.take(client, "l2Book"), SizeIs(1));
  stage_.advance(std::chrono::milliseconds{5300});
  EXPECT_THAT(stage_.take(client, "l2Book"), IsEmpty());
  stage_.advance(std::chrono::milliseconds{200});
  const auto books = stage_.take(client, "l2Book");
  ASSERT_THAT(books, SizeIs(1));
  EXPECT_EQ(books[0]["levels"][0].size(), 20u);
  EXPECT_FALSE(books[0].contains("fast"));
}

TEST_F(Sockets, FastBooksHaveFiveLevelsAndSaySo) {
  const auto client = subscribed(R"({"type":"l2Book","coin":"BTC","fast":true})");
  stage_.take(client);
  stage_.advance(std::chrono::milliseconds{5500});
  const auto books = stage_.take(client, "l2Book");
  EXPECT_THAT(books, SizeIs(10));
  EXPECT_EQ(books[0]["levels"][1].size(), 5u);
  EXPECT_EQ(books[0]["fast"], true);
}

TEST_F(Sockets, GroupedBooksHaveASpread) {
  const auto client = subscribed(R"({"type":"l2Book","coin":"BTC","nSigFigs":3})");
  const auto books = stage_.take(client, "l2Book");
  ASSERT_THAT(books, SizeIs(1));
  EXPECT_TRUE(books[0].contains("spread"));
  const std::string price = books[0]["levels"][0][0]["px"];
  EXPECT_TRUE(price.ends_with("000.0")) << price;
}

TEST_F(Sockets, QuotesComeOnlyWhenTheyChanged) {
  const auto client = subscribed(R"({"type":"bbo","coin":"BTC"})");
  stage_.advance(std::chrono::seconds{60});
  stage_.take(client);
  stage_.advance(std::chrono::seconds{20});  // the recording is over
  EXPECT_THAT(stage_.take(client), IsEmpty());
}

TEST_F(Sockets, TheFirstTradesAreThePast) {
  stage_.advance(std::chrono::seconds{10});
  const auto client = subscribed(R"({"type":"trades","coin":"BTC"})");
  const auto frames = stage_.take(client, "trades");
  ASSERT_THAT(frames, SizeIs(1));
  EXPECT_FALSE(frames[0].empty());
  EXPECT_LE(frames[0].back()["time"].get<std::uint64_t>(), stage_.now_ms());
}

TEST_F(Sockets, ACoinThatIsNotThereTakesTheSocketDown) {
  for (const char* bad : {R"({"type":"bbo","coin":"btc"})", R"({"type":"trades","coin":"NOPE"})",
                          R"({"type":"l2Book","coin":"BTC","nSigFigs":6})",
                          R"({"type":"l2Book","coin":"BTC","nSigFigs":4,"mantissa":2})"}) {
    const auto client = subscribed(bad);
    EXPECT_THAT(stage_.take(client), IsEmpty()) << bad;
    EXPECT_TRUE(stage_.alive(client));
    stage_.advance(std::chrono::milliseconds{110});
    ASSERT_FALSE(stage_.alive(client)) << bad;
    EXPECT_EQ(stage_.end_of(client)->kind, standin::Deed::Kind::cut);
  }
}

TEST_F(Sockets, ASilentSocketIsDroppedAfterAMinuteUnlessItPings) {
  const auto silent = stage_.connect();
  const auto pinging = stage_.connect();
  for (int i = 0; i < 3; ++i) {
    stage_.advance(std::chrono::seconds{25});
    stage_.send(pinging, R"({"method":"ping"})");
  }
  EXPECT_FALSE(stage_.alive(silent));
  EXPECT_TRUE(stage_.alive(pinging));
}

TEST_F(Sockets, AnEleventhUserIsRefused) {
  const auto client = stage_.connect();
  for (int user = 0; user < 11; ++user) {
    const std::string digit = "0123456789a";
    stage_.send(client,
                R"({"method":"subscribe","subscription":{"type":"orderUpdates","user":"0x)" +
                    std::string(40, digit[static_cast<std::size_t>(user)]) + R"("}})");
  }
  EXPECT_EQ(stage_.take(client).back(),
            R"({"channel":"error","data":"Cannot track more than 10 total users."})");
}

TEST_F(Sockets, InfoIsAnsweredOverPostToo) {
  const auto client = stage_.connect();
  stage_.send(client, R"({"method":"post","id":41,"request":{"type":"info",)"
                      R"("payload":{"type":"l2Book","coin":"NOPE"}}})");
  EXPECT_THAT(stage_.take(client),
              ElementsAre(R"({"channel":"post","data":{"id":41,"response":{"type":"info",)"
                          R"("payload":{"type":"l2Book","data":null}}}})"));
  stage_.send(client,
              R"({"method":"post","id":43,"request":{"type":"action","payload":{"action":1}}})");
  EXPECT_THAT(stage_.take(client),
              ElementsAre(R"({"channel":"post","data":{"id":43,"response":{"type":"error",)"
                          R"("payload":"Failed to deserialize the JSON body"}}})"));
}

TEST_F(Sockets, TheMarketWaitsForItsSubscribers) {
  standin::Options options = recorded_btc();
  options.start_after = 2;
  Stage stage(options);
  stage.advance(std::chrono::seconds{10});
  const auto client = stage.connect();
  stage.send(client, R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}})");
  stage.advance(std::chrono::seconds{10});
  EXPECT_THAT(stage.take(client, "l2Book"), IsEmpty());
  stage.send(client, R"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})");
  stage.advance(std::chrono::seconds{1});
  EXPECT_FALSE(stage.take(client, "l2Book").empty());
}

}  // namespace
}  // namespace mm
