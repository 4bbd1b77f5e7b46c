#pragma once

// What a taker order turned out to be (models.md 11.1). Labels look ahead; features never do.

#include "engine/models/adverse.hpp"
#include "engine/types.hpp"

namespace mm::research {

/// What is known ten seconds after the order.
struct OrderOutcome {
  Side taker = Side::buy;
  double mid_before = 0;            ///< just before the order, > 0
  double mid_after = 0;             ///< ten seconds later
  bool open_interest_fell = false;  ///< by the cascade threshold within [t - 60 s, t + 5 s]
  bool funding_extreme = false;     ///< percentile below 0.05 or above 0.95
  bool gap_closed = false;  ///< a gap between the venues that it traded towards closed in 500 ms
  double sigma_bps = 0;     ///< from before the order, per root second
};

struct LabelledOrder {
  double signed_move_bps = 0;  ///< in the taker's direction
  double threshold_bps = 0;    ///< max(5, 1.5 sigma sqrt(10))
  TradeClass label = TradeClass::noise;
};

/// The first that fits: Liquidation, Arbitrage, Informed (the move passes the threshold), Noise.
/// The threshold scales with volatility: a fixed 5 bps calls a quarter of pure noise informed.
LabelledOrder label_order(const OrderOutcome& outcome);

}  // namespace mm::research
