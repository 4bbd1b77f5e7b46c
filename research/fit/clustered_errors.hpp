#pragma once

// Errors of logistic weights where observations depend on each other within clusters: the seconds
// of one cascade are one event, and errors that take them for many are far too small.
//
//   V = H^-1 (C/(C-1) sum over clusters of s_c s_c^T) H^-1
//
// H: curvature of the penalised loss; s_c: a cluster's sum of x (y - p). (White 1982; Liang & Zeger
// 1986.) Few clusters with both outcomes still make it too small.

#include <cstddef>
#include <span>
#include <vector>

#include "research/fit/softmax_fit.hpp"

namespace mm::research {

/// Of `weights` = [bias, one a feature] of the logit of label 1, which minimise the loss of two
/// classes with fit_softmax's penalty `l2`. `clusters`: one number an observation, not decreasing.
/// Empty with fewer than two clusters or without curvature.
std::vector<double> clustered_logit_errors(const LabelledSample& sample,
                                           std::span<const std::size_t> clusters,
                                           std::span<const double> weights, double l2 = 1);

}  // namespace mm::research
