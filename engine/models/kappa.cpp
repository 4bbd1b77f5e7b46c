#include "engine/models/kappa.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"

namespace mm {
namespace {

constexpr double bps = 1e-4;

/// Most points a Theil-Sen fit is asked for, and their pairs.
constexpr std::size_t most_points = 16;
constexpr std::size_t most_pairs = most_points * (most_points - 1) / 2;

}  // namespace

std::optional<KappaEstimate> kappa_book(std::span<const DepthReach> depths) {
  double n = 0;
  double sum_x = 0;
  double sum_y = 0;
  std::array<double, 64> logs;  // of the first depths: they are wanted twice
  for (std::size_t i = 0; i < depths.size(); ++i) {
    const DepthReach& each = depths[i];
    if (each.orders < kappa_book_min_orders || !(each.share > 0)) continue;
    const double y = det::log(each.share);
    if (i < logs.size()) logs[i] = y;
    n += 1;
    sum_x += each.depth_bps * bps;
    sum_y += y;
  }
  if (n < 3) return std::nullopt;
  const double mean_x = sum_x / n;
  const double mean_y = sum_y / n;
  double sum_xx = 0;
  double sum_xy = 0;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    const DepthReach& each = depths[i];
    if (each.orders < kappa_book_min_orders || !(each.share > 0)) continue;
    const double x = each.depth_bps * bps - mean_x;
    sum_xx += x * x;
    sum_xy += x * ((i < logs.size() ? logs[i] : det::log(each.share)) - mean_y);
  }
  if (!(sum_xx > 0) || !(sum_xy < 0)) return std::nullopt;
  return KappaEstimate{-sum_xy / sum_xx, kappa_book_variance};
}

std::optional<double> kappa_robust(std::span<const double> grid_bps, std::span<const double> counts,
                                   std::optional<double> quoted_bps) {
  MM_ASSERT(grid_bps.size() == counts.size() && grid_bps.size() <= most_points,
            "a count for each of at most 16 grid points");
  const auto near = [&](std::size_t i) {
    return grid_bps[i] >= *quoted_bps / 2 && grid_bps[i] <= *quoted_bps * 2;
  };
  bool narrow = false;
  if (quoted_bps) {
    int with_counts = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) with_counts += near(i) && counts[i] > 0;
    narrow = with_counts >= 4;
  }
  std::array<double, most_points> x{};
  std::array<double, most_points> y{};
  std::size_t points = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!(counts[i] > 0) || (narrow && !near(i))) continue;
    x[points] = grid_bps[i] * bps;
    y[points] = det::log(counts[i]);
    ++points;
  }
  if (points < 3) return std::nullopt;
  std::array<double, most_pairs> slopes{};
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t j = i + 1; j < points; ++j) slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
  // total order: numbers alone, none of them NaN
  std::sort(slopes.begin(), slopes.begin() + static_cast<std::ptrdiff_t>(pairs));
  const double median =
      pairs % 2 != 0 ? slopes[pairs / 2] : (slopes[pairs / 2 - 1] + slopes[pairs / 2]) / 2;
  return median < 0 ? std::optional{-median} : std::nullopt;
}

void ReachCounts::on_order(const Settings& settings, Time now, double reach_bps) {
  const double left = last_ ? decay_factor(now - *last_, settings.tau) : 0;
  last_ = now;
  orders_ = orders_ * left + 1;
  for (std::size_t j = 0; j < beyond_.size(); ++j)
    beyond_[j] = beyond_[j] * left + (reach_bps > kappa_grid_bps[j] ? 1 : 0);
}

std::optional<KappaEstimate> ReachCounts::estimate(const Settings& settings, Time now,
                                                   std::optional<double> quoted_bps) const {
  if (!last_) return std::nullopt;
  const double left = decay_factor(now - *last_, settings.tau);
  const double orders = orders_ * left;
  if (!(orders > 0)) return std::nullopt;
  // Fading scales all counts alike: slopes of their logs do not see it.
  const auto kappa = kappa_robust(kappa_grid_bps, beyond_, quoted_bps);
  if (!kappa) return std::nullopt;
  return KappaEstimate{*kappa, 2 / orders};
}

void ReachCounts::save(ByteWriter& out) const {
  put_optional(out, last_);
  out.put_double(orders_);
  for (const double count : beyond_) out.put_double(count);
}

void ReachCounts::restore(ByteReader& in) {
  last_ = get_optional_time(in);
  orders_ = in.get_double();
  for (double& count : beyond_) count = in.get_double();
}

namespace {

/// Depth under the weights T e^(-kappa depth): their sum, and the depth's mean and variance. Depths
/// count from `center`, so that the variance does not cancel; the exponents from the largest, so
/// that none overflows.
struct Weighted {
  double log_sum;
  double mean;
  double variance;
};

Weighted weigh(std::span<const DepthExposure> buckets, double kappa, double center) {
  std::optional<double> largest;
  for (const DepthExposure& each : buckets)
    if (each.exposure_s > 0)
      largest = std::max(largest.value_or(-1e300), -kappa * each.depth_bps * bps);
  double sum = 0;
  double sum_away = 0;
  double sum_square = 0;
  for (const DepthExposure& each : buckets) {
    if (!(each.exposure_s > 0)) continue;
    const double depth = each.depth_bps * bps;
    const double weight = each.exposure_s * det::exp(-kappa * depth - *largest);
    const double away = depth - center;
    sum += weight;
    sum_away += weight * away;
    sum_square += weight * away * away;
  }
  const double mean = sum_away / sum;
  return {*largest + det::log(sum), center + mean, std::max(0.0, sum_square / sum - mean * mean)};
}

}  // namespace

std::optional<KappaOwn> kappa_own(std::span<const DepthExposure> buckets) {
  double fills = 0;
  double fill_depth = 0;
  int exposed = 0;
  for (const DepthExposure& each : buckets) {
    if (!(each.exposure_s > 0)) continue;
    ++exposed;
    fills += each.fills;
    fill_depth += each.fills * each.depth_bps * bps;
  }
  if (fills < kappa_own_min_fills || exposed < 2) return std::nullopt;
  // The mean depth of fills equals that of the weighted exposure, which falls as kappa rises.
  const double wanted = fill_depth / fills;
  constexpr double limit = 1e5;
  double kappa = kappa_prior.kappa;
  bool found = false;
  for (int round = 0; round < 50 && !found; ++round) {
    const Weighted at = weigh(buckets, kappa, wanted);
    if (!(at.variance > 0)) break;
    const double step = (at.mean - wanted) / at.variance;
    kappa += step;
    if (!(std::fabs(kappa) <= limit)) break;
    found = std::fabs(step) <= 1e-10 * std::max(1.0, std::fabs(kappa));
  }
  if (!found) {
    double low = -limit;
    double high = limit;
    for (int halving = 0; halving < 60; ++halving) {
      kappa = (low + high) / 2;
      (weigh(buckets, kappa, wanted).mean > wanted ? low : high) = kappa;
    }
  }
  if (!(kappa > 0)) return std::nullopt;
  const Weighted at = weigh(buckets, kappa, wanted);
  if (!(at.variance > 0)) return std::nullopt;
  return KappaOwn{.kappa = kappa,
                  .intensity = fills * det::exp(-at.log_sum),
                  .log_variance = 1 / (fills * at.variance * kappa * kappa)};
}

namespace {

std::size_t bucket_of(double depth_bps) {
  if (!(depth_bps > 0)) return 0;
  const double last = static_cast<double>(OwnFills::buckets - 1);
  return static_cast<std::size_t>(std::min(std::floor(depth_bps), last));
}

}  // namespace

double OwnFills::weight(const Settings& settings, Time now) {
  if (last_) unit_ /= std::max(decay_factor(now - *last_, settings.tau), 1e-200);
  last_ = now;
  if (unit_ > 1e100) {
    for (Bucket& bucket : buckets_) {
      bucket.exposure_s /= unit_;
      bucket.fills /= unit_;
    }
    unit_ = 1;
  }
  return unit_;
}

void OwnFills::on_exposure(const Settings& settings, Time now, double depth_bps, Duration stood) {
  const double unit = weight(settings, now);
  buckets_[bucket_of(depth_bps)].exposure_s += unit * seconds_of(stood);
}

void OwnFills::on_fill(const Settings& settings, Time now, double depth_bps) {
  const double unit = weight(settings, now);
  buckets_[bucket_of(depth_bps)].fills += unit;
}

std::optional<KappaOwn> OwnFills::estimate(const Settings& settings, Time now) const {
  if (!last_) return std::nullopt;
  const double left = decay_factor(now - *last_, settings.tau) / unit_;
  std::array<DepthExposure, buckets> table{};
  for (std::size_t i = 0; i < buckets; ++i)
    table[i] = {.depth_bps = static_cast<double>(i) + 0.5,
                .exposure_s = buckets_[i].exposure_s * left,
                .fills = buckets_[i].fills * left};
  return kappa_own(table);
}

void OwnFills::save(ByteWriter& out) const {
  put_optional(out, last_);
  out.put_double(unit_);
  for (const Bucket& bucket : buckets_) {
    out.put_double(bucket.exposure_s);
    out.put_double(bucket.fills);
  }
}

void OwnFills::restore(ByteReader& in) {
  last_ = get_optional_time(in);
  unit_ = in.get_double();
  for (Bucket& bucket : buckets_) {
    bucket.exposure_s = in.get_double();
    bucket.fills = in.get_double();
  }
}

KappaFinal combine_kappa(std::span<const KappaEstimate> estimates) {
  MM_ASSERT(!estimates.empty(), "the prior is always there");
  double weights = 0;
  double sum = 0;
  for (const KappaEstimate& each : estimates) {
    const double weight = 1 / each.log_variance;
    weights += weight;
    sum += weight * det::log(each.kappa);
  }
  KappaFinal result;
  result.kappa = std::clamp(det::exp(sum / weights), kappa_floor, kappa_ceiling);
  result.log_sd = std::sqrt(1 / weights);
  result.cv = std::sqrt(det::expm1(1 / weights));
  return result;
}

std::optional<double> kappa_from_fills(double fills_nearer, double fills_further, double step) {
  if (!(fills_nearer >= 1e-12 && fills_further >= 1e-12)) return std::nullopt;
  return (det::log(fills_nearer) - det::log(fills_further)) / (2 * step);
}

}  // namespace mm
