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

/// Exponents beyond 0 to 18 count as these.
std::int64_t ten_to(std::int64_t exponent) {
  return powers_of_ten[static_cast<std::size_t>(std::clamp<std::int64_t>(exponent, 0, 18))];
}

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
  if (exponent >= 0) return saturated(product(value, ten_to(exponent)));
  return saturated(divide_half_even(value, ten_to(-exponent)));
}

// A grid of single units is so common, and a division so slow, that it pays to look.
std::int64_t floor_to_multiple(std::int64_t value, std::int64_t step) {
  return step == 1 ? value : value - value % step;
}

// Requires 0 <= lots <= max_lots; a step beyond that is as good as one of it.
Qty ceil_to_step(const Instrument& instrument, std::int64_t lots) {
  const std::int64_t step = std::clamp<std::int64_t>(instrument.qty_step.lots(), 1, max_lots);
  const std::int64_t below = floor_to_multiple(lots, step);
  return Qty::from_lots(std::min(below == lots ? lots : below + step, max_lots));
}

// The least number of lots, at least `smallest`, whose value reaches `needed` > 0 at `price` > 0.
std::int64_t lots_for(const Instrument& instrument, Price price, Int128 needed,
                      std::int64_t smallest) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  // Where a lot's value is exact and both fit, which is nearly always, one division tells.
  const bool inverse = instrument.contract == ContractKind::inverse;
  const std::int64_t exponent =
      12 - instrument.lot_decimals - (inverse ? 0 : instrument.price_decimals);
  std::int64_t of_one = inverse ? instrument.contract_size : price.units();
  if (exponent >= 0 && needed <= largest && of_one > 0 &&
      !__builtin_mul_overflow(of_one, ten_to(exponent), &of_one)) {
    const std::int64_t all = static_cast<std::int64_t>(needed);
    const std::int64_t lots = all / of_one + (all % of_one != 0 ? 1 : 0);
    return std::clamp(lots, smallest, max_lots);
  }
  std::int64_t low = smallest;
  std::int64_t high = max_lots;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (quote_value(instrument, price, Qty::from_lots(middle)).units() >= needed) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
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

namespace {

// Where the tick is the instrument's own, as on most venues, it must cost next to nothing.
inline std::int64_t tick_units(const Instrument& instrument, std::int64_t price) {
  const std::int64_t step = std::max<std::int64_t>(instrument.tick.units(), 1);
  if (instrument.significant_figures <= 0) return step;
  const std::int64_t whole = ten_to(instrument.price_decimals);
  const std::int64_t finest = ten_to(std::min<std::int64_t>(instrument.significant_figures, 18));
  std::int64_t by_figures = 1;
  for (std::int64_t rest = price / finest; rest > 0 && by_figures < whole; rest /= 10)
    by_figures *= 10;
  return std::max(step, std::min(by_figures, whole));
}

inline std::int64_t floor_units(const Instrument& instrument, std::int64_t price) {
  return price <= 0 ? 0 : floor_to_multiple(price, tick_units(instrument, price));
}

inline std::int64_t ceil_units(const Instrument& instrument, std::int64_t price) {
  if (price <= 0) return 0;
  const std::int64_t tick = tick_units(instrument, price);
  const std::int64_t below = floor_to_multiple(price, tick);
  return below == price ? below : below + tick;
}

// Steps of the grid in a price, forgiving the tolerance: rounded down, or up.
inline Price rounded(const Instrument& instrument, double units, bool up) {
  if (!(units > 0)) return Price{};
  if (units >= static_cast<double>(max_price_units)) units = static_cast<double>(max_price_units);
  // A double next to a power of ten has the tick of its integer part; both ticks divide the power.
  const std::int64_t tick = tick_units(instrument, static_cast<std::int64_t>(units));
  const double steps = tick == 1 ? units : units / static_cast<double>(tick);
  // Both are below 2^43 and not below -1, so a conversion is the exact floor or ceiling.
  if (!up) return Price::from_units(static_cast<std::int64_t>(steps + rounding_tolerance) * tick);
  const double lowest = steps - rounding_tolerance;
  const auto cut = static_cast<std::int64_t>(lowest);
  return Price::from_units((static_cast<double>(cut) < lowest ? cut + 1 : cut) * tick);
}

}  // namespace

Price tick_at(const Instrument& instrument, Price price) {
  return Price::from_units(tick_units(instrument, price.units()));
}
Price floor_to_tick(const Instrument& instrument, double units) {
  return rounded(instrument, units, false);
}
Price ceil_to_tick(const Instrument& instrument, double units) {
  return rounded(instrument, units, true);
}
Price floor_to_tick(const Instrument& instrument, Price price) {
  return Price::from_units(floor_units(instrument, price.units()));
}
Price ceil_to_tick(const Instrument& instrument, Price price) {
  return Price::from_units(ceil_units(instrument, price.units()));
}
Price next_below(const Instrument& instrument, Price price) {
  return Price::from_units(floor_units(instrument, price.units() - 1));
}
Price next_above(const Instrument& instrument, Price price) {
  return Price::from_units(ceil_units(instrument, price.units() + 1));
}

Qty floor_to_step(const Instrument& instrument, Qty qty) {
  const std::int64_t step = std::max<std::int64_t>(instrument.qty_step.lots(), 1);
  return qty <= Qty{} ? Qty{} : Qty::from_lots(floor_to_multiple(qty.lots(), step));
}

Qty min_order_qty(const Instrument& instrument, Price price) {
  const std::int64_t smallest = std::clamp<std::int64_t>(instrument.min_qty.lots(), 1, max_lots);
  const Int128 needed = instrument.min_notional.units();
  if (needed <= 0 || price <= Price{}) return ceil_to_step(instrument, smallest);
  return ceil_to_step(instrument, lots_for(instrument, price, needed, smallest));
}

LotsByValue::LotsByValue(const Instrument& instrument, Price price) {
  if (price <= Price{}) return;
  step_ = std::max<std::int64_t>(instrument.qty_step.lots(), 1);
  least_ = min_order_qty(instrument, price);
  const double scale = static_cast<double>(ten_to(instrument.lot_decimals));
  value_of_one_ = instrument.contract == ContractKind::inverse
                      ? static_cast<double>(instrument.contract_size) / scale
                      : static_cast<double>(price.units()) /
                            static_cast<double>(ten_to(instrument.price_decimals)) / scale;
}

Qty LotsByValue::lots(double value) const {
  if (step_ == 0) return Qty{};
  const double exact = value / value_of_one_ + rounding_tolerance;
  if (!(exact >= 1)) return least_;
  const auto whole = static_cast<std::int64_t>(std::min(exact, static_cast<double>(max_lots)));
  return std::max(Qty::from_lots(floor_to_multiple(whole, step_)), least_);
}

Qty qty_for_value(const Instrument& instrument, double value, Price price) {
  return LotsByValue(instrument, price).lots(value);
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
  const Int128 quote = product(product(qty.lots(), instrument.contract_size), ten_to(12));
  const Int128 numerator = product(quote, ten_to(instrument.price_decimals));
  const Int128 denominator = Int128{price.units()} * ten_to(instrument.lot_decimals);
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
  const Int128 numerator = product(product(Int128{2} * instrument.contract_size, ten_to(12)),
                                   ten_to(instrument.price_decimals));
  const Int128 denominator = sum * ten_to(instrument.lot_decimals);
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
