#include "research/what_if/fill_curve.hpp"

#include <algorithm>

namespace mm::research {
namespace {

constexpr std::size_t most_recent = 512;

}  // namespace

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
  const std::int64_t cell = order.depth_bps * (curve_horizon_ms + 1) + lived;
  recent_.push_back(2 * cell + (counts ? 0 : 1));
  // An order is counted far more often than the curve is looked at.
  if (recent_.size() < most_recent) return;
  curve_ = curve();
  recent_.clear();
}

FillCurve FillCurveTracker::curve() const {
  std::vector<std::int64_t> recent = recent_;
  std::ranges::sort(recent);  // equal ones are the same: a total order
  FillCurve counted;
  for (const std::int64_t one : recent) {
    const std::int64_t cell = one / 2;
    if (counted.empty() || counted.back().first != cell) counted.push_back({cell, {}});
    ++counted.back().second[static_cast<std::size_t>(one % 2)];
  }
  return sum_of(curve_, counted);
}

FillCurve sum_of(const FillCurve& a, const FillCurve& b) {
  FillCurve sum;
  sum.reserve(std::max(a.size(), b.size()));
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->first < right->first)) {
      sum.push_back(*left++);
    } else if (left == a.end() || right->first < left->first) {
      sum.push_back(*right++);
    } else {
      sum.push_back(*left++);
      sum.back().second[0] += right->second[0];
      sum.back().second[1] += right->second[1];
      ++right;
    }
  }
  return sum;
}

}  // namespace mm::research
