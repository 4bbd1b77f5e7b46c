// mmctl simulate --market synthetic: a session on a made-up market, with its truth beside it.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "cli/progress.hpp"
#include "cli/recording.hpp"
#include "cli/time_spec.hpp"
#include "engine/drive.hpp"
#include "engine/settings.hpp"
#include "live/journal_sink.hpp"
#include "live/session_stream.hpp"
#include "sim/synthetic/session.hpp"
#include "sim/synthetic/truth_text.hpp"
#include "sim/world.hpp"

namespace mm::cli {
namespace {

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

int list_parameters(const Globals& globals) {
  const sim::SyntheticSettings defaults;
  sim::SyntheticSettings fields = defaults;
  if (globals.json) {
    Json list = Json::array();
    for (const sim::SettingInfo& info : sim::synthetic_parameters())
      list.push_back(Json{{"name", info.name},
                          {"unit", name_of(info.unit)},
                          {"default", format_setting(info, info.field(fields))},
                          {"minimum", format_setting(info, info.minimum)},
                          {"maximum", format_setting(info, info.maximum)},
                          {"doc", info.doc}});
    fmt::print("{}\n", Json{{"parameters", std::move(list)}}.dump(2));
    return 0;
  }
  for (const sim::SettingInfo& info : sim::synthetic_parameters())
    fmt::print("{:<33} {:>9}  {} ({} to {}{}{})\n", info.name,
               format_setting(info, info.field(fields)), info.doc,
               format_setting(info, info.minimum), format_setting(info, info.maximum),
               name_of(info.unit).empty() ? "" : ", ", name_of(info.unit));
  return 0;
}

/// A configuration file without comments and blank lines.
std::string read_config(const std::string& file) {
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file))
    throw Error(ErrorKind::data, fmt::format("--config {}: cannot be read", file));
  std::string lines;
  for (std::string line; std::getline(in, line);) lines += line.substr(0, line.find('#')) + '\n';
  return lines;
}

/// Spaces around names and values mean nothing.
std::string without_spaces(std::string lines) {
  std::erase_if(lines,
                [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; });
  return lines;
}

sim::SyntheticSettings market_settings(const SyntheticOptions& options) {
  sim::SyntheticSettings settings;
  settings.seed = options.seed;
  if (!options.config_file.empty()) {
    if (auto wrong = settings.set_all(without_spaces(read_config(options.config_file))))
      usage(fmt::format("--config {}: {}", options.config_file, *wrong));
  }
  for (const std::string& setting : options.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      usage(fmt::format("--market-set: '{}' is not name=value", setting));
    if (auto wrong = settings.set(setting.substr(0, equals), setting.substr(equals + 1)))
      usage("--market-set: " + *wrong);
  }
  if (auto wrong = settings.problem()) usage("--market-set: " + *wrong);
  return settings;
}

Instrument instrument_of(const SessionSetup& setup, std::string_view flag, const std::string& text,
                         InstrumentRole role) {
  const venues::FeedSpec spec = venues::parse_feed_spec(flag, text);
  if (!spec.files.empty()) usage(fmt::format("{}: a synthetic market has no files", flag));
  Instrument instrument =
      setup.table.find(spec.venue, spec.symbol, fmt::format("{} {}", flag, text));
  instrument.role = role;
  return instrument;
}

/// The market and whoever executes, as the recorder's market source.
class SyntheticSource final : public venues::MarketSource {
 public:
  SyntheticSource(std::function<const Event*()> next, Duration length)
      : next_(std::move(next)), length_(static_cast<std::uint64_t>(length.count())) {}

  const Event* next() override {
    const Event* event = next_();
    if (begin_ == Time{}) begin_ = event->header.recv_time;
    done_ = static_cast<std::uint64_t>((event->header.recv_time - begin_).count());
    return event;
  }
  void set_raw_sink(std::function<void(const venues::RawFrame&)>) override {}
  venues::Progress progress() const override { return {done_, length_}; }

 private:
  std::function<const Event*()> next_;
  std::uint64_t length_;
  std::uint64_t done_ = 0;
  Time begin_;
};

/// Takes the place of a journal: counts and digests.
class UnkeptSink {
 public:
  explicit UnkeptSink(Recording& recording) : recording_(recording) {}

  void accept(const Event& event) {
    ++recording_.writer.inputs;
    if (std::holds_alternative<Fill>(event.body)) ++recording_.status.fills;
    add(inputs_, event);
    recording_.writer.input_digest = inputs_.value();
  }
  void decided(const Event&, std::span<Output> outputs) {
    recording_.writer.outputs += outputs.size();
    for (const Output& output : outputs) add(outputs_, output);
    recording_.writer.output_digest = outputs_.value();
  }

 private:
  template <class EventOrOutput>
  void add(RollingDigest& digest, const EventOrOutput& record) {
    bytes_.clear();
    write_record(bytes_, record);
    digest.add(bytes_.bytes());
  }

  Recording& recording_;
  RollingDigest inputs_, outputs_;
  ByteWriter bytes_;
};

/// What a SyntheticSession decides by, behind the recorder's stream.
struct ExchangeSource {
  live::SessionStream& stream;
  sim::SyntheticSession& session;
  const Event* next() { return stream.next(); }
  void react(const Event& event, std::span<const Output> outputs) { session.react(event, outputs); }
};

struct Run {
  const live::SessionPlan& plan;
  sim::SyntheticMarket& market;
  sim::Settings simulation;
  Engine& engine;
  live::Pace pace;
  SyntheticSource* source = nullptr;
  sim::SyntheticSession* session = nullptr;  // with execution "exchange"

  template <class Sink>
  void drive_into(Sink& sink) {
    live::SessionStream stream(plan, *source, pace);
    if (session != nullptr) {
      ExchangeSource events{stream, *session};
      drive(events, engine, sink);
      return;
    }
    sim::SimWorld world(simulation);
    sim::WorldSource<live::SessionStream> events(stream, world, engine.market());
    drive(events, engine, sink);
  }
};

void record_run(const Globals& globals, const SessionSetup& setup, std::uint64_t checkpoint_rows,
                Run& run, Recording& recording) {
  journal::JournalWriter writer = journal::JournalWriter::open(globals.journal, setup.writer);
  recording.recovery = writer.recovery();
  recording.session_number = writer.session_number();
  recording.session_id = writer.session_id();
  Progress progress("simulating", "events");
  live::JournalSink sink(run.engine, writer, checkpoint_rows, [&](live::RecordingStatus& status) {
    const venues::Progress at = run.source->progress();
    progress.update(static_cast<double>(at.done) / static_cast<double>(at.total), status.inputs);
  });
  run.drive_into(sink);
  recording.status = sink.status();
  recording.writer = writer.close();
}

}  // namespace

int simulate_market(const Globals& globals, const SyntheticOptions& options) {
  if (options.list_parameters) return list_parameters(globals);
  const sim::SyntheticSettings settings = market_settings(options);
  const bool stands = options.session.execution == "exchange";
  SessionSetup setup;
  set_up_core(setup, options.session);
  // As at a real venue our orders stand in the book that is recorded, unless they are kept out of
  // it.
  if (stands) setup.plan.execution = settings.own_displayed != 0 ? "live" : "paper";
  setup.plan.settings = format_settings(
      parse_settings(setup.plan.settings +
                     fmt::format("market=synthetic\nmarket_seed={}\n", settings.seed))
          .value());
  setup.plan.instruments = {
      instrument_of(setup, "--instrument", options.quoted, InstrumentRole::quoted),
      instrument_of(setup, "--lead-instrument", options.lead, InstrumentRole::lead)};
  note_other_instruments(setup);
  apply_fees(options.session.simulator, setup.table, setup.plan.instruments.front());
  const Duration feed = sim::duration_of(settings.quoted.feed_latency_s);
  const sim::LatencyModel& latency = setup.simulation.latency;
  if (stands && latency.form == sim::LatencyModel::Form::constant && latency.entry < feed)
    usage(
        fmt::format("--latency: entry counts from our receive clock and cannot be below the "
                    "feed's latency of {}",
                    format_duration(feed)));
  const Time noon = time_from_ns(1'767'616'200'000'000'000);  // 2026-01-05T12:30:00Z
  const Time start = options.start ? parse_time("--start", *options.start, {noon, noon}) : noon;

  sim::SyntheticMarket market(setup.plan.instruments[0], setup.plan.instruments[1], settings, start,
                              stands ? std::optional{setup.simulation} : std::nullopt);
  std::ofstream truth;
  if (!options.truth_file.empty()) {
    truth.open(options.truth_file);
    if (!truth)
      throw Error(ErrorKind::data,
                  fmt::format("--truth {}: cannot be written", options.truth_file));
    market.set_truth([&truth](const sim::Truth& of) { truth << sim::truth_line(of) << '\n'; });
  }

  Engine engine = make_core(setup.plan);
  sim::SyntheticSession session(market);
  SyntheticSource source([&] { return stands ? session.next() : market.next(); }, *setup.length);
  Run run{setup.plan, market, setup.simulation, engine, {}, &source, stands ? &session : nullptr};
  run.pace.length = setup.length;
  run.pace.stop = stop_on_signals();
  Recording recording;
  if (options.journal_given) {
    record_run(globals, setup, options.session.block_rows * 48, run, recording);
  } else {
    UnkeptSink sink(recording);
    run.drive_into(sink);
  }
  if (truth.is_open() && !truth.flush())
    throw Error(ErrorKind::data,
                fmt::format("--truth {}: writing failed; is the disk full?", options.truth_file));
  conclude(recording, setup.plan, engine);
  print_recording(globals, recording);
  return 0;
}

}  // namespace mm::cli
