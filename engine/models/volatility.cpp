#include "engine/models/volatility.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"

namespace mm {
namespace {

constexpr double half_pi = 1.57079632679489661923;

std::optional<double> per_root_second(std::optional<double> mean_square, Duration step) {
  if (!mean_square) return std::nullopt;
  return std::sqrt(*mean_square / seconds_of(step));
}

constexpr double history_scale = 0x1p20;

}  // namespace

bool Volatility::on_mid(const Settings& settings, Time now, double mid) {
  const bool ended = advance(settings, now);
  if (!next_step_) {
    const std::int64_t step = settings.step.count();
    const std::int64_t past = to_ns(now) % step;
    next_step_ = now + Duration{past == 0 ? 0 : step - past};
    step_mid_ = 0;
  }
  mid_ = mid;
  return ended;
}

bool Volatility::advance(const Settings& settings, Time now) {
  // A step ends when an instant after it is heard of: more mids may come at its very end.
  if (!next_step_ || now <= *next_step_) return false;
  if (step_mid_ > 0)  // else this is where the first whole step starts
    on_return(settings, mid_ == step_mid_ ? 0.0 : det::log(mid_ / step_mid_));
  step_mid_ = mid_;
  const std::int64_t step = settings.step.count();
  const std::int64_t stale = (to_ns(now) - to_ns(*next_step_) - 1) / step;
  if (stale > 0) {
    const double left = decay_factor(settings.step * stale, settings.tau);
    squares_.update_zeros(left);
    products_.update_zeros(left);
    zeros_.update(1, 1 - left);
    last_return_ = 0;
  }
  *next_step_ += settings.step * (stale + 1);
  return true;
}

void Volatility::on_return(const Settings& settings, double log_return) {
  const double a = 1 - decay_factor(settings.step, settings.tau);
  squares_.update(log_return * log_return, a);
  if (last_return_) products_.update(half_pi * std::fabs(log_return) * std::fabs(*last_return_), a);
  zeros_.update(log_return == 0 ? 1 : 0, a);
  last_return_ = log_return;
}

void Volatility::gap() {
  next_step_.reset();
  last_return_.reset();
}

std::optional<double> Volatility::realized(const Settings& settings) const {
  return per_root_second(squares_.value(), settings.step);
}

std::optional<double> Volatility::bipower(const Settings& settings) const {
  return per_root_second(products_.value(), settings.step);
}

std::optional<double> Volatility::sigma(const Settings& settings) const {
  const auto robust = bipower(settings);
  const bool moving = zeros_.value() && *zeros_.value() <= settings.zero_share_limit;
  return robust && moving ? robust : realized(settings);
}

std::optional<double> Volatility::jump_share() const {
  const auto square = squares_.value();
  const auto product = products_.value();
  if (!square || !product || !(*square > 0)) return std::nullopt;
  return std::max(0.0, 1 - *product / *square);
}

void Volatility::save(ByteWriter& out) const {
  squares_.save(out);
  products_.save(out);
  zeros_.save(out);
  put_optional(out, last_return_);
  put_optional(out, next_step_);
  out.put_double(step_mid_);
  out.put_double(mid_);
}

void Volatility::restore(ByteReader& in) {
  squares_.restore(in);
  products_.restore(in);
  zeros_.restore(in);
  last_return_ = get_optional_double(in);
  next_step_ = get_optional_time(in);
  step_mid_ = in.get_double();
  mid_ = in.get_double();
}

void VolatilityRanking::update(const Settings& settings, Time now, double sigma) {
  if (!(sigma > 0)) return;  // nothing moved for so long that there is nothing to rank
  if (history_.weight(now, settings.tau) >= settings.warm_up) {
    const double scaled = sigma * history_scale;
    int level = 0;
    for (int boundary = 0; boundary < volatility_regimes - 1; ++boundary) {
      double threshold = *history_.quantile(settings.quantiles[boundary]);
      if (regime_ && static_cast<int>(*regime_) > boundary) threshold *= 1 - settings.hysteresis;
      if (scaled > threshold) level = boundary + 1;
    }
    regime_ = static_cast<VolatilityRegime>(level);
  }
  history_.add(now, sigma * history_scale, settings.tau);
}

void VolatilityRanking::save(ByteWriter& out) const {
  history_.save(out);
  out.put_flag(regime_.has_value());
  out.put_u64(regime_ ? static_cast<std::uint64_t>(*regime_) : 0);
}

void VolatilityRanking::restore(ByteReader& in) {
  history_.restore(in);
  const bool set = in.get_flag();
  const std::uint64_t regime = in.get_u64();
  if (regime >= volatility_regimes) in.fail();
  regime_ =
      set && !in.failed() ? std::optional{static_cast<VolatilityRegime>(regime)} : std::nullopt;
}

}  // namespace mm
