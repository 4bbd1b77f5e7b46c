#pragma once

// Every knob of the synthetic market: named, with unit, default, range and a line of documentation.
//
// A run is its settings, its seed and its start; format() of the settings is what a truth file and
// a session keep of it. Names are those of `mmctl simulate --market synthetic --list-parameters`;
// those of the leading venue carry the prefix "lead.", those of a regime its name.
//
// Units inside: seconds, fractions written as bps where the name says so, quote currency.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace mm::sim {

/// States of the market, in the order of the transition matrix.
enum class Regime : std::uint8_t { quiet = 0, trending = 1, turbulent = 2, cascade = 3 };
inline constexpr std::size_t regime_count = 4;
/// "quiet", "trending", "volatile", "cascade".
std::string_view name_of(Regime regime);

/// What a regime does to the base settings.
struct RegimeSettings {
  double volatility = 1;  ///< times sigma
  double drift_bps = 0;   ///< of the value, bps a second, in the regime's direction
  double intensity = 1;   ///< times the takers' baseline
  double bias = 0;        ///< share of the baseline that goes over to the regime's direction
  double spread = 1;      ///< times spread
  double depth = 1;       ///< times the size of makers' orders
  double cancel = 1;      ///< times the rate at which makers' orders end
};

/// One venue's flow and feed.
struct FlowSettings {
  double makers_per_s = 60;
  double lifetime_s = 8;
  double spread_bps = 1;
  double depth_bps = 2.5;
  double order_value = 1000;
  double order_sigma = 1;

  double takers_per_s = 0.4;
  double alpha = 0.3;
  double beta = 2;
  double mark_power = 0.5;
  double mark_cap = 3;
  double mark_same = 1.5;
  double mark_other = 0.8;
  double mark_sweep = 1.2;
  double gap_weight = 0.3;
  double settlement_weight = 0;
  double taker_value = 1000;
  double taker_sigma = 1.2;
  double walk_share = 0.25;

  double walls_per_min = 2;
  double wall_value = 150'000;
  double wall_sigma = 0.5;
  double wall_near_bps = 2;
  double wall_far_bps = 12;
  double wall_life_s = 60;
  double wall_fake = 0.4;
  double wall_flee_bps = 2;
  double wall_flicker_per_s = 0;
  double wall_moves = 0.25;

  double feed_latency_s = 0.002;
  double feed_jitter_s = 0;
  double depth_interval_s = 0.1;
};

struct SyntheticSettings {
  std::uint64_t seed = 1;  ///< not a parameter: it has a flag of its own
  double value = 60'000;
  double sigma_bps = 1.2;
  double step_s = 0.05;
  double lag_s = 0.25;
  double lag_sd_s = 0.02;
  double warmup_s = 30;
  double own_displayed = 1;

  double regime_speed = 1;
  double first_regime = -1;  ///< -1: drawn from the stationary law
  std::array<std::array<double, regime_count>, regime_count> transition{{{0.95, 0.03, 0.019, 0.001},
                                                                         {0.10, 0.85, 0.04, 0.01},
                                                                         {0.15, 0.10, 0.70, 0.05},
                                                                         {0.05, 0.05, 0.60, 0.30}}};
  std::array<RegimeSettings, regime_count> regimes{
      {{.volatility = 0.4, .intensity = 0.8},
       {.volatility = 1, .drift_bps = 0.15, .intensity = 1.5, .bias = 0.3},
       {.volatility = 2, .intensity = 2, .spread = 1.6, .depth = 0.7, .cancel = 2},
       {.volatility = 5,
        .drift_bps = 1,
        .intensity = 5,
        .bias = 0.6,
        .spread = 3,
        .depth = 0.4,
        .cancel = 4}}};
  double flush_share = 0.6;
  double liquidation_share = 0.5;

  double context_s = 1;
  double funding_interval_s = 3600;
  double funding_bps = 0.125;
  double funding_sd_bps = 0.3;
  double funding_memory_s = 1800;
  double open_interest = 500'000'000;
  double open_interest_drop = 0.03;

  FlowSettings quoted;
  FlowSettings lead{.makers_per_s = 120,
                    .spread_bps = 0.6,
                    .order_value = 2000,
                    .takers_per_s = 0.8,
                    .walls_per_min = 0,
                    .feed_latency_s = 0.001};

  const RegimeSettings& of(Regime regime) const {
    return regimes[static_cast<std::size_t>(regime)];
  }

  /// Sets one parameter from text. What is wrong with it, naming what is allowed, or empty.
  std::optional<std::string> set(std::string_view name, std::string_view text);
  /// Reads "name=value" lines, each as set() does.
  std::optional<std::string> set_all(std::string_view lines);
  /// What cannot be together: a transition row that does not sum to 1, a process that explodes.
  std::optional<std::string> problem() const;
  /// All parameters as sorted "name=value" lines.
  std::string format() const;
};

enum class SettingUnit : std::uint8_t { number, share, per_second, bps, duration, value };
/// "", "share", "1/s", "bps", "time", "quote currency".
std::string_view name_of(SettingUnit unit);

struct SettingInfo {
  std::string name;
  SettingUnit unit = SettingUnit::number;
  double minimum = 0;
  double maximum = 0;
  std::string doc;
  std::function<double&(SyntheticSettings&)> field;
};

/// Every parameter, sorted by name.
std::span<const SettingInfo> synthetic_parameters();
/// A value with its unit; parse of it gives the value again.
std::string format_setting(const SettingInfo& info, double value);

inline Duration duration_of(double seconds) {
  return Duration{static_cast<std::int64_t>(seconds * 1e9 + 0.5)};
}
inline double seconds_of(Duration duration) {
  return static_cast<double>(duration.count()) * 1e-9;
}

}  // namespace mm::sim
