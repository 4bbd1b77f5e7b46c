#pragma once

// The flags that say how the simulated exchange behaves: `record --execution paper` and `simulate`.

#include <cstdint>
#include <optional>
#include <string>

#include "engine/instrument.hpp"
#include "sim/settings.hpp"
#include "venues/instruments.hpp"

namespace mm::cli {

struct SimulatorOptions {
  std::optional<std::string> latency;  ///< --latency 5ms[,7ms][;KIND=..], rows:FILE, empirical:FILE
  std::optional<std::string> queue;    ///< --queue; default: sim/settings.hpp
  std::optional<std::string> fees;     ///< --fees MAKERbps,TAKERbps or tier:N
  std::optional<std::string> replace_queue;             ///< --replace-queue venue|back|keep
  std::optional<std::int64_t> venue_orders_per_minute;  ///< --venue-orders-per-minute
  std::optional<std::uint64_t> seed;                    ///< --seed
  std::string sim_params;  ///< --sim-params: queue and latency where the flags above are not given
};

/// The settings the flags ask for; files of round trips are read, so that the settings hold them.
/// Throws Error(usage) naming the flag, Error(data) naming file and line.
sim::Settings simulator_settings(const SimulatorOptions& options);

/// Gives the instrument the fees of --fees, as its definition: what the simulator charges and what
/// a strategy reckons with. Throws Error(usage) naming the flag.
void apply_fees(const SimulatorOptions& options, const venues::Instruments& table,
                Instrument& instrument);

}  // namespace mm::cli
