#include "tests/engine/det/inputs.hpp"

#include <bit>
#include <cmath>

namespace mm::det::test {

Inputs::Inputs(std::uint64_t seed) : random_(seed) {
  mpfr_init2(middle_, 54);
  mpfr_init2(y_, 53);
  mpfr_init2(argument_, 100);
  mpfr_init2(logarithm_, 100);
}

Inputs::~Inputs() {
  mpfr_clears(middle_, y_, argument_, logarithm_, static_cast<mpfr_ptr>(nullptr));
}

Arguments Inputs::next(Function function, Region region) {
  switch (region) {
    case Region::any_bits: {
      const double x = std::bit_cast<double>(random_.next());
      return {x, std::bit_cast<double>(random_.next())};
    }
    case Region::usual:
      return usual(function);
    case Region::near_special:
      return near_special(function);
    case Region::near_midpoint:
      return near_midpoint(function);
    case Region::tiny_result:
      return tiny_result(function);
    case Region::exact_result:
      return exact_result(function);
  }
  return {0, 0};
}

double Inputs::scaled(int low, int high, bool both_signs) {
  const int exponent =
      low + static_cast<int>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
  const double mantissa = 1 + static_cast<double>(random_.next() >> 12) * 0x1p-52;
  const double value = std::ldexp(mantissa, exponent);
  return both_signs && coin() ? -value : value;
}

double Inputs::between(double low, double high) {
  return low + (high - low) * random_.uniform();
}

Arguments Inputs::usual(Function function) {
  switch (function) {
    case Function::exp:
    case Function::expm1:
      return {scaled(-20, 5, true), 0};
    case Function::log:
      return {scaled(-40, 40, false), 0};
    case Function::log1p:
      return {coin() ? scaled(-30, 30, false) : -random_.uniform(), 0};
    case Function::pow: {
      const double x = scaled(-12, 20, false);
      return {x, scaled(-10, 4, true)};
    }
    case Function::tanh:
      return {scaled(-12, 4, true), 0};
  }
  return {0, 0};
}

Arguments Inputs::near_special(Function function) {
  const double tiny = scaled(-60, -4, true);
  switch (function) {
    case Function::log:
      return {1 + tiny, 0};
    case Function::pow: {
      // x near 1 with a y that brings x^y anywhere, or a tiny y.
      if (coin()) return {scaled(-1022, 1023, false), tiny};
      const double x = 1 + tiny;
      const double reach = x == 1 ? 1 : between(-700, 700) / std::log(x);
      return {x, reach};
    }
    default:
      return {tiny, 0};
  }
}

// x and the wanted result a few steps from 1, the latter half-way between two doubles: the y that
// leads from one to the other is nearly a ratio of small numbers, and rounding it often leaves less
// than 2^-100 of a step.
Arguments Inputs::pow_near_one() {
  const double odd = 2 * static_cast<double>(random_.below(64)) + 1;
  const double steps = static_cast<double>(random_.below(256) + 1);
  const double x = coin() ? 1 + steps * 0x1p-52 : 1 - steps * 0x1p-53;
  const double distance = coin() ? odd * 0x1p-53 : odd * -0x1p-54;
  mpfr_set_d(argument_, distance, MPFR_RNDN);
  mpfr_log1p(argument_, argument_, MPFR_RNDN);
  mpfr_set_d(y_, x, MPFR_RNDN);
  mpfr_log(logarithm_, y_, MPFR_RNDN);
  mpfr_div(y_, argument_, logarithm_, MPFR_RNDN);
  return {x, mpfr_get_d(y_, MPFR_RNDN)};
}

// A number of 54 bits in the range of results, led back by the inverse function: the nearer to 1
// the result of exp, or the smaller y, the nearer to the middle is the function's value.
Arguments Inputs::near_midpoint(Function function) {
  if (function == Function::pow && coin()) return pow_near_one();
  double y = 0;
  double result = 0;
  switch (function) {
    case Function::exp:
      result = coin() ? 1 + scaled(-50, -1, true) : scaled(-1022, 1023, false);
      break;
    case Function::expm1:
      result = coin() ? scaled(-50, -1, true) : scaled(0, 1000, false);
      break;
    case Function::log:
      result = scaled(-10, 9, true);
      break;
    case Function::log1p:
      result = coin() ? scaled(-50, 9, false) : scaled(-50, 5, true);
      break;
    case Function::pow:
      y = scaled(-60, 3, true);
      result = std::fabs(y) < 0x1p-10 ? 1 + scaled(-50, -1, true) : scaled(-1022, 1023, false);
      break;
    case Function::tanh:
      result = scaled(-27, -1, true);
      break;
  }
  mpfr_set_d(middle_, result, MPFR_RNDN);
  if (result > 0) {
    mpfr_nextabove(middle_);  // one bit more than a double has: half-way to the next
  } else {
    mpfr_nextbelow(middle_);
  }
  switch (function) {
    case Function::exp:
      mpfr_log(argument_, middle_, MPFR_RNDN);
      break;
    case Function::expm1:
      mpfr_log1p(argument_, middle_, MPFR_RNDN);
      break;
    case Function::log:
      mpfr_exp(argument_, middle_, MPFR_RNDN);
      break;
    case Function::log1p:
      mpfr_expm1(argument_, middle_, MPFR_RNDN);
      break;
    case Function::pow:
      mpfr_log(argument_, middle_, MPFR_RNDN);
      mpfr_div_d(argument_, argument_, y, MPFR_RNDN);
      mpfr_exp(argument_, argument_, MPFR_RNDN);
      break;
    case Function::tanh:
      mpfr_atanh(argument_, middle_, MPFR_RNDN);
      break;
  }
  return {mpfr_get_d(argument_, MPFR_RNDN), y};
}

Arguments Inputs::tiny_result(Function function) {
  switch (function) {
    case Function::exp:
      return {coin() ? between(-746, -707) : between(709, 710.5), 0};
    case Function::expm1:
      return {coin()   ? scaled(-1074, -1000, true)
              : coin() ? between(709, 710.5)
                       : between(-45, -30),
              0};
    case Function::log:
      return {coin() ? scaled(-1074, -1022, false) : 1 + scaled(-52, -40, true), 0};
    case Function::log1p:
      return {coin() ? scaled(-1074, -1000, true) : -1 + scaled(-53, -40, false), 0};
    case Function::pow: {
      const double x = scaled(-100, 100, false);
      return {x, (coin() ? between(-746, -707) : between(709, 710.5)) / std::log(x)};
    }
    case Function::tanh:
      return {coin() ? scaled(-1074, -1000, true) : between(17, 21), 0};
  }
  return {0, 0};
}

Arguments Inputs::exact_result(Function function) {
  if (function != Function::pow) {
    // Short mantissas: values of the argument that models write down.
    const double x = static_cast<double>(random_.below(4096));
    return {std::ldexp(coin() ? x : -x, static_cast<int>(random_.below(24)) - 16), 0};
  }
  if (coin()) {
    // A root of up to 54 bits and its power, often exactly half-way between two doubles.
    static constexpr std::array<int, 6> bits_of_root = {53, 27, 18, 13, 10, 9};
    const std::uint64_t power = random_.below(6);
    const std::uint64_t root = random_.next() >> (64 - bits_of_root[power]) | 1;
    const int scale = static_cast<int>(random_.below(40)) - 20;
    double x = std::ldexp(static_cast<double>(root), scale);
    double y = static_cast<double>(power + 1);
    const std::uint64_t halvings = random_.below(3);
    for (std::uint64_t k = 0; k < halvings && x < 0x1p26 && x == std::floor(x); ++k) {
      x *= x;
      y /= 2;
    }
    return {coin() ? x : -x, y};
  }
  // Powers of two down to a half of the smallest number and up to the largest.
  const int exponent = static_cast<int>(random_.below(30)) - 15;
  const double y = static_cast<double>(static_cast<int>(random_.below(2300)) - 1150) / 4;
  return {std::ldexp(1.0, exponent), y};
}

}  // namespace mm::det::test
