#pragma once

// The table of strategies: by name, with their parameters.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy.hpp"
#include "engine/result.hpp"
#include "strategies/parameter.hpp"

namespace mm {

struct StrategyInfo {
  std::string_view name;
  std::string_view doc;  ///< one sentence
  std::span<const ParameterInfo> parameters;
};

/// All strategies, by name.
std::span<const StrategyInfo> strategy_infos();

/// Builds a strategy from its name and "name=value" lines; parameters left out keep their defaults.
/// A usage error names the allowed strategies, parameters or values.
Result<std::unique_ptr<Strategy>> make_strategy(std::string_view name,
                                                std::string_view parameter_lines);

}  // namespace mm
