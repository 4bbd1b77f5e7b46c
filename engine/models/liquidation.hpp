#pragma once

// Whether positions are being liquidated right now (Models 12).
//
//   x1 = min(max(0, -open interest change of 1 minute, %)/threshold, 3)
//   x2 = 2 |funding percentile - 1/2|
//   x3 = min(max(0, -sign(funding) r_1m/(sigma sqrt(60))), 5)   against the crowded side, in sigmas
//   probability = 1/(1 + e^(5 - 3 x1 - 2 x2 - 0.5 x3))
//
// A 2 % drop at the 95th percentile with a move of one sigma gives 0.57; extreme funding alone
// 0.04. The weights are a prior; refit them on cascades that really were.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/log_histogram.hpp"
#include "engine/models/rolling.hpp"
#include "engine/types.hpp"

namespace mm {

struct LiquidationWeights {
  double bias = -5;
  double open_interest = 3;
  double funding = 2;
  double move = 0.5;
};

struct LiquidationInputs {
  double open_interest_change_pct = 0;  ///< over one minute
  double funding_percentile = 0.5;      ///< in [0, 1]
  double funding = 0;                   ///< its sign alone matters; > 0: longs pay
  double move_sigmas = 0;               ///< r_1m / (sigma sqrt(60))
};

struct LiquidationScore {
  std::array<double, 3> x{};
  double logit = 0;
  double probability = 0;
};

/// `threshold_pct` > 0: `cascade_threshold_oi_drop_pct`.
LiquidationScore liquidation_score(const LiquidationWeights& weights,
                                   const LiquidationInputs& inputs, double threshold_pct);

/// Where a value ranks among the ones before it: (less + half the equal)/n over the last `capacity`
/// samples kept. Asking is O(log n), keeping a sample moves at most `capacity` numbers.
class RankWindow {
 public:
  static constexpr std::size_t capacity = 4320;  // 30 days of one every 10 minutes
  static constexpr std::size_t enough = 100;

  /// 1/2 with fewer than 100 samples.
  double rank(double value) const;
  void keep(double value);
  std::size_t size() const { return sorted_.size(); }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  std::vector<double> by_age_;  // a ring once full
  std::size_t oldest_ = 0;
  std::vector<double> sorted_;
};

/// Follows funding, open interest and the mid of one instrument.
class LiquidationDetector {
 public:
  struct Settings {
    LiquidationWeights weights;
    double threshold_pct = 2;  ///< the least; an asset that drops more every day has its own
    double on = 0.5;
    double off = 0.3;
    Duration off_for = std::chrono::seconds{10};
    Duration stale = std::chrono::seconds{120};
    Duration funding_sampling = std::chrono::minutes{10};
    Duration drop_tau = std::chrono::hours{24 * 7};
    double drop_quantile = 0.999;
    double drops_needed = 2000;  ///< before the asset's own threshold counts
  };

  void on_funding(const Settings& settings, Time now, double rate);
  void on_open_interest(const Settings& settings, Time now, double open_interest);
  void on_mid(Time now, double mid);

  /// Absent while open interest has no value a minute old, is stale or was zero, or funding, the
  /// mid or sigma are unknown. Absent is not a cascade, but worth a warning.
  std::optional<LiquidationScore> update(const Settings& settings, Time now,
                                         std::optional<double> sigma);
  /// On above 0.5, off once below 0.3 for ten seconds; as of the last update.
  bool cascade() const { return cascade_; }
  double threshold_pct(const Settings& settings) const;
  /// Relative change over one minute in percent.
  std::optional<double> open_interest_change_pct(const Settings& settings, Time now);

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  static constexpr Duration minute = std::chrono::seconds{60};

  RankWindow fundings_;
  std::optional<Time> funding_kept_;
  std::optional<double> funding_;
  double funding_rank_ = 0.5;
  PastValue open_interests_{minute, std::chrono::milliseconds{100}};
  std::optional<double> open_interest_;
  std::optional<Time> open_interest_time_;
  std::optional<Time> drop_kept_;
  DecayedLogHistogram drops_;  // one a minute, in percent; no drop counts as 1e-9
  PastValue mids_{minute, std::chrono::milliseconds{100}};
  std::optional<double> mid_;
  bool cascade_ = false;
  std::optional<Time> calm_since_;
};

}  // namespace mm
