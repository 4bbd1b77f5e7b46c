#include "sim/world.hpp"

namespace mm::sim {

const Event* SimWorld::advance(Time limit, const Market& market) {
  for (;;) {
    const Time arrival = exchange_.next_arrival();
    const Time answer = exchange_.next_answer();
    const Time timer = timers_.next();
    const Time event = std::min(answer, timer);
    // An arrival may be answered at once, so it goes before whatever is heard at its moment.
    if (arrival < limit && arrival <= event) {
      exchange_.arrive(market.quoted());
      continue;
    }
    if (event >= limit) return nullptr;
    if (answer <= timer) {
      current_ = exchange_.take_answer();
    } else {
      current_ = timers_.take(timer);
    }
    return &current_;
  }
}

void SimWorld::react(const Event& event, std::span<const Output> outputs) {
  const Time now = event.header.recv_time;
  for (const Output& output : outputs) {
    if (const auto* timer = std::get_if<SetTimer>(&output.body)) {
      timers_.set(now, *timer);
    } else {
      exchange_.send(now, output);
    }
  }
}

}  // namespace mm::sim
