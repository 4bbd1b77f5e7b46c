// Answers to signed requests, in every shape the venue is known to give them.

#include "venues/hyperliquid/exchange_reply.hpp"

#include <gtest/gtest.h>

namespace mm::venues::hyperliquid {
namespace {

TEST(ExchangeReply, TellsEachItem) {
  const auto reply = decode_exchange_reply(
      R"({"status":"ok","response":{"type":"order","data":{"statuses":[
        {"resting":{"oid":512907741186,"cloid":"0x0000000000000000000000000000abc1"}},
        {"filled":{"totalSz":"0.0125","avgPx":"63105.0","oid":512907741187}},
        {"error":"Order must have minimum value of $10. asset=0"},
        "waitingForTrigger","waitingForFill","success"]}}})",
      6);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error, "");
  EXPECT_EQ(reply->statuses[0], ItemStatus(Resting{512907741186, Cloid{0, ClientOrderId{0xabc1}}}));
  EXPECT_EQ(reply->statuses[1], ItemStatus(Filled{512907741187, 1'250'000, 6'310'500'000'000, {}}));
  EXPECT_EQ(reply->statuses[2], ItemStatus(Refused{"Order must have minimum value of $10. asset=0",
                                                   RejectReason::below_min_notional}));
  EXPECT_EQ(reply->statuses[3], ItemStatus(Waiting{false}));
  EXPECT_EQ(reply->statuses[4], ItemStatus(Waiting{true}));
  EXPECT_EQ(reply->statuses[5], ItemStatus(Accepted{}));
}

TEST(ExchangeReply, TellsCancels) {
  const auto reply = decode_exchange_reply(
      R"({"status":"ok","response":{"type":"cancel","data":{"statuses":["success",)"
      R"({"error":"Order was never placed, already canceled, or filled. asset=0"}]}}})",
      2);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->statuses[0], ItemStatus(Accepted{}));
  EXPECT_EQ(std::get<Refused>(reply->statuses[1]).reason, RejectReason::unknown_order);
}

TEST(ExchangeReply, OneWordForAllIsAnAnswerToEach) {
  const auto reply = decode_exchange_reply(R"({"status":"ok","response":{"type":"default"}})", 3);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->statuses, std::vector<ItemStatus>(3, Accepted{}));
}

// A batch that fails before any item is looked at: either of two shapes.
TEST(ExchangeReply, OneErrorForAllIsAnAnswerToEach) {
  for (const char* body :
       {R"({"status":"ok","response":{"type":"order","data":{"statuses":[{"error":"Bad"}]}}})",
        R"({"status":"err","response":"Bad"})"}) {
    const auto reply = decode_exchange_reply(body, 3);
    ASSERT_TRUE(reply) << body;
    EXPECT_EQ(reply->error, "Bad");
    EXPECT_EQ(reply->statuses, std::vector<ItemStatus>(3, Refused{"Bad", RejectReason::other}));
  }
}

// Of one item the same shape is that item's own error.
TEST(ExchangeReply, AnErrorOfTheOnlyItemIsNotOneOfTheWhole) {
  const auto reply = decode_exchange_reply(
      R"({"status":"ok","response":{"type":"order","data":{"statuses":[{"error":"Bad"}]}}})", 1);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error, "");
}

TEST(ExchangeReply, TellsThatTheAddressHasNoRequestsLeft) {
  const auto reply = decode_exchange_reply(
      R"({"status":"err","response":"Too many cumulative requests sent (31025 > 31000) for )"
      R"(cumulative volume traded $21000.50."})",
      1);
  EXPECT_EQ(std::get<Refused>(reply->statuses[0]).reason, RejectReason::rate_limited);
}

TEST(ExchangeReply, WhatCannotBeReadIsAnError) {
  const std::string deep(100000, '[');
  for (const std::string& bad :
       {std::string(), std::string("null"), std::string("<html>502 Bad Gateway</html>"),
        std::string("Failed to deserialize the JSON body into the target type"),
        std::string(R"({"status":"ok"})"), std::string(R"({"status":"maybe","response":{}})"),
        std::string(R"({"status":"err","response":{"type":"default"}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":["x"]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":[1]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":[]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":{}}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":)"
                    R"(["success","success"]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":)"
                    R"([{"resting":{"oid":-1}}]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":)"
                    R"([{"resting":{"oid":99999999999999999999}}]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":)"
                    R"([{"filled":{"oid":1,"totalSz":"1e5","avgPx":"1"}}]}}})"),
        std::string(R"({"status":"ok","response":{"type":"order","data":{"statuses":)"
                    R"([{"filled":{"oid":1,"totalSz":1,"avgPx":"NaN"}}]}}})"),
        R"({"status":)" + deep, deep}) {
    const auto reply = decode_exchange_reply(bad, 1);
    ASSERT_FALSE(reply) << bad.substr(0, 90);
    EXPECT_LT(reply.error().message().size(), 200u);
  }
}

TEST(PostReply, IsMatchedByItsId) {
  const auto info =
      decode_post_reply(R"({"channel":"post","data":{"id":41,"response":{"type":"info","payload":)"
                        R"({"type":"l2Book","data":{"coin":"BTC","time":1,"levels":[[],[]]}}}}})");
  ASSERT_TRUE(info && *info);
  EXPECT_EQ((*info)->id, 41u);
  EXPECT_EQ((*info)->kind, PostKind::info);
  EXPECT_EQ((*info)->payload, R"({"coin":"BTC","levels":[[],[]],"time":1})");

  const auto action = decode_post_reply(
      R"({"channel":"post","data":{"id":42,"response":{"type":"action","payload":{"status":"ok",)"
      R"("response":{"type":"cancel","data":{"statuses":["success"]}}}}}})");
  ASSERT_TRUE(action && *action);
  EXPECT_EQ((*action)->kind, PostKind::action);
  EXPECT_EQ(decode_exchange_reply((*action)->payload, 1)->statuses[0], ItemStatus(Accepted{}));

  const auto error =
      decode_post_reply(R"({"channel":"post","data":{"id":43,"response":{"type":"error",)"
                        R"("payload":"Failed to deserialize the JSON body"}}})");
  ASSERT_TRUE(error && *error);
  EXPECT_EQ((*error)->kind, PostKind::error);
  EXPECT_EQ((*error)->payload, "Failed to deserialize the JSON body");
}

TEST(PostReply, AnUnknownCoinIsNull) {
  const auto info =
      decode_post_reply(R"({"channel":"post","data":{"id":1,"response":{"type":"info","payload":)"
                        R"({"type":"l2Book","data":null}}}})");
  ASSERT_TRUE(info && *info);
  EXPECT_EQ((*info)->payload, "null");
}

TEST(PostReply, TooManyPendingAnswersTheRequestItNames) {
  const auto error =
      decode_post_reply(R"({"channel":"error","data":"too many pending post requests id=77"})");
  ASSERT_TRUE(error && *error);
  EXPECT_EQ((*error)->id, 77u);
  EXPECT_EQ((*error)->kind, PostKind::error);
}

TEST(PostReply, OtherChannelsAreNone) {
  for (const char* other : {R"({"channel":"pong"})", R"({"channel":"error","data":"Invalid"})",
                            R"({"channel":"trades","data":[]})", "{}", "[]"}) {
    const auto reply = decode_post_reply(other);
    ASSERT_TRUE(reply) << other;
    EXPECT_FALSE(*reply) << other;
  }
  for (const char* bad :
       {"", R"({"channel":"post"})", R"({"channel":"post","data":{"id":"1","response":{}}})",
        R"({"channel":"post","data":{"id":-1,"response":{"type":"error","payload":"x"}}})",
        R"({"channel":"post","data":{"id":1,"response":{"type":"else","payload":"x"}}})"})
    EXPECT_FALSE(decode_post_reply(bad)) << bad;
}

}  // namespace
}  // namespace mm::venues::hyperliquid
