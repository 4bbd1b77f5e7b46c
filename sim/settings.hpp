#pragma once

// The parameters of a paper session: written into SessionStart.settings, read back by a replay.
//
//   latency=5ms,5ms              sim/latency.hpp
//   queue=power3:3               sim/queue.hpp
//   venue_orders_per_minute=0    places and replaces the venue takes in a minute, 0 = any number
//   replace_queue=venue          what a replace does to the place in the queue: `back` (always a
//   new
//                                order), `keep` (same price and no larger: keeps its place) or
//                                `venue` (binance-*: keep; others, like Hyperliquid: back)
//   seed=1                       of what is drawn (latency=empirical:...)
//
// The last three stand in the text only where they differ from these.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/latency.hpp"
#include "sim/queue.hpp"

namespace mm::sim {

enum class ReplaceQueue : std::uint8_t { venue = 0, back = 1, keep = 2 };

/// What is left open about fills, taken to one side (models.md 21.3). Pessimistic: nothing fills at
/// a price inside the spread unless it is traded through; it goes with the queue `risk_averse`. The
/// other side needs no bound here: the queue `optimistic` and all flow at or through our price.
enum class Bound : std::uint8_t { none, pessimistic };

struct Settings {
  LatencyModel latency;
  QueueModel queue;
  std::int64_t venue_orders_per_minute = 0;
  ReplaceQueue replace_queue = ReplaceQueue::venue;
  std::uint64_t seed = 1;
  Bound bound = Bound::none;  ///< of what-ifs only: no setting of a session

  /// Reads the lines above and leaves other names to others; what is missing keeps its default. An
  /// error names the setting and what it must be.
  static std::optional<std::string> parse(std::string_view lines, Settings& settings);
  /// As sorted lines.
  std::string format() const;

  bool operator==(const Settings&) const = default;
};

}  // namespace mm::sim
