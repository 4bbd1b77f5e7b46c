#pragma once

// Decimal text to integers, exactly: "61800.20" at one decimal is 618002.
//
// Venues write prices and quantities as decimal strings. They become counts of a unit of
// 10^-decimals without ever being a double. Plain decimals only: an optional minus, digits, and
// perhaps a point with digits behind it; no exponent, no plus, no blanks, no bare point.

#include <cstdint>
#include <string_view>

#include "engine/types.hpp"

namespace mm::venues {

enum class DecimalError : std::uint8_t {
  none = 0,
  malformed = 1,  ///< not a plain decimal
  too_fine = 2,   ///< a digit other than 0 beyond the unit
  too_large = 3,  ///< does not fit
};

template <class Integer>
struct Decimal {
  Integer value = 0;  ///< 0 if there is an error
  DecimalError error = DecimalError::none;
  constexpr bool ok() const { return error == DecimalError::none; }
};

enum class Excess : std::uint8_t {
  refuse,           ///< digits beyond the unit are an error unless they are zeros
  round_half_even,  ///< they are rounded to the nearest unit, ties to the even one
};

/// `text` as a count of 10^-decimals (0..18). Integer is std::int64_t or Int128; values up to
/// 10^18 of an int64 and 10^37 of an Int128 fit.
template <class Integer = std::int64_t>
constexpr Decimal<Integer> parse_decimal(std::string_view text, int decimals,
                                         Excess excess = Excess::refuse) {
  constexpr int most_digits = sizeof(Integer) == 8 ? 18 : 37;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;

  Integer value = 0;
  int digits = 0;  // significant ones: after leading zeros
  const char* const whole = at;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (digits == most_digits) return {0, DecimalError::too_large};
    value = static_cast<Integer>(value * 10 + (*at - '0'));
    digits += (value != 0) ? 1 : 0;
  }
  if (at == whole) return {0, DecimalError::malformed};

  int missing = decimals;
  if (at != end) {
    if (*at != '.' || ++at == end) return {0, DecimalError::malformed};
    for (; missing > 0 && at != end && *at >= '0' && *at <= '9'; ++at, --missing) {
      if (digits == most_digits) return {0, DecimalError::too_large};
      value = static_cast<Integer>(value * 10 + (*at - '0'));
      digits += (value != 0) ? 1 : 0;
    }
    if (at != end) {
      const int first = *at - '0';
      bool rest = false;  // a digit other than 0 behind the first one
      for (const char* digit = at; digit != end; ++digit) {
        if (*digit < '0' || *digit > '9') return {0, DecimalError::malformed};
        rest = rest || (digit != at && *digit != '0');
      }
      if (first != 0 || rest) {
        if (excess == Excess::refuse) return {0, DecimalError::too_fine};
        if (first > 5 || (first == 5 && (rest || value % 2 != 0))) value = value + 1;
      }
    }
  }
  for (; missing > 0; --missing) {
    if (digits == most_digits) return {0, DecimalError::too_large};
    value = static_cast<Integer>(value * 10);
    digits += (value != 0) ? 1 : 0;
  }
  return {negative ? static_cast<Integer>(-value) : value, DecimalError::none};
}

/// What is wrong with a number, for messages: "is not a plain decimal".
constexpr std::string_view describe(DecimalError error) {
  switch (error) {
    case DecimalError::none:
      return "is fine";
    case DecimalError::malformed:
      return "is not a plain decimal";
    case DecimalError::too_fine:
      return "is finer than the instrument's unit";
    case DecimalError::too_large:
      return "does not fit";
  }
  return "?";
}

/// A count of digits only, as JSON integers of ids and times are; -1 if it is not one or is longer
/// than 18 digits.
constexpr std::int64_t parse_integer(std::string_view text) {
  if (text.empty() || text.size() > 18) return -1;
  std::int64_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  return value;
}

}  // namespace mm::venues
