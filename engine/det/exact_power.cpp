#include "engine/det/exact_power.hpp"

namespace mm::det::detail {

namespace {

/// odd * 2^exponent.
struct Odd {
  u64 odd;
  int exponent;
};

Odd odd_of(Parts parts) {
  const int zeros = std::countr_zero(parts.significand);
  return {parts.significand >> zeros, parts.exponent - 63 + zeros};
}

/// floor(sqrt(value)).
u64 integer_root(u64 value) {
  u64 root = 0;
  for (u64 bit = u64{1} << 31; bit != 0; bit >>= 1) {
    const u64 larger = root | bit;
    if (larger * larger <= value) root = larger;
  }
  return root;
}

}  // namespace

// With x = m 2^e and y = n 2^f, m and n odd: x^y has finitely many binary digits only if it is a
// power of two (m = 1), or y > 0, as 1/m has infinitely many. For f < 0, m and 2^e must be squares,
// -f times over: an irrational root stays irrational, as n is odd. Then m^n grows past 54 bits
// unless n <= 34.
std::optional<Approximation> exact_power(Parts x, bool y_negative, Parts y) {
  auto [m, e] = odd_of(x);
  auto [n, f] = odd_of(y);
  if (m != 1 && y_negative) return std::nullopt;
  for (; f < 0; ++f) {
    const u64 root = integer_root(m);
    if (root * root != m || e % 2 != 0) return std::nullopt;
    if (m == 1 && e == 0) return std::nullopt;  // x = 1 is decided elsewhere
    m = root;
    e /= 2;
  }
  constexpr u64 power_max = 2048;
  if (f > 11 || n > power_max || n << f > power_max) return std::nullopt;
  const u64 power = n << f;

  u64 significand = 1;
  for (u64 k = 0; m != 1 && k < power; ++k) {
    const u128 product = u128{significand} * m;
    if (product >> 63 != 0) return std::nullopt;
    significand = low_word(product);
  }
  const int exponent = e * static_cast<int>(power);
  return normalised(significand, 127 + (y_negative ? -exponent : exponent));
}

}  // namespace mm::det::detail
