#include "engine/numeric.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/assert.hpp"

namespace mm {
namespace {

constexpr Int128 largest_money = Int128{1} << 100;

Int128 saturated(Int128 value) {
  return std::clamp(value, -largest_money, largest_money);
}

// a * b, clamped to +-2^126, so that what follows cannot overflow either.
Int128 product(Int128 a, Int128 b) {
  constexpr Int128 limit = Int128{1} << 126;
  Int128 result = 0;
  if (__builtin_mul_overflow(a, b, &result)) return (a < 0) == (b < 0) ? limit : -limit;
  return std::clamp(result, -limit, limit);
}

// value * 10^exponent, rounded half-even for negative exponents.
Int128 scaled(Int128 value, std::int64_t exponent) {
  if (exponent >= 0) return saturated(product(value, power_of_ten(exponent)));
  return saturated(divide_half_even(value, power_of_ten(-exponent)));
}

Qty ceil_to_step(const Instrument& instrument, Int128 lots) {
  const Int128 step = std::max<std::int64_t>(instrument.qty_step.lots(), 1);
  const Int128 steps = lots <= 0 ? 0 : (lots + step - 1) / step;
  return Qty::from_lots(static_cast<std::int64_t>(std::min<Int128>(steps * step, max_lots)));
}

}  // namespace

Int128 divide_half_even(Int128 numerator, Int128 denominator) {
  MM_ASSERT(denominator > 0, "division by a positive number");
  Int128 quotient = numerator / denominator;
  Int128 rest = numerator % denominator;
  if (rest < 0) {
    rest += denominator;
    --quotient;
  }
  const Int128 other = denominator - rest;
  if (rest > other || (rest == other && (quotient & 1) != 0)) ++quotient;
  return quotient;
}

// ---------------------------------------------------------------- grid

Price tick_at(const Instrument& instrument, Price price) {
  std::int64_t step = std::max<std::int64_t>(instrument.tick.units(), 1);
  if (instrument.significant_figures <= 0) return Price::from_units(step);
  const std::int64_t whole = power_of_ten(instrument.price_decimals);
  const std::int64_t finest =
      power_of_ten(std::min<std::int64_t>(instrument.significant_figures, 18));
  std::int64_t by_figures = 1;
  for (std::int64_t rest = price.units() / finest; rest > 0 && by_figures < whole; rest /= 10)
    by_figures *= 10;
  return Price::from_units(std::max(step, std::min(by_figures, whole)));
}

namespace {

// Steps of the grid in a price, forgiving the tolerance: rounded down, or up.
Price rounded(const Instrument& instrument, double units, bool up) {
  if (!(units > 0)) return Price{};
  if (units >= static_cast<double>(max_price_units)) units = static_cast<double>(max_price_units);
  // A double next to a power of ten has the tick of its integer part; both ticks divide the power.
  const Price whole = Price::from_units(static_cast<std::int64_t>(units));
  const std::int64_t tick = tick_at(instrument, whole).units();
  const double steps = units / static_cast<double>(tick);
  const double on_grid =
      up ? std::ceil(steps - rounding_tolerance) : std::floor(steps + rounding_tolerance);
  return Price::from_units(static_cast<std::int64_t>(on_grid) * tick);
}

}  // namespace

Price floor_to_tick(const Instrument& instrument, double units) {
  return rounded(instrument, units, false);
}
Price ceil_to_tick(const Instrument& instrument, double units) {
  return rounded(instrument, units, true);
}
Price floor_to_tick(const Instrument& instrument, Price price) {
  if (price <= Price{}) return Price{};
  return price.floor_to(tick_at(instrument, price));
}
Price ceil_to_tick(const Instrument& instrument, Price price) {
  if (price <= Price{}) return Price{};
  return price.ceil_to(tick_at(instrument, price));
}
Price next_below(const Instrument& instrument, Price price) {
  return floor_to_tick(instrument, price - Price::from_units(1));
}
Price next_above(const Instrument& instrument, Price price) {
  return ceil_to_tick(instrument, price + Price::from_units(1));
}

Qty floor_to_step(const Instrument& instrument, Qty qty) {
  const std::int64_t step = std::max<std::int64_t>(instrument.qty_step.lots(), 1);
  return qty <= Qty{} ? Qty{} : Qty::from_lots(qty.lots() - qty.lots() % step);
}

Qty min_order_qty(const Instrument& instrument, Price price) {
  const Int128 smallest = std::max<std::int64_t>({instrument.min_qty.lots(), 1});
  Int128 lots = smallest;
  const Int128 needed = instrument.min_notional.units();
  if (needed > 0 && price > Price{}) {
    // One lot's value may round, so the bound is found from 2^20 lots and then confirmed.
    constexpr std::int64_t many = std::int64_t{1} << 20;
    const Int128 value_of_many = quote_value(instrument, price, Qty::from_lots(many)).units();
    if (value_of_many > 0) {
      const Int128 guess = needed > largest_money / many ? max_lots : needed * many / value_of_many;
      lots = std::clamp<Int128>(guess, smallest, max_lots);
      while (
          lots < max_lots &&
          quote_value(instrument, price, Qty::from_lots(static_cast<std::int64_t>(lots))).units() <
              needed)
        ++lots;
    }
  }
  return ceil_to_step(instrument, lots);
}

Qty qty_for_value(const Instrument& instrument, double value, Price price) {
  if (price <= Price{}) return Qty{};
  // Lots whose value at the price is `value`, in doubles: the result is rounded down anyway.
  const double scale = static_cast<double>(power_of_ten(instrument.lot_decimals));
  const double per_lot = instrument.contract == ContractKind::inverse
                             ? static_cast<double>(instrument.contract_size) / scale
                             : static_cast<double>(price.units()) /
                                   static_cast<double>(power_of_ten(instrument.price_decimals)) /
                                   scale;
  double lots = std::floor(value / per_lot + rounding_tolerance);
  if (!(lots > 0)) lots = 0;
  lots = std::min(lots, static_cast<double>(max_lots));
  const Qty rounded_down =
      floor_to_step(instrument, Qty::from_lots(static_cast<std::int64_t>(lots)));
  return std::max(rounded_down, min_order_qty(instrument, price));
}

// ---------------------------------------------------------------- value

Money quote_value(const Instrument& instrument, Price price, Qty qty) {
  if (instrument.contract == ContractKind::inverse)
    return Money::from_units(
        scaled(product(qty.lots(), instrument.contract_size), 12 - instrument.lot_decimals));
  return Money::from_units(scaled(product(price.units(), qty.lots()),
                                  12 - instrument.price_decimals - instrument.lot_decimals));
}

Money position_value(const Instrument& instrument, Price price, Qty qty) {
  if (instrument.contract == ContractKind::linear) return quote_value(instrument, price, qty);
  if (price <= Price{}) return Money{};
  // coin = lots * 10^-lot_decimals * contract_size / (units * 10^-price_decimals), in 1e-12
  const Int128 quote = product(product(qty.lots(), instrument.contract_size), power_of_ten(12));
  const Int128 numerator = product(quote, power_of_ten(instrument.price_decimals));
  const Int128 denominator = Int128{price.units()} * power_of_ten(instrument.lot_decimals);
  return Money::from_units(saturated(-divide_half_even(numerator, denominator)));
}

Money mid_value_of_one_lot(const Instrument& instrument, Price bid, Price ask) {
  const Int128 sum = Int128{bid.units()} + ask.units();
  if (instrument.contract == ContractKind::linear) {
    const std::int64_t exponent = 12 - instrument.price_decimals - instrument.lot_decimals;
    // Half a unit is five tenths of one: no halving before the rounding.
    return Money::from_units(scaled(product(sum, 5), exponent - 1));
  }
  if (sum <= 0) return Money{};
  const Int128 numerator = product(product(Int128{2} * instrument.contract_size, power_of_ten(12)),
                                   power_of_ten(instrument.price_decimals));
  const Int128 denominator = sum * power_of_ten(instrument.lot_decimals);
  return Money::from_units(saturated(-divide_half_even(numerator, denominator)));
}

Money fee_of(const Instrument& instrument, Price price, Qty qty, bool maker) {
  const Int128 value = position_value(instrument, price, qty).units();
  const std::int64_t rate = maker ? instrument.maker_fee_e8 : instrument.taker_fee_e8;
  return Money::from_units(
      divide_half_even(product(value < 0 ? -value : value, rate), 100'000'000));
}

// ---------------------------------------------------------------- text

namespace {

// Digits of a plain decimal scaled by 10^decimals; empty if it is none, too fine or too large.
std::optional<Int128> parse_scaled(std::string_view text, std::int64_t decimals) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  constexpr Int128 limit = Int128{1} << 120;
  Int128 value = 0;
  std::int64_t left = decimals;
  bool seen_point = false;
  bool seen_digit = false;
  for (const char c : text) {
    if (c == '.') {
      if (seen_point) return std::nullopt;
      seen_point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    seen_digit = true;
    if (seen_point && left == 0) {
      if (c != '0') return std::nullopt;
      continue;
    }
    if (seen_point) --left;
    value = value * 10 + (c - '0');
    if (value > limit) return std::nullopt;
  }
  if (!seen_digit) return std::nullopt;
  for (; left > 0; --left) {
    value *= 10;
    if (value > limit) return std::nullopt;
  }
  return negative ? -value : value;
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text, std::int64_t decimals) {
  const std::optional<Int128> value = parse_scaled(text, decimals);
  if (!value || *value > std::numeric_limits<std::int64_t>::max() ||
      *value < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<Money> parse_money(std::string_view text) {
  const std::optional<Int128> value = parse_scaled(text, 12);
  if (!value || *value > largest_money || *value < -largest_money) return std::nullopt;
  return Money::from_units(*value);
}

std::string format_decimal(Int128 value, std::int64_t decimals) {
  // Digits from the right; zeros at the end of the fraction are left out.
  std::string reversed;
  const bool negative = value < 0;
  unsigned __int128 rest =
      negative ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  bool shown = false;
  for (std::int64_t place = 0; rest != 0 || place <= decimals; ++place) {
    if (place == decimals) {
      if (shown) reversed.push_back('.');
      shown = true;
    }
    const char digit = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
    if (digit != '0') shown = true;
    if (shown) reversed.push_back(digit);
  }
  if (negative) reversed.push_back('-');
  return {reversed.rbegin(), reversed.rend()};
}

std::string format_money(Money money) {
  return format_decimal(money.units(), 12);
}
std::string format_price(const Instrument& instrument, Price price) {
  return format_decimal(price.units(), instrument.price_decimals);
}
std::string format_qty(const Instrument& instrument, Qty qty) {
  return format_decimal(qty.lots(), instrument.lot_decimals);
}

std::string format_double(double value) {
  if (value == 0) return "0";
  std::array<char, 400> text{};
  const double size = std::abs(value);
  // Plain digits from one millionth to a quadrillion, an exponent beyond.
  const auto result =
      size >= 1e-6 && size < 1e15
          ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed)
          : std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

}  // namespace mm
