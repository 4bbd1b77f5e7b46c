#include "venues/hyperliquid/cloid.hpp"

#include <gtest/gtest.h>

namespace mm::venues::hyperliquid {
namespace {

constexpr std::uint64_t tag = 0x6d6d0050c6301a2b;

TEST(Cloid, HoldsTheSessionAndTheOrder) {
  EXPECT_EQ(cloid_of(tag, ClientOrderId{0xd2}), "0x6d6d0050c6301a2b00000000000000d2");
  EXPECT_EQ(order_of("0x6d6d0050c6301a2b00000000000000d2", tag), ClientOrderId{0xd2});
  EXPECT_EQ(order_of("0x6D6D0050C6301A2B00000000000000D2", tag), ClientOrderId{0xd2});
  EXPECT_FALSE(order_of("0x6d6d0050c6301a2b00000000000000d2", tag + 1));
  EXPECT_FALSE(order_of("0x6d6d0050c6301a2b0000000000000000", tag));
  EXPECT_FALSE(order_of("CLOID", tag));
  EXPECT_FALSE(order_of("", tag));
  EXPECT_FALSE(order_of("0x6d6d0050c6301a2b00000000000000zz", tag));
}

TEST(Cloid, EverySessionHasATagOfItsOwn) {
  EXPECT_EQ(session_tag_of("0050c6301a2b8899aabbccddeeff0011"), tag);
  EXPECT_NE(session_tag_of("0050c6301a2c8899aabbccddeeff0011"), tag);
  EXPECT_FALSE(session_tag_of("0050c6301a2"));
  EXPECT_FALSE(session_tag_of("0050c6301a2g8899"));
}

// After a restart: what an earlier session left behind is ours, though not of this session.
TEST(Cloid, OrdersOfEarlierSessionsAreRecognised) {
  const auto earlier = Cloid::parse(cloid_of(*session_tag_of("aaaaaaaaaaaa"), ClientOrderId{7}));
  ASSERT_TRUE(earlier);
  EXPECT_TRUE(earlier->is_of_this_program());
  EXPECT_NE(earlier->session_tag, tag);
  EXPECT_FALSE(Cloid::parse("0x0000000000000000000000000000abc1")->is_of_this_program());
}

}  // namespace
}  // namespace mm::venues::hyperliquid
