#pragma once

// The project's generator: SplitMix64 (Steele, Lea & Flood 2014), the same bits everywhere.
//
// One stream per purpose: a new consumer takes a new seed and never shifts another's numbers.

#include <cstdint>

namespace mm {

class SplitMix64 {
 public:
  explicit constexpr SplitMix64(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  /// Uniform in (0, 1), never 0 or 1: ((next() >> 11) + 1/2) * 2^-53.
  constexpr double uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53; }

  constexpr std::uint64_t state() const { return state_; }
  bool operator==(const SplitMix64&) const = default;

 private:
  std::uint64_t state_;
};

}  // namespace mm
