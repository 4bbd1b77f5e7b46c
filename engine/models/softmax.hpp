#pragma once

// Class probabilities that are linear in their features before the exponential (Models 11.3).
//
//   P(k | x) = e^(w_k . [1, x] / T) / sum over j of the same

#include <span>

namespace mm {

/// `scores` are the w_k . [1, x], turned into probabilities in place: each in [0, 1], together 1.
/// The largest is subtracted first, so nothing overflows. Requires a class and finite scores.
void softmax(std::span<double> scores, double temperature = 1);

/// `weights`: for each class its bias and then a weight a feature, class after class.
void softmax(std::span<const double> weights, std::span<const double> features,
             std::span<double> probabilities, double temperature = 1);

/// Probabilities learnt under the class shares `training` as they are under `truth`:
/// p_k ~ p_k truth_k / training_k. Shares above 0.
void correct_prior(std::span<double> probabilities, std::span<const double> truth,
                   std::span<const double> training);

/// 1/(1 + e^-x), also for large |x|.
double logistic(double x);

}  // namespace mm
