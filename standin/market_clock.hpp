#pragma once

// MarketClock: how market time goes with the venue's wall clock.
//
//   market = begin + (wall - started) * speed       once started; `begin` before that
//
// Everything physical about a market (its events, block and book cadences, reply delays) runs in
// market time; what is agreed between two computers (stamps in messages, heartbeats, nonces,
// expiries, rate limits) runs in wall time.

#include "engine/types.hpp"

namespace mm::standin {

class MarketClock {
 public:
  MarketClock(Time begin, double speed) : begin_(begin), speed_(speed) {}

  void start(Time wall) {
    if (!running_) started_ = wall;
    running_ = true;
  }
  bool running() const { return running_; }
  Time market(Time wall) const {
    if (!running_) return begin_;
    return begin_ + Duration{static_cast<std::int64_t>(
                        static_cast<double>((wall - started_).count()) * speed_)};
  }
  /// When the market will be there; the end of time while it stands still.
  Time wall(Time market) const {
    if (!running_ || market == Time::max()) return Time::max();
    return started_ + scaled(market - begin_);
  }
  /// Wall time of a span of market time.
  Duration scaled(Duration market) const {
    return Duration{static_cast<std::int64_t>(static_cast<double>(market.count()) / speed_ + 0.5)};
  }

 private:
  Time begin_;
  double speed_;
  Time started_;
  bool running_ = false;
};

}  // namespace mm::standin
