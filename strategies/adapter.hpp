#pragma once

// From a policy, a struct of values and functions, to a Strategy object.
//
// A policy with parameters describes them as
//
//   static constexpr std::array parameters = {ParameterInfo{...}, ...};         // sorted by name
//   static constexpr std::array<double Params::*, N> fields = {&Params::a, ...};  // in that order
//
// and every value of its Params is one of them: text, ranges and saved state follow that list. One
// that knows nothing but touch and position may say so (Strategy::moves_with_touch); one that reads
// features and models says `static constexpr bool needs_outlook = true`, one that also learns from
// our own orders `needs_own = true`; one with a static predict() has a prediction log.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/policy.hpp"
#include "engine/settings.hpp"
#include "strategies/parameter.hpp"

namespace mm {

/// "a, b, c" for messages that name what is allowed.
std::string join_names(std::span<const ParameterInfo> infos);

template <Policy P>
class PolicyStrategy final : public Strategy {
 public:
  using Params = typename P::Params;
  using State = typename P::State;
  static_assert(P::parameters.size() == P::fields.size(), "a field for each parameter");

  PolicyStrategy() {
    for (std::size_t i = 0; i < P::parameters.size(); ++i)
      params_.*P::fields[i] = P::parameters[i].default_value;
  }
  PolicyStrategy(const Params& params, State state) : params_(params), state_(std::move(state)) {}

  std::string_view name() const override { return P::name; }
  Quotes quotes(const View& view) override { return P::quotes(params_, state_, view); }
  bool wants_to_be_asked() const override { return P::wants_to_be_asked; }
  bool needs_outlook() const override {
    if constexpr (requires { P::needs_outlook; }) return P::needs_outlook;
    return false;
  }
  bool needs_own() const override {
    if constexpr (requires { P::needs_own; }) return P::needs_own;
    return false;
  }
  bool predicts() const override {
    return requires(const Params& params, State& state, const View& view, PredictedCycle& cycle) {
      P::predict(params, state, view, std::span<const Order>{}, cycle);
    };
  }
  void predict(const View& view, std::span<const Order> orders, PredictedCycle& cycle) override {
    if constexpr (requires { P::predict(params_, state_, view, orders, cycle); })
      P::predict(params_, state_, view, orders, cycle);
  }
  bool moves_with_touch() const override {
    if constexpr (requires { P::moves_with_touch(params_); }) return P::moves_with_touch(params_);
    return false;
  }
  std::unique_ptr<Strategy> clone() const override {
    return std::make_unique<PolicyStrategy>(params_, state_);
  }

  std::optional<std::string> set_parameter(std::string_view name, std::string_view value) override {
    for (std::size_t i = 0; i < P::parameters.size(); ++i) {
      if (P::parameters[i].name != name) continue;
      std::string error;
      const std::optional<double> parsed = parse_parameter(P::parameters[i], value, error);
      if (!parsed) return error;
      params_.*P::fields[i] = *parsed;
      return std::nullopt;
    }
    return "strategy '" + std::string{P::name} + "' has no parameter '" + std::string{name} +
           "'; it has: " + join_names(P::parameters);
  }
  std::string parameters() const override {
    std::vector<Setting> settings;
    for (std::size_t i = 0; i < P::parameters.size(); ++i)
      settings.push_back({std::string{P::parameters[i].name},
                          format_parameter(P::parameters[i], params_.*P::fields[i])});
    return format_settings(std::move(settings));
  }

  void save(ByteWriter& out) const override {
    for (std::size_t i = 0; i < P::parameters.size(); ++i) out.put_double(params_.*P::fields[i]);
    state_.save(out);
  }
  bool restore(ByteReader& in) override {
    for (std::size_t i = 0; i < P::parameters.size(); ++i) {
      const double value = in.get_double();
      if (!is_allowed(P::parameters[i], value)) in.fail();
      params_.*P::fields[i] = value;
    }
    state_.restore(in);
    return !in.failed();
  }

  const Params& params() const { return params_; }

 private:
  Params params_{};
  State state_{};
};

}  // namespace mm
