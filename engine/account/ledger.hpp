#pragma once

// Position and money, exact: every fill, fee and funding payment in integers.
//
// Values are `position_value` of numeric.hpp, in 1e-12 of the settlement currency, so that linear
// and inverse contracts book alike. A fill of x lots on side s (+1 buy, -1 sell) worth v (the value
// of +x lots at its price):
//
//   adding:    cost += s v
//   reducing:  r lots of the position leave at average cost:  c = round(cost r / |position|)
//              realised -= c + s v_r,  cost -= c    (v_r: the part of v for r lots)
//   always     realised - cost = minus the sum of s v     (exact: rounding only moves the split)
//
// Half-even rounding decides only what part of P&L is called realised.

#include <cstdint>

#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm {

class Ledger {
 public:
  /// Starts from a position held before the session, worth `cost` (position_value at its price).
  void open(Qty position, Money cost);

  /// Books our execution; `value` is position_value of +qty lots at the fill's price. qty > 0.
  void fill(Side side, Qty qty, Money value, Money fee);
  /// A change of our balance by funding: negative = paid.
  void funding(Money cash) { funding_ += cash; }

  Qty position() const { return position_; }
  /// What the open position cost (sum of s v over what is open).
  Money cost() const { return cost_; }
  /// Cost of one lot, half-even; 0 when flat.
  Money average_cost() const;
  Money realised() const { return realised_; }
  /// Fees paid; negative = rebates earned.
  Money fees() const { return fees_; }
  Money funding() const { return funding_; }
  /// P&L of the open position at a mark (position_value of one lot).
  Money unrealised(Money mark_of_one_lot) const;
  /// realised + unrealised - fees + funding.
  Money net_pnl(Money mark_of_one_lot) const {
    return realised_ + unrealised(mark_of_one_lot) - fees_ + funding_;
  }
  std::int64_t fill_count() const { return fill_count_; }
  /// Sum of |value| over all fills.
  Money turnover() const { return turnover_; }

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);
  bool operator==(const Ledger&) const = default;

 private:
  Qty position_;
  Money cost_;
  Money realised_;
  Money fees_;
  Money funding_;
  Money turnover_;
  std::int64_t fill_count_ = 0;
};

}  // namespace mm
