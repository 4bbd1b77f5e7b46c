#include "engine/models/regime_window.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"

namespace mm {

void RegimeWindow::on_return(const Settings& settings, Time now, double log_return) {
  if (!first_) first_ = now;
  const double square = log_return * log_return;
  reference_squares_.add(now, square, settings.reference_tau);
  reference_returns_.add(now, 1, settings.reference_tau);
  squares_ += square;
  ++returns_;
}

void RegimeWindow::settle(Time now) {
  // The mid that held a second after the order: the last one before something newer came.
  while (!waiting_.empty() && waiting_.front().due < now) {
    const Waiting& order = waiting_.front();
    moved_ += order.signed_weight * (*mid_ - order.mid) / order.mid;
    moved_weight_ += std::fabs(order.signed_weight);
    waiting_.pop();
  }
}

void RegimeWindow::on_mid(const Settings&, Time now, double mid) {
  settle(now);
  mid_ = mid;
}

void RegimeWindow::on_order(const Settings& settings, Time now, Side taker, double relative_size) {
  settle(now);
  if (!first_) first_ = now;
  reference_rate_.start(*first_);
  reference_rate_.count(now, settings.reference_tau);
  const double weight = std::min(std::sqrt(relative_size), 3.0);
  const double signed_weight = static_cast<double>(sign(taker)) * weight;
  ++orders_;
  weight_ += weight;
  signed_weight_ += signed_weight;
  if (mid_) waiting_.push({now + settings.outcome, signed_weight, *mid_});
}

double RegimeWindow::sigma_reference(const Settings& settings, Time now) const {
  if (!first_ || now - *first_ < settings.warm_up || !(reference_squares_.latest() > 0))
    return settings.sigma_reference;
  return std::sqrt(reference_squares_.latest() / reference_returns_.latest());
}

double RegimeWindow::rate_reference(const Settings& settings, Time now) const {
  if (!first_ || now - *first_ < settings.warm_up) return settings.rate_reference;
  return reference_rate_.per_second(now, settings.reference_tau).value_or(0);
}

void RegimeWindow::open(Time now) {
  opened_ = now;
  squares_ = 0;
  returns_ = 0;
  orders_ = 0;
  signed_weight_ = 0;
  weight_ = 0;
  moved_ = 0;
  moved_weight_ = 0;
}

void RegimeWindow::gap() {
  opened_.reset();
  waiting_.clear();
  mid_.reset();
}

std::optional<RegimeObservation> RegimeWindow::poll(const Settings& settings, Time now) {
  settle(now);
  if (!opened_) {
    open(now);
    return std::nullopt;
  }
  if (now < *opened_ + settings.window) return std::nullopt;
  const double sigma_ref = sigma_reference(settings, now);
  const double rate_ref = rate_reference(settings, now);
  RegimeObservation observation;
  const auto set = [&](RegimeDimension dimension, double value) {
    observation[static_cast<std::size_t>(dimension)] = value;
  };
  if (returns_ > 0) {
    const double sigma = std::sqrt(squares_ / static_cast<double>(returns_));
    set(RegimeDimension::volatility, det::log(std::max(sigma, sigma_ref / 4) / sigma_ref));
  }
  const double rate = static_cast<double>(orders_) / seconds_of(now - *opened_);
  set(RegimeDimension::trade_intensity, det::log((1 + rate) / (1 + rate_ref)));
  if (orders_ > 0)
    set(RegimeDimension::imbalance, std::fabs(signed_weight_) / (weight_ + settings.shrinkage));
  if (moved_weight_ > 0)
    set(RegimeDimension::adverse_selection,
        moved_ / moved_weight_ / (sigma_ref * std::sqrt(seconds_of(settings.outcome))));
  open(now);
  return observation;
}

void RegimeWindow::save(ByteWriter& out) const {
  put_optional(out, first_);
  put_optional(out, opened_);
  put_optional(out, mid_);
  out.put_double(squares_);
  out.put_i64(returns_);
  out.put_i64(orders_);
  out.put_double(signed_weight_);
  out.put_double(weight_);
  out.put_double(moved_);
  out.put_double(moved_weight_);
  out.put_u64(waiting_.size());
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    out.put_i64(to_ns(waiting_[i].due));
    out.put_double(waiting_[i].signed_weight);
    out.put_double(waiting_[i].mid);
  }
  reference_squares_.save(out);
  reference_returns_.save(out);
  reference_rate_.save(out);
}

void RegimeWindow::restore(ByteReader& in) {
  first_ = get_optional_time(in);
  opened_ = get_optional_time(in);
  mid_ = get_optional_double(in);
  squares_ = in.get_double();
  returns_ = in.get_i64();
  orders_ = in.get_i64();
  signed_weight_ = in.get_double();
  weight_ = in.get_double();
  moved_ = in.get_double();
  moved_weight_ = in.get_double();
  waiting_.clear();
  const std::uint64_t count = in.get_u64();
  if (count > 0 && !mid_) in.fail();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    Waiting order;
    order.due = time_from_ns(in.get_i64());
    order.signed_weight = in.get_double();
    order.mid = in.get_double();
    if (!in.failed()) waiting_.push(order);
  }
  reference_squares_.restore(in);
  reference_returns_.restore(in);
  reference_rate_.restore(in);
}

}  // namespace mm
