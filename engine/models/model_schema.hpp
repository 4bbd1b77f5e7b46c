#pragma once

// Which models take parameters from an offline fit, which these are, and what must hold of them.
//
// The names are those of parameter set files and of the session's `model.NAME` parameter changes. A
// set of values is whole: every field of the model and none besides.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/models/model_values.hpp"

namespace mm {

struct ModelField {
  std::string_view name;
  std::string_view doc;  ///< what it is, with its unit
  double minimum = 0;
  double maximum = 0;
  std::size_t count = 1;
  bool may_lack = false;      ///< single numbers may be absent
  bool may_be_empty = false;  ///< there may be no numbers at all
};

struct ModelSchema {
  std::string_view model;
  std::string_view doc;
  std::span<const ModelField> fields;  ///< sorted by name
};

/// Every model, sorted by name.
std::span<const ModelSchema> model_schemas();
/// Null if there is no such model.
const ModelSchema* find_model_schema(std::string_view model);
/// "gamma, hawkes, ...".
std::string model_names();

/// What is wrong with the values, one sentence each, naming the field: fields missing or unknown, a
/// wrong count, a number out of range, then what must hold between them (rows that sum to 1, a
/// branching ratio below 1). Empty: the values are fit for use. Requires a known model.
std::vector<std::string> problems_of(std::string_view model, const ModelValues& values);

/// How far the sums of shares may be from 1.
inline constexpr double share_tolerance = 1e-9;

}  // namespace mm
