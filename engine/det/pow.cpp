#include "engine/det/exact_power.hpp"
#include "engine/det/exp_step.hpp"
#include "engine/det/log_step.hpp"
#include "engine/det/math.hpp"
#include "engine/det/second_step.hpp"

namespace mm::det {

using namespace detail;

namespace {

enum class Kind { not_integer, odd, even };

/// What a finite number other than zero is, given the bits of its absolute value.
Kind kind_of(u64 magnitude) {
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  if (exponent < 0) return Kind::not_integer;
  if (exponent > 52) return Kind::even;
  const u64 fraction_bits = 52 - static_cast<u64>(exponent);
  const u64 integer = (magnitude & ((u64{1} << 52) - 1)) | u64{1} << 52;
  if ((integer & ((u64{1} << fraction_bits) - 1)) != 0) return Kind::not_integer;
  return (integer >> fraction_bits & 1) != 0 ? Kind::odd : Kind::even;
}

/// x^y where x is zero or infinite or y is infinite, no NaN, neither x = 1 nor y = 0.
double limit_of_pow(u64 x_magnitude, bool x_negative, u64 y_magnitude, bool y_negative) {
  if (y_magnitude == infinity_bits) {
    if (x_magnitude == one_bits) return 1.0;
    return (x_magnitude > one_bits) != y_negative ? infinity : 0.0;
  }
  const bool negative = x_negative && kind_of(y_magnitude) == Kind::odd;
  return signed_double(negative, (x_magnitude == 0) == y_negative ? infinity_bits : 0);
}

/// |y log x| = significand * 2^(exponent - 126), rounded down: at least 2^exponent, and below
/// 2^(exponent + 2).
struct Product {
  u128 significand;
  int exponent;
};

Product product_of(Parts y, const Approximation& logarithm) {
  return {u128{high_word(logarithm.significand)} * y.significand +
              high_product(low_word(logarithm.significand), y.significand),
          logarithm.exponent + y.exponent};
}

/// x^y for x > 0 other than 1, y other than 0; `negative_result` is the sign to give it.
double pow_of_positive(Parts x, bool y_negative, Parts y, bool negative_result) {
  const SignedApproximation logarithm = log_step(x);
  const bool negative = logarithm.negative != y_negative;
  const Product product = product_of(y, logarithm.value);
  if (product.exponent >= 10) return signed_double(negative_result, negative ? 0 : infinity_bits);
  if (product.exponent < -56) return signed_double(negative_result, one_bits);  // |..| < 2^-55

  const i128 magnitude_q112 = static_cast<i128>(product.significand >> (14 - product.exponent));
  const Approximation near = exp_step(negative ? -magnitude_q112 : magnitude_q112);
  // The logarithm's relative error becomes an absolute one of the exponent, hence a relative one of
  // the result.
  const u64 from_logarithm = static_cast<u64>(magnitude_q112 >> (112 - 117 + log_step_bits));
  const auto result =
      round_if_certain(negative_result, near, relative_error(exp_step_bits) + from_logarithm);
  if (result) [[likely]]
    return *result;

  if (const auto exact = exact_power(x, y_negative, y)) {
    return round_to_nearest(negative_result, *exact, false);
  }
  const Wide power = wide_exp(wide_log(Wide::of(false, x), logarithm) * Wide::of(y_negative, y));
  return (negative_result ? -power : power).to_double();
}

}  // namespace

double pow(double x, double y) {
  const u64 x_bits = argument_bits(x);
  const u64 y_bits = argument_bits(y);
  const u64 x_magnitude = x_bits & ~sign_bit;
  const u64 y_magnitude = y_bits & ~sign_bit;
  const bool x_negative = x_bits != x_magnitude;
  const bool y_negative = y_bits != y_magnitude;

  if (y_magnitude == 0 || x_bits == one_bits) return 1.0;
  if (x_magnitude > infinity_bits || y_magnitude > infinity_bits) return quiet_nan;
  if (x_magnitude == 0 || x_magnitude == infinity_bits || y_magnitude == infinity_bits) {
    return limit_of_pow(x_magnitude, x_negative, y_magnitude, y_negative);
  }
  bool negative_result = false;
  if (x_negative) {
    const Kind kind = kind_of(y_magnitude);
    if (kind == Kind::not_integer) return quiet_nan;
    negative_result = kind == Kind::odd;
    if (x_magnitude == one_bits) return signed_double(negative_result, one_bits);
  }
  return pow_of_positive(parts_of(x_magnitude), y_negative, parts_of(y_magnitude), negative_result);
}

}  // namespace mm::det
