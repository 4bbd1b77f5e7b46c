#pragma once

// Arguments that try the elementary functions where they are weak.

#include <mpfr.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/random.hpp"
#include "tests/engine/det/oracle.hpp"

namespace mm::det::test {

enum class Region {
  any_bits,       // every bit pattern, NaN and infinities among them
  usual,          // magnitudes models meet
  near_special,   // near 0, near 1, tiny steps away from both
  near_midpoint,  // the result is about half-way between two doubles
  tiny_result,    // results below the smallest normal number, and around over- and underflow
  exact_result,   // results of few bits: exact or exactly half-way
};

inline constexpr std::array<Region, 6> regions = {Region::any_bits,     Region::usual,
                                                  Region::near_special, Region::near_midpoint,
                                                  Region::tiny_result,  Region::exact_result};

struct Arguments {
  double x;
  double y;
};

/// An endless series of arguments of one region, the same for the same seed.
class Inputs {
 public:
  explicit Inputs(std::uint64_t seed);
  ~Inputs();
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  Arguments next(Function function, Region region);

 private:
  /// +-2^e m, e uniform over the integers of [low, high], m over [1, 2).
  double scaled(int low, int high, bool both_signs);
  double between(double low, double high);
  bool coin() { return (random_.next() >> 63) != 0; }
  Arguments usual(Function function);
  Arguments near_special(Function function);
  Arguments near_midpoint(Function function);
  Arguments pow_near_one();
  Arguments tiny_result(Function function);
  Arguments exact_result(Function function);

  SplitMix64 random_;
  mpfr_t middle_, y_, argument_, logarithm_;
};

}  // namespace mm::det::test
