#include "cli/live_recording.hpp"

#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <optional>

#include "cli/disk_guard.hpp"
#include "cli/live_orders.hpp"
#include "cli/live_status.hpp"
#include "engine/settings.hpp"
#include "live/live_session.hpp"
#include "live/paper_execution.hpp"
#include "venues/live/definitions.hpp"

namespace mm::cli {
namespace {

/// Further off than this, by the venue's clock, and a warning is due.
constexpr Duration clock_tolerance = std::chrono::milliseconds{100};

venues::Network network_of(const RecordOptions& options) {
  const bool orders = options.execution == "live";
  const auto network =
      venues::Network::parse(options.network.value_or(orders ? "testnet" : "mainnet"));
  if (network.has_error()) throw network.error();
  return *network;
}

/// Trust is needed only where TLS is spoken.
std::unique_ptr<net::TlsClient> tls_for(const RecordOptions& options,
                                        const venues::Network& network) {
  const bool plain = network.local && !network.local->secure();
  if (plain && !options.ca_file.empty())
    throw Error(ErrorKind::usage, fmt::format("--ca-file: {} speaks no TLS", network.text()));
  return plain ? nullptr : std::make_unique<net::TlsClient>(options.ca_file);
}

/// What is to be said of the venues' clocks, on stderr and in the journal.
std::vector<std::string> clock_notes(const std::vector<venues::ClockOffset>& clocks) {
  std::vector<std::string> notes;
  for (const venues::ClockOffset& clock : clocks) {
    const auto ms = [](Duration of) {
      return std::chrono::duration<double, std::milli>(of).count();
    };
    std::string note = fmt::format("clock of {}: {:+.1f} ms against ours, within {:.1f} ms",
                                   clock.venue, ms(clock.offset), ms(clock.uncertainty));
    if (clock.beyond(clock_tolerance))
      fmt::print(stderr,
                 "mmctl: warning: {}; latencies and lead-lag of this session will be off by that: "
                 "check this machine's time daemon\n",
                 note);
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace

Recording run_live(const Globals& globals, const RecordOptions& options, SessionSetup setup) {
  live::SessionPlan& plan = setup.plan;
  std::optional<LiveOrders> orders;
  if (plan.execution == "live") {
    if (setup.specs.front().venue != "hyperliquid")
      throw Error(ErrorKind::usage, "--execution live: orders go to hyperliquid only; quote there");
    orders.emplace(globals, options);
  }
  const venues::Network network = network_of(options);
  std::vector<Setting> settings = parse_settings(plan.settings).value();
  settings.push_back({"network", network.text()});
  if (orders)
    for (Setting& limit : orders->settings()) settings.push_back(std::move(limit));
  plan.settings = format_settings(std::move(settings));
  Engine engine = make_core(plan);
  const auto tls = tls_for(options, network);

  net::Loop loop;
  live::StopRequest stop;
  std::optional<net::Signals> signals;
  signals.emplace(loop, std::initializer_list<int>{SIGINT, SIGTERM}, [&](int signal) {
    stop.reason = fmt::format("stopped by {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
    signals.reset();  // the next one has its usual effect
  });

  const venues::LiveSettings live_settings;
  venues::RestGates gates(loop, tls.get(), live_settings.rest_timeout);
  auto definitions =
      venues::ask_for_definitions(loop, gates, setup.specs, network, setup.table,
                                  2 * live_settings.rest_timeout, [&] { return !!stop.reason; });
  if (!definitions) throw Error(ErrorKind::venue, *stop.reason + " before the session began");
  plan.instruments = definitions->instruments;
  note_other_instruments(setup);
  if (orders) {
    orders->ask_venue(loop, gates, network, *definitions);
  } else {
    apply_fees(options.simulator, setup.table, plan.instruments.front());
  }

  live::LiveOptions session;
  session.source.length = setup.length;
  // What was sent last may be unknown for as long as it can still arrive.
  if (orders) session.source.patience = std::chrono::seconds{12};
  session.source.notes = clock_notes(definitions->clocks);
  for (const std::string& note : definitions->notes) {
    fmt::print(stderr, "mmctl: warning: {}\n", note);
    session.source.notes.push_back(note);
  }
  session.checkpoint_rows = options.block_rows * 48;
  session.raw = options.raw;
  DiskGuard disk(globals.journal, plan.instruments, options.raw);
  disk.check_before_start();
  session.guard = [&] { return disk.reason_to_stop(); };

  live::SystemClock clock;
  std::vector<std::unique_ptr<venues::LiveFeed>> feeds;
  for (std::size_t at = 0; at < plan.instruments.size(); ++at) {
    const Instrument& of = plan.instruments[at];
    venues::FeedPlan feed = venues::plan_feed(of, network, live_settings);
    const auto gate = gates.at(feed.rest);
    const auto seed = static_cast<std::uint64_t>(to_ns(clock.now())) + at * 1000;
    feeds.push_back(std::make_unique<venues::LiveFeed>(
        venues::LiveFeed::Surroundings{loop, tls.get(), [&] { return clock.now(); }}, of,
        InstrumentId{static_cast<std::uint16_t>(at)}, std::move(feed), gate, live_settings, seed));
  }
  journal::JournalWriter writer = journal::JournalWriter::open(globals.journal, setup.writer);
  Recording recording;
  recording.recovery = writer.recovery();
  recording.session_number = writer.session_number();
  recording.session_id = writer.session_id();
  std::unique_ptr<live::Execution> execution;
  if (orders) {
    execution = orders->start(loop, clock, tls.get(), gates, writer.session_id());
  } else {
    execution = std::make_unique<live::PaperExecution>(setup.simulation);
  }
  if (orders) {
    fmt::print(stderr, "mmctl: waiting for the account to be synchronised, {} at most\n",
               format_duration(session.source.start_patience));
    session.source.following = [](bool ready) {
      fmt::print(stderr, "{}",
                 ready ? "mmctl: the account is synchronised; quotes may go out\n"
                       : "mmctl: warning: the account is not synchronised; the market is recorded, "
                         "and orders are refused until it is\n");
    };
  }
  LiveStatus status(plan.instruments, engine, feeds, *execution);
  session.report = [&](const live::RecordingStatus& figures) { status.show(figures); };
  const live::LiveWorld world{plan, loop, clock, feeds, *execution, stop};
  const live::LiveResult result = live::record_live(world, stop, engine, writer, session);
  recording.writer = writer.close();
  status.clear();
  recording.status = result.status;
  recording.end_reason = result.end_reason;
  recording.orders_left = result.orders_left;
  conclude(recording, plan, engine);
  return recording;
}

}  // namespace mm::cli
