#pragma once

// How likely a resting order is filled within a horizon, and what a fill is worth (Models 10).
//
// Predicted is that the order gets any fill within h if it stays where it is. Two ways lead there:
//
//   flow   taker orders come in clusters: a gamma-mixed Poisson number that matches the Hawkes
//          mean M and emptiness e^(-K); each reaches our price with probability g and takes the
//          queue if it is larger than what smaller orders and cancels leave of it
//
//            Q_h = Q e^(-c h);  m = g M;  E_Q = E[V 1{V <= Q_h}];  Q_eff = Q_h^2/(Q_h + m E_Q)
//            theta: ln(1 + theta M)/theta = K;   p_flow = 1 - (1 + theta m S(Q_eff))^(-1/theta)
//
//   price  the opposite best comes to our price (reflection principle, no drift):
//            p_cross = erfc((distance + half_spread)/(sigma sqrt(2 h)))
//
//   p_fill = 1 - (1 - p_flow)(1 - p_cross)
//
// S(x) is the share of taker orders larger than x. Sizes in lots or any one unit, distances as
// fractions of mid, rates in 1/s. That the two ways are independent is an approximation, which the
// recalibration of the probabilities absorbs.

#include <array>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/det/math.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/volatility.hpp"
#include "engine/types.hpp"

namespace mm {

/// The horizons predictions are made for.
inline constexpr std::array<double, 3> fill_horizons_s = {0.1, 1, 10};

/// theta >= 0 with ln(1 + theta M)/theta = K: how clustered the orders are. 0 if K >= M, or if
/// either is not above 0.
double clustering(double expected, double quiet);

/// P(at least one of the orders left after thinning by `share`): 1 - (1 + theta share
/// M)^(-1/theta).
double any_order(double expected, double theta, double share);

/// g: the probability that a taker order reaches `depth`, touch_depth that of the best price of
/// others on our side, both from mid as fractions; 1 at or inside the touch.
double reach_probability(double kappa, double depth, double touch_depth);

/// p_cross; 0 where sigma = 0, unless the price is there already.
double crossing_probability(double distance, double sigma, double horizon_s);

/// The same, or 0 where it is so small (from erfc(6), below 2^-54) that 1 less it is 1.
double crossing_that_counts(double distance, double sigma, double horizon_s);

struct FillFlow {
  double horizon_s = 0;
  double expected = 0;       ///< M
  double theta = 0;          ///< clustering(M, K)
  double reach = 1;          ///< g
  double queue_ahead = 0;    ///< Q
  double cancel_rate = 0.1;  ///< c: decayed cancels ahead / queue ahead, 1/s
};

/// c: cancels of the queue ahead of our orders per second and unit of it, decayed (600 s), starting
/// from 0.1 as if that had been seen for a minute.
class CancelRate {
 public:
  struct Settings {
    Duration tau = std::chrono::seconds{600};
    double prior = 0.1;   ///< 1/s
    double prior_s = 60;  ///< seconds of a full queue it counts as
  };
  /// Over `elapsed` an average of `ahead` > 0 stood before an order and `cancelled` of it went
  /// without a trade; both in lots.
  void observe(const Settings& settings, Time now, Duration elapsed, double ahead,
               double cancelled) {
    if (!(ahead > 0)) return;
    const std::optional<Time> before = shares_.last();
    const double left = before ? decay_factor(now - *before, settings.tau) : 0;
    shares_.add_by(left, now, cancelled / ahead);
    seconds_.add_by(left, now, seconds_of(elapsed));
  }
  double per_second(const Settings& settings) const {
    return (shares_.latest() + settings.prior * settings.prior_s) /
           (seconds_.latest() + settings.prior_s);
  }

  void save(ByteWriter& out) const {
    shares_.save(out);
    seconds_.save(out);
  }
  void restore(ByteReader& in) {
    shares_.restore(in);
    seconds_.restore(in);
  }

 private:
  DecayedSum shares_;
  DecayedSum seconds_;
};

struct FillChance {
  double queue_left = 0;       ///< Q_h
  double queue_effective = 0;  ///< Q_eff
  double tail = 1;             ///< S(Q_eff)
  double flow = 0;
  double cross = 0;
  double fill = 0;
};

/// What is known of taker order sizes.
template <class T>
concept OrderSizes = requires(const T& sizes, double x) {
  { sizes.share_above(x) } -> std::convertible_to<std::optional<double>>;
  { sizes.mean_up_to(x) } -> std::convertible_to<std::optional<double>>;
};

/// The first of the two ways there; `cross` and `fill` are left 0. queue_kept = e^(-c h), which
/// orders of one rate share. Without a known size yet an order only takes an empty queue.
template <OrderSizes Sizes>
FillChance chance_by_flow(const FillFlow& flow, const Sizes& sizes, double queue_kept) {
  FillChance chance;
  const double queue = flow.queue_ahead > 0 ? flow.queue_ahead : 0;
  chance.queue_left = queue * queue_kept;
  if (chance.queue_left > 0) {
    const double smaller = sizes.mean_up_to(chance.queue_left).value_or(0.0);
    chance.queue_effective = chance.queue_left * chance.queue_left /
                             (chance.queue_left + flow.reach * flow.expected * smaller);
    chance.tail = sizes.share_above(chance.queue_effective).value_or(0.0);
  }
  chance.flow = any_order(flow.expected, flow.theta, flow.reach * chance.tail);
  return chance;
}

/// distance: of our price from mid; half_spread: of the others' touch. Without a known size yet an
/// order only takes an empty queue. For p_full ask with the queue and our own size as queue_ahead.
///
/// In [0, 1]; rises with the horizon (through one Hawkes state), M, g; falls with Q.
template <OrderSizes Sizes>
FillChance fill_probability(const FillFlow& flow, const Sizes& sizes, double distance,
                            double half_spread, double sigma) {
  const double queue_kept = det::exp(-flow.cancel_rate * flow.horizon_s);
  FillChance chance = chance_by_flow(flow, sizes, queue_kept);
  chance.cross = crossing_probability(distance + half_spread, sigma, flow.horizon_s);
  chance.fill = 1 - (1 - chance.flow) * (1 - chance.cross);
  return chance;
}

/// The constant rate that gives the same probability: -ln(1 - p), for p in [0, 1). kappa
/// differentiates its logarithm (engine/models/kappa.hpp).
double equivalent_fills(double probability);

// ---------------------------------------------------------------- worth of a fill

/// depth - fee - p L- + (1 - p) L+, all in bps of the fill's value over 10 s. p: probability that
/// the mid moves against us given a fill (not that of the P&L label).
double expected_fill_pnl_bps(double depth_bps, double fee_bps, double mid_against,
                             double mean_adverse_bps, double mean_favourable_bps);

struct MeanMoves {
  double adverse_bps = 0;     ///< L-: mean size of a move against us
  double favourable_bps = 0;  ///< L+: of one that is not
};

/// Decayed mean moves of the mid after our own fills (half-life 200 fills), by our side and the
/// volatility regime, each cell shrunk to the pooled mean with weight n/(n + 50).
class FillMoves {
 public:
  struct Settings {
    double half_life_fills = 200;
    double shrinkage = 50;
  };

  /// `against_bps` > 0: the mid moved against us by so much within the horizon.
  void on_outcome(const Settings& settings, Side side, VolatilityRegime regime, double against_bps);
  /// Zeros before any outcome.
  MeanMoves moves(const Settings& settings, Side side, VolatilityRegime regime) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Moments {
    double count = 0;
    double sum = 0;
  };
  struct Cell {
    Moments adverse;
    Moments favourable;
  };
  static void add(Cell& cell, double left, double against_bps);

  Cell pooled_;
  std::array<std::array<Cell, volatility_regimes>, 2> cells_{};
};

}  // namespace mm
