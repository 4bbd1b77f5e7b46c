#pragma once

// The little language of settings: "name=value" lines, durations, widths, numbers.
//
// Sessions carry their parameters as such text (event.hpp: SessionStart), flags are written in it,
// and both are read here, so that what a user types is what a journal shows. Numbers are parsed by
// std::from_chars: no locale, correctly rounded.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace mm {

struct Setting {
  std::string name;
  std::string value;
  bool operator==(const Setting&) const = default;
};

/// Reads "name=value" lines; blank lines are skipped. Empty if a line has no '=' or no name, or a
/// name comes twice.
std::optional<std::vector<Setting>> parse_settings(std::string_view text);
/// Writes the lines sorted by name, each ended by '\n': equal settings give equal text.
std::string format_settings(std::vector<Setting> settings);
/// The value of one name in such text, as a view into it; empty if it is not there.
std::optional<std::string_view> find_setting(std::string_view text, std::string_view name);

/// "250ms", "1.5s", "5m", "2h", "1d", "40us", "7ns". Requires a unit and a non-negative number.
std::optional<Duration> parse_duration(std::string_view text);
/// The shortest form in the largest unit that divides it: "250ms", "90s", "0s".
std::string format_duration(Duration duration);

/// A width in basis points: "8bps" or "0.5bps" (the unit may be left out). Finite.
std::optional<double> parse_bps(std::string_view text);
std::string format_bps(double bps);

/// A plain finite number: "1000", "0.5", "1e-4".
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);
/// "on", "true", "1", "yes" / "off", "false", "0", "no".
std::optional<bool> parse_flag(std::string_view text);

}  // namespace mm
