// mmctl cat: records as text or JSON lines.

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "cli/session.hpp"
#include "engine/describe.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

std::vector<RecordKind> parse_kinds(const std::vector<std::string>& names) {
  std::vector<RecordKind> kinds;
  std::string known;
  for (int value = 1; value < 256; ++value) {
    const auto kind = static_cast<RecordKind>(value);
    const std::string_view name = name_of(kind);
    if (name == "unknown") continue;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
    if (std::find(names.begin(), names.end(), name) != names.end()) kinds.push_back(kind);
  }
  for (const std::string& name : names) {
    const bool found = std::any_of(kinds.begin(), kinds.end(),
                                   [&](RecordKind kind) { return name_of(kind) == name; });
    if (!found)
      throw Error(ErrorKind::usage,
                  fmt::format("--kind: there is no kind '{}'; kinds are {}", name, known));
  }
  return kinds;
}

void print_raw(const journal::Journal& journal, const journal::SessionInfo& session,
               const CatOptions& options, const journal::TimeWindow& window, bool json) {
  journal::RawCursor cursor = journal.raw(session);
  for (std::uint64_t printed = 0; cursor.next();) {
    const journal::RawFrame& frame = cursor.frame();
    if (frame.recv_time < window.from || frame.recv_time >= window.to) continue;
    if (options.limit != 0 && printed++ == options.limit) break;
    const std::string text(reinterpret_cast<const char*>(frame.bytes.data()), frame.bytes.size());
    if (json) {
      fmt::print("{}\n", Json{{"recv_time", format_time(frame.recv_time)},
                              {"next_seq", frame.next_seq.value},
                              {"feed", frame.feed},
                              {"frame", text}}
                             .dump(-1, ' ', false, Json::error_handler_t::replace));
    } else {
      fmt::print("{} feed {} {}\n", to_ns(frame.recv_time), frame.feed, text);
    }
  }
}

}  // namespace

int cat(const Globals& globals, const CatOptions& options) {
  const std::vector<RecordKind> kinds = parse_kinds(options.kinds);
  const journal::Journal journal = open_journal(globals);
  std::uint64_t printed = 0;
  for (const auto* session : chosen_sessions(journal, globals)) {
    if (session->end_seq.value == 0) continue;
    const journal::TimeWindow window = time_window(options.window, *session);
    if (options.raw) {
      print_raw(journal, *session, options, window, globals.json);
      continue;
    }
    const SessionHead head = read_head(journal, *session);
    journal::RecordCursor cursor = journal.read(*session, window);
    while (cursor.next() == journal::RecordCursor::Item::record) {
      const Record record = cursor.is_output() ? Record{cursor.output()} : Record{cursor.event()};
      if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind_of(record)) == kinds.end())
        continue;
      if (options.limit != 0 && printed == options.limit) return 0;
      ++printed;
      if (globals.json) {
        fmt::print("{}\n", record_to_json(record, head.instruments)
                               .dump(-1, ' ', false, Json::error_handler_t::replace));
      } else {
        fmt::print("{}\n", record_to_text(record, head.instruments));
      }
    }
  }
  return 0;
}

}  // namespace mm::cli
