#pragma once

// Where the P&L came from, exact in integers (models.md 17: telescoping of marks).
//
//   fill (s, x, value)   spread_capture += s * (x * M - value);  fees -= fee;  young += s * x
//   mark M -> M'         adverse_selection += young * (M' - M);  inventory += old * (M' - M)
//   funding              funding += cash
//   a fill older than the horizon (10 s; exactly 10 s is still young) moves from young to old
//
// M is the mark in force strictly before the fill. At every instant
//
//   net = cash flows + q * M - q0 * M0
//       = spread_capture + adverse_selection + inventory + fees + funding          (asserted)
//
// so the parts add up over windows, hours and regimes. The position at the start counts as old.
// Marks and values are *atoms*: the worth of one lot, in 1e-12 of the settlement currency or in any
// other unit that all of them share.
//
// A fill is told when we hear of it, some latency after it happened. It is booked back to its own
// time: at the mark before it, with the moves since then as adverse selection.

#include <cstdint>
#include <vector>

#include "engine/types.hpp"

namespace mm::research {

inline constexpr Duration attribution_horizon{10'000'000'000};

struct PnlParts {
  Int128 spread_capture = 0;
  Int128 adverse_selection = 0;
  Int128 inventory = 0;
  Int128 fees = 0;     ///< negative = paid
  Int128 funding = 0;  ///< negative = paid

  Int128 gross() const { return spread_capture + adverse_selection + inventory; }
  Int128 net() const { return gross() + fees + funding; }
  bool operator==(const PnlParts&) const = default;
};

struct AttributedFill {
  Time time;  ///< when it happened, not when we heard
  Side side = Side::buy;
  Qty qty;
  Int128 value = 0;        ///< what the whole quantity was worth at the fill price, atoms
  Int128 mark_before = 0;  ///< mark of one lot strictly before `time`
  Int128 fee = 0;          ///< negative = rebate
};

/// Calls must come in non-decreasing time.
class Attribution {
 public:
  Attribution() = default;
  /// `mark` is that of the instant before the first event; without one yet, it is set by the first
  /// on_mark, which is free of P&L only while the position is zero.
  Attribution(Qty position, Int128 mark, Duration horizon = attribution_horizon)
      : horizon_(horizon),
        position_(position.lots()),
        mark_(mark),
        opening_mark_(mark),
        opening_position_(position.lots()) {}

  void on_mark(Time now, Int128 mark);
  void on_fill(Time now, const AttributedFill& fill);
  void on_funding(Time now, Int128 cash);

  const PnlParts& parts() const { return parts_; }
  Int128 net() const { return parts_.net(); }
  Int128 mark() const { return mark_; }
  Qty position() const { return Qty::from_lots(position_); }
  /// What the parts leave unexplained: always 0.
  Int128 residual() const;

 private:
  struct Young {
    Time until;
    std::int64_t lots;
  };
  void age(Time now);

  Duration horizon_ = attribution_horizon;
  std::vector<Young> young_fills_;  // in the order they grow old, from first_young_ on
  std::size_t first_young_ = 0;
  std::int64_t young_ = 0;
  std::int64_t position_ = 0;
  Int128 mark_ = 0;
  Int128 opening_mark_ = 0;
  std::int64_t opening_position_ = 0;
  Int128 cash_ = 0;
  PnlParts parts_;
};

}  // namespace mm::research
