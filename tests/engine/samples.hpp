#pragma once

// Values for the tests of the core: an instrument of each kind, short forms, one event of every
// kind, and random but valid market streams.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/random.hpp"
#include "engine/types.hpp"

namespace mm::testing_samples {

inline Price units(std::int64_t value) {
  return Price::from_units(value);
}
inline Qty lots(std::int64_t value) {
  return Qty::from_lots(value);
}
inline Level level(std::int64_t price, std::int64_t qty) {
  return {units(price), lots(qty)};
}
inline Time at_ms(std::int64_t ms) {
  return time_from_ns(ms * 1'000'000);
}

/// Binance USD-M BTCUSDT: 0.1 / 0.001, smallest order 100 USDT.
Instrument btc_usdt();
/// Binance COIN-M BTCUSD_PERP: 0.1 / 1 contract of 100 USD.
Instrument btc_usd_inverse();
/// Hyperliquid BTC: five significant figures, one decimal.
Instrument hyperliquid_btc();

Event event_of(std::int64_t ms, EventBody body, std::uint16_t instrument = 0);
Event define(const Instrument& instrument, std::uint16_t id = 0);
/// One event of each alternative of EventBody, in its order; views into static text and levels.
std::vector<EventBody> every_kind();

/// A random stream of plausible events of every kind about one quoted and one lead instrument, in
/// time order: books that move, gaps, fills and answers to orders, known and unknown.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : random_(seed) {}
  /// The next event; its views are valid until the next call.
  const Event& next();

 private:
  std::int64_t draw(std::int64_t below) {
    return static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(below)));
  }
  std::vector<Level> side_of_book(Side side, std::int64_t count, bool with_deletes);
  EventBody body(std::uint16_t instrument);

  SplitMix64 random_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  std::int64_t mid_ = 600'000;
  std::int64_t update_id_ = 1;
  std::uint64_t order_ = 1;
  std::uint64_t count_ = 0;
  std::vector<Level> bids_;
  std::vector<Level> asks_;
  Event event_;
};

}  // namespace mm::testing_samples
