#pragma once

// When funding settles and what it moves (Models 24.1).
//
// Hyperliquid settles every full hour (UTC) an eighth of its 8 h rate, on notional at the oracle's
// price; Binance at multiples of the symbol's own interval. A positive rate: longs pay. In models
// every rate is per hour, so that venues compare. A live ledger books the venue's own amount; this
// is what is expected.

#include <chrono>
#include <cstdint>

#include "engine/types.hpp"

namespace mm {

struct FundingClock {
  Duration interval = std::chrono::hours{1};
  /// What the venue's rate is quoted for: eight hours on Hyperliquid, one interval on Binance.
  Duration rate_period = std::chrono::hours{8};

  /// Time to the next settlement, in (0, interval]; intervals count from the Unix epoch.
  Duration to_settlement(Time now) const {
    const std::int64_t past = to_ns(now) % interval.count();
    return interval - Duration{past < 0 ? past + interval.count() : past};
  }
  /// The venue's rate as one per hour.
  double hourly(double rate) const { return rate / in_hours(rate_period); }
  /// Cash of one settlement, + is received: -position * oracle price * rate * interval / period.
  double payment(double position_base, double oracle_price, double rate) const {
    return -position_base * oracle_price * rate * in_hours(interval) / in_hours(rate_period);
  }

 private:
  static double in_hours(Duration duration) {
    return static_cast<double>(duration.count()) / 3.6e12;
  }
};

}  // namespace mm
