#include "venues/hyperliquid/error_text.hpp"

#include <gtest/gtest.h>

namespace mm::venues::hyperliquid {
namespace {

TEST(ErrorText, HasTheReasonItsBeginningSays) {
  const std::pair<const char*, RejectReason> cases[] = {
      {"Price must be divisible by tick size. asset=0", RejectReason::off_tick},
      {"Order has invalid size.", RejectReason::off_lot},
      {"Order must have minimum value of $10. asset=0", RejectReason::below_min_notional},
      {"Insufficient margin to place order. asset=3", RejectReason::insufficient_margin},
      {"Order would cause position to exceed margin tier limit at current leverage",
       RejectReason::insufficient_margin},
      {"Post only order would have immediately matched, bbo was 63104@63105. asset=0",
       RejectReason::post_only_would_cross},
      {"No liquidity available for market order.", RejectReason::market_closed},
      {"Only post-only orders allowed immediately after a network upgrade",
       RejectReason::market_closed},
      {"Order was never placed, already canceled, or filled. asset=0", RejectReason::unknown_order},
      {"Cannot modify canceled or filled order", RejectReason::unknown_order},
      {"Error placing new order during modify: Order has invalid size.", RejectReason::off_lot},
      {"Too many cumulative requests sent (31025 > 31000) for cumulative volume traded $21000.50.",
       RejectReason::rate_limited},
      {"L1 error: Order has invalid size.", RejectReason::off_lot},
      {"Reduce only order would increase position.", RejectReason::other},
      {"Order price cannot be more than 95% away from the reference price", RejectReason::other},
      {"Something the venue says from tomorrow on", RejectReason::other},
      {"", RejectReason::other},
  };
  for (const auto& [text, reason] : cases) EXPECT_EQ(reason_of(text), reason) << text;
}

TEST(ErrorText, StatusesHaveReasonsToo) {
  EXPECT_EQ(reason_of("badAloPxRejected"), RejectReason::post_only_would_cross);
  EXPECT_EQ(reason_of("minTradeNtlRejected"), RejectReason::below_min_notional);
  EXPECT_EQ(reason_of("tickRejected"), RejectReason::off_tick);
  EXPECT_EQ(reason_of("perpMarginRejected"), RejectReason::insufficient_margin);
  EXPECT_EQ(reason_of("marketOrderNoLiquidityRejected"), RejectReason::market_closed);
  EXPECT_EQ(reason_of("oracleRejected"), RejectReason::other);
}

TEST(ErrorText, UnknownStatusesAreReadByTheirEnd) {
  EXPECT_EQ(phase_of("open"), OrderPhase::live);
  EXPECT_EQ(phase_of("triggered"), OrderPhase::live);
  EXPECT_EQ(phase_of("filled"), OrderPhase::filled);
  EXPECT_EQ(phase_of("canceled"), OrderPhase::cancelled);
  for (const char* gone : {"selfTradeCanceled", "scheduledCancel", "internalCancel", "newCanceled"})
    EXPECT_EQ(phase_of(gone), OrderPhase::venue_cancelled) << gone;
  for (const char* never : {"rejected", "badAloPxRejected", "newRejected"})
    EXPECT_EQ(phase_of(never), OrderPhase::rejected) << never;
  EXPECT_EQ(phase_of("resting"), OrderPhase::unknown);
  EXPECT_EQ(phase_of(""), OrderPhase::unknown);
}

TEST(ErrorText, TellsWhatConcernsTheWholeRequest) {
  EXPECT_TRUE(is_signer_unknown("L1 error: User or API Wallet 0x12 does not exist."));
  EXPECT_TRUE(is_signer_unknown("Must deposit before performing actions. User: 0x12"));
  EXPECT_FALSE(is_signer_unknown("Action already expired"));
  EXPECT_TRUE(is_nonce_refused("Invalid nonce: duplicate nonce 1790234567890"));
  EXPECT_FALSE(is_nonce_refused("Action already expired"));
  EXPECT_TRUE(is_ioc_miss("Order could not immediately match against any resting orders. asset=0"));
  EXPECT_TRUE(is_ioc_miss("iocCancelRejected"));
  EXPECT_FALSE(is_ioc_miss("badAloPxRejected"));
}

}  // namespace
}  // namespace mm::venues::hyperliquid
