#include "engine/det/log_step.hpp"
#include "engine/det/math.hpp"
#include "engine/det/second_step.hpp"

namespace mm::det {

using namespace detail;

double log(double x) {
  const u64 bits = argument_bits(x);
  if (bits - 1 >= infinity_bits - 1) {  // zero, negative, infinite or NaN
    const u64 magnitude = bits & ~sign_bit;
    if (magnitude == 0) return -infinity;
    return bits == infinity_bits ? infinity : quiet_nan;
  }
  if (bits == one_bits) return 0.0;

  const Parts parts = parts_of(bits);
  const auto near = log_step(parts);
  const auto result = round_if_certain(near.negative, near.value, relative_error(log_step_bits));
  if (result) [[likely]]
    return *result;
  return wide_log(Wide::of(false, parts), near).to_double();
}

double log1p(double x) {
  const u64 bits = argument_bits(x);
  const u64 magnitude = bits & ~sign_bit;
  const bool negative = bits != magnitude;
  if (magnitude < power_of_two_bits(-54)) return x;  // |x / 2| is less than a quarter ulp
  if (magnitude >= infinity_bits) {
    return magnitude == infinity_bits && !negative ? infinity : quiet_nan;
  }
  if (negative && magnitude >= one_bits) return magnitude == one_bits ? -infinity : quiet_nan;

  const Parts parts = parts_of(magnitude);
  const auto near = log1p_step(negative, parts);
  const auto result = round_if_certain(near.negative, near.value, relative_error(log1p_step_bits));
  if (result) [[likely]]
    return *result;
  return wide_log1p(Wide::of(negative, parts), near).to_double();
}

}  // namespace mm::det
