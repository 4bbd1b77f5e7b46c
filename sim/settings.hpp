#pragma once

// The parameters of a paper session: written into SessionStart.settings, read back by a replay.

#include <optional>
#include <string>
#include <string_view>

#include "sim/latency.hpp"
#include "sim/queue.hpp"

namespace mm::sim {

struct Settings {
  LatencyModel latency;
  QueueModel queue;

  /// Reads the lines "latency=5ms,5ms" and "queue=power3:3" of settings text and leaves other names
  /// to others; what is missing keeps its default. An error names the setting and what it must be.
  static std::optional<std::string> parse(std::string_view lines, Settings& settings);
  /// Both settings as sorted lines.
  std::string format() const;

  bool operator==(const Settings&) const = default;
};

}  // namespace mm::sim
