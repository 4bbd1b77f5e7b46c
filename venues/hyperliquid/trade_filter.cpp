#include "venues/hyperliquid/trade_filter.hpp"

#include <algorithm>

namespace mm::venues::hyperliquid {

void TradeFilter::on_venue_time(Time time) {
  if (!started_) {
    started_ = true;
    first_ = time;
  }
  if (time <= newest_) return;
  newest_ = time;
  const Key oldest{newest_ - late, INT64_MIN};
  taken_.erase(taken_.begin(), std::lower_bound(taken_.begin(), taken_.end(), oldest));
}

void TradeFilter::on_trades_frame(Time newest) {
  // Ahead of any book, the frame is a replay to its last trade.
  on_venue_time(started_ ? newest : newest + Duration{1});
}

TradeFilter::Verdict TradeFilter::judge(Time time, std::int64_t trade_id) {
  if (time < first_ || time < newest_ - late) return Verdict::history;
  const Key key{time, trade_id};
  const auto at = std::lower_bound(taken_.begin(), taken_.end(), key);
  if (at != taken_.end() && *at == key) return Verdict::duplicate;
  taken_.insert(at, key);
  return Verdict::news;
}

}  // namespace mm::venues::hyperliquid
