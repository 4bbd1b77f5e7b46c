#include "research/analytics/markout.hpp"

#include <utility>

#include "engine/numeric.hpp"

namespace mm::research {
namespace {

constexpr Duration horizons[] = {std::chrono::milliseconds{100}, std::chrono::seconds{1},
                                 std::chrono::seconds{10}, std::chrono::seconds{60}};

}  // namespace

std::span<const Duration> standard_horizons() {
  return horizons;
}

double spread_capture_bps(Side side, double price, double mid_before) {
  return static_cast<double>(sign(side)) * (mid_before - price) / mid_before * 1e4;
}

MarkoutBps markout_bps(Side side, double price, double mid_before, double mid_after) {
  const auto s = static_cast<double>(sign(side));
  return {.markout = s * (mid_after - price) / mid_before * 1e4,
          .adverse_selection = -s * (mid_after - mid_before) / mid_before * 1e4};
}

void MarkoutTracker::add(const EventHeader& header, const Fill& fill,
                         const Instrument& instrument) {
  Pending pending;
  MarkedFill& marked = pending.marked;
  marked.header = header;
  marked.fill = fill;
  marked.time = happened_at(header, fill);
  for (const Duration horizon : horizons_) marked.markouts.push_back({horizon, {}, {}});
  pending.value = position_value(instrument, fill.price, fill.qty).units();
  if (const Mark* mark = history_->before(marked.time)) {
    marked.mid_before_units = mark->mid_units();
    marked.spread_capture_bps =
        spread_capture_bps(fill.side, static_cast<double>(fill.price.units()), mark->mid_units());
  }
  pending_.push_back(std::move(pending));
}

void MarkoutTracker::resolve(Pending& pending) const {
  MarkedFill& marked = pending.marked;
  Markout& markout = marked.markouts[pending.next++];
  const Mark* mark = history_->at(marked.time + markout.horizon);
  if (mark == nullptr) return;
  const Fill& fill = marked.fill;
  markout.pnl =
      Money::from_units(sign(fill.side) * (fill.qty.lots() * mark->value - pending.value));
  if (!marked.mid_before_units) return;
  markout.bps = markout_bps(fill.side, static_cast<double>(fill.price.units()),
                            *marked.mid_before_units, mark->mid_units());
}

std::vector<MarkedFill> MarkoutTracker::take_ready(Time now) {
  std::vector<MarkedFill> ready;
  for (Pending& pending : pending_) {
    while (pending.next < horizons_.size() && pending.marked.time + horizons_[pending.next] < now)
      resolve(pending);
  }
  while (!pending_.empty() && pending_.front().next == horizons_.size()) {
    ready.push_back(std::move(pending_.front().marked));
    pending_.pop_front();
  }
  return ready;
}

std::vector<MarkedFill> MarkoutTracker::finish(Time end) {
  std::vector<MarkedFill> rest = take_ready(end + Duration{1});
  for (Pending& pending : pending_) rest.push_back(std::move(pending.marked));
  pending_.clear();
  return rest;
}

}  // namespace mm::research
