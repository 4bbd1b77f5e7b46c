#pragma once

// Times, durations and windows as users write them.
//
//   2024-08-08T23:55:00.127Z   RFC 3339, UTC if no zone is given
//   14:30:05.127               a time of day within the session; a usage error that lists the dates
//                              if it occurs on more than one of them
//   -5m                        before the session's end
//   start, end                 the session's first event, and just behind its last
//   250ms 5s 5m 2h 1d          durations

#include <optional>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace mm::cli {

/// First and last recv_time of the session a time is meant in.
struct SessionSpan {
  Time first;
  Time last;
};

/// A half-open window [from, to) on recv_time.
struct Window {
  Time from;
  Time to;
};

/// "2024-08-08T23:55:00.127000000Z": UTC, always nine digits.
std::string format_time(Time time);

/// Throws Error(usage) naming `flag` if the text is no duration > 0.
Duration parse_duration(std::string_view flag, std::string_view text);

/// "10x" or "0.5x", > 0; empty stays empty. Throws Error(usage) naming `flag` for anything else.
std::optional<double> parse_speed(std::string_view flag, const std::optional<std::string>& text);

/// Throws Error(usage) naming `flag` if the text is no time or a time of day that is ambiguous.
Time parse_time(std::string_view flag, std::string_view text, const SessionSpan& span);

/// The window two optional flags ask for; from = to is an empty window. Throws Error(usage) if from
/// is after to, or if the window lies wholly outside the session.
Window parse_window(const std::optional<std::string>& from, const std::optional<std::string>& to,
                    const SessionSpan& span);

}  // namespace mm::cli
