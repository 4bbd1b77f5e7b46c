#include "cli/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "engine/policy.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"

namespace mm::cli {

journal::Journal open_journal(const Globals& globals) {
  return journal::Journal::open(globals.journal);
}

std::vector<const journal::SessionInfo*> chosen_sessions(const journal::Journal& journal,
                                                         const Globals& globals) {
  std::vector<const journal::SessionInfo*> chosen;
  const auto& sessions = journal.sessions();
  if (globals.session == "all") {
    for (const auto& session : sessions) chosen.push_back(&session);
  } else if (globals.session == "latest") {
    if (!sessions.empty()) chosen.push_back(&sessions.back());
  } else if (const auto* found = journal.find_session(globals.session)) {
    chosen.push_back(found);
  } else {
    std::string known;
    for (const auto& session : sessions)
      known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", session.number,
                           session.id.substr(0, 8));
    throw Error(
        ErrorKind::usage,
        fmt::format("--session: '{}' names no single session of {}; it has {}", globals.session,
                    journal.directory().string(), known.empty() ? "none" : known));
  }
  return chosen;
}

const journal::SessionInfo* chosen_session(const journal::Journal& journal,
                                           const Globals& globals) {
  const auto chosen = chosen_sessions(journal, globals);
  if (chosen.size() > 1)
    throw Error(ErrorKind::usage,
                fmt::format("--session: this command works on one session and {} has {}; give a "
                            "number or an id",
                            journal.directory().string(), chosen.size()));
  return chosen.empty() ? nullptr : chosen.front();
}

journal::ReadAhead read_ahead(std::uint64_t threads) {
  const bool two = threads == 0 ? std::thread::hardware_concurrency() > 1 : threads == 2;
  return two ? journal::ReadAhead::yes : journal::ReadAhead::no;
}

SessionHead read_head(const journal::Journal& journal, const journal::SessionInfo& session) {
  SessionHead head;
  journal::RecordCursor cursor = journal.read(session, journal::SeqWindow{});
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) continue;
    const Event& event = cursor.event();
    if (const auto* start = std::get_if<SessionStart>(&event.body)) {
      head.strategy = start->strategy;
      head.parameters = start->parameters;
      head.execution = start->execution;
      head.settings = start->settings;
    } else if (const auto* definition = std::get_if<InstrumentDefined>(&event.body)) {
      const std::size_t index = event.header.instrument.value;
      if (head.instruments.size() <= index) head.instruments.resize(index + 1);
      head.instruments[index] = instrument_of(*definition);
    } else if (const auto* change = std::get_if<ParameterChange>(&event.body);
               change != nullptr && change->name.starts_with(model_prefix)) {
      head.parameter_sets.push_back(
          {std::string{change->name.substr(model_prefix.size())},
           std::string{find_setting(change->value, "hash").value_or("unknown")}});
    } else {
      break;
    }
  }
  return head;
}

SessionSpan span_of(const journal::SessionInfo& session) {
  return {session.first_time, session.last_time};
}

SessionParts sessions_in(const journal::Journal& journal, const Globals& globals,
                         const WindowOptions& options) {
  std::vector<const journal::SessionInfo*> chosen;
  for (const journal::SessionInfo* session : chosen_sessions(journal, globals))
    if (session->end_seq.value > 0) chosen.push_back(session);
  if (chosen.empty())
    throw Error(ErrorKind::data, fmt::format("{} holds no events", globals.journal));
  SessionSpan span = span_of(*chosen.front());
  for (const journal::SessionInfo* session : chosen) {
    span.first = std::min(span.first, session->first_time);
    span.last = std::max(span.last, session->last_time);
  }
  const bool any = globals.session == "latest" && (options.from || options.to);
  const Time from = parse_time("--from", options.from.value_or("start"), span);
  const Time to = parse_time("--to", options.to.value_or("end"), span);
  if (any) {
    chosen.clear();
    for (const journal::SessionInfo& session : journal.sessions())
      if (session.end_seq.value > 0) chosen.push_back(&session);
    for (const journal::SessionInfo* session : chosen) {
      span.first = std::min(span.first, session->first_time);
      span.last = std::max(span.last, session->last_time);
    }
  }
  parse_window(format_time(from), format_time(to), span);  // refuses what lies outside

  SessionParts result;
  // The later recording first: it counts where two overlap.
  for (auto each = chosen.rbegin(); each != chosen.rend(); ++each) {
    const journal::SessionInfo& session = **each;
    const SessionPart part{&session, std::max(from, session.first_time),
                           std::min(to, session.last_time + Duration{1})};
    if (part.from >= part.to) continue;
    const auto other = std::ranges::find_if(result.parts, [&](const SessionPart& taken) {
      return part.from < taken.to && taken.from < part.to;
    });
    if (other == result.parts.end()) {
      result.parts.push_back(part);
    } else {
      result.left_out.push_back(fmt::format(
          "Session {} was left out: session {} has some of the same time (--session {} takes it).",
          session.number, other->session->number, session.number));
    }
  }
  if (result.parts.empty())
    throw Error(ErrorKind::usage,
                fmt::format("the window {} .. {} has nothing of any session of {}",
                            format_time(from), format_time(to), globals.journal));
  std::ranges::sort(result.parts, {}, &SessionPart::from);  // total order: they do not overlap
  return result;
}

journal::TimeWindow time_window(const WindowOptions& options, const journal::SessionInfo& session) {
  const Window window = parse_window(options.from, options.to, span_of(session));
  return {window.from, window.to};
}

}  // namespace mm::cli
