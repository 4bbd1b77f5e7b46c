#pragma once

// Where an order of ours stands in the queue at its price, estimated online (Models 5.1).
//
// All that is displayed when the order is accepted is ahead of it. Of others' quantities only:
//
//   add x:     behind += x
//   trade v:   what is ahead goes first, then our order fills, then what is behind
//   cancel c:  ahead^n / (ahead^n + behind^n) of it was ahead, n = queue_power; what does not fit
//   on
//              one side comes off the other
//
// ahead_hi assumes that every cancel came from behind, ahead_lo from ahead: the truth lies between
// whenever adds, cancels and trades are told apart rightly. lo <= ahead <= hi <= what is displayed.
// A price that is not displayed on its own has no known queue: everything is absent until it is.

#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

class QueuePosition {
 public:
  QueuePosition() = default;
  /// `displayed` is others' quantity at the price when we were accepted, absent if unknown; all
  /// quantities are lots.
  QueuePosition(double our_size, std::optional<double> displayed);

  void add(double lots);
  /// Requires power > 0. `lone_order`: the venue's count of orders fell by one, so that a cancel
  /// larger than what is ahead cannot have been ahead.
  void cancel(double lots, double power, bool lone_order = false);
  /// Total volume at our price, ours included; gives what we estimate to be filled of our order.
  double trade(double lots);
  /// A trade beyond our price: we are filled.
  double trade_through();
  /// Others' displayed quantity, which nothing ahead can exceed. Makes an unknown queue known.
  void cap(double displayed);

  bool known() const { return known_; }
  std::optional<double> ahead() const { return if_known(ahead_); }
  std::optional<double> ahead_lo() const { return if_known(ahead_lo_); }
  std::optional<double> ahead_hi() const { return if_known(ahead_hi_); }
  std::optional<double> behind() const { return if_known(behind_); }
  /// estimated_queue_total: ahead, behind and ours.
  std::optional<double> total() const { return if_known(ahead_ + behind_ + remaining_); }
  double remaining() const { return remaining_; }
  double filled() const { return filled_; }
  /// Our real fills and changes of size: what is left of our order.
  void set_remaining(double lots) { remaining_ = lots; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  std::optional<double> if_known(double value) const {
    return known_ ? std::optional{value} : std::nullopt;
  }

  bool known_ = false;
  double ahead_ = 0;
  double ahead_lo_ = 0;
  double ahead_hi_ = 0;
  double behind_ = 0;
  double remaining_ = 0;
  double filled_ = 0;
};

/// Whether a fill of ours was sheltered by others or we were the last left (Models 5.2).
enum class FillContext : std::uint8_t { neutral = 0, shielded = 1, last_remaining = 2 };

/// Others' lots at our price a second before the taker's trades, just before them, just after our
/// fill; what was cancelled there in that second; the fill.
struct FillSurroundings {
  double others_1s_ago = 0;
  double others_before = 0;
  double others_after = 0;
  double pulled_1s = 0;
  double our_fill = 0;
};

///   last_remaining <=> o1 > 0, o1 - oa > 0, oa <= 0.05 o1 and pulled >= (o1 - oa) / 2
///   shielded       <=> otherwise, oa >= our fill and oa >= 0.30 o1
///
/// Last means that the level was withdrawn: one that was eaten down to us is an ordinary sweep.
FillContext fill_context(const FillSurroundings& around);

/// ours / (others + ours) at a level, in [0, 1]; absent when we do not rest there.
inline std::optional<double> relative_visibility(std::int64_t ours, std::int64_t others) {
  if (ours <= 0) return std::nullopt;
  const double mine = static_cast<double>(ours);
  return mine / (mine + static_cast<double>(others > 0 ? others : 0));
}

}  // namespace mm
