#pragma once

// Volatility per square root of a second, and its regime (Models 6).
//
// Log returns r_i of the mid on a clock of step D (previous tick: the mid at an instant is the last
// one stamped at or before it), in decayed means with a = 1 - e^(-D/tau), first value initialises:
//
//   realized = sqrt( mean(r_i^2) / D )
//   bipower  = sqrt( mean((pi/2) |r_i| |r_(i-1)|) / D )      Barndorff-Nielsen & Shephard 2004
//
// Bipower ignores jumps, but a mid that did not move kills two of its products: with 60 % of steps
// stale it shows a quarter of the truth. So the volatility models use is bipower while at most
// `zero_share_limit` of the steps are stale, realized otherwise.

#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/log_histogram.hpp"
#include "engine/types.hpp"

namespace mm {

class Volatility {
 public:
  struct Settings {
    Duration step = std::chrono::seconds{1};
    Duration tau = std::chrono::seconds{60};
    double zero_share_limit = 0.05;
  };

  /// The mid from `now` on, in any unit; > 0. Returns whether a step of the clock ended: the
  /// estimates moved. O(1) also after a gap, whose steps count as stale.
  bool on_mid(const Settings& settings, Time now, double mid);
  /// The same without a new mid: lets the clock run.
  bool advance(const Settings& settings, Time now);
  /// One step's return, for callers that keep the clock themselves.
  void on_return(const Settings& settings, double log_return);
  /// Forgets the mid but not the estimates: no return spans what comes next.
  void gap();

  std::optional<double> realized(const Settings& settings) const;
  std::optional<double> bipower(const Settings& settings) const;
  /// Decayed share of steps whose mid did not move.
  std::optional<double> zero_share() const { return zeros_.value(); }
  /// What models use; see above.
  std::optional<double> sigma(const Settings& settings) const;
  /// max(0, 1 - bipower^2 / realized^2): the part of the variance that jumps made.
  std::optional<double> jump_share() const;
  /// The last step's return.
  std::optional<double> last_return() const { return last_return_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  StepAverage squares_;
  StepAverage products_;
  StepAverage zeros_;
  std::optional<double> last_return_;
  std::optional<Time> next_step_;  // end of the running step: a multiple of the step
  double step_mid_ = 0;            // at the end of the last step; 0 before the first end
  double mid_ = 0;
};

enum class VolatilityRegime : std::uint8_t { low = 0, mid = 1, high = 2, extreme = 3 };
inline constexpr int volatility_regimes = 4;

/// Where the volatility stands among its own values of the last day (Models 6.3): its decayed
/// quantiles 0.50, 0.85, 0.98 part the four regimes. To fall back it must be `hysteresis` below the
/// boundary it crossed. Departure: ranks sigma as models use it, not always bipower, which real
/// books make useless (Models 6.1).
class VolatilityRanking {
 public:
  struct Settings {
    Duration tau = std::chrono::hours{24};
    double quantiles[volatility_regimes - 1] = {0.50, 0.85, 0.98};
    double hysteresis = 0.10;
    double warm_up = 600;  ///< values seen before a regime is told
  };

  /// Once a step; ranks sigma among the values before it.
  void update(const Settings& settings, Time now, double sigma);
  /// Absent while warming up.
  std::optional<VolatilityRegime> regime() const { return regime_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  DecayedLogHistogram history_;  // of sigma * 2^20: 1 is about 0.01 bps
  std::optional<VolatilityRegime> regime_;
};

}  // namespace mm
