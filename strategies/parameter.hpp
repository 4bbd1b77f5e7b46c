#pragma once

// Parameters of strategies: typed, named, with unit, range, default and a line of documentation.
//
// A strategy binds each description to a double of its Params. Counts and choices are doubles that
// hold an integer, so one list serves text, listing, range checks and saved state alike.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mm {

enum class ParameterUnit {
  bps,         ///< "8bps"
  value,       ///< an amount of quote currency
  count,       ///< a whole number
  ratio,       ///< a plain number
  per_second,  ///< 1/s
  choice,      ///< one of `choices`
};

/// "bps", "quote currency", "count", "", "1/s", "choice".
std::string_view name_of(ParameterUnit unit);

struct ParameterInfo {
  std::string_view name;
  ParameterUnit unit = ParameterUnit::ratio;
  double default_value = 0;
  double minimum = 0;
  double maximum = 0;
  std::string_view doc;
  std::string_view keyword;  ///< word that stands for `keyword_value` ("auto"); empty = none
  double keyword_value = 0;
  std::span<const std::string_view> choices;  ///< of unit choice: the value is the index
};

/// Whether a value lies in the range, is whole where it must be, or is the keyword's.
bool is_allowed(const ParameterInfo& info, double value);

/// The value in text: with its unit, shortest form that reads back alike.
std::string format_parameter(const ParameterInfo& info, double value);

/// Reads a value; nothing, with `error` set to a sentence that names what is allowed, if it is
/// none.
std::optional<double> parse_parameter(const ParameterInfo& info, std::string_view text,
                                      std::string& error);

/// "1bps to 500bps", "mid, microprice": what a value may be.
std::string allowed_values(const ParameterInfo& info);

}  // namespace mm
