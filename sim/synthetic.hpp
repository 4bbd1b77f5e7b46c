#pragma once

// SyntheticFlow: everybody else on a seeded market, sending orders into a MatchingBook.
//
// There is a value nobody sees, a random walk, and flow around it:
//
//   value    every `step`, value += value * sigma * sqrt(step) * N(0, 1); floored at 100 ticks
//   makers   arrive as a Poisson process; side by coin, price `edge + geometric` ticks away from
//   the
//            value, lifetime exponential; post_only, so a stale book refuses them
//   takers   noise: a Poisson process whose rate jumps by `excitation` with each of its own
//   arrivals
//            and decays with `memory` (a Hawkes process, sampled at the steps); ioc at the touch
//            or a little beyond
//   snipers  after each step, whoever rests beyond value +- `edge` / 2 is taken out: the adverse
//            selection that a quoting strategy must live with
//
// Assumes: nobody looks at our orders; makers do not react to takers. It is a market to develop and
// test on, not a calibrated one.
//
// The value depends on the seed and on time alone, not on the instrument's units, orders or other
// draws: two flows with one seed follow the same value, the one with `lag` later. That is what
// makes a synthetic lead venue lead.
//
// Deterministic (engine/random.hpp): one generator per purpose.

#include <cstdint>
#include <vector>

#include "engine/instrument.hpp"
#include "engine/random.hpp"
#include "sim/matching.hpp"

namespace mm::sim {

struct SyntheticSettings {
  std::uint64_t seed = 1;
  double value = 60000;   ///< at the start, quote currency
  double sigma = 1.2e-4;  ///< of the value, per sqrt(second)
  Duration step = std::chrono::milliseconds{50};
  Duration lag{};             ///< this market sees the value so much later
  double makers_per_s = 60;   ///< both sides together
  double takers_per_s = 1.5;  ///< base rate, both sides together
  double excitation = 0.5;    ///< children per taker, 0 <= excitation < 1
  Duration memory = std::chrono::seconds{2};
  Duration lifetime = std::chrono::seconds{8};
  double spread_bps = 1.0;    ///< 2 * edge over value
  double depth_bps = 2.5;     ///< mean distance of makers behind the edge
  double order_value = 4000;  ///< median of orders, quote currency; log-normal, sigma 1
};

/// A value: a copy goes on alone (with a copy of its book).
class SyntheticFlow {
 public:
  /// `start` is when the flow begins; `instrument` is copied. The book it is given must hold no
  /// orders of account 0 but the flow's own.
  SyntheticFlow(const Instrument& instrument, const SyntheticSettings& settings, Time start);

  /// When the next thing happens.
  Time next() const;
  /// Lets it happen; appends what it did to orders of `book`.
  void step(MatchingBook& book, std::vector<MatchReport>& reports);
  /// The value this market follows now, in price units.
  double value_units() const { return value_ * units_per_one_; }

 private:
  struct Expiry {
    Time at;
    OrderRef order;
    auto operator<=>(const Expiry&) const = default;
  };
  Duration exponential(SplitMix64& random, double rate_per_s);
  Qty draw_qty();
  void move_value(MatchingBook& book, std::vector<MatchReport>& reports);
  void make(MatchingBook& book, std::vector<MatchReport>& reports);
  void take(MatchingBook& book, std::vector<MatchReport>& reports);
  void snipe(MatchingBook& book, Side side, std::vector<MatchReport>& reports);
  double edge_units() const;

  Instrument instrument_;
  SyntheticSettings settings_;
  double units_per_one_;
  SplitMix64 value_random_;
  SplitMix64 maker_random_;
  SplitMix64 taker_random_;
  SplitMix64 size_random_;
  double value_;
  double excited_ = 0;  ///< extra taker rate, per second
  double decay_;        ///< of it, per step
  Time next_value_, next_maker_, next_taker_;
  std::vector<Expiry> expiries_;  // a heap, earliest on top
};

}  // namespace mm::sim
