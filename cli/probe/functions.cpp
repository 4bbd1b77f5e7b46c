#include "cli/probe/functions.hpp"

#include <array>
#include <span>

#include "cli/probe/family.hpp"
#include "cli/probe/hyperliquid_sign.hpp"
#include "engine/result.hpp"

namespace mm::probe {
namespace {

constexpr Function venue_functions[] = {
    {"hyperliquid.sign",
     [](const Json& input) { return Json::parse(hyperliquid_sign(input.dump())); }},
};

const Function* find(std::string_view name) {
  for (const std::span<const Function> family :
       {arrival_functions(), basic_functions(), class_functions(), feature_functions(),
        lead_functions(), price_functions(), quote_functions(), what_if_functions(),
        std::span<const Function>{venue_functions}})
    for (const Function& function : family)
      if (function.name == name) return &function;
  return nullptr;
}

Answer error(const std::string& message, int exit_code) {
  return {Json{{"error", message}}.dump(-1, ' ', true, Json::error_handler_t::replace), exit_code};
}

}  // namespace

Answer answer(std::string_view text) {
  try {
    const Json request = Json::parse(text);
    const auto name = request.at("fn").get<std::string>();
    const Function* function = find(name);
    if (function == nullptr) return error("not implemented", 0);
    return {Json{{"output", function->call(request.at("input"))}}.dump(), 0};
  } catch (const Json::exception& wrong) {
    return error(wrong.what(), 2);
  } catch (const BadInput& wrong) {
    return error(wrong.what(), 2);
  } catch (const Error& wrong) {
    return error(wrong.message(), 2);
  }
}

}  // namespace mm::probe
