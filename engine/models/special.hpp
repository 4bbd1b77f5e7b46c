#pragma once

// The two functions models need beyond engine/det: the complementary error function, and the
// cosine and sine of a phase. Only + - * / and det::exp, in a fixed order, so their bits are the
// same everywhere; they are accurate, not correctly rounded.

#include <cstdint>

namespace mm {

/// erfc(x) = 1 - erf(x). Relative error below 1e-15 (1 + x^2) where the result is a normal number;
/// 0 above x = 27.3, NaN for NaN.
///
/// For x >= 0 a Chebyshev series of (1 + 2x) e^(x^2) erfc(x) in t = (x - 15/4)/(x + 15/4), the
/// transformation of Shepherd & Laframboise (Math. Comp. 36, 1981); coefficients computed anew to
/// 60 digits. erfc(-x) = 2 - erfc(x).
double erfc(double x);

struct CosSin {
  double cos = 1;
  double sin = 0;
};

/// cos and sin of 2 pi time / period. Requires period > 0; `time` may be negative.
///
/// The phase is reduced with integers to an eighth of a turn, then Taylor polynomials to x^15 and
/// x^16: error below 1e-15.
CosSin cos_sin_of_phase(std::int64_t time, std::int64_t period);

}  // namespace mm
