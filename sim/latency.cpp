#include "sim/latency.hpp"

#include "engine/settings.hpp"

namespace mm::sim {
namespace {

constexpr Duration longest{60'000'000'000};

std::optional<Duration> parse_one(std::string_view text) {
  const auto duration = mm::parse_duration(text);
  return duration && *duration <= longest ? duration : std::nullopt;
}

}  // namespace

std::optional<LatencyModel> LatencyModel::parse(std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto entry = parse_one(text.substr(0, comma));
  const auto response = comma == std::string_view::npos ? entry : parse_one(text.substr(comma + 1));
  if (!entry || !response) return std::nullopt;
  return LatencyModel{*entry, *response};
}

std::string LatencyModel::name() const {
  return format_duration(entry) + "," + format_duration(response);
}

}  // namespace mm::sim
