#include "sim/synthetic/path.hpp"

#include <algorithm>
#include <cmath>

namespace mm::sim {

SplitMix64 random_stream(std::uint64_t seed, std::string_view purpose, std::uint64_t which) {
  // FNV-1a of the purpose, then one draw of each, so that near seeds have nothing in common.
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char letter : purpose)
    hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x100000001B3;
  const std::uint64_t of_purpose = SplitMix64{hash + which}.next();
  return SplitMix64{SplitMix64{seed ^ of_purpose}.next()};
}

std::array<double, regime_count> MarketPath::stationary(const SyntheticSettings& settings) {
  std::array<double, regime_count> law{0.25, 0.25, 0.25, 0.25};
  for (int round = 0; round < 5000; ++round) {
    std::array<double, regime_count> next{};
    for (std::size_t from = 0; from < regime_count; ++from) {
      for (std::size_t to = 0; to < regime_count; ++to)
        next[to] += 0.5 * law[from] * (settings.transition[from][to] + (from == to ? 1 : 0));
    }
    law = next;
  }
  return law;
}

MarketPath::MarketPath(const SyntheticSettings& settings, Time start)
    : settings_(&settings),
      step_(duration_of(settings.step_s)),
      now_(start),
      value_random_(random_stream(settings.seed, "value")),
      regime_random_(random_stream(settings.seed, "regime")),
      funding_random_(random_stream(settings.seed, "funding")),
      value_(settings.value),
      floor_(settings.value / 1000),
      next_change_(Time::max()),
      funding_decay_(det::exp(-settings.step_s / settings.funding_memory_s)),
      funding_shock_(std::sqrt(1 - funding_decay_ * funding_decay_) * settings.funding_sd_bps *
                     1e-4),
      open_interest_(settings.open_interest),
      drop_per_step_(settings.open_interest_drop * settings.step_s / 60) {
  funding_ = (settings.funding_bps + settings.funding_sd_bps * funding_random_.normal()) * 1e-4;
  enter(settings.first_regime < 0 ? draw(stationary(settings))
                                  : static_cast<Regime>(settings.first_regime));
}

Regime MarketPath::draw(std::span<const double> weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double rest = regime_random_.uniform() * sum;
  std::size_t last = 0;
  for (std::size_t at = 0; at < weights.size(); ++at) {
    if (weights[at] <= 0) continue;
    last = at;
    rest -= weights[at];
    if (rest <= 0) break;
  }
  return static_cast<Regime>(last);
}

void MarketPath::enter(Regime regime) {
  entered_ = true;
  regime_ = regime;
  const double coin = regime_random_.uniform();
  direction_ = 0;
  if (regime == Regime::trending) direction_ = coin < 0.5 ? 1 : -1;
  if (regime == Regime::cascade) direction_ = funding_ > 0 ? -1 : 1;
  const auto& row = settings_->transition[static_cast<std::size_t>(regime)];
  const double rate = (1 - row[static_cast<std::size_t>(regime)]) / 60 * settings_->regime_speed;
  const double wait = -det::log(regime_random_.uniform());
  // A century is never.
  next_change_ = rate * 3e9 > wait ? now_ + duration_of(wait / rate) : Time::max();
}

void MarketPath::step() {
  now_ += step_;
  entered_ = false;
  if (next_change_ <= now_) {
    std::array<double, regime_count> away =
        settings_->transition[static_cast<std::size_t>(regime_)];
    away[static_cast<std::size_t>(regime_)] = 0;
    enter(draw(away));
  }
  const RegimeSettings& regime = settings_->of(regime_);
  const double shock = regime.volatility * settings_->sigma_bps * 1e-4 *
                       std::sqrt(settings_->step_s) * value_random_.normal();
  const double drift = direction_ * regime.drift_bps * 1e-4 * settings_->step_s;
  value_ = std::max(floor_, value_ + value_ * (drift + shock));

  const double mean = settings_->funding_bps * 1e-4;
  funding_ = mean + (funding_ - mean) * funding_decay_ + funding_shock_ * funding_random_.normal();
  const double wander = 2e-5 * std::sqrt(settings_->step_s) * funding_random_.normal();
  const double drop = regime_ == Regime::cascade ? drop_per_step_ : 0;
  open_interest_ *= 1 + wander - drop;
}

}  // namespace mm::sim
