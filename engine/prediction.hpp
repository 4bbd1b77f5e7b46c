#pragma once

// The prediction log: what the models said at a quote cycle, journaled behind its orders.
//
// A cycle is a decision at which a predicting strategy is asked. It gives one Prediction (the state
// of the market and of the models) and one PredictedLevel for each order that rests or is on its
// way after the decision, in that order. The book is not repeated: the journal holds it at the
// record's seq. Outcomes are joined offline (research/predictions.hpp), never written back.
//
// Everything is a quantised integer, so that equal predictions are equal bits:
//
//   _e3, _e6, _e8, _e12   the value times 10^3 ... 10^12, rounded to nearest; prices in price
//                         units, depths, spreads and volatilities as fractions (1e-8 is
//                         1e-4 bps), probabilities and shares in millionths
//
// What was not known is `absent_e`, never 0. The estimand of p_fill is the probability that the
// order gets any fill within the horizon *if it is left resting* where it is: our own cancel
// censors the outcome.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm {

/// value * scale to the nearest integer; absent_e for what is absent, not finite or beyond 2^62.
inline std::int64_t quantised(std::optional<double> value, double scale) {
  if (!value) return absent_e;
  const double scaled = *value * scale;
  if (!(std::fabs(scaled) < 0x1p62)) return absent_e;
  return static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

/// The state at a quote cycle. Doubles are given in the units of the models that made them.
struct Prediction {
  static constexpr RecordKind kind = RecordKind::prediction;

  std::int64_t cycle = 0;   ///< decisions of the session so far, this one included
  std::int64_t levels = 0;  ///< PredictedLevel records that follow
  bool defensive = false;   ///< cascade: one side, far away

  std::int64_t mid_twice = absent_e;      ///< best bid + best ask, price units
  std::int64_t microprice_e3 = absent_e;  ///< price units
  std::int64_t microprice_std_e3 = absent_e;
  std::int64_t fair_e3 = absent_e;               ///< what quotes were laid around
  std::int64_t sigma_bipower_e8 = absent_e;      ///< fraction per root second
  std::int64_t sigma_realized_1m_e8 = absent_e;  ///< likewise
  std::int64_t sigma_e8 = absent_e;              ///< the one that was used
  std::int64_t kappa_book = absent_e;            ///< per fraction, as are the next four
  std::int64_t kappa_robust = absent_e;
  std::int64_t kappa_own = absent_e;
  std::int64_t kappa_final = absent_e;
  std::int64_t kappa_used = absent_e;  ///< after the regimes' multiplier
  std::int64_t kappa_cv_e6 = absent_e;
  std::int64_t gamma_base_e3 = absent_e;
  std::int64_t gamma_effective_e3 = absent_e;
  std::int64_t intensity_e6 = absent_e;   ///< A, 1/s
  std::int64_t lambda_bid_e6 = absent_e;  ///< taker orders that consume bids, 1/s
  std::int64_t lambda_ask_e6 = absent_e;
  std::int64_t funding_e12 = absent_e;  ///< rate per hour
  std::int64_t to_funding_s = absent_e;
  std::int64_t open_interest_e8 = absent_e;             ///< base units or contracts
  std::int64_t open_interest_change_1m_e6 = absent_e;  ///< relative
  std::int64_t leader_mid_twice = absent_e;             ///< price units of the leader
  std::int64_t leader_spread_e8 = absent_e;             ///< ln(leader / ours) less its own mean
  std::int64_t predicted_move_e8 = absent_e;            ///< log return the leader announces
  std::int64_t lead_r_squared_e6 = absent_e;
  std::int64_t liquidation_e6 = absent_e;  ///< probability of a cascade
  std::int64_t informed_e6 = absent_e;     ///< of the taker flow
  std::int64_t quiet_e6 = absent_e;        ///< regime beliefs
  std::int64_t trending_e6 = absent_e;
  std::int64_t volatile_e6 = absent_e;
  std::int64_t cascade_e6 = absent_e;
  Qty inventory;                                  ///< signed
  std::int64_t inventory_age_ms = absent_e;       ///< since it was last flat; absent while flat
  std::int64_t half_spread_e8 = absent_e;         ///< after floor and uncertainty
  std::int64_t skew_e8 = absent_e;                ///< of inventory, + = bid further
  std::int64_t premium_e8 = absent_e;             ///< for adverse selection
  std::int64_t uncertainty_e6 = absent_e;        ///< u
  std::int64_t expected_fills_1s_e6 = absent_e;  ///< sum of p_fill over the levels
  std::int64_t expected_fills_10s_e6 = absent_e;
  std::int64_t expected_adverse_e8 = absent_e;  ///< mean move against a fill of the next second

  bool operator==(const Prediction&) const = default;

  template <class Self, class F>
  static constexpr void fields(Self& self, F&& f) {
    f("cycle", self.cycle);
    f("levels", self.levels);
    f("defensive", self.defensive);
    f("mid_twice", self.mid_twice);
    f("microprice_e3", self.microprice_e3);
    f("microprice_std_e3", self.microprice_std_e3);
    f("fair_e3", self.fair_e3);
    f("sigma_bipower_e8", self.sigma_bipower_e8);
    f("sigma_realized_1m_e8", self.sigma_realized_1m_e8);
    f("sigma_e8", self.sigma_e8);
    f("kappa_book", self.kappa_book);
    f("kappa_robust", self.kappa_robust);
    f("kappa_own", self.kappa_own);
    f("kappa_final", self.kappa_final);
    f("kappa_used", self.kappa_used);
    f("kappa_cv_e6", self.kappa_cv_e6);
    f("gamma_base_e3", self.gamma_base_e3);
    f("gamma_effective_e3", self.gamma_effective_e3);
    f("intensity_e6", self.intensity_e6);
    f("lambda_bid_e6", self.lambda_bid_e6);
    f("lambda_ask_e6", self.lambda_ask_e6);
    f("funding_e12", self.funding_e12);
    f("to_funding_s", self.to_funding_s);
    f("open_interest_e8", self.open_interest_e8);
    f("open_interest_change_1m_e6", self.open_interest_change_1m_e6);
    f("leader_mid_twice", self.leader_mid_twice);
    f("leader_spread_e8", self.leader_spread_e8);
    f("predicted_move_e8", self.predicted_move_e8);
    f("lead_r_squared_e6", self.lead_r_squared_e6);
    f("liquidation_e6", self.liquidation_e6);
    f("informed_e6", self.informed_e6);
    f("quiet_e6", self.quiet_e6);
    f("trending_e6", self.trending_e6);
    f("volatile_e6", self.volatile_e6);
    f("cascade_e6", self.cascade_e6);
    f("inventory", self.inventory);
    f("inventory_age_ms", self.inventory_age_ms);
    f("half_spread_e8", self.half_spread_e8);
    f("skew_e8", self.skew_e8);
    f("premium_e8", self.premium_e8);
    f("uncertainty_e6", self.uncertainty_e6);
    f("expected_fills_1s_e6", self.expected_fills_1s_e6);
    f("expected_fills_10s_e6", self.expected_fills_10s_e6);
    f("expected_adverse_e8", self.expected_adverse_e8);
  }
};

/// What is expected of one order.
struct PredictedLevel {
  static constexpr RecordKind kind = RecordKind::predicted_level;

  Side side = Side::buy;
  std::int64_t level = 0;  ///< index of the wanted quote, 0 = nearest
  ClientOrderId order;
  Price price;
  Qty qty;                                   ///< remaining
  std::int64_t depth_e8 = absent_e;          ///< from the mid, + = away from it
  std::int64_t p_fill_100ms_e6 = absent_e;  ///< any fill, if left resting
  std::int64_t p_fill_1s_e6 = absent_e;
  std::int64_t p_fill_10s_e6 = absent_e;
  std::int64_t p_adverse_e6 = absent_e;      ///< given a fill: its 10 s markout is negative
  std::int64_t p_mid_against_e6 = absent_e;  ///< given a fill: the mid moves against us in 10 s
  std::int64_t expected_pnl_e8 = absent_e;    ///< given a fill, fraction of its value, after fee
  std::int64_t queue_ahead = absent_e;        ///< lots of others before us
  std::int64_t queue_total = absent_e;        ///< lots at the price, ours included

  bool operator==(const PredictedLevel&) const = default;

  template <class Self, class F>
  static constexpr void fields(Self& self, F&& f) {
    f("side", self.side);
    f("level", self.level);
    f("order", self.order);
    f("price", self.price);
    f("qty", self.qty);
    f("depth_e8", self.depth_e8);
    f("p_fill_100ms_e6", self.p_fill_100ms_e6);
    f("p_fill_1s_e6", self.p_fill_1s_e6);
    f("p_fill_10s_e6", self.p_fill_10s_e6);
    f("p_adverse_e6", self.p_adverse_e6);
    f("p_mid_against_e6", self.p_mid_against_e6);
    f("expected_pnl_e8", self.expected_pnl_e8);
    f("queue_ahead", self.queue_ahead);
    f("queue_total", self.queue_total);
  }
};

/// What others did at our price around a fill (engine/features/queue_position.hpp).
enum class FillShelter : std::uint8_t {
  unknown = 0,
  neutral = 1,
  shielded = 2,
  last_remaining = 3
};
/// Where our order stood among the walls of its side (engine/features/wall_detect.hpp).
enum class WallPlace : std::uint8_t { unknown = 0, none = 1, inside = 2, at = 3, outside = 4 };

/// The surroundings of one maker fill of ours, journaled with it by traders that follow their
/// queues. Quantities are lots of others; `before` is the last book strictly before the taker's
/// trades.
struct FillNote {
  static constexpr RecordKind kind = RecordKind::fill_note;

  ClientOrderId order;
  std::int64_t trade_id = 0;  ///< of the fill
  FillShelter shelter = FillShelter::unknown;
  WallPlace wall = WallPlace::unknown;          ///< before
  WallPlace wall_1s = WallPlace::unknown;       ///< a second earlier
  std::int64_t wall_distance_e8 = absent_e;     ///< before, to the nearest wall, fraction of mid
  std::int64_t wall_lots = absent_e;            ///< of that wall
  std::int64_t wall_1s_distance_e8 = absent_e;  ///< a second earlier
  std::int64_t wall_1s_lots = absent_e;
  std::int64_t others_1s_ago = absent_e;  ///< at our price
  std::int64_t others_before = absent_e;
  std::int64_t others_after = absent_e;
  std::int64_t pulled_1s = absent_e;       ///< cancelled there in that second
  std::int64_t queue_ahead = absent_e;     ///< estimate as the fill was heard of
  std::int64_t visibility_e6 = absent_e;  ///< ours / all at our price, before

  bool operator==(const FillNote&) const = default;

  template <class Self, class F>
  static constexpr void fields(Self& self, F&& f) {
    f("order", self.order);
    f("trade_id", self.trade_id);
    f("shelter", self.shelter);
    f("wall", self.wall);
    f("wall_1s", self.wall_1s);
    f("wall_distance_e8", self.wall_distance_e8);
    f("wall_lots", self.wall_lots);
    f("wall_1s_distance_e8", self.wall_1s_distance_e8);
    f("wall_1s_lots", self.wall_1s_lots);
    f("others_1s_ago", self.others_1s_ago);
    f("others_before", self.others_before);
    f("others_after", self.others_after);
    f("pulled_1s", self.pulled_1s);
    f("queue_ahead", self.queue_ahead);
    f("visibility_e6", self.visibility_e6);
  }
};

/// One cycle as it is made: the head and its levels.
struct PredictedCycle {
  static constexpr std::size_t capacity = 32;
  Prediction head;
  std::array<PredictedLevel, capacity> levels{};
  std::size_t count = 0;

  void clear() {
    head = {};
    count = 0;
  }
  /// Beyond the capacity a level is dropped.
  void add(const PredictedLevel& level) {
    if (count < capacity) levels[count++] = level;
  }
};

}  // namespace mm
