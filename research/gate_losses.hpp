#pragma once

// By what a component of the quote engine is judged: one loss for each, of what it says and of what
// then happened. Less is better; each is proper, or counts wrong calls.
//
//   arrivals   hawkes      Brier score of "a taker order comes to this side within a second"
//   adverse    adverse     Brier score of "the fill is a loss ten seconds later", of filled orders
//   reach      kappa       -ln p of how far beyond the mid a taker order went, by the exponential
//                          law of the kappa in force: the rate of fills against depth
//   lead       lead_lag    1 - R^2 of the announced move against the next second's
//   calls      liquidation share of wrong yes-or-no calls of a cascade: being defensive, against
//                          forced orders within 5 s or a mid that moves by 30 bps within a minute
//   fair       microprice  1 - R^2 of the fair price less the mid against the mid's next second
//   waiting    queue       ranked probability score of the time to the fill: mean Brier score of
//                          "filled within 100 ms, 1 s, 10 s if left", weighted for our own cancels,
//                          of orders where others stand at their price; without a horizon that
//                          more than nine of ten orders do not live to see (Models 10.4)
//   regime     regime      -ln density of the next minute's log volatility, by a mixture of what
//                          followed each regime so far, weighted with the beliefs; without the
//                          component every minute is Quiet and the mixture one law
//   volatility volatility  r^2/(10 s sigma^2) + ln(10 s sigma^2) of ten-second moves: QLIKE up to a
//                          constant

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/outlook/outlook.hpp"
#include "research/predictions.hpp"

namespace mm::research {

enum class GateLoss : std::uint8_t {
  arrivals,
  adverse,
  reach,
  lead,
  calls,
  fair,
  waiting,
  regime,
  volatility
};
/// "Brier score of ...".
std::string_view describe(GateLoss loss);

struct Loss {
  Time at;
  double value = 0;
};

/// What a run heard of the market besides its prediction log.
struct MarketTape {
  struct Order {
    Time at;
    Side consumed = Side::buy;
    std::optional<double> reach_bps;  ///< beyond the mid before it
  };
  /// -ln P(no order on a side within the next second), by the intensities.
  struct Quiet {
    Time at;
    std::array<double, 2> second{};  ///< by Side
  };
  std::vector<Order> orders;
  std::vector<Quiet> quiet;  ///< once a second
  std::vector<Time> forced;  ///< orders the venue forced, of the quoted instrument
};

struct GateRun {
  PredictionJoin join;
  MarketTape tape;
};

/// By horizon of a fill: whether it can be judged.
using Waits = std::array<bool, 3>;

/// What the two runs of a component share.
struct GateScale {
  double move = 1;  ///< mean square of the moves within a second; losses of moves are in its units
  Waits waits{};
};
GateScale gate_scale(const GateRun& on, const GateRun& off);

/// `on`: the run has the component.
std::vector<Loss> losses_of(GateLoss loss, const GateRun& run, bool on, const GateScale& scale);

/// Mean square of the moves within a second; 1 without any.
double mean_square_move(std::span<const PredictedMoment> moments);

// The losses that others are made of.
std::vector<Loss> arrival_losses(std::span<const MarketTape::Order> orders,
                                 std::span<const MarketTape::Quiet> quiet);
/// `kappas`: from when on which one was in force, by time.
struct KappaInForce {
  Time from;
  double kappa = 0;
};
std::vector<Loss> reach_losses(std::span<const MarketTape::Order> orders,
                               std::span<const KappaInForce> kappas);
std::vector<Loss> call_losses(std::span<const PredictedMoment> moments,
                              std::span<const Time> forced);
std::vector<Loss> regime_losses(std::span<const PredictedMoment> moments);
std::vector<Loss> waiting_losses(std::span<const PredictedMoment> moments,
                                 std::span<const PredictedOrder> orders, const Waits& waits);
Waits assessable_waits(std::span<const PredictedOrder> orders);

/// -ln p of the cell of kappa_grid_bps in which a reach > 0 ends, by the law of kappa.
double reach_loss(double reach_bps, double kappa);

}  // namespace mm::research
