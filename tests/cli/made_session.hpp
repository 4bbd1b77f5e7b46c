#pragma once

// A session of market events that a test makes up, as a journal: nobody quotes in it, and what made
// the events is known.

#include <string>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "journal/writer.hpp"

namespace mm::test {

class MadeSession {
 public:
  /// Quotes binance-usdm:BTCUSDT (tick 0.1, a unit of price) and watches binance-usdm:ETHUSDT,
  /// which leads. Throws what the journal throws.
  /// `offset_s`: how much later than start_ns the session starts; every time counts from there.
  explicit MadeSession(const std::string& directory, double offset_s = 0);

  static constexpr InstrumentId quoted{0};
  static constexpr InstrumentId lead{1};
  static constexpr std::int64_t start_ns = 1'767'616'200'000'000'000;  // 2026-01-05T12:30:00Z

  /// A book of one level a side, from `second` on. Times must not decrease.
  void book(double second, std::int64_t bid, std::int64_t ask, std::int64_t bid_lots = 1000,
            std::int64_t ask_lots = 1000, InstrumentId instrument = quoted);
  /// A print; the venue stamps it when we hear of it.
  void trade(double second, Side taker, std::int64_t price, std::int64_t lots);
  void context(double second, double funding, double open_interest);
  void liquidation(double second, Side side, std::int64_t price, std::int64_t lots);
  /// The feed of an instrument lost something.
  void gap(double second, InstrumentId instrument = quoted);
  void end(double second);

 private:
  EventHeader at(double second, InstrumentId instrument) const;

  double offset_s_;
  journal::JournalWriter writer_;
};

}  // namespace mm::test
