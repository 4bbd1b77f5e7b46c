#pragma once

// Output: what the core decided. Journaled right behind the event that caused it.
//
// Outputs own what they hold (reasons are enums, not text), so they may be kept.

#include <cstdint>
#include <variant>

#include "engine/event.hpp"
#include "engine/market_notes.hpp"
#include "engine/prediction.hpp"

namespace mm {

/// Why a decision was taken.
enum class DecisionReason : std::uint8_t {
  unspecified = 0,
  new_quote = 1,        ///< a wanted quote had no order
  requote = 2,          ///< the wanted price or size moved beyond the threshold
  quote_withdrawn = 3,  ///< the strategy wants no quote there any more
  inventory_limit = 4,  ///< the order would take the position beyond its limit
  stale_feed = 5,
  book_invalid = 6,  ///< gap, one-sided or crossed book
  kill_switch = 7,
  session_end = 8,
  loss_limit = 9,
};

struct PlaceOrder {
  static constexpr RecordKind kind = RecordKind::place_order;
  ClientOrderId order;
  Side side = Side::buy;
  Price price;
  Qty qty;
  TimeInForce time_in_force = TimeInForce::post_only;
  DecisionReason reason = DecisionReason::unspecified;
  std::int64_t level = 0;  ///< index of the wanted quote on its side, 0 = nearest
  bool operator==(const PlaceOrder&) const = default;
};

struct CancelOrder {
  static constexpr RecordKind kind = RecordKind::cancel_order;
  ClientOrderId order;
  DecisionReason reason = DecisionReason::unspecified;
  bool operator==(const CancelOrder&) const = default;
};

/// Cancel `order` and place `replacement` in one message.
struct ReplaceOrder {
  static constexpr RecordKind kind = RecordKind::replace_order;
  ClientOrderId order;
  ClientOrderId replacement;
  Side side = Side::buy;
  Price price;
  Qty qty;
  TimeInForce time_in_force = TimeInForce::post_only;
  DecisionReason reason = DecisionReason::unspecified;
  std::int64_t level = 0;
  bool operator==(const ReplaceOrder&) const = default;
};

/// Ask for a Timer event with this id at `at` (recv_time); setting it again moves it.
struct SetTimer {
  static constexpr RecordKind kind = RecordKind::set_timer;
  std::int64_t id = 0;
  Time at;
  bool operator==(const SetTimer&) const = default;
};

enum class AlertCode : std::uint8_t {
  unspecified = 0,
  position_limit = 1,
  order_rate_limit = 2,
  stale_feed = 3,
  unknown_order = 4,  ///< an event named an order we do not know
  position_mismatch = 5,
  loss_limit = 6,
  feed_gap = 7,
  order_rejected = 8,
  parameter_refused = 9,  ///< a parameter change the strategy does not take
  fill_refused = 10,      ///< a fill that cannot be true: beyond any price or quantity
  cascade_started = 11,   ///< positions are being liquidated; probability and threshold in 1e-6
  cascade_ended = 12,     ///< likewise
  liquidation_blind =
      13,  ///< the detector lost its inputs: open interest is stale (age in seconds)
};

struct Alert {
  static constexpr RecordKind kind = RecordKind::alert;
  AlertCode code = AlertCode::unspecified;
  std::int64_t value = 0;  ///< what was measured, in the code's own unit
  std::int64_t limit = 0;
  ClientOrderId order;
  bool operator==(const Alert&) const = default;
};

using OutputBody =
    std::variant<PlaceOrder, CancelOrder, ReplaceOrder, SetTimer, Alert, WallAppeared, WallMoved,
                 WallPulled, WallFilled, WallGone, FlushStarted, FlushEnded, LiquidityChanged,
                 RegimeChanged, RegimeState, Prediction, PredictedLevel, FillNote>;

/// `header.recv_time` is that of the causing event; `header.exchange_time` is 0.
struct Output {
  EventHeader header;
  OutputBody body;

  RecordKind kind() const {
    return std::visit([](const auto& body_of) { return body_of.kind; }, body);
  }
  bool operator==(const Output&) const = default;
};

}  // namespace mm
