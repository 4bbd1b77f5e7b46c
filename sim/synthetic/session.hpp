#pragma once

// SyntheticSession: the events of a session whose orders stand in a synthetic exchange.
//
// What sim::WorldSource is to a paper session: market events, then answers and funding, then timers
// at equal times. `market` must have an exchange. next() and react() are those of an EventSource of
// engine/drive.hpp; who records puts start, definitions and end around them.

#include <span>

#include "sim/synthetic/market.hpp"
#include "sim/timers.hpp"

namespace mm::sim {

class SyntheticSession {
 public:
  explicit SyntheticSession(SyntheticMarket& market) : market_(market) {}

  const Event* next() {
    if (const Event* event = market_.next(timers_.next())) return event;
    timer_ = timers_.take(timers_.next());
    return &timer_;
  }

  void react(const Event& event, std::span<const Output> outputs) {
    const Time now = event.header.recv_time;
    for (const Output& output : outputs) {
      if (const auto* timer = std::get_if<SetTimer>(&output.body)) {
        timers_.set(now, *timer);
      } else {
        market_.send(now, output);
      }
    }
  }

 private:
  SyntheticMarket& market_;
  PendingTimers timers_;
  Event timer_;
};

}  // namespace mm::sim
