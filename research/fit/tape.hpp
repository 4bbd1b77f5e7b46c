#pragma once

// A recording read once for a fit: the market and its outlook (engine/outlook) folded as a session
// would, so that what is fitted is what the models will be shown.
//
// Any instrument of the session can be looked at: it and the quoted one change places, so that the
// outlook is of the instrument wanted. Of a session with real orders our own displayed size is
// taken out of the book before anything sees it (what_if/footprint.hpp).

#include <optional>

#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/result.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research {

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
  /// A taker order of the instrument is known to be complete, its features were these.
  virtual void on_order(const TakerOrder&, const TradeFeatures&) {}
  /// The instrument looked at has id 0 here.
  virtual void on_event(const Event&, const Market&, const Outlook&) {}
};

struct Tape {
  InstrumentId instrument;  ///< looked at
  Time to;                  ///< where to stop reading
  OutlookSettings settings{};

  /// Under which id an instrument of the session is seen by the reader.
  InstrumentId seen_as(InstrumentId id) const {
    if (id == instrument) return InstrumentId{};
    return id == InstrumentId{} ? instrument : id;
  }
};

/// From the session's start up to and without tape.to. A data error if the recording does not begin
/// with a session or the session's settings cannot be read.
std::optional<Error> read_tape(const Recording& recording, const Tape& tape, TapeReader& reader);

}  // namespace mm::research
