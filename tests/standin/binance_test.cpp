// Binance's streams and REST as its clients know them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/standin/stage.hpp"

namespace mm {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

standin::Options usdm(std::uint64_t seed = 3) {
  standin::Options options;
  options.hyperliquid = false;
  options.coins = {"BTC"};
  options.seed = seed;
  return options;
}

struct Exchange {
  const char* name;
  const char* sent;
  const char* reply;
};

class Control : public testing::TestWithParam<Exchange> {};

TEST_P(Control, IsAnsweredAsTheVenueDoes) {
  Stage stage(usdm());
  const auto client = stage.connect("/public/ws");
  stage.send(client, GetParam().sent);
  EXPECT_THAT(stage.take(client), ElementsAre(GetParam().reply));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Control,
    testing::Values(
        Exchange{"subscribe", R"({"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":1})",
                 R"({"result":null,"id":1})"},
        Exchange{"nothing_there", R"({"method":"SUBSCRIBE","params":["nope@depth"],"id":"a"})",
                 R"({"result":null,"id":"a"})"},
        Exchange{"list", R"({"method":"LIST_SUBSCRIPTIONS","id":3})", R"({"result":[],"id":3})"},
        Exchange{"get", R"({"method":"GET_PROPERTY","params":["combined"],"id":5})",
                 R"({"result":false,"id":5})"},
        Exchange{"no_id", R"({"method":"LIST_SUBSCRIPTIONS"})",
                 R"({"error":{"code":2,"msg":"Invalid request: request ID must be an integer or a )"
                 R"(string"},"id":null})"},
        Exchange{"no_json", "hello",
                 R"({"code":2,"msg":"Invalid request: request is not valid JSON"})"}),
    [](const auto& of) { return of.param.name; });

TEST(BinanceStreams, StandUnderTheirCategory) {
  Stage stage(usdm());
  const std::string both = "btcusdt@bookTicker/btcusdt@aggTrade";
  const auto books = stage.connect("/public/stream?streams=" + both);
  const auto market = stage.connect("/market/stream?streams=" + both);
  const auto unrouted = stage.connect("/stream?streams=" + both);
  stage.advance(std::chrono::seconds{20});
  const auto all = [&](standin::ConnectionId of, const char* stream) {
    const auto frames = stage.take(of);
    EXPECT_FALSE(frames.empty());
    for (const auto& frame : frames) EXPECT_THAT(frame, HasSubstr(stream));
  };
  all(books, "@bookTicker");
  all(market, "@aggTrade");
  all(unrouted, "@bookTicker");
}

/// A book kept by the venue's rules, from a snapshot and the stream behind it.
struct LocalBook {
  std::map<double, std::string> bids, asks;
  std::int64_t id = 0;
  bool first = true;

  void set(const Json& levels, std::map<double, std::string>& side) {
    for (const Json& level : levels) {
      const double price = std::stod(level[0].get<std::string>());
      if (std::stod(level[1].get<std::string>()) == 0) {
        side.erase(price);
      } else {
        side[price] = level[1];
      }
    }
  }
  void start(const Json& snapshot) {
    id = snapshot["lastUpdateId"];
    set(snapshot["bids"], bids);
    set(snapshot["asks"], asks);
  }
  /// False where the rules say that something is missing.
  bool apply(const Json& event) {
    const std::int64_t last = event["u"];
    if (last < id) return true;
    if (first) {
      if (event["U"].get<std::int64_t>() > id && event["pu"].get<std::int64_t>() != id)
        return false;
      first = false;
    } else if (event["pu"].get<std::int64_t>() != id) {
      return false;
    }
    id = last;
    set(event["b"], bids);
    set(event["a"], asks);
    return true;
  }
};

class Depth : public testing::TestWithParam<const char*> {};

TEST_P(Depth, KeepsTheBookOfTheVenue) {
  Stage stage(usdm());
  stage.advance(std::chrono::seconds{5});
  const auto client = stage.connect(std::string("/public/ws/btcusdt@") + GetParam());
  stage.advance(std::chrono::milliseconds{700});
  const auto depth = stage.get("/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
  EXPECT_GE(depth.after, std::chrono::milliseconds{20});
  EXPECT_LE(depth.after, std::chrono::milliseconds{200});
  stage.advance(std::chrono::seconds{30});
  LocalBook book;
  book.start(Json::parse(depth.body));
  std::int64_t previous = 0;
  std::size_t events = 0;
  for (const std::string& frame : stage.take(client)) {
    const Json event = Json::parse(frame);
    if (previous != 0) {
      ASSERT_EQ(event["pu"], previous);
    }
    previous = event["u"];
    ASSERT_TRUE(book.apply(event)) << frame;
    ++events;
  }
  EXPECT_GT(events, 20u);
  const Json later = Json::parse(stage.get("/fapi/v1/depth?symbol=BTCUSDT&limit=1000").body);
  // The stream may be behind the snapshot by what is not sent yet: compare at equal ids.
  stage.advance(std::chrono::milliseconds{600});
  LocalBook fresh;
  fresh.start(later);
  for (const std::string& frame : stage.take(client)) {
    const Json event = Json::parse(frame);
    ASSERT_TRUE(book.apply(event));
    ASSERT_TRUE(fresh.apply(event));
  }
  ASSERT_EQ(book.id, fresh.id);
  EXPECT_EQ(book.bids, fresh.bids);
  EXPECT_EQ(book.asks, fresh.asks);
}

INSTANTIATE_TEST_SUITE_P(Speeds, Depth,
                         testing::Values("depth@0ms", "depth@100ms", "depth", "depth@500ms"),
                         [](const auto& of) {
                           std::string name = of.param;
                           std::replace(name.begin(), name.end(), '@', '_');
                           return name;
                         });

TEST(BinanceDepth, AStaleSnapshotMustBeFetchedAgain) {
  standin::Options options = usdm();
  options.stale_depth_one_in = 1;
  Stage stage(options);
  stage.advance(std::chrono::seconds{10});
  const auto client = stage.connect("/public/ws/btcusdt@depth@100ms");
  stage.advance(std::chrono::seconds{1});
  LocalBook book;
  book.start(Json::parse(stage.get("/fapi/v1/depth?symbol=BTCUSDT&limit=1000").body));
  const Json first = Json::parse(stage.take(client).front());
  EXPECT_FALSE(book.apply(first));
}

TEST(BinanceTrades, AreGroupedAndTheirIdsHaveNoHoles) {
  Stage stage(usdm());
  const auto client = stage.connect("/market/ws/btcusdt@aggTrade");
  stage.advance(std::chrono::seconds{60});
  std::int64_t id = 0;
  std::int64_t last = 0;
  const auto frames = stage.take(client);
  ASSERT_GT(frames.size(), 20u);
  bool grouped = false;
  for (const std::string& frame : frames) {
    const Json event = Json::parse(frame);
    if (id != 0) {
      EXPECT_EQ(event["a"], id + 1);
      EXPECT_EQ(event["f"], last + 1);
    }
    id = event["a"];
    last = event["l"];
    grouped = grouped || event["f"] != event["l"];
  }
  EXPECT_TRUE(grouped);
  const Json refill =
      Json::parse(stage.get("/fapi/v1/aggTrades?symbol=BTCUSDT&fromId=5&limit=3").body);
  ASSERT_EQ(refill.size(), 3u);
  EXPECT_EQ(refill[0]["a"], 5);
}

TEST(BinanceMark, ComesOnTheSecond) {
  Stage stage(usdm());
  stage.advance(std::chrono::milliseconds{5300});
  const auto client = stage.connect("/market/ws/btcusdt@markPrice@1s");
  stage.advance(std::chrono::milliseconds{5000});
  const auto frames = stage.take(client);
  EXPECT_EQ(frames.size(), 5u);
  for (const std::string& frame : frames) {
    EXPECT_EQ(Json::parse(frame)["E"].get<std::int64_t>() % 1000, 0) << frame;
  }
}

TEST(BinanceSockets, WhoTalksTooMuchIsClosed) {
  Stage stage(usdm());
  const auto client = stage.connect("/public/ws");
  for (int i = 0; i < 11; ++i) stage.send(client, R"({"method":"LIST_SUBSCRIPTIONS","id":3})");
  ASSERT_FALSE(stage.alive(client));
  EXPECT_EQ(stage.end_of(client)->code, 1008u);
}

TEST(BinanceSockets, WhoDoesNotPongIsClosedAndADayIsTheEnd) {
  Stage stage(usdm());
  const auto silent = stage.connect("/public/ws");
  const auto polite = stage.connect("/public/ws");
  stage.advance(std::chrono::seconds{185});
  EXPECT_EQ(stage.pings(silent), 1u);
  stage.venue().on_pong(polite, stage.now());
  stage.advance(std::chrono::seconds{420});
  EXPECT_FALSE(stage.alive(silent));
  EXPECT_TRUE(stage.alive(polite));
}

TEST(BinanceRest, WeighsAndRefuses) {
  Stage stage(usdm());
  stage.advance(std::chrono::seconds{5});
  auto answer = stage.get("/fapi/v1/depth?symbol=BTCUSDT&limit=1000");
  EXPECT_EQ(net::find_header(answer.headers, "x-mbx-used-weight-1m"), "20");
  EXPECT_EQ(stage.get("/fapi/v1/depth?symbol=NOPE").body,
            R"({"code":-1121,"msg":"Invalid symbol."})");
  EXPECT_EQ(stage.get("/fapi/v1/depth").status, 400u);
  EXPECT_EQ(stage.get("/fapi/v1/depth?symbol=BTCUSDT&limit=7").body,
            R"({"code":-4021,"msg":"7 is not valid depth limit."})");
  EXPECT_EQ(stage.get("/fapi/v1/nothing").status, 404u);
  EXPECT_EQ(stage.get("/fapi/v1/ping").body, "{}");
  // Into the next minute, so that the weight begins at nothing.
  stage.advance(std::chrono::seconds{60});
  unsigned status = 200;
  int requests = 0;
  for (; status == 200; ++requests) {
    status = stage.get("/fapi/v1/aggTrades?symbol=BTCUSDT").status;
  }
  EXPECT_EQ(requests, 2400 / 20 + 1);
  EXPECT_EQ(status, 429u);
  answer = stage.get("/fapi/v1/ping");
  EXPECT_EQ(answer.status, 429u);
  EXPECT_TRUE(net::find_header(answer.headers, "Retry-After").has_value());
  for (int i = 0; i < 12; ++i) status = stage.get("/fapi/v1/ping").status;
  EXPECT_EQ(status, 418u);
  stage.advance(std::chrono::minutes{3});
  EXPECT_EQ(stage.get("/fapi/v1/ping").status, 200u);
}

TEST(BinanceSpot, HasItsOwnShapes) {
  standin::Options options = usdm();
  options.usdm = false;
  options.spot = true;
  Stage stage(options);
  stage.advance(std::chrono::seconds{5});
  const auto client =
      stage.connect("/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/btcusdt@depth5");
  stage.advance(std::chrono::seconds{5});
  std::int64_t last = 0;
  for (const std::string& frame : stage.take(client)) {
    const Json json = Json::parse(frame);
    const std::string stream = json["stream"];
    const Json& data = json["data"];
    if (stream.ends_with("depth@100ms")) {
      EXPECT_FALSE(data.contains("pu"));
      if (last != 0) {
        EXPECT_EQ(data["U"], last + 1);
      }
      last = data["u"];
    } else if (stream.ends_with("depth5")) {
      EXPECT_EQ(data["bids"].size(), 5u);
    } else {
      EXPECT_FALSE(data.contains("E"));
    }
  }
  EXPECT_NE(last, 0);
}

}  // namespace
}  // namespace mm
