#pragma once

// Whether the taker orders that meet us know something: a classifier of orders, and what its
// verdict costs our quotes (Models 11).
//
// A taker order is Noise, Informed, Liquidation or Arbitrage. The labels look ahead and exist only
// offline (research/fit/trade_labels.hpp); the features are from before the order.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/log_histogram.hpp"
#include "engine/models/rolling.hpp"
#include "engine/types.hpp"

namespace mm {

enum class TradeClass : std::uint8_t { noise = 0, informed = 1, liquidation = 2, arbitrage = 3 };
inline constexpr std::size_t trade_classes = 4;
/// "Noise", "Informed", "Liquidation", "Arbitrage".
std::string_view name_of(TradeClass label);

/// What the classifier looks at. "x side" is signed by the taker: + in the direction of the order.
enum class TradeFeature : std::uint8_t {
  size_zscore,        ///< of ln size, among the orders before
  size_quantile,      ///< share of orders before it that were smaller
  log_ms_since_last,  ///< ln(1 + ms since the last order)
  log_orders_1s,      ///< ln(1 + orders of the last second)
  log_orders_10s,
  crossed_spread_bps,  ///< worst print against the touch
  imbalance_1s,        ///< taker-signed volume balance x side
  imbalance_10s,
  funding_z,
  aligns_with_funding,   ///< 1 if it joins the crowded side
  lead_change_100ms,     ///< the leader's log return x side
  lead_spread,           ///< gap to the leader, z-scored, x side
  book_imbalance,        ///< x side
  depth_consumed,        ///< size over what was displayed within its reach
  open_interest_change,  ///< of one minute
  near_liquidation,      ///< mid within 10 bps of a known liquidation cluster
  volatility,
};
inline constexpr std::size_t trade_features = 17;

using TradeFeatures = std::array<std::optional<double>, trade_features>;

/// Linear softmax over standardised features, from an offline fit.
struct TradeClassifier {
  std::array<double, trade_features> mean{};
  std::array<double, trade_features> sd;
  /// Class after class: bias, then a weight a feature.
  std::array<double, trade_classes*(1 + trade_features)> weights{};
  double temperature = 1;

  TradeClassifier() { sd.fill(1); }
  /// Each in [0, 1], together 1. Features are standardised and clipped to +-5; an absent one stands
  /// at its training mean.
  std::array<double, trade_classes> classify(const TradeFeatures& features) const;
};

/// The features that come from the orders themselves; the rest is filled in by the caller.
class TakerFlow {
 public:
  struct Settings {
    Duration size_tau = tau_of_half_life(std::chrono::hours{1});
  };

  /// Of an order about to be counted: what was known just before it. lots > 0.
  TradeFeatures features(const Settings& settings, Time now, Side taker, std::int64_t lots);
  void on_order(const Settings& settings, Time now, Side taker, std::int64_t lots);

  /// Taker-signed volume balance in [-1, 1]; absent without orders.
  std::optional<double> imbalance_1s(Time now);
  std::optional<double> imbalance_10s(Time now);

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  std::optional<Time> last_;
  RollingSum second_{std::chrono::seconds{1}};
  RollingSum ten_seconds_{std::chrono::seconds{10}};
  DecayedLogHistogram sizes_;
  DecayedSum weight_;
  DecayedSum log_sum_;
  DecayedSum log_squares_;
};

/// How toxic the flow onto one side of our quotes is.
///
///   E <- E + a (p - E), a = 1 - (1 - 2/51)^(size/median), the first p starts it
///
/// Between orders E goes back to its long-run mean with a half-life of five minutes. Of the two
/// adjustments a quote uses one, by default the additive premium.
class AdverseSelectionAdjuster {
 public:
  struct Settings {
    double alpha = 2.0 / 51;
    Duration half_life = std::chrono::minutes{5};
    Duration long_run_tau = std::chrono::hours{24};
    double kappa_discount_per_informed_pct = 0.01;
    double spread_premium_per_informed_pct = 0.1;  ///< bps
  };

  /// p in [0, 1]: the order's probability of not being noise; relative_size = size/median > 0.
  void on_order(const Settings& settings, Time now, double informed_probability,
                double relative_size = 1);
  /// E in [0, 1]; absent before the first order.
  std::optional<double> informed_intensity(const Settings& settings, Time now) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  StepAverage average_;
  std::optional<Time> last_;
  DecayedSum long_run_sum_;
  DecayedSum long_run_weight_;
};

/// max(1 - 100 E discount, 0.3).
double kappa_adjustment(const AdverseSelectionAdjuster::Settings& settings, double intensity);
/// 100 E premium, in bps.
double spread_adjustment_bps(const AdverseSelectionAdjuster::Settings& settings, double intensity);

}  // namespace mm
