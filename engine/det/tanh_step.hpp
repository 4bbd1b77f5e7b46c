#pragma once

// The first step of tanh: to 67 bits.

#include "engine/det/exp_step.hpp"
#include "engine/det/integer.hpp"
#include "engine/det/rounding.hpp"
#include "engine/det/tables.hpp"

namespace mm::det::detail {

constexpr int tanh_small_bits = 68;
constexpr int tanh_large_bits = 67;

/// tanh x within 2^-68, relatively, for 2^-28 <= x < 1/8.
///
///   tanh x = x W,  W = 1 - x^2 (1/3 - 2/15 x^2 + ...)
///
/// Errors of W, which is above 0.99: the cut of x^2 to Q69 takes 2^-69 / 3, the tail in Q64
/// 2^-63 * 2^-6, the terms left out x^22 / 2^14 < 2^-79. In all below 2^-68.4.
constexpr Approximation tanh_step_small(Parts x) {
  const u128 square_q126 = u128{x.significand} * x.significand;  // of x / 2^exponent
  const int cut = 126 - 69 - 2 * x.exponent;
  const i64 square_q69 = word(cut < 128 ? static_cast<i64>(square_q126 >> cut) : 0);
  const i64 fourth_power_q74 = high_product(square_q69, square_q69);
  const i64 tail_q64 = polynomial(tanh_tail_q64, square_q69, 5, fourth_power_q74, 10);
  const u128 w_q127 =
      (u128{1} << 127) -
      static_cast<u128>((i128{square_q69} * tail_q64) >> (69 + 64 - 116)) * (u128{1} << 11);
  return normalised(
      u128{high_word(w_q127)} * x.significand + high_product(low_word(w_q127), x.significand),
      x.exponent + 1);
}

/// a / b within 2^-100 for a < b, b >= 2^127, a < 2^64 * floor(b / 2^64), in Q126.
///
/// Division by the high word of b gives 64 bits, and dividing what is left again gives the rest.
constexpr u128 ratio_q126(u128 a, u128 b) {
  const u64 divisor = high_word(b);
  const u64 quotient = static_cast<u64>(a / divisor);
  const i128 rest = static_cast<i128>(a % divisor) - high_product(quotient, low_word(b));
  const i128 correction_q62 = rest * (i128{1} << 62) / static_cast<i128>(divisor);
  return (u128{quotient} << 62) + static_cast<u128>(correction_q62);
}

/// tanh x = (1 - e^-2x) / (1 + e^-2x) within 2^-67, relatively, for 1/8 <= x < 20: an error d of
/// e^-2x becomes 2 e^-2x / (1 - e^-4x) <= 3.97 of it.
constexpr Approximation tanh_step_large(Parts x) {
  const Approximation power = exp_step(-static_cast<i128>(fixed_point(x, 113)));
  const u128 power_q127 = power.significand >> -power.exponent;
  constexpr u128 one_q127 = u128{1} << 127;
  return normalised(ratio_q126(one_q127 - power_q127, one_q127 + power_q127), 1);
}

/// tanh x for 2^-28 <= x < 20, within 2^-bits, relatively.
struct TanhStep {
  Approximation value;
  int bits;
};

constexpr TanhStep tanh_step(Parts x) {
  if (x.exponent < -3) return {tanh_step_small(x), tanh_small_bits};
  return {tanh_step_large(x), tanh_large_bits};
}

}  // namespace mm::det::detail
