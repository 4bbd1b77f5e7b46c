#pragma once

// A parameter set of the simulator as a file: what `mmctl calibrate-sim` chose for an instrument
// and how it knows. `record` and `counterfactual` take it by --sim-params; the values enter the
// session's settings, so a replay needs no file.

#include <string>

#include "cli/print_record.hpp"
#include "sim/settings.hpp"

namespace mm::cli {

struct SimParams {
  std::string instrument;  ///< VENUE:SYMBOL
  sim::QueueModel queue;
  sim::LatencyModel latency;
  Json provenance;  ///< journal, session, window, counts, scores
};

/// Writes the file with the hash of its content. Throws Error(data) if it cannot.
void write_sim_params(const std::string& path, const SimParams& params);
/// Throws Error(data) naming the file if it cannot be read, is something else, or was changed since
/// it was written.
SimParams read_sim_params(const std::string& path);

}  // namespace mm::cli
