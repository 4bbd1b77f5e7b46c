#include "venues/hyperliquid/error_text.hpp"

namespace mm::venues::hyperliquid {
namespace {

struct Meaning {
  std::string_view beginning;
  RejectReason reason;
};

constexpr Meaning texts[] = {
    {"Post only order would have immediately matched", RejectReason::post_only_would_cross},
    {"Order must have minimum value", RejectReason::below_min_notional},
    {"Price must be divisible by tick size", RejectReason::off_tick},
    {"Order has invalid size", RejectReason::off_lot},
    {"Insufficient margin", RejectReason::insufficient_margin},
    {"Order would cause position to exceed margin tier limit", RejectReason::insufficient_margin},
    {"Too many cumulative requests", RejectReason::rate_limited},
    {"Signed action over weight limit", RejectReason::rate_limited},
    {"No liquidity available", RejectReason::market_closed},
    {"Only post-only orders allowed", RejectReason::market_closed},
    {"Order was never placed", RejectReason::unknown_order},
    {"Cannot modify canceled or filled order", RejectReason::unknown_order},
};

constexpr Meaning statuses[] = {
    {"badAloPxRejected", RejectReason::post_only_would_cross},
    {"minTradeNtlRejected", RejectReason::below_min_notional},
    {"tickRejected", RejectReason::off_tick},
    {"perpMarginRejected", RejectReason::insufficient_margin},
    {"insufficientSpotBalanceRejected", RejectReason::insufficient_margin},
    {"perpMaxPositionRejected", RejectReason::insufficient_margin},
    {"marketOrderNoLiquidityRejected", RejectReason::market_closed},
};

/// The text itself, without what is put in front of it.
std::string_view core_of(std::string_view text) {
  for (const std::string_view before : {"L1 error: ", "Error placing new order during modify: "}) {
    if (text.starts_with(before)) text.remove_prefix(before.size());
  }
  return text;
}

}  // namespace

OrderPhase phase_of(std::string_view status) {
  if (status == "open" || status == "triggered") return OrderPhase::live;
  if (status == "filled") return OrderPhase::filled;
  if (status == "canceled") return OrderPhase::cancelled;
  if (status.ends_with("Canceled") || status == "scheduledCancel" || status == "internalCancel") {
    return OrderPhase::venue_cancelled;
  }
  if (status == "rejected" || status.ends_with("Rejected")) return OrderPhase::rejected;
  return OrderPhase::unknown;
}

RejectReason reason_of(std::string_view status_or_text) {
  const std::string_view text = core_of(status_or_text);
  for (const Meaning& of : statuses) {
    if (text == of.beginning) return of.reason;
  }
  for (const Meaning& of : texts) {
    if (text.starts_with(of.beginning)) return of.reason;
  }
  return RejectReason::other;
}

bool is_ioc_miss(std::string_view status_or_text) {
  const std::string_view text = core_of(status_or_text);
  return text == "iocCancelRejected" || text.starts_with("Order could not immediately match");
}

bool is_signer_unknown(std::string_view text) {
  text = core_of(text);
  return text.starts_with("User or API Wallet ") || text.starts_with("Must deposit before") ||
         text.starts_with("Unable to recover signer");
}

bool is_nonce_refused(std::string_view text) {
  return core_of(text).starts_with("Invalid nonce: ");
}

}  // namespace mm::venues::hyperliquid
