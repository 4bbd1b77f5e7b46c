#pragma once

// Arrivals whose baseline follows covariates by known weights: the truth that fits are held
// against.

#include <vector>

#include "engine/models/special.hpp"
#include "engine/random.hpp"
#include "research/fit/hawkes_fit.hpp"

namespace mm::research {

/// Cosine of an hourly clock, a score that wanders within minutes, one within half a minute, sine.
inline HawkesParameters known_baseline() {
  return {.mu = {0.5}, .alpha = 0.6, .beta = 2, .weights = {0.4, 0.3, -0.25, 0.2}};
}

inline HawkesSample sample_of_known_baseline(double end, std::uint64_t seed) {
  SplitMix64 random{seed ^ 0x5eed};
  std::vector<BaselinePiece> pieces;
  double slow = 0;
  double fast = 0;
  for (std::int64_t second = 0; static_cast<double>(second) < end; second += 10) {
    // Autoregressions of deviation 1.
    slow = 0.97 * slow + 0.2431 * random.normal();
    fast = 0.7 * fast + 0.7141 * random.normal();
    const CosSin phase = cos_sin_of_phase(second, 3600);
    pieces.push_back({static_cast<double>(second), {phase.cos, slow, fast, phase.sin}});
  }
  return simulate_hawkes(known_baseline(), std::move(pieces), end, seed);
}

}  // namespace mm::research
