#pragma once

// Floating-point numbers of 256 bits, for the second step: slow, plain and accurate.
//
// Every operation rounds towards zero and is within 2^-254 of its exact result, relatively; a
// difference is within 2^-254 of the larger operand. Exponents are ints and never leave their range
// here: no number the elementary functions meet is beyond 2^+-5000.

#include "engine/det/integer.hpp"
#include "engine/det/rounding.hpp"

namespace mm::det::detail {

class Wide {
 public:
  /// Least significant word first.
  using Words = std::array<u64, 4>;

  Wide() = default;
  static Wide of(bool negative, const Approximation& value);
  static Wide of(bool negative, Parts parts);
  static Wide of(i64 integer);
  /// words * 2^-256.
  static Wide of_fraction(const Words& words);

  bool is_zero() const { return words_[3] == 0; }
  bool negative() const { return negative_; }
  /// 2^exponent <= |value| < 2^(exponent + 1).
  int exponent() const { return exponent_; }
  /// The leading 128 bits of the absolute value, which must not be zero.
  Approximation leading() const { return {u128_of(words_[3], words_[2]), exponent_}; }

  Wide operator-() const;
  friend Wide operator+(const Wide& a, const Wide& b);
  friend Wide operator-(const Wide& a, const Wide& b) { return a + -b; }
  friend Wide operator*(const Wide& a, const Wide& b);
  /// b must not be zero.
  friend Wide operator/(const Wide& a, const Wide& b);

  /// Requires 0 < divisor < 2^63.
  Wide divided_by(u64 divisor) const;
  Wide times_power_of_two(int power) const;

  /// The nearest integer, for |value| < 2^32; one next to it if it is nearly half-way.
  i64 nearest_integer() const;

  /// The nearest double, ties to even. The number must not be zero.
  double to_double() const;

 private:
  static Wide normalised(bool negative, int exponent, Words words);

  // (-1)^negative * words * 2^(exponent - 255), with the highest bit set; zero is all zero.
  Words words_{};
  int exponent_ = 0;
  bool negative_ = false;
};

}  // namespace mm::det::detail
