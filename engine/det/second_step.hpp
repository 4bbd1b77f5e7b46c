#pragma once

// The second step: the elementary functions to 2^-240, relatively, for the few arguments whose
// value is too near the middle between two doubles for the first step.
//
// Why that is enough, and why there is no third step:
//
// - No value here is exactly such a middle. e^x, log x, ... are transcendental for rational x other
//   than 0 and 1 (Lindemann), and pow's rational values are decided exactly before (exact_power).
// - exp and log have been searched over all doubles (Lefevre, Muller): none comes nearer to a
// middle
//   than about 2^-118, relatively, but for |x| around 2^-53, where the series 1 + x + x^2 / 2 comes
//   to 2^-158. expm1, log1p and tanh have such series near 0 as well; elsewhere one of their 2^64
//   arguments would come within 2^-240 with odds of 2^-122 if values spread at random.
// - pow has about 2^122 argument pairs with a finite result other than 0 and 1. At random the
//   nearest comes to 2^-175, and one within 2^-240 has odds of 2^-64. Near 1 pairs are not random:
//   with x and x^y a few steps from 1, y can cancel two orders of the series, which comes to 2^-161
//   (tests/engine/det/inputs.cpp); a third order, 2^-207, is cancelled only near doubles, not
//   middles.
//
// For pow that is an estimate, not a theorem. Were there a nearer pair, its result would still be
// the same everywhere, and within 0.5 ulp + 2^-187 ulp of the truth.

#include "engine/det/log_step.hpp"
#include "engine/det/wide.hpp"

namespace mm::det::detail {

/// e^x for |x| < 2^11, within 2^-240, relatively.
Wide wide_exp(const Wide& x);

/// e^x - 1 for |x| < 2^11, within 2^-240, relatively.
Wide wide_expm1(const Wide& x);

/// log x for x > 0 other than 1, within 2^-240, relatively; `guess` is the logarithm to 2^-60.
Wide wide_log(const Wide& x, const SignedApproximation& guess);

/// log(1 + x) for x > -1 other than 0, within 2^-240, relatively; `guess` as for wide_log.
Wide wide_log1p(const Wide& x, const SignedApproximation& guess);

}  // namespace mm::det::detail
