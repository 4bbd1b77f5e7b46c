#pragma once

// Funding of a simulated account, at the venue's own times.
//
//   cash = -position * price * rate        longs pay while the rate is positive
//
//   binance-usdm, binance-coinm   at the time the venue announces with the mark price, on the mark
//                                 price; inverse contracts in coin: position * size / price * rate
//   hyperliquid                   at every whole UTC hour, on the oracle price, at the hourly rate
//                                 that its contexts carry
//
// Price and rate are those of the last asset context before that moment on the venue's clock; the
// moment is noticed at the first event of the quoted instrument that is stamped at or behind it.
// Position is what the account has filled by then. A venue that has told no rate pays none.
//
// Assumes: the last context's rate is the one that is settled (venues average until the last
// second; the difference is the last samples' share).

#include <optional>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm::sim {

/// What holding `position` through one settlement pays: rounded half-even to 1e-12 of the
/// settlement currency. `price_e8` in 1e-8 of the quote currency, the rate of one interval in
/// 1e-12. Empty where an amount is beyond any account.
std::optional<Money> funding_cash(const Instrument& instrument, Qty position, std::int64_t price_e8,
                                  std::int64_t rate_e12);

class FundingClock {
 public:
  /// A market event of the quoted instrument; the payment that became due with it, if any.
  std::optional<FundingPayment> on_market(const Event& event, const Instrument& instrument,
                                          Qty position) {
    const Time stamp = event.header.exchange_time;
    if (stamp < due_ && event.body.index() != context_index) return std::nullopt;
    return on_due_or_context(event, instrument, position);
  }

  /// Events stamped before it, other than asset contexts, change nothing.
  Time due() const { return due_; }

 private:
  static constexpr std::size_t context_index = 4;
  static_assert(std::is_same_v<std::variant_alternative_t<context_index, EventBody>, AssetContext>);

  std::optional<FundingPayment> on_due_or_context(const Event& event, const Instrument& instrument,
                                                  Qty position);

  Time due_ = Time::max();  // an hourly venue's first stamp tells the hour, so it is due at once
  bool pays_ = false;       // at due_
  std::int64_t price_e8_ = absent_e;
  std::int64_t rate_e12_ = absent_e;
};

}  // namespace mm::sim
