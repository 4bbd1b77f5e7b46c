#include "strategies/session_engine.hpp"

#include <utility>

#include "strategies/registry.hpp"

namespace mm {

Result<TraderSettings> trader_settings(const SessionStart& start) {
  TraderSettings settings;
  if (auto error = TraderSettings::parse(start.settings, settings))
    return Error(ErrorKind::usage, std::move(*error));
  settings.trading = start.execution == "paper" || start.execution == "live";
  settings.scripted = start.execution == "script";
  settings.own_displayed = start.execution == "live";
  settings.keep_apart = start.execution == "live";
  return settings;
}

Result<Engine> make_engine(const SessionStart& start) {
  auto settings = trader_settings(start);
  if (!settings) return settings.error();
  auto strategy = make_strategy(start.strategy, start.parameters);
  if (!strategy) return strategy.error();
  return Engine(std::move(*settings), std::move(*strategy));
}

}  // namespace mm
