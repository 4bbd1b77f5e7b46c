#pragma once

// What the venues say, before a session begins, of the instruments it is about: their definitions,
// and what time it is there.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"
#include "venues/live/rest_gate.hpp"

namespace mm::venues {

/// How a venue's clock stands to ours, from one request for its time.
struct ClockOffset {
  std::string venue;
  Duration offset;       ///< the venue's clock less ours, taken at the middle of the round trip
  Duration uncertainty;  ///< half of the round trip, and what the venue's answer may lag
  /// Whether our clock is certainly off by more than `tolerance`.
  bool beyond(Duration tolerance) const {
    return offset - uncertainty > tolerance || offset + uncertainty < -tolerance;
  }
};

struct Definitions {
  std::vector<Instrument> instruments;  ///< in the order of the specs, with their roles
  /// How orders name each of them where that is by number (Hyperliquid's index in meta), else 0.
  std::vector<std::uint32_t> assets;
  std::vector<std::string> notes;   ///< what is odd about the answers, for the log
  std::vector<ClockOffset> clocks;  ///< one a venue that told its time
};

/// Asks all venues at once and runs the loop until they have answered. `table` supplies what venues
/// do not tell (fees). Throws Error(usage) naming the flag for an unknown or closed instrument or
/// one named twice, Error(venue) if a venue does not answer or answers with an error, Error(data)
/// for an answer that makes no sense. `stop` may end it early: then empty.
std::optional<Definitions> ask_for_definitions(net::Loop& loop, RestGates& gates,
                                               const std::vector<FeedSpec>& specs,
                                               const Network& network, const Instruments& table,
                                               Duration timeout, const std::function<bool()>& stop);

}  // namespace mm::venues
