#pragma once

// What only the maker of a synthetic market knows: told to whoever asks, never to the core, never
// in a journal. truth_text.hpp turns it into lines of a file and back.
//
// Times are the venue's own (exchange_time of the events), prices and quantities in the quoted
// instrument's units unless an instrument is named.

#include <functional>
#include <string>
#include <variant>

#include "sim/synthetic/flow.hpp"

namespace mm::sim {

/// First: everything that can be said beforehand. `settings` holds the Hawkes parameters, the lag's
/// law and the transition matrix by their names.
struct TruthHead {
  std::uint64_t seed = 0;
  Time start;            ///< of the first event; the flow began `warmup` before
  std::string settings;  ///< SyntheticSettings::format()
  std::string quoted;    ///< "venue:symbol"
  std::string lead;
  bool operator==(const TruthHead&) const = default;
};

/// A regime was entered (and at the start).
struct TruthRegime {
  Time time;
  Regime regime = Regime::quiet;
  int direction = 0;
  bool operator==(const TruthRegime&) const = default;
};

/// Once a second: the path and what the quoted market makes of it.
struct TruthSample {
  Time time;
  double value = 0;       ///< the lead's, quote currency
  double seen_value = 0;  ///< what the quoted market has heard of
  double mu_bid = 0;      ///< taker baseline against bids of the quoted market, 1/s
  double mu_ask = 0;
  double excitation_bid = 0;  ///< at the last point of the process
  double excitation_ask = 0;
  double funding_rate = 0;
  double open_interest = 0;
  bool operator==(const TruthSample&) const = default;
};

/// A point of the taker process.
struct TruthTaker {
  Time time;
  InstrumentRole instrument = InstrumentRole::quoted;
  Side side = Side::buy;
  Qty qty;
  Qty filled;
  double mark = 0;
  bool liquidation = false;
  bool operator==(const TruthTaker&) const = default;
};

/// A wall of the quoted market appeared, was moved, or is gone.
struct TruthWall {
  Time time;
  std::uint64_t id = 0;
  WallFate fate = WallFate::standing;
  Side side = Side::buy;
  bool fake = false;
  Price price;
  Qty size;
  Qty filled;     ///< so far
  Qty cancelled;  ///< when pulled
  Time born;
  bool operator==(const TruthWall&) const = default;
};

/// The place of an order of ours, when it is accepted and at every change until it is gone
/// (`left` = 0).
struct TruthQueue {
  Time time;
  ClientOrderId order;
  Side side = Side::buy;
  Price price;
  Qty ahead;
  Qty behind;
  Qty left;
  bool operator==(const TruthQueue&) const = default;
};

using Truth = std::variant<TruthHead, TruthRegime, TruthSample, TruthTaker, TruthWall, TruthQueue>;
using TruthSink = std::function<void(const Truth&)>;

}  // namespace mm::sim
