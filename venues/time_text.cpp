#include "venues/time_text.hpp"

#include <chrono>

#include "venues/decimal.hpp"

namespace mm::venues {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

/// The number in `digits` of a fixed-width field; -1 if it is not one.
int field(std::string_view text, std::size_t from, std::size_t width) {
  return static_cast<int>(parse_integer(text.substr(from, width)));
}

}  // namespace

std::optional<Time> parse_epoch(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9' || digits.size() > 19) return std::nullopt;
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, digit - '0', &value)) {
      return std::nullopt;
    }
  }
  std::int64_t unit_ns = 0;
  switch (digits.size()) {
    case 13:
      unit_ns = 1'000'000;
      break;
    case 16:
      unit_ns = 1'000;
      break;
    case 19:
      unit_ns = 1;
      break;
    default:
      return std::nullopt;
  }
  if (__builtin_mul_overflow(value, unit_ns, &value)) return std::nullopt;
  return time_from_ns(value);
}

std::optional<Time> parse_utc(std::string_view text) {
  if (!text.empty() && text.back() == 'Z') text.remove_suffix(1);
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  using namespace std::chrono;
  const int year_of = field(text, 0, 4);
  const int month_of = field(text, 5, 2);
  const int day_of = field(text, 8, 2);
  const int hour = field(text, 11, 2);
  const int minute = field(text, 14, 2);
  const int second = field(text, 17, 2);
  if (year_of < 1970 || year_of > 2261 || month_of < 1 || day_of < 1 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  const year_month_day date{year{year_of}, month{static_cast<unsigned>(month_of)},
                            day{static_cast<unsigned>(day_of)}};
  if (!date.ok()) return std::nullopt;

  std::int64_t fraction_ns = 0;
  if (text.size() > 19) {
    const std::string_view digits = text.substr(20);
    if (text[19] != '.' || digits.size() > 9) return std::nullopt;
    fraction_ns = parse_integer(digits);
    if (fraction_ns < 0) return std::nullopt;
    for (std::size_t width = digits.size(); width < 9; ++width) fraction_ns *= 10;
  }
  const std::int64_t seconds_of_day = hour * 3600 + minute * 60 + second;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  return time_from_ns((days * 86'400 + seconds_of_day) * ns_per_second + fraction_ns);
}

std::optional<Time> parse_seconds(std::string_view text) {
  // Int128, because nineteen digits do not fit the eighteen that int64 takes.
  const auto ns = parse_decimal<Int128>(text, 9);
  if (!ns.ok() || ns.value < 0 || ns.value > INT64_MAX) return std::nullopt;
  return time_from_ns(static_cast<std::int64_t>(ns.value));
}

}  // namespace mm::venues
