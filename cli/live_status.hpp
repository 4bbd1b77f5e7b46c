#pragma once

// LiveStatus: how a live session goes, on stderr.
//
// On a terminal one line that is written anew; elsewhere one plain line every ten seconds.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "live/execution.hpp"
#include "live/journal_sink.hpp"
#include "venues/live/live_feed.hpp"

namespace mm::cli {

class LiveStatus {
 public:
  /// All borrowed.
  LiveStatus(const std::vector<Instrument>& instruments, const Engine& engine,
             const std::vector<std::unique_ptr<venues::LiveFeed>>& feeds,
             const live::Execution& execution);
  ~LiveStatus();
  LiveStatus(const LiveStatus&) = delete;
  LiveStatus& operator=(const LiveStatus&) = delete;

  /// To be called a few times a second; prints when it is time.
  void show(const live::RecordingStatus& status);
  /// Takes the line off the terminal.
  void clear();
  /// The line, `rate` being events a second.
  std::string line(const live::RecordingStatus& status, double rate) const;

 private:
  using Clock = std::chrono::steady_clock;

  const std::vector<Instrument>& instruments_;
  const Engine& engine_;
  const std::vector<std::unique_ptr<venues::LiveFeed>>& feeds_;
  const live::Execution& execution_;
  Clock::time_point shown_at_;
  std::uint64_t shown_inputs_ = 0;
  bool terminal_ = false;
  bool on_screen_ = false;
};

}  // namespace mm::cli
