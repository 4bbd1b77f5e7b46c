#pragma once

// The exact optimal quotes of the Guéant-Lehalle-Fernandez-Tapia model, offline.
//
// Units of models.md 15.1: prices as fractions of mid, inventory n in clips with |n| <= n_max,
// kappa per fraction, sigma in fractions per square root of a second, xi the risk aversion per
// 100 % move of one clip, A the intensity at depth 0 (1/s), fee a fraction.
//
//   c1 = ln(1 + xi/kappa) / xi
//   f  = eigenvector of the smallest eigenvalue of the symmetric tridiagonal matrix over n with
//        diagonal kappa xi sigma^2 n^2 / 2 and off-diagonal -A (1 + xi/kappa)^-(1 + kappa/xi)
//   bid(n) = fee + c1 + ln(f(n) / f(n+1)) / kappa          ask(n) = fee + c1 + ln(f(n) / f(n-1)) /
//   kappa
//
// (Guéant, Lehalle & Fernandez-Tapia 2013; Guéant 2017.) Far from zero f underflows, so its ratios
// are computed from the ends inwards and f itself never. The strategy's closed form
// (strategies/glft.hpp) approximates this; the difference is what a test of it measures.

#include <cstdint>
#include <optional>
#include <vector>

#include "strategies/glft.hpp"

namespace mm::research {

class GlftExact {
 public:
  /// Requires xi, kappa, intensity > 0, sigma >= 0 and n_max >= 1.
  GlftExact(const GlftParameters& parameters, std::int64_t n_max);

  /// Distance of the bid below mid at inventory n; absent at n = n_max (no bid there).
  std::optional<double> bid(std::int64_t n) const;
  /// Distance of the ask above mid; absent at n = -n_max.
  std::optional<double> ask(std::int64_t n) const;
  double smallest_eigenvalue() const { return eigenvalue_; }

 private:
  /// ln(f(n+1) / f(n)) for n from -n_max to -1; the other half follows from f(n) = f(-n).
  double log_ratio(std::int64_t n) const;

  std::int64_t n_max_;
  double kappa_;
  double base_;  // fee + c1
  double eigenvalue_ = 0;
  std::vector<double> log_ratios_;
};

}  // namespace mm::research
