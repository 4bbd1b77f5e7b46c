#pragma once

// An action as a tree with the order of its keys. For .cpp files only.

#include <nlohmann/json.hpp>

#include "venues/hyperliquid/signing.hpp"

namespace mm::venues::hyperliquid {

/// The tree holds no fractions.
Action action_of(const nlohmann::ordered_json& json);

}  // namespace mm::venues::hyperliquid
