#include "engine/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/numeric.hpp"

namespace mm {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<Unit, 7> duration_units = {{{"d", 86'400'000'000'000},
                                                 {"h", 3'600'000'000'000},
                                                 {"m", 60'000'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};

// The next line of `text`, which is shortened by it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::optional<std::vector<Setting>> parse_settings(std::string_view text) {
  std::vector<Setting> settings;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const std::string_view name = line.substr(0, equals);
    for (const Setting& other : settings)
      if (other.name == name) return std::nullopt;
    settings.push_back({std::string{name}, std::string{line.substr(equals + 1)}});
  }
  return settings;
}

std::string format_settings(std::vector<Setting> settings) {
  // By everything a setting has: a total order.
  std::sort(settings.begin(), settings.end(), [](const Setting& a, const Setting& b) {
    return a.name != b.name ? a.name < b.name : a.value < b.value;
  });
  std::string text;
  for (const Setting& setting : settings) text += setting.name + '=' + setting.value + '\n';
  return text;
}

std::optional<std::string_view> find_setting(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=')
      return line.substr(name.size() + 1);
  }
  return std::nullopt;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == std::string_view::npos || digits == 0) return std::nullopt;
  for (const Unit& unit : duration_units) {
    if (text.substr(digits) != unit.name) continue;
    // The number in 1e-9, then times the unit: exact down to the nanosecond, or refused.
    const std::optional<std::int64_t> number = parse_decimal(text.substr(0, digits), 9);
    if (!number) return std::nullopt;
    const Int128 scaled = Int128{*number} * unit.ns;
    if (scaled % 1'000'000'000 != 0) return std::nullopt;
    const Int128 ns = scaled / 1'000'000'000;
    if (ns > INT64_MAX) return std::nullopt;
    return Duration{static_cast<std::int64_t>(ns)};
  }
  return std::nullopt;
}

std::string format_duration(Duration duration) {
  const std::int64_t ns = duration.count();
  if (ns == 0) return "0s";
  for (const Unit& unit : duration_units)
    if (ns % unit.ns == 0) return std::to_string(ns / unit.ns) + std::string{unit.name};
  return {};
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stopped != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

std::optional<double> parse_bps(std::string_view text) {
  if (text.ends_with("bps")) text.remove_suffix(3);
  return parse_number(text);
}

std::string format_bps(double bps) {
  return format_double(bps) + "bps";
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "on" || text == "true" || text == "1" || text == "yes") return true;
  if (text == "off" || text == "false" || text == "0" || text == "no") return false;
  return std::nullopt;
}

}  // namespace mm
