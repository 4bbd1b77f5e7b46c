#pragma once

// The integers mm::det computes with, and how a double is taken apart and put together from them.
//
// Nothing in engine/det adds, multiplies or compares doubles, so no rounding mode, contraction,
// excess precision, compiler or optimisation level can change a bit. The checks here guard the rest
// of the engine, which does use + - * / and sqrt.
//
// "Qn" names a fixed-point number with n bits after the binary point.

#include <array>
#include <bit>
#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#ifdef __FAST_MATH__
#error "-ffast-math lets the compiler reorder sums: replays would differ between builds"
#endif
static_assert(FLT_EVAL_METHOD == 0, "doubles must not be computed in a wider format");
static_assert(std::numeric_limits<double>::is_iec559, "doubles must be IEEE 754 binary64");

namespace mm::det::detail {

using i64 = std::int64_t;
using u64 = std::uint64_t;
using i128 = __int128;
using u128 = unsigned __int128;

constexpr u128 u128_of(u64 high, u64 low) {
  return u128{high} << 64 | low;
}
constexpr u64 high_word(u128 value) {
  return static_cast<u64>(value >> 64);
}
constexpr u64 low_word(u128 value) {
  return static_cast<u64>(value);
}

/// The value. Where it is the high half of something wider, compilers would use that instead of the
/// 64-bit word, and multiply in 128 x 128 bits what takes one instruction.
constexpr i64 word(i64 value) {
  if (!std::is_constant_evaluated()) __asm__("" : "+r"(value));
  return value;
}

/// The high half of a product: of Qa and Qb it is Q(a + b - 64), rounded down.
constexpr u64 high_product(u64 a, u64 b) {
  return static_cast<u64>(u128{a} * b >> 64);
}
constexpr i64 high_product(i64 a, i64 b) {
  return word(static_cast<i64>(i128{a} * b >> 64));
}

constexpr int leading_zeros(u128 value) {
  const u64 high = high_word(value);
  return high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low_word(value));
}

/// c_0 + c_1 r + ... + c_(2N-1) r^(2N-1) as two polynomials in z = r^2, so that half of the
/// multiplications need not wait for each other.
///
/// Coefficients and result are Qp. r is Q(64 + r_shift), z is Q(64 + z_shift). Every step rounds
/// down, so the error is below 2^-p * (2 + |r|) / (1 - z) plus that of the coefficients.
template <std::size_t Size>
constexpr i64 polynomial(const std::array<i64, Size>& c, i64 r, int r_shift, i64 z, int z_shift) {
  static_assert(Size % 2 == 0 && Size >= 2);
  i64 even = c[Size - 2];
  i64 odd = c[Size - 1];
#pragma GCC unroll 8
  for (std::size_t k = Size - 2; k > 0; k -= 2) {
    even = c[k - 2] + (high_product(even, z) >> z_shift);
    odd = c[k - 1] + (high_product(odd, z) >> z_shift);
  }
  return even + (high_product(odd, r) >> r_shift);
}

constexpr u64 sign_bit = u64{1} << 63;
constexpr u64 infinity_bits = u64{0x7ff} << 52;
constexpr u64 quiet_nan_bits = u64{0xfff} << 51;
constexpr u64 one_bits = u64{0x3ff} << 52;

constexpr u64 bits_of(double x) {
  return std::bit_cast<u64>(x);
}
constexpr double double_of(u64 bits) {
  return std::bit_cast<double>(bits);
}
constexpr double signed_double(bool negative, u64 magnitude) {
  return double_of(negative ? magnitude | sign_bit : magnitude);
}

/// The bits of a function's argument. The empty assembly hides that they are a double's: clang
/// would turn `bits == 0` back into a comparison of doubles, which flush-to-zero mode changes.
inline u64 argument_bits(double x) {
  u64 bits = bits_of(x);
  __asm__("" : "+r"(bits));
  return bits;
}

constexpr double quiet_nan = double_of(quiet_nan_bits);
constexpr double infinity = double_of(infinity_bits);

/// The bits of 2^power, for the range of normal numbers.
constexpr u64 power_of_two_bits(int power) {
  return static_cast<u64>(power + 1023) << 52;
}

/// significand * 2^(exponent - 63), significand >= 2^63.
struct Parts {
  u64 significand;
  int exponent;
};

/// The parts of a finite number other than zero, given by the bits of its absolute value.
constexpr Parts parts_of(u64 magnitude) {
  const int exponent = static_cast<int>(magnitude >> 52);
  if (exponent == 0) {
    const int zeros = std::countl_zero(magnitude);
    return {magnitude << zeros, -1011 - zeros};
  }
  return {magnitude << 11 | sign_bit, exponent - 1023};
}

/// The number in Qq, rounded down. It must be below 2^(127 - q).
constexpr u128 fixed_point(Parts parts, int q) {
  const int shift = parts.exponent - 63 + q;
  if (shift >= 0) return u128{parts.significand} << shift;
  return shift > -64 ? parts.significand >> -shift : 0;
}
constexpr i128 signed_fixed_point(bool negative, Parts parts, int q) {
  const i128 magnitude = static_cast<i128>(fixed_point(parts, q));
  return negative ? -magnitude : magnitude;
}

}  // namespace mm::det::detail
