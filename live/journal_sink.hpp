#pragma once

// JournalSink: the journal's end of a session under way, from files or live.
//
// Each input is in the journal's tail before the core sees it, and what the core decided before
// anybody hears of it. Now and then the core's state is saved, so that a replay may start there.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "engine/engine.hpp"
#include "journal/writer.hpp"
#include "venues/capture/merge.hpp"

namespace mm::live {

/// Figures of a recording under way or done.
struct RecordingStatus {
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;
  std::uint64_t fills = 0;
  std::uint64_t gaps = 0;    ///< gaps and losses of feeds
  std::uint64_t alerts = 0;  ///< of the core
  Time now;
  /// How long the last stamped message of the quoted instrument was under way, by both clocks.
  std::optional<Duration> lag;
  std::optional<Output> last_decision;  ///< the last order placed, moved or cancelled
  venues::Progress progress;            ///< of capture files
};

class JournalSink {
 public:
  /// `told` is called after each input with the figures, which it may add to; may be empty. All
  /// arguments are borrowed.
  JournalSink(const Engine& engine, journal::JournalWriter& writer, std::uint64_t checkpoint_rows,
              std::function<void(RecordingStatus&)> told)
      : engine_(engine),
        writer_(writer),
        checkpoint_rows_(checkpoint_rows),
        told_(std::move(told)) {}

  void accept(const Event& event);
  void decided(const Event& event, std::span<Output> outputs);

  const RecordingStatus& status() const { return status_; }

 private:
  void save_checkpoint();

  const Engine& engine_;
  journal::JournalWriter& writer_;
  std::uint64_t checkpoint_rows_;
  std::function<void(RecordingStatus&)> told_;
  RecordingStatus status_;
  ByteWriter state_;
  std::uint64_t rows_ = 0;
};

}  // namespace mm::live
