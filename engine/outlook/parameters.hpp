#pragma once

// "model." parameters: how the values of a parameter set change OutlookSettings.
//
// One parameter is one model's whole set: `model.hawkes` with the lines of
// engine/models/model_values.hpp, checked against engine/models/model_schema.hpp. A set that is not
// fit for use changes nothing. What is set and what is read back are equal to the bit.

#include <optional>
#include <string>
#include <string_view>

#include "engine/models/model_values.hpp"
#include "engine/outlook/settings.hpp"

namespace mm {

/// Sets one parameter ("model.hawkes", "alpha=0.3\nbeta=2\n..."); what is wrong with it, or empty.
std::optional<std::string> set_model_parameter(OutlookSettings& settings, std::string_view name,
                                               std::string_view value);

/// The values of a model as settings hold them. Requires a known model; empty where the settings
/// hold none (no table, no classifier, no prior of the leader, the strategy's own gamma).
ModelValues model_values(const OutlookSettings& settings, std::string_view model);

}  // namespace mm
