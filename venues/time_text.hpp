#pragma once

// Times as venues and recorders write them, to nanoseconds since the epoch.

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/types.hpp"

namespace mm::venues {

/// An integer count since the epoch whose unit is told by its size: 13 digits are milliseconds, 16
/// microseconds, 19 nanoseconds (venues and recorders have changed units over the years). Empty if
/// it is not an integer of one of these lengths, or a time after 2262, which nanoseconds do not
/// hold.
std::optional<Time> parse_epoch(std::string_view digits);

/// Whether parse_epoch would take an integer for milliseconds.
constexpr bool is_milliseconds(std::int64_t time) {
  return time >= 1'000'000'000'000 && time <= 9'223'372'036'854;
}

/// "2024-01-01T12:00:01.138942031", with or without a `Z`, with 0 to 9 digits of the second, in
/// UTC. Empty if it is anything else.
std::optional<Time> parse_utc(std::string_view text);

/// Seconds since the epoch with up to nine decimals, "1765401035.3043046".
std::optional<Time> parse_seconds(std::string_view text);

}  // namespace mm::venues
