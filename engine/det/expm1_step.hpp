#pragma once

// The first step of expm1: e^x - 1 to 66 bits.

#include "engine/det/exp_step.hpp"
#include "engine/det/integer.hpp"
#include "engine/det/rounding.hpp"
#include "engine/det/tables.hpp"

namespace mm::det::detail {

/// expm1_step_small is within 2^-expm1_small_bits of e^x - 1, relatively.
constexpr int expm1_small_bits = 68;

/// e^x - 1 for x = +-parts, 2^-54 <= |x| < 1/8.
///
///   e^x - 1 = x W,  W = 1 + x / 2 + x^2 (1/6 + x / 24 + ...)
///
/// Errors of W, which is above 0.94: x cut to Q65 puts 2^-67 into x^2 and 2^-69.6 into W, the cut
/// of x^2 to Q69 2^-71.6, the tail in Q65 2^-64 * 2^-6, the terms left out |x|^14 / 15! < 2^-82. In
/// all below 2^-68.4.
constexpr Approximation expm1_step_small(bool negative, Parts parts) {
  const i128 x_q116 = signed_fixed_point(negative, parts, 116);
  const i64 x_q65 = word(static_cast<i64>(x_q116 >> 51));
  const i64 square_q69 = word(static_cast<i64>((i128{x_q65} * x_q65) >> 61));
  const i64 tail_q65 = polynomial(expm1_tail_q65, x_q65, 1, square_q69, 5);
  const i128 w_q116 =
      (i128{1} << 116) + (x_q116 >> 1) + ((i128{square_q69} * tail_q65) >> (69 + 65 - 116));

  const u128 w = static_cast<u128>(w_q116) << 11;  // Q127
  return normalised(
      u128{high_word(w)} * parts.significand + high_product(low_word(w), parts.significand),
      parts.exponent + 1);
}

/// e^x - 1 within 2^-66 for |x| >= 1/8, from e^x within 2^-69.2: the difference is at least 0.117
/// of e^x.
constexpr int expm1_large_bits = 66;

constexpr Approximation expm1_step_large(bool negative, const Approximation& power) {
  constexpr u128 one_q127 = u128{1} << 127;
  if (negative) return normalised(one_q127 - (power.significand >> -power.exponent), 0);
  if (power.exponent > 127) return power;
  return normalised(power.significand - (one_q127 >> power.exponent), power.exponent);
}

/// e^x - 1 for x = +-parts, 2^-54 <= |x| < 2^10, within 2^-bits, relatively.
struct Expm1Step {
  Approximation value;
  int bits;
};

constexpr Expm1Step expm1_step(bool negative, Parts parts) {
  if (parts.exponent < -3) return {expm1_step_small(negative, parts), expm1_small_bits};
  const Approximation power = exp_step(signed_fixed_point(negative, parts, 112));
  return {expm1_step_large(negative, power), expm1_large_bits};
}

}  // namespace mm::det::detail
