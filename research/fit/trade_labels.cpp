#include "research/fit/trade_labels.hpp"

#include <algorithm>
#include <cmath>

namespace mm::research {

LabelledOrder label_order(const OrderOutcome& outcome) {
  LabelledOrder order;
  order.signed_move_bps = static_cast<double>(sign(outcome.taker)) *
                          (outcome.mid_after - outcome.mid_before) / outcome.mid_before * 1e4;
  order.threshold_bps = std::max(5.0, 1.5 * outcome.sigma_bps * std::sqrt(10.0));
  if (outcome.open_interest_fell && outcome.funding_extreme) {
    order.label = TradeClass::liquidation;
  } else if (outcome.gap_closed) {
    order.label = TradeClass::arbitrage;
  } else if (order.signed_move_bps > order.threshold_bps) {
    order.label = TradeClass::informed;
  }
  return order;
}

}  // namespace mm::research
