#pragma once

// MarketPath: what drives a synthetic market and nobody sees: regime, value, funding, open
// interest.
//
//   regime   a Markov chain in continuous time with rates (P - I) / 60 s * regime_speed, so that
//            sojourn times and the stationary law are those of the matrix P of one minute; entered
//            at the first step at or after the drawn moment. A regime with a direction draws it
//            when entered: trending by coin, cascade against the side that pays funding
//   value    every `step`: value *= 1 + direction * drift * step + volatility * sigma * sqrt(step)
//   *
//            N(0, 1); floored at a thousandth of the start
//   funding  an Ornstein-Uhlenbeck process around its mean, exact over the steps
//   open interest  of a notional: a slow random walk; a cascade closes `open_interest_drop` of it a
//            minute
//
// A function of settings, seed and time alone: two paths with one seed are one path, whatever else
// is drawn for whom. A value: copies go on alone.

#include "engine/random.hpp"
#include "sim/synthetic/settings.hpp"

namespace mm::sim {

/// The generator of one purpose: adding another never shifts its numbers.
SplitMix64 random_stream(std::uint64_t seed, std::string_view purpose, std::uint64_t which = 0);

class MarketPath {
 public:
  /// `settings` is borrowed.
  MarketPath(const SyntheticSettings& settings, Time start);

  Time now() const { return now_; }
  Time next() const { return now_ + step_; }
  /// Goes to next().
  void step();

  double value() const { return value_; }  ///< quote currency
  Regime regime() const { return regime_; }
  /// +1 or -1 in a trending market and a cascade, else 0.
  int direction() const { return direction_; }
  /// The last step entered the present regime (also if it was the same before).
  bool entered() const { return entered_; }
  double funding_rate() const { return funding_; }         ///< of one interval, a fraction
  double open_interest() const { return open_interest_; }  ///< quote currency

  /// The matrix's stationary law.
  static std::array<double, regime_count> stationary(const SyntheticSettings& settings);

 private:
  void enter(Regime regime);
  Regime draw(std::span<const double> weights);

  const SyntheticSettings* settings_;
  Duration step_;
  Time now_;
  SplitMix64 value_random_, regime_random_, funding_random_;
  double value_;
  double floor_;
  Regime regime_ = Regime::quiet;
  int direction_ = 0;
  bool entered_ = false;
  Time next_change_;
  double funding_;
  double funding_decay_, funding_shock_;
  double open_interest_;
  double drop_per_step_;
};

}  // namespace mm::sim
