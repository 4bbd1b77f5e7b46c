#include "engine/models/liquidation.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"
#include "engine/models/softmax.hpp"

namespace mm {

LiquidationScore liquidation_score(const LiquidationWeights& weights,
                                   const LiquidationInputs& inputs, double threshold_pct) {
  LiquidationScore score;
  score.x[0] = std::min(std::max(0.0, -inputs.open_interest_change_pct) / threshold_pct, 3.0);
  score.x[1] = 2 * std::fabs(inputs.funding_percentile - 0.5);
  const double crowded = inputs.funding > 0 ? 1 : inputs.funding < 0 ? -1 : 0;
  score.x[2] = std::min(std::max(0.0, -crowded * inputs.move_sigmas), 5.0);
  score.logit = weights.bias + weights.open_interest * score.x[0] + weights.funding * score.x[1] +
                weights.move * score.x[2];
  score.probability = logistic(score.logit);
  return score;
}

double RankWindow::rank(double value) const {
  if (sorted_.size() < enough) return 0.5;
  const auto less = std::lower_bound(sorted_.begin(), sorted_.end(), value);
  const auto more = std::upper_bound(less, sorted_.end(), value);
  return (static_cast<double>(less - sorted_.begin()) + 0.5 * static_cast<double>(more - less)) /
         static_cast<double>(sorted_.size());
}

void RankWindow::keep(double value) {
  if (by_age_.size() < capacity) {
    if (by_age_.empty()) {
      by_age_.reserve(capacity);
      sorted_.reserve(capacity);
    }
    by_age_.push_back(value);
  } else {
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), by_age_[oldest_]));
    by_age_[oldest_] = value;
    oldest_ = (oldest_ + 1) % capacity;
  }
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
}

void RankWindow::save(ByteWriter& out) const {
  out.put_u64(by_age_.size());
  for (std::size_t i = 0; i < by_age_.size(); ++i)
    out.put_double(by_age_[(oldest_ + i) % by_age_.size()]);
}

void RankWindow::restore(ByteReader& in) {
  *this = RankWindow{};
  const std::uint64_t count = in.get_u64();
  if (count > capacity) in.fail();
  by_age_.reserve(capacity);
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    const double value = in.get_double();
    if (in.failed()) return;
    by_age_.push_back(value);
  }
  sorted_.reserve(capacity);
  sorted_ = by_age_;
  // total order: numbers alone, none of them NaN
  std::sort(sorted_.begin(), sorted_.end());
}

void LiquidationDetector::on_funding(const Settings& settings, Time now, double rate) {
  funding_rank_ = fundings_.rank(rate);
  funding_ = rate;
  if (!funding_kept_ || now >= *funding_kept_ + settings.funding_sampling) {
    fundings_.keep(rate);
    funding_kept_ = now;
  }
}

void LiquidationDetector::on_open_interest(const Settings& settings, Time now,
                                           double open_interest) {
  open_interests_.add(now, open_interest);
  open_interest_ = open_interest;
  open_interest_time_ = now;
  if (drop_kept_ && now < *drop_kept_ + minute) return;
  if (const auto change = open_interest_change_pct(settings, now)) {
    drops_.add(now, std::max(1e-9, -*change), settings.drop_tau);
    drop_kept_ = now;
  }
}

void LiquidationDetector::on_mid(Time now, double mid) {
  mids_.add(now, mid);
  mid_ = mid;
}

std::optional<double> LiquidationDetector::open_interest_change_pct(const Settings& settings,
                                                                    Time now) {
  if (!open_interest_ || now > *open_interest_time_ + settings.stale) return std::nullopt;
  const auto before = open_interests_.at(now);
  if (!before || !(*before > 0)) return std::nullopt;
  return (*open_interest_ - *before) / *before * 100;
}

double LiquidationDetector::threshold_pct(const Settings& settings) const {
  if (drops_.weight() < settings.drops_needed) return settings.threshold_pct;
  return std::max(settings.threshold_pct, drops_.quantile(settings.drop_quantile).value_or(0));
}

std::optional<LiquidationScore> LiquidationDetector::update(const Settings& settings, Time now,
                                                            std::optional<double> sigma) {
  const auto change = open_interest_change_pct(settings, now);
  const auto mid_before = mids_.at(now);
  if (!change || !funding_ || !mid_before || !sigma || !(*sigma > 0)) {
    cascade_ = false;
    calm_since_.reset();
    return std::nullopt;
  }
  const double move = det::log(*mid_ / *mid_before) / (*sigma * std::sqrt(60.0));
  const LiquidationScore score = liquidation_score(settings.weights,
                                                   {.open_interest_change_pct = *change,
                                                    .funding_percentile = funding_rank_,
                                                    .funding = *funding_,
                                                    .move_sigmas = move},
                                                   threshold_pct(settings));
  if (score.probability > settings.on) {
    cascade_ = true;
    calm_since_.reset();
  } else if (cascade_ && score.probability < settings.off) {
    if (!calm_since_) calm_since_ = now;
    if (now - *calm_since_ >= settings.off_for) {
      cascade_ = false;
      calm_since_.reset();
    }
  } else {
    calm_since_.reset();
  }
  return score;
}

void LiquidationDetector::save(ByteWriter& out) const {
  fundings_.save(out);
  put_optional(out, funding_kept_);
  put_optional(out, funding_);
  out.put_double(funding_rank_);
  open_interests_.save(out);
  put_optional(out, open_interest_);
  put_optional(out, open_interest_time_);
  put_optional(out, drop_kept_);
  drops_.save(out);
  mids_.save(out);
  put_optional(out, mid_);
  out.put_flag(cascade_);
  put_optional(out, calm_since_);
}

void LiquidationDetector::restore(ByteReader& in) {
  fundings_.restore(in);
  funding_kept_ = get_optional_time(in);
  funding_ = get_optional_double(in);
  funding_rank_ = in.get_double();
  open_interests_.restore(in);
  open_interest_ = get_optional_double(in);
  open_interest_time_ = get_optional_time(in);
  drop_kept_ = get_optional_time(in);
  drops_.restore(in);
  mids_.restore(in);
  mid_ = get_optional_double(in);
  cascade_ = in.get_flag();
  calm_since_ = get_optional_time(in);
}

}  // namespace mm
