#pragma once

// Volatility of a whole sample of returns, with a test for jumps (models.md 6.1).
//
//   RV = sum r_i^2                         realized = sqrt(RV / (n D))
//   BV = (pi/2) n/(n-1) sum |r_i||r_(i-1)|      bipower = sqrt(BV / (n D))
//   TQ = n mu^-3 n/(n-2) sum (|r_i r_(i-1) r_(i-2)|)^(4/3),   mu = 2^(2/3) Gamma(7/6) / Gamma(1/2)
//   jump_z = ((RV - BV)/RV) / sqrt((pi^2/4 + pi - 5)/n max(1, TQ/BV^2))
//
// Barndorff-Nielsen & Shephard (2004); Huang & Tauchen (2005): jump_z is about standard normal when
// nothing jumped. The form that goes on for ever is engine/models/volatility.hpp.

#include <optional>
#include <span>

namespace mm::research {

struct RealizedVolatility {
  double rv = 0;
  double realized = 0;       ///< fraction per square root of a second
  std::optional<double> bv;  ///< from two returns on
  std::optional<double> bipower;
  std::optional<double> jump_share;           ///< max(0, 1 - BV/RV)
  std::optional<double> tripower_quarticity;  ///< from three returns on
  std::optional<double> jump_z;               ///< absent also when BV = 0
};

/// Log returns over steps of `step_s` seconds. Absent without one.
std::optional<RealizedVolatility> realized_volatility(std::span<const double> returns,
                                                      double step_s);

/// Loss of a volatility forecast: x - ln x - 1 with x = realized^2 / forecast^2, 0 for a perfect
/// one; robust to noise in what was realized (Patton 2011). Requires both above 0.
double qlike(double forecast, double realized);

}  // namespace mm::research
