#pragma once

// Elementary functions whose results are the same everywhere, for all code a replay runs.
//
// Each returns the double nearest to the true value (round to nearest, ties to even): it is
// correctly rounded, so any other correctly rounded library agrees to the bit. The rounding mode,
// compiler flags and the CPU do not matter, as only integers are computed with (docs/det.md).
//
// Subnormal results are rounded like all others; overflow gives an infinity, underflow a zero of
// the right sign. Special cases are those of C17 Annex F. A NaN result is always `canonical`'s. No
// function touches the floating-point flags or errno.

namespace mm::det {

/// e^x.
double exp(double x);

/// e^x - 1, accurate near 0; expm1(-0.0) is -0.0.
double expm1(double x);

/// The natural logarithm; -infinity at +-0, NaN below.
double log(double x);

/// log(1 + x), accurate near 0; -infinity at -1, NaN below; log1p(-0.0) is -0.0.
double log1p(double x);

/// x^y. 1 if y is 0 or x is 1, whatever the other; NaN if x < 0 is finite and y is finite but no
/// integer; infinity with x's sign if y < 0 is odd and x is +-0.
double pow(double x, double y);

/// The hyperbolic tangent; tanh(-0.0) is -0.0.
double tanh(double x);

/// x, or the quiet NaN 0x7ff8000000000000 for any NaN: what a digest may contain. NaNs made by
/// hardware differ in sign between machines.
double canonical(double x);

}  // namespace mm::det
