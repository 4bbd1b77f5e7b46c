// Our orders as Hyperliquid tells of them.

#include "venues/hyperliquid/user_codec.hpp"

#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"

namespace mm::venues::hyperliquid {
namespace {

constexpr std::uint64_t tag = 0x00030050c6301a2b;

class UserChannel : public ::testing::Test {
 protected:
  UserChannel() : codec_(test::instrument("hyperliquid", "ETH"), InstrumentId{0}, tag) {
    codec_.expect(ClientOrderId{5}, Qty::from_lots(10000), Price::from_units(150000));
  }
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

TEST_F(UserChannel, AnOpenOrderIsAcknowledgedOnce) {
  const Event event = only(update("open"));
  const auto& ack = std::get<OrderAck>(event.body);
  EXPECT_EQ(ack.order, ClientOrderId{5});
  EXPECT_EQ(ack.venue_order_id, 313890189710);
  EXPECT_EQ(ack.price, Price::from_units(150000));
  EXPECT_EQ(ack.remaining, Qty::from_lots(10000));
  EXPECT_EQ(to_ns(event.header.exchange_time), 1770381849546000000);
  expect_nothing(update("open", 5, "0.4"));
}

TEST_F(UserChannel, FillsCountDownWhatIsLeft) {
  const auto first = std::get<Fill>(only(fills(7, "0.4")).body);
  EXPECT_EQ(first.qty, Qty::from_lots(4000));
  EXPECT_EQ(first.remaining, Qty::from_lots(6000));
  EXPECT_TRUE(first.maker);
  EXPECT_EQ(first.fee, Money::from_units(-8930000000));
  EXPECT_EQ(first.cause, FillCause::venue);
  EXPECT_EQ(std::get<Fill>(only(fills(8, "0.6")).body).remaining, Qty{});
}

// The snapshot on subscribe repeats fills; one that we missed while away is news.
TEST_F(UserChannel, AFillIsToldOnceWhereverItComesFrom) {
  only(fills(7, "0.4"));
  expect_nothing(fills(7, "0.4", true));
  EXPECT_EQ(std::get<Fill>(only(fills(8, "0.1", true)).body).remaining, Qty::from_lots(5000));
  EXPECT_EQ(codec_.counters().duplicates, 1);
}

TEST_F(UserChannel, TheEndOfAnOrderHasItsReason) {
  only(fills(7, "0.4"));
  const auto done = std::get<OrderDone>(only(update("canceled", 5, "0.6")).body);
  EXPECT_EQ(done.reason, DoneReason::cancelled);
  EXPECT_EQ(done.remaining, Qty::from_lots(6000));
  expect_nothing(update("canceled"));

  codec_.expect(ClientOrderId{6}, Qty::from_lots(1), Price::from_units(150000));
  EXPECT_EQ(std::get<OrderDone>(only(update("selfTradeCanceled", 6)).body).reason,
            DoneReason::venue_cancelled);
  codec_.expect(ClientOrderId{7}, Qty::from_lots(1), Price::from_units(150000));
  const auto reject = std::get<OrderReject>(only(update("badAloPxRejected", 7)).body);
  EXPECT_EQ(reject.reason, RejectReason::post_only_would_cross);
  EXPECT_EQ(reject.detail, "badAloPxRejected");
}

TEST_F(UserChannel, AVenueCancelIsFoundByItsOid) {
  only(update("open"));
  const std::string frame =
      R"({"channel":"user","data":{"nonUserCancel":[{"coin":"ETH","oid":313890189710}]}})";
  EXPECT_EQ(std::get<OrderDone>(only(frame).body).reason, DoneReason::venue_cancelled);
  expect_nothing(update("marginCanceled"));
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
  EXPECT_EQ(state_of(only(update("open", 99))), FeedState::anomaly);
  EXPECT_EQ(state_of(only(
                R"({"channel":"user","data":{"fills":[{"coin":"ETH","px":"1","sz":"1","side":"A",)"
                R"("time":1770524192528,"fee":"0","tid":3}]}})")),
            FeedState::anomaly);
  EXPECT_EQ(state_of(only(update("vanished"))), FeedState::anomaly);
  EXPECT_EQ(state_of(only(R"({"channel":"user","data":{"liquidation":{"lid":18}}})")),
            FeedState::anomaly);
  EXPECT_EQ(state_of(only(R"({"channel":"userFills","data":{}})")), FeedState::anomaly);
}

TEST_F(UserChannel, OtherChannelsAndCoinsAreLeftAlone) {
  EXPECT_FALSE(codec_.on_frame(time_from_ns(1), R"({"channel":"pong"})", batch_));
  EXPECT_FALSE(codec_.on_frame(time_from_ns(1), "no json", batch_));
  expect_nothing(
      R"({"channel":"user","data":{"nonUserCancel":[{"coin":"BTC","oid":512907741186}]}})");
}

}  // namespace
}  // namespace mm::venues::hyperliquid
