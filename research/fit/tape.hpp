#pragma once

// Recordings read once for a fit: the market and its outlook (engine/outlook) folded as a session
// would, so that what is fitted is what the models will be shown. Each session has an outlook of
// its own, which begins where the session does.
//
// Any instrument of a session can be looked at: it and the quoted one change places, so that the
// outlook is of the instrument wanted. Of a session with real orders our own displayed size is
// taken out of the book before anything sees it (what_if/footprint.hpp).

#include <chrono>
#include <optional>
#include <span>

#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/result.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research {

/// What a fit takes of one session.
struct FitSession {
  Recording recording;
  Time from;  ///< both within the session
  Time to;
  InstrumentId instrument;           ///< looked at
  std::optional<InstrumentId> lead;  ///< of a model that needs one

  /// Under which id an instrument of the session is seen by the reader.
  InstrumentId seen_as(InstrumentId id) const {
    if (id == instrument) return InstrumentId{};
    return id == InstrumentId{} ? instrument : id;
  }
};

/// Mid of a two-sided touch in price units.
inline double mid_units(const Touch& touch) {
  return static_cast<double>(touch.bid.price.units() + touch.ask.price.units()) / 2;
}

/// Who collects. Market and outlook stand as they are after the event.
class TapeReader {
 public:
  TapeReader() = default;
  TapeReader(const TapeReader&) = delete;
  TapeReader& operator=(const TapeReader&) = delete;
  virtual ~TapeReader() = default;
  /// A session begins: nothing follows on what came before.
  virtual void on_session(const FitSession&) {}
  /// The feed of an instrument has a gap or was lost: what comes of it does not follow on what
  /// came. Before on_event() of the same event.
  virtual void on_gap(Time, InstrumentId) {}
  /// A taker order of the instrument is known to be complete, its features were these.
  virtual void on_order(const TakerOrder&, const TradeFeatures&) {}
  /// The instrument looked at has id 0 here. Events before the session's `from` are told, too.
  virtual void on_event(const Event&, const Market&, const Outlook&) {}
  /// Nothing more comes of the session.
  virtual void on_session_end() {}
};

struct Tape {
  OutlookSettings settings{};
  Duration beyond{0};        ///< read so much further than a session's `to`, for outcomes
  Time until = Time::max();  ///< and never as far as this
};

/// Each session from its start up to and without its `to`. A data error if a recording does not
/// begin with a session or the session's settings cannot be read.
std::optional<Error> read_tape(std::span<const FitSession> sessions, const Tape& tape,
                               TapeReader& reader);

}  // namespace mm::research
