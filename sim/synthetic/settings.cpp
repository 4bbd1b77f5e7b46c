#include "sim/synthetic/settings.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"

namespace mm::sim {
namespace {

using Unit = SettingUnit;
using Infos = std::vector<SettingInfo>;

constexpr std::array<std::string_view, regime_count> regime_names{"quiet", "trending", "volatile",
                                                                  "cascade"};

void add_globals(Infos& infos) {
  const auto add = [&](std::string name, double SyntheticSettings::*field, Unit unit, double low,
                       double high, std::string doc) {
    infos.push_back({std::move(name), unit, low, high, std::move(doc),
                     [field](SyntheticSettings& of) -> double& { return of.*field; }});
  };
  using S = SyntheticSettings;
  add("value", &S::value, Unit::value, 0.001, 1e9, "value of the asset at the start");
  add("sigma", &S::sigma_bps, Unit::bps, 0, 1000,
      "volatility of the value per square root of a second");
  add("step", &S::step_s, Unit::duration, 0.001, 10, "time between two moves of the value");
  add("lag", &S::lag_s, Unit::duration, 0, 60,
      "mean time after which the quoted market learns of a move the lead has made");
  add("lag_sd", &S::lag_sd_s, Unit::duration, 0, 10,
      "standard deviation of that time (normal, cut at 3 sd and at 0; moves never overtake)");
  add("warmup", &S::warmup_s, Unit::duration, 1, 3600, "flow before the first event is sent");
  add("own_displayed", &S::own_displayed, Unit::number, 0, 1,
      "1: our orders in the exchange show in the book that is sent; 0: they do not");
  add("regime_speed", &S::regime_speed, Unit::number, 0, 1e6,
      "how many times faster than the matrix says regimes change; 0: never");
  add("first_regime", &S::first_regime, Unit::number, -1, 3,
      "regime at the start, 0 quiet to 3 cascade; -1: drawn from the stationary law");
  add("flush_share", &S::flush_share, Unit::share, 0, 1,
      "share of makers' orders withdrawn within about 0.2 s when a cascade begins");
  add("liquidation_share", &S::liquidation_share, Unit::share, 0, 1,
      "share of a cascade's takers in its direction that are liquidations");
  add("context_interval", &S::context_s, Unit::duration, 0.01, 3600,
      "time between two asset contexts");
  add("funding_interval", &S::funding_interval_s, Unit::duration, 1, 604'800,
      "time between two settlements, at multiples since the epoch");
  add("funding", &S::funding_bps, Unit::bps, -1000, 1000, "mean funding rate of one interval");
  add("funding_sd", &S::funding_sd_bps, Unit::bps, 0, 1000,
      "standard deviation of the rate around its mean");
  add("funding_memory", &S::funding_memory_s, Unit::duration, 1, 1e6,
      "e-folding time of the rate's deviations");
  add("open_interest", &S::open_interest, Unit::value, 1, 1e12, "open interest at the start");
  add("open_interest_drop", &S::open_interest_drop, Unit::share, 0, 1,
      "share of the open interest that a minute of cascade closes");
}

void add_regimes(Infos& infos) {
  for (std::size_t at = 0; at < regime_count; ++at) {
    const std::string prefix = std::string{regime_names[at]} + ".";
    const auto add = [&](const char* name, double RegimeSettings::*field, Unit unit, double low,
                         double high, std::string doc) {
      infos.push_back(
          {prefix + name, unit, low, high, std::move(doc),
           [field, at](SyntheticSettings& of) -> double& { return of.regimes[at].*field; }});
    };
    using R = RegimeSettings;
    add("volatility", &R::volatility, Unit::number, 0, 100, "times sigma");
    add("drift", &R::drift_bps, Unit::bps, 0, 100,
        "drift of the value a second, in the regime's direction");
    add("intensity", &R::intensity, Unit::number, 0, 100, "times the takers' baseline");
    add("bias", &R::bias, Unit::share, 0, 1,
        "share of the baseline that goes over to the regime's direction");
    add("spread", &R::spread, Unit::number, 0.01, 100, "times spread");
    add("depth", &R::depth, Unit::number, 0.01, 100, "times the size of makers' orders");
    add("cancel", &R::cancel, Unit::number, 0.01, 100, "times the rate at which orders end");
    for (std::size_t to = 0; to < regime_count; ++to) {
      infos.push_back(
          {"transition." + prefix + std::string{regime_names[to]}, Unit::share, 0, 1,
           "chance to be there a minute later",
           [at, to](SyntheticSettings& of) -> double& { return of.transition[at][to]; }});
    }
  }
}

void add_flow(Infos& infos, const std::string& prefix, FlowSettings SyntheticSettings::*flow) {
  const auto add = [&](const char* name, double FlowSettings::*field, Unit unit, double low,
                       double high, std::string doc) {
    infos.push_back(
        {prefix + name, unit, low, high, std::move(doc),
         [flow, field](SyntheticSettings& of) -> double& { return (of.*flow).*field; }});
  };
  using F = FlowSettings;
  add("makers_per_s", &F::makers_per_s, Unit::per_second, 0.01, 1e6,
      "limit orders, both sides together");
  add("lifetime", &F::lifetime_s, Unit::duration, 0.001, 86'400,
      "mean time after which a limit order is cancelled (exponential)");
  add("spread", &F::spread_bps, Unit::bps, 0.001, 1000, "width from the best bid to the best ask");
  add("depth", &F::depth_bps, Unit::bps, 0.001, 1000,
      "mean distance of limit orders behind the touch (exponential)");
  add("order_value", &F::order_value, Unit::value, 0.001, 1e9,
      "median of a limit order (log-normal)");
  add("order_sigma", &F::order_sigma, Unit::number, 0, 4, "standard deviation of its logarithm");
  add("takers_per_s", &F::takers_per_s, Unit::per_second, 0, 1e5,
      "mu: baseline of taker orders on each side");
  add("alpha", &F::alpha, Unit::per_second, 0, 1e4, "what a taker order of mark 1 adds to it");
  add("beta", &F::beta, Unit::per_second, 0.001, 1e4, "rate at which that decays");
  add("mark_power", &F::mark_power, Unit::number, 0, 2,
      "mark = min((size / median)^mark_power, mark_cap) * sweep; 0: all marks are 1");
  add("mark_cap", &F::mark_cap, Unit::number, 0.01, 1000, "largest size factor of a mark");
  add("mark_same", &F::mark_same, Unit::number, 0, 100,
      "times the mark on the side of the book that was taken from");
  add("mark_other", &F::mark_other, Unit::number, 0, 100, "times the mark on the other side");
  add("mark_sweep", &F::mark_sweep, Unit::number, 0, 100,
      "sweep factor of an order that trades at two prices or more");
  add("gap_weight", &F::gap_weight, Unit::number, -10, 10,
      "baseline of buyers * exp(weight * (lead's value - mid) in bps), of sellers its inverse; "
      "exponent within +-3");
  add("settlement_weight", &F::settlement_weight, Unit::number, -3, 3,
      "baseline * exp(weight * cos(2 pi time to settlement / funding interval))");
  add("taker_value", &F::taker_value, Unit::value, 0.001, 1e9,
      "median of a taker order (log-normal)");
  add("taker_sigma", &F::taker_sigma, Unit::number, 0, 4, "standard deviation of its logarithm");
  add("walk_share", &F::walk_share, Unit::share, 0, 1,
      "share of taker orders that may walk half a spread beyond the touch");
  add("walls_per_min", &F::walls_per_min, Unit::number, 0, 1000, "walls that appear, both sides");
  add("wall_value", &F::wall_value, Unit::value, 0.001, 1e12, "median of a wall (log-normal)");
  add("wall_sigma", &F::wall_sigma, Unit::number, 0, 4, "standard deviation of its logarithm");
  add("wall_near", &F::wall_near_bps, Unit::bps, 0, 1000, "least distance from the value");
  add("wall_far", &F::wall_far_bps, Unit::bps, 0, 1000, "largest distance (uniform between)");
  add("wall_life", &F::wall_life_s, Unit::duration, 0.01, 86'400,
      "mean time until it is pulled or moved (exponential)");
  add("wall_fake", &F::wall_fake, Unit::share, 0, 1, "share that vanishes when approached");
  add("wall_flee", &F::wall_flee_bps, Unit::bps, 0, 1000,
      "distance of the value at which a fake one vanishes");
  add("wall_flicker", &F::wall_flicker_per_s, Unit::per_second, 0, 100,
      "how often a fake one is withdrawn for 0.2 s");
  add("wall_moves", &F::wall_moves, Unit::share, 0, 1,
      "share of a genuine one's ends that are moves by one to three ticks");
  add("feed_latency", &F::feed_latency_s, Unit::duration, 0, 10,
      "from the venue to us; the least of it");
  add("feed_jitter", &F::feed_jitter_s, Unit::duration, 0, 10,
      "mean of what comes on top (exponential; messages never overtake)");
  add("depth_interval", &F::depth_interval_s, Unit::duration, 0, 60,
      "time between two deltas of the book; 0: one with every change");
}

std::vector<SettingInfo> make_parameters() {
  Infos infos;
  add_globals(infos);
  add_regimes(infos);
  add_flow(infos, "", &SyntheticSettings::quoted);
  add_flow(infos, "lead.", &SyntheticSettings::lead);
  // Names are unique: a total order.
  std::sort(infos.begin(), infos.end(),
            [](const SettingInfo& a, const SettingInfo& b) { return a.name < b.name; });
  return infos;
}

std::optional<double> parse(Unit unit, std::string_view text) {
  switch (unit) {
    case Unit::duration: {
      const auto duration = parse_duration(text);
      return duration ? std::optional{seconds_of(*duration)} : std::nullopt;
    }
    case Unit::bps:
      return parse_bps(text);
    default:
      return parse_number(text);
  }
}

}  // namespace

std::string_view name_of(Regime regime) {
  return regime_names[static_cast<std::size_t>(regime)];
}

std::string_view name_of(SettingUnit unit) {
  switch (unit) {
    case Unit::number:
      return "";
    case Unit::share:
      return "share";
    case Unit::per_second:
      return "1/s";
    case Unit::bps:
      return "bps";
    case Unit::duration:
      return "time";
    case Unit::value:
      return "quote currency";
  }
  return "";
}

std::span<const SettingInfo> synthetic_parameters() {
  static const std::vector<SettingInfo> infos = make_parameters();
  return infos;
}

std::string format_setting(const SettingInfo& info, double value) {
  switch (info.unit) {
    case Unit::duration:
      return format_duration(duration_of(value));
    case Unit::bps:
      return format_bps(value);
    default:
      return format_double(value);
  }
}

std::optional<std::string> SyntheticSettings::set(std::string_view name, std::string_view text) {
  const auto infos = synthetic_parameters();
  const auto info = std::lower_bound(
      infos.begin(), infos.end(), name,
      [](const SettingInfo& of, std::string_view wanted) { return of.name < wanted; });
  if (info == infos.end() || info->name != name)
    return "the synthetic market has no parameter '" + std::string{name} +
           "'; mmctl simulate --market synthetic --list-parameters shows them";
  const auto parsed = parse(info->unit, text);
  if (!parsed || *parsed < info->minimum || *parsed > info->maximum)
    return std::string{name} + " must be from " + format_setting(*info, info->minimum) + " to " +
           format_setting(*info, info->maximum) + ", not '" + std::string{text} + "'";
  info->field(*this) = *parsed;
  return std::nullopt;
}

std::optional<std::string> SyntheticSettings::set_all(std::string_view lines) {
  const auto settings = parse_settings(lines);
  if (!settings) return "a line is not name=value, or a name comes twice";
  for (const Setting& setting : *settings)
    if (auto wrong = set(setting.name, setting.value)) return wrong;
  return std::nullopt;
}

std::optional<std::string> SyntheticSettings::problem() const {
  for (std::size_t from = 0; from < regime_count; ++from) {
    double sum = 0;
    for (const double chance : transition[from]) sum += chance;
    if (std::abs(sum - 1) > 1e-9)
      return "transition." + std::string{regime_names[from]} + ".*: the row sums to " +
             format_double(sum) + ", not to 1";
  }
  if (first_regime != std::floor(first_regime))
    return "first_regime must be a whole number from -1 to 3";
  for (const FlowSettings* flow : {&quoted, &lead}) {
    // Children per order: the mean of the size factor is at most that of an uncapped log-normal.
    const double spread = flow->mark_power * flow->taker_sigma;
    const double size =
        flow->mark_power == 0 ? 1 : std::min(det::exp(spread * spread / 2), flow->mark_cap);
    const double children = flow->alpha / flow->beta * (flow->mark_same + flow->mark_other) * size *
                            std::max(flow->mark_sweep, 1.0);
    if (children >= 0.98)
      return std::string{flow == &lead ? "lead." : ""} + "alpha: a taker order would excite " +
             format_double(children) +
             " others, (mark_same + mark_other) * alpha / beta * mean mark; it must stay below "
             "0.98";
    if (flow->wall_near_bps > flow->wall_far_bps)
      return std::string{flow == &lead ? "lead." : ""} + "wall_near is beyond wall_far";
  }
  return std::nullopt;
}

std::string SyntheticSettings::format() const {
  std::vector<Setting> settings;
  SyntheticSettings copy = *this;
  for (const SettingInfo& info : synthetic_parameters())
    settings.push_back({info.name, format_setting(info, info.field(copy))});
  return format_settings(std::move(settings));
}

}  // namespace mm::sim
