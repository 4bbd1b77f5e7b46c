#pragma once

// What if other parameters had quoted this window?
//
// The recorded inputs are folded once, from the start of the session, with the recorded parameters
// and the paper exchange in place of the recorded answers. At `from` the run forks: each variant
// takes a copy of Trader and SimWorld, hears of its changed parameters as ParameterChange events
// and goes on in the same Market. Rows:
//
//   actual             the recorded fills of the window
//   simulated_actual   the recorded parameters in the simulator; a paper session gives `actual`
//   again each variant       compared with simulated_actual, never with actual: the simulator's own
//   error
//                      is in both and cancels
//
// The window is [from, to): P&L is marked to mid at both ends, fills count when we heard of them.
// Time blocks of max(10 s, window / 100), at most 5 min, give paired differences; their stationary
// bootstrap gives the interval (models.md 21.4). Blocks in which the book did not follow the venue
// are left out of it. Every variant is resampled with the same indices.
//
// Not modelled: others' reactions to our quotes, impact beyond the displayed size. The result says
// so where it matters (warnings). Of a session with real orders our own recorded resting size is
// taken out of the book before any variant runs (what_if/footprint.hpp); our recorded fills stay in
// the market as the taker flow they were. Paper orders never stood in the book.

#include <cstdint>
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

namespace mm::research {

struct Variant {
  std::string name;                 ///< as printed: "5bps"
  std::vector<Setting> parameters;  ///< of the strategy, where they differ from the recorded ones
};

struct CounterfactualRequest {
  Time from;
  Time to;
  std::vector<Variant> variants;
  std::uint64_t seed = 1;  ///< of the bootstrap
  std::int64_t resamples = 2000;
};

/// One of our executions, for lists and tests.
struct FillLine {
  Time time;  ///< when we heard
  Fill fill;
};

struct CounterfactualRow {
  std::string name;
  Money pnl;                                    ///< = the five parts below, exactly
  std::optional<Money> delta;                   ///< minus simulated_actual; absent for `actual`
  std::optional<std::pair<Money, Money>> ci95;  ///< of delta; absent below 30 blocks
  std::int64_t fills = 0;
  Money volume;                         ///< turnover, settlement currency
  std::optional<double> adverse_share;  ///< of fills with a mid 10 s later: pnl_10s < 0
  Money spread_capture;
  Money adverse_selection;
  Money inventory;
  Money fees;  ///< negative = paid
  Money funding;
  Qty max_position;
  std::uint64_t output_digest = 0;  ///< of the decisions from `from` on; 0 for `actual`
  std::vector<FillLine> fill_lines;
};

struct Calibration {
  double precision = 1;
  double recall = 1;
  std::optional<double> time_error_ms;
  Money pnl_error;  ///< simulated_actual - actual
};

struct CounterfactualResult {
  Time from;
  Time to;  ///< the end of the recording if that comes first
  Instrument instrument;
  std::vector<CounterfactualRow> rows;     ///< actual, simulated_actual, variants in order
  std::optional<Calibration> calibration;  ///< absent if the session did not trade
  std::vector<std::string> warnings;       ///< whole sentences
  std::string insight;                     ///< one sentence
  std::int64_t blocks = 0;
  std::int64_t blocks_with_gaps = 0;
};

/// A usage error for an unknown parameter or value; a data error if the stream does not start with
/// a session, or holds nothing in the window.
Result<CounterfactualResult> run_counterfactual(const CounterfactualRequest& request,
                                                const Recording& recording);

}  // namespace mm::research
