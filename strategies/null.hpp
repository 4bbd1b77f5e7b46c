#pragma once

// none: never quotes. For recording without trading, and for measuring the core alone.

#include <array>
#include <string_view>

#include "engine/policy.hpp"
#include "strategies/parameter.hpp"

namespace mm {

struct NullPolicy {
  struct Params {};
  struct State {
    void save(ByteWriter&) const {}
    void restore(ByteReader&) {}
  };

  static constexpr std::string_view name = "none";
  static constexpr std::string_view doc = "never quotes: records and replays the market alone";
  static constexpr bool wants_to_be_asked = false;
  static constexpr std::array<ParameterInfo, 0> parameters{};
  static constexpr std::array<double Params::*, 0> fields{};

  static Quotes quotes(const Params&, State&, const View&) { return {}; }
};

}  // namespace mm
