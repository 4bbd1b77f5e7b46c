#include "sim/settings.hpp"

#include <charconv>

#include "engine/settings.hpp"

namespace mm::sim {
namespace {

constexpr std::string_view replace_names[] = {"venue", "back", "keep"};

std::string wrong(std::string_view name, std::string_view must_be, std::string_view text) {
  constexpr std::size_t most = 60;  // of a long list of rows
  std::string shown{text.substr(0, most)};
  if (text.size() > most) shown += "...";
  return std::string{name} + " must be " + std::string{must_be} + ", not '" + shown + "'";
}

}  // namespace

std::optional<std::string> Settings::parse(std::string_view lines, Settings& settings) {
  if (const auto text = find_setting(lines, "latency")) {
    const auto latency = LatencyModel::parse(*text);
    if (!latency)
      return wrong("latency",
                   "one or two durations of at most a minute such as 5ms or 5ms,7ms, perhaps with "
                   "own ones for kinds (5ms;cancel=3ms), or rows of round trips",
                   *text);
    settings.latency = *latency;
  }
  if (const auto text = find_setting(lines, "queue")) {
    const auto queue = QueueModel::parse(*text);
    if (!queue)
      return wrong("queue",
                   "risk_averse, power:N, power2:N, power3:N (N from 1 to 16), log, log2 or "
                   "optimistic",
                   *text);
    settings.queue = *queue;
  }
  if (const auto text = find_setting(lines, "venue_orders_per_minute")) {
    const auto limit = parse_integer(*text);
    if (!limit || *limit < 0 || *limit > 1'000'000)
      return wrong("venue_orders_per_minute", "a whole number from 0 (no limit) to 1000000", *text);
    settings.venue_orders_per_minute = *limit;
  }
  if (const auto text = find_setting(lines, "replace_queue")) {
    std::size_t i = 0;
    while (i < std::size(replace_names) && replace_names[i] != *text) ++i;
    if (i == std::size(replace_names)) return wrong("replace_queue", "venue, back or keep", *text);
    settings.replace_queue = static_cast<ReplaceQueue>(i);
  }
  if (const auto text = find_setting(lines, "seed")) {
    const auto [end, error] =
        std::from_chars(text->data(), text->data() + text->size(), settings.seed);
    if (error != std::errc{} || end != text->data() + text->size())
      return wrong("seed", "a whole number from 0", *text);
  }
  return std::nullopt;
}

std::string Settings::format() const {
  std::vector<Setting> lines{{"latency", latency.name()}, {"queue", queue.name()}};
  const Settings usual;
  if (venue_orders_per_minute != usual.venue_orders_per_minute)
    lines.push_back({"venue_orders_per_minute", std::to_string(venue_orders_per_minute)});
  if (replace_queue != usual.replace_queue)
    lines.push_back(
        {"replace_queue", std::string{replace_names[static_cast<std::size_t>(replace_queue)]}});
  if (seed != usual.seed) lines.push_back({"seed", std::to_string(seed)});
  return format_settings(std::move(lines));
}

}  // namespace mm::sim
