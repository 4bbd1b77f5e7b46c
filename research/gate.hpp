#pragma once

// Does a component of the quote engine earn its place? (Models 2, 18.5, 21.4; source 3.8.)
//
// The recorded inputs are re-run in a closed loop twice, with the strategy's switch `use_COMPONENT`
// on and off from `from` on, and two things are compared:
//
//   calibration  how well the predictions of the log came true, by the loss that fits the component
//   P&L          of the simulated sessions
//
// Both are cut into the same blocks of time; the stationary bootstrap of the blocks' differences
// gives an interval and p. The two runs quote differently, so their predictions are paired by time,
// not order by order: a block counts where both made some. Several gates at once are one family
// (Holm), calibration and P&L one each.
//
// Each component has the loss that suits it (gate_losses.hpp).

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.hpp"
#include "engine/types.hpp"
#include "research/gate_losses.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research {

struct GateComponent {
  std::string_view name;    ///< "lead_lag"
  std::string_view toggle;  ///< the strategy's parameter
  GateLoss loss = GateLoss::adverse;
};
/// All of them, by name.
std::span<const GateComponent> gate_components();
/// Null if there is none of that name.
const GateComponent* find_gate_component(std::string_view name);

enum class GateVerdict : std::uint8_t { unknown, improve, no_difference, worse };
/// "improve", "no difference", "worse", "cannot be told".
std::string_view name_of(GateVerdict verdict);

struct GateMeasure {
  std::optional<double> on;   ///< mean loss, or P&L, with the component
  std::optional<double> off;  ///< and without
  /// By how much the component is better (a block's mean; P&L: of the window), with its interval.
  std::optional<double> gain;
  std::optional<double> low;
  std::optional<double> high;
  std::optional<double> p;
  std::optional<double> p_adjusted;  ///< Holm over the gates
  std::int64_t blocks = 0;           ///< in which both runs can be compared
  std::int64_t records_on = 0;       ///< predictions with an outcome; P&L: fills
  std::int64_t records_off = 0;
  GateVerdict verdict = GateVerdict::unknown;
};

struct GateResult {
  const GateComponent* component = nullptr;
  GateMeasure calibration;
  GateMeasure pnl;                 ///< settlement currency
  std::vector<std::string> notes;  ///< whole sentences
};

struct GateRequest {
  Time from;
  Time to;
  std::vector<const GateComponent*> components;
  std::uint64_t seed = 1;
  std::int64_t resamples = 2000;
  std::size_t threads = 1;
  const std::atomic<bool>* stop = nullptr;
  std::function<void()> tick;  ///< as of CounterfactualRequest
};

/// A usage error if the session's strategy has no such switch or it was off, if the session traded
/// nothing (execution none), or as of sweep. In the order asked for.
Result<std::vector<GateResult>> run_gates(const Recording& recording, const GateRequest& request);

}  // namespace mm::research
