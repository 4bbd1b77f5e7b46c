#pragma once

// A live session from its start to its end: sockets, core, journal and execution in one thread.

#include <functional>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "journal/writer.hpp"
#include "live/journal_sink.hpp"
#include "live/live_source.hpp"

namespace mm::live {

struct LiveOptions {
  LiveSource::Options source;
  /// Rows between two checkpoints of the core's state (about 48 blocks).
  std::uint64_t checkpoint_rows = 48 * 4096;
  bool raw = false;  ///< keep the frames beside the decoded events
  /// Called every `report_every` with the figures; may be empty.
  std::function<void(const RecordingStatus&)> report;
  Duration report_every = std::chrono::milliseconds{250};
  /// Called now and then; a text ends the session. May be empty.
  std::function<std::optional<std::string>()> guard;
  Duration guard_every = std::chrono::seconds{5};
};

struct LiveResult {
  RecordingStatus status;
  std::string end_reason;
  std::size_t orders_left = 0;  ///< that were not known to be gone when patience was at an end
};

/// Records one live session to its end. The writer is left open, the feeds are stopped. Throws
/// Error(data) if the journal fails; what was accepted until then is in it. `stop` is both the
/// caller's, to end the session, and the guard's.
LiveResult record_live(const LiveWorld& world, StopRequest& stop, Engine& engine,
                       journal::JournalWriter& writer, LiveOptions options);

}  // namespace mm::live
