#pragma once

// From an approximation to the double nearest to the true value, or the news that one cannot tell.

#include <optional>

#include "engine/det/integer.hpp"

namespace mm::det::detail {

/// significand * 2^(exponent - 127), significand >= 2^127.
struct Approximation {
  u128 significand;
  int exponent;
};

/// value * 2^(exponent - 127) for any value > 0.
constexpr Approximation normalised(u128 value, int exponent) {
  const int zeros = leading_zeros(value);
  return {value << zeros, exponent - zeros};
}

/// A positive number between two neighbouring doubles: `tail` is its distance above the lower one
/// (given by its bits) in units of 2^-64 of their gap, rounded down; `exact` if nothing was lost.
/// Doubles below the smallest normal number are part of the same ladder, as is infinity.
struct Place {
  u64 below;
  u64 tail;
  bool exact;
};

constexpr Place place_of(const Approximation& a) {
  if (a.exponent > 1023) return {infinity_bits, 0, true};
  if (a.exponent >= -1022) {
    const u64 biased_less_one = static_cast<u64>(a.exponent + 1022);
    return {(biased_less_one << 52) + (high_word(a.significand) >> 11),
            static_cast<u64>(a.significand >> 11), (a.significand << 117) == 0};
  }
  const int lost = -1022 - a.exponent;
  if (lost >= 64) return {0, 0, false};
  return {lost < 53 ? static_cast<u64>(a.significand >> (75 + lost)) : 0,
          static_cast<u64>(a.significand >> (11 + lost)), a.significand << (117 - lost) == 0};
}

/// A bound of 2^-k on the relative error, in the units of Place::tail.
constexpr u64 relative_error(int k) {
  return u64{1} << (117 - k);
}

/// The nearest double, unless the middle between two doubles is within `error` (units of
/// Place::tail, below 2^61) of the approximation: then the true value may be on its other side.
inline std::optional<double> round_if_certain(bool negative, const Approximation& a, u64 error) {
  constexpr u64 middle = u64{1} << 63;
  const Place place = place_of(a);
  const u64 reach = error + 1;  // one for what `tail` has lost
  if (place.tail - (middle - reach) <= 2 * reach) return std::nullopt;
  return signed_double(negative, place.below + (place.tail >> 63));
}

/// The double nearest to the approximation, ties to even. `more_below` says that the true value is
/// a little above the approximation.
inline double round_to_nearest(bool negative, const Approximation& a, bool more_below) {
  constexpr u64 middle = u64{1} << 63;
  const Place place = place_of(a);
  const bool above = place.tail > middle || (place.tail == middle && (!place.exact || more_below));
  const bool tie = place.tail == middle && !above;
  return signed_double(negative, place.below + (above || (tie && (place.below & 1) != 0) ? 1 : 0));
}

}  // namespace mm::det::detail
