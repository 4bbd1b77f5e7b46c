// mmctl verify: every byte of a journal; rebuilding its index; salvaging what is left of it.

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/print_record.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "engine/result.hpp"
#include "journal/verify.hpp"

namespace mm::cli {
namespace {

journal::Progress shown_on(Progress& progress) {
  return [&progress](std::uint64_t done, std::uint64_t total) {
    progress.update(total == 0 ? 0.0 : static_cast<double>(done) / static_cast<double>(total),
                    done);
  };
}

Json document(const journal::Verification& result) {
  Json out;
  out["ok"] = result.ok;
  out["segments"] = result.segments;
  out["blocks"] = result.blocks;
  out["events"] = result.events;
  out["outputs"] = result.outputs;
  out["checkpoints"] = result.checkpoints;
  out["raw_frames"] = result.raw_frames;
  Json problems = Json::array();
  for (const auto& problem : result.problems)
    problems.push_back(Json{{"file", problem.file},
                            {"offset", problem.offset},
                            {"what", problem.what},
                            {"action", problem.action}});
  out["problems"] = std::move(problems);
  out["notes"] = result.notes;
  return out;
}

int salvage(const Globals& globals, const std::string& out) {
  Progress progress("salvaging", "bytes");
  const journal::SalvageReport report = journal::salvage(globals.journal, out, shown_on(progress));
  if (globals.json) {
    Json lost = Json::array();
    for (const auto& damage : report.lost)
      lost.push_back(Json{{"file", damage.file}, {"offset", damage.offset}, {"what", damage.what}});
    fmt::print("{}\n", Json{{"sessions", report.sessions},
                            {"records", report.records},
                            {"checkpoints", report.checkpoints},
                            {"raw_frames", report.raw_frames},
                            {"lost", std::move(lost)}}
                           .dump(2));
    return 0;
  }
  fmt::print("saved {} records of {} sessions to {}\n", report.records, report.sessions, out);
  for (const auto& damage : report.lost)
    fmt::print("lost: {} at byte {}: {}\n", damage.file, damage.offset, damage.what);
  return 0;
}

}  // namespace

int verify(const Globals& globals, const VerifyOptions& options) {
  if (options.rebuild_index && options.salvage)
    throw Error(ErrorKind::usage, "verify: --rebuild-index and --salvage do not go together");
  if (options.salvage) return salvage(globals, *options.salvage);
  if (options.rebuild_index) journal::rebuild_index(globals.journal);
  journal::Verification result;
  {
    Progress progress("verifying", "bytes");
    result = journal::verify(globals.journal, shown_on(progress), read_ahead(options.threads));
  }
  if (globals.json) {
    fmt::print("{}\n", document(result).dump(2));
  } else {
    fmt::print("{}: {} events and {} outputs in {} blocks of {} segments\n",
               result.ok ? "ok" : "DAMAGED", result.events, result.outputs, result.blocks,
               result.segments);
    for (const auto& problem : result.problems)
      fmt::print("problem: {} at byte {}: {}; {}\n", problem.file, problem.offset, problem.what,
                 problem.action);
    for (const auto& note : result.notes) fmt::print("note: {}\n", note);
  }
  if (!result.readable) return 3;
  return result.ok ? 0 : 1;
}

}  // namespace mm::cli
