#pragma once

// Multinomial logistic regression by maximum likelihood with an L2 penalty (models.md 11.3).
//
//   minimise sum of weight_i (lse(W x_i) - w_{y_i} . x_i) + (l2/2) sum of (weights but biases)^2
//
// x_i stands for [1, features]. The loss does not see a bias common to all classes, so W is
// reported centred over classes.

#include <cstddef>
#include <span>
#include <vector>

#include "engine/result.hpp"

namespace mm::research {

struct LabelledSample {
  std::vector<std::vector<double>> features;  ///< one row an observation, equally long
  std::vector<std::size_t> labels;            ///< below the number of classes
  std::vector<double> weights;                ///< empty: 1 each
};

struct SoftmaxFit {
  /// Class after class: bias, then a weight a feature; each feature's sum over classes is 0.
  std::vector<double> weights;
  double loss = 0;
};

/// An error without observations or when the minimum is not reached.
Result<SoftmaxFit> fit_softmax(const LabelledSample& sample, std::size_t classes, double l2 = 1);

/// Means and standard deviations of the columns; a column that does not vary has sd 1.
struct Scaler {
  std::vector<double> mean;
  std::vector<double> sd;
};
Scaler scaler_of(const std::vector<std::vector<double>>& features);

/// Which part an observation of a time series trains.
enum class Block { train, calibrate, test, left_out };

/// Blocks in time, never shuffled: 60 % train, 20 % calibrate, 20 % test by count. Left out is
/// what looks ahead (by `label_window` of its unit) into the next block, and what follows a block's
/// start by less than `embargo`. `times` do not decrease.
std::vector<Block> time_split(std::span<const double> times, double label_window, double embargo);

}  // namespace mm::research
