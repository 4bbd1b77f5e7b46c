#pragma once

// A progress line on stderr for anything that takes longer than a second.
//
// On a terminal: a bar with rate and time left, redrawn ten times a second. Elsewhere: one plain
// line every ten seconds. Never on stdout, no colour.

#include <chrono>
#include <cstdint>
#include <string>

namespace mm::cli {

class Progress {
 public:
  /// `what` is the verb shown ("replaying"), `unit` what is counted ("events").
  Progress(std::string what, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap: looks at the clock every 1,024th call only. `fraction` of the work that is done, in
  /// [0, 1], or negative if unknown; `count` units so far.
  void update(double fraction, std::uint64_t count) {
    if ((++calls_ & 1023) == 0) draw(fraction, count);
  }

  /// For whoever calls seldom: looks at the clock each time.
  void draw_now(double fraction, std::uint64_t count) { draw(fraction, count); }

 private:
  using Clock = std::chrono::steady_clock;
  void draw(double fraction, std::uint64_t count);

  std::string what_;
  std::string unit_;
  Clock::time_point started_;
  Clock::time_point drawn_;
  std::uint64_t calls_ = 0;
  bool terminal_ = false;
  bool shown_ = false;
};

}  // namespace mm::cli
