#pragma once

// Shares and several tests at once.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace mm::research {

/// Wilson's score interval of a share of `successes` (which need not be whole) in `trials` > 0.
std::pair<double, double> wilson(double successes, double trials, double level = 0.95);

/// p-values of one family, each at most 1, adjusted; in the order given.
/// Holm: error of the family. Benjamini-Hochberg: share of false discoveries; Benjamini-Yekutieli:
/// the same under any dependence.
std::vector<double> holm(std::span<const double> p);
std::vector<double> benjamini_hochberg(std::span<const double> p);
std::vector<double> benjamini_yekutieli(std::span<const double> p);

}  // namespace mm::research
