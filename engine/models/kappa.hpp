#pragma once

// kappa: how fast the rate of fills falls with depth (Models 8).
//
//   lambda(d) = A e^(-kappa d),   kappa = -d ln lambda / d depth,   depth as a fraction of mid
//
// Three estimates and a prior, combined in logs by their variances:
//
//   book    a taker order reaches a depth when it is larger than what is displayed before it:
//           -slope of ln(share of orders larger) on depth
//   robust  decayed counts of taker orders by reach: -median of pairwise slopes (Theil-Sen)
//   own     Poisson maximum likelihood of our own fills given our exposure, by depth
//   prior   3000
//
// Everything counts taker orders (one taker, side and instant), not prints; the reach of one is
// the distance of its worst print from the mid just before it. An estimate that cannot be made, or
// is not above 0, is absent.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/types.hpp"

namespace mm {

/// One estimate and the variance of its logarithm; kappa > 0.
struct KappaEstimate {
  double kappa = 0;
  double log_variance = 0;
};

// ---------------------------------------------------------------- book

/// A depth, the share of taker orders larger than what is displayed up to it, and their number.
struct DepthReach {
  double depth_bps = 0;
  double share = 0;
  double orders = 0;
};

inline constexpr double kappa_book_variance = 0.25;  // the model's own risk, not a sampling error
inline constexpr double kappa_book_min_orders = 10;

/// Least squares of ln share on depth over the depths that at least 10 orders pass; at least three
/// must remain.
std::optional<KappaEstimate> kappa_book(std::span<const DepthReach> depths);

// ---------------------------------------------------------------- robust

inline constexpr std::array<double, 8> kappa_grid_bps = {0, 1, 2, 3, 4, 6, 8, 10};

/// -median of the slopes between all pairs with counts above 0, at least three points.
///
/// With a quoted depth, only the grid points between half and twice of it are used when at least
/// four of them have counts: lambda is steeper at the touch than further out.
std::optional<double> kappa_robust(std::span<const double> grid_bps, std::span<const double> counts,
                                   std::optional<double> quoted_bps = std::nullopt);

/// Decayed counts of taker orders by reach. O(8) an order.
class ReachCounts {
 public:
  struct Settings {
    Duration tau = std::chrono::seconds{600};
  };
  /// `reach_bps` may be negative: printed inside the spread, beyond no grid point.
  void on_order(const Settings& settings, Time now, double reach_bps);
  /// Variance 2/N, N the decayed number of orders.
  std::optional<KappaEstimate> estimate(const Settings& settings, Time now,
                                        std::optional<double> quoted_bps) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  std::optional<Time> last_;
  double orders_ = 0;
  std::array<double, kappa_grid_bps.size()> beyond_{};
};

// ---------------------------------------------------------------- own

/// Time one order stood at a depth, and what it was filled there.
struct DepthExposure {
  double depth_bps = 0;
  double exposure_s = 0;
  double fills = 0;
};

struct KappaOwn {
  double kappa = 0;
  double intensity = 0;  ///< A, 1/s
  double log_variance = 0;
};

inline constexpr double kappa_own_min_fills = 5;

/// Maximum likelihood by Newton's method from 3000, by bisection on [-1e5, 1e5] where that fails.
/// Absent with fewer than five fills, exposure at fewer than two depths, or kappa <= 0.
std::optional<KappaOwn> kappa_own(std::span<const DepthExposure> buckets);

/// Our decayed exposure and fills in depth buckets of 1 bps; the last bucket takes all beyond.
/// Only time an order was live and acknowledged counts. O(1) an update.
class OwnFills {
 public:
  struct Settings {
    Duration tau = std::chrono::hours{4};
  };
  static constexpr std::size_t buckets = 32;

  void on_exposure(const Settings& settings, Time now, double depth_bps, Duration stood);
  void on_fill(const Settings& settings, Time now, double depth_bps);
  /// Some microseconds: once a second is enough.
  std::optional<KappaOwn> estimate(const Settings& settings, Time now) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Bucket {  // relative to unit_
    double exposure_s = 0;
    double fills = 0;
  };
  /// What a second or fill weighs now.
  double weight(const Settings& settings, Time now);

  std::optional<Time> last_;
  double unit_ = 1;
  std::array<Bucket, buckets> buckets_{};
};

// ---------------------------------------------------------------- together

inline constexpr KappaEstimate kappa_prior{.kappa = 3000, .log_variance = 1.0};
inline constexpr double kappa_floor = 100;
inline constexpr double kappa_ceiling = 20000;

struct KappaFinal {
  double kappa = 0;   ///< in [100, 20000]
  double log_sd = 0;  ///< of ln kappa
  double cv = 0;      ///< coefficient of variation, sqrt(e^(log_sd^2) - 1); alert above 0.5
};

/// ln kappa = sum(w ln kappa_i) / sum(w), w = 1/variance; log_sd = sum(w)^(-1/2). Requires at least
/// one estimate, each with kappa and variance above 0.
KappaFinal combine_kappa(std::span<const KappaEstimate> estimates);

/// kappa at a depth from the expected fills one step nearer and one further:
/// (ln fills_nearer - ln fills_further) / (2 step). Absent below 1e-12 fills.
std::optional<double> kappa_from_fills(double fills_nearer, double fills_further, double step);

}  // namespace mm
