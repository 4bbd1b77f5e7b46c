#include "research/what_if/fill_curve.hpp"

#include <algorithm>

namespace mm::research {

void FillCurveTracker::ended(ClientOrderId order, Time at, bool filled) {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const Open& open) { return open.order == order; });
  if (found == open_.end()) return;  // accepted before the window, or filled before
  count(*found, at, filled);
  open_.erase(found);
}

void FillCurveTracker::finish(Time now) {
  for (const Open& open : open_) count(open, now, false);
  open_.clear();
}

void FillCurveTracker::count(const Open& order, Time at, bool filled) {
  const std::int64_t ms = (at - order.at) / std::chrono::milliseconds{1};
  const std::int64_t lived = std::clamp<std::int64_t>(ms, 0, curve_horizon_ms);
  // A fill behind the horizon is an order that was alive at it.
  const bool counts = filled && lived < curve_horizon_ms;
  ++curve_[order.depth_bps * (curve_horizon_ms + 1) + lived][counts ? 0 : 1];
}

}  // namespace mm::research
