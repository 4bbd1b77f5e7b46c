#pragma once

// Maps that make probabilities mean what they say, learnt on outcomes (models.md 11.4).
//
// Isotonic: pool adjacent violators (Barlow et al. 1972); Platt: a logistic of the score with
// targets that stop short of 0 and 1 (Platt 1999); temperature: one divisor of all logits (Guo et
// al. 2017).

#include <cstddef>
#include <span>
#include <vector>

namespace mm::research {

/// A non-decreasing step of knots, linear in between.
struct IsotonicMap {
  std::vector<double> x;  ///< knots, ascending: the distinct scores
  std::vector<double> y;  ///< their fitted shares, not decreasing
  double outcomes = 0;    ///< N

  /// Interpolated between knots, the end value outside, within [1/(2N), 1 - 1/(2N)]: 0 and 1 would
  /// cost an infinite log loss. Requires a knot.
  double operator()(double score) const;
};

/// Equal scores are merged first and weigh as many. `outcomes` are 0 or 1, one a score.
IsotonicMap fit_isotonic(std::span<const double> scores, std::span<const double> outcomes);

struct PlattMap {
  double slope = 0;
  double intercept = 0;
  double operator()(double score) const;  ///< 1/(1 + e^-(slope score + intercept))
};
/// Newton's method; requires an outcome of each kind.
PlattMap fit_platt(std::span<const double> scores, std::span<const double> outcomes);

struct TemperatureMap {
  double temperature = 1;  ///< in [e^-4, e^4]
  double log_loss = 0;     ///< summed over the observations
};
/// `logits`: one row an observation.
TemperatureMap fit_temperature(const std::vector<std::vector<double>>& logits,
                               std::span<const std::size_t> labels);

}  // namespace mm::research
