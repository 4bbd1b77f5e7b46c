#pragma once

// What became of an order, and which orders it descended from.
//
// A quote that follows the market is a chain of orders, each of which replaced the one before. The
// chain is read backwards, checkpoint by checkpoint, until its first order or as far as the limits
// go: that of a quiet strategy can be as long as its session.

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/output.hpp"
#include "research/why/session.hpp"

namespace mm::research::why {

/// An answer as it was heard. `stamp` is the exchange's, on its clock; 0 = none.
struct Answer {
  Seq seq;
  Time heard;
  Time stamp;
};

/// A cancel or replace that was sent for an order.
struct Asked {
  Seq seq;
  Time at;
  bool replace = false;
  ClientOrderId replacement;  ///< 0 for a cancel
  DecisionReason reason = DecisionReason::unspecified;
};

struct OrderStep {
  ClientOrderId order;
  ClientOrderId replaces;  ///< 0: it was placed anew
  Side side = Side::buy;
  Price price;  ///< as sent: what the strategy wanted, on the grid
  Qty qty;
  TimeInForce time_in_force = TimeInForce::post_only;
  DecisionReason reason = DecisionReason::unspecified;
  std::int64_t level = 0;
  Seq seq;        ///< of the decision
  Time decided;   ///< recv_time of what caused it: decisions take no time
  Seq cause_seq;  ///< the input that led to it
  RecordKind cause = RecordKind::unspecified;
  std::optional<Answer> acknowledged;
  std::optional<Answer> rejected;
  RejectReason reject_reason = RejectReason::unspecified;
  std::optional<Answer> ended;  ///< left the book otherwise than by its last fill
  DoneReason done_reason = DoneReason::unspecified;
  std::vector<Asked> asked;  ///< in order
  std::vector<Seq> fills;    ///< in order

  /// How it went out: one message for a replace.
  RecordKind message() const {
    return replaces.value == 0 ? RecordKind::place_order : RecordKind::replace_order;
  }
};

struct TrailLimits {
  Duration back = std::chrono::minutes{10};  ///< before the last order's decision
  std::size_t orders = 1000;
  static TrailLimits whole() { return {.back = Duration::max(), .orders = SIZE_MAX}; }
};

struct OrderTrail {
  std::vector<OrderStep> steps;  ///< the order itself, then what it replaced, and so on
  bool complete = false;         ///< the last step was placed anew
  bool found() const { return !steps.empty(); }
};

/// The trail of `order` as far as records below `to` tell; empty if none of them placed it.
OrderTrail find_trail(const Session& session, ClientOrderId order, Seq to,
                      const TrailLimits& limits = {});

}  // namespace mm::research::why
