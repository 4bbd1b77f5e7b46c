#include "sim/world.hpp"

#include <tuple>

namespace mm::sim {

const Event* SimWorld::advance(Time limit, const Market& market) {
  for (;;) {
    const Time arrival = exchange_.next_arrival();
    const Time answer = exchange_.next_answer();
    const Time timer = next_timer();
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
      current_ = {.header = {.recv_time = timer}, .body = Timer{.id = timers_.front().id}};
      timers_.erase(timers_.begin());
    }
    return &current_;
  }
}

void SimWorld::react(const Event& event, std::span<const Output> outputs) {
  const Time now = event.header.recv_time;
  for (const Output& output : outputs) {
    if (const auto* timer = std::get_if<SetTimer>(&output.body)) {
      set_timer(now, *timer);
    } else {
      exchange_.send(now, output);
    }
  }
}

void SimWorld::set_timer(Time now, const SetTimer& timer) {
  std::erase_if(timers_, [&](const PendingTimer& pending) { return pending.id == timer.id; });
  const PendingTimer added{std::max(timer.at, now), timer.id};
  const auto place = std::upper_bound(timers_.begin(), timers_.end(), added,
                                      [](const PendingTimer& a, const PendingTimer& b) {
                                        return std::tie(a.at, a.id) < std::tie(b.at, b.id);
                                      });
  timers_.insert(place, added);
}

}  // namespace mm::sim
