// What streams and answers both tell is told to the core once.

#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"
#include "venues/hyperliquid/user_codec.hpp"

namespace mm::venues::hyperliquid {
namespace {

constexpr std::uint64_t tag = 0x6d6d0050c6301a2b;
constexpr ClientOrderId five{5};

class UserReplies : public ::testing::Test {
 protected:
  UserReplies() : codec_(mm::test::instrument("hyperliquid", "ETH"), InstrumentId{0}, tag) {
    codec_.expect(five, Qty::from_lots(10000), Price::from_units(150000));
  }
  const std::vector<Event>& placed(const ItemStatus& status, ClientOrderId order = five) {
    batch_.clear();
    codec_.on_placement(time_from_ns(1), order, status, batch_);
    return batch_.events();
  }
  const std::vector<Event>& streamed(const std::string& status) {
    batch_.clear();
    EXPECT_TRUE(codec_.on_frame(
        time_from_ns(2), R"({"channel":"orderUpdates","data":[)" + update(status) + "]}", batch_));
    return batch_.events();
  }
  const std::vector<Event>& asked(const std::string& status) {
    batch_.clear();
    codec_.on_order_status(time_from_ns(3), R"({"status":"order","order":)" + update(status) + "}",
                           batch_);
    return batch_.events();
  }
  const std::vector<Event>& fills(const std::string& rows) {
    batch_.clear();
    codec_.on_fills_reply(time_from_ns(4), "[" + rows + "]", batch_);
    return batch_.events();
  }
  static std::string update(const std::string& status) {
    return R"({"order":{"coin":"ETH","side":"B","limitPx":"1500.0","sz":"1.0","oid":31,)"
           R"("timestamp":1770381849546,"origSz":"1.0","cloid":")" +
           cloid_of(tag, five) + R"("},"status":")" + status +
           R"(","statusTimestamp":1770381849546})";
  }
  static std::string fill(std::int64_t time, std::int64_t tid) {
    return R"({"coin":"ETH","px":"1500.0","sz":"0.1","side":"B","time":)" + std::to_string(time) +
           R"(,"crossed":false,"fee":"0.01","oid":31,"tid":)" + std::to_string(tid) +
           R"(,"feeToken":"USDC","cloid":")" + cloid_of(tag, five) + R"("})";
  }

  UserCodec codec_;
  EventBatch batch_;
};

TEST_F(UserReplies, AnAnswerAcknowledgesAndTheStreamDoesNotRepeatIt) {
  const auto& events = placed(Resting{31, Cloid{tag, five}});
  ASSERT_EQ(events.size(), 1u);
  const auto& ack = std::get<OrderAck>(events[0].body);
  EXPECT_EQ(ack.order, five);
  EXPECT_EQ(ack.venue_order_id, 31);
  EXPECT_EQ(ack.price, Price::from_units(150000));
  EXPECT_EQ(ack.remaining, Qty::from_lots(10000));
  EXPECT_TRUE(streamed("open").empty());
}

TEST_F(UserReplies, TheStreamAcknowledgesAndTheAnswerDoesNotRepeatIt) {
  EXPECT_EQ(streamed("open").size(), 1u);
  EXPECT_TRUE(placed(Resting{31, {}}).empty());
  EXPECT_TRUE(asked("open").empty());
}

// Fill, stream and answer come in any order; an acknowledgement counts what fills already took.
TEST_F(UserReplies, AFillBeforeTheAnswerIsNotForgotten) {
  EXPECT_EQ(fills(fill(10, 1)).size(), 1u);
  const auto& events = placed(Filled{31, 100'000'000, 150'000'000'000, {}});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<OrderAck>(events[0].body).remaining, Qty::from_lots(9000));
}

TEST_F(UserReplies, ARefusalIsToldOnce) {
  const auto& events = placed(Refused{"Order has invalid size.", RejectReason::off_lot});
  ASSERT_EQ(events.size(), 1u);
  const auto& reject = std::get<OrderReject>(events[0].body);
  EXPECT_EQ(reject.reason, RejectReason::off_lot);
  EXPECT_EQ(reject.detail, "Order has invalid size.");
  EXPECT_TRUE(streamed("tickRejected").empty());
  EXPECT_TRUE(placed(Refused{"Order has invalid size.", RejectReason::off_lot}).empty());
}

TEST_F(UserReplies, AnIocThatFoundNothingExpired) {
  const auto& events = placed(Refused{
      "Order could not immediately match against any resting orders.", RejectReason::other});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<OrderDone>(events[0].body).reason, DoneReason::expired);
  EXPECT_EQ(std::get<OrderDone>(events[0].body).remaining, Qty::from_lots(10000));
}

TEST_F(UserReplies, AnAskedForStatusTellsWhatTheStreamMissed) {
  const auto& events = asked("marginCanceled");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<OrderDone>(events[0].body).reason, DoneReason::venue_cancelled);
  EXPECT_TRUE(streamed("marginCanceled").empty());
  EXPECT_TRUE(placed(Resting{31, {}}).empty());
}

TEST_F(UserReplies, FillsAskedForAreTakenOldestFirstAndOnce) {
  EXPECT_EQ(codec_.last_fill_ms(), 0);
  const auto& events = fills(fill(30, 2) + "," + fill(20, 9) + "," + fill(30, 1));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(std::get<Fill>(events[0].body).trade_id, 9);
  EXPECT_EQ(std::get<Fill>(events[1].body).trade_id, 1);
  EXPECT_EQ(std::get<Fill>(events[2].body).trade_id, 2);
  EXPECT_EQ(std::get<Fill>(events[2].body).remaining, Qty::from_lots(7000));
  EXPECT_EQ(codec_.last_fill_ms(), 30);
  EXPECT_TRUE(fills(fill(30, 2) + "," + fill(20, 9)).empty());
}

TEST_F(UserReplies, WhatCannotBeReadIsAnAnomaly) {
  const auto is_anomaly = [&] {
    return batch_.events().size() == 1 &&
           std::get<FeedStatus>(batch_.events()[0].body).state == FeedState::anomaly;
  };
  for (const char* bad : {"", "null", "{}", "<html>"}) {
    batch_.clear();
    codec_.on_fills_reply(time_from_ns(1), bad, batch_);
    EXPECT_TRUE(is_anomaly()) << bad;
    batch_.clear();
    codec_.on_order_status(time_from_ns(1), bad, batch_);
    EXPECT_TRUE(is_anomaly()) << bad;
  }
  placed(Accepted{}, ClientOrderId{99});
  EXPECT_TRUE(is_anomaly());
  batch_.clear();
  codec_.on_order_status(time_from_ns(1), R"({"status":"unknownOid"})", batch_);
  EXPECT_TRUE(batch_.events().empty());
  EXPECT_FALSE(codec_.on_frame(time_from_ns(1), std::string(200'000, '['), batch_));
}

}  // namespace
}  // namespace mm::venues::hyperliquid
