#pragma once

// How far the market moved for (+) or against (-) each of our fills (models.md 16).
//
// For a fill of side s = +1 buy, -1 sell, price p and quantity x at t, with M0 the mid strictly
// before t and M(h) the mid at t + h:
//
//   spread_capture_bps       s (M0 - p) / M0 * 1e4         >= 0 for a passive fill
//   markout_bps(h)           s (M(h) - p) / M0 * 1e4       + = good for us
//   adverse_selection_bps(h) -s (M(h) - M0) / M0 * 1e4     + = cost;  markout = capture - adverse
//   pnl(h)                   s (x M(h) - value at p)       exact money, before fees
//
// A value is absent where its mid is (MarkHistory), or where the recording ends before t + h.

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "research/analytics/marks.hpp"

namespace mm::research {

struct MarkoutBps {
  double markout = 0;
  double adverse_selection = 0;
};

/// Prices in any one unit; mid_before > 0.
double spread_capture_bps(Side side, double price, double mid_before);
MarkoutBps markout_bps(Side side, double price, double mid_before, double mid_after);

/// One horizon of one fill.
struct Markout {
  Duration horizon;
  std::optional<MarkoutBps> bps;
  std::optional<Money> pnl;
};

struct MarkedFill {
  EventHeader header;
  Fill fill;
  Time time;                               ///< happened_at
  std::optional<double> mid_before_units;  ///< in price units
  std::optional<double> spread_capture_bps;
  std::vector<Markout> markouts;  ///< in the order of the tracker's horizons
};

/// 100 ms, 1 s, 10 s, 60 s.
std::span<const Duration> standard_horizons();

/// Follows fills until their horizons have passed.
class MarkoutTracker {
 public:
  /// `history` is borrowed and updated by the caller. Horizons ascend, none beyond a minute.
  MarkoutTracker(const MarkHistory& history, std::span<const Duration> horizons)
      : history_(&history), horizons_(horizons.begin(), horizons.end()) {}

  void add(const EventHeader& header, const Fill& fill, const Instrument& instrument);

  /// Every market event before `now` is in the history. Gives out, in order of arrival, the fills
  /// whose last horizon lies before `now`.
  std::vector<MarkedFill> take_ready(Time now);
  /// The recording ends at `end`: gives out the rest, what lies beyond the end absent.
  std::vector<MarkedFill> finish(Time end);

 private:
  struct Pending {
    MarkedFill marked;
    Int128 value = 0;
    std::size_t next = 0;  // horizon to be resolved next
  };
  void resolve(Pending& pending) const;

  const MarkHistory* history_;
  std::vector<Duration> horizons_;
  std::deque<Pending> pending_;
};

}  // namespace mm::research
