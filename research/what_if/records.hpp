#pragma once

// What was computed, before it is judged: sums and counts that can be written down, compared and
// put together again exactly.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/types.hpp"
#include "research/what_if/fidelity.hpp"
#include "research/what_if/fill_curve.hpp"

namespace mm::research {

/// One of our executions, for lists and tests.
struct FillLine {
  Time time;  ///< when we heard
  Fill fill;
};

/// Seconds that quotes stood, by cell: depth bucket (1 bps) * size_classes + size class (power of
/// two of lots). There is one regime as long as journals hold none.
using Exposure = std::map<std::int64_t, std::int64_t>;
inline constexpr std::int64_t size_classes = 64;

/// One row in one member of the ensemble.
struct LaneRecord {
  std::uint64_t output_digest = 0;
  Int128 spread_capture = 0;  // 1e-12 of the settlement currency, as are the other amounts
  Int128 adverse_selection = 0;
  Int128 inventory = 0;
  Int128 fees = 0;
  Int128 funding = 0;
  Int128 volume = 0;
  std::int64_t fills = 0;
  std::int64_t max_position = 0;        ///< lots
  std::int64_t fills_with_markout = 0;  ///< a mid was there 10 s later
  std::int64_t adverse_fills = 0;
  std::int64_t inside_spread_fills = 0;  ///< of orders accepted strictly inside the touch
  std::int64_t dominated_minutes = 0;    ///< our fills were more than a tenth of what traded
  Int128 position_distance = 0;          ///< integral of |position - simulated_actual's|, lots * ns
  std::vector<Int128> blocks;            ///< P&L of each
  Exposure exposure;                     ///< of the first member only
  FillCurve curve;                       ///< likewise
  std::vector<FillLine> fill_lines;      ///< if they were asked for

  Int128 pnl() const { return spread_capture + adverse_selection + inventory + fees + funding; }
};

/// How the run at the recorded parameters reproduces the recording (closed loop, B2).
struct Calibration {
  double precision = 1;
  double recall = 1;
  double f1 = 1;
  std::optional<double> time_error_ms;
  Money pnl_error;  ///< simulated_actual - actual
  bool any_fill = true;
};

/// What is the same whichever variants are computed.
struct BaseRecord {
  Time from;
  Time to;
  Instrument instrument;
  std::string execution;
  std::vector<std::string> members;  ///< the ensemble, as printed
  bool bounds = false;               ///< two more members follow: pessimistic, optimistic
  Duration block{0};
  std::vector<bool> block_has_gap;
  LaneRecord actual;
  std::vector<LaneRecord> simulated;  ///< by member, the bounds last
  std::optional<Calibration> calibration;
  std::optional<Fidelity> fidelity;
};

struct VariantRecord {
  std::size_t index = 0;            ///< of the request's variants
  std::vector<LaneRecord> members;  ///< as BaseRecord::simulated
};

struct SweepRecord {
  BaseRecord base;
  std::vector<VariantRecord> variants;  ///< finished ones, by index

  /// False if the run was stopped before anything was finished.
  bool has_base() const { return !base.simulated.empty(); }
};

}  // namespace mm::research
