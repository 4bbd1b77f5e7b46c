// mmctl info: what a journal holds, from the block headers alone.

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "engine/describe.hpp"

namespace mm::cli {
namespace {

Json time_or_null(const std::optional<Time>& time) {
  return time ? Json(format_time(*time)) : Json(nullptr);
}

std::string hex(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

std::string state_of(const journal::SessionInfo& session) {
  if (session.live) return "recording";
  if (session.recovered) return "recovered";
  return session.closed ? "closed" : "unsealed";
}

Json session_json(const journal::Journal& journal, const journal::SessionInfo& session) {
  Json out;
  out["number"] = session.number;
  out["id"] = session.id;
  out["state"] = state_of(session);
  out["started"] = format_time(session.started);
  out["build"] = session.build;
  out["records"] = session.end_seq.value;
  out["inputs"] = session.inputs;
  out["outputs"] = session.outputs;
  const bool any = session.end_seq.value != 0;
  out["first"] = any ? Json(format_time(session.first_time)) : Json(nullptr);
  out["last"] = any ? Json(format_time(session.last_time)) : Json(nullptr);
  out["input_digest"] = session.digests_known ? Json(hex(session.input_digest)) : Json(nullptr);
  out["output_digest"] = session.digests_known ? Json(hex(session.output_digest)) : Json(nullptr);
  const SessionHead head = any ? read_head(journal, session) : SessionHead{};
  out["strategy"] = head.strategy;
  out["execution"] = head.execution;
  out["parameters"] = head.parameters;
  out["settings"] = head.settings;
  Json instruments = Json::array();
  for (const Instrument& instrument : head.instruments)
    instruments.push_back(instrument.venue + ":" + instrument.symbol);
  out["instruments"] = std::move(instruments);
  Json sets = Json::array();
  for (const auto& set : head.parameter_sets)
    sets.push_back(Json{{"model", set.model}, {"hash", set.hash}});
  out["parameter_sets"] = std::move(sets);
  return out;
}

Json document(const journal::Journal& journal, const journal::JournalInfo& info,
              const std::vector<const journal::SessionInfo*>& sessions) {
  Json out;
  out["events"] = info.inputs;
  out["outputs"] = info.outputs;
  out["rows"] = info.rows;
  out["first"] = time_or_null(info.first);
  out["last"] = time_or_null(info.last);
  out["segments"] = info.segments;
  out["blocks"] = info.blocks;
  out["checkpoints"] = info.checkpoints;
  out["raw_frames"] = info.raw_frames;
  out["bytes"] = Json{{"records", info.bytes.records}, {"checkpoints", info.bytes.checkpoints},
                      {"raw", info.bytes.raw},         {"index", info.bytes.index},
                      {"tail", info.bytes.tail},       {"allocated", info.bytes.allocated}};
  Json kinds = Json::object();
  for (const auto& [kind, count] : info.by_kind) kinds[std::string(name_of(kind))] = count;
  out["by_kind"] = std::move(kinds);
  Json list = Json::array();
  for (const auto* session : sessions) list.push_back(session_json(journal, *session));
  out["sessions"] = std::move(list);
  Json gaps = Json::array();
  for (const auto& gap : info.gaps)
    gaps.push_back(Json{{"session", gap.session},
                        {"first_seq", gap.first_seq.value},
                        {"end_seq", gap.end_seq.value},
                        {"time", format_time(gap.time)},
                        {"what", gap.what}});
  out["gaps"] = std::move(gaps);
  return out;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

int info(const Globals& globals) {
  const journal::Journal journal = open_journal(globals);
  Globals all = globals;
  if (all.session == "latest") all.session = "all";  // info is of the whole journal unless asked
  const auto sessions = chosen_sessions(journal, all);
  const bool one = globals.session != "latest" && globals.session != "all";
  const journal::JournalInfo info = journal.info(one ? sessions.front() : nullptr);
  if (globals.json) {
    fmt::print("{}\n", document(journal, info, sessions).dump(2));
    return 0;
  }
  fmt::print("journal   {}\n", journal.directory().string());
  if (!info.first) {
    fmt::print("empty: no events yet\n");
    return 0;
  }
  fmt::print("events    {} in, {} out, {} rows\n", info.inputs, info.outputs, info.rows);
  fmt::print("time      {} .. {}\n", format_time(*info.first), format_time(*info.last));
  fmt::print("size      {} in {} blocks of {} segments ({:.2f} bytes a row)",
             size_text(info.bytes.records), info.blocks, info.segments,
             info.rows == 0
                 ? 0.0
                 : static_cast<double>(info.bytes.records) / static_cast<double>(info.rows));
  fmt::print("; checkpoints {}, raw {}, index {}\n", size_text(info.bytes.checkpoints),
             size_text(info.bytes.raw), size_text(info.bytes.index));
  std::vector<TableRow> kinds{{"kind", "count"}};
  for (const auto& [kind, count] : info.by_kind)
    kinds.push_back({std::string(name_of(kind)), std::to_string(count)});
  fmt::print("\n{}", format_table(kinds));
  for (const auto* session : sessions) {
    const SessionHead head =
        session->end_seq.value != 0 ? read_head(journal, *session) : SessionHead{};
    fmt::print("\nsession   {} ({}), {}\n", session->number, session->id.substr(0, 8),
               state_of(*session));
    if (session->end_seq.value == 0) continue;
    fmt::print("time      {} .. {}\n", format_time(session->first_time),
               format_time(session->last_time));
    fmt::print("strategy  {} ({} execution)\n", head.strategy, head.execution);
    for (const auto& set : head.parameter_sets)
      fmt::print("model     {} {}\n", set.model, set.hash);
    for (std::size_t i = 0; i < head.instruments.size(); ++i)
      fmt::print("{} {}\n", i == 0 ? "quoted   " : "lead     ",
                 instrument_name(InstrumentId{static_cast<std::uint16_t>(i)}, head.instruments));
    if (session->digests_known)
      fmt::print("digests   input {}, output {}\n", hex(session->input_digest),
                 hex(session->output_digest));
  }
  if (!info.gaps.empty()) fmt::print("\ngaps\n");
  for (const auto& gap : info.gaps)
    fmt::print("  {} session {} seq {}: {}\n", format_time(gap.time), gap.session,
               gap.first_seq.value, gap.what);
  return 0;
}

}  // namespace mm::cli
