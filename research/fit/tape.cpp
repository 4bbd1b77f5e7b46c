#include "research/fit/tape.hpp"

#include "research/what_if/footprint.hpp"
#include "strategies/session_engine.hpp"

namespace mm::research {
namespace {

/// The event as the reader is to see it: instruments change places.
Event seen(const Event& event, const Tape& tape) {
  Event result = event;
  result.header.instrument = tape.seen_as(event.header.instrument);
  if (auto* definition = std::get_if<InstrumentDefined>(&result.body);
      definition != nullptr && tape.instrument != InstrumentId{})
    definition->role =
        result.header.instrument == InstrumentId{} ? InstrumentRole::quoted : InstrumentRole::lead;
  return result;
}

}  // namespace

std::optional<Error> read_tape(const Recording& recording, const Tape& tape, TapeReader& reader) {
  const EventStream events = recording.inputs();
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
  if (start->execution == "live") footprint.emplace(recording.records());

  Market as_recorded;  // what the footprint needs to know
  Market market;
  std::vector<Output> unused;
  std::uint64_t heard = 0;
  for (; event != nullptr && event->header.recv_time < tape.to; event = events()) {
    const Event& others = footprint ? footprint->without_us(*event, as_recorded) : *event;
    if (footprint) as_recorded.apply(others);
    const Event shown = seen(others, tape);
    market.apply(shown);
    outlook.apply(shown, market, unused);
    unused.clear();
    for (; heard < outlook.order_count(); ++heard)
      reader.on_order(*outlook.order(heard + 1), outlook.last_features());
    reader.on_event(shown, market, outlook);
  }
  return std::nullopt;
}

}  // namespace mm::research
