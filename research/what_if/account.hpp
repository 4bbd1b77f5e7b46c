#pragma once

// What one row of a counterfactual earned in the window: fills in, P&L parts and counts out.
//
// The mid moves far more often than anything happens to one of many accounts. An account is told of
// marks only when it must know them: before a fill, at the end of a block, and at least once a
// minute; it then looks up in the shared history what the mid was when each of its young fills grew
// old. The sums are those of hearing every mark at once.

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "engine/account/attribution.hpp"
#include "engine/instrument.hpp"
#include "research/analytics/markout.hpp"
#include "research/analytics/marks.hpp"
#include "research/analytics/match.hpp"
#include "research/what_if/records.hpp"

namespace mm::research {

/// Lots that traded, by minute since the epoch.
using MinuteLots = std::map<std::int64_t, std::int64_t>;

inline std::int64_t minute_of(Time time) {
  return to_ns(time) / 60'000'000'000;
}

class WindowAccount {
 public:
  struct Keeps {
    bool fill_marks = false;  ///< for matching against other fills
    bool fill_lines = false;
    bool curve = false;
  };

  /// Opens at the start of the window with the position held then. `marks` and `instrument` are
  /// borrowed; the latter may be filled in up to the first fill.
  WindowAccount(Qty position, const MarkHistory& marks, const Instrument& instrument, Time from,
                Keeps keeps);

  /// Hears of every mark so far. At least once a minute.
  void catch_up();
  void on_fill(const EventHeader& header, const Fill& fill);
  /// An order was accepted or ended: what fills inside the spread are counted by.
  void on_ack(const EventHeader& header, const OrderAck& ack);
  void on_done(const EventHeader& header, const OrderDone& done);
  void on_funding(Time now, Money cash);

  /// The end of a time block: keeps what was earned since the last.
  void close_block();
  /// The window ends.
  void close(Time end);
  /// Every market event before `now` is in the marks: decides the fills that are old enough.
  void judge_fills(Time now) { judge(markouts_.take_ready(now)); }
  /// The recording ends at `end`.
  void judge_rest(Time end) { judge(markouts_.finish(end)); }
  bool has_fills_to_judge() const { return judged_ < fills_; }

  std::int64_t position() const { return pnl_.position(); }
  /// Everything but digest, exposure and distance; `tape` is what traded in each minute.
  LaneRecord record(const MinuteLots& tape) const;
  const std::vector<FillMark>& fill_marks() const { return fill_marks_; }

 private:
  void judge(const std::vector<MarkedFill>& fills);
  void apply(const Mark& mark);

  const MarkHistory* marks_;
  const Instrument* instrument_;
  Keeps keeps_;
  Attribution pnl_;
  Time from_;
  Time heard_;              // the latest time the attribution knows of
  Time marked_;             // of the last mark it was told
  std::deque<Time> aging_;  // when each young fill grows old
  MarkoutTracker markouts_;
  FillCurveTracker curve_;
  std::vector<FillLine> lines_;
  std::vector<FillMark> fill_marks_;
  std::vector<Int128> blocks_;
  Int128 closed_net_ = 0;
  MinuteLots filled_;
  Money volume_;
  Qty max_position_;
  std::set<ClientOrderId> inside_spread_;  // accepted there, not gone yet
  std::int64_t filled_inside_spread_ = 0;
  std::int64_t fills_ = 0;
  std::int64_t judged_ = 0;
  std::int64_t with_markout_ = 0;
  std::int64_t adverse_ = 0;
};

}  // namespace mm::research
