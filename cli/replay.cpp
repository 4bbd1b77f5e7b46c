// mmctl replay: fold a window again, compare every output.

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "engine/result.hpp"
#include "journal/replay.hpp"
#include "strategies/session_engine.hpp"

namespace mm::cli {
namespace {

std::string hex(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

Engine engine_of(const SessionStart& start) {
  auto engine = make_engine(start);
  if (engine) return std::move(*engine);
  // What a journal says is data, not usage: another version of mmctl wrote it.
  throw Error(ErrorKind::data, fmt::format("replay: this build cannot make the recorded core: {}",
                                           engine.error().message()));
}

/// The record that led to a divergence, copied into a JSON object.
Json cause_of(const journal::Journal& journal, const journal::SessionInfo& session, Seq cause,
              const Instruments& instruments) {
  journal::RecordCursor cursor =
      journal.read(session, journal::SeqWindow{cause, Seq{cause.value + 1}});
  if (cursor.next() != journal::RecordCursor::Item::record || cursor.is_output()) return nullptr;
  return record_to_json(Record{cursor.event()}, instruments);
}

Json divergence_json(const journal::Journal& journal, const journal::SessionInfo& session,
                     const journal::Divergence& divergence, const Instruments& instruments) {
  const auto output_json = [&](const std::optional<Output>& output) {
    return output ? record_to_json(Record{*output}, instruments) : Json(nullptr);
  };
  Json out{{"kind", std::string(name_of(divergence.kind))},
           {"seq", divergence.seq.value},
           {"time", format_time(divergence.time)},
           {"recorded", output_json(divergence.recorded)},
           {"recomputed", output_json(divergence.recomputed)}};
  if (divergence.kind == journal::Divergence::Kind::digest ||
      divergence.kind == journal::Divergence::Kind::state) {
    out["recorded_digest"] = hex(divergence.recorded_digest);
    out["recomputed_digest"] = hex(divergence.recomputed_digest);
  }
  Json fields = Json::array();
  if (divergence.recorded && divergence.recomputed) {
    const Json& recorded = out["recorded"];
    const Json& recomputed = out["recomputed"];
    for (const auto& [name, value] : recorded.items()) {
      const Json other = recomputed.value(name, Json(nullptr));
      if (value != other)
        fields.push_back(Json{{"field", name}, {"recorded", value}, {"recomputed", other}});
    }
    for (const auto& [name, value] : recomputed.items())
      if (!recorded.contains(name))
        fields.push_back(Json{{"field", name}, {"recorded", nullptr}, {"recomputed", value}});
  }
  out["fields"] = std::move(fields);
  out["cause"] = cause_of(journal, session, divergence.cause, instruments);
  return out;
}

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print_divergence(const Json& divergence) {
  fmt::print("DIVERGED ({}) at seq {}, {}\n", plain(divergence["kind"]),
             divergence["seq"].get<std::uint64_t>(), plain(divergence["time"]));
  std::vector<TableRow> rows{{"field", "recorded", "recomputed"}};
  for (const Json& field : divergence["fields"])
    rows.push_back({plain(field["field"]), plain(field["recorded"]), plain(field["recomputed"])});
  if (rows.size() == 1) {
    for (const char* side : {"recorded", "recomputed"})
      fmt::print("  {:<10} {}\n", side,
                 divergence[side].is_null() ? "nothing" : divergence[side].dump());
  }
  if (divergence.contains("recorded_digest"))
    rows.push_back(
        {"digest", plain(divergence["recorded_digest"]), plain(divergence["recomputed_digest"])});
  if (rows.size() > 1) fmt::print("{}", format_table(rows));
  fmt::print("caused by {}\n", divergence["cause"].dump());
}

/// Sleeps so that recorded time passes `speed` times as fast as ours.
class Pacer {
 public:
  explicit Pacer(double speed) : speed_(speed), started_(std::chrono::steady_clock::now()) {}
  void wait_for(Time time) {
    if (!first_) first_ = time;
    std::this_thread::sleep_until(started_ +
                                  std::chrono::nanoseconds{static_cast<std::int64_t>(
                                      static_cast<double>((time - *first_).count()) / speed_)});
  }

 private:
  double speed_;
  std::chrono::steady_clock::time_point started_;
  std::optional<Time> first_;
};

void print_state(Seq seq, const Engine& engine) {
  const StateDigests digests = engine.digests();
  std::string line = fmt::format("state at seq {}: root {:016x}{:016x}", seq.value,
                                 digests.root.high, digests.root.low);
  for (const StateModule module : state_modules)
    line += fmt::format(" {} {:016x}", name_of(module), digests.of(module).low);
  fmt::print(stderr, "{}\n", line);
}

}  // namespace

int replay(const Globals& globals, const ReplayOptions& options) {
  const journal::Journal journal = open_journal(globals);
  const std::optional<double> speed = parse_speed("--speed", options.speed);
  // A paced replay waits for the clock and needs no second thread.
  const journal::ReadAhead ahead =
      options.threads == 0 && speed ? journal::ReadAhead::no : read_ahead(options.threads);
  const auto started = std::chrono::steady_clock::now();
  journal::ReplayResult total;
  total.bit_exact = true;
  Json divergence = nullptr;
  std::uint64_t sessions = 0;
  for (const journal::SessionInfo* session : chosen_sessions(journal, globals)) {
    if (session->end_seq.value == 0) continue;
    ++sessions;
    const journal::TimeWindow window = time_window(options.window, *session);
    Progress progress("replaying", "events");
    std::optional<Pacer> pacer;
    if (speed) pacer.emplace(*speed);
    journal::ReplayHooks hooks;
    hooks.progress = [&](std::uint64_t done, std::uint64_t all, std::uint64_t events) {
      progress.update(all == 0 ? -1.0 : static_cast<double>(done) / static_cast<double>(all),
                      events);
    };
    if (pacer)
      hooks.before_event = [&](const Event& event) { pacer->wait_for(event.header.recv_time); };
    if (options.trace_state) hooks.at_checkpoint = print_state;
    journal::ReplayResult result =
        journal::replay(journal, *session, window, engine_of, hooks, ahead);
    total.events += result.events;
    total.outputs += result.outputs;
    total.unrecorded_outputs += result.unrecorded_outputs;
    total.checkpoints_compared += result.checkpoints_compared;
    total.digest = result.digest;
    total.recorded_digest = result.recorded_digest;
    total.bit_exact = total.bit_exact && result.bit_exact;
    for (std::string& note : result.notes) total.notes.push_back(std::move(note));
    if (result.divergence) {
      divergence = divergence_json(journal, *session, *result.divergence,
                                   read_head(journal, *session).instruments);
      break;
    }
  }
  const double elapsed =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (total.events == 0)
    total.notes.push_back(sessions == 0 ? "the journal holds no events"
                                        : "the window holds no events");
  if (total.unrecorded_outputs != 0)
    total.notes.push_back(fmt::format(
        "the recorder was killed before it wrote the last {} outputs; they are recomputed here",
        total.unrecorded_outputs));
  for (const std::string& note : total.notes) fmt::print(stderr, "mmctl: {}\n", note);
  if (globals.json) {
    fmt::print("{}\n", Json{{"events", total.events},
                            {"outputs", total.outputs},
                            {"digest", hex(total.digest)},
                            {"recorded_digest", hex(total.recorded_digest)},
                            {"bit_exact", total.bit_exact},
                            {"divergence", divergence},
                            {"unrecorded_outputs", total.unrecorded_outputs},
                            {"checkpoints_compared", total.checkpoints_compared},
                            {"notes", total.notes},
                            {"elapsed_s", elapsed}}
                           .dump(2));
  } else {
    if (!divergence.is_null()) print_divergence(divergence);
    fmt::print("replayed  {} events, {} outputs in {:.2f} s ({:.0f} events/s)\n", total.events,
               total.outputs, elapsed,
               elapsed > 0 ? static_cast<double>(total.events) / elapsed : 0.0);
    fmt::print("digest    {} (recorded {}); {} checkpoints compared\n", hex(total.digest),
               hex(total.recorded_digest), total.checkpoints_compared);
    fmt::print("bit-exact: {}\n", total.bit_exact ? "yes" : "NO");
  }
  return total.bit_exact ? 0 : 1;
}

}  // namespace mm::cli
