#include "net/url.hpp"

#include <gtest/gtest.h>

namespace mm::net {
namespace {

TEST(Url, PartsOfGoodOnes) {
  EXPECT_EQ(parse_url("https://api.example.com").value(),
            (Url{"https", "api.example.com", 443, "/"}));
  EXPECT_EQ(parse_url("ws://127.0.0.1:9000/ws?a=b/c").value(),
            (Url{"ws", "127.0.0.1", 9000, "/ws?a=b/c"}));
  EXPECT_EQ(parse_url("http://[::1]:80?x").value(), (Url{"http", "::1", 80, "/?x"}));
}

TEST(Url, TextIsWhatWasRead) {
  for (const char* text : {"https://a.b/", "wss://a:9443/stream?streams=x@y", "http://[::1]:8080/"})
    EXPECT_EQ(parse_url(text).value().text(), text);
  EXPECT_EQ(parse_url("http://a:80").value().authority(), "a");
}

TEST(Url, WebSocketAndHttpOfTheSamePlace) {
  const Url url = parse_url("https://a:1/x").value();
  EXPECT_EQ(url.websocket("/ws").text(), "wss://a:1/ws");
  EXPECT_EQ(parse_url("ws://a").value().http("/info").text(), "http://a/info");
}

TEST(Url, BadOnesSayWhatIsWrong) {
  for (const char* text :
       {"", "a.b", "ftp://a", "http://", "http://a:0", "http://a:65536", "http://a:1x",
        "http://a:", "http://u:p@a", "http://a/#f", "http://a b", "http://[::1", "http://[::1]x"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().kind(), ErrorKind::usage);
    EXPECT_NE(url.error().message().find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace mm::net
