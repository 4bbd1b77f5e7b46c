#include "cli/time_spec.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "engine/result.hpp"
#include "engine/settings.hpp"

namespace mm::cli {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using SysDays = std::chrono::sys_days;

[[noreturn]] void usage(std::string message) {
  throw Error(ErrorKind::usage, std::move(message));
}

/// Reads digits from the front of `text`; empty if their number is not within [least, most].
std::optional<std::int64_t> take_digits(std::string_view& text, std::size_t least,
                                        std::size_t most) {
  std::size_t count = 0;
  while (count < text.size() && count < most && text[count] >= '0' && text[count] <= '9') ++count;
  if (count < least) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + count, value);
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// ".127" as nanoseconds; zero if there is no fraction, empty if it is malformed.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return Duration{0};
  text.remove_prefix(1);
  const std::size_t before = text.size();
  const auto value = take_digits(text, 1, 9);
  if (!value) return std::nullopt;
  std::int64_t ns = *value;
  for (std::size_t digits = before - text.size(); digits < 9; ++digits) ns *= 10;
  return Duration{ns};
}

/// "14:30", "14:30:05" or "14:30:05.127".
std::optional<Duration> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 1, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  Duration time = hours{*hour} + minutes{*minute};
  if (take(text, ':')) {
    const auto second = take_digits(text, 2, 2);
    if (!second || *second > 59) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    time += seconds{*second} + *fraction;
  }
  return time;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  const auto year = take_digits(text, 4, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1970 || *year > 2261) return std::nullopt;
  Time time{SysDays{date}};
  if (text.empty()) return time;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto of_day = take_time_of_day(text);
  if (!of_day) return std::nullopt;
  time += *of_day;
  if (text.empty() || text == "Z" || text == "z") return time;
  const bool ahead = text.front() == '+';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto zone_hour = take_digits(text, 2, 2);
  if (!zone_hour || *zone_hour > 23 || !take(text, ':')) return std::nullopt;
  const auto zone_minute = take_digits(text, 2, 2);
  if (!zone_minute || *zone_minute > 59 || !text.empty()) return std::nullopt;
  const Duration offset = hours{*zone_hour} + minutes{*zone_minute};
  return ahead ? time - offset : time + offset;
}

}  // namespace

std::string format_time(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Duration> of_day{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count(),
                     of_day.subseconds().count());
}

Duration parse_duration(std::string_view flag, std::string_view text) {
  const auto duration = mm::parse_duration(text);
  if (!duration || duration->count() <= 0)
    usage(fmt::format("{}: '{}' is not a duration; write for example 250ms, 5s, 10m or 2h", flag,
                      text));
  return *duration;
}

std::optional<double> parse_speed(std::string_view flag, const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::string_view number = *text;
  if (number.ends_with('x')) number.remove_suffix(1);
  const auto speed = parse_number(number);
  if (!speed || *speed <= 0)
    usage(fmt::format("{}: '{}' is not a pace; write for example 1x or 0.5x", flag, *text));
  return speed;
}

Time parse_time(std::string_view flag, std::string_view text, const SessionSpan& span) {
  if (text == "start") return span.first;
  if (text == "end") return span.last + Duration{1};
  if (!text.empty() && text.front() == '-') {
    if (const auto before = mm::parse_duration(text.substr(1)))
      return span.last + Duration{1} - *before;
  }
  if (const auto time = parse_rfc3339(text)) return *time;
  std::string_view rest = text;
  if (const auto of_day = take_time_of_day(rest); of_day && rest.empty()) {
    std::vector<Time> matches;
    const auto first_day = std::chrono::floor<days>(span.first);
    for (auto day = first_day; day <= std::chrono::floor<days>(span.last); day += days{1}) {
      const Time time = Time{day} + *of_day;
      if (time >= span.first && time <= span.last) matches.push_back(time);
    }
    if (matches.size() == 1) return matches.front();
    if (matches.empty()) return Time{first_day} + *of_day;
    std::string dates;
    for (const Time match : matches)
      dates += (dates.empty() ? "" : ", ") + format_time(match).substr(0, 10);
    usage(fmt::format("{}: {} occurs on several days of this session ({}); give the date as well",
                      flag, text, dates));
  }
  usage(
      fmt::format("{}: '{}' is not a time; write an RFC 3339 time, a time of day such as "
                  "14:30:05.127, a duration before the end such as -5m, 'start' or 'end'",
                  flag, text));
}

Window parse_window(const std::optional<std::string>& from, const std::optional<std::string>& to,
                    const SessionSpan& span) {
  const Window window{parse_time("--from", from.value_or("start"), span),
                      parse_time("--to", to.value_or("end"), span)};
  if (window.from > window.to)
    usage(fmt::format("--from {} is after --to {}", format_time(window.from),
                      format_time(window.to)));
  const bool empty = window.from == window.to;
  if (empty ? window.from > span.last + Duration{1} || window.to < span.first
            : window.from > span.last || window.to <= span.first) {
    usage(fmt::format("the window {} .. {} lies outside the session, which runs from {} to {}",
                      format_time(window.from), format_time(window.to), format_time(span.first),
                      format_time(span.last)));
  }
  return window;
}

}  // namespace mm::cli
