#pragma once

// Guards: what no order of ours may pass, whatever the core decided.
//
// The core has limits of its own, as part of its deterministic state. These stand behind it, at the
// door: a bug in a strategy, a parameter typed with a zero too many, or a feed that stopped must
// not become an order. All limits are explicit; there are no defaults.

#include <cstdint>
#include <optional>
#include <string>

#include "engine/account/ledger.hpp"
#include "engine/account/limits.hpp"
#include "engine/instrument.hpp"
#include "engine/market.hpp"
#include "engine/types.hpp"

namespace mm::live {

/// Values are in quote currency at the mid; all must be positive.
struct GuardLimits {
  Money max_position;  ///< |position| if every order of one side filled, the new one included
  Money max_order;     ///< value of one order
  Money max_notional;  ///< |position| plus all orders of both sides, the new one included
  Money max_loss;      ///< net loss of the session, marked at the mid; settlement currency
  std::int64_t max_orders_per_minute = 0;  ///< placing messages, a replace included
  double price_band_bps = 0;               ///< furthest from the mid, either side
  Duration stale{};                        ///< oldest market data an order may rest on
  bool operator==(const GuardLimits&) const = default;
};

/// How we stand before an order.
struct GuardView {
  const InstrumentState& market;
  const Ledger& ledger;
  Qty open_buy;  ///< lots that orders out may still buy
  Qty open_sell;
};

class Guards {
 public:
  explicit Guards(const GuardLimits& limits) : limits_(limits) {}

  /// Why the order must not go out; empty if it may, and then it counts for the rate.
  std::optional<std::string> check(Time now, Side side, Price price, Qty qty,
                                   const GuardView& view);
  /// The side whose orders, all filled, would take the position beyond its limit by more than a
  /// hundredth (prices move after the check); empty if neither. A partial fill that became known
  /// only after its order was replaced does that. Its orders must go.
  std::optional<Side> overcommitted(const GuardView& view) const;
  /// Why trading must end at once: the loss limit, or a position beyond its limit by more than one
  /// order. Empty while neither holds, or the market cannot be marked.
  std::optional<std::string> breach(const GuardView& view) const;

  const GuardLimits& limits() const { return limits_; }
  std::int64_t sent_last_minute(Time now) { return rate_.count(now); }

 private:
  GuardLimits limits_;
  MessageRate rate_;
};

}  // namespace mm::live
