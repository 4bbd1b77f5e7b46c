#include "research/gate_losses.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "engine/det/math.hpp"
#include "engine/models/kappa.hpp"

namespace mm::research {
namespace {

constexpr Duration forced_within = std::chrono::seconds{5};
constexpr double cascade_move = 30e-4;
constexpr Duration minute = std::chrono::seconds{60};
/// Of a minute, moves known in fewer seconds tell no volatility.
constexpr std::size_t fewest_moves = 30;
/// A regime's law counts that many minutes' outcomes of all regimes as its own.
constexpr double shrinkage = 120;
/// Outcomes before anything is foretold.
constexpr double enough_outcomes = 300;
constexpr double least_deviation = 0.05;
constexpr std::array<double, 3> waits_s = {0.1, 1, 10};
constexpr double most_censored = 0.9;

double fraction(std::int64_t e8) {
  return static_cast<double>(e8) * 1e-8;
}

std::vector<Loss> adverse_losses(const PredictionJoin& join) {
  std::vector<Loss> losses;
  for (const PredictedOrder& order : join.orders()) {
    if (!order.filled || !order.pnl_10s_bps || order.predicted.p_adverse_e6 == absent_e) continue;
    const double error =
        (*order.pnl_10s_bps < 0 ? 1 : 0) - static_cast<double>(order.predicted.p_adverse_e6) * 1e-6;
    losses.push_back({join.moments()[order.moment].at, error * error});
  }
  return losses;
}

std::vector<Loss> volatility_losses(const PredictionJoin& join) {
  std::vector<Loss> losses;
  for (const PredictedMoment& moment : join.moments()) {
    if (!moment.move[1] || moment.head.sigma_e8 == absent_e || moment.head.sigma_e8 <= 0) continue;
    const double variance = fraction(moment.head.sigma_e8) * fraction(moment.head.sigma_e8) *
                            seconds_of(move_horizons[1]);
    losses.push_back(
        {moment.at, *moment.move[1] * *moment.move[1] / variance + det::log(variance)});
  }
  return losses;
}

/// 1 - R^2 where the moves that are to be foretold are measured by `scale`, their mean square.
template <class Predict>
std::vector<Loss> move_losses(const PredictionJoin& join, double scale, Predict&& predict) {
  std::vector<Loss> losses;
  for (const PredictedMoment& moment : join.moments()) {
    if (!moment.move[0] || !(moment.mid > 0)) continue;
    const double error = *moment.move[0] - predict(moment);
    losses.push_back({moment.at, error * error / scale});
  }
  return losses;
}

/// The constant rate the engine counts on without the intensities.
std::vector<MarketTape::Quiet> constant_rates(const PredictionJoin& join) {
  std::vector<MarketTape::Quiet> quiet;
  for (const PredictedMoment& moment : join.moments()) {
    if (moment.head.intensity_e6 == absent_e) continue;
    const double rate = static_cast<double>(moment.head.intensity_e6) * 1e-6;
    quiet.push_back({moment.at, {rate, rate}});
  }
  return quiet;
}

std::vector<KappaInForce> kappas_of(const PredictionJoin& join) {
  std::vector<KappaInForce> kappas;
  for (const PredictedMoment& moment : join.moments())
    if (moment.head.kappa_final != absent_e && moment.head.kappa_final > 0)
      kappas.push_back({moment.at, static_cast<double>(moment.head.kappa_final)});
  return kappas;
}

/// Beliefs of a moment that sum to 1; absent where they are not told.
std::optional<std::array<double, 4>> belief_of(const Prediction& head) {
  const std::array told = {head.quiet_e6, head.trending_e6, head.volatile_e6, head.cascade_e6};
  std::array<double, 4> belief{};
  double sum = 0;
  for (std::size_t k = 0; k < told.size(); ++k) {
    if (told[k] == absent_e) return std::nullopt;
    belief[k] = static_cast<double>(told[k]);
    sum += belief[k];
  }
  if (!(sum > 0)) return std::nullopt;
  for (double& each : belief) each /= sum;
  return belief;
}

/// ln of the root mean square move a second in the minute behind each moment; absent where too few
/// are known. A minute in which nothing moved counts a quarter of the usual.
std::vector<std::optional<double>> minutes_behind(std::span<const PredictedMoment> moments) {
  const double least = std::sqrt(mean_square_move(moments)) / 4;
  std::vector<std::optional<double>> result(moments.size());
  std::size_t end = 0;
  double squares = 0;
  std::size_t known = 0;
  const auto note = [&](std::size_t i, double sign) {
    if (!moments[i].move[0]) return;
    squares += sign * *moments[i].move[0] * *moments[i].move[0];
    known += sign > 0 ? 1 : static_cast<std::size_t>(-1);
  };
  for (std::size_t i = 0; i < moments.size(); ++i) {
    // Moves that begin in [at, at + a minute less the second they take].
    while (end < moments.size() && moments[end].at + move_horizons[0] <= moments[i].at + minute)
      note(end++, 1);
    const bool whole = !moments.empty() && moments.back().at >= moments[i].at + minute;
    if (whole && known >= fewest_moves)
      result[i] =
          det::log(std::max(std::sqrt(std::max(squares, 0.0) / static_cast<double>(known)), least));
    if (end > i) note(i, -1);
  }
  return result;
}

struct Moments {
  double weight = 0;
  double sum = 0;
  double squares = 0;
  void add(double share, double y) {
    weight += share;
    sum += share * y;
    squares += share * y * y;
  }
};

}  // namespace

double mean_square_move(std::span<const PredictedMoment> moments) {
  double sum = 0;
  double count = 0;
  for (const PredictedMoment& moment : moments) {
    if (!moment.move[0]) continue;
    sum += *moment.move[0] * *moment.move[0];
    count += 1;
  }
  return count > 0 && sum > 0 ? sum / count : 1;
}

std::vector<Loss> arrival_losses(std::span<const MarketTape::Order> orders,
                                 std::span<const MarketTape::Quiet> quiet) {
  std::vector<Loss> losses;
  std::size_t next = 0;
  for (const MarketTape::Quiet& forecast : quiet) {
    while (next < orders.size() && orders[next].at <= forecast.at) ++next;
    std::array<bool, 2> came{};
    for (std::size_t i = next;
         i < orders.size() && orders[i].at <= forecast.at + std::chrono::seconds{1}; ++i)
      came[static_cast<std::size_t>(orders[i].consumed)] = true;
    for (std::size_t side = 0; side < came.size(); ++side) {
      const double error = (came[side] ? 1 : 0) + det::expm1(-forecast.second[side]);
      losses.push_back({forecast.at, error * error});
    }
  }
  return losses;
}

double reach_loss(double reach_bps, double kappa) {
  const auto beyond = [kappa](double bps) { return det::exp(-kappa * bps * 1e-4); };
  std::size_t cell = 0;
  while (cell + 1 < kappa_grid_bps.size() && reach_bps > kappa_grid_bps[cell + 1]) ++cell;
  const bool last = cell + 1 == kappa_grid_bps.size();
  const double p = beyond(kappa_grid_bps[cell]) - (last ? 0 : beyond(kappa_grid_bps[cell + 1]));
  return -det::log(std::max(p, 1e-300));
}

std::vector<Loss> reach_losses(std::span<const MarketTape::Order> orders,
                               std::span<const KappaInForce> kappas) {
  std::vector<Loss> losses;
  std::size_t next = 0;
  for (const MarketTape::Order& order : orders) {
    while (next < kappas.size() && kappas[next].from < order.at) ++next;
    if (next == 0 || !order.reach_bps || !(*order.reach_bps > 0)) continue;
    losses.push_back({order.at, reach_loss(*order.reach_bps, kappas[next - 1].kappa)});
  }
  return losses;
}

std::vector<Loss> call_losses(std::span<const PredictedMoment> moments,
                              std::span<const Time> forced) {
  std::vector<Loss> losses;
  for (const PredictedMoment& moment : moments) {
    if (!moment.move[2]) continue;
    const auto next = std::ranges::upper_bound(forced, moment.at);
    const bool cascade = (next != forced.end() && *next <= moment.at + forced_within) ||
                         std::fabs(*moment.move[2]) > cascade_move;
    losses.push_back({moment.at, moment.head.defensive == cascade ? 0.0 : 1.0});
  }
  return losses;
}

std::vector<Loss> regime_losses(std::span<const PredictedMoment> moments) {
  const std::vector<std::optional<double>> outcomes = minutes_behind(moments);
  std::array<Moments, 4> of_regime{};
  Moments all;
  std::vector<Loss> losses;
  std::size_t known = 0;  // outcomes before this one are over
  for (std::size_t i = 0; i < moments.size(); ++i) {
    for (; known < i && moments[known].at + minute <= moments[i].at; ++known) {
      const auto belief = belief_of(moments[known].head);
      if (!belief || !outcomes[known]) continue;
      all.add(1, *outcomes[known]);
      for (std::size_t k = 0; k < of_regime.size(); ++k)
        of_regime[k].add((*belief)[k], *outcomes[known]);
    }
    const auto belief = belief_of(moments[i].head);
    if (!belief || !outcomes[i] || all.weight < enough_outcomes) continue;
    const double mean = all.sum / all.weight;
    const double variance = std::max(all.squares / all.weight - mean * mean, 0.0);
    double density = 0;
    for (std::size_t k = 0; k < of_regime.size(); ++k) {
      const Moments& own = of_regime[k];
      const double weight = own.weight + shrinkage;
      const double own_mean = (own.sum + shrinkage * mean) / weight;
      const double squares = own.squares + shrinkage * (variance + mean * mean);
      const double sd = std::max(std::sqrt(std::max(squares / weight - own_mean * own_mean, 0.0)),
                                 least_deviation);
      const double z = (*outcomes[i] - own_mean) / sd;
      density += (*belief)[k] * det::exp(-z * z / 2) / (sd * std::sqrt(2 * std::numbers::pi));
    }
    losses.push_back({moments[i].at, -det::log(std::max(density, 1e-300))});
  }
  return losses;
}

namespace {

/// Orders whose place in a queue matters, with how they ended.
struct Queued {
  std::vector<const PredictedOrder*> orders;
  std::vector<Ending> endings;
  std::vector<std::int64_t> strata;
};

Queued queued(std::span<const PredictedOrder> orders) {
  Queued queued;
  for (const PredictedOrder& order : orders) {
    const PredictedLevel& level = order.predicted;
    const bool told = level.p_fill_100ms_e6 != absent_e && level.p_fill_1s_e6 != absent_e &&
                      level.p_fill_10s_e6 != absent_e;
    if (!told || level.queue_total == absent_e || level.queue_total <= level.qty.lots()) continue;
    queued.orders.push_back(&order);
    queued.endings.push_back({order.end_s, order.filled});
    queued.strata.push_back(level.side == Side::buy ? 0 : 1);
  }
  return queued;
}

}  // namespace

Waits assessable_waits(std::span<const PredictedOrder> orders) {
  const Queued all = queued(orders);
  Waits waits{};
  for (std::size_t h = 0; h < waits.size(); ++h)
    waits[h] =
        !all.orders.empty() &&
        censored_weights(all.endings, waits_s[h], all.strata).censored_share <= most_censored;
  return waits;
}

GateScale gate_scale(const GateRun& on, const GateRun& off) {
  GateScale scale{.move = mean_square_move(on.join.moments()),
                  .waits = assessable_waits(on.join.orders())};
  const Waits other = assessable_waits(off.join.orders());
  for (std::size_t h = 0; h < other.size(); ++h) scale.waits[h] = scale.waits[h] && other[h];
  return scale;
}

std::vector<Loss> waiting_losses(std::span<const PredictedMoment> moments,
                                 std::span<const PredictedOrder> orders, const Waits& waits) {
  const Queued all = queued(orders);
  const auto horizons = static_cast<double>(std::ranges::count(waits, true));
  std::vector<Loss> losses;
  if (horizons == 0) return losses;
  for (const PredictedOrder* order : all.orders) losses.push_back({moments[order->moment].at, 0});
  for (std::size_t h = 0; h < waits.size(); ++h) {
    if (!waits[h]) continue;
    const CensoredWeights known = censored_weights(all.endings, waits_s[h], all.strata);
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const PredictedLevel& level = all.orders[i]->predicted;
      const std::array told = {level.p_fill_100ms_e6, level.p_fill_1s_e6, level.p_fill_10s_e6};
      const double error = (known.outcome[i] ? 1 : 0) - static_cast<double>(told[h]) * 1e-6;
      losses[i].value += known.weight[i] * error * error / horizons;
    }
  }
  return losses;
}

std::vector<Loss> losses_of(GateLoss loss, const GateRun& run, bool on, const GateScale& scale) {
  const PredictionJoin& join = run.join;
  switch (loss) {
    case GateLoss::arrivals: {
      const std::vector<MarketTape::Quiet> constant =
          on ? std::vector<MarketTape::Quiet>{} : constant_rates(join);
      return arrival_losses(run.tape.orders, on ? run.tape.quiet : constant);
    }
    case GateLoss::adverse:
      return adverse_losses(join);
    case GateLoss::reach:
      return reach_losses(run.tape.orders, kappas_of(join));
    case GateLoss::lead:
      return move_losses(join, scale.move, [on](const PredictedMoment& moment) {
        // What is announced is logged also where nobody uses it.
        return on && moment.head.predicted_move_e8 != absent_e
                   ? fraction(moment.head.predicted_move_e8)
                   : 0.0;
      });
    case GateLoss::calls:
      return call_losses(join.moments(), run.tape.forced);
    case GateLoss::fair:
      return move_losses(join, scale.move, [](const PredictedMoment& moment) {
        return moment.head.fair_e3 == absent_e
                   ? 0.0
                   : static_cast<double>(moment.head.fair_e3) * 1e-3 / moment.mid - 1;
      });
    case GateLoss::waiting:
      return waiting_losses(join.moments(), join.orders(), scale.waits);
    case GateLoss::regime:
      return regime_losses(join.moments());
    case GateLoss::volatility:
      return volatility_losses(join);
  }
  return {};
}

std::string_view describe(GateLoss loss) {
  switch (loss) {
    case GateLoss::arrivals:
      return "Brier score of a taker order coming to a side within 1 s";
    case GateLoss::adverse:
      return "Brier score of fills that are a loss 10 s later";
    case GateLoss::reach:
      return "-ln p of how far beyond the mid taker orders went";
    case GateLoss::lead:
      return "1 - R2 of the announced move against the next second's";
    case GateLoss::calls:
      return "share of wrong calls of a cascade (forced orders in 5 s, or 30 bps in a minute)";
    case GateLoss::fair:
      return "1 - R2 of the fair price against the mid a second later";
    case GateLoss::waiting:
      return "ranked probability score of the time to a fill, orders in a queue, weighted for "
             "cancels";
    case GateLoss::regime:
      return "-ln density of the next minute's log volatility";
    case GateLoss::volatility:
      return "QLIKE of the volatility against 10 s moves";
  }
  return "";
}

}  // namespace mm::research
