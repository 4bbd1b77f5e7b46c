#pragma once

// Between decimal text, doubles and the integers everything is kept in: rounding to a grid with the
// direction named, exact values of quantities, money as text.
//
// A double price is in price units of its instrument (not in quote currency), so that a model's
// result becomes a Price by rounding alone. Rounding forgives `rounding_tolerance`
// steps: 99.9999999999 ticks floor to 100, because a product that is exact on paper may come out
// one bit short.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm {

/// In steps of the grid, in both directions.
inline constexpr double rounding_tolerance = 1e-9;

/// 10^exponent for exponents 0..18.
constexpr std::int64_t power_of_ten(std::int64_t exponent) {
  std::int64_t power = 1;
  for (std::int64_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// The same to look up.
inline constexpr std::array<std::int64_t, 19> powers_of_ten = [] {
  std::array<std::int64_t, 19> filled{};
  for (std::size_t i = 0; i < filled.size(); ++i)
    filled[i] = power_of_ten(static_cast<std::int64_t>(i));
  return filled;
}();

/// The largest value of each that arithmetic on money is meant for; products of two stay exact.
inline constexpr std::int64_t max_price_units = std::int64_t{1} << 43;
inline constexpr std::int64_t max_lots = std::int64_t{1} << 43;

/// numerator / denominator to the nearest integer, ties to the even one. Requires denominator > 0.
Int128 divide_half_even(Int128 numerator, Int128 denominator);

// ---------------------------------------------------------------- grid

/// The price step that holds at `price`.
///
/// With `significant_figures` = s (Hyperliquid: 5) a price of more than s digits moves in steps
/// that keep s digits, but whole units of quote currency are always allowed; never finer than
/// `tick`.
Price tick_at(const Instrument& instrument, Price price);

/// The nearest allowed price at or below (at or above) `units`, a price in price units. Zero if
/// `units` is not above 0 or not finite, and capped at max_price_units.
Price floor_to_tick(const Instrument& instrument, double units);
Price ceil_to_tick(const Instrument& instrument, double units);
/// The same for a price already in integers.
Price floor_to_tick(const Instrument& instrument, Price price);
Price ceil_to_tick(const Instrument& instrument, Price price);
/// The nearest allowed price strictly below or above.
Price next_below(const Instrument& instrument, Price price);
Price next_above(const Instrument& instrument, Price price);

/// Largest multiple of the instrument's quantity step at or below `qty`; 0 for negative ones.
Qty floor_to_step(const Instrument& instrument, Qty qty);

/// Lots worth `value` of quote currency at `price`, rounded down to the quantity step but at least
/// the smallest order the venue takes there; 0 if the price is not positive.
Qty qty_for_value(const Instrument& instrument, double value, Price price);
/// The same for several values at one price: what does not depend on the value is found once.
class LotsByValue {
 public:
  LotsByValue(const Instrument& instrument, Price price);
  /// Found in doubles, since the result is rounded down anyway.
  Qty lots(double value) const;

 private:
  std::int64_t step_ = 0;  // 0: the price is not positive
  Qty least_;
  double value_of_one_ = 0;  // lot, in quote currency
};

/// The smallest quantity the venue accepts at this price: min_qty and min_notional, on the step.
Qty min_order_qty(const Instrument& instrument, Price price);

// ---------------------------------------------------------------- value

/// Value of `qty` at `price` in quote currency. Exact whenever price_decimals + lot_decimals <= 12,
/// else rounded half-even once. Saturates at 2^100 units of 1e-12.
Money quote_value(const Instrument& instrument, Price price, Qty qty);

/// What holding `qty` is worth in the settlement currency, up to a constant that cancels: P&L is
/// cash paid for it plus its value at the mark.
///
///   linear:   value =  qty * price
///   inverse:  value = -qty * contract_size / price, rounded half-even once to 1e-12 coin
///
/// The sign of the inverse form makes both contracts gain when value rises, so everything after the
/// fill (average cost, attribution) is one arithmetic. |value| is the turnover that fees are paid
/// on.
Money position_value(const Instrument& instrument, Price price, Qty qty);

/// position_value of one lot at the mid of two prices, for marks. Exact for linear instruments
/// with price_decimals + lot_decimals <= 11, else rounded half-even once: a mark is rounded before
/// it enters the books, so nothing after it is rounded again.
Money mid_value_of_one_lot(const Instrument& instrument, Price bid, Price ask);

/// |position_value| * rate / 1e8, half-even: the fee on a fill. Negative for a rebate.
Money fee_of(const Instrument& instrument, Price price, Qty qty, bool maker);

// ---------------------------------------------------------------- text

/// Parses a plain decimal ("-12.5", "0.10") as a count of 10^-decimals. Empty if it is no number,
/// is finer than that, or does not fit.
std::optional<std::int64_t> parse_decimal(std::string_view text, std::int64_t decimals);
std::optional<Money> parse_money(std::string_view text);

/// Shortest plain decimal of value * 10^-decimals: "12.5", "-0.001", "0".
std::string format_decimal(Int128 value, std::int64_t decimals);
std::string format_money(Money money);
std::string format_price(const Instrument& instrument, Price price);
std::string format_qty(const Instrument& instrument, Qty qty);

/// Shortest decimal that reads back as the same double, without an exponent where that is short.
std::string format_double(double value);

}  // namespace mm
