#pragma once

// The static features of a book: what it looks like at one moment (Models 3.2).
//
// With window sums B, A of bids and asks, bucket sums S, touch p_b, p_a with sizes b0, a0, mid =
// (p_b + p_a) / 2, d = distance from the mid in bps, n buckets a side:
//
//   liquidity_asymmetry   (A - B) / (A + B)                    + = more above (ask-heavy)
//   microprice_imbalance  (b0 - a0) / (b0 + a0)                + = bid-heavy: the other sign
//   book_pressure         sum e^(-d/d0) (+-size) / sum e^(-d/d0) size, + for bids: bid-heavy
//   band_density          buckets with S > theta, of 2 n
//   band_density_levels   levels in the window larger than theta, of all of them
//   liquidity_entropy     -sum pi ln pi / ln 2n, pi = S / sum S: 0 = one bucket, 1 = uniform
//   centroid              sum p size / sum size over the window, in price units
//   centroid_rel_bps      (centroid - mid) / mid, bps
//   weighted_mid          (p_b a0 + p_a b0) / (b0 + a0), in price units
//   depth                 size with d <= k bps, a side
//   spread_bps            (p_a - p_b) / mid, bps
//
// Sums are exact integers; one rounding each turns them into doubles. The logarithms of the entropy
// are a series in + - * / (relative error below 1e-15), since 2 n of them are taken at each
// reading.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/features/depth_window.hpp"
#include "engine/market.hpp"
#include "engine/types.hpp"

namespace mm {

/// From the touch alone. Absent unless two-sided and not crossed.
struct TouchFeatures {
  std::optional<double> mid;  ///< price units
  std::optional<double> spread_bps;
  std::optional<double> weighted_mid;  ///< price units
  std::optional<double> microprice_imbalance;
};
TouchFeatures touch_features(const Touch& touch);

/// The sums of both sides that the features below are made of.
struct WindowSums {
  struct Bucket {
    std::int64_t qty;
    std::int64_t distance;  ///< sum of lots times |2p - m2|
  };
  struct OneSide {
    std::array<Bucket, WindowSettings::max_buckets> buckets;  ///< the first WindowSums::buckets
    std::array<std::int64_t, WindowEdges::flush_buckets> fifths{};
    std::array<std::int64_t, 3> depth{};
    WithinEdge window{};
  };
  std::int64_t m2 = 0;
  int buckets = 0;
  OneSide bids;
  OneSide asks;
  const OneSide& of(Side side) const { return side == Side::buy ? bids : asks; }
};
/// False, and meaningless sums, where SideWindow::within() says so.
bool window_sums(const WindowEdges& edges, std::int64_t m2, const SideWindow& bids,
                 const SideWindow& asks, WindowSums& sums);

struct WindowFeatures {
  std::optional<double> liquidity_asymmetry;
  std::optional<double> book_pressure;
  std::optional<double> band_density;
  std::optional<double> band_density_levels;
  std::optional<double> liquidity_entropy;
  std::optional<double> centroid;  ///< price units
  std::optional<double> centroid_rel_bps;
  /// How far the side's own centroid lies from the mid, in bps: what retreat velocities follow.
  std::optional<double> bid_centroid_bps;
  std::optional<double> ask_centroid_bps;
  std::array<std::int64_t, 3> bid_depth{};  ///< lots within each depth of the settings
  std::array<std::int64_t, 3> ask_depth{};
};

/// Reads sums. Book pressure is taken from buckets, since a weight for every level would cost as
/// much as the book is deep: each bucket counts with the weight of its levels' mean distance, which
/// is off by less than (w/d0)^2 / 8 of the weight (3 % for w = 5 and d0 = 10 bps, the defaults;
/// 0.13 % for w = 1).
class BookFeatureReader {
 public:
  BookFeatureReader() = default;
  BookFeatureReader(const WindowSettings& window, double pressure_d0_bps);

  /// `theta` in lots: band_threshold. Empty sums leave features absent.
  WindowFeatures read(const WindowSums& sums, std::int64_t theta) const;

 private:
  inline double pressure_weight(int bucket, double mean_distance_bps) const;

  std::array<double, WindowSettings::max_buckets> centre_bps_{};
  std::array<double, WindowSettings::max_buckets> centre_weight_{};
  double per_d0_ = 0.1;     // 1 / d0
  double log_buckets_ = 1;  // ln 2n
};

/// Book pressure level by level, as the formula says. Levels outside of Y are left out.
std::optional<double> exact_book_pressure(std::span<const Level> bids, std::span<const Level> asks,
                                          std::int64_t m2, const WindowEdges& edges,
                                          double pressure_d0_bps);

}  // namespace mm
