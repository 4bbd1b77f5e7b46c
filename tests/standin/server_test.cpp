// The stand-in on a real port: both protocols over plain sockets and over TLS, on loopback.

#include "standin/server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "net/http_client.hpp"
#include "net/websocket_client.hpp"
#include "tests/standin/stage.hpp"

namespace mm {
namespace {

using namespace test;

Time wall() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

struct Client final : net::WebSocketListener {
  std::string greeting;
  std::vector<std::string> frames;
  std::string ended;
  net::WebSocketClient* socket = nullptr;
  void on_open() override {
    if (!greeting.empty()) socket->send(greeting);
    socket->receive();
  }
  void on_message(std::string_view text) override {
    frames.emplace_back(text);
    socket->receive();
  }
  void on_closed(const std::string& why) override { ended = why; }
};

class Server : public testing::TestWithParam<bool> {
 protected:
  Server()
      : certificate_(std::filesystem::temp_directory_path() /
                     ("mm_standin_" + std::to_string(::getpid()) + ".pem")) {
    if (GetParam()) {
      tls_server_.emplace(net::TlsServer::self_signed(certificate_));
      tls_client_.emplace(certificate_);
    }
    standin::Options options;
    options.coins = {"BTC"};
    options.speed = 20;
    stand_in_.emplace(options, venues::Instruments::built_in(), wall());
    server_.emplace(loop_, "127.0.0.1", std::uint16_t{0}, tls_server_ ? &*tls_server_ : nullptr,
                    *stand_in_);
  }
  ~Server() override { std::filesystem::remove(certificate_); }

  net::Url url(const char* scheme, const std::string& target) const {
    const std::string secure = GetParam() ? "s" : "";
    return {scheme + secure, "127.0.0.1", server_->port(), target};
  }
  const net::TlsClient* tls() const { return tls_client_ ? &*tls_client_ : nullptr; }
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!done() && loop_.run_one_until(end)) {
    }
    return done();
  }

  net::Loop loop_;
  std::string certificate_;
  std::optional<net::TlsServer> tls_server_;
  std::optional<net::TlsClient> tls_client_;
  std::optional<standin::StandIn> stand_in_;
  std::optional<standin::VenueServer> server_;
};

TEST_P(Server, SpeaksBothProtocolsOnOnePort) {
  Client hyperliquid;
  hyperliquid.greeting = R"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})";
  net::WebSocketClient first(loop_, tls(), url("ws", "/ws"), hyperliquid);
  hyperliquid.socket = &first;
  Client binance;
  net::WebSocketClient second(
      loop_, tls(), url("ws", "/public/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker"),
      binance);
  binance.socket = &second;
  ASSERT_TRUE(
      run_until([&] { return hyperliquid.frames.size() > 20 && binance.frames.size() > 20; }));
  EXPECT_EQ(Json::parse(hyperliquid.frames[0])["channel"], "subscriptionResponse");
  EXPECT_EQ(Json::parse(hyperliquid.frames.back())["channel"], "bbo");
  EXPECT_TRUE(Json::parse(binance.frames.back()).contains("stream"));

  net::HttpClient http(loop_, tls(), url("http", "/"));
  std::vector<net::HttpResponse> answers;
  const auto keep = [&](Result<net::HttpResponse> answer) { answers.push_back(answer.value()); };
  http.request({"GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=5", {}, {}}, keep);
  http.request({"POST", "/info", {{"Content-Type", "application/json"}}, R"({"type":"meta"})"},
               keep);
  http.request({"GET", "/nowhere", {}, {}}, keep);
  ASSERT_TRUE(run_until([&] { return answers.size() == 3; }));
  EXPECT_EQ(Json::parse(answers[0].body)["bids"].size(), 5u);
  EXPECT_EQ(Json::parse(answers[1].body)["universe"][0]["name"], "BTC");
  EXPECT_EQ(answers[2].status, 404u);
}

TEST_P(Server, RefusesOtherPathsAndCutsWhoAsksForUnknownCoins) {
  Client lost;
  net::WebSocketClient nowhere(loop_, tls(), url("ws", "/elsewhere"), lost);
  lost.socket = &nowhere;
  Client bad;
  bad.greeting = R"({"method":"subscribe","subscription":{"type":"bbo","coin":"NOPE"}})";
  net::WebSocketClient socket(loop_, tls(), url("ws", "/ws"), bad);
  bad.socket = &socket;
  ASSERT_TRUE(run_until([&] { return !lost.ended.empty() && !bad.ended.empty(); }));
  EXPECT_TRUE(bad.frames.empty());
}

TEST_P(Server, FaultsReachTheWire) {
  Client dropped;
  net::WebSocketClient first(loop_, tls(), url("ws", "/market/ws/btcusdt@aggTrade"), dropped);
  dropped.socket = &first;
  Client torn;
  net::WebSocketClient second(loop_, tls(), url("ws", "/public/ws/btcusdt@depth@100ms"), torn);
  torn.socket = &second;
  ASSERT_TRUE(run_until([&] { return torn.frames.size() > 5; }));
  net::HttpClient http(loop_, tls(), url("http", "/"));
  bool answered = false;
  http.request({"POST", "/control/fault", {}, R"({"fault":"torn"})"},
               [&](Result<net::HttpResponse> answer) { answered = answer.value().status == 200; });
  ASSERT_TRUE(
      run_until([&] { return answered && (!torn.ended.empty() || !dropped.ended.empty()); }));
  answered = false;
  http.request({"POST", "/control/fault", {}, R"({"fault":"drop"})"},
               [&](Result<net::HttpResponse> answer) { answered = answer.value().status == 200; });
  ASSERT_TRUE(run_until([&] { return answered && !torn.ended.empty() && !dropped.ended.empty(); }));
}

INSTANTIATE_TEST_SUITE_P(Transport, Server, testing::Bool(),
                         [](const auto& of) { return of.param ? "tls" : "plain"; });

}  // namespace
}  // namespace mm
