#pragma once

// How risk averse to be: the gamma_base at which a full inventory skews quotes by half a spread
// (models.md 15.2).
//
//   n_max sigma c2 = 1/kappa   =>   xi = 2 A / (e kappa sigma^2 n_max^2),   gamma_base = xi / gamma
//
// in the limit xi << kappa, where c2 = sqrt(e xi / (2 A kappa)). gamma is that of the regime the
// rule is meant for, by default Quiet's 0.3.

#include "strategies/glft.hpp"

namespace mm::research {

/// Requires kappa, intensity, sigma, n_max and regime_gamma above 0; xi and fee are not read.
inline double gamma_base_for(const GlftParameters& market, double n_max,
                             double regime_gamma = 0.3) {
  constexpr double e = 2.71828182845904523536;
  return 2 * market.intensity / (e * market.kappa * market.sigma * market.sigma * n_max * n_max) /
         regime_gamma;
}

}  // namespace mm::research
