#include "engine/det/self_check.hpp"

#include <array>
#include <cmath>

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include "engine/det/integer.hpp"
#include "engine/det/math.hpp"

namespace mm::det {

using namespace detail;

namespace {

constexpr u64 golden_digest = 0xCDF0B15E7B63F80B;

/// SplitMix64, apart from engine/random.hpp because its doubles are out of place here.
u64 next_bits(u64& state) {
  state += 0x9E3779B97F4A7C15;
  u64 z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

/// A number with an exponent of `lowest` ... `lowest` + 15, of either sign if asked.
double number(u64 random, int lowest, bool both_signs) {
  const u64 magnitude = power_of_two_bits(lowest + static_cast<int>(random & 15)) | random >> 12;
  return signed_double(both_signs && (random & 16) != 0, magnitude);
}

/// Catches contraction into fused multiply-add, wider intermediate results and a changed rounding
/// mode; volatile keeps the compiler from computing it at build time.
bool arithmetic_is_plain() {
  const volatile double a = 1 + 0x1p-27;
  const volatile double b = 1 - 0x1p-27;
  const volatile double minus_one = -1;
  const volatile double third = 3;
  const volatile double two = 2;
  const volatile double smallest_normal = 0x1p-1022;
  const double unfused = a * b + minus_one;  // 1 - 2^-54 rounds to 1; fused, -2^-54 is left
  const double root = std::sqrt(two);
  return bits_of(unfused) == 0 && bits_of(minus_one / third) == 0xBFD5555555555555 &&
         bits_of(root) == 0x3FF6A09E667F3BCD && bits_of(smallest_normal / two) == u64{1} << 51;
}

}  // namespace

std::string_view describe(SelfCheckFailure failure) {
  switch (failure) {
    case SelfCheckFailure::floating_point_control:
      return "floating-point control is not the default: a library built with -ffast-math may have "
             "set flush-to-zero, or the rounding mode was changed";
    case SelfCheckFailure::arithmetic:
      return "double arithmetic gives other bits than IEEE 754: this build was made with "
             "-ffast-math, contraction or x87 code";
    case SelfCheckFailure::elementary_functions:
      return "exp, log or pow give other bits than the reference: this build or this machine is "
             "broken";
  }
  return "";
}

bool floating_point_control_is_default() {
#if defined(__SSE2__)
  constexpr unsigned sticky_flags = 0x3F;
  return (__builtin_ia32_stmxcsr() & ~sticky_flags) == 0x1F80;
#elif defined(__aarch64__)
  u64 control = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control == 0;
#else
#error "say here how to read the floating-point control register"
#endif
}

u64 elementary_functions_digest() {
  std::array<u64, 4096> results;
  u64 state = 20240229;
  for (std::size_t k = 0; k < results.size(); ++k) {
    const u64 random = next_bits(state);
    double value = 0;
    switch (k % 8) {
      case 0:
        value = exp(number(random, -6, true));
        break;
      case 1:
        value = expm1(number(random, -12, true));
        break;
      case 2:
        value = log(number(random, -8, false));
        break;
      case 3:
        value = log(double_of(one_bits - (u64{1} << 40) + (random >> 22)));
        break;
      case 4:
        value = log1p(number(random, -14, (random & 32) != 0));
        break;
      case 5:
        value = pow(number(random, -8, false), number(next_bits(state), -9, true));
        break;
      case 6:
        value = tanh(number(random, -12, true));
        break;
      default:
        value = pow(double_of(random), number(next_bits(state), -10, true));
        break;
    }
    results[k] = bits_of(canonical(value));
  }
  return XXH3_64bits(results.data(), sizeof(results));
}

std::optional<SelfCheckFailure> self_check() {
  if (!floating_point_control_is_default()) return SelfCheckFailure::floating_point_control;
  if (!arithmetic_is_plain()) return SelfCheckFailure::arithmetic;
  if (elementary_functions_digest() != golden_digest) {
    return SelfCheckFailure::elementary_functions;
  }
  return std::nullopt;
}

}  // namespace mm::det
