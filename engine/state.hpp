#pragma once

// Digests of the core's state, module by module, and its values by name.
//
// Two builds or two runs that disagree are compared first by the root, then by module, then by the
// first field that differs.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/hash.hpp"

namespace mm {

/// Parts of the state that are saved, hashed and compared on their own.
enum class StateModule {
  book = 0,
  orders = 1,
  account = 2,
  strategy = 3,
  clock = 4,
  outlook = 5,
  own = 6
};

inline constexpr std::array<StateModule, 7> state_modules = {
    StateModule::book,  StateModule::orders,  StateModule::account, StateModule::strategy,
    StateModule::clock, StateModule::outlook, StateModule::own};

/// "book", "orders", "account", "strategy", "clock", "outlook", "own".
std::string_view name_of(StateModule module);

/// XXH3-128 of each module's saved bytes; `root` is that of the digests in order. A session without
/// an outlook (or without one of our own orders) has no module of it: its digest is 0 and is left
/// out of the root.
struct StateDigests {
  std::array<Digest128, state_modules.size()> modules;
  Digest128 root;
  const Digest128& of(StateModule module) const {
    return modules[static_cast<std::size_t>(module)];
  }
  bool operator==(const StateDigests&) const = default;
};

/// One value of the state, printed exactly (doubles as hexadecimal floats).
struct StateField {
  StateModule module = StateModule::book;
  std::string name;  ///< "touch.bid[0]", "position"
  std::string value;
  bool operator==(const StateField&) const = default;
};

}  // namespace mm
