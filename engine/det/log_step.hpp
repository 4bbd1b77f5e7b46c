#pragma once

// The first step of log, log1p and pow: log x to 74 bits.

#include "engine/det/integer.hpp"
#include "engine/det/rounding.hpp"
#include "engine/det/tables.hpp"

namespace mm::det::detail {

/// A logarithm: -value or +value.
struct SignedApproximation {
  bool negative;
  Approximation value;
};

/// (log(1 + r) - r + r^2 / 2) / r^3 in Q63 within 2^-61, for |r| <= 2^-8 in Q70 and r^2 in Q76.
constexpr i64 log1p_tail(i64 r_q70, i64 square_q76) {
  return polynomial(log1p_tail_q63, r_q70, 6, square_q76, 12);
}

/// log_step and log1p_step_near_zero are within 2^-log_step_bits of the logarithm, relatively.
constexpr int log_step_bits = 74;

/// log(1 + r) for r = +-parts, 2^-54 <= |r| <= 2^-8.
///
///   log(1 + r) = r W,  W = 1 - r / 2 + r^2 (1/3 - r / 4 + ...)
///
/// Errors of W: r^2 cut to Q76 takes 2^-76 / 3, the tail in Q63 2^-61 * 2^-16, the terms left out
/// |r|^10 / 11 < 2^-83, the cut of r to Q116 2^-117. In all below 2^-76.2.
constexpr SignedApproximation log1p_step_near_zero(bool negative, Parts parts) {
  const i128 r_q116 = signed_fixed_point(negative, parts, 116);
  const i64 r_q70 = word(static_cast<i64>(r_q116 >> 46));
  const i64 square_q76 = high_product(r_q70, r_q70);
  const i64 tail_q63 = log1p_tail(r_q70, square_q76);
  const i128 w_q116 =
      (i128{1} << 116) - (r_q116 >> 1) + ((i128{square_q76} * tail_q63) >> (76 + 63 - 116));

  const u128 w = static_cast<u128>(w_q116) << 11;  // Q127
  const u128 product_q126 =
      u128{high_word(w)} * parts.significand + high_product(low_word(w), parts.significand);
  return {negative, normalised(product_q126, parts.exponent + 1)};
}

/// log((1 + u) 2^exponent) for a mantissa 1 + u in Q117, 1 <= 1 + u < 2, away from 1: not for
/// exponent 0 and 1 + u < 1 + 2^-8, nor for exponent -1 and 1 + u >= 2 - 2^-8.
///
///   log x = exponent ln 2 - log c + log(1 + r),  1 + r = c (1 + u),  |r| <= 2^-8
///
/// c is a table's number of 10 bits, so that r is exact. From sqrt(2) on, x / 2 is taken instead,
/// so that the first two terms never cancel. The logarithm is at least 2^-9 in absolute value.
///
/// Absolute errors: r^3 / 3 - ... has r^3 within 2^-83.4 from the cut of r^2 to Q76 and its own to
/// Q85, times 1/3, and the tail within 2^-61 * 2^-24; what the tail leaves out is below
/// 2^-88 / 11; constants and cuts to Q116 below 2^-105. r^2 / 2 is exact if 1 + u has 53 bits; if
/// it has more, it is within 2^-78 (log1p). In all below 2^-84, and 2^-78 for log1p: 2^-75 and
/// 2^-69 of the logarithm.
constexpr SignedApproximation log_step(u128 mantissa_q117, int exponent) {
  const std::size_t part = static_cast<std::size_t>(mantissa_q117 >> 109) & 255;
  const i128 r_q127 = static_cast<i128>(mantissa_q117 * log_multiplier[part] - (u128{1} << 127));
  const i64 r_q70 = word(static_cast<i64>(r_q127 >> 57));
  const i128 square_q140 = i128{r_q70} * r_q70;
  const i64 square_q76 = word(static_cast<i64>(square_q140 >> 64));
  const i64 cube_q85 = word(static_cast<i64>((i128{square_q76} * r_q70) >> 61));
  const i64 tail_q63 = log1p_tail(r_q70, square_q76);
  const int powers = exponent + (part >= log_wrap ? 1 : 0);

  const i128 log_q116 = powers * ln2_q116 + static_cast<i128>(log_offset_q116[part]) +
                        (r_q127 >> 11) - (square_q140 >> 25) + ((i128{cube_q85} * tail_q63) >> 32);
  const bool negative = log_q116 < 0;
  return {negative, normalised(static_cast<u128>(negative ? -log_q116 : log_q116), 11)};
}

/// log x for a positive number other than 1.
constexpr SignedApproximation log_step(Parts x) {
  const bool just_above_one = x.exponent == 0 && x.significand >> 55 == 256;
  const bool just_below_one = x.exponent == -1 && x.significand >> 55 == 511;
  if (just_above_one || just_below_one) [[unlikely]] {
    const u64 distance = just_above_one ? x.significand - sign_bit : 0 - x.significand;
    const int zeros = std::countl_zero(distance);
    return log1p_step_near_zero(just_below_one,
                                {distance << zeros, (just_above_one ? 0 : -1) - zeros});
  }
  return log_step(u128{x.significand} << 54, x.exponent);
}

/// log1p_step is within 2^-log1p_step_bits of the logarithm, relatively: 1 + x may have more than
/// the 53 bits log_step is exact for.
constexpr int log1p_step_bits = 68;

/// log(1 + x) for x = +-parts, x >= -1 + 2^-53, |x| >= 2^-54.
constexpr SignedApproximation log1p_step(bool negative, Parts parts) {
  if (parts.exponent > 117) return log_step(u128{parts.significand} << 54, parts.exponent);

  // 1 + x in Q117 of its leading bit; what is cut off is below 2^-117 of it.
  constexpr u128 one_q117 = u128{1} << 117;
  u128 sum;
  int exponent = 0;
  if (parts.exponent < 0) {
    const u128 x_q117 = fixed_point(parts, 117);
    sum = negative ? one_q117 - x_q117 : one_q117 + x_q117;
  } else {
    exponent = parts.exponent;
    sum = (u128{parts.significand} << 54) + (one_q117 >> exponent);
  }
  const int shift = leading_zeros(sum) - (127 - 117);
  exponent -= shift;
  sum = shift >= 0 ? sum << shift : sum >> 1;

  const std::size_t part = static_cast<std::size_t>(sum >> 109) & 255;
  const bool near_zero = (exponent == 0 && part == 0) || (exponent == -1 && part == 255);
  return near_zero ? log1p_step_near_zero(negative, parts) : log_step(sum, exponent);
}

}  // namespace mm::det::detail
