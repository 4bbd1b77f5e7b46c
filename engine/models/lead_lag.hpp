#pragma once

// By how much another venue's price leads this one, followed online, and the move it announces
// (Models 14; Hayashi & Yoshida 2005, Hoffmann, Rosenbaum & Yoshida 2013).
//
//   U(l) = sum of dX_i dY_j over pairs whose intervals meet when Y is moved back by l;  X leads by
//   l rho = U / sqrt(sum dX^2 sum dY^2),   beta = U / sum dX^2
//
// on a grid of lags from -500 to 2500 ms by 10 ms. Log mids enter at their own change times, on
// receive time: what could be traded. An increment of X is settled once it is older than the grid's
// end and a second; its products then enter accumulators that fade (300 s; "current": 30 s), one
// set for each volatility regime at the increment, their sum being the pooled one. Estimates are
// read off the faded contrast; argmaxes are never averaged. An interval of Y still open then counts
// as not having moved.
//
// The dY_j that an interval (s, e] of X meets are neighbours, so their sum is the first value of Y
// at or after e + l less the last one at or before s + l. One walk along Y for all lags makes both
// for e, and the next increment starts where this one ends: O(lags + changes of Y in 3 s) an
// increment of X. Memory grows to the changes of some seconds and is kept.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/ring.hpp"
#include "engine/models/volatility.hpp"
#include "engine/types.hpp"

namespace mm {

struct LagEstimate {
  Duration lag{};
  double rho = 0;
  double beta = 0;
  std::optional<double> beta_sd;   ///< delete-a-block jackknife over the last five minutes
  std::optional<Duration> lag_sd;  ///< half the width of {l: |rho(l)| >= |rho_max| - its error}
  double r_squared() const { return rho * rho; }
};

class LeadLag {
 public:
  static constexpr int lags = 301;
  static constexpr Duration lowest_lag = std::chrono::milliseconds{-500};
  static constexpr Duration lag_step = std::chrono::milliseconds{10};
  static constexpr int blocks = 60;
  static constexpr Duration block_length = std::chrono::seconds{5};
  /// An increment longer than this is left out: what Y did around it is no longer kept.
  static constexpr Duration longest_increment = std::chrono::seconds{5};

  struct Settings {
    Duration tau = std::chrono::seconds{300};
    Duration tau_current = std::chrono::seconds{30};
    double min_increments = 200;
    double min_rho = 0.05;
    /// Of the deviation of rho over lags below -50 ms. The best of 301 lags of pure noise passes 3
    /// about half of the time, 4 hardly ever.
    double noise_multiple = 3;
    double response_increments = 10'000;
  };

  /// Log mids as they change; equal times replace, equal values are no change.
  void on_leader(const Settings& settings, Time now, double log_mid,
                 std::optional<VolatilityRegime> regime);
  void on_follower(const Settings& settings, Time now, double log_mid);
  /// Forgets the prices, not the estimates: a gap in either feed.
  void gap();

  /// Of a regime, or pooled where that has fewer than 200 increments. Absent below those, on the
  /// grid's edge, below 0.05 or within the noise. O(lags): ask at the decision clock.
  std::optional<LagEstimate> estimate(const Settings& settings,
                                      std::optional<VolatilityRegime> regime) const;
  /// The same over the last half minute, pooled, without errors.
  std::optional<LagEstimate> current(const Settings& settings) const;
  /// The measured response G at lags 0 to 2500 ms: not decreasing, from >= 0 to 1. False, and
  /// `response` untouched, before 10,000 increments.
  static constexpr int response_bins = 251;
  bool response(const Settings& settings, std::span<double, response_bins> response) const;

  /// Faded number of increments of X settled.
  double increments() const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Point {
    Time time;
    double value = 0;
    std::uint8_t regime = 0;  // of the increment that ends here; volatility_regimes = unknown
  };
  using Values = std::array<double, lags>;
  struct Sums {
    std::array<double, lags> u{};
    double xx = 0;
    double yy = 0;
    double count = 0;
  };
  static constexpr int sets = volatility_regimes + 1;
  /// Sums that fade by making new ones weigh more.
  struct Fading {
    std::array<Sums, sets> of{};
    std::optional<Time> reference;
    double newest = 1;  // weight of the last increment of X
    double weight(Time time, Duration tau);
  };
  static bool push(Ring<Point>& ring, const Point& point);
  void settle(const Settings& settings, Time now);
  void settle_leader(const Settings& settings);
  void walk(Time time, Values& before, Values& after) const;
  void settle_follower(const Settings& settings);
  Sums& block_of(Time time);
  static Sums pooled(const Fading& fading);
  static std::optional<LagEstimate> read(const Settings& settings, const Sums& sums);
  static double faded_count(const Sums& sums, const Fading& fading) {
    return sums.count / fading.newest;
  }
  void add_errors(LagEstimate& estimate, const Sums& sums) const;

  Ring<Point> leader_;                 // [0]: end of the last settled increment
  Ring<Point> follower_;               // from where the lowest pointer needs it
  std::size_t follower_settled_ = 1;   // which of them ends the next increment to settle
  std::optional<Time> walked_;         // end of X's increment that `before_` is for
  std::array<double, lags> before_{};  // the last value of Y at or before that end + lag
  Fading slow_;
  Fading fast_;
  std::array<Sums, blocks> blocks_{};  // a ring by time
  std::array<std::int64_t, blocks> block_number_{};
  std::int64_t settled_ = 0;  // increments of X ever
};

/// How the announced move is thought to arrive.
enum class LagMode : std::uint8_t {
  pure_delay = 0,   ///< all of it after the lag
  linear_ramp = 1,  ///< evenly until the lag
  exponential = 2,  ///< fading with the lag as e-folding time
  response = 3,     ///< as measured
};

/// The part of the leader's moves that has not reached the follower yet: the sum over moves of age
/// a of beta r times what `mode` leaves of it. 0 without a lag above 0; at most 20 bps either way.
class LagPrediction {
 public:
  static constexpr Duration longest = std::chrono::milliseconds{2500};
  static constexpr double limit = 20e-4;

  /// `lag` is that of the exponential form, which is kept as one number; absent or <= 0: it
  /// forgets.
  void on_move(Time now, double log_return, std::optional<Duration> lag);
  double remaining(LagMode mode, Time now, double beta, std::optional<Duration> lag,
                   std::span<const double> response = {}) const;
  void gap();

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Move {
    Time time;
    double log_return = 0;
  };
  Ring<Move> moves_;  // of the longest lag
  double fading_ = 0;
  std::optional<Time> last_;
};

}  // namespace mm
