#pragma once

// The settings and tables of the models, listed once: saving, restoring, and the names and values
// of parameters follow this list. See reading_fields.hpp for its form.
//
// What a session fixes (interval, window) is part of the list, too, but is no parameter.

#include "engine/outlook/reading_fields.hpp"
#include "engine/outlook/settings.hpp"

namespace mm {

template <Visits<WindowSettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("window_tenth_bps", of.window_tenth_bps);
  f("bucket_tenth_bps", of.bucket_tenth_bps);
  f("depth_tenth_bps", of.depth_tenth_bps);
}
template <Visits<VelocitySettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau_fast", of.tau_fast);
  f("tau_slow", of.tau_slow);
  f("tau_square", of.tau_square);
}
template <Visits<WallThresholds> T, class F>
void visit_fields(T& of, F&& f) {
  f("ratio_min", of.ratio_min);
  f("z_min", of.z_min);
  f("scale_floor", of.scale_floor);
  f("dust", of.dust);
  f("least", of.least);
}
template <Visits<SpoofWeights> T, class F>
void visit_fields(T& of, F&& f) {
  f("base", of.base);
  f("flicker", of.flicker);
  f("flicker_cap_hz", of.flicker_cap_hz);
  f("pull", of.pull);
  f("round", of.round);
  f("opposite_flow", of.opposite_flow);
  f("log_size", of.log_size);
  f("log_age", of.log_age);
}
template <Visits<WallSettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("thresholds", of.thresholds);
  f("min_notional", of.min_notional);
  f("confirm_after", of.confirm_after);
  f("end_share", of.end_share);
  f("end_z", of.end_z);
  f("move_within", of.move_within);
  f("height_share", of.height_share);
  f("flicker_tau", of.flicker_tau);
  f("approach_tenth_bps", of.approach_tenth_bps);
  f("spoof", of.spoof);
  f("outcome_half_life", of.outcome_half_life);
  f("fake_on", of.fake_on);
  f("fake_off", of.fake_off);
}
template <Visits<WallPositionSettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("near_tenth_bps", of.near_tenth_bps);
  f("at_tenth_bps", of.at_tenth_bps);
}
template <Visits<FlushThresholds> T, class F>
void visit_fields(T& of, F&& f) {
  f("score_on", of.score_on);
  f("breadth_on", of.breadth_on);
  f("off_hold", of.off_hold);
}
template <Visits<LiquidityThresholds> T, class F>
void visit_fields(T& of, F&& f) {
  f("flush_on", of.flush_on);
  f("breadth_on", of.breadth_on);
  f("flush_off", of.flush_off);
  f("flush_off_hold", of.flush_off_hold);
  f("velocity_on", of.velocity_on);
  f("velocity_off", of.velocity_off);
  f("velocity_on_hold", of.velocity_on_hold);
  f("density_on", of.density_on);
  f("density_off", of.density_off);
  f("absent_after", of.absent_after);
}
template <Visits<MicrostructureSettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("window", of.window);
  f("stale", of.stale);
  f("pressure_d0_bps", of.pressure_d0_bps);
  f("band_theta_mult", of.band_theta_mult);
  f("tau_reference", of.tau_reference);
  f("threshold_step", of.threshold_step);
  f("velocity", of.velocity);
  f("coverage_change", of.coverage_change);
  f("flicker_tau", of.flicker_tau);
  f("walls", of.walls);
  f("wall_position", of.wall_position);
  f("flush_window", of.flush_window);
  f("flush_tau", of.flush_tau);
  f("flush", of.flush);
  f("flush_quantile", of.flush_quantile);
  f("liquidity", of.liquidity);
  f("density_tau", of.density_tau);
  f("absolute_density_on", of.absolute_density_on);
  f("absolute_density_off", of.absolute_density_off);
  f("history_tau", of.history_tau);
  f("history_needed", of.history_needed);
  f("flow_window", of.flow_window);
}
template <Visits<Volatility::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("step", of.step);
  f("tau", of.tau);
  f("zero_share_limit", of.zero_share_limit);
}
template <Visits<VolatilityRanking::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau", of.tau);
  f("quantiles_0", of.quantiles[0]);
  f("quantiles_1", of.quantiles[1]);
  f("quantiles_2", of.quantiles[2]);
  f("hysteresis", of.hysteresis);
  f("warm_up", of.warm_up);
}
template <Visits<MicropriceTable> T, class F>
void visit_fields(T& of, F&& f) {
  f("unit", of.unit);
  f("g", of.g);
}
template <Visits<MicropriceResidual::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau", of.tau);
  f("horizon", of.horizon);
  f("sampling", of.sampling);
}
template <Visits<ReachCounts::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau", of.tau);
}
template <Visits<LeadPrior> T, class F>
void visit_fields(T& of, F&& f) {
  f("lag_ms", of.lag_ms);
  f("beta", of.beta);
  f("response", of.response);
}
template <Visits<HawkesKernel> T, class F>
void visit_fields(T& of, F&& f) {
  f("alpha", of.alpha);
  f("beta", of.beta);
}
template <Visits<HawkesMarks> T, class F>
void visit_fields(T& of, F&& f) {
  f("size_power", of.size_power);
  f("size_cap", of.size_cap);
  f("same_side", of.same_side);
  f("other_side", of.other_side);
  f("sweep", of.sweep);
}
template <Visits<HawkesIntensity::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("kernel", of.kernel);
  f("marks", of.marks);
  f("size_tau", of.size_tau);
  f("mark_tau", of.mark_tau);
  f("prior_mark", of.prior_mark);
}
template <Visits<HawkesBaseline> T, class F>
void visit_fields(T& of, F&& f) {
  f("mu0", of.mu0);
  f("weight_funding", of.weight_funding);
  f("weight_open_interest", of.weight_open_interest);
}
template <Visits<BaselineSettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("level", of.level);
  f("weight_cos", of.weight_cos);
  f("weight_sin", of.weight_sin);
  f("score_tau", of.score_tau);
}
template <Visits<TakerFlow::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("size_tau", of.size_tau);
}
template <Visits<TradeClassifier> T, class F>
void visit_fields(T& of, F&& f) {
  f("mean", of.mean);
  f("sd", of.sd);
  f("weights", of.weights);
  f("temperature", of.temperature);
}
template <Visits<AdverseSelectionAdjuster::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("alpha", of.alpha);
  f("half_life", of.half_life);
  f("long_run_tau", of.long_run_tau);
  f("kappa_discount_per_informed_pct", of.kappa_discount_per_informed_pct);
  f("spread_premium_per_informed_pct", of.spread_premium_per_informed_pct);
}
template <Visits<LiquidationWeights> T, class F>
void visit_fields(T& of, F&& f) {
  f("bias", of.bias);
  f("open_interest", of.open_interest);
  f("funding", of.funding);
  f("move", of.move);
}
template <Visits<LiquidationDetector::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("weights", of.weights);
  f("threshold_pct", of.threshold_pct);
  f("on", of.on);
  f("off", of.off);
  f("off_for", of.off_for);
  f("stale", of.stale);
  f("funding_sampling", of.funding_sampling);
  f("drop_tau", of.drop_tau);
  f("drop_quantile", of.drop_quantile);
  f("drops_needed", of.drops_needed);
}
template <Visits<RegimeWindow::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("window", of.window);
  f("reference_tau", of.reference_tau);
  f("warm_up", of.warm_up);
  f("sigma_reference", of.sigma_reference);
  f("rate_reference", of.rate_reference);
  f("shrinkage", of.shrinkage);
  f("outcome", of.outcome);
}
template <Visits<Emission> T, class F>
void visit_fields(T& of, F&& f) {
  f("mean", of.mean);
  f("sd", of.sd);
}
template <Visits<RegimeModel> T, class F>
void visit_fields(T& of, F&& f) {
  f("transition_per_minute", of.transition_per_minute);
  f("initial", of.initial);
  f("emission", of.emission);
  f("outlier_density", of.outlier_density);
  f("weight", of.weight);
  f("outlier_share", of.outlier_share);
}
template <Visits<LeadLag::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau", of.tau);
  f("tau_current", of.tau_current);
  f("min_increments", of.min_increments);
  f("min_rho", of.min_rho);
  f("noise_multiple", of.noise_multiple);
  f("response_increments", of.response_increments);
}
template <Visits<HawkesQueueKernel::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("beta", of.beta);
  f("sensitivity", of.sensitivity);
}
template <Visits<OwnFills::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau", of.tau);
}
template <Visits<CancelRate::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("tau", of.tau);
  f("prior", of.prior);
  f("prior_s", of.prior_s);
}
template <Visits<FillMoves::Settings> T, class F>
void visit_fields(T& of, F&& f) {
  f("half_life_fills", of.half_life_fills);
  f("shrinkage", of.shrinkage);
}
template <Visits<OutlookSettings> T, class F>
void visit_fields(T& of, F&& f) {
  f("interval", of.interval);
  f("features", of.features);
  f("window_is_set", of.window_is_set);
  f("volatility", of.volatility);
  f("ranking", of.ranking);
  f("microprice", of.microprice);
  f("residual", of.residual);
  f("reach", of.reach);
  f("kappa_prior", of.kappa_prior);
  f("hawkes", of.hawkes);
  f("baseline", of.baseline);
  f("intensity_multiplier", of.intensity_multiplier);
  f("order_gap", of.order_gap);
  f("flow", of.flow);
  f("classifier", of.classifier);
  f("adverse", of.adverse);
  f("liquidation", of.liquidation);
  f("regime_window", of.regime_window);
  f("regime", of.regime);
  f("lead_lag", of.lead_lag);
  f("lag_mode", of.lag_mode);
  f("lead_prior", of.lead_prior);
  f("leader_spacing", of.leader_spacing);
  f("basis_tau", of.basis_tau);
  f("queue_kernel", of.queue_kernel);
  f("queue_power", of.queue_power);
  f("gamma_base", of.gamma_base);
  f("own_fills", of.own_fills);
  f("cancel_rate", of.cancel_rate);
  f("fill_moves", of.fill_moves);
}

}  // namespace mm
