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
  bool order_by_order = false;  ///< --queue l3_fifo

  std::string queue_name() const { return order_by_order ? "l3_fifo" : settings.queue.name(); }
};

/// --fill-rules mm: sim/exchange.hpp, on the clock of the capture's receive times.
int simulate_mm(const Globals& globals, const SimulateOptions& options, const SimulateSetup& setup);
/// --queue l3_fifo: sim/l3_exchange.hpp, on an order-by-order recording's own clock.
int simulate_l3(const Globals& globals, const SimulateOptions& options, const SimulateSetup& setup);
/// --fill-rules hft: sim/hft_exchange.hpp, on the exchange's clock.
int simulate_hft(const Globals& globals, const SimulateOptions& options,
                 const SimulateSetup& setup);

}  // namespace mm::cli
