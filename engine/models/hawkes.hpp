#pragma once

// Arrival of taker orders at the two sides of the book: Hawkes processes with marks (Models 9).
//
//   lambda_side(t) = r (mu(t) + S_side),   S_side = sum over earlier orders of
//                                                    alpha m_side e^(-beta (t - t_i))
//
// One accumulator a side, exact: it fades by e^(-beta D) and grows by alpha m at an order. The mark
// of an order in the accumulator of a side is
//
//   m = min((size/median)^p, cap) * (consumes that side ? same : other) * (sweep ? s : 1)
//
// A taker order is the whole group of prints with one taker, side and instant; a sweep printed at
// two prices or more. "The bid side" is consumed by taker sells. Intensities are in 1/s and left
// limits: an order never raises the intensity it is judged by. Everything is O(1) an order, plus
// one look-up of the median size.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/log_histogram.hpp"
#include "engine/types.hpp"

namespace mm {

struct HawkesMarks {
  double size_power = 0.5;  ///< `alpha_size_power`
  double size_cap = 3;
  double same_side = 1.5;  ///< `alpha_same_side_mult`
  double other_side = 0.8;
  double sweep = 1.2;  ///< `alpha_aggressor_mult`
};

/// The part of a mark both sides share: size and sweep. Requires relative_size > 0.
double size_sweep_mark(const HawkesMarks& marks, double relative_size, bool sweep);
double hawkes_mark(const HawkesMarks& marks, double relative_size, bool consumes_side, bool sweep);

struct HawkesKernel {
  double alpha = 0.3;  ///< `alpha_base`, 1/s
  double beta = 2.0;   ///< `beta_time`, 1/s
};

// ---------------------------------------------------------------- baseline

/// A venue's funding clock in the baseline: cos peaks at settlement.
struct FundingPhase {
  double weight_cos = 0;
  double weight_sin = 0;
  Duration to_settlement{};
  Duration period = std::chrono::hours{1};
};

/// mu0 exp(clamp(w_F F + w_OI dOI + cos and sin terms, -3, 3)) in 1/s: F and dOI are z-scores of
/// the funding rate and of the one-minute change of open interest, absent ones count nothing.
struct HawkesBaseline {
  double mu0 = 0.5;
  double weight_funding = 0;
  double weight_open_interest = 0;
};
double hawkes_baseline(const HawkesBaseline& settings, std::optional<double> funding_z,
                       std::optional<double> open_interest_z, const FundingPhase* phases,
                       std::size_t phase_count);

// ---------------------------------------------------------------- expected counts

/// M(h): expected orders within h seconds, given the excitation R = S now and marks of mean m:
///
///   M = (mu + R) g1 + mu beta g2,   g1 = (1 - e^(-theta h))/theta,   g2 = (h - g1)/theta,
///   theta = beta - alpha m
///
/// which is Models 9.7 without its division of small differences; any sign of theta, mu and R.
double expected_orders(double h, double mu, double excitation, const HawkesKernel& kernel,
                       double mean_mark);

/// K(h) = -ln P(no order within h) = mu h + R (1 - e^(-beta h))/beta: exact, as without orders the
/// excitation only fades. K <= M.
double quiet_orders(double h, double mu, double excitation, const HawkesKernel& kernel);

struct SideCounts {
  double expected = 0;  ///< M
  double quiet = 0;     ///< K
};
struct TwoSidedCounts {
  SideCounts bid;
  SideCounts ask;
};

/// What two_sided_counts() needs of a horizon and a mean mark; the rest of it is sums and products.
struct HorizonGrowth {
  double h = 0;
  double other = 0;                    ///< what an order adds on the other side, in alpha
  double q = 0;                        ///< (1 - e^(-beta h))/beta
  std::array<double, 2> sum{};         ///< g1 and g2 of the sides together,
  std::array<double, 2> difference{};  ///< of their difference,
  std::array<double, 2> one_side{};    ///< and of one alone
};
HorizonGrowth horizon_growth(double h, const HawkesKernel& kernel, const HawkesMarks& marks,
                             double mean_mark);
TwoSidedCounts two_sided_counts(const HorizonGrowth& growth, double mu_bid, double mu_ask,
                                double excitation_bid, double excitation_ask,
                                const HawkesKernel& kernel);

/// Both sides exciting each other with marks of mean m (size and sweep). M is exact: sums and
/// differences of the sides decouple. K of a side allows for the other side's expected orders with
/// none on its own and is an approximation, at most M.
TwoSidedCounts two_sided_counts(double h, double mu_bid, double mu_ask, double excitation_bid,
                                double excitation_ask, const HawkesKernel& kernel,
                                const HawkesMarks& marks, double mean_mark);

/// Expected orders that one order brings about: (same + other) alpha m / beta; stable below 1.
double branching_ratio(const HawkesKernel& kernel, const HawkesMarks& marks, double mean_mark);

/// alpha scaled down so that the branching ratio times the largest regime multiplier is at most
/// 0.98.
HawkesKernel stable_kernel(HawkesKernel kernel, const HawkesMarks& marks, double mean_mark,
                           double largest_multiplier);

// ---------------------------------------------------------------- the process

/// The two intensities, fed with taker orders.
class HawkesIntensity {
 public:
  struct Settings {
    HawkesKernel kernel;
    HawkesMarks marks;
    Duration size_tau = tau_of_half_life(std::chrono::hours{1});  ///< of the median size
    Duration mark_tau = tau_of_half_life(std::chrono::hours{1});  ///< of the mean mark
    double prior_mark = 1.45;  ///< mean size and sweep mark before any order
  };

  /// From now on the baseline of both sides is mu (1/s, > 0) and the regime multiplier r; constant
  /// in between, so that the compensator stays a sum of exact pieces.
  void set_baseline(const Settings& settings, Time now, double mu, double regime_multiplier = 1);
  /// `consumed`: the side of the book the order ate, buy = bids. size > 0 in any one unit.
  /// Gives the size relative to the median of the orders before it (1 for the first).
  double on_order(const Settings& settings, Time now, Side consumed, double size, bool sweep);

  /// r S of both sides, by Side: as excitation(), for the price of one.
  std::array<double, 2> excitations(const Settings& settings, Time now) const;
  /// r (mu + S) of a side; > 0.
  double intensity(const Settings& settings, Time now, Side side) const;
  /// r S of a side: what fades.
  double excitation(const Settings& settings, Time now, Side side) const;
  double baseline() const { return mu_ * multiplier_; }
  /// Integral of the intensity of a side since the last order on it: unit exponential if the model
  /// is right (time rescaling).
  double residual(const Settings& settings, Time now, Side side) const;

  std::optional<double> median_size() const { return sizes_.quantile(0.5); }
  const DecayedLogHistogram& sizes() const { return sizes_; }
  double mean_mark(const Settings& settings) const;
  /// M and K of both sides, with r as a factor of mu, R and alpha.
  TwoSidedCounts counts(const Settings& settings, Time now, double horizon_s) const {
    return counts(settings, excitations(settings, now), horizon_s);
  }
  TwoSidedCounts counts(const Settings& settings, const std::array<double, 2>& excitations,
                        double horizon_s) const {
    return counts(settings, excitations, growth(settings, horizon_s));
  }
  /// A horizon's growth by the mean mark so far, which is slow: it may be kept for a while.
  HorizonGrowth growth(const Settings& settings, double horizon_s) const;
  TwoSidedCounts counts(const Settings& settings, const std::array<double, 2>& excitations,
                        const HorizonGrowth& growth) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  void advance(const Settings& settings, Time now);

  struct Accumulator {
    double excitation = 0;   // S
    double compensator = 0;  // since the last order on this side
  };
  double mu_ = HawkesBaseline{}.mu0;
  double multiplier_ = 1;
  std::optional<Time> last_;
  std::array<Accumulator, 2> sides_{};  // by Side
  DecayedLogHistogram sizes_;
  DecayedSum mark_sum_;
  DecayedSum mark_weight_;
};

}  // namespace mm
