#pragma once

// What if other parameters had quoted this window?
//
// The recorded inputs are folded from the start of the session, with the recorded parameters and
// the paper exchange in place of the recorded answers. At `from` the run forks: each variant takes
// a copy of Trader and SimWorld, hears of its changed parameters as ParameterChange events and goes
// on in the same Market. Rows:
//
//   actual             the recorded fills of the window
//   simulated_actual   the recorded parameters in the simulator; a paper session gives `actual`
//                      again
//   each variant       compared with simulated_actual, never with actual: the simulator's own error
//                      is in both and cancels
//
// The window is [from, to): P&L is marked to mid at both ends, fills count when we heard of them.
// Time blocks of max(10 s, window / 100), at most 5 min, give paired differences; their stationary
// bootstrap gives the interval (models.md 21.4). Blocks in which the book did not follow the venue
// are left out of difference and interval alike. Every variant is resampled with the same indices.
//
// Every row is run once for each member of the ensemble (queue models, latencies); the first member
// is the figure, all of them the band. Two more runs bound what the queue can have been (Bound).
//
// Not modelled: others' reactions to our quotes, impact beyond the displayed size; the result says
// so. Of a session with real orders our own recorded resting size is taken out of the book before
// any variant runs (what_if/footprint.hpp); our recorded fills stay in the market as the taker flow
// they were. Paper orders never stood in the book.
//
// Rows do not depend on each other, so they are computed in batches on any number of threads, or on
// several machines (`chosen`); `sweep` gives what was computed, `report` what it means.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"
#include "engine/types.hpp"
#include "research/what_if/recording.hpp"
#include "research/what_if/records.hpp"
#include "sim/settings.hpp"

namespace mm::research {

struct Variant {
  std::string name;                 ///< as printed: "5bps"
  /// Of the strategy, where they differ from the recorded ones, and of models ("model.NAME").
  std::vector<Setting> parameters;
};

/// One assumption about the exchange; what is left out is as the session has it.
struct Member {
  std::optional<sim::QueueModel> queue;
  std::optional<sim::LatencyModel> latency;
};

struct CounterfactualRequest {
  Time from;
  Time to;
  std::vector<Variant> variants;
  std::vector<Member> members;  ///< the first is the figure; none: the session's own settings
  bool bounds = true;           ///< run the pessimistic and the optimistic queue, too
  bool fidelity = true;         ///< put the recorded orders to the simulator (what_if/fidelity.hpp)
  bool keep_fills = false;      ///< list the fills of every row; memory then grows with them

  std::uint64_t seed = 1;  ///< of the bootstrap
  std::int64_t resamples = 2000;

  /// Which variants to compute; empty: all.
  std::optional<std::vector<std::size_t>> chosen;
  std::size_t threads = 1;
  std::size_t batch = 0;  ///< variants in one pass over the recording; 0: as fits the threads
  const std::atomic<bool>* stop = nullptr;  ///< set: finish no further batch
  /// Called about ten times a second on the calling thread while batches run; may be empty.
  std::function<void()> tick;
};

/// A usage error for an unknown parameter or value; a data error if the recording does not start
/// with a session, or holds nothing in the window. If `stop`
/// was set, what was finished by then.
Result<SweepRecord> sweep(const CounterfactualRequest& request, const Recording& recording);

/// Passes over the recording that sweep will make for the variants.
std::size_t batch_count(const CounterfactualRequest& request);

// ---------------------------------------------------------------- what it means

using MoneyInterval = std::pair<Money, Money>;

/// Orders that were placed so far from the mid, and how likely they were to fill within a second.
struct FillProbability {
  std::int64_t depth_bps = 0;  ///< [depth, depth + 1)
  std::int64_t orders = 0;
  double effective_orders = 0;  ///< what is left of them where cancels hide the outcome
  double probability = 0;
  double low = 0;  ///< Wilson, 95 %
  double high = 1;
};

struct CounterfactualRow {
  std::string name;
  bool complete = true;  ///< false: interrupted before it was computed, nothing below is valid
  Money pnl;             ///< = the five parts below, exactly; of the whole window
  std::optional<Money> delta;  ///< minus simulated_actual, over the usable blocks; not for `actual`
  std::optional<Money> delta_window;      ///< the same over the whole window
  std::optional<MoneyInterval> ci95;      ///< of delta; absent below 30 blocks
  std::optional<double> p;                ///< two-sided, of the bootstrap
  std::optional<double> p_adjusted;       ///< Holm, over the variants of this report
  std::optional<MoneyInterval> pnl_band;  ///< over the ensemble; absent for one member
  std::optional<MoneyInterval> delta_band;
  std::optional<MoneyInterval> delta_bounds;  ///< pessimistic and optimistic queue, in order
  std::int64_t fills = 0;
  Money volume;                         ///< turnover, settlement currency
  std::optional<double> adverse_share;  ///< of fills with a mid 10 s later: pnl_10s < 0
  Money spread_capture;
  Money adverse_selection;
  Money inventory;
  Money fees;  ///< negative = paid
  Money funding;
  Qty max_position;
  std::optional<double> support;  ///< share of its quote-seconds that the recording can speak of
  std::vector<std::string> warnings;  ///< whole sentences
  bool identified = true;             ///< false at two warnings or more: only the bounds count
  std::vector<FillProbability> fill_probability;
  std::uint64_t output_digest = 0;  ///< of the decisions from `from` on; 0 for `actual`
  std::vector<FillLine> fill_lines;
};

struct CounterfactualResult {
  Time from;
  Time to;  ///< the end of the recording if that comes first
  Instrument instrument;
  std::vector<std::string> members;               ///< "queue power3:3, latency 5ms,5ms"
  std::vector<CounterfactualRow> rows;            ///< actual, simulated_actual, variants in order
  std::optional<Calibration> calibration;         ///< absent if the session did not trade
  std::optional<Fidelity> fidelity;               ///< likewise
  std::vector<FillProbability> fill_probability;  ///< of all simulated orders
  std::vector<std::string> warnings;              ///< of the whole, whole sentences
  std::vector<std::string> not_modelled;          ///< what every figure leaves out
  std::string insight;                            ///< one sentence
  std::string recommendation;                     ///< one sentence
  Duration block{0};
  std::int64_t blocks = 0;
  std::int64_t blocks_with_gaps = 0;
};

/// The same for any way in which `record` was computed and put together.
CounterfactualResult report(const CounterfactualRequest& request, const SweepRecord& record);

/// Both.
Result<CounterfactualResult> run_counterfactual(const CounterfactualRequest& request,
                                                const Recording& recording);

}  // namespace mm::research
