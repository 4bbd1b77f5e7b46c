#pragma once

// What the fill rules of `mmctl simulate` share.

#include "cli/commands.hpp"
#include "engine/instrument.hpp"
#include "sim/settings.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::cli {

struct SimulateSetup {
  venues::FeedSpec spec;
  Instrument instrument;
  sim::Settings settings;
};

/// --fill-rules mm: sim/exchange.hpp, on the clock of the capture's receive times.
int simulate_mm(const Globals& globals, const SimulateOptions& options, const SimulateSetup& setup);
/// --fill-rules hft: sim/hft_exchange.hpp, on the exchange's clock.
int simulate_hft(const Globals& globals, const SimulateOptions& options,
                 const SimulateSetup& setup);

}  // namespace mm::cli
