#include "engine/outlook/parameters.hpp"

namespace mm {

std::optional<std::string> set_model_parameter(OutlookSettings&, std::string_view name,
                                               std::string_view) {
  return "there is no model parameter '" + std::string{name} + "'";
}

}  // namespace mm
