// What `enhanced` writes into the prediction log.

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"
#include "engine/numeric.hpp"
#include "strategies/enhanced.hpp"

namespace mm {
namespace {

using enhanced::is_on;

constexpr double bps = 1e-4;

/// Chances of one order at the three horizons; absent where sigma is.
struct Chances {
  std::array<double, fill_horizons_s.size()> fill{};
};

std::optional<double> queue_ahead(const EnhancedParams& params, const View& view,
                                  const Order& order) {
  const std::int64_t shown =
      view.outlook->displayed(order.side, order.price, view.instrument).lots();
  if (is_on(params.use_queue) && view.own != nullptr) {
    if (const TrackedOrder* tracked = view.own->queue(order.id)) return tracked->queue.ahead();
  }
  // On its way, or as if it arrived now: all that is displayed is ahead. Behind what is displayed
  // nobody knows.
  if (shown > 0) return static_cast<double>(shown);
  const Level best = view.instrument.book().best(order.side);
  const bool in_front = best.qty == Qty{} || (order.side == Side::buy ? order.price >= best.price
                                                                      : order.price <= best.price);
  return in_front ? std::optional{0.0} : std::nullopt;
}

/// What orders of a cycle share at each horizon: the part of a queue that is not cancelled.
std::array<double, fill_horizons_s.size()> queue_kept_of(const View& view) {
  const double rate = view.own != nullptr
                          ? view.own->cancel_rate(view.outlook->settings().cancel_rate)
                          : FillFlow{}.cancel_rate;
  std::array<double, fill_horizons_s.size()> kept{};
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = det::exp(-rate * fill_horizons_s[i]);
  return kept;
}

Chances chances_of(const EnhancedParams& params, const EnhancedDecision& decision, const View& view,
                   Side side, double depth, std::optional<double> ahead,
                   const std::array<double, fill_horizons_s.size()>& queue_kept) {
  const Reading& reading = view.outlook->reading();
  const FlowReading& flow = reading.flow(side);
  const bool hawkes = is_on(params.use_hawkes);
  const double reach = reach_probability(decision.inputs.kappa, depth, decision.half_touch);
  Chances chances;
  for (std::size_t i = 0; i < fill_horizons_s.size(); ++i) {
    const double horizon = fill_horizons_s[i];
    FillFlow orders{.horizon_s = horizon,
                    .expected = hawkes ? flow.counts[i].expected : params.intensity * horizon,
                    .theta = hawkes ? flow.clustering(i) : 0,
                    .reach = reach,
                    .queue_ahead = ahead.value_or(0)};
    // A queue nobody can see: only the price coming to us is counted on.
    if (!ahead) orders.expected = 0;
    const double by_flow = chance_by_flow(orders, view.outlook->order_sizes(), queue_kept[i]).flow;
    const double cross =
        crossing_that_counts(depth + decision.half_touch, decision.inputs.sigma, horizon);
    chances.fill[i] = std::clamp(1 - (1 - by_flow) * (1 - cross), 0.0, 1.0);
    // Interpolated sizes may step; a longer time is never less likely.
    if (i > 0) chances.fill[i] = std::max(chances.fill[i], chances.fill[i - 1]);
  }
  return chances;
}

void put_state(const Enhanced::State& state, const View& view, Prediction& head) {
  const EnhancedDecision& decision = state.decision;
  const Reading& reading = view.outlook->reading();
  const QuoteInputs& inputs = decision.inputs;
  const QuoteWidths& widths = decision.widths;
  const auto kappa_of = [](const std::optional<KappaEstimate>& estimate) {
    return quantised(estimate ? std::optional{estimate->kappa} : std::nullopt, 1);
  };
  head.defensive = widths.defensive;
  head.mid_twice = quantised(decision.mid, 2);
  head.microprice_e3 = quantised(reading.microprice, 1e3);
  head.microprice_std_e3 = quantised(reading.microprice_std, 1e3);
  head.fair_e3 = quantised(widths.fair, 1e3);
  head.sigma_bipower_e8 = quantised(reading.sigma_bipower, 1e8);
  head.sigma_realized_1m_e8 = quantised(reading.sigma_realized, 1e8);
  head.sigma_e8 = quantised(inputs.sigma, 1e8);
  head.kappa_book = kappa_of(reading.kappa_book);
  head.kappa_robust = quantised(state.kappa.robust, 1);
  if (view.own != nullptr && view.own->kappa())
    head.kappa_own = quantised(view.own->kappa()->kappa, 1);
  head.kappa_final = quantised(inputs.kappa, 1);
  head.kappa_used = quantised(widths.kappa, 1);
  head.kappa_cv_e6 = quantised(inputs.kappa_cv, 1e6);
  head.gamma_base_e3 = quantised(decision.gamma_base, 1e3);
  head.gamma_effective_e3 = quantised(widths.xi, 1e3);
  head.intensity_e6 = quantised(inputs.intensity, 1e6);
  head.lambda_bid_e6 = quantised(reading.bid_flow.intensity, 1e6);
  head.lambda_ask_e6 = quantised(reading.ask_flow.intensity, 1e6);
  const ContextReading& context = reading.context;
  head.funding_e12 = quantised(context.funding_hour, 1e12);
  if (context.to_settlement) head.to_funding_s = *context.to_settlement / std::chrono::seconds{1};
  head.open_interest_e8 = quantised(context.open_interest, 1e8);
  if (context.open_interest_change_pct)
    head.open_interest_change_1m_e6 = quantised(*context.open_interest_change_pct / 100, 1e6);
  if (reading.lead) {
    head.leader_mid_twice = quantised(reading.lead->mid, 2);
    head.leader_spread_e8 = quantised(reading.lead->gap, 1e8);
    head.predicted_move_e8 = quantised(decision.announced, 1e8);
    if (reading.lead->estimate)
      head.lead_r_squared_e6 = quantised(reading.lead->estimate->r_squared(), 1e6);
  }
  if (reading.liquidation) head.liquidation_e6 = quantised(reading.liquidation->probability, 1e6);
  std::optional<double> informed;
  for (const Side side : {Side::buy, Side::sell})
    if (const auto& one = reading.flow(side).informed)
      informed = informed ? (*informed + *one) / 2 : *one;
  head.informed_e6 = quantised(informed, 1e6);
  head.quiet_e6 = quantised(inputs.belief[0], 1e6);
  head.trending_e6 = quantised(inputs.belief[1], 1e6);
  head.volatile_e6 = quantised(inputs.belief[2], 1e6);
  head.cascade_e6 = quantised(inputs.belief[3], 1e6);
  head.inventory = view.position;
  if (view.own != nullptr)
    if (const auto age = view.own->inventory_age(view.now))
      head.inventory_age_ms = *age / std::chrono::milliseconds{1};
  head.half_spread_e8 = quantised(widths.half, 1e8);
  head.skew_e8 = quantised(widths.skew, 1e8);
  head.premium_e8 = quantised(inputs.premium_bps * bps, 1e8);
  head.uncertainty_e6 = quantised(widths.uncertainty, 1e6);
}

}  // namespace

void Enhanced::predict(const Params& params, State& state, const View& view,
                       std::span<const Order> orders, PredictedCycle& cycle) {
  if (view.outlook == nullptr) return;
  const EnhancedDecision& decision = state.decision;
  const Reading& reading = view.outlook->reading();
  put_state(state, view, cycle.head);

  // Until fills have told: a mid move is as likely either way, and as large as sigma says.
  const double expected_move =
      decision.inputs.sigma * std::sqrt(10.0) * 0.79788456080286535588 / bps;
  const auto queue_kept = queue_kept_of(view);
  double fills_1s = 0;
  double fills_10s = 0;
  double cost = 0;
  for (const Order& order : orders) {
    const bool goes =
        order.state == OrderState::pending_cancel || order.state == OrderState::pending_replace;
    if (goes) continue;
    const double price = static_cast<double>(order.price.units());
    const double depth =
        static_cast<double>(sign(order.side)) * (decision.mid - price) / decision.mid;
    const std::optional<double> ahead = queue_ahead(params, view, order);
    const Chances chances =
        chances_of(params, decision, view, order.side, depth, ahead, queue_kept);

    double p_adverse = OwnOutlook::prior_adverse;
    double p_against = OwnOutlook::prior_mid_against;
    MeanMoves moves{expected_move, expected_move};
    if (view.own != nullptr) {
      p_adverse = view.own->p_adverse(order.side);
      p_against = view.own->p_mid_against(order.side);
      moves = view.own->moves(view.outlook->settings().fill_moves, order.side,
                              reading.volatility_regime, expected_move);
    }
    const double pnl_bps = expected_fill_pnl_bps(depth / bps, decision.inputs.fee / bps, p_against,
                                                 moves.adverse_bps, moves.favourable_bps);
    fills_1s += chances.fill[1];
    fills_10s += chances.fill[2];
    cost +=
        chances.fill[1] * (p_against * moves.adverse_bps - (1 - p_against) * moves.favourable_bps);

    PredictedLevel level{.side = order.side,
                         .level = order.level,
                         .order = order.id,
                         .price = order.price,
                         .qty = order.remaining,
                         .depth_e8 = quantised(depth, 1e8),
                         .p_fill_100ms_e6 = quantised(chances.fill[0], 1e6),
                         .p_fill_1s_e6 = quantised(chances.fill[1], 1e6),
                         .p_fill_10s_e6 = quantised(chances.fill[2], 1e6),
                         .p_adverse_e6 = quantised(p_adverse, 1e6),
                         .p_mid_against_e6 = quantised(p_against, 1e6),
                         .expected_pnl_e8 = quantised(pnl_bps * bps, 1e8)};
    level.queue_ahead = quantised(ahead, 1);
    if (ahead) {
      const TrackedOrder* tracked = view.own != nullptr ? view.own->queue(order.id) : nullptr;
      const std::optional<double> total =
          tracked != nullptr ? tracked->queue.total() : std::nullopt;
      level.queue_total =
          quantised(total.value_or(*ahead + static_cast<double>(order.remaining.lots())), 1);
    }
    cycle.add(level);
  }
  cycle.head.expected_fills_1s_e6 = quantised(fills_1s, 1e6);
  cycle.head.expected_fills_10s_e6 = quantised(fills_10s, 1e6);
  if (fills_1s > 0) cycle.head.expected_adverse_e8 = quantised(cost / fills_1s * bps, 1e8);
}

}  // namespace mm
