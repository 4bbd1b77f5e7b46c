#include "engine/book/orders.hpp"

#include <gtest/gtest.h>

#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

class OrdersTest : public testing::Test {
 protected:
  ClientOrderId send(Side side, std::int64_t price, std::int64_t qty) {
    const ClientOrderId id = orders_.next_id();
    orders_.sent({.id = id, .side = side, .price = units(price), .remaining = lots(qty)});
    return id;
  }
  ClientOrderId live(Side side, std::int64_t price, std::int64_t qty) {
    const ClientOrderId id = send(side, price, qty);
    orders_.acknowledged({.order = id, .venue_order_id = 5, .price = units(price)});
    return id;
  }
  OrderState state(ClientOrderId id) const { return orders_.find(id)->state; }

  Orders orders_;
};

TEST_F(OrdersTest, AnOrderLivesFromAcknowledgementToItsEnd) {
  const ClientOrderId id = send(Side::buy, 100, 5);
  EXPECT_EQ(state(id), OrderState::pending_new);
  EXPECT_TRUE(orders_.acknowledged({.order = id, .venue_order_id = 77}));
  EXPECT_EQ(state(id), OrderState::live);
  EXPECT_EQ(orders_.find(id)->venue_id, 77);
  orders_.cancel_sent(id);
  EXPECT_EQ(state(id), OrderState::pending_cancel);
  EXPECT_TRUE(orders_.done({.order = id}));
  EXPECT_EQ(orders_.find(id), nullptr);
  EXPECT_TRUE(orders_.is_ours(id));
}

TEST_F(OrdersTest, PartialFillsLeaveTheRest) {
  const ClientOrderId id = live(Side::sell, 100, 5);
  EXPECT_TRUE(orders_.filled({.order = id, .qty = lots(2)}));
  EXPECT_EQ(orders_.exposure(Side::sell), lots(3));
  EXPECT_TRUE(orders_.filled({.order = id, .qty = lots(3)}));
  EXPECT_TRUE(orders_.empty());
  EXPECT_FALSE(orders_.filled({.order = id, .qty = lots(1)}));
}

TEST_F(OrdersTest, ExposureCountsEverythingThatMayStillFill) {
  const ClientOrderId first = live(Side::buy, 100, 5);
  const ClientOrderId second = live(Side::buy, 99, 7);
  send(Side::buy, 98, 11);
  orders_.cancel_sent(first);
  orders_.replace_sent(second);
  EXPECT_EQ(orders_.exposure(Side::buy), lots(23));
  EXPECT_EQ(orders_.exposure(Side::sell), Qty{});
}

TEST_F(OrdersTest, ALateCancelLeavesTheOrderLive) {
  const ClientOrderId first = live(Side::buy, 100, 5);
  const ClientOrderId second = live(Side::buy, 100, 5);
  orders_.cancel_sent(first);
  orders_.replace_sent(second);
  EXPECT_TRUE(orders_.cancel_rejected({.order = first}));
  EXPECT_TRUE(orders_.cancel_rejected({.order = second}));
  EXPECT_EQ(state(first), OrderState::live);
  EXPECT_EQ(state(second), OrderState::live);
}

// A fill can overtake the acknowledgement: what remains is our count, not the acknowledgement's.
TEST_F(OrdersTest, AnAcknowledgementDoesNotUndoAFill) {
  const ClientOrderId id = send(Side::buy, 100, 5);
  orders_.filled({.order = id, .qty = lots(2)});
  orders_.acknowledged({.order = id, .remaining = lots(5)});
  EXPECT_EQ(orders_.find(id)->remaining, lots(3));
}

TEST_F(OrdersTest, ACancelOvertakenByNothingStaysACancel) {
  const ClientOrderId id = send(Side::buy, 100, 5);
  orders_.cancel_sent(id);
  orders_.acknowledged({.order = id});
  EXPECT_EQ(state(id), OrderState::pending_cancel);
}

TEST_F(OrdersTest, UnknownOrdersChangeNothing) {
  live(Side::buy, 100, 5);
  const Orders before = orders_;
  const ClientOrderId unknown{99};
  EXPECT_FALSE(orders_.acknowledged({.order = unknown}));
  EXPECT_FALSE(orders_.rejected({.order = unknown}));
  EXPECT_FALSE(orders_.done({.order = unknown}));
  EXPECT_FALSE(orders_.cancel_rejected({.order = unknown}));
  EXPECT_FALSE(orders_.filled({.order = unknown, .qty = lots(1)}));
  EXPECT_FALSE(orders_.is_ours(unknown));
  EXPECT_EQ(orders_, before);
}

TEST_F(OrdersTest, StateSurvivesSaving) {
  live(Side::buy, 100, 5);
  orders_.cancel_sent(live(Side::sell, 110, 6));
  send(Side::sell, 111, 7);
  ByteWriter out;
  orders_.save(out);
  Orders copy;
  ByteReader in{out.bytes()};
  ASSERT_TRUE(copy.restore(in));
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(copy, orders_);
}

}  // namespace
}  // namespace mm
