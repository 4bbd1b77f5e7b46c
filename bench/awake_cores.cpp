#include "bench/awake_cores.hpp"

#include <emmintrin.h>
#include <sched.h>

#include <latch>

#include "engine/result.hpp"

namespace mm::bench {

AwakeCores::AwakeCores() {
  cpu_set_t ours;
  CPU_ZERO(&ours);
  sched_getaffinity(0, sizeof ours, &ours);
  std::latch ready{CPU_COUNT(&ours)};
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &ours)) continue;
    threads_.emplace_back([this, core, &ready] {
      cpu_set_t only;
      CPU_ZERO(&only);
      CPU_SET(core, &only);
      const sched_param lowest{};
      if (sched_setaffinity(0, sizeof only, &only) != 0 ||
          sched_setscheduler(0, SCHED_IDLE, &lowest) != 0) {
        ++refused_;
      }
      ready.count_down();
      if (refused_ == 0) spin();
    });
  }
  ready.wait();
  if (refused_ == 0) return;
  end();
  throw Error{ErrorKind::data, "bench: a thread may not have the lowest priority (SCHED_IDLE)"};
}

AwakeCores::~AwakeCores() {
  end();
}

void AwakeCores::spin() {
  while (!over_.load(std::memory_order_relaxed)) _mm_pause();
}

void AwakeCores::end() {
  over_ = true;
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace mm::bench
