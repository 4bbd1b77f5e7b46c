#pragma once

// Recording: a session's input through the core into a journal.
//
//   market source -> SessionStream -> SimWorld (answers, timers) -> journal tail -> core -> journal
//
// An input is accepted by the journal before the core sees it; what the core decides is accepted
// before the paper exchange hears of it.

#include <cstdint>
#include <functional>
#include <string>

#include "engine/engine.hpp"
#include "journal/writer.hpp"
#include "live/journal_sink.hpp"
#include "live/session_stream.hpp"
#include "sim/world.hpp"

namespace mm::live {

struct RecorderOptions {
  Pace pace;
  /// Rows between two checkpoints of the core's state (about 48 blocks).
  std::uint64_t checkpoint_rows = 48 * 4096;
  bool raw = false;  ///< keep the frames beside the decoded events
  /// Called after each input with the recorder's figures; may be empty.
  std::function<void(const RecordingStatus&)> status;
};

/// Records one session to its end. The writer is left open. Throws Error(data) if the market source
/// or the journal fails; what was accepted until then is in the journal. The source must hold at
/// least one event, else nothing is recorded.
RecordingStatus record_session(const SessionPlan& plan, venues::MarketSource& market,
                               Engine& engine, const sim::Settings& settings,
                               journal::JournalWriter& writer, const RecorderOptions& options);

}  // namespace mm::live
