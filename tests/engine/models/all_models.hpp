#pragma once

// All online models of one instrument, fed as a session would feed them.

#include <optional>

#include "engine/models/adverse.hpp"
#include "engine/models/fill_probability.hpp"
#include "engine/models/hawkes.hpp"
#include "engine/models/hawkes_queue.hpp"
#include "engine/models/kappa.hpp"
#include "engine/models/lead_lag.hpp"
#include "engine/models/liquidation.hpp"
#include "engine/models/microprice.hpp"
#include "engine/models/regime_hmm.hpp"
#include "engine/models/regime_window.hpp"
#include "engine/models/volatility.hpp"

namespace mm {

struct AllModels {
  Volatility volatility;
  VolatilityRanking ranking;
  MicropriceResidual residual;
  ReachCounts reaches;
  OwnFills own_fills;
  HawkesIntensity hawkes;
  HawkesQueueKernel queue{10};
  FillMoves moves;
  TakerFlow flow;
  AdverseSelectionAdjuster adjuster;
  LiquidationDetector liquidation;
  RegimeWindow window;
  RegimeFilter regime;
  LeadLag lead_lag;
  LagPrediction prediction;
  std::optional<Time> observed;

  static constexpr Volatility::Settings volatility_settings{};
  static constexpr HawkesQueueKernel::Settings queue_settings{};

  /// Everything that follows the touch.
  void on_touch(Time now, const MicropriceView& view);
  void on_leader(Time now, double log_mid, double log_return);
  void on_order(Time now, Side taker, std::int64_t lots, double reach_bps, bool sweep);
  /// What a decision would read; false if something is not what it must be.
  bool decide(Time now) const;

  template <class F>
  void each(F&& f) {
    f(volatility);
    f(ranking);
    f(residual);
    f(reaches);
    f(own_fills);
    f(hawkes);
    f(queue);
    f(moves);
    f(flow);
    f(adjuster);
    f(liquidation);
    f(window);
    f(regime);
    f(lead_lag);
    f(prediction);
  }
};

}  // namespace mm
