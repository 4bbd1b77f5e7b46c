#pragma once

// How good the simulator is at our own recorded orders: the quote replay (models.md 21.1, mode A).
//
// Every recorded order is put into the simulated exchange with its own price and size, at the
// moment the venue accepted it, and taken out when the venue did; nothing is decided again. What
// then fills is compared with what was recorded: same order, within 250 ms, by size.
//
// An order that the recording fills to the end is left in for another 250 ms, so that a simulated
// fill which comes a little later is seen.
//
//   log score   mean over orders of -ln p, p the chance of what the recording says of each second
//               of its life (some of it filled or not), given what the simulator says of the same
//               second. The simulator says yes or no, so the chance is how often the recording
//               agreed with each answer in the odd blocks, (n + 1/2) / (N + 1), and it is orders
//               accepted in even blocks that are judged. 0 is perfect; `null_log_score` is what one
//               chance for every second would get, without a simulator.
//
// Several candidates (queue model, shift of all moments) can share one pass.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/result.hpp"
#include "research/what_if/recording.hpp"
#include "sim/settings.hpp"

namespace mm::research {

/// A queue model to try, and how much later than recorded everything is taken to have happened.
/// Latencies of the settings are not used: the recorded moments stand for them.
struct QuoteCandidate {
  sim::Settings settings;
  Duration shift{0};
};

/// Fills that share something: a cause, a side, a distance.
struct FidelitySlice {
  std::string name;
  Qty recorded;
  Qty simulated;
  Qty matched;
  bool recorded_known = true;  ///< false where recorded fills do not say (their cause)
};

/// Seconds of orders' lives, by what happened in them.
struct FillTable {
  std::array<std::array<std::int64_t, 2>, 2> seconds{};  ///< [simulated fill][recorded fill]
  std::int64_t orders = 0;
};

struct Fidelity {
  std::int64_t orders = 0;          ///< accepted in the window
  std::int64_t refused = 0;         ///< of them, refused by the simulated exchange
  std::int64_t recorded_fills = 0;  ///< by when they happened
  std::int64_t simulated_fills = 0;
  Qty recorded;
  Qty simulated;
  Qty matched;
  double precision = 1;  ///< by size
  double recall = 1;
  double f1 = 1;
  double precision_of_fills = 1;  ///< by number: of simulated fills matched at least half
  double recall_of_fills = 1;
  std::optional<double> time_error_mean_ms;  ///< of |simulated - recorded|, by size
  std::optional<double> time_error_p50_ms;
  std::optional<double> time_error_p95_ms;
  Money pnl_error;     ///< of fills and fees, marked at the window's end: simulated - recorded
  FillTable fit{};     ///< odd blocks
  FillTable report{};  ///< even blocks
  std::optional<double> log_score;       ///< even blocks given the odd ones; absent without orders
  std::optional<double> null_log_score;  ///< the same without a simulator
  std::optional<double> fit_log_score;   ///< odd blocks given themselves
  std::vector<FidelitySlice> slices;     ///< "cause queue", "side buy", "depth 2-3bps", in order
};

struct QuoteReplay {
  std::vector<Fidelity> candidates;  ///< one for each, in order
  /// Median latencies of the orders accepted in the window. Of real orders only the round trip is
  /// known on one clock; half of it counts for each way. Absent without orders.
  std::optional<sim::LatencyModel> latency;
  Instrument instrument;
  Duration block{0};
};

/// Errors as of sweep (research/counterfactual.hpp). Without execution nothing is compared.
Result<QuoteReplay> replay_quotes(const Recording& recording, Time from, Time to,
                                  const std::vector<QuoteCandidate>& candidates);

/// -mean ln p of `judged` given the smoothed frequencies of `known`; absent if nothing is judged.
std::optional<double> log_score(const FillTable& judged, const FillTable& known);
/// The table as it is when the simulator's answers are not looked at.
FillTable without_simulator(const FillTable& table);

}  // namespace mm::research
