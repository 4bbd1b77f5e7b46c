// mmctl regress: golden windows. Each case is a folder DIR/NAME with
//
//   journal/        a small journal made from real data
//   case.json       {"from": TIME, "to": TIME, "variants": [{"spread": "8bps"}, ...]}, all optional
//   expected.json   what this program made of it when somebody last looked: digests, decisions,
//                   fills, P&L
//
// A case folds the recorded inputs through the core as it is now (digest and count of what it
// decides, state at the end) and re-runs the window in the simulator, at the recorded parameters
// and at each variant.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/what_if.hpp"
#include "engine/describe.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "journal/replay.hpp"
#include "research/counterfactual.hpp"
#include "strategies/session_engine.hpp"

namespace mm::cli {
namespace {

namespace fs = std::filesystem;

std::string hex(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

Json read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorKind::data, fmt::format("regress: cannot read {}", path.string()));
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded())
    throw Error(ErrorKind::data, fmt::format("regress: {} is not JSON", path.string()));
  return json;
}

/// What the core, as it is now, makes of the recorded inputs of the whole session.
Json fold_inputs(const journal::Journal& journal, const journal::SessionInfo& session,
                 const SessionHead& head) {
  auto engine =
      make_engine(SessionStart{head.strategy, head.parameters, head.execution, head.settings});
  if (!engine) throw engine.error();
  RollingDigest inputs;
  RollingDigest outputs;
  ByteWriter scratch;
  std::vector<Output> decided;
  std::uint64_t events = 0;
  std::uint64_t fills = 0;
  Json decisions = Json::object();
  journal::RecordCursor cursor = journal.read(session);
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) continue;
    const Event& event = cursor.event();
    ++events;
    if (std::holds_alternative<Fill>(event.body)) ++fills;
    scratch.clear();
    write_record(scratch, event);
    inputs.add(scratch.bytes());
    decided.clear();
    engine->apply(event, decided);
    for (const Output& output : decided) {
      scratch.clear();
      write_record(scratch, output);
      outputs.add(scratch.bytes());
      const std::string kind(name_of(output.kind()));
      decisions[kind] = decisions.value(kind, std::uint64_t{0}) + 1;
    }
  }
  const Trader& trader = engine->trader();
  return Json{
      {"events", events},
      {"input_digest", hex(inputs.value())},
      {"output_digest", hex(outputs.value())},
      {"state_digest", hex(journal::state_digest_of(*engine))},
      {"decisions", std::move(decisions)},
      {"fills", fills},
      {"position", format_qty(engine->market().quoted().definition(), trader.ledger().position())},
      {"pnl", format_money(Money::from_units(trader.attribution().net_pnl()))}};
}

std::vector<research::Variant> case_variants(const Json& definition) {
  std::vector<research::Variant> variants;
  for (const Json& entry : definition.value("variants", Json::array())) {
    research::Variant variant;
    for (const auto& [name, value] : entry.items()) {
      variant.name += (variant.name.empty() ? "" : " ") + name + "=" + value.get<std::string>();
      variant.parameters.push_back({name, value.get<std::string>()});
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

Json run_simulator(const journal::Journal& journal, const journal::SessionInfo& session,
                   const Json& definition) {
  const auto text = [&](const char* key) {
    return definition.contains(key) ? std::optional{definition[key].get<std::string>()}
                                    : std::nullopt;
  };
  const journal::TimeWindow window = time_window({text("from"), text("to")}, session);
  research::CounterfactualRequest request;
  request.from = window.from;
  request.to = window.to;
  request.variants = case_variants(definition);
  auto result = research::run_counterfactual(request, recording_of(journal, session));
  if (!result) throw result.error();
  Json rows = Json::object();
  for (const research::CounterfactualRow& row : result->rows)
    rows[row.name] = Json{{"output_digest", hex(row.output_digest)},
                          {"fills", row.fills},
                          {"pnl", format_money(row.pnl)},
                          {"volume", format_money(row.volume)},
                          {"spread_capture", format_money(row.spread_capture)},
                          {"adverse_selection", format_money(row.adverse_selection)},
                          {"inventory", format_money(row.inventory)},
                          {"fees", format_money(row.fees)}};
  return rows;
}

Json run_case(const fs::path& directory) {
  const Json definition = read_json(directory / "case.json");
  const journal::Journal journal = journal::Journal::open(directory / "journal");
  if (journal.sessions().empty())
    throw Error(ErrorKind::data,
                fmt::format("regress: {} holds no session", (directory / "journal").string()));
  const journal::SessionInfo& session = journal.sessions().back();
  const SessionHead head = read_head(journal, session);
  return Json{{"core", fold_inputs(journal, session, head)},
              {"simulator", run_simulator(journal, session, definition)}};
}

/// "core.decisions.place_order" -> "123", for every leaf.
void flatten(const Json& json, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& out) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      flatten(value, prefix.empty() ? key : prefix + "." + key, out);
    return;
  }
  out.emplace_back(prefix, json.is_string() ? json.get<std::string>() : json.dump());
}

struct Change {
  std::string key;
  std::string golden;
  std::string now;
};

std::vector<Change> changes_between(const Json& golden, const Json& now) {
  std::vector<std::pair<std::string, std::string>> before;
  std::vector<std::pair<std::string, std::string>> after;
  flatten(golden, "", before);
  flatten(now, "", after);
  const auto value_of = [](const auto& list, const std::string& key) {
    const auto at = std::ranges::find(list, key, [](const auto& entry) { return entry.first; });
    return at == list.end() ? std::string("(none)") : at->second;
  };
  std::vector<Change> changes;
  for (const auto& [key, value] : before)
    if (const std::string other = value_of(after, key); other != value)
      changes.push_back({key, value, other});
  for (const auto& [key, value] : after)
    if (value_of(before, key) == "(none)") changes.push_back({key, "(none)", value});
  return changes;
}

std::vector<fs::path> case_directories(const RegressOptions& options) {
  if (!fs::is_directory(options.directory))
    throw Error(ErrorKind::usage,
                fmt::format("regress: there is no directory {}; name one with --golden",
                            options.directory));
  std::vector<fs::path> directories;
  for (const auto& entry : fs::directory_iterator(options.directory))
    if (fs::exists(entry.path() / "case.json")) directories.push_back(entry.path());
  std::ranges::sort(directories);
  if (options.cases.empty()) {
    if (directories.empty())
      throw Error(ErrorKind::usage, fmt::format("regress: {} holds no case (a folder with a "
                                                "case.json)",
                                                options.directory));
    return directories;
  }
  std::vector<fs::path> chosen;
  for (const std::string& name : options.cases) {
    const auto at = std::ranges::find(directories, fs::path(name),
                                      [](const fs::path& path) { return path.filename(); });
    if (at == directories.end())
      throw Error(ErrorKind::usage,
                  fmt::format("regress: {} holds no case '{}'", options.directory, name));
    chosen.push_back(*at);
  }
  return chosen;
}

}  // namespace

int regress_run(const Globals& globals, const RegressOptions& options) {
  bool same = true;
  Json document = Json::array();
  for (const fs::path& directory : case_directories(options)) {
    const std::string name = directory.filename().string();
    const fs::path expected = directory / "expected.json";
    const Json golden = fs::exists(expected) ? read_json(expected) : Json::object();
    const auto changes = changes_between(golden, run_case(directory));
    same = same && changes.empty();
    if (globals.json) {
      Json list = Json::array();
      for (const Change& change : changes)
        list.push_back(Json{{"key", change.key}, {"golden", change.golden}, {"now", change.now}});
      document.push_back(
          Json{{"case", name}, {"same", changes.empty()}, {"changes", std::move(list)}});
      continue;
    }
    if (changes.empty()) {
      fmt::print("{}: same\n", name);
      continue;
    }
    std::vector<TableRow> rows{{"value", "golden", "now"}};
    for (const Change& change : changes) rows.push_back({change.key, change.golden, change.now});
    fmt::print("{}: CHANGED\n{}", name, format_table(rows));
  }
  if (globals.json)
    fmt::print("{}\n", Json{{"same", same}, {"cases", std::move(document)}}.dump(2));
  else if (!same)
    fmt::print(
        "if the change is meant, 'mmctl regress accept' makes it golden; say why in the "
        "commit\n");
  return same ? 0 : 1;
}

int regress_accept(const Globals& globals, const RegressOptions& options) {
  Json document = Json::array();
  for (const fs::path& directory : case_directories(options)) {
    const fs::path path = directory / "expected.json";
    std::ofstream file(path);
    file << run_case(directory).dump(2) << '\n';
    if (!file.flush())
      throw Error(ErrorKind::data, fmt::format("regress: cannot write {}", path.string()));
    if (globals.json) {
      document.push_back(directory.filename().string());
    } else {
      fmt::print("{}: accepted\n", directory.filename().string());
    }
  }
  if (globals.json) fmt::print("{}\n", Json{{"accepted", std::move(document)}}.dump(2));
  return 0;
}

}  // namespace mm::cli
