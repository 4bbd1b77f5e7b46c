// mmctl strategies: what can quote, and with which parameters.

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/print_record.hpp"
#include "cli/table.hpp"
#include "strategies/registry.hpp"

namespace mm::cli {

int strategies(const Globals& globals) {
  if (globals.json) {
    Json list = Json::array();
    for (const StrategyInfo& strategy : strategy_infos()) {
      Json parameters = Json::array();
      for (const ParameterInfo& parameter : strategy.parameters)
        parameters.push_back(Json{{"name", parameter.name},
                                  {"unit", name_of(parameter.unit)},
                                  {"default", format_parameter(parameter, parameter.default_value)},
                                  {"allowed", allowed_values(parameter)},
                                  {"doc", parameter.doc}});
      list.push_back(Json{
          {"name", strategy.name}, {"doc", strategy.doc}, {"parameters", std::move(parameters)}});
    }
    fmt::print("{}\n", Json{{"strategies", std::move(list)}}.dump(2));
    return 0;
  }
  for (const StrategyInfo& strategy : strategy_infos()) {
    fmt::print("{}: {}\n", strategy.name, strategy.doc);
    if (strategy.parameters.empty()) continue;
    std::vector<TableRow> rows{{"  parameter", "default", "allowed", "unit"}};
    for (const ParameterInfo& parameter : strategy.parameters)
      rows.push_back({fmt::format("  {}", parameter.name),
                      format_parameter(parameter, parameter.default_value),
                      allowed_values(parameter), std::string(name_of(parameter.unit))});
    fmt::print("{}", format_table(rows));
    for (const ParameterInfo& parameter : strategy.parameters)
      fmt::print("    {}: {}\n", parameter.name, parameter.doc);
    fmt::print("\n");
  }
  return 0;
}

}  // namespace mm::cli
