#pragma once

// Where P&L came from: spread capture, adverse selection, inventory, fees, funding.
//
//   fill of x lots, side s, value v   spread_capture += s (x M - v);  fee_cost -= fee
//                                     young += s x, until `horizon` after the fill
//   mark M -> M'                      adverse_selection += young (M' - M)
//                                     inventory_cost    += old (M' - M)
//   funding                           funding += cash
//
// M is the mark before the fill: what one lot is worth, as an integer (any unit; in the core 1e-12
// of the settlement currency). v is what the x lots were worth at the fill's price, in the same
// unit. A fill of exactly the horizon's age is still young. At every instant, exactly:
//
//   spread_capture + adverse_selection + inventory_cost + fee_cost + funding
//     = cash flows + q M - q0 M0
//
// which is asserted after every event. Source: Models 17; departure: a fill enters with its booked
// value instead of its price, so that inverse contracts, whose values are rounded once, stay exact.
// A fill before the first mark stands at its own price until then; the difference is booked as
// adverse selection at the first mark.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

class Attribution {
 public:
  /// The horizon of the adverse selection of a fill.
  static constexpr Duration default_horizon = std::chrono::seconds{10};

  explicit Attribution(Duration horizon = default_horizon) : horizon_(horizon) {}

  // Times must not decrease from call to call.

  /// Position held at the start, at the current mark or else the first one; counts as old. Once,
  /// before any fill.
  void open(std::int64_t lots);
  void mark(Time now, Int128 value_of_one_lot);
  /// `value` of +lots at the fill's price, `fee` paid; lots > 0.
  void fill(Time now, Side side, std::int64_t lots, Int128 value, Int128 fee);
  /// The same for a fill that is heard of only now and happened at `happened` <= now, when the mark
  /// was `mark_then`: booked as if heard at once, except that it grows old no earlier than now.
  void late_fill(Time now, Time happened, Int128 mark_then, Side side, std::int64_t lots,
                 Int128 value, Int128 fee);
  void funding(Time now, Int128 cash);

  Int128 spread_capture() const { return spread_capture_; }
  Int128 adverse_selection() const { return adverse_selection_; }
  Int128 inventory_cost() const { return inventory_cost_; }
  Int128 fee_cost() const { return fee_cost_; }
  Int128 funding() const { return funding_; }
  Int128 gross_pnl() const { return spread_capture_ + adverse_selection_ + inventory_cost_; }
  Int128 net_pnl() const { return gross_pnl() + fee_cost_ + funding_; }
  /// Cash flows + q M - q0 M0 - net_pnl(): 0, or there is a bug.
  Int128 residual() const;
  std::int64_t position() const { return young_ + old_; }
  /// No price change can be attributed: nothing is held, young and old do not merely cancel.
  bool idle() const { return young_ == 0 && old_ == 0; }
  /// The current mark; empty before the first.
  std::optional<Int128> current_mark() const { return mark_; }

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);

 private:
  struct Young {
    Time filled_at;
    std::int64_t lots = 0;  // signed
  };

  void age(Time now);
  Int128 unmarked_value(Int128 value_of_one_lot) const;

  Duration horizon_;
  std::vector<Young> fills_;  // by time; the first `aged_` have become old
  std::size_t aged_ = 0;
  std::int64_t young_ = 0;
  std::int64_t old_ = 0;
  std::int64_t opened_ = 0;
  std::int64_t unmarked_lots_ = 0;  // filled before the first mark, signed
  Int128 unmarked_cost_ = 0;        // and what they cost
  std::optional<Int128> mark_;
  Int128 first_mark_ = 0;
  Int128 cash_ = 0;  // of fills, fees and funding
  Int128 spread_capture_ = 0;
  Int128 adverse_selection_ = 0;
  Int128 inventory_cost_ = 0;
  Int128 fee_cost_ = 0;
  Int128 funding_ = 0;
};

}  // namespace mm
