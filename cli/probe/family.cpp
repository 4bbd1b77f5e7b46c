#include "cli/probe/family.hpp"

#include <cmath>
#include <cstdint>
#include <string>

namespace mm::probe {

Time time_of_seconds(double seconds) {
  const double ns = std::round(seconds * 1e9);
  if (!(std::fabs(ns) < 9e18)) throw BadInput{"a time is too far away"};
  return time_from_ns(static_cast<std::int64_t>(ns));
}

std::vector<double> numbers(const Json& array) {
  auto values = array.get<std::vector<double>>();
  for (const double value : values)
    if (!std::isfinite(value)) throw BadInput{"a number is not finite"};
  return values;
}

const Json& Row::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].get<std::string_view>() == name) return values_.at(i);
  throw BadInput{"there is no column " + std::string{name}};
}

}  // namespace mm::probe
