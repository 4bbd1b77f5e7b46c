#pragma once

// The arguments for which x^y is a number of few bits: only there can it be exactly half-way
// between two doubles, where no precision would decide.

#include <optional>

#include "engine/det/rounding.hpp"

namespace mm::det::detail {

/// x^y for x > 0 and +-y > 0, if it is a number of at most 63 bits and |y| <= 2048 or x a power of
/// two; otherwise nothing. Every x^y half-way between two doubles is found: it has at most 54 bits.
std::optional<Approximation> exact_power(Parts x, bool y_negative, Parts y);

}  // namespace mm::det::detail
