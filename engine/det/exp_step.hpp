#pragma once

// The first step of exp, expm1, pow and tanh: e^x to 69 bits.

#include "engine/det/integer.hpp"
#include "engine/det/rounding.hpp"
#include "engine/det/tables.hpp"

namespace mm::det::detail {

/// exp_step is within 2^-exp_step_bits of e^x, relatively.
constexpr int exp_step_bits = 69;

/// e^x for x in Q112, |x| < 2^11.
///
///   n = round(128 x / ln 2),  r = x - n ln 2 / 128,  e^x = 2^(n / 128) e^r,  |r| < 2^-8.52
///
/// Errors, relative to 2^(n / 128): r is cut to Q71 and so is the tail, both downwards, which takes
/// at most 2^-70 from e^r - 1; the rest of the tail is below 2^-76. Cutting the table to Q62 takes
/// at most 2^-62 * |e^r - 1| < 2^-70.5. n times the error of ln 2 / 128 is below 2^-94. The sum is
/// below 2^-69.2, and e^r > 0.997.
constexpr Approximation exp_step(i128 x) {
  const i64 x_q50 = word(static_cast<i64>(x >> 62));
  const i128 half = i128{1} << 104;
  const i64 n = word(static_cast<i64>((i128{x_q50} * steps_per_unit_q55 + half) >> 105));
  const i64 r_q71 = word(static_cast<i64>((x - n * step_q112) >> 41));
  const i64 square_q78 = high_product(r_q71, r_q71);
  const i64 tail_q63 = polynomial(exp_tail_q63, r_q71, 7, square_q78, 14);
  const i64 growth_q71 = r_q71 + (high_product(square_q78, tail_q63) >> 6);

  const u128 power = exp2_q126[static_cast<std::size_t>(n & 127)];
  const i64 power_q62 = word(static_cast<i64>(high_word(power)));
  const i128 more_q126 = (i128{power_q62} * growth_q71) >> 7;
  return normalised(power + static_cast<u128>(more_q126), static_cast<int>(n >> 7) + 1);
}

}  // namespace mm::det::detail
