#pragma once

// The mid of the quoted instrument over time, for marking fills to market.
//
// A step series on our receive clock: an entry holds until the next. It is *absent* while the book
// cannot be quoted against (gap, one-sided, crossed) and from 2 s after the last word of the feed
// (an unchanged mid is not stale, a silent feed is). Only the last minutes are kept, so memory does
// not grow with the session.

#include <deque>

#include "engine/market.hpp"
#include "engine/types.hpp"

namespace mm::research {

struct Mark {
  Time time;
  Price bid;
  Price ask;
  Int128 value = 0;  ///< of one lot, 1e-12 of the settlement currency (mid_value_of_one_lot)
  bool present = false;

  /// In price units; a mid may be half a unit.
  double mid_units() const {
    return (static_cast<double>(bid.units()) + static_cast<double>(ask.units())) / 2;
  }
};

class MarkHistory {
 public:
  static constexpr Duration stale{2'000'000'000};
  static constexpr Duration kept{150'000'000'000};

  /// After every market or feed event of the quoted instrument, in order. False if the feed was
  /// silent for too long before it, or the book does not follow the venue after it.
  bool update(Time now, const InstrumentState& after);

  /// The mark in force at `time` (the last one with a stamp <= time); null if absent.
  const Mark* at(Time time) const;
  /// The mark in force strictly before `time`; null if absent.
  const Mark* before(Time time) const;
  /// The last mark strictly before `time` that was present, whatever happened since; null if none.
  const Mark* last_present_before(Time time) const;
  /// The newest one that was present; null if none.
  const Mark* last_present() const;
  /// The newest entry; null before the first.
  const Mark* latest() const { return marks_.empty() ? nullptr : &marks_.back(); }

 private:
  const Mark* checked(std::deque<Mark>::const_iterator behind, Time time) const;

  std::deque<Mark> marks_;
  Time heard_;
};

/// When a fill happened, on our receive clock: a simulated one carries that moment as its exchange
/// time, a venue's stamp is on another clock, so there it is when we heard.
inline Time happened_at(const EventHeader& header, const Fill& fill) {
  const bool simulated = fill.cause != FillCause::venue && fill.cause != FillCause::unspecified;
  return simulated ? header.exchange_time : header.recv_time;
}

}  // namespace mm::research
