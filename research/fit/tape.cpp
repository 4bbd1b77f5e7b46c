#include "research/fit/tape.hpp"

#include <algorithm>

#include "research/fit/model_fit.hpp"
#include "research/what_if/footprint.hpp"
#include "strategies/session_engine.hpp"

namespace mm::research {
namespace {

/// The event as the reader is to see it: instruments change places.
Event seen(const Event& event, const FitSession& session) {
  Event result = event;
  result.header.instrument = session.seen_as(event.header.instrument);
  if (auto* definition = std::get_if<InstrumentDefined>(&result.body);
      definition != nullptr && session.instrument != InstrumentId{})
    definition->role =
        result.header.instrument == InstrumentId{} ? InstrumentRole::quoted : InstrumentRole::lead;
  return result;
}

std::optional<Error> read_session(const FitSession& session, const Tape& tape, TapeReader& reader) {
  const EventStream events = session.recording.inputs();
  const Event* event = events();
  const auto* start = event == nullptr ? nullptr : std::get_if<SessionStart>(&event->body);
  if (start == nullptr)
    return Error{ErrorKind::data, "fit: the recording does not begin with the start of a session"};
  const auto trader = trader_settings(*start);
  if (trader.has_error()) return trader.error();
  OutlookSettings settings = tape.settings;
  settings.interval = trader->decision_interval;
  // Of no use but for the features of orders, which are asked for by having one.
  settings.classifier.emplace();
  Outlook outlook{settings};
  std::optional<Footprint> footprint;
  if (start->execution == "live") footprint.emplace(session.recording.records());

  Market as_recorded;  // what the footprint needs to know
  Market market;
  std::vector<Output> unused;
  std::uint64_t heard = 0;
  const Time end = std::min(session.to + tape.beyond, tape.until);
  reader.on_session(session);
  for (; event != nullptr && event->header.recv_time < end; event = events()) {
    const Event& others = footprint ? footprint->without_us(*event, as_recorded) : *event;
    if (footprint) as_recorded.apply(others);
    const Event shown = seen(others, session);
    market.apply(shown);
    outlook.apply(shown, market, unused);
    unused.clear();
    for (; heard < outlook.order_count(); ++heard)
      reader.on_order(*outlook.order(heard + 1), outlook.last_features());
    if (const auto* status = std::get_if<FeedStatus>(&shown.body);
        status != nullptr && (status->state == FeedState::gap || status->state == FeedState::lost))
      reader.on_gap(shown.header.recv_time, shown.header.instrument);
    reader.on_event(shown, market, outlook);
  }
  reader.on_session_end();
  return std::nullopt;
}

}  // namespace

std::optional<Error> read_tape(std::span<const FitSession> sessions, const Tape& tape,
                               TapeReader& reader) {
  for (const FitSession& session : sessions) {
    if (session.from >= tape.until) break;
    if (auto error = read_session(session, tape, reader)) return error;
  }
  return std::nullopt;
}

Duration FitRequest::covered() const {
  Duration sum{0};
  for (const FitSession& session : sessions) sum += session.to - session.from;
  return sum;
}

Time FitRequest::split() const {
  Duration judging{static_cast<std::int64_t>(static_cast<double>(covered().count()) * holdout)};
  for (std::size_t i = sessions.size(); i-- > 0;) {
    const Duration length = sessions[i].to - sessions[i].from;
    if (judging <= length) return sessions[i].to - judging;
    judging -= length;
  }
  return from();
}

}  // namespace mm::research
