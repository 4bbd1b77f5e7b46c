#include "engine/models/adverse.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"
#include "engine/models/softmax.hpp"

namespace mm {

std::string_view name_of(TradeClass label) {
  constexpr std::string_view names[trade_classes] = {"Noise", "Informed", "Liquidation",
                                                     "Arbitrage"};
  return names[static_cast<std::size_t>(label)];
}

std::array<double, trade_classes> TradeClassifier::classify(const TradeFeatures& features) const {
  std::array<double, trade_features> standard{};
  for (std::size_t i = 0; i < trade_features; ++i)
    if (features[i] && sd[i] > 0)
      standard[i] = std::clamp((*features[i] - mean[i]) / sd[i], -5.0, 5.0);
  std::array<double, trade_classes> probabilities{};
  softmax(weights, standard, probabilities, temperature);
  return probabilities;
}

namespace {

std::int64_t signed_lots(Side taker, std::int64_t lots) {
  return sign(taker) * lots;
}

}  // namespace

TradeFeatures TakerFlow::features(const Settings& settings, Time now, Side taker,
                                  std::int64_t lots) {
  MM_ASSERT(lots > 0, "an order has a quantity");
  second_.expire(now);
  ten_seconds_.expire(now);
  TradeFeatures result;
  const auto set = [&](TradeFeature feature, std::optional<double> value) {
    result[static_cast<std::size_t>(feature)] = value;
  };
  const auto size = static_cast<double>(lots);
  const double weight = weight_.at(now, settings.size_tau);
  if (weight > 1.5) {  // a variance needs two
    const double mean = log_sum_.at(now, settings.size_tau) / weight;
    const double variance = log_squares_.at(now, settings.size_tau) / weight - mean * mean;
    if (variance > 1e-12)
      set(TradeFeature::size_zscore, (det::log(size) - mean) / std::sqrt(variance));
  }
  if (const auto above = sizes_.share_above(size)) set(TradeFeature::size_quantile, 1 - *above);
  if (last_) set(TradeFeature::log_ms_since_last, det::log1p(1e3 * seconds_of(now - *last_)));
  set(TradeFeature::log_orders_1s, det::log1p(static_cast<double>(second_.count())));
  set(TradeFeature::log_orders_10s, det::log1p(static_cast<double>(ten_seconds_.count())));
  const auto side = static_cast<double>(sign(taker));
  if (const auto balance = second_.balance()) set(TradeFeature::imbalance_1s, side * *balance);
  if (const auto balance = ten_seconds_.balance())
    set(TradeFeature::imbalance_10s, side * *balance);
  return result;
}

void TakerFlow::on_order(const Settings& settings, Time now, Side taker, std::int64_t lots) {
  MM_ASSERT(lots > 0, "an order has a quantity");
  second_.add(now, signed_lots(taker, lots));
  ten_seconds_.add(now, signed_lots(taker, lots));
  const double log_size = det::log(static_cast<double>(lots));
  const double left = last_ ? decay_factor(now - *last_, settings.size_tau) : 0;
  if (sizes_.last() == last_)
    sizes_.add_by(left, now, static_cast<double>(lots));
  else
    sizes_.add(now, static_cast<double>(lots), settings.size_tau);
  weight_.add_by(left, now, 1);
  log_sum_.add_by(left, now, log_size);
  log_squares_.add_by(left, now, log_size * log_size);
  last_ = now;
}

std::optional<double> TakerFlow::imbalance_1s(Time now) {
  second_.expire(now);
  return second_.balance();
}

std::optional<double> TakerFlow::imbalance_10s(Time now) {
  ten_seconds_.expire(now);
  return ten_seconds_.balance();
}

void TakerFlow::save(ByteWriter& out) const {
  put_optional(out, last_);
  second_.save(out);
  ten_seconds_.save(out);
  sizes_.save(out);
  weight_.save(out);
  log_sum_.save(out);
  log_squares_.save(out);
}

void TakerFlow::restore(ByteReader& in) {
  last_ = get_optional_time(in);
  second_.restore(in);
  ten_seconds_.restore(in);
  sizes_.restore(in);
  weight_.restore(in);
  log_sum_.restore(in);
  log_squares_.restore(in);
}

void AdverseSelectionAdjuster::on_order(const Settings& settings, Time now,
                                        double informed_probability, double relative_size) {
  const auto before = informed_intensity(settings, now);
  const double a = relative_size == 1 ? settings.alpha
                                      : -det::expm1(relative_size * det::log1p(-settings.alpha));
  average_ = StepAverage{};
  average_.update(before.value_or(informed_probability), 1);
  average_.update(informed_probability, a);
  last_ = now;
  long_run_sum_.add(now, informed_probability, settings.long_run_tau);
  long_run_weight_.add(now, 1, settings.long_run_tau);
}

std::optional<double> AdverseSelectionAdjuster::informed_intensity(const Settings& settings,
                                                                   Time now) const {
  if (!last_) return std::nullopt;
  const double last = *average_.value();
  const double left = decay_factor(now - *last_, tau_of_half_life(settings.half_life));
  const double mean = long_run_sum_.latest() / long_run_weight_.latest();
  return std::clamp(mean + (last - mean) * left, 0.0, 1.0);
}

double kappa_adjustment(const AdverseSelectionAdjuster::Settings& settings, double intensity) {
  return std::max(1 - 100 * intensity * settings.kappa_discount_per_informed_pct, 0.3);
}

double spread_adjustment_bps(const AdverseSelectionAdjuster::Settings& settings, double intensity) {
  return 100 * intensity * settings.spread_premium_per_informed_pct;
}

void AdverseSelectionAdjuster::save(ByteWriter& out) const {
  average_.save(out);
  put_optional(out, last_);
  long_run_sum_.save(out);
  long_run_weight_.save(out);
}

void AdverseSelectionAdjuster::restore(ByteReader& in) {
  average_.restore(in);
  last_ = get_optional_time(in);
  long_run_sum_.restore(in);
  long_run_weight_.restore(in);
}

}  // namespace mm
