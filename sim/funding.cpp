#include "sim/funding.hpp"

#include <chrono>

#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

constexpr Int128 most_value = Int128{1} << 86;  // 7.7e13 of the currency: no account holds it

/// The first whole hour behind `now`.
Time next_hour(Time now) {
  return std::chrono::floor<std::chrono::hours>(now) + std::chrono::hours{1};
}

}  // namespace

std::optional<Money> funding_cash(const Instrument& instrument, Qty position, std::int64_t price_e8,
                                  std::int64_t rate_e12) {
  constexpr std::int64_t most_price_e8 = std::int64_t{1} << 53;
  constexpr std::int64_t whole_e12 = 1'000'000'000'000;
  if (price_e8 <= 0 || price_e8 > most_price_e8 || rate_e12 > whole_e12 || rate_e12 < -whole_e12 ||
      position > Qty::from_lots(max_lots) || position < Qty::from_lots(-max_lots))
    return std::nullopt;
  Int128 value = 0;  // of the position, 1e-12 of the settlement currency
  if (instrument.contract == ContractKind::linear) {
    value = divide_half_even(Int128{position.lots()} * price_e8 * power_of_ten(4),
                             power_of_ten(instrument.lot_decimals));
  } else {
    // 1e8 of the price's scale and 1e12 of the money's, in two steps that fit.
    if (instrument.contract_size < 1 || instrument.contract_size > 1'000'000) return std::nullopt;
    const Int128 quote =
        Int128{position.lots()} * instrument.contract_size;  // whole quote currency
    if (quote > (Int128{1} << 58) || quote < -(Int128{1} << 58)) return std::nullopt;
    value = divide_half_even(quote * power_of_ten(12) * power_of_ten(8), price_e8);
  }
  if (value > most_value || value < -most_value) return std::nullopt;
  return Money::from_units(-divide_half_even(value * rate_e12, whole_e12));
}

std::optional<FundingPayment> FundingClock::on_due_or_context(const Event& event,
                                                              const Instrument& instrument,
                                                              Qty position) {
  const Time stamp = event.header.exchange_time;
  const bool hourly = instrument.venue == "hyperliquid";
  std::optional<FundingPayment> payment;
  if (stamp >= due_) {
    const auto cash = !pays_ || position == Qty{} || price_e8_ == absent_e || rate_e12_ == absent_e
                          ? std::nullopt
                          : funding_cash(instrument, position, price_e8_, rate_e12_);
    if (cash && *cash != Money{}) payment = FundingPayment{.cash = *cash, .rate_e12 = rate_e12_};
    due_ = hourly ? next_hour(stamp) : Time::max();
    pays_ = hourly;
  }
  if (const auto* context = std::get_if<AssetContext>(&event.body)) {
    const std::int64_t price =
        hourly && context->oracle_e8 != absent_e ? context->oracle_e8 : context->mark_e8;
    if (price != absent_e) price_e8_ = price;
    if (context->funding_e12 != absent_e) rate_e12_ = context->funding_e12;
    const Time announced = time_from_ns(context->next_funding_ns);
    if (hourly && due_ == Time::max()) {
      due_ = time_from_ns(1);
    } else if (!hourly && announced > stamp) {
      due_ = announced;
      pays_ = true;
    }
  }
  return payment;
}

}  // namespace mm::sim
