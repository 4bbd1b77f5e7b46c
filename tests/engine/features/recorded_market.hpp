#pragma once

// A capture of one instrument as events in memory, and a fold over it that stops at each decision.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/market.hpp"
#include "tests/venues/market_data.hpp"

namespace mm::test {

struct RecordedMarket {
  explicit RecordedMarket(const Capture& capture);

  ByteWriter bytes;           ///< what `events` view
  std::vector<Event> events;  ///< begins with the instrument's definition
};

/// Calls decide(now) at the first event at or after each multiple of 100 ms, behind the event.
template <class OnEvent, class Decide>
void fold_with_decisions(const RecordedMarket& recorded, Market& market, OnEvent&& on_event,
                         Decide&& decide) {
  constexpr std::int64_t step_ns = 100'000'000;
  std::int64_t wake_at = 0;
  for (const Event& event : recorded.events) {
    market.apply(event);
    on_event(event);
    const std::int64_t now = to_ns(event.header.recv_time);
    if (now < wake_at) continue;
    wake_at = (now / step_ns + 1) * step_ns;
    decide(event.header.recv_time);
  }
}

}  // namespace mm::test
