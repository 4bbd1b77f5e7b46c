#include "cli/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "cli/build_info.hpp"
#include "cli/live_recording.hpp"
#include "cli/parameter_set.hpp"
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
  venues::check_distinct(specs);
  const auto has_files = [](const venues::FeedSpec& spec) { return !spec.files.empty(); };
  const auto count = std::count_if(specs.begin(), specs.end(), has_files);
  if (count != 0 && static_cast<std::size_t>(count) != specs.size()) {
    const auto bare = std::find_if_not(specs.begin(), specs.end(), has_files);
    usage(fmt::format(
        "{}: the other feeds come from capture files; name files for this one too, as in "
        "{}:{}=capture.gz, or none for all",
        venues::quoted_flag(*bare), bare->venue, bare->symbol));
  }
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

/// What --outlook, --window and --bucket make of the core's settings.
TraderSettings core_settings(const RecordOptions& options) {
  std::string lines;
  const auto line = [&](const char* name, const std::optional<std::string>& value) {
    if (!value) return;
    if (value->find('\n') != std::string::npos) usage(fmt::format("--{}: more than a line", name));
    lines += fmt::format("{}={}\n", name, *value);
  };
  line("outlook", options.outlook);
  line("window", options.window);
  line("bucket", options.bucket);
  line("prediction_log", options.prediction_log);
  TraderSettings settings;
  if (auto error = TraderSettings::parse(lines, settings))
    usage("--outlook, --window, --bucket, --prediction-log: " + *error);
  return settings;
}

journal::SyncPolicy sync_policy(const std::string& text) {
  using Mode = journal::SyncPolicy::Mode;
  if (text == "always") return {Mode::always, Duration{}};
  if (text == "none") return {Mode::none, Duration{}};
  return {Mode::interval, parse_duration("--sync", text)};
}

}  // namespace

SessionSetup set_up(const RecordOptions& options) {
  SessionSetup setup;
  setup.specs = feed_specs(options);
  setup.live = setup.specs.front().files.empty();
  if (setup.live && options.speed) usage("--speed: a live session has the market's own pace");
  if (!setup.live && options.execution == "live")
    usage("--execution live: orders need a live market; name no capture files");
  if (options.execution == "live" && options.simulator.fees)
    usage("--fees: a live account pays what the venue says");
  if (!setup.live && options.network) usage("--network: the feeds come from capture files");
  if (!setup.live && !options.ca_file.empty())
    usage("--ca-file: the feeds come from capture files");
  set_up_core(setup, options);
  return setup;
}

void set_up_core(SessionSetup& setup, const RecordOptions& options) {
  setup.table = options.instruments_file.empty()
                    ? venues::Instruments::built_in()
                    : venues::Instruments::from_file(options.instruments_file);
  auto strategy = make_strategy(options.strategy, parameter_lines(options));
  if (!strategy) throw strategy.error();
  setup.plan.execution = options.execution;
  setup.plan.strategy = options.strategy;
  setup.plan.parameters = (*strategy)->parameters();
  std::vector<ParameterSet> sets;
  if (!options.params.empty()) sets = read_parameter_sets("--params", options.params);
  for (const ParameterSet& set : sets) {
    setup.plan.models.push_back(model_setting(set));
    setup.fitted_on.push_back(set.instrument);
  }
  TraderSettings core = core_settings(options);
  if (!sets.empty()) core.outlook = true;  // who tells models something has models
  std::string settings = core.format();
  setup.simulation = simulator_settings(options.simulator);
  settings += setup.simulation.format();
  setup.plan.settings = format_settings(parse_settings(settings).value());
  if (options.for_duration) setup.length = parse_duration("--for", *options.for_duration);
  setup.writer.sync = sync_policy(options.sync);
  setup.writer.build = build_fingerprint();
  setup.writer.block_rows = static_cast<std::uint32_t>(options.block_rows);
}

void note_other_instruments(const SessionSetup& setup) {
  const std::string quoted = instrument_name(InstrumentId{}, setup.plan.instruments);
  for (std::size_t i = 0; i < setup.fitted_on.size(); ++i)
    if (setup.fitted_on[i] != quoted)
      fmt::print(stderr, "mmctl: note: the set of {} was fitted on {}, the session quotes {}\n",
                 setup.plan.models[i].name, setup.fitted_on[i], quoted);
}

Engine make_core(const live::SessionPlan& plan) {
  auto engine = make_engine(plan.start());
  if (!engine) throw engine.error();
  return std::move(*engine);
}

void conclude(Recording& recording, const live::SessionPlan& plan, const Engine& engine) {
  const Trader& trader = engine.trader();
  recording.strategy = plan.strategy;
  recording.quoted = plan.instruments.front();
  recording.currency = recording.quoted.settlement;
  recording.position = trader.ledger().position();
  recording.net_pnl = Money::from_units(trader.attribution().net_pnl());
  recording.fees = trader.ledger().fees();
}

const std::atomic<bool>* stop_on_signals() {
  stop_asked.store(false);
  std::signal(SIGINT, on_stop_signal);
  std::signal(SIGTERM, on_stop_signal);
  return &stop_asked;
}

Recording run_recording(const Globals& globals, const RecordOptions& options) {
  SessionSetup setup = set_up(options);
  if (setup.live) return run_live(globals, options, std::move(setup));
  live::SessionPlan& plan = setup.plan;
  plan.instruments = venues::instruments_of(setup.specs, setup.table);
  note_other_instruments(setup);
  apply_fees(options.simulator, setup.table, plan.instruments.front());
  Engine engine = make_core(plan);

  live::RecorderOptions recorder;
  recorder.pace.length = setup.length;
  recorder.pace.speed = parse_speed("--speed", options.speed);
  recorder.pace.stop = &stop_asked;
  recorder.raw = options.raw;
  recorder.checkpoint_rows = options.block_rows * 48;
  const auto market = venues::open_captures(setup.specs, plan.instruments);

  Progress progress("recording", "events");
  recorder.status = [&progress](const live::RecordingStatus& status) {
    progress.update(status.progress.total == 0 ? -1.0
                                               : static_cast<double>(status.progress.done) /
                                                     static_cast<double>(status.progress.total),
                    status.inputs);
  };
  stop_on_signals();
  journal::JournalWriter writer = journal::JournalWriter::open(globals.journal, setup.writer);
  Recording recording;
  recording.recovery = writer.recovery();
  recording.session_number = writer.session_number();
  recording.session_id = writer.session_id();
  recording.status =
      live::record_session(plan, *market, engine, setup.simulation, writer, recorder);
  recording.writer = writer.close();
  conclude(recording, plan, engine);
  return recording;
}

void print_recording(const Globals& globals, const Recording& recording) {
  const auto hex = [](std::uint64_t value) { return fmt::format("{:016x}", value); };
  if (!recording.recovery.detail.empty())
    fmt::print(stderr, "mmctl: {}\n", recording.recovery.detail);
  if (recording.orders_left != 0)
    fmt::print(stderr, "mmctl: warning: {} of our orders were not known to be gone at the end\n",
               recording.orders_left);
  if (globals.json) {
    const bool kept = !recording.session_id.empty();
    Json document{{"journal", kept ? Json(globals.journal) : Json(nullptr)},
                  {"session", kept ? Json(recording.session_number) : Json(nullptr)},
                  {"session_id", kept ? Json(recording.session_id) : Json(nullptr)},
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
    if (!recording.end_reason.empty()) {
      document["end"] = recording.end_reason;
      document["orders_left"] = recording.orders_left;
    }
    fmt::print("{}\n", document.dump(2));
    return;
  }
  if (recording.session_id.empty())
    fmt::print("simulated without a journal\n");
  else
    fmt::print("recorded session {} ({}) in {}\n", recording.session_number,
               recording.session_id.substr(0, 8), globals.journal);
  fmt::print("events    {} in, {} out, {} fills, {} gaps\n", recording.writer.inputs,
             recording.writer.outputs, recording.status.fills, recording.status.gaps);
  fmt::print("strategy  {}: position {}, P&L {} {} (fees {})\n", recording.strategy,
             format_qty(recording.quoted, recording.position), format_money(recording.net_pnl),
             recording.currency, format_money(recording.fees));
  if (!recording.end_reason.empty()) fmt::print("ended     {}\n", recording.end_reason);
  fmt::print("digests   input {}, output {}\n", hex(recording.writer.input_digest),
             hex(recording.writer.output_digest));
}

}  // namespace mm::cli
