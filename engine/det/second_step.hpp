#pragma once

// The second step: the elementary functions to at least 2^-190, for the few arguments whose value
// is too near the middle between two doubles for the first step.
//
// Why that is enough. No value here is exactly such a middle: e^x, log x, ... are transcendental
// for rational x but 0 and 1, and pow's rational values are decided exactly before (exact_power).
// Of functions of one variable the nearest approach over all doubles is known (Lefevre, Muller):
// about 2^-118 relatively, 2^-158 for e^x, e^x - 1 and log(1 + x) with |x| around 2^-53. For pow no
// such list exists; over its fewer than 2^118 argument pairs with a finite result other than 0 and
// 1, values spread like random ones come as near as 2^(-53 - 118) relatively, and one of them
// within 2^-190 has odds of 2^-19; within the 2^-240 this step has for pow, of 2^-69. Were there
// one, its result would still be the same everywhere, and 0.5 ulp + 2^-187 from the truth.

#include <optional>

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
