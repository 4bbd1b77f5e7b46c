#include "sim/settings.hpp"

#include "engine/settings.hpp"

namespace mm::sim {

std::optional<std::string> Settings::parse(std::string_view lines, Settings& settings) {
  if (const auto text = find_setting(lines, "latency")) {
    const auto latency = LatencyModel::parse(*text);
    if (!latency)
      return "latency must be one or two durations of at most a minute such as 5ms or 5ms,7ms, not "
             "'" +
             std::string{*text} + "'";
    settings.latency = *latency;
  }
  if (const auto text = find_setting(lines, "queue")) {
    const auto queue = QueueModel::parse(*text);
    if (!queue)
      return "queue must be risk_averse, power:N, power2:N, power3:N (N from 1 to 16), log or "
             "log2, "
             "not '" +
             std::string{*text} + "'";
    settings.queue = *queue;
  }
  return std::nullopt;
}

std::string Settings::format() const {
  return format_settings({{"latency", latency.name()}, {"queue", queue.name()}});
}

}  // namespace mm::sim
