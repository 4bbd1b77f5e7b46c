#include "engine/det/second_step.hpp"

#include "engine/det/tables.hpp"

namespace mm::det::detail {

namespace {

/// e^r - 1 for |r| < 0.36: Taylor at r / 2^8, whose 22 terms leave out less than 2^-9.4*22 / 23!
/// = 2^-281 of it, then e^2r - 1 = (e^r - 1) (2 + (e^r - 1)) eight times.
Wide expm1_reduced(const Wide& r) {
  constexpr int halvings = 8;
  constexpr i64 terms = 22;
  const Wide small = r.times_power_of_two(-halvings);
  const Wide one = Wide::of(1);
  Wide sum = one;
  for (i64 k = terms; k > 1; --k) sum = one + (small * sum).divided_by(static_cast<u64>(k));
  Wide result = small * sum;
  const Wide two = Wide::of(2);
  for (int k = 0; k < halvings; ++k) result = result * (two + result);
  return result;
}

struct Reduced {
  Wide expm1;  // of the rest
  int powers;
};

/// x = powers ln 2 + rest. The rest is within 2^-245 (absolutely) if powers is not 0, else exact.
Reduced reduce(const Wide& x) {
  const Wide ln2 = Wide::of_fraction(ln2_q256);
  const i64 powers = (x * Wide::of(false, Parts{inverse_ln2_q63, 0})).nearest_integer();
  if (powers == 0) return {expm1_reduced(x), 0};
  return {expm1_reduced(x - Wide::of(powers) * ln2), static_cast<int>(powers)};
}

/// log(1 + t) for |t| < 2^-58, within 2^-290.
Wide log1p_tiny(const Wide& t) {
  const Wide square = t * t;
  return t - square.times_power_of_two(-1) + (square * t).divided_by(3) -
         (square * square).times_power_of_two(-2);
}

}  // namespace

Wide wide_exp(const Wide& x) {
  const Reduced reduced = reduce(x);
  return (Wide::of(1) + reduced.expm1).times_power_of_two(reduced.powers);
}

Wide wide_expm1(const Wide& x) {
  const Reduced reduced = reduce(x);
  if (reduced.powers == 0) return reduced.expm1;
  return (Wide::of(1) + reduced.expm1).times_power_of_two(reduced.powers) - Wide::of(1);
}

// log x = g + log(1 + t), 1 + t = x e^-g, for a guess g that leaves a tiny t.
Wide wide_log(const Wide& x, const SignedApproximation& guess) {
  const Wide one = Wide::of(1);
  if (guess.value.exponent < -2) return wide_log1p(x - one, guess);
  const Wide g = Wide::of(guess.negative, guess.value);
  return g + log1p_tiny(x * wide_exp(-g) - one);
}

// Near 0, t = x + e + x e with e = e^-g - 1: x + e cancels, but its error is relative to x.
Wide wide_log1p(const Wide& x, const SignedApproximation& guess) {
  if (guess.value.exponent >= -2) return wide_log(Wide::of(1) + x, guess);
  const Wide g = Wide::of(guess.negative, guess.value);
  const Wide e = wide_expm1(-g);
  return g + log1p_tiny(x + e + x * e);
}

}  // namespace mm::det::detail
