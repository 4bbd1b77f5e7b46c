#include "standin/text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "engine/numeric.hpp"

namespace mm::standin {

std::string fixed_decimal(Int128 value, std::int64_t decimals) {
  std::string text = format_decimal(value, decimals);
  if (decimals == 0) return text;
  std::size_t point = text.find('.');
  if (point == std::string::npos) {
    point = text.size();
    text += '.';
  }
  text.append(static_cast<std::size_t>(decimals) - (text.size() - point - 1), '0');
  return text;
}

std::string pointed_decimal(Int128 value, std::int64_t decimals) {
  std::string text = format_decimal(value, decimals);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string pointed_money(Money money, std::int64_t decimals) {
  return pointed_decimal(divide_half_even(money.units(), power_of_ten(12 - decimals)), decimals);
}

std::string pointed_double(double value, int decimals) {
  const double scaled = std::nearbyint(value * static_cast<double>(power_of_ten(decimals)));
  return pointed_decimal(static_cast<std::int64_t>(scaled), decimals);
}

std::int64_t to_ms(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char of : text) {
    if (of == '"' || of == '\\') {
      out += '\\';
      out += of;
    } else if (of == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(of) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(of));
    } else {
      out += of;
    }
  }
  return out + '"';
}

}  // namespace mm::standin
