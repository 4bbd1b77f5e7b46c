#include "strategies/registry.hpp"

#include <array>
#include <optional>
#include <utility>

#include "engine/settings.hpp"
#include "strategies/adapter.hpp"
#include "strategies/enhanced.hpp"
#include "strategies/fixed_spread.hpp"
#include "strategies/glft.hpp"
#include "strategies/null.hpp"
#include "strategies/wall_aware.hpp"

namespace mm {
namespace {

struct Entry {
  StrategyInfo info;
  std::unique_ptr<Strategy> (*make)();
};

template <Policy P>
constexpr Entry entry_of() {
  return {{P::name, P::doc, P::parameters},
          []() -> std::unique_ptr<Strategy> { return std::make_unique<PolicyStrategy<P>>(); }};
}

// By name: a new strategy is a line here.
constexpr std::array entries = {entry_of<Enhanced>(), entry_of<FixedSpread>(), entry_of<Glft>(),
                                entry_of<NullPolicy>(), entry_of<WallAware>()};

constexpr auto infos = [] {
  std::array<StrategyInfo, entries.size()> list{};
  for (std::size_t i = 0; i < entries.size(); ++i) list[i] = entries[i].info;
  return list;
}();

}  // namespace

std::string join_names(std::span<const ParameterInfo> infos_of_one) {
  std::string names;
  for (const ParameterInfo& info : infos_of_one)
    names += (names.empty() ? "" : ", ") + std::string{info.name};
  return names.empty() ? "none" : names;
}

std::span<const StrategyInfo> strategy_infos() {
  return infos;
}

Result<std::unique_ptr<Strategy>> make_strategy(std::string_view name,
                                                std::string_view parameter_lines) {
  std::unique_ptr<Strategy> strategy;
  std::string known;
  for (const Entry& entry : entries) {
    if (entry.info.name == name) strategy = entry.make();
    known += (known.empty() ? "" : ", ") + std::string{entry.info.name};
  }
  if (!strategy)
    return Error{ErrorKind::usage,
                 "there is no strategy '" + std::string{name} + "'; there are: " + known};
  const std::optional<std::vector<Setting>> settings = parse_settings(parameter_lines);
  if (!settings)
    return Error{ErrorKind::usage, "parameters are written name=value, each name once; found '" +
                                       std::string{parameter_lines} + "'"};
  for (const Setting& setting : *settings) {
    std::optional<std::string> error = strategy->set_parameter(setting.name, setting.value);
    if (error) return Error{ErrorKind::usage, *std::move(error)};
  }
  return strategy;
}

}  // namespace mm
