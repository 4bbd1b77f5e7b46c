#include "engine/account/attribution.hpp"

#include <algorithm>

#include "engine/assert.hpp"

namespace mm {

void Attribution::age(Time now) {
  while (aged_ < fills_.size() && now > fills_[aged_].filled_at + horizon_) {
    young_ -= fills_[aged_].lots;
    old_ += fills_[aged_].lots;
    ++aged_;
  }
  // What has aged is dropped once it is the larger half, so that a fill costs O(1) on average.
  if (aged_ > 32 && aged_ * 2 > fills_.size()) {
    fills_.erase(fills_.begin(), fills_.begin() + static_cast<std::ptrdiff_t>(aged_));
    aged_ = 0;
  }
}

void Attribution::open(std::int64_t lots) {
  MM_ASSERT(fills_.empty() && opened_ == 0, "a position is opened before any fill, and once");
  old_ = lots;
  opened_ = lots;
  if (mark_) first_mark_ = *mark_;
}

void Attribution::mark(Time now, Int128 value_of_one_lot) {
  age(now);
  if (mark_) {
    const Int128 change = value_of_one_lot - *mark_;
    adverse_selection_ += young_ * change;
    inventory_cost_ += old_ * change;
  } else {
    first_mark_ = value_of_one_lot;
    // Fills before the first mark stand at their own prices, and only now at this one.
    adverse_selection_ += unmarked_value(value_of_one_lot);
  }
  mark_ = value_of_one_lot;
  MM_ASSERT(residual() == 0, "attributed P&L adds up");
}

void Attribution::fill(Time now, Side side, std::int64_t lots, Int128 value, Int128 fee) {
  MM_ASSERT(lots > 0, "a fill has a quantity");
  age(now);
  const std::int64_t direction = sign(side);
  const std::int64_t signed_lots = direction * lots;
  if (mark_) {
    spread_capture_ += direction * (lots * *mark_ - value);
  } else {
    unmarked_lots_ += signed_lots;
    unmarked_cost_ += direction * value;
  }
  cash_ -= direction * value + fee;
  fee_cost_ -= fee;
  young_ += signed_lots;
  fills_.push_back({now, signed_lots});
  MM_ASSERT(residual() == 0, "attributed P&L adds up");
}

void Attribution::late_fill(Time now, Time happened, Int128 mark_then, Side side, std::int64_t lots,
                            Int128 value, Int128 fee) {
  fill(now, side, lots, value, fee);
  if (!mark_) return;
  // fill() took all of the way from its price to the present mark for spread capture.
  const Int128 since = sign(side) * lots * (*mark_ - mark_then);
  spread_capture_ -= since;
  adverse_selection_ += since;
  const Young late{happened, fills_.back().lots};
  fills_.pop_back();
  const auto place =
      std::upper_bound(fills_.begin() + static_cast<std::ptrdiff_t>(aged_), fills_.end(), late,
                       [](const Young& a, const Young& b) { return a.filled_at < b.filled_at; });
  fills_.insert(place, late);
  MM_ASSERT(residual() == 0, "attributed P&L adds up");
}

void Attribution::funding(Time now, Int128 cash) {
  age(now);
  cash_ += cash;
  funding_ += cash;
  MM_ASSERT(residual() == 0, "attributed P&L adds up");
}

Int128 Attribution::unmarked_value(Int128 value_of_one_lot) const {
  return unmarked_lots_ * value_of_one_lot - unmarked_cost_;
}

Int128 Attribution::residual() const {
  // Before the first mark what is held counts at its cost, which has left the cash.
  const Int128 worth =
      mark_ ? Int128{position()} * *mark_ - Int128{opened_} * first_mark_ : unmarked_cost_;
  return cash_ + worth - net_pnl();
}

void Attribution::save(ByteWriter& out) const {
  out.put_u64(fills_.size() - aged_);
  for (std::size_t i = aged_; i < fills_.size(); ++i) {
    out.put_i64(to_ns(fills_[i].filled_at));
    out.put_i64(fills_[i].lots);
  }
  for (const std::int64_t lots : {young_, old_, opened_, unmarked_lots_}) out.put_i64(lots);
  out.put_flag(mark_.has_value());
  out.put_i128(mark_.value_or(0));
  for (const Int128 sum : {first_mark_, unmarked_cost_, cash_, spread_capture_, adverse_selection_,
                           inventory_cost_, fee_cost_, funding_})
    out.put_i128(sum);
}

bool Attribution::restore(ByteReader& in) {
  fills_.clear();
  aged_ = 0;
  const std::uint64_t count = in.get_u64();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const Time filled_at = time_from_ns(in.get_i64());
    fills_.push_back({filled_at, in.get_i64()});
  }
  for (std::int64_t* lots : {&young_, &old_, &opened_, &unmarked_lots_}) *lots = in.get_i64();
  const bool marked = in.get_flag();
  const Int128 mark = in.get_i128();
  mark_ = marked ? std::optional<Int128>{mark} : std::nullopt;
  for (Int128* sum : {&first_mark_, &unmarked_cost_, &cash_, &spread_capture_, &adverse_selection_,
                      &inventory_cost_, &fee_cost_, &funding_})
    *sum = in.get_i128();
  return !in.failed();
}

}  // namespace mm
