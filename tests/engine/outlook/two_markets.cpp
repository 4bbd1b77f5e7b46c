#include "tests/engine/outlook/two_markets.hpp"

#include <algorithm>
#include <variant>

namespace mm::test {

TwoMarkets::TwoMarkets(const Capture& quoted, const Capture& lead) : quoted_(quoted), lead_(lead) {
  events_ = quoted_.events;
  // Samples of different hours: the leader's is moved to begin with the other's.
  const Duration apart =
      quoted_.events.front().header.recv_time - lead_.events.front().header.recv_time;
  for (Event event : lead_.events) {
    event.header.instrument.value = 1;
    event.header.recv_time += apart;
    if (auto* definition = std::get_if<InstrumentDefined>(&event.body))
      definition->role = InstrumentRole::lead;
    events_.push_back(event);
  }
  std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return a.header.recv_time < b.header.recv_time;  // total order: equal times stay as they are
  });
}

const TwoMarkets& two_markets() {
  static const TwoMarkets markets;
  return markets;
}

}  // namespace mm::test
