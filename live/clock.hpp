#pragma once

// Clock: the wall time that events of a live session are stamped with, never decreasing.
//
// The system's clock may be stepped. Against the monotonic clock a step shows as a jump of their
// difference; from `least_step` on it is told (and becomes a ClockStep event). A step forward is
// followed at once. After a step back our time goes on at 7/8 of its pace until the system's clock
// has caught up, so that timers neither stand still nor fire twice. What is smaller, such as the
// slewing of a time daemon, is simply followed.

#include <chrono>

#include "engine/types.hpp"

namespace mm::live {

/// The rule, on two readings of the machine's clocks.
class ClockRule {
 public:
  static constexpr Duration least_step = std::chrono::milliseconds{10};

  /// Our time at this pair of readings, which were taken together. `steady` must not decrease.
  Time read(Duration steady, Time wall);
  /// Steps since the last call, summed; 0 if there was none.
  Duration take_step();

 private:
  bool started_ = false;
  Duration steady_{};
  Time wall_;
  Time ours_;
  Duration step_{};
};

class Clock {
 public:
  virtual ~Clock() = default;
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  virtual Time now() = 0;
  /// Steps of the system's clock since the last call, summed.
  virtual Duration take_step() = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Time now() override;
  Duration take_step() override { return rule_.take_step(); }

 private:
  ClockRule rule_;
};

}  // namespace mm::live
