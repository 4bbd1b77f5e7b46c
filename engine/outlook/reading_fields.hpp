#pragma once

// The fields of a Reading, listed once: saving, restoring, showing and comparing follow this list.
//
// visit_fields(value, f) calls f("name", field) for each field in the order of the saved form.

#include "engine/outlook/reading.hpp"

namespace mm {

template <class Body, class Kind>
concept Visits = std::same_as<std::remove_const_t<Body>, Kind>;

template <Visits<Level> T, class F>
void visit_fields(T& of, F&& f) {
  f("price", of.price);
  f("qty", of.qty);
}
template <Visits<Touch> T, class F>
void visit_fields(T& of, F&& f) {
  f("bid", of.bid);
  f("ask", of.ask);
}
template <Visits<TouchFeatures> T, class F>
void visit_fields(T& of, F&& f) {
  f("mid", of.mid);
  f("spread_bps", of.spread_bps);
  f("weighted_mid", of.weighted_mid);
  f("microprice_imbalance", of.microprice_imbalance);
}
template <Visits<WindowFeatures> T, class F>
void visit_fields(T& of, F&& f) {
  f("liquidity_asymmetry", of.liquidity_asymmetry);
  f("book_pressure", of.book_pressure);
  f("band_density", of.band_density);
  f("band_density_levels", of.band_density_levels);
  f("liquidity_entropy", of.liquidity_entropy);
  f("centroid", of.centroid);
  f("centroid_rel_bps", of.centroid_rel_bps);
  f("bid_centroid_bps", of.bid_centroid_bps);
  f("ask_centroid_bps", of.ask_centroid_bps);
  f("bid_depth", of.bid_depth);
  f("ask_depth", of.ask_depth);
}
template <Visits<FlushScore> T, class F>
void visit_fields(T& of, F&& f) {
  f("score", of.score);
  f("breadth", of.breadth);
}
template <Visits<FlushReading> T, class F>
void visit_fields(T& of, F&& f) {
  f("score", of.score);
  f("active", of.active);
  f("started", of.started);
}
template <Visits<Features> T, class F>
void visit_fields(T& of, F&& f) {
  f("at", of.at);
  f("touch", of.touch);
  f("of_touch", of.touch_features);
  f("bid_coverage_bps", of.bid_coverage_bps);
  f("ask_coverage_bps", of.ask_coverage_bps);
  f("window", of.window);
  f("band_threshold", of.band_threshold);
  f("migration_velocity", of.migration_velocity);
  f("migration_velocity_rel", of.migration_velocity_rel);
  f("retreat_velocity_bid", of.retreat_velocity_bid);
  f("retreat_velocity_ask", of.retreat_velocity_ask);
  f("z_velocity", of.z_velocity);
  f("flicker_hz", of.flicker_hz);
  f("bid_flush", of.bid_flush);
  f("ask_flush", of.ask_flush);
  f("flush_score", of.flush_score);
  f("relative_density", of.relative_density);
  f("liquidity", of.liquidity);
}
template <Visits<KappaEstimate> T, class F>
void visit_fields(T& of, F&& f) {
  f("kappa", of.kappa);
  f("log_variance", of.log_variance);
}
template <Visits<KappaFinal> T, class F>
void visit_fields(T& of, F&& f) {
  f("kappa", of.kappa);
  f("log_sd", of.log_sd);
  f("cv", of.cv);
}
template <Visits<SideCounts> T, class F>
void visit_fields(T& of, F&& f) {
  f("expected", of.expected);
  f("quiet", of.quiet);
}
template <Visits<HorizonGrowth> T, class F>
void visit_fields(T& of, F&& f) {
  f("h", of.h);
  f("other", of.other);
  f("q", of.q);
  f("sum", of.sum);
  f("difference", of.difference);
  f("one_side", of.one_side);
}
template <Visits<FlowReading> T, class F>
void visit_fields(T& of, F&& f) {
  f("intensity", of.intensity);
  f("excitation", of.excitation);
  f("counts", of.counts);
  if constexpr (std::is_const_v<T>) {
    f("clustering", of.clustering());
  } else {
    FlowReading::Clustering clustering = of.clustering();
    f("clustering", clustering);
    of.set_clustering(clustering);
  }
  f("informed", of.informed);
}
template <Visits<TakerOrder> T, class F>
void visit_fields(T& of, F&& f) {
  f("number", of.number);
  f("at", of.at);
  f("exchange_time", of.exchange_time);
  f("taker", of.taker);
  f("qty", of.qty);
  f("worst", of.worst);
  f("sweep", of.sweep);
  f("relative_size", of.relative_size);
  f("reach_bps", of.reach_bps);
  f("classes", of.classes);
}
template <Visits<LiquidationScore> T, class F>
void visit_fields(T& of, F&& f) {
  f("x", of.x);
  f("logit", of.logit);
  f("probability", of.probability);
}
template <Visits<LagEstimate> T, class F>
void visit_fields(T& of, F&& f) {
  f("lag", of.lag);
  f("rho", of.rho);
  f("beta", of.beta);
  f("beta_sd", of.beta_sd);
  f("lag_sd", of.lag_sd);
}
template <Visits<LeadReading> T, class F>
void visit_fields(T& of, F&& f) {
  f("instrument", of.instrument);
  f("mid", of.mid);
  f("moved_at", of.moved_at);
  f("last_move", of.last_move);
  f("estimate", of.estimate);
  f("current", of.current);
  f("predicted", of.predicted);
  f("gap", of.gap);
}
template <Visits<ContextReading> T, class F>
void visit_fields(T& of, F&& f) {
  f("at", of.at);
  f("mark", of.mark);
  f("oracle", of.oracle);
  f("funding", of.funding);
  f("funding_hour", of.funding_hour);
  f("funding_z", of.funding_z);
  f("to_settlement", of.to_settlement);
  f("open_interest", of.open_interest);
  f("open_interest_at", of.open_interest_at);
  f("open_interest_change_pct", of.open_interest_change_pct);
}
template <Visits<Reading> T, class F>
void visit_fields(T& of, F&& f) {
  f("at", of.at);
  f("touched_at", of.touched_at);
  f("touch", of.touch);
  f("mid", of.mid);
  f("microprice", of.microprice);
  f("microprice_std", of.microprice_std);
  f("features", of.features);
  f("sigma", of.sigma);
  f("sigma_bipower", of.sigma_bipower);
  f("sigma_realized", of.sigma_realized);
  f("jump_share", of.jump_share);
  f("zero_share", of.zero_share);
  f("volatility_regime", of.volatility_regime);
  f("kappa_book", of.kappa_book);
  f("kappa_robust", of.kappa_robust);
  f("kappa", of.kappa);
  f("bid_flow", of.bid_flow);
  f("ask_flow", of.ask_flow);
  f("baseline", of.baseline);
  f("branching", of.branching);
  f("median_size", of.median_size);
  f("imbalance_1s", of.imbalance_1s);
  f("imbalance_10s", of.imbalance_10s);
  f("last_order", of.last_order);
  f("liquidation", of.liquidation);
  f("cascade", of.cascade);
  f("belief", of.belief);
  f("most_likely", of.most_likely);
  f("displayed", of.displayed);
  f("entropy", of.entropy);
  f("regime_steps", of.regime_steps);
  f("observation", of.observation);
  f("lead", of.lead);
  f("context", of.context);
}

}  // namespace mm
