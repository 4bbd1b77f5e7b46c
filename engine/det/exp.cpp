#include "engine/det/exp_step.hpp"
#include "engine/det/expm1_step.hpp"
#include "engine/det/math.hpp"
#include "engine/det/second_step.hpp"

namespace mm::det {

using namespace detail;

double exp(double x) {
  const u64 bits = argument_bits(x);
  const u64 magnitude = bits & ~sign_bit;
  const bool negative = bits != magnitude;
  if (magnitude >= power_of_two_bits(10)) {
    if (magnitude > infinity_bits) return quiet_nan;
    return negative ? 0.0 : infinity;
  }
  if (magnitude < power_of_two_bits(-54)) return 1.0;

  const Parts parts = parts_of(magnitude);
  const auto near = exp_step(signed_fixed_point(negative, parts, 112));
  const auto result = round_if_certain(false, near, relative_error(exp_step_bits));
  if (result) [[likely]]
    return *result;
  return wide_exp(Wide::of(negative, parts)).to_double();
}

double expm1(double x) {
  const u64 bits = argument_bits(x);
  const u64 magnitude = bits & ~sign_bit;
  const bool negative = bits != magnitude;
  if (magnitude < power_of_two_bits(-54)) return x;  // |x / 2| is less than a quarter ulp
  if (magnitude >= bits_of(40.0)) {
    if (magnitude > infinity_bits) return quiet_nan;
    if (negative) return -1.0;  // e^-40 < 2^-54, half an ulp below 1
    if (magnitude >= power_of_two_bits(10)) return infinity;
  }

  const Parts parts = parts_of(magnitude);
  const auto near = expm1_step(negative, parts);
  const auto result = round_if_certain(negative, near.value, relative_error(near.bits));
  if (result) [[likely]]
    return *result;
  return wide_expm1(Wide::of(negative, parts)).to_double();
}

double canonical(double x) {
  return (argument_bits(x) & ~sign_bit) > infinity_bits ? quiet_nan : x;
}

}  // namespace mm::det
