#include "engine/state.hpp"

namespace mm {

std::string_view name_of(StateModule module) {
  switch (module) {
    case StateModule::book:
      return "book";
    case StateModule::orders:
      return "orders";
    case StateModule::account:
      return "account";
    case StateModule::strategy:
      return "strategy";
    case StateModule::clock:
      return "clock";
    case StateModule::outlook:
      return "outlook";
    case StateModule::own:
      return "own";
  }
  return "?";
}

}  // namespace mm
