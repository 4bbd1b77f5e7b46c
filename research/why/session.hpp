#pragma once

// A recorded session as an explanation reads it: from anywhere, not only from its start.
//
// Whoever has the journal fills in the functions; nothing here knows of files. Streams throw at
// damage.

#include <functional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research::why {

/// A record that is worth finding: fill, feed status, alert, annotation, parameter change, kill
/// switch.
struct Landmark {
  Seq seq;
  Time time;
  RecordKind kind = RecordKind::unspecified;
};

/// The core as it stood in front of record `at`.
struct CoreAt {
  Engine engine;
  Seq at;
};

struct Session {
  std::string strategy;
  std::string parameters;  ///< "name=value" lines at its start
  std::string execution;
  std::string settings;                 ///< "name=value" lines
  std::vector<Instrument> instruments;  ///< by InstrumentId; the first is quoted
  Seq end;                              ///< records are [0, end)
  Time first_time;
  Time last_time;
  std::vector<Landmark> landmarks;  ///< in order

  /// Where core_before(seq) starts, without building it: at or before `seq`.
  std::function<Seq(Seq)> checkpoint_before;
  /// A core from the last checkpoint at or before `seq` that this build can read, else a new one.
  std::function<CoreAt(Seq)> core_before;
  /// Records of [from, to).
  std::function<RecordStream(Seq from, Seq to)> records;
  /// The first record at or after a time; `end` if there is none.
  std::function<Seq(Time)> seq_at;

  /// Our orders stood at a venue (or in a made-up market), not in the paper exchange: they are part
  /// of the displayed book, and venue stamps are on the venue's clock.
  bool real_orders() const { return execution == "live"; }
  const Instrument& quoted() const { return instruments.front(); }
};

}  // namespace mm::research::why
