#pragma once

// Minimum of a smooth function by L-BFGS: Debian's libLBFGS (Okazaki) behind a function object.

#include <functional>
#include <span>
#include <vector>

namespace mm::research {

/// The value at x; writes the gradient, as long as x. May return infinity where it is not defined.
using SmoothFunction = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct Minimum {
  std::vector<double> x;
  double value = 0;
  double gradient_norm = 0;
  bool converged = false;  ///< the gradient's norm is at most the tolerance (1 + |value|)
};

/// From `start` until the gradient's norm is below `tolerance`, or no step makes the value smaller,
/// which at the end is a matter of rounding: `converged` judges what was reached.
Minimum minimize(const SmoothFunction& function, std::vector<double> start, double tolerance = 1e-8,
                 int most_rounds = 2000);

}  // namespace mm::research
