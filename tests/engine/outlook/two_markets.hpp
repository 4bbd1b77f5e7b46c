#pragma once

// Real minutes of a quoted instrument and of a leading one, merged by the time they were received.

#include <vector>

#include "engine/event.hpp"
#include "tests/engine/features/recorded_market.hpp"

namespace mm::test {

/// By default USD-M BTCUSDT quoted, spot BTCUSDT leading: the repository's samples.
class TwoMarkets {
 public:
  TwoMarkets() : TwoMarkets(fixture_captures()[0], fixture_captures()[1]) {}
  TwoMarkets(const Capture& quoted, const Capture& lead);
  /// Begins with both definitions.
  const std::vector<Event>& events() const { return events_; }

 private:
  RecordedMarket quoted_;
  RecordedMarket lead_;
  std::vector<Event> events_;
};

const TwoMarkets& two_markets();

}  // namespace mm::test
