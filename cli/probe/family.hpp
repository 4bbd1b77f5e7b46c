#pragma once

// What the functions of mm-probe share, and the list each family of them offers.
//
// A function takes a case's `input` and gives its `output`. What it cannot use it refuses with
// BadInput; a missing key or a wrong type is told by the JSON library's own exception.

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace mm::probe {

using Json = nlohmann::json;

/// The input does not say what the function needs; told to the caller.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Function {
  std::string_view name;
  Json (*call)(const Json& input);
};

std::span<const Function> arrival_functions();  ///< hawkes.*, fill.*
std::span<const Function> basic_functions();    ///< rng.*, det.*, pnl.*, markout.*
std::span<const Function> class_functions();    ///< adverse.*, calib.*, liquidation.*, hmm.*
std::span<const Function> feature_functions();  ///< book.*, wall.*, flush.*, spoof.*, queue.*
std::span<const Function> lead_functions();     ///< leadlag.*
std::span<const Function> price_functions();    ///< ema.*, vol.*, microprice.*
std::span<const Function> quote_functions();    ///< glft.*, kappa.*, regime.*, quote.*, funding.*
std::span<const Function> what_if_functions();  ///< boot.*, mtest.*, calib.wilson, cf.*, sim.*

/// A number, or null where there is none.
inline Json nullable(std::optional<double> value) {
  return value ? Json(*value) : Json(nullptr);
}

/// The nearest nanosecond. Throws BadInput outside of some 290 years.
Time time_of_seconds(double seconds);

/// An array of numbers, all finite.
std::vector<double> numbers(const Json& array);

/// `rows` of a case with `columns`, answered one by one: calls f(row), where row(name) is the value
/// of that column.
class Row {
 public:
  Row(const Json& columns, const Json& values) : columns_(columns), values_(values) {}
  const Json& operator[](std::string_view name) const;
  double number(std::string_view name) const { return (*this)[name].get<double>(); }

 private:
  const Json& columns_;
  const Json& values_;
};

template <class F>
Json answer_rows(const Json& input, F&& f) {
  Json answers = Json::array();
  for (const Json& values : input.at("rows"))
    answers.push_back(f(Row{input.at("columns"), values}));
  return answers;
}

}  // namespace mm::probe
