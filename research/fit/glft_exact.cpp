#include "research/fit/glft_exact.hpp"

#include "engine/assert.hpp"
#include "engine/det/math.hpp"

namespace mm::research {
namespace {

/// Below this the power needs its series (models.md 15.1).
constexpr double small_ratio = 1e-8;

struct Tridiagonal {
  double curvature;  // the diagonal at n is curvature * n^2
  double coupling;   // minus the off-diagonal, > 0
  std::int64_t n_max;

  double diagonal(std::int64_t n) const {
    return curvature * static_cast<double>(n) * static_cast<double>(n);
  }
  /// Whether some eigenvalue lies below `value`: the sign of a pivot of T - value (Sturm).
  bool has_eigenvalue_below(double value) const {
    double pivot = 1;
    for (std::int64_t n = -n_max; n <= n_max; ++n) {
      const double above = n == -n_max ? 0 : coupling * coupling / pivot;
      pivot = diagonal(n) - value - above;
      if (pivot <= 0) return true;
    }
    return false;
  }
};

double bisect_smallest(const Tridiagonal& matrix) {
  double low = -2 * matrix.coupling;  // Gershgorin
  double high = 0;                    // the diagonal at n = 0
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (!(low < middle && middle < high)) return low;
    (matrix.has_eigenvalue_below(middle) ? high : low) = middle;
  }
}

}  // namespace

GlftExact::GlftExact(const GlftParameters& parameters, std::int64_t n_max)
    : n_max_(n_max), kappa_(parameters.kappa) {
  MM_ASSERT(parameters.xi > 0 && parameters.kappa > 0 && parameters.intensity > 0 &&
                parameters.sigma >= 0 && n_max >= 1,
            "the exact GLFT quotes need positive parameters");
  const double x = parameters.xi / parameters.kappa;
  const double log_power = x < small_ratio ? 1 + x / 2 - x * x / 6 : (1 + 1 / x) * det::log1p(x);
  const Tridiagonal matrix{
      .curvature = parameters.kappa * parameters.xi * parameters.sigma * parameters.sigma / 2,
      .coupling = parameters.intensity * det::exp(-log_power),
      .n_max = n_max};
  base_ = parameters.fee + glft_coefficients(parameters).c1;
  eigenvalue_ = bisect_smallest(matrix);

  double ratio = 0;
  for (std::int64_t n = -n_max; n < 0; ++n) {
    const double inner = n == -n_max ? 0 : 1 / ratio;
    ratio = (matrix.diagonal(n) - eigenvalue_) / matrix.coupling - inner;
    log_ratios_.push_back(det::log(ratio));
  }
}

double GlftExact::log_ratio(std::int64_t n) const {
  return n < 0 ? log_ratios_[static_cast<std::size_t>(n + n_max_)]
               : -log_ratios_[static_cast<std::size_t>(n_max_ - n - 1)];
}

std::optional<double> GlftExact::bid(std::int64_t n) const {
  if (n < -n_max_ || n >= n_max_) return std::nullopt;
  return base_ - log_ratio(n) / kappa_;
}

std::optional<double> GlftExact::ask(std::int64_t n) const {
  if (n <= -n_max_ || n > n_max_) return std::nullopt;
  return base_ + log_ratio(n - 1) / kappa_;
}

}  // namespace mm::research
