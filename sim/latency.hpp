#pragma once

// How long our messages and their answers travel.
//
// `entry` runs from the decision to the exchange and, since the paper exchange lives on our receive
// clock, includes the delay of the feed the decision was based on; `response` runs from the
// exchange back to us. A lane is a direction. Messages on one lane never overtake each other, so a
// message that would arrive before its predecessor arrives with it.
//
// Assumes: one constant for places, cancels and replaces, independent of load. A model that draws
// or interpolates latencies replaces `LatencyModel` behind the same Lane.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace mm::sim {

struct LatencyModel {
  Duration entry{5'000'000};
  Duration response{5'000'000};

  /// "5ms" (both) or "5ms,7ms" (entry, response), as engine/settings.hpp reads durations, a minute
  /// at most; empty for anything else.
  static std::optional<LatencyModel> parse(std::string_view text);
  /// "5ms,7ms": what parse() reads back.
  std::string name() const;

  bool operator==(const LatencyModel&) const = default;
};

/// One direction of travel: remembers the last arrival so that nothing overtakes.
class Lane {
 public:
  Time deliver(Time sent, Duration latency) {
    last_ = std::max(last_, sent + latency);
    return last_;
  }

  bool operator==(const Lane&) const = default;

 private:
  Time last_{Duration::min()};
};

}  // namespace mm::sim
