#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "tests/net/venue.hpp"

namespace mm::net {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

struct Answers {
  std::vector<std::string> all;  // "status body" or "! error"
  HttpClient::Done next() {
    return [this](const Result<HttpResponse>& result) {
      all.push_back(result ? std::to_string(result->status) + " " + result->body
                           : "! " + result.error().message());
    };
  }
};

HttpRequest post(std::string body) {
  return {"POST", "/info", {}, std::move(body)};
}

TEST(Http, OneAfterTheOtherOverOneConnection) {
  TestVenue venue;
  HttpClient client(venue.loop, nullptr, venue.url("/"));
  Answers answers;
  client.request({"GET", "/depth?limit=5", {{"X-Key", "v"}}, {}}, answers.next());
  client.request(post("a"), answers.next());
  client.request(post("b"), answers.next());
  EXPECT_EQ(client.pending(), 3u);
  venue.run_until([&] { return answers.all.size() == 3; });
  EXPECT_THAT(answers.all, ElementsAre("200 ", "200 a", "200 b"));
  EXPECT_EQ(venue.requests[0].method, "GET");
  EXPECT_EQ(venue.requests[0].target, "/depth?limit=5");
  EXPECT_EQ(find_header(venue.requests[0].headers, "x-key"), "v");
  EXPECT_EQ(find_header(venue.requests[0].headers, "HOST"), venue.url("/").authority());
}

TEST(Http, OverTls) {
  TestVenue venue(true);
  const TlsClient tls(venue.certificate());
  HttpClient client(venue.loop, &tls, venue.url("/", "localhost"));
  Answers answers;
  client.request(post("a"), answers.next());
  client.request(post("b"), answers.next());
  venue.run_until([&] { return answers.all.size() == 2; });
  EXPECT_THAT(answers.all, ElementsAre("200 a", "200 b"));
}

TEST(Http, AnyStatusIsAnAnswer) {
  TestVenue venue;
  venue.answer = [](const HttpRequest&, HttpReply reply) {
    reply.send({429, {{"Retry-After", "7"}}, "slow down"});
  };
  HttpClient client(venue.loop, nullptr, venue.url("/"));
  std::optional<HttpResponse> response;
  client.request(post(""), [&](const Result<HttpResponse>& result) { response = *result; });
  venue.run_until([&] { return response.has_value(); });
  EXPECT_EQ(response->status, 429u);
  EXPECT_EQ(find_header(response->headers, "retry-after"), "7");
  EXPECT_EQ(response->body, "slow down");
}

// An answer that is lost leaves the outcome open: whatever was asked must not be asked again.
TEST(Http, APostIsNeverSentTwice) {
  TestVenue venue;
  int turn = 0;
  venue.answer = [&](const HttpRequest& request, HttpReply reply) {
    if (++turn != 2) reply.send({200, {}, request.body});  // the second is dropped
  };
  HttpClient client(venue.loop, nullptr, venue.url("/"));
  Answers answers;
  for (const char* body : {"a", "b", "c"}) client.request(post(body), answers.next());
  venue.run_until([&] { return answers.all.size() == 3; });
  EXPECT_THAT(answers.all, ElementsAre("200 a", HasSubstr("! "), "200 c"));
  EXPECT_EQ(venue.requests.size(), 3u);
}

TEST(Http, WhatMayBeRepeatedIsRepeatedOnce) {
  TestVenue venue;
  int turn = 0;
  venue.answer = [&](const HttpRequest& request, HttpReply reply) {
    if (++turn % 2 == 1) reply.send({200, {}, request.body});  // every second is dropped
  };
  HttpClient client(venue.loop, nullptr, venue.url("/"));
  Answers answers;
  client.request(post("a"), answers.next(), true);
  client.request(post("b"), answers.next(), true);
  venue.run_until([&] { return answers.all.size() == 2; });
  EXPECT_THAT(answers.all, ElementsAre("200 a", "200 b"));
  EXPECT_EQ(venue.requests.size(), 3u);
}

TEST(Http, DoesNotWaitForever) {
  TestVenue venue;
  std::vector<HttpReply> kept;
  venue.answer = [&](const HttpRequest& request, HttpReply reply) {
    if (request.body == "slow") {
      kept.push_back(std::move(reply));
    } else {
      reply.send({200, {}, request.body});
    }
  };
  HttpClient client(venue.loop, nullptr, venue.url("/"), {.timeout = milliseconds{40}});
  Answers answers;
  client.request(post("slow"), answers.next());
  client.request(post("next"), answers.next());
  venue.run_until([&] { return answers.all.size() == 2; });
  EXPECT_THAT(answers.all, ElementsAre(HasSubstr("within the time allowed"), "200 next"));
}

TEST(Http, SaysWhereNobodyListens) {
  TestVenue venue;
  const Url url = venue.url("/");
  venue.stop();
  HttpClient client(venue.loop, nullptr, url);
  Answers answers;
  client.request(post("a"), answers.next());
  venue.run_until([&] { return answers.all.size() == 1; });
  EXPECT_THAT(answers.all[0], HasSubstr(url.http("/info").text()));
  EXPECT_THAT(answers.all[0], HasSubstr("cannot connect"));
}

TEST(Http, MayBeDestroyedAtAnyMoment) {
  TestVenue venue;
  Answers answers;
  for (int turn = 0; turn < 40; ++turn) {
    HttpClient client(venue.loop, nullptr, venue.url("/"));
    client.request(post("a"), answers.next());
    for (int i = 0; i < turn % 20; ++i) venue.loop.poll();
  }
  venue.run_for(milliseconds{20});
}

TEST(Server, SaysWhatItCannotListenOn) {
  TestVenue venue;
  EXPECT_THROW(Server(venue.loop, "127.0.0.1", venue.url("/").port, nullptr, venue), Error);
  EXPECT_THROW(Server(venue.loop, "nowhere", 0, nullptr, venue), Error);
}

}  // namespace
}  // namespace mm::net
