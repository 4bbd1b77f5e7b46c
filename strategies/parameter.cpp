#include "strategies/parameter.hpp"

#include <cmath>

#include "engine/numeric.hpp"
#include "engine/settings.hpp"

namespace mm {

std::string_view name_of(ParameterUnit unit) {
  switch (unit) {
    case ParameterUnit::bps:
      return "bps";
    case ParameterUnit::value:
      return "quote currency";
    case ParameterUnit::count:
      return "count";
    case ParameterUnit::ratio:
      return "";
    case ParameterUnit::per_second:
      return "1/s";
    case ParameterUnit::choice:
      return "choice";
  }
  return "?";
}

bool is_allowed(const ParameterInfo& info, double value) {
  if (!info.keyword.empty() && value == info.keyword_value) return true;
  const bool choice = info.unit == ParameterUnit::choice;
  const bool whole = choice || info.unit == ParameterUnit::count;
  if (whole && std::floor(value) != value) return false;
  if (choice) return value >= 0 && value < static_cast<double>(info.choices.size());
  return value >= info.minimum && value <= info.maximum;
}

std::string format_parameter(const ParameterInfo& info, double value) {
  if (!info.keyword.empty() && value == info.keyword_value) return std::string{info.keyword};
  if (info.unit == ParameterUnit::bps) return format_bps(value);
  if (info.unit == ParameterUnit::choice)
    return std::string{info.choices[static_cast<std::size_t>(value)]};
  return format_double(value);
}

std::string allowed_values(const ParameterInfo& info) {
  std::string text;
  if (info.unit == ParameterUnit::choice) {
    for (const std::string_view choice : info.choices)
      text += (text.empty() ? "" : ", ") + std::string{choice};
    return text;
  }
  const bool bps = info.unit == ParameterUnit::bps;
  const auto number = [bps](double value) {
    return bps ? format_bps(value) : format_double(value);
  };
  if (info.unit == ParameterUnit::count) text = "a whole number from ";
  text += number(info.minimum) + " to " + number(info.maximum);
  if (!info.keyword.empty()) text += " or '" + std::string{info.keyword} + "'";
  return text;
}

std::optional<double> parse_parameter(const ParameterInfo& info, std::string_view text,
                                      std::string& error) {
  if (!info.keyword.empty() && text == info.keyword) return info.keyword_value;
  std::optional<double> value;
  if (info.unit == ParameterUnit::choice) {
    for (std::size_t i = 0; i < info.choices.size(); ++i)
      if (info.choices[i] == text) value = static_cast<double>(i);
  } else {
    value = info.unit == ParameterUnit::bps ? parse_bps(text) : parse_number(text);
    if (value && !is_allowed(info, *value)) value.reset();
  }
  if (!value)
    error = "parameter '" + std::string{info.name} + "' cannot be '" + std::string{text} +
            "'; allowed: " + allowed_values(info);
  // A minus sign on zero would print as "-0".
  return value && *value == 0 ? std::optional<double>{0.0} : value;
}

}  // namespace mm
