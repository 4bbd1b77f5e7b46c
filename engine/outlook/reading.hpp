#pragma once

// Reading: what the models said of the quoted market when they were last read.
//
// Plain values, no pointers. What is not known is absent, never 0. Two moments matter:
//
//   the clock   `at`: the first market event at or after each multiple of the decision interval
//   the touch   `touched_at`: also whenever the quoted touch moved
//
// Fields of the clock stay as they were read until its next tick; those marked (touch) follow the
// touch too; those marked (second) are read at the first tick of each second. Nothing here depends
// on our orders, but that their displayed size is taken off in live sessions.

#include <array>
#include <cstdint>
#include <optional>

#include "engine/features/microstructure.hpp"
#include "engine/market.hpp"
#include "engine/models/adverse.hpp"
#include "engine/models/fill_probability.hpp"
#include "engine/models/hawkes.hpp"
#include "engine/models/kappa.hpp"
#include "engine/models/lead_lag.hpp"
#include "engine/models/liquidation.hpp"
#include "engine/models/regime_hmm.hpp"
#include "engine/models/volatility.hpp"
#include "engine/types.hpp"

namespace mm {

/// A taker order: all prints of one side and venue stamp. Known once complete.
struct TakerOrder {
  std::uint64_t number = 0;  ///< from 1
  Time at;                   ///< when it was known to be complete
  Time exchange_time;
  Side taker = Side::buy;
  Qty qty;
  Price worst;               ///< the last price it printed at
  bool sweep = false;        ///< it printed at two prices or more
  double relative_size = 1;  ///< to the median of the orders before it
  std::optional<double>
      reach_bps;  ///< of `worst` from the mid before it; negative: inside the spread
  /// By TradeClass; absent without a classifier.
  std::optional<std::array<double, trade_classes>> classes;

  /// The side of the book it ate.
  Side consumed() const { return opposite(taker); }
};

/// Taker orders that eat one side of the book.
struct FlowReading {
  double intensity = 0;   ///< orders a second, > 0
  double excitation = 0;  ///< of it, what fades
  /// Expected orders and -ln P(none) within fill_horizons_s.
  std::array<SideCounts, fill_horizons_s.size()> counts{};
  std::optional<double> informed;  ///< informed intensity in [0, 1]; absent without a classifier

  using Clustering = std::array<double, fill_horizons_s.size()>;
  /// theta of a horizon's counts: found when it is first asked for, since nothing else goes into it
  /// and often nobody asks. Not from two threads at once.
  double clustering(std::size_t horizon) const {
    if (!clustering_known_[horizon]) {
      clustering_[horizon] = mm::clustering(counts[horizon].expected, counts[horizon].quiet);
      clustering_known_[horizon] = true;
    }
    return clustering_[horizon];
  }
  Clustering clustering() const { return {clustering(0), clustering(1), clustering(2)}; }
  /// Requires that it is that of `counts`.
  void set_clustering(const Clustering& known) {
    clustering_ = known;
    clustering_known_.fill(true);
  }
  void set_counts(std::size_t horizon, const SideCounts& known) {
    counts[horizon] = known;
    clustering_known_[horizon] = false;
  }

 private:
  mutable Clustering clustering_{};
  mutable std::array<bool, fill_horizons_s.size()> clustering_known_{};
};

/// The leading instrument: the first one defined with the role "lead".
struct LeadReading {
  InstrumentId instrument;
  std::optional<double> mid;     ///< (touch) in its own price units; absent while not quotable
  std::optional<Time> moved_at;  ///< (touch) of its last move
  double last_move = 0;          ///< (touch) its log return; 0 before the first
  /// (second) over 300 s, of the volatility regime in force or pooled; absent = nothing
  /// significant.
  std::optional<LagEstimate> estimate;
  std::optional<LagEstimate> current;  ///< (second) over 30 s
  std::optional<double> predicted;     ///< (touch) log return still to come here
  /// ln(leader mid / our mid) less its decayed mean (300 s), in the quoted currency's terms.
  std::optional<double> gap;
};

/// What the venue says of the contract.
struct ContextReading {
  std::optional<Time> at;
  std::optional<double> mark;          ///< quote currency
  std::optional<double> oracle;        ///< quote currency
  std::optional<double> funding;       ///< the venue's own rate, a fraction
  std::optional<double> funding_hour;  ///< per hour, so that venues compare
  std::optional<double> funding_z;
  std::optional<Duration> to_settlement;
  std::optional<double> open_interest;
  std::optional<Time> open_interest_at;
  std::optional<double> open_interest_change_pct;  ///< over a minute
};

struct Reading {
  std::optional<Time> at;          ///< the clock
  std::optional<Time> touched_at;  ///< the touch

  Touch touch;                           ///< (touch) others only; empty while `mid` is absent
  std::optional<double> mid;             ///< (touch) price units
  std::optional<double> microprice;      ///< (touch) price units, by the table or the weighted mid
  std::optional<double> microprice_std;  ///< how far the mid is from it a second later, price units

  Features features;

  std::optional<double> sigma;           ///< per root second: what the models use
  std::optional<double> sigma_bipower;   ///< likewise
  std::optional<double> sigma_realized;  ///< likewise; decayed over a minute: sigma_realized_1m
  std::optional<double> jump_share;
  std::optional<double> zero_share;  ///< of seconds in which the mid did not move
  std::optional<VolatilityRegime> volatility_regime;

  std::optional<KappaEstimate> kappa_book;    ///< (second)
  std::optional<KappaEstimate> kappa_robust;  ///< (second) over the whole grid
  KappaFinal kappa;  ///< (second) book, robust and prior together; without our own fills

  FlowReading bid_flow;  ///< orders that eat bids: what fills our bids
  FlowReading ask_flow;
  double baseline = 0;                 ///< mu, 1/s
  double branching = 0;                ///< orders one order brings about
  std::optional<double> median_size;   ///< of taker orders, lots
  std::optional<double> imbalance_1s;  ///< taker-signed volume balance, + = buyers
  std::optional<double> imbalance_10s;
  std::optional<TakerOrder> last_order;

  std::optional<LiquidationScore> liquidation;  ///< absent: inputs missing or stale
  bool cascade = false;                         ///< its latch

  Belief belief = default_regime_model().initial;
  Regime most_likely = Regime::quiet;
  Regime displayed = Regime::quiet;  ///< follows the most likely one with hysteresis
  double entropy = 0;                ///< nats
  std::int64_t regime_steps = 0;  ///< observations so far; before the first the belief is a prior
  RegimeObservation observation;  ///< the last of them

  std::optional<LeadReading> lead;  ///< absent: the session has no leading instrument
  ContextReading context;

  const FlowReading& flow(Side side) const { return side == Side::buy ? bid_flow : ask_flow; }
};

}  // namespace mm
