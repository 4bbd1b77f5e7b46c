#include "engine/det/math.hpp"
#include "engine/det/second_step.hpp"
#include "engine/det/tanh_step.hpp"

namespace mm::det {

using namespace detail;

namespace {

/// tanh x = d / (d + 2), d = e^2x - 1.
Wide wide_tanh(const Wide& x) {
  const Wide d = wide_expm1(x.times_power_of_two(1));
  return d / (d + Wide::of(2));
}

}  // namespace

double tanh(double x) {
  const u64 bits = argument_bits(x);
  const u64 magnitude = bits & ~sign_bit;
  const bool negative = bits != magnitude;
  if (magnitude < power_of_two_bits(-28)) return x;  // x^2 / 3 is below a quarter ulp
  if (magnitude >= bits_of(20.0)) {                  // 2 e^-40 < 2^-54, half an ulp below 1
    return magnitude > infinity_bits ? quiet_nan : signed_double(negative, one_bits);
  }

  const Parts parts = parts_of(magnitude);
  const auto near = tanh_step(parts);
  const auto result = round_if_certain(negative, near.value, relative_error(near.bits));
  if (result) [[likely]]
    return *result;
  return wide_tanh(Wide::of(negative, parts)).to_double();
}

}  // namespace mm::det
