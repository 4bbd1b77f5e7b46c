#pragma once

// PendingTimers: what the core asked to be woken for, in the order in which it is woken.
//
// SetTimer outputs go in and come back as Timer events. A timer is due at the later of its moment
// and the decision that set it; setting an id again moves it; timers due at one moment come by id.

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "engine/assert.hpp"
#include "engine/event.hpp"
#include "engine/output.hpp"

namespace mm::sim {

class PendingTimers {
 public:
  void set(Time now, const SetTimer& timer) {
    std::erase_if(pending_, [&](const Pending& of) { return of.id == timer.id; });
    const Pending added{std::max(timer.at, now), timer.id};
    // Time and id, which occurs once: a total order.
    const auto earlier = [](const Pending& a, const Pending& b) {
      return std::tie(a.at, a.id) < std::tie(b.at, b.id);
    };
    pending_.insert(std::upper_bound(pending_.begin(), pending_.end(), added, earlier), added);
  }

  /// When the next one is due; Time::max() if there is none.
  Time next() const { return pending_.empty() ? Time::max() : pending_.front().at; }

  /// Takes the next one out, as heard at `at`. Requires one.
  Event take(Time at) {
    MM_ASSERT(!pending_.empty(), "a timer is taken that was set");
    const std::int64_t id = pending_.front().id;
    pending_.erase(pending_.begin());
    return {.header = {.recv_time = at}, .body = Timer{.id = id}};
  }

 private:
  struct Pending {
    Time at;
    std::int64_t id = 0;
  };
  std::vector<Pending> pending_;
};

}  // namespace mm::sim
