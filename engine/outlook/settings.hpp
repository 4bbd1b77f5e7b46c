#pragma once

// Every constant and table of the features and models that run inside the core, in one value.
//
// It begins as below, takes what the session's settings say, and is changed by ParameterChange
// events named "model.*" (parameters.hpp); it is part of the saved state, so that a replay from a
// checkpoint goes on with what was in force. Settings of models that need our own orders and fills
// stand here too, since one parameter set holds both: the strategy reads them from its view.

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "engine/bytes.hpp"
#include "engine/features/microstructure.hpp"
#include "engine/instrument.hpp"
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
#include "engine/types.hpp"

namespace mm {

/// How the baseline of the intensities follows funding and open interest (Models 9.3).
struct BaselineSettings {
  HawkesBaseline level;
  double weight_cos = 0;  ///< of the quoted venue's funding clock; the cosine peaks at settlement
  double weight_sin = 0;
  Duration score_tau = std::chrono::hours{24};  ///< of the z-scores
};

/// What is believed of the leader until there are enough of its moves to measure.
struct LeadPrior {
  double lag_ms = 0;
  double beta = 0;
  Duration lag() const { return Duration{static_cast<std::int64_t>(lag_ms * 1e6)}; }
  /// Empty: by the lag and `lag_mode`.
  std::optional<std::array<double, LeadLag::response_bins>> response;
};

struct OutlookSettings {
  // From the session (TraderSettings).
  Duration interval = std::chrono::milliseconds{100};  ///< the decision clock, > 0
  MicrostructureSettings features;
  bool window_is_set = false;  ///< features.window was asked for; else default_window() decides

  Volatility::Settings volatility;
  VolatilityRanking::Settings ranking;

  std::optional<MicropriceTable> microprice;  ///< absent: the weighted mid
  MicropriceResidual::Settings residual;

  ReachCounts::Settings reach;
  std::optional<KappaEstimate> kappa_prior;  ///< absent: mm::kappa_prior, or the strategy's own

  HawkesIntensity::Settings hawkes;
  BaselineSettings baseline;
  /// By Regime, blended by the belief; 1 = the belief does not matter.
  std::array<double, regimes> intensity_multiplier = {1, 1, 1, 1};
  /// A taker order is complete when nothing more was printed for so long.
  Duration order_gap = std::chrono::milliseconds{5};

  TakerFlow::Settings flow;
  std::optional<TradeClassifier> classifier;  ///< absent: orders are not judged
  AdverseSelectionAdjuster::Settings adverse;

  LiquidationDetector::Settings liquidation;
  RegimeWindow::Settings regime_window;
  RegimeModel regime = default_regime_model();

  LeadLag::Settings lead_lag;
  LagMode lag_mode = LagMode::exponential;
  std::optional<LeadPrior> lead_prior;  ///< absent: nothing is known before it was measured
  /// The leader's moves enter the contrast at most so often; what it moved in between is one move.
  Duration leader_spacing = LeadLag::lag_step;
  Duration basis_tau = std::chrono::seconds{300};

  // Of models that need our own orders or fills (strategies).
  HawkesQueueKernel::Settings queue_kernel;
  double queue_power = 1;
  std::optional<double> gamma_base;  ///< absent: the strategy's own parameter
  OwnFills::Settings own_fills;
  CancelRate::Settings cancel_rate;
  FillMoves::Settings fill_moves;
};

/// The window of a feed, if none is asked for. Binance sends the whole book: 50 bps in buckets of
/// 5. Hyperliquid shows 20 levels a side, whose tenth percentile of coverage (Models 3.1) is 1.7
/// bps for BTC, 5.7 for ETH, 9 for SOL; 5 for what was not measured.
WindowSettings default_window(const Instrument& instrument);
/// Y in tenths of a basis point, w = max(Y/10, 0.1 bps) rounded up; depths at 1, 5 and 10 bps, or
/// at tenth, half and end of a narrower window.
WindowSettings window_of(std::int64_t window_tenth_bps, std::int64_t bucket_tenth_bps);

}  // namespace mm
