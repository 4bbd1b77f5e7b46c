#pragma once

// The project's only source of random numbers: SplitMix64 (Steele, Lea & Flood 2014) and draws from
// it whose values are the same on every machine.
//
// One generator per purpose, seeded from what the run's record names, so that a new consumer never
// shifts another's numbers. The state is one 64-bit word: copyable, comparable, hashable.

#include <cmath>
#include <cstdint>

#include "engine/det/math.hpp"

namespace mm {

/// The inverse of the standard normal distribution function, for 0 < p < 1: Wichura's AS 241
/// (PPND16, Applied Statistics 37, 1988), accurate to about 1e-16 relatively.
///
/// Uses + - * / and sqrt in a fixed order and det::log, so its bits are the same everywhere under
/// the default rounding mode.
inline double normal_quantile(double p);

class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) : state_(seed) {}

  constexpr bool operator==(const SplitMix64&) const = default;
  /// All there is to remember: SplitMix64{state()} goes on with the same numbers.
  constexpr std::uint64_t state() const { return state_; }

  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  /// (k + 1/2) 2^-53 for a uniform k of 53 bits: in (0, 1), never 0 or 1.
  ///
  /// From k = 2^52 on the half does not fit and is rounded to even; of the largest k that would
  /// make 1, so it gives the number before.
  constexpr double uniform() {
    const double value = (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53;
    return value < 1 ? value : 1 - 0x1p-53;
  }

  /// Uniform over 0 ... bound - 1, each exactly equally likely. Requires bound > 0.
  ///
  /// The high word of a product (Lemire 2019): the draws that would favour some values are
  /// repeated, which almost never happens.
  constexpr std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t surplus = (0 - bound) % bound;  // 2^64 mod bound
    for (;;) {
      const auto product = static_cast<unsigned __int128>(next()) * bound;
      if (static_cast<std::uint64_t>(product) >= surplus) {
        return static_cast<std::uint64_t>(product >> 64);
      }
    }
  }

  /// A standard normal draw by inversion: one next() each.
  double normal() { return normal_quantile(uniform()); }

 private:
  std::uint64_t state_;
};

namespace normal_detail {

/// Numerator over denominator, both of degree 7, by Horner's rule.
inline double ratio(const double (&a)[8], const double (&b)[8], double r) {
  double numerator = a[7];
  double denominator = b[7];
  for (int k = 6; k >= 0; --k) {
    numerator = numerator * r + a[k];
    denominator = denominator * r + b[k];
  }
  return numerator / denominator;
}

inline constexpr double center_a[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                       1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                       4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                       3.3430575583588128105e+4, 2.5090809287301226727e+3};
inline constexpr double center_b[8] = {1.0,
                                       4.2313330701600911252e+1,
                                       6.8718700749205790830e+2,
                                       5.3941960214247511077e+3,
                                       2.1213794301586595867e+4,
                                       3.9307895800092710610e+4,
                                       2.8729085735721942674e+4,
                                       5.2264952788528545610e+3};
inline constexpr double middle_a[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                       5.76949722146069140550e0,  3.64784832476320460504e0,
                                       1.27045825245236838258e0,  2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
inline constexpr double middle_b[8] = {1.0,
                                       2.05319162663775882187e0,
                                       1.67638483018380384940e0,
                                       6.89767334985100004550e-1,
                                       1.48103976427480074590e-1,
                                       1.51986665636164571966e-2,
                                       5.47593808499534494600e-4,
                                       1.05075007164441684324e-9};
inline constexpr double tail_a[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                     1.78482653991729133580e0,  2.96560571828504891230e-1,
                                     2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                     2.71155556874348757815e-5, 2.01033439929228813265e-7};
inline constexpr double tail_b[8] = {1.0,
                                     5.99832206555887937690e-1,
                                     1.36929880922735805310e-1,
                                     1.48753612908506148525e-2,
                                     7.86869131145613259100e-4,
                                     1.84631831751005468180e-5,
                                     1.42151175831644588870e-7,
                                     2.04426310338993978564e-15};

}  // namespace normal_detail

inline double normal_quantile(double p) {
  using namespace normal_detail;
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * ratio(center_a, center_b, 0.180625 - q * q);
  const double r = std::sqrt(-det::log(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? ratio(middle_a, middle_b, r - 1.6) : ratio(tail_a, tail_b, r - 5);
  return q < 0 ? -x : x;
}

}  // namespace mm
