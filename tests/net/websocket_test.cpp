#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "net/websocket_client.hpp"
#include "tests/net/venue.hpp"

namespace mm::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

struct Client final : WebSocketListener {
  Client(TestVenue& venue, const Url& url, const TlsClient* tls = nullptr,
         const WebSocketOptions& options = {})
      : socket(std::make_unique<WebSocketClient>(venue.loop, tls, url, *this, options)) {}

  void on_open() override {
    open = true;
    if (reading) socket->receive();
  }
  void on_message(std::string_view text) override {
    for (std::size_t at = 0; at < message_padding; ++at)  // readable, as promised
      padding ^= static_cast<unsigned char>(*(text.data() + text.size() + at));
    messages.emplace_back(text);
    if (reading) socket->receive();
  }
  void on_closed(const std::string& why) override {
    ++closes;
    reason = why;
  }

  std::unique_ptr<WebSocketClient> socket;
  bool reading = true;
  bool open = false;
  std::vector<std::string> messages;
  unsigned padding = 0;
  int closes = 0;
  std::string reason;
};

void expect_echo(TestVenue& venue, Client& client) {
  venue.run_until([&] { return client.open; });
  const std::string big(100'000, 'x');
  for (const std::string& text : {std::string("one"), std::string(), big})
    client.socket->send(text);
  venue.run_until([&] { return client.messages.size() == 3; });
  EXPECT_THAT(client.messages, ElementsAre("one", "", big));
  client.socket->close();
  venue.run_until([&] { return client.closes != 0 && venue.listener->closed; });
  EXPECT_THAT(client.reason, HasSubstr("closed by us"));
}

TEST(WebSocket, EchoesInOrder) {
  TestVenue venue;
  Client client(venue, venue.url("/ws"));
  expect_echo(venue, client);
}

TEST(WebSocket, EchoesOverTls) {
  TestVenue venue(true);
  const TlsClient tls(venue.certificate());
  Client client(venue, venue.url("/ws", "localhost"), &tls);
  expect_echo(venue, client);
}

TEST(WebSocket, RefusesACertificateNobodyVouchesFor) {
  TestVenue venue(true);
  const TlsClient tls;
  Client client(venue, venue.url("/ws"), &tls);
  venue.run_until([&] { return client.closes != 0; });
  EXPECT_THAT(client.reason, HasSubstr("TLS handshake failed"));
  EXPECT_FALSE(client.open);
}

TEST(WebSocket, RefusesACertificateForAnotherName) {
  TestVenue venue(true);
  const TlsClient tls(venue.certificate());
  Client client(venue, venue.url("/ws", "127.0.0.2"), &tls);
  venue.run_until([&] { return client.closes != 0; });
  EXPECT_FALSE(client.open);
}

TEST(WebSocket, ReadsOnDemandOnly) {
  TestVenue venue;
  Client client(venue, venue.url("/ws"));
  client.reading = false;
  venue.run_until([&] { return client.open; });
  for (int i = 0; i < 3; ++i) venue.peer->send("tick " + std::to_string(i));
  venue.run_for(milliseconds{30});
  EXPECT_TRUE(client.messages.empty());
  EXPECT_GT(client.socket->unread_bytes(), 0u);
  client.socket->receive();
  venue.run_until([&] { return !client.messages.empty(); });
  venue.run_for(milliseconds{10});
  EXPECT_THAT(client.messages, ElementsAre("tick 0"));
}

TEST(WebSocket, AnswersPings) {
  TestVenue venue;
  Client client(venue, venue.url("/ws"));
  venue.run_until([&] { return client.open; });
  venue.peer->ping();
  venue.run_until([&] { return venue.listener->pongs == 1; });
}

TEST(WebSocket, TellsHowItEnded) {
  struct Case {
    std::function<void(TestVenue&)> end;
    const char* says;
  };
  const std::vector<Case> cases{
      {[](TestVenue& venue) { venue.peer->close(1008, "too many requests"); },
       "closed by the peer with code 1008 (too many requests)"},
      {[](TestVenue& venue) { venue.peer->cut(); }, "reset"},
      {[](TestVenue& venue) { venue.peer->send_torn("{\"half", 200); }, "/ws"},
      {[](TestVenue& venue) { venue.stop(); }, "reset"},
  };
  for (const Case& of : cases) {
    TestVenue venue;
    Client client(venue, venue.url("/ws"));
    venue.run_until([&] { return client.open; });
    of.end(venue);
    venue.run_until([&] { return client.closes != 0; });
    EXPECT_THAT(client.reason, HasSubstr(of.says));
    EXPECT_THAT(client.reason, HasSubstr("ws://127.0.0.1"));
    EXPECT_TRUE(client.messages.empty());
    venue.run_for(milliseconds{10});
    EXPECT_EQ(client.closes, 1);
  }
}

TEST(WebSocket, SaysWhyItCouldNotConnect) {
  TestVenue venue;
  Client refused(venue, venue.url("/other"));
  venue.run_until([&] { return refused.closes != 0; });
  EXPECT_THAT(refused.reason, HasSubstr("upgrade refused"));

  const Url url = venue.url("/ws");
  venue.stop();
  Client nobody(venue, url);
  venue.run_until([&] { return nobody.closes != 0; });
  EXPECT_THAT(nobody.reason, HasSubstr("cannot connect"));
}

TEST(WebSocket, DoesNotWaitForeverForASilentPlace) {
  TestVenue venue;
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);  // the kernel accepts, nobody answers
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof place;
  auto* address = reinterpret_cast<sockaddr*>(&place);
  ASSERT_EQ(::bind(silent, address, length), 0);
  ASSERT_EQ(::listen(silent, 4), 0);
  ASSERT_EQ(::getsockname(silent, address, &length), 0);
  Url url = venue.url("/ws");
  url.port = ntohs(place.sin_port);
  Client client(venue, url, nullptr, {.connect_timeout = milliseconds{50}});
  venue.run_for(milliseconds{25});
  EXPECT_EQ(client.closes, 0);
  venue.run_until([&] { return client.closes != 0; });
  EXPECT_THAT(client.reason, HasSubstr("no connection within the time allowed"));
  ::close(silent);
}

TEST(WebSocket, ClosesAHalfOpenConnectionInTheTimeAllowed) {
  TestVenue venue;
  Client client(venue, venue.url("/ws"), nullptr, {.close_timeout = milliseconds{50}});
  venue.run_until([&] { return client.open; });
  venue.peer->freeze();
  client.socket->send("hello?");
  venue.run_for(milliseconds{20});
  EXPECT_EQ(client.closes, 0);
  client.socket->close();
  venue.run_until([&] { return client.closes != 0; });
  EXPECT_THAT(client.reason, HasSubstr("did not answer"));
}

TEST(WebSocket, GivesUpOnAPeerThatDoesNotRead) {
  TestVenue venue;
  Client client(venue, venue.url("/ws"), nullptr, {.max_unsent = 1 << 20});
  venue.run_until([&] { return client.open; });
  venue.peer->freeze();
  for (int i = 0; i < 200 && client.closes == 0; ++i) {
    client.socket->send(std::string(1 << 16, 'x'));
    venue.loop.poll();
  }
  venue.run_until([&] { return client.closes != 0; });
  EXPECT_THAT(client.reason, HasSubstr("does not read"));
}

TEST(WebSocket, MayBeDestroyedAtAnyMoment) {
  TestVenue venue;
  for (int turn = 0; turn < 40; ++turn) {
    Client client(venue, venue.url("/ws"));
    for (int i = 0; i < turn % 20; ++i) venue.loop.poll();
    if (client.open) client.socket->send("x");
  }
  venue.run_for(milliseconds{20});
}

TEST(WebSocket, AMessageBeyondTheLimitEndsIt) {
  TestVenue venue;
  Client client(venue, venue.url("/ws"), nullptr, {.max_message = 1000});
  venue.run_until([&] { return client.open; });
  venue.peer->send(std::string(1001, 'x'));
  venue.run_until([&] { return client.closes != 0; });
  EXPECT_TRUE(client.messages.empty());
}

}  // namespace
}  // namespace mm::net
