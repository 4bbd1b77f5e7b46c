#include "tests/engine/models/all_models.hpp"

#include <cmath>

#include "engine/det/math.hpp"

namespace mm {
namespace {

const RegimeModel& regime_model() {
  static const RegimeModel model = default_regime_model();
  return model;
}

bool probability(double p) {
  return p >= 0 && p <= 1;
}

}  // namespace

void AllModels::on_touch(Time now, const MicropriceView& view) {
  const double mid = (view.bid + view.ask) / 2;
  if (volatility.on_mid(volatility_settings, now, mid)) {
    if (const auto sigma = volatility.sigma(volatility_settings)) ranking.update({}, now, *sigma);
    if (const auto last = volatility.last_return()) window.on_return({}, now, *last);
  }
  const MicropriceCell cell = microprice_cell(SpreadUnit::ticks, view);
  residual.update({}, now, mid, microprice(nullptr, view), cell.imbalance);
  window.on_mid({}, now, mid);
  liquidation.on_mid(now, mid);
  lead_lag.on_follower({}, now, det::log(mid));
  if (const auto observation = window.poll({}, now)) {
    regime.update(regime_model(), observed ? now - *observed : Duration{}, *observation);
    observed = now;
  }
}

void AllModels::on_leader(Time now, double log_mid, double log_return) {
  lead_lag.on_leader({}, now, log_mid, ranking.regime());
  prediction.on_move(now, log_return, std::chrono::milliseconds{500});
}

void AllModels::on_order(Time now, Side taker, std::int64_t lots, double reach_bps, bool sweep) {
  const auto size = static_cast<double>(lots);
  const double relative = size / hawkes.median_size().value_or(size);
  const auto features = flow.features({}, now, taker, lots);
  flow.on_order({}, now, taker, lots);
  const auto classes = TradeClassifier{}.classify(features);
  adjuster.on_order({}, now, 1 - classes[0], relative);
  reaches.on_order({}, now, reach_bps);
  window.on_order({}, now, taker, relative);
  hawkes.on_order({}, now, taker == Side::sell ? Side::buy : Side::sell, size, sweep);
  queue.on_order(queue_settings, now, 0.3 * size_sweep_mark({}, relative, sweep));
}

bool AllModels::decide(Time now) const {
  const HawkesIntensity::Settings hawkes_settings;
  bool good = std::isfinite(queue.excitation(queue_settings, now));
  double sum = 0;
  for (const double p : regime.belief()) {
    good = good && probability(p);
    sum += p;
  }
  good = good && std::fabs(sum - 1) < 1e-9;
  KappaEstimate estimates[3] = {kappa_prior, kappa_prior, kappa_prior};
  if (const auto robust = reaches.estimate({}, now, 5)) estimates[1] = *robust;
  if (const auto own = own_fills.estimate({}, now)) estimates[2] = {own->kappa, own->log_variance};
  const KappaFinal kappa = combine_kappa(estimates);
  good =
      good && kappa.kappa >= kappa_floor && kappa.kappa <= kappa_ceiling && std::isfinite(kappa.cv);
  const double sigma = volatility.sigma(volatility_settings).value_or(0);
  good = good && std::isfinite(sigma) && sigma >= 0;
  double last = 0;
  for (const double h : fill_horizons_s) {
    const TwoSidedCounts counts = hawkes.counts(hawkes_settings, now, h);
    const FillFlow order{.horizon_s = h,
                         .expected = counts.bid.expected,
                         .theta = clustering(counts.bid.expected, counts.bid.quiet),
                         .reach = reach_probability(kappa.kappa, 5e-4, 1e-4),
                         .queue_ahead = 3};
    const FillChance chance = fill_probability(order, hawkes.sizes(), 5e-4, 1e-4, sigma);
    good = good && probability(chance.fill) && chance.fill >= last - 1e-3;
    last = chance.fill;
  }
  for (const Side side : {Side::buy, Side::sell})
    good = good && hawkes.intensity(hawkes_settings, now, side) > 0 &&
           std::isfinite(hawkes.residual(hawkes_settings, now, side));
  if (const auto informed = adjuster.informed_intensity({}, now))
    good = good && probability(*informed);
  good = good &&
         std::fabs(prediction.remaining(LagMode::exponential, now, 0.9,
                                        std::chrono::milliseconds{500})) <= LagPrediction::limit;
  return good;
}

}  // namespace mm
