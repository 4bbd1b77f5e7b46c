// Our orders as Hyperliquid tells of them.

#include "venues/hyperliquid/user_codec.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/venues/market_data.hpp"

namespace mm::venues::hyperliquid {
namespace {

constexpr std::uint64_t tag = 0x6d6d0050c6301a2b;

class UserChannel : public ::testing::Test {
 protected:
  UserChannel()
      : codec_(test::instrument("hyperliquid", "ETH"), InstrumentId{0}, tag,
               time_from_ns(1770000000000000000)) {}
  /// The single event of a frame.
  Event only(const std::string& frame) {
    batch_.clear();
    EXPECT_TRUE(codec_.on_frame(time_from_ns(1), frame, batch_));
    EXPECT_EQ(batch_.events().size(), 1u) << frame;
    return batch_.events().empty() ? Event{} : batch_.events()[0];
  }
  void expect_nothing(const std::string& frame) {
    batch_.clear();
    EXPECT_TRUE(codec_.on_frame(time_from_ns(1), frame, batch_));
    EXPECT_TRUE(batch_.events().empty()) << frame;
  }
  FeedState state_of(const Event& event) { return std::get<FeedStatus>(event.body).state; }

  static std::string update(const std::string& status, std::uint64_t order = 5,
                            const std::string& size = "1.0") {
    return R"({"channel":"orderUpdates","data":[{"order":{"coin":"ETH","side":"B",)"
           R"("limitPx":"1500.0","sz":")" +
           size + R"(","oid":313890189710,"timestamp":1770381849546,"origSz":"1.0","cloid":")" +
           cloid_of(tag, ClientOrderId{order}) + R"("},"status":")" + status +
           R"(","statusTimestamp":1770381849546}]})";
  }
  static std::string fills(std::int64_t tid, const std::string& size, bool snapshot = false) {
    return std::string(R"({"channel":"userFills","data":{"isSnapshot":)") +
           (snapshot ? "true" : "false") +
           R"(,"user":"0x1","fills":[{"coin":"ETH","px":"1500.0","sz":")" + size +
           R"(","side":"B","time":1770524192528,"crossed":false,"fee":"-0.00893","oid":1,"tid":)" +
           std::to_string(tid) + R"(,"feeToken":"USDC","cloid":")" +
           cloid_of(tag, ClientOrderId{5}) + R"("}]}})";
  }

  UserCodec codec_;
  EventBatch batch_;
};

TEST_F(UserChannel, AnOpenOrderIsAcknowledged) {
  const Event event = only(update("open"));
  const auto& ack = std::get<OrderAck>(event.body);
  EXPECT_EQ(ack.order, ClientOrderId{5});
  EXPECT_EQ(ack.venue_order_id, 313890189710);
  EXPECT_EQ(ack.price, Price::from_units(150000));
  EXPECT_EQ(ack.remaining, Qty::from_lots(10000));
  EXPECT_EQ(to_ns(event.header.exchange_time), 1770381849546000000);
}

TEST_F(UserChannel, AFillSaysWhatItWas) {
  const auto first = std::get<Fill>(only(fills(7, "0.4")).body);
  EXPECT_EQ(first.qty, Qty::from_lots(4000));
  EXPECT_TRUE(first.maker);
  EXPECT_EQ(first.fee, Money::from_units(-8930000000));
  EXPECT_EQ(first.cause, FillCause::venue);
}

// The snapshot on subscribe repeats fills; one that we missed while away is news.
TEST_F(UserChannel, AFillIsToldOnceWhereverItComesFrom) {
  only(fills(7, "0.4"));
  expect_nothing(fills(7, "0.4", true));
  EXPECT_EQ(std::get<Fill>(only(fills(8, "0.1", true)).body).qty, Qty::from_lots(1000));
  EXPECT_EQ(codec_.counters().duplicates, 1);
}

TEST_F(UserChannel, TheEndOfAnOrderHasItsReason) {
  const auto done = std::get<OrderDone>(only(update("canceled", 5, "0.6")).body);
  EXPECT_EQ(done.reason, DoneReason::cancelled);
  EXPECT_EQ(done.remaining, Qty::from_lots(6000));
  EXPECT_EQ(std::get<OrderDone>(only(update("selfTradeCanceled", 6)).body).reason,
            DoneReason::venue_cancelled);
  const auto reject = std::get<OrderReject>(only(update("badAloPxRejected", 7)).body);
  EXPECT_EQ(reject.reason, RejectReason::post_only_would_cross);
  EXPECT_EQ(reject.detail, "badAloPxRejected");
}

// orderUpdates tells the same, and how much was left.
TEST_F(UserChannel, AVenueCancelWithoutItsRestSaysNothing) {
  expect_nothing(
      R"({"channel":"user","data":{"nonUserCancel":[{"coin":"ETH","oid":313890189710}]}})");
}

TEST_F(UserChannel, EarlierSessionsArePassedOver) {
  const std::string earlier = cloid_of(0x6d6d000000000001, ClientOrderId{5});
  const auto of_earlier = [&](std::string frame) {
    const std::string ours = cloid_of(tag, ClientOrderId{5});
    return frame.replace(frame.find(ours), ours.size(), earlier);
  };
  expect_nothing(of_earlier(update("canceled")));
  expect_nothing(of_earlier(fills(7, "0.4")));

  UserCodec later(test::instrument("hyperliquid", "ETH"), InstrumentId{0}, tag,
                  time_from_ns(1780000000000000000));
  batch_.clear();
  EXPECT_TRUE(later.on_frame(time_from_ns(1), fills(8, "0.4", true), batch_));
  EXPECT_TRUE(batch_.events().empty());
}

TEST_F(UserChannel, FundingIsBookedOnceAndASnapshotIsHistory) {
  const auto funding = [](const std::string& time) {
    return R"({"time":)" + time +
           R"(,"coin":"ETH","usdc":"-0.009861","szi":"0.0125","fundingRate":"0.0000125"})";
  };
  const std::string history =
      R"({"channel":"userFundings","data":{"isSnapshot":true,"fundings":[)" +
      funding("1790233200057") + "]}}";
  const std::string event = R"({"channel":"user","data":{"funding":)";
  expect_nothing(history);
  expect_nothing(event + funding("1790233200057") + "}}");
  const auto paid = std::get<FundingPayment>(only(event + funding("1790236800057") + "}}").body);
  EXPECT_EQ(paid.cash, Money::from_units(-9861000000));
  EXPECT_EQ(paid.rate_e12, 12500000);
}

TEST_F(UserChannel, WhatThisSessionDidNotSendIsAnAnomaly) {
  EXPECT_EQ(state_of(only(
                R"({"channel":"user","data":{"fills":[{"coin":"ETH","px":"1","sz":"1","side":"A",)"
                R"("time":1770524192528,"fee":"0","tid":3}]}})")),
            FeedState::anomaly);
  EXPECT_EQ(state_of(only(update("vanished"))), FeedState::anomaly);
  EXPECT_EQ(state_of(only(R"({"channel":"user","data":{"liquidation":{"lid":18}}})")),
            FeedState::anomaly);
  EXPECT_EQ(state_of(only(R"({"channel":"userFills","data":{}})")), FeedState::anomaly);
}

TEST_F(UserChannel, FillsAskedForAreTakenOldestFirstAndOnce) {
  const auto row = [](std::int64_t time, std::int64_t id) {
    return R"({"coin":"ETH","px":"1500.0","sz":"0.1","side":"B","time":)" + std::to_string(time) +
           R"(,"crossed":false,"fee":"0.01","oid":31,"tid":)" + std::to_string(id) +
           R"(,"feeToken":"USDC","cloid":")" + cloid_of(tag, ClientOrderId{5}) + R"("})";
  };
  const std::int64_t at = 1770524192528;
  const std::string body = "[" + row(at + 1, 2) + "," + row(at, 9) + "," + row(at + 1, 1) + "]";
  EXPECT_EQ(codec_.last_fill_ms(), 0);
  batch_.clear();
  EXPECT_TRUE(codec_.on_fills_reply(time_from_ns(1), body, batch_));
  ASSERT_EQ(batch_.events().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(std::get<Fill>(batch_.events()[i].body).trade_id, (std::array{9, 1, 2})[i]);
  EXPECT_EQ(codec_.last_fill_ms(), at + 1);
  batch_.clear();
  EXPECT_TRUE(codec_.on_fills_reply(time_from_ns(1), body, batch_));
  EXPECT_TRUE(batch_.events().empty());
  for (const char* bad : {"", "null", "{}", "<html>"}) {
    batch_.clear();
    EXPECT_FALSE(codec_.on_fills_reply(time_from_ns(1), bad, batch_)) << bad;
    EXPECT_EQ(state_of(batch_.events().at(0)), FeedState::anomaly);
  }
}

TEST_F(UserChannel, OtherChannelsAndCoinsAreLeftAlone) {
  EXPECT_FALSE(codec_.on_frame(time_from_ns(1), R"({"channel":"pong"})", batch_));
  EXPECT_FALSE(codec_.on_frame(time_from_ns(1), "no json", batch_));
  EXPECT_FALSE(codec_.on_frame(time_from_ns(1), std::string(200'000, '['), batch_));
  expect_nothing(
      R"({"channel":"user","data":{"nonUserCancel":[{"coin":"BTC","oid":512907741186}]}})");
}

}  // namespace
}  // namespace mm::venues::hyperliquid
