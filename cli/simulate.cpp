// mmctl simulate: a script of orders against a recorded market.

#include "cli/simulate.hpp"

#include <fmt/format.h>

#include "engine/result.hpp"
#include "venues/capture/capture_feed.hpp"

namespace mm::cli {
namespace {

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

}  // namespace

SimulateSetup set_up(const SimulateOptions& options) {
  if (options.venues.size() != 1)
    usage(fmt::format("--venue: a script is of one instrument, {} were given",
                      options.venues.size()));
  SimulateSetup setup;
  setup.spec = venues::parse_feed_spec("--venue", options.venues.front());
  if (setup.spec.files.empty())
    usage(fmt::format("{}: name a capture, as in {}:{}=capture.gz", venues::quoted_flag(setup.spec),
                      setup.spec.venue, setup.spec.symbol));
  const auto table = options.instruments_file.empty()
                         ? venues::Instruments::built_in()
                         : venues::Instruments::from_file(options.instruments_file);
  setup.instrument = venues::instruments_of({setup.spec}, table).front();
  setup.settings = simulator_settings(options.simulator);
  apply_fees(options.simulator, table, setup.instrument);
  return setup;
}

int simulate(const Globals& globals, const SimulateOptions& options) {
  const SimulateSetup setup = set_up(options);
  if (options.fill_rules == "mm") return simulate_mm(globals, options, setup);
  if (options.journal_given)
    usage("--journal: --fill-rules hft answers a script and keeps no journal");
  return simulate_hft(globals, options, setup);
}

}  // namespace mm::cli
