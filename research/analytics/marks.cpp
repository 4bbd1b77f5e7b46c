#include "research/analytics/marks.hpp"

#include <algorithm>
#include <iterator>

#include "engine/numeric.hpp"

namespace mm::research {

bool MarkHistory::update(Time now, const InstrumentState& after) {
  const bool silent = !marks_.empty() && marks_.back().present && now - heard_ > stale;
  if (silent) marks_.push_back({.time = heard_ + stale});
  heard_ = now;
  const bool present = !marks_.empty() && marks_.back().present;
  const Touch& touch = after.touch();
  if (!after.quotable()) {
    if (present) marks_.push_back({.time = now});
    return !silent && after.book_state() == BookState::valid;
  }
  if (!present || marks_.back().bid != touch.bid.price || marks_.back().ask != touch.ask.price) {
    marks_.push_back(
        {.time = now,
         .bid = touch.bid.price,
         .ask = touch.ask.price,
         .value =
             mid_value_of_one_lot(after.definition(), touch.bid.price, touch.ask.price).units(),
         .present = true});
    // Two entries stay whatever their age: what holds now and what held before it.
    while (marks_.size() > 2 && marks_[1].time < now - kept) marks_.pop_front();
  }
  return !silent;
}

const Mark* MarkHistory::checked(std::deque<Mark>::const_iterator behind, Time time) const {
  if (behind == marks_.begin()) return nullptr;
  const Mark& mark = *std::prev(behind);
  if (!mark.present || (behind == marks_.end() && time - heard_ > stale)) return nullptr;
  return &mark;
}

const Mark* MarkHistory::at(Time time) const {
  // Mostly asked of a moment ago.
  auto behind = marks_.end();
  for (int steps = 0; steps < 8 && behind != marks_.begin(); ++steps, --behind)
    if (std::prev(behind)->time <= time) return checked(behind, time);
  return checked(std::upper_bound(marks_.begin(), marks_.end(), time,
                                  [](Time wanted, const Mark& mark) { return wanted < mark.time; }),
                 time);
}

const Mark* MarkHistory::before(Time time) const {
  return checked(std::lower_bound(marks_.begin(), marks_.end(), time,
                                  [](const Mark& mark, Time wanted) { return mark.time < wanted; }),
                 time);
}

const Mark* MarkHistory::last_present() const {
  for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
    if (mark->present) return &*mark;
  }
  return nullptr;
}

const Mark* MarkHistory::last_present_before(Time time) const {
  for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
    if (mark->present && mark->time < time) return &*mark;
  }
  return nullptr;
}

}  // namespace mm::research
