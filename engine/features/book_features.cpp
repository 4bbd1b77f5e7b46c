#include "engine/features/book_features.hpp"

#include <bit>
#include <cmath>

#include "engine/det/math.hpp"

namespace mm {
namespace {

double real(std::int64_t value) {
  return static_cast<double>(value);
}

/// ln x for a normal x > 0: x = 2^e m with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh s with
/// s = (m - 1)/(m + 1), |s| < 0.172, by its series to s^17.
double series_log(double x) {
  constexpr double ln2 = 0.69314718055994530942;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcd;
  const std::int64_t exponent = static_cast<std::int64_t>(bits - sqrt_half) >> 52;
  const double m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52));
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double series =
      ((1 + z * (1.0 / 3)) + z2 * (1.0 / 5 + z * (1.0 / 7))) +
      z4 * ((1.0 / 9 + z * (1.0 / 11)) + z2 * (1.0 / 13 + z * (1.0 / 15)) + z4 * (1.0 / 17));
  return static_cast<double>(exponent) * ln2 + 2 * s * series;
}

}  // namespace

TouchFeatures touch_features(const Touch& touch) {
  if (!touch.two_sided()) return {};
  const double bid = real(touch.bid.price.units());
  const double ask = real(touch.ask.price.units());
  const double bid_qty = real(touch.bid.qty.lots());
  const double ask_qty = real(touch.ask.qty.lots());
  const double mid = (bid + ask) / 2;
  TouchFeatures features{.mid = mid};
  features.weighted_mid = (bid * ask_qty + ask * bid_qty) / (bid_qty + ask_qty);
  features.microprice_imbalance = (bid_qty - ask_qty) / (bid_qty + ask_qty);
  if (mid > 0) features.spread_bps = (ask - bid) / mid * 1e4;
  return features;
}

bool window_sums(const WindowEdges& edges, std::int64_t m2, const SideWindow& bids,
                 const SideWindow& asks, WindowSums& sums) {
  sums.m2 = m2;
  sums.buckets = edges.buckets();
  std::array<WithinEdge, WindowEdges::capacity> within;
  const auto read = [&](const SideWindow& side, WindowSums::OneSide& out) {
    const bool exact = side.within(edges, within);
    const auto at = [&](int edge) -> const WithinEdge& {
      return within[static_cast<std::size_t>(edge)];
    };
    WithinEdge before{};
    for (int j = 0; j < edges.buckets(); ++j) {
      const WithinEdge& here = at(edges.bucket_end(j));
      out.buckets[static_cast<std::size_t>(j)] = {here.qty - before.qty,
                                                  here.distance - before.distance};
      before = here;
    }
    out.window = before;
    std::int64_t inside = 0;
    for (int b = 0; b < WindowEdges::flush_buckets; ++b) {
      const std::int64_t here = at(edges.flush_end(b)).qty;
      out.fifths[static_cast<std::size_t>(b)] = here - inside;
      inside = here;
    }
    for (int k = 0; k < static_cast<int>(out.depth.size()); ++k)
      out.depth[static_cast<std::size_t>(k)] = at(edges.depth_end(k)).qty;
    return exact;
  };
  const bool bids_exact = read(bids, sums.bids);
  const bool asks_exact = read(asks, sums.asks);
  return bids_exact && asks_exact;
}

BookFeatureReader::BookFeatureReader(const WindowSettings& window, double pressure_d0_bps)
    : per_d0_(1 / pressure_d0_bps) {
  const int buckets = window.buckets();
  const double width = static_cast<double>(window.bucket_tenth_bps) / 10;
  for (int j = 0; j < buckets; ++j) {
    const double centre = (j + 0.5) * width;
    centre_bps_[static_cast<std::size_t>(j)] = centre;
    centre_weight_[static_cast<std::size_t>(j)] = det::exp(-centre / pressure_d0_bps);
  }
  log_buckets_ = det::log(2.0 * buckets);
}

double BookFeatureReader::pressure_weight(int bucket, double mean_distance_bps) const {
  const std::size_t j = static_cast<std::size_t>(bucket);
  // e^x to x^6: |x| is at most half a bucket's width over d0.
  const double x = (centre_bps_[j] - mean_distance_bps) * per_d0_;
  const double power = 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6)))));
  return centre_weight_[j] * power;
}

WindowFeatures BookFeatureReader::read(const WindowSums& sums, std::int64_t theta) const {
  WindowFeatures features;
  features.bid_depth = sums.bids.depth;
  features.ask_depth = sums.asks.depth;
  const double m2 = real(sums.m2);
  const WithinEdge& bids = sums.bids.window;
  const WithinEdge& asks = sums.asks.window;
  const std::int64_t total = bids.qty + asks.qty;
  if (bids.qty > 0) features.bid_centroid_bps = real(bids.distance) / (real(bids.qty) * m2) * 1e4;
  if (asks.qty > 0) features.ask_centroid_bps = real(asks.distance) / (real(asks.qty) * m2) * 1e4;
  if (total <= 0) return features;

  features.liquidity_asymmetry = real(asks.qty - bids.qty) / real(total);
  // sum of (2p - m2) size: asks lie above, bids below.
  const double offset = real(asks.distance - bids.distance) / real(total);
  features.centroid = (m2 + offset) / 2;
  features.centroid_rel_bps = offset / m2 * 1e4;
  features.band_density_levels = real(bids.above + asks.above) / real(bids.levels + asks.levels);

  const double bps_per_unit = 1e4 / m2;
  int dense = 0;
  int filled = 0;
  double sum_of_logs = 0;
  double up = 0;
  double down = 0;
  for (const Side side : {Side::buy, Side::sell}) {
    const WindowSums::OneSide& here = sums.of(side);
    double& weighted = side == Side::buy ? up : down;
    for (int j = 0; j < sums.buckets; ++j) {
      const WindowSums::Bucket& bucket = here.buckets[static_cast<std::size_t>(j)];
      if (bucket.qty <= 0) continue;
      ++filled;
      dense += bucket.qty > theta;
      const double qty = real(bucket.qty);
      sum_of_logs += qty * series_log(qty);
      weighted += qty * pressure_weight(j, real(bucket.distance) / qty * bps_per_unit);
    }
  }
  features.band_density = dense / (2.0 * sums.buckets);
  features.book_pressure = (up - down) / (up + down);
  if (filled >= 2) {
    // -sum pi ln pi = ln T - sum S ln S / T
    const double entropy = series_log(real(total)) - sum_of_logs / real(total);
    features.liquidity_entropy = std::fmin(std::fmax(entropy / log_buckets_, 0), 1);
  }
  return features;
}

std::optional<double> exact_book_pressure(std::span<const Level> bids, std::span<const Level> asks,
                                          std::int64_t m2, const WindowEdges& edges,
                                          double pressure_d0_bps) {
  const std::int64_t limit = edges.limit(edges.window_end(), m2);
  const auto weigh = [&](std::span<const Level> levels, std::int64_t direction) {
    double sum = 0;
    for (const Level& level : levels) {
      const std::int64_t distance = direction * (2 * level.price.units() - m2);
      if (distance >= limit || level.qty <= Qty{}) continue;
      sum +=
          det::exp(-(real(distance) / real(m2) * 1e4) / pressure_d0_bps) * real(level.qty.lots());
    }
    return sum;
  };
  const double up = weigh(bids, -1);
  const double down = weigh(asks, 1);
  if (!(up + down > 0)) return std::nullopt;
  return (up - down) / (up + down);
}

}  // namespace mm
