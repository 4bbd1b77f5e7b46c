#include "live/clock.hpp"

#include <algorithm>
#include <utility>

namespace mm::live {

Time ClockRule::read(Duration steady, Time wall) {
  if (!std::exchange(started_, true)) {
    steady_ = steady;
    wall_ = ours_ = wall;
    return ours_;
  }
  const Duration elapsed = steady - steady_;
  const Duration step = (wall - wall_) - elapsed;
  if (step >= least_step || step <= -least_step) step_ += step;
  steady_ = steady;
  wall_ = wall;
  ours_ = std::max(wall, ours_ + (elapsed - elapsed / 8));
  return ours_;
}

Duration ClockRule::take_step() {
  return std::exchange(step_, Duration{});
}

Time SystemClock::now() {
  using std::chrono::steady_clock;
  // Being put to sleep between two readings would look like a step of the clock.
  constexpr auto together = std::chrono::microseconds{500};
  auto before = steady_clock::now();
  Time wall = std::chrono::system_clock::now();
  for (int again = 0; again < 3 && steady_clock::now() - before > together; ++again) {
    before = steady_clock::now();
    wall = std::chrono::system_clock::now();
  }
  return rule_.read(before.time_since_epoch(), wall);
}

}  // namespace mm::live
