// What the outlook says has changed, as outputs.

#include <algorithm>
#include <cmath>

#include "engine/outlook/outlook.hpp"

namespace mm {
namespace {

/// A figure as a count of a unit, to the nearest.
std::int64_t counted(double value, double per_one) {
  constexpr double most = 9e15;
  return static_cast<std::int64_t>(std::floor(std::clamp(value * per_one, -most, most) + 0.5));
}
std::int64_t counted(std::optional<double> value, double per_one) {
  return value ? counted(*value, per_one) : absent_e;
}

LiquidityName name_of_state(std::optional<LiquidityState> state) {
  return state ? static_cast<LiquidityName>(static_cast<int>(*state) + 1) : LiquidityName::unknown;
}
RegimeName name_of_regime(Regime regime) {
  return static_cast<RegimeName>(static_cast<int>(regime) + 1);
}

template <class Note>
Note wall_note(const Change& change) {
  return {.side = change.side,
          .price = change.price,
          .qty = change.qty,
          .ratio_e3 = counted(change.ratio, 1e3),
          .z_e3 = counted(change.z, 1e3),
          .age_ms = change.age_ms,
          .steps = change.steps,
          .pulled_e6 = counted(change.pulled_fraction, 1e6)};
}
template <class Note>
Note flush_note(const Change& change) {
  return {.side = change.side,
          .score_e6 = counted(change.score, 1e6),
          .breadth_e6 = counted(change.breadth, 1e6),
          .lasted_ms = change.age_ms};
}

OutputBody note_of(const Change& change) {
  switch (change.kind) {
    case ChangeKind::wall_appeared:
      return wall_note<WallAppeared>(change);
    case ChangeKind::wall_moved:
      return wall_note<WallMoved>(change);
    case ChangeKind::wall_pulled:
      return wall_note<WallPulled>(change);
    case ChangeKind::wall_filled:
      return wall_note<WallFilled>(change);
    case ChangeKind::wall_gone:
      return wall_note<WallGone>(change);
    case ChangeKind::flush_started:
      return flush_note<FlushStarted>(change);
    case ChangeKind::flush_ended:
      return flush_note<FlushEnded>(change);
    case ChangeKind::liquidity_changed:
      break;
  }
  return LiquidityChanged{.from = name_of_state(change.from),
                          .to = name_of_state(change.to),
                          .score_e6 = counted(change.score, 1e6),
                          .breadth_e6 = counted(change.breadth, 1e6),
                          .density_e6 = counted(change.density, 1e6),
                          .z_velocity_e3 = counted(change.z_velocity, 1e3)};
}

}  // namespace

void Outlook::tell_changes(Time now, std::vector<Output>& outputs) const {
  for (const Change& change : changes_.all())
    outputs.push_back({{.recv_time = now}, note_of(change)});
}

void Outlook::tell_regime(Time now, Regime before, std::vector<Output>& outputs) {
  const Belief& p = reading_.belief;
  const std::int64_t belief[] = {counted(p[0], 1e6), counted(p[1], 1e6), counted(p[2], 1e6),
                                 counted(p[3], 1e6)};
  if (reading_.displayed != before)
    outputs.push_back({{.recv_time = now},
                       RegimeChanged{.from = name_of_regime(before),
                                     .to = name_of_regime(reading_.displayed),
                                     .quiet_e6 = belief[0],
                                     .trending_e6 = belief[1],
                                     .volatile_e6 = belief[2],
                                     .cascade_e6 = belief[3]}});
  // Before the first observation there is only a prior to tell.
  if (reading_.regime_steps == 0 || now < minute_at_) return;
  constexpr std::int64_t minute_ns = 60'000'000'000;
  minute_at_ = time_from_ns((to_ns(now) / minute_ns + 1) * minute_ns);
  std::optional<double> liquidation;
  if (reading_.liquidation) liquidation = reading_.liquidation->probability;
  outputs.push_back({{.recv_time = now},
                     RegimeState{.most_likely = name_of_regime(reading_.most_likely),
                                 .quiet_e6 = belief[0],
                                 .trending_e6 = belief[1],
                                 .volatile_e6 = belief[2],
                                 .cascade_e6 = belief[3],
                                 .entropy_e6 = counted(reading_.entropy, 1e6),
                                 .sigma_e9 = counted(reading_.sigma, 1e9),
                                 .liquidation_e6 = counted(liquidation, 1e6)}});
}

void Outlook::tell_cascade(Time now, bool was_on, bool was_known,
                           std::vector<Output>& outputs) const {
  const auto alert = [&](AlertCode code, std::int64_t value, std::int64_t limit) {
    outputs.push_back({{.recv_time = now}, Alert{.code = code, .value = value, .limit = limit}});
  };
  const LiquidationDetector::Settings& settings = settings_.liquidation;
  const bool is_on = reading_.cascade;
  if (is_on != was_on) {
    const double probability = reading_.liquidation ? reading_.liquidation->probability : 0;
    alert(is_on ? AlertCode::cascade_started : AlertCode::cascade_ended, counted(probability, 1e6),
          counted(is_on ? settings.on : settings.off, 1e6));
  }
  const std::optional<Time>& heard = reading_.context.open_interest_at;
  if (was_known && !reading_.liquidation && heard && now > *heard + settings.stale)
    alert(AlertCode::liquidation_blind, (now - *heard) / std::chrono::seconds{1},
          settings.stale / std::chrono::seconds{1});
}

}  // namespace mm
