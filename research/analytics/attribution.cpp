#include "research/analytics/attribution.hpp"

#include <algorithm>

#include "engine/assert.hpp"

namespace mm::research {

void Attribution::age(Time now) {
  while (first_young_ < young_fills_.size() && young_fills_[first_young_].until < now) {
    young_ -= young_fills_[first_young_].lots;
    ++first_young_;
  }
  if (first_young_ > 64 && first_young_ * 2 > young_fills_.size()) {
    young_fills_.erase(young_fills_.begin(),
                       young_fills_.begin() + static_cast<std::ptrdiff_t>(first_young_));
    first_young_ = 0;
  }
}

void Attribution::on_mark(Time now, Int128 mark) {
  age(now);
  const Int128 move = mark - mark_;
  parts_.adverse_selection += young_ * move;
  parts_.inventory += (position_ - young_) * move;
  mark_ = mark;
}

void Attribution::on_fill(Time now, const AttributedFill& fill) {
  age(now);
  const std::int64_t lots = sign(fill.side) * fill.qty.lots();
  parts_.spread_capture += lots * fill.mark_before - sign(fill.side) * fill.value;
  parts_.adverse_selection += lots * (mark_ - fill.mark_before);
  parts_.fees -= fill.fee;
  cash_ -= sign(fill.side) * fill.value + fill.fee;
  position_ += lots;
  young_ += lots;
  const Young entry{fill.time + horizon_, lots};
  const auto place = std::upper_bound(
      young_fills_.begin() + static_cast<std::ptrdiff_t>(first_young_), young_fills_.end(), entry,
      [](const Young& a, const Young& b) { return a.until < b.until; });
  young_fills_.insert(place, entry);
  age(now);
  MM_ASSERT(residual() == 0, "the parts of the P&L add up to it");
}

void Attribution::on_funding(Time now, Int128 cash) {
  age(now);
  parts_.funding += cash;
  cash_ += cash;
}

Int128 Attribution::residual() const {
  const Int128 net = cash_ + position_ * mark_ - opening_position_ * opening_mark_;
  return net - parts_.net();
}

}  // namespace mm::research
