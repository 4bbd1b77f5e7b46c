#pragma once

// What one row of a counterfactual earned in the window: fills in, P&L parts and counts out.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "engine/account/attribution.hpp"
#include "engine/instrument.hpp"
#include "research/analytics/markout.hpp"
#include "research/analytics/marks.hpp"
#include "research/analytics/match.hpp"
#include "research/counterfactual.hpp"

namespace mm::research {

/// Lots that traded, by minute since the epoch.
using MinuteLots = std::map<std::int64_t, std::int64_t>;

inline std::int64_t minute_of(Time time) {
  return to_ns(time) / 60'000'000'000;
}

class WindowAccount {
 public:
  /// Opens at the start of the window with the position held then. `marks` and `instrument` are
  /// borrowed; the latter may be filled in up to the first fill.
  WindowAccount(Qty position, const MarkHistory& marks, const Instrument& instrument, Time from);

  void on_mark(Time now, Int128 value) { pnl_.mark(now, value); }
  void on_fill(const EventHeader& header, const Fill& fill);
  /// An order was accepted or ended: what fills inside the spread are counted by.
  void on_ack(const EventHeader& header, const OrderAck& ack);
  void on_done(const OrderDone& done) { inside_spread_.erase(done.order); }
  void on_funding(Time now, Money cash) { pnl_.funding(now, cash.units()); }

  /// The end of a time block: keeps what was earned since the last.
  void close_block();
  /// Every market event before `now` is in the marks: decides the fills that are old enough.
  void judge_fills(Time now) { judge(markouts_.take_ready(now)); }
  /// The recording ends at `end`.
  void judge_rest(Time end) { judge(markouts_.finish(end)); }
  bool has_fills_to_judge() const { return judged_ < lines_.size(); }

  /// P&L of each closed block.
  const std::vector<Int128>& blocks() const { return blocks_; }
  Money net() const { return Money::from_units(pnl_.net_pnl()); }
  /// Everything of a row but its name, delta, interval and digest.
  CounterfactualRow row() const;
  std::vector<FillMark> fill_marks() const;
  /// Share of fills of orders that were accepted strictly inside the displayed touch: others would
  /// have joined or stepped back, and what would have traded there was never recorded.
  double share_inside_spread() const;
  /// Minutes in which our fills were more than a tenth of what traded.
  std::int64_t dominated_minutes(const MinuteLots& tape) const;

 private:
  void judge(const std::vector<MarkedFill>& fills);

  const MarkHistory* marks_;
  const Instrument* instrument_;
  Attribution pnl_;
  MarkoutTracker markouts_;
  std::vector<FillLine> lines_;
  std::vector<Int128> blocks_;
  Int128 closed_net_ = 0;
  MinuteLots filled_;
  Money volume_;
  Qty max_position_;
  std::set<ClientOrderId> inside_spread_;  // accepted there, not gone yet
  std::int64_t filled_inside_spread_ = 0;
  std::size_t judged_ = 0;
  std::int64_t with_markout_ = 0;
  std::int64_t adverse_ = 0;
};

}  // namespace mm::research
