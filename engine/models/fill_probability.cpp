#include "engine/models/fill_probability.hpp"

#include <algorithm>

#include "engine/models/special.hpp"

namespace mm {

double clustering(double expected, double quiet) {
  if (!(quiet > 0 && expected > quiet)) return 0;
  // With x = theta M and c = K/M: f(x) = ln(1 + x) - c x = 0. The start is above the root: there
  // ln(1 + x) <= x/sqrt(1 + x) ends, or, nearer where orders hardly cluster, x (6 + x)/(6 + 4x).
  // Halley's steps, f'' = -1/(1 + x)^2, triple the digits each; below 1e-5 of x the next is 1e-15.
  const double c = quiet / expected;
  double x = (1 - c) * (1 + c) / (c * c);
  if (c > 0.25) x = std::min(x, 6 * (1 - c) / (4 * c - 1));
  for (int round = 0; round < 100; ++round) {
    const double inverse = 1 / (1 + x);
    const double f = det::log1p(x) - c * x;
    const double slope = inverse - c;
    const double next = x - 2 * f * slope / (2 * slope * slope + f * inverse * inverse);
    if (!(next > 0)) break;
    const double step = std::fabs(x - next);
    x = next;
    if (step < 1e-5 * x) break;
  }
  return x / expected;
}

double any_order(double expected, double theta, double share) {
  const double left = expected * share;
  if (!(left > 0)) return 0;
  const double exponent = theta > 0 ? det::log1p(theta * left) / theta : left;
  return -det::expm1(-exponent);
}

double reach_probability(double kappa, double depth, double touch_depth) {
  return depth > touch_depth ? det::exp(-kappa * (depth - touch_depth)) : 1;
}

double crossing_probability(double distance, double sigma, double horizon_s) {
  if (!(distance > 0)) return 1;
  const double width = sigma * std::sqrt(2 * horizon_s);
  return width > 0 ? std::min(1.0, erfc(distance / width)) : 0;
}

double crossing_that_counts(double distance, double sigma, double horizon_s) {
  const double width = sigma * std::sqrt(2 * horizon_s);
  return distance > 6 * width ? 0 : crossing_probability(distance, sigma, horizon_s);
}

double equivalent_fills(double probability) {
  return -det::log1p(-probability);
}

double expected_fill_pnl_bps(double depth_bps, double fee_bps, double mid_against,
                             double mean_adverse_bps, double mean_favourable_bps) {
  return depth_bps - fee_bps - mid_against * mean_adverse_bps +
         (1 - mid_against) * mean_favourable_bps;
}

void FillMoves::add(Cell& cell, double left, double against_bps) {
  for (Moments* each : {&cell.adverse, &cell.favourable}) {
    each->count *= left;
    each->sum *= left;
  }
  Moments& of = against_bps > 0 ? cell.adverse : cell.favourable;
  of.count += 1;
  of.sum += std::fabs(against_bps);
}

void FillMoves::on_outcome(const Settings& settings, Side side, VolatilityRegime regime,
                           double against_bps) {
  const double left = det::exp(-0.69314718055994530942 / settings.half_life_fills);
  add(pooled_, left, against_bps);
  add(cells_[static_cast<std::size_t>(side)][static_cast<std::size_t>(regime)], left, against_bps);
}

MeanMoves FillMoves::moves(const Settings& settings, Side side, VolatilityRegime regime) const {
  const Cell& cell = cells_[static_cast<std::size_t>(side)][static_cast<std::size_t>(regime)];
  const auto mean = [](const Moments& of) { return of.count > 0 ? of.sum / of.count : 0; };
  const auto shrunk = [&](const Moments& own, const Moments& pooled) {
    const double weight = own.count / (own.count + settings.shrinkage);
    return weight * mean(own) + (1 - weight) * mean(pooled);
  };
  return {shrunk(cell.adverse, pooled_.adverse), shrunk(cell.favourable, pooled_.favourable)};
}

namespace {

template <class Cell>
void save_cell(ByteWriter& out, const Cell& cell) {
  for (const auto* each : {&cell.adverse, &cell.favourable}) {
    out.put_double(each->count);
    out.put_double(each->sum);
  }
}

template <class Cell>
void restore_cell(ByteReader& in, Cell& cell) {
  for (auto* each : {&cell.adverse, &cell.favourable}) {
    each->count = in.get_double();
    each->sum = in.get_double();
  }
}

}  // namespace

void FillMoves::save(ByteWriter& out) const {
  save_cell(out, pooled_);
  for (const auto& side : cells_)
    for (const Cell& cell : side) save_cell(out, cell);
}

void FillMoves::restore(ByteReader& in) {
  restore_cell(in, pooled_);
  for (auto& side : cells_)
    for (Cell& cell : side) restore_cell(in, cell);
}

}  // namespace mm
