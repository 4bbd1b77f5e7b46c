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

/// Order-by-order recordings, told by their venue.
struct OrderFormat {
  std::string_view venue;
  std::int64_t price_decimals;
  std::int64_t tick;
  std::int64_t lot_decimals;
};
constexpr OrderFormat order_formats[] = {{"lobster", 4, 100, 0}, {"bitstamp", 2, 1, 8}};

const OrderFormat* order_format(std::string_view feed) {
  for (const OrderFormat& format : order_formats)
    if (feed.substr(0, feed.find(':')) == format.venue) return &format;
  return nullptr;
}

/// "lobster:AAPL=FILE[,FILE...]": these venues have no definitions but what the format says.
SimulateSetup set_up_l3(SimulatorOptions flags, const std::string& feed,
                        const OrderFormat& format) {
  const std::size_t colon = feed.find(':');
  const std::size_t equals = feed.find('=');
  if (colon == std::string::npos || equals == std::string::npos || equals <= colon + 1 ||
      equals + 1 == feed.size())
    usage(fmt::format("--venue {}: name a symbol and a file, as in {}:SYMBOL=FILE", feed,
                      format.venue));
  flags.queue.reset();
  SimulateSetup setup;
  setup.order_by_order = true;
  setup.spec = {.venue = std::string(format.venue),
                .symbol = feed.substr(colon + 1, equals - colon - 1),
                .files = {feed.substr(equals + 1)}};
  setup.instrument = {.venue = setup.spec.venue,
                      .symbol = setup.spec.symbol,
                      .price_decimals = format.price_decimals,
                      .lot_decimals = format.lot_decimals,
                      .tick = Price::from_units(format.tick),
                      .qty_step = Qty::from_lots(1),
                      .settlement = "USD"};
  setup.settings = simulator_settings(flags);
  apply_fees(flags, {}, setup.instrument);
  return setup;
}

}  // namespace

SimulateSetup set_up(const SimulateOptions& options) {
  if (options.venues.size() != 1)
    usage(fmt::format("--venue: a script is of one instrument, {} were given",
                      options.venues.size()));
  const std::string& feed = options.venues.front();
  const OrderFormat* format = order_format(feed);
  const bool fifo = options.simulator.queue == "l3_fifo";
  if (fifo && format == nullptr)
    usage(
        fmt::format("--queue l3_fifo: needs a recording of every order, lobster:SYMBOL=FILE or "
                    "bitstamp:SYMBOL=FILE; {} shows levels",
                    feed.substr(0, feed.find('='))));
  if (format != nullptr) {
    if (!fifo || options.fill_rules != "mm")
      usage(
          fmt::format("--venue {}: a recording of every order runs with --fill-rules mm --queue "
                      "l3_fifo",
                      feed));
    return set_up_l3(options.simulator, feed, *format);
  }
  SimulateSetup setup;
  setup.spec = venues::parse_feed_spec("--venue", feed);
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
  if (setup.order_by_order) {
    if (options.journal_given) usage("--journal: the journal has no records for every order");
    return simulate_l3(globals, options, setup);
  }
  if (options.fill_rules == "mm") return simulate_mm(globals, options, setup);
  if (options.journal_given)
    usage("--journal: --fill-rules hft answers a script and keeps no journal");
  return simulate_hft(globals, options, setup);
}

}  // namespace mm::cli
