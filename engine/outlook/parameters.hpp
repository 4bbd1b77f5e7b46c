#pragma once

// "model." parameters: how a parameter set's names and values change OutlookSettings.

#include <optional>
#include <string>
#include <string_view>

#include "engine/outlook/settings.hpp"

namespace mm {

/// Sets one parameter ("model.hawkes.kernel.alpha", "0.3"); what is wrong with it, or empty.
std::optional<std::string> set_model_parameter(OutlookSettings& settings, std::string_view name,
                                               std::string_view value);

}  // namespace mm
