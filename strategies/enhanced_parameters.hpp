#pragma once

// Parameters of the `enhanced` quote engine, each with its unit, range, default and meaning.
// Settings of the models themselves (decays, kernels, tables) are the outlook's ("model.*").

#include <array>
#include <cstddef>
#include <string_view>

#include "strategies/quoting.hpp"

namespace mm {

struct EnhancedParams : Ladder {
  double cascade_belief = 0;
  double defensive_half_bps = 0;
  double defensive_size = 0;
  double directional_bps = 0;
  double directional_weight = 0;
  double fee_bps = 0;
  double floor_quiet_bps = 0;
  double floor_trending_bps = 0;
  double floor_volatile_bps = 0;
  double floor_cascade_bps = 0;
  double gamma_base = 0;
  double gamma_quiet = 0;
  double gamma_trending = 0;
  double gamma_volatile = 0;
  double gamma_cascade = 0;
  double intensity = 0;
  double inventory_quiet = 0;
  double inventory_trending = 0;
  double inventory_volatile = 0;
  double inventory_cascade = 0;
  double kappa_multiplier_quiet = 0;
  double kappa_multiplier_trending = 0;
  double kappa_multiplier_volatile = 0;
  double kappa_multiplier_cascade = 0;
  double kappa_prior = 0;
  double min_depth_bps = 0;
  double premium_prior_bps = 0;
  double premium_weight = 0;
  double spread_bps = 0;  ///< full width, 0 = the engine's
  double uncertainty_cv = 0;
  double uncertainty_entropy = 0;
  double use_adverse = 0;
  double use_hawkes = 0;
  double use_kappa = 0;
  double use_kappa_adjustment = 0;
  double use_lead_lag = 0;
  double use_liquidation = 0;
  double use_microprice = 0;
  double use_queue = 0;
  double use_regime = 0;
  double use_volatility = 0;
  double volatility_bps = 0;

  /// Stands for the instrument's own maker fee.
  static constexpr double fee_of_venue = -1e9;
};

namespace enhanced {

/// One parameter and where it is kept.
template <class Params>
struct Bound {
  ParameterInfo info;
  double Params::*field = nullptr;
};

constexpr ParameterInfo in_bps(std::string_view name, double by_default, double least, double most,
                               std::string_view doc) {
  return {.name = name,
          .unit = ParameterUnit::bps,
          .default_value = by_default,
          .minimum = least,
          .maximum = most,
          .doc = doc};
}
constexpr ParameterInfo ratio(std::string_view name, double by_default, double least, double most,
                              std::string_view doc) {
  return {.name = name,
          .unit = ParameterUnit::ratio,
          .default_value = by_default,
          .minimum = least,
          .maximum = most,
          .doc = doc};
}
inline constexpr std::string_view switch_choices[] = {"off", "on"};
constexpr ParameterInfo on_off(std::string_view name, bool by_default, std::string_view doc) {
  return {.name = name,
          .unit = ParameterUnit::choice,
          .default_value = by_default ? 1.0 : 0.0,
          .doc = doc,
          .choices = switch_choices};
}
constexpr bool is_on(double value) {
  return value != 0;
}

using P = EnhancedParams;

/// Sorted by name.
inline constexpr std::array bound = {
    Bound<P>{ratio("cascade_belief", 0.8, 0.01, 1, "P(Cascade) above which quotes are defensive"),
             &P::cascade_belief},
    Bound<P>{in_bps("defensive_half", 50, 0.5, 2000, "least half-spread of defensive quotes"),
             &P::defensive_half_bps},
    Bound<P>{ratio("defensive_size", 0.1, 0.001, 1, "share of the size in defensive quotes"),
             &P::defensive_size},
    Bound<P>{in_bps("directional_skew", 2, 0, 100,
                    "shift towards the leader's move at R^2 = 1, times directional_weight"),
             &P::directional_bps},
    Bound<P>{ratio("directional_weight", 0, 0, 1,
                   "1 skews quotes by the leader's move on top of moving the fair price by it"),
             &P::directional_weight},
    Bound<P>{{.name = "fee",
              .unit = ParameterUnit::bps,
              .default_value = EnhancedParams::fee_of_venue,
              .minimum = -100,
              .maximum = 100,
              .doc = "maker fee added to each depth; venue = the instrument's own",
              .keyword = "venue",
              .keyword_value = EnhancedParams::fee_of_venue},
             &P::fee_bps},
    Bound<P>{in_bps("floor_cascade", 50, 0.01, 2000, "least half-spread in a cascade"),
             &P::floor_cascade_bps},
    Bound<P>{in_bps("floor_quiet", 5, 0.01, 2000, "least half-spread while quiet"),
             &P::floor_quiet_bps},
    Bound<P>{in_bps("floor_trending", 10, 0.01, 2000, "least half-spread in a trend"),
             &P::floor_trending_bps},
    Bound<P>{in_bps("floor_volatile", 15, 0.01, 2000, "least half-spread while volatile"),
             &P::floor_volatile_bps},
    Bound<P>{ratio("gamma_base", 600, 1e-6, 1e6,
                   "risk aversion for a 100 % price move of one clip, before the regime's factor"),
             &P::gamma_base},
    Bound<P>{ratio("gamma_cascade", 2, 1e-3, 100, "factor of gamma_base in a cascade"),
             &P::gamma_cascade},
    Bound<P>{ratio("gamma_quiet", 0.3, 1e-3, 100, "factor of gamma_base while quiet"),
             &P::gamma_quiet},
    Bound<P>{ratio("gamma_trending", 0.5, 1e-3, 100, "factor of gamma_base in a trend"),
             &P::gamma_trending},
    Bound<P>{ratio("gamma_volatile", 0.8, 1e-3, 100, "factor of gamma_base while volatile"),
             &P::gamma_volatile},
    Bound<P>{{.name = "intensity",
              .unit = ParameterUnit::per_second,
              .default_value = 0.5,
              .minimum = 0.01,
              .maximum = 100,
              .doc = "fills per second and side at depth 0 without the intensity model"},
             &P::intensity},
    Bound<P>{ratio("inventory_cascade", 0.1, 0.001, 1, "share of max_position used in a cascade"),
             &P::inventory_cascade},
    Bound<P>{ratio("inventory_quiet", 1, 0.001, 1, "share of max_position used while quiet"),
             &P::inventory_quiet},
    Bound<P>{ratio("inventory_trending", 0.5, 0.001, 1, "share of max_position used in a trend"),
             &P::inventory_trending},
    Bound<P>{
        ratio("inventory_volatile", 0.3, 0.001, 1, "share of max_position used while volatile"),
        &P::inventory_volatile},
    Bound<P>{ratio("kappa_multiplier_cascade", 0.2, 0.01, 100,
                   "factor of kappa in a cascade; below 1 widens"),
             &P::kappa_multiplier_cascade},
    Bound<P>{ratio("kappa_multiplier_quiet", 1, 0.01, 100, "factor of kappa while quiet"),
             &P::kappa_multiplier_quiet},
    Bound<P>{ratio("kappa_multiplier_trending", 0.7, 0.01, 100, "factor of kappa in a trend"),
             &P::kappa_multiplier_trending},
    Bound<P>{ratio("kappa_multiplier_volatile", 0.6, 0.01, 100, "factor of kappa while volatile"),
             &P::kappa_multiplier_volatile},
    Bound<P>{ratio("kappa_prior", 3000, 100, 20000,
                   "decay of the fill rate per fraction of depth where nothing was measured"),
             &P::kappa_prior},
    Bound<P>{shared::level_step, &P::level_step_bps},
    Bound<P>{shared::levels, &P::levels},
    Bound<P>{shared::max_position, &P::max_position},
    Bound<P>{in_bps("min_depth", 0.5, 0, 100, "least distance of a quote from the fair price"),
             &P::min_depth_bps},
    Bound<P>{in_bps("premium_prior", 0.5, 0, 100,
                    "premium for adverse selection without a classifier and without fills"),
             &P::premium_prior_bps},
    Bound<P>{{.name = "premium_weight",
              .unit = ParameterUnit::count,
              .default_value = 200,
              .minimum = 1,
              .maximum = 1e6,
              .doc = "fills after which half of the premium is what our own fills cost"},
             &P::premium_weight},
    Bound<P>{shared::requote_threshold, &P::requote_threshold_bps},
    Bound<P>{shared::size, &P::size},
    Bound<P>{{.name = "spread",
              .unit = ParameterUnit::bps,
              .default_value = 0,
              .minimum = 0.01,
              .maximum = 2000,
              .doc = "full width at zero inventory; auto = the engine's",
              .keyword = "auto",
              .keyword_value = 0},
             &P::spread_bps},
    Bound<P>{ratio("uncertainty_cv", 0.5, 0, 10,
                   "widening by kappa's coefficient of variation (up to 2)"),
             &P::uncertainty_cv},
    Bound<P>{ratio("uncertainty_entropy", 0.25, 0, 10,
                   "widening at the largest entropy of the regime belief"),
             &P::uncertainty_entropy},
    Bound<P>{on_off("use_adverse", true,
                    "premium from the classifier and our own fills; off: premium_prior"),
             &P::use_adverse},
    Bound<P>{on_off("use_hawkes", true,
                    "intensities of taker orders; off: intensity, and a constant rate"),
             &P::use_hawkes},
    Bound<P>{on_off("use_kappa", true, "measured kappa; off: kappa_prior"), &P::use_kappa},
    Bound<P>{on_off("use_kappa_adjustment", false,
                    "informed flow lowers kappa instead of adding a premium"),
             &P::use_kappa_adjustment},
    Bound<P>{on_off("use_lead_lag", true, "the leader's announced move shifts the fair price"),
             &P::use_lead_lag},
    Bound<P>{on_off("use_liquidation", true, "defensive quotes in a liquidation cascade"),
             &P::use_liquidation},
    Bound<P>{on_off("use_microprice", true, "quotes around the microprice; off: the mid"),
             &P::use_microprice},
    Bound<P>{on_off("use_queue", true,
                    "fill probabilities from our place in the queue; off: always at its end"),
             &P::use_queue},
    Bound<P>{on_off("use_regime", true, "parameters blended by the regime belief; off: quiet"),
             &P::use_regime},
    Bound<P>{on_off("use_volatility", true, "measured volatility; off: volatility"),
             &P::use_volatility},
    Bound<P>{in_bps("volatility", 1, 0, 1000, "per root second, where none was measured"),
             &P::volatility_bps},
};

/// Entries of a list by member, for the two lists a policy has.
template <class Params, std::size_t N>
constexpr auto infos_of(const std::array<Bound<Params>, N>& list) {
  std::array<ParameterInfo, N> infos{};
  for (std::size_t i = 0; i < N; ++i) infos[i] = list[i].info;
  return infos;
}
template <class Params, std::size_t N>
constexpr auto fields_of(const std::array<Bound<Params>, N>& list) {
  std::array<double Params::*, N> fields{};
  for (std::size_t i = 0; i < N; ++i) fields[i] = list[i].field;
  return fields;
}
template <class Params, std::size_t N>
constexpr bool is_sorted_by_name(const std::array<Bound<Params>, N>& list) {
  for (std::size_t i = 1; i < N; ++i)
    if (!(list[i - 1].info.name < list[i].info.name)) return false;
  return true;
}
static_assert(is_sorted_by_name(bound));

}  // namespace enhanced

}  // namespace mm
