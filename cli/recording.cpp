#include "cli/recording.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>

#include "cli/build_info.hpp"
#include "cli/progress.hpp"
#include "cli/time_spec.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "strategies/registry.hpp"
#include "strategies/session_engine.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::cli {
namespace {

std::atomic<bool> stop_asked = false;

extern "C" void on_stop_signal(int signal) {
  stop_asked.store(true);
  std::signal(signal, SIG_DFL);
}

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

std::vector<venues::FeedSpec> feed_specs(const RecordOptions& options) {
  if (options.venues.size() != 1)
    usage(
        fmt::format("--venue: a session quotes one instrument, {} were given; watch the others "
                    "with --lead",
                    options.venues.size()));
  std::vector<venues::FeedSpec> specs{venues::parse_feed_spec("--venue", options.venues.front())};
  for (const std::string& lead : options.leads)
    specs.push_back(venues::parse_feed_spec("--lead", lead));
  for (const venues::FeedSpec& spec : specs)
    if (spec.files.empty())
      usage(fmt::format("{}: name the capture files to read, as in {}={}",
                        venues::quoted_flag(spec), spec.venue + ":" + spec.symbol, "capture.gz"));
  return specs;
}

/// "--set" and "--spread" as "name=value" lines.
std::string parameter_lines(const RecordOptions& options) {
  std::string lines;
  for (const std::string& parameter : options.parameters) {
    if (parameter.find('=') == std::string::npos)
      usage(fmt::format("--set: '{}' is not name=value", parameter));
    lines += parameter + '\n';
  }
  if (options.spread) lines += "spread=" + *options.spread + '\n';
  if (!parse_settings(lines)) usage("--set: a parameter is given twice");
  return lines;
}

journal::SyncPolicy sync_policy(const std::string& text) {
  using Mode = journal::SyncPolicy::Mode;
  if (text == "always") return {Mode::always, Duration{}};
  if (text == "none") return {Mode::none, Duration{}};
  return {Mode::interval, parse_duration("--sync", text)};
}

sim::Settings sim_settings(const RecordOptions& options, std::string& lines) {
  sim::Settings settings;
  std::string given;
  if (options.latency) given += "latency=" + *options.latency + '\n';
  if (options.queue) given += "queue=" + *options.queue + '\n';
  if (auto error = sim::Settings::parse(given, settings)) usage("--" + *error);
  lines += settings.format();
  return settings;
}

}  // namespace

Recording run_recording(const Globals& globals, const RecordOptions& options) {
  const auto specs = feed_specs(options);
  const auto table = options.instruments_file.empty()
                         ? venues::Instruments::built_in()
                         : venues::Instruments::from_file(options.instruments_file);
  live::SessionPlan plan;
  plan.instruments = venues::instruments_of(specs, table);
  plan.execution = options.execution;
  auto strategy = make_strategy(options.strategy, parameter_lines(options));
  if (!strategy) throw strategy.error();
  plan.strategy = options.strategy;
  plan.parameters = (*strategy)->parameters();
  std::string settings = TraderSettings{}.format();
  const sim::Settings simulation = sim_settings(options, settings);
  plan.settings = format_settings(parse_settings(settings).value());
  auto engine = make_engine(plan.start());
  if (!engine) throw engine.error();

  live::RecorderOptions recorder;
  if (options.for_duration) recorder.pace.length = parse_duration("--for", *options.for_duration);
  recorder.pace.speed = parse_speed("--speed", options.speed);
  recorder.pace.stop = &stop_asked;
  recorder.raw = options.raw;
  recorder.checkpoint_rows = options.block_rows * 48;
  journal::WriterOptions writer_options;
  writer_options.sync = sync_policy(options.sync);
  writer_options.build = build_fingerprint();
  writer_options.block_rows = static_cast<std::uint32_t>(options.block_rows);
  const auto market = venues::open_captures(specs, plan.instruments);

  Progress progress("recording", "events");
  recorder.status = [&progress](const live::RecordingStatus& status) {
    progress.update(status.progress.total == 0 ? -1.0
                                               : static_cast<double>(status.progress.done) /
                                                     static_cast<double>(status.progress.total),
                    status.inputs);
  };
  stop_asked.store(false);
  std::signal(SIGINT, on_stop_signal);
  std::signal(SIGTERM, on_stop_signal);
  journal::JournalWriter writer = journal::JournalWriter::open(globals.journal, writer_options);
  Recording recording;
  recording.recovery = writer.recovery();
  recording.session_number = writer.session_number();
  recording.session_id = writer.session_id();
  recording.status = live::record_session(plan, *market, *engine, simulation, writer, recorder);
  recording.writer = writer.close();
  const Trader& trader = engine->trader();
  const Money net = Money::from_units(trader.attribution().net_pnl());
  recording.strategy = plan.strategy;
  recording.quoted = plan.instruments.front();
  recording.currency = recording.quoted.settlement;
  recording.position = trader.ledger().position();
  recording.net_pnl = net;
  recording.fees = trader.ledger().fees();
  return recording;
}

void print_recording(const Globals& globals, const Recording& recording) {
  const auto hex = [](std::uint64_t value) { return fmt::format("{:016x}", value); };
  if (!recording.recovery.detail.empty())
    fmt::print(stderr, "mmctl: {}\n", recording.recovery.detail);
  if (globals.json) {
    const Json document{{"journal", globals.journal},
                        {"session", recording.session_number},
                        {"session_id", recording.session_id},
                        {"events", recording.writer.inputs},
                        {"outputs", recording.writer.outputs},
                        {"fills", recording.status.fills},
                        {"gaps", recording.status.gaps},
                        {"position", format_qty(recording.quoted, recording.position)},
                        {"pnl", format_money(recording.net_pnl)},
                        {"fees", format_money(recording.fees)},
                        {"currency", recording.currency},
                        {"input_digest", hex(recording.writer.input_digest)},
                        {"output_digest", hex(recording.writer.output_digest)},
                        {"blocks", recording.writer.blocks},
                        {"blocked_appends", recording.writer.blocked_appends}};
    fmt::print("{}\n", document.dump(2));
    return;
  }
  fmt::print("recorded session {} ({}) in {}\n", recording.session_number,
             recording.session_id.substr(0, 8), globals.journal);
  fmt::print("events    {} in, {} out, {} fills, {} gaps\n", recording.writer.inputs,
             recording.writer.outputs, recording.status.fills, recording.status.gaps);
  fmt::print("strategy  {}: position {}, P&L {} {} (fees {})\n", recording.strategy,
             format_qty(recording.quoted, recording.position), format_money(recording.net_pnl),
             recording.currency, format_money(recording.fees));
  fmt::print("digests   input {}, output {}\n", hex(recording.writer.input_digest),
             hex(recording.writer.output_digest));
}

}  // namespace mm::cli
