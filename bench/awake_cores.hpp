#pragma once

// AwakeCores: while one exists, no core that this process may use falls asleep.
//
// Waking an idle core of a virtual machine takes tens of microseconds, several times a round trip
// over loopback, and whether a peer meets that depends on how long the turn of the other one takes.
// A thread a core, below everything else in priority (SCHED_IDLE), keeps the cores running: who
// has work preempts it at once, so what is measured is the work and the switch to it.

#include <atomic>
#include <thread>
#include <vector>

namespace mm::bench {

class AwakeCores {
 public:
  /// Throws Error(data) where the system does not let a thread have that priority.
  AwakeCores();
  AwakeCores(const AwakeCores&) = delete;
  AwakeCores& operator=(const AwakeCores&) = delete;
  ~AwakeCores();

 private:
  void spin();
  void end();

  std::atomic<bool> over_ = false;
  std::atomic<int> refused_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace mm::bench
