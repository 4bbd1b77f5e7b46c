#include "research/fit/realized_volatility.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/det/math.hpp"

namespace mm::research {
namespace {

constexpr double pi = 3.14159265358979323846;
/// E|Z|^(4/3) of a standard normal Z: 2^(2/3) Gamma(7/6) / Gamma(1/2).
constexpr double mu_four_thirds = 0.830860925029559082649;

}  // namespace

std::optional<RealizedVolatility> realized_volatility(std::span<const double> returns,
                                                      double step_s) {
  const std::size_t count = returns.size();
  if (count == 0) return std::nullopt;
  const auto n = static_cast<double>(count);
  RealizedVolatility result;
  for (const double r : returns) result.rv += r * r;
  result.realized = std::sqrt(result.rv / (n * step_s));
  if (count < 2) return result;
  double products = 0;
  for (std::size_t i = 1; i < count; ++i)
    products += std::fabs(returns[i]) * std::fabs(returns[i - 1]);
  const double bv = pi / 2 * n / (n - 1) * products;
  result.bv = bv;
  result.bipower = std::sqrt(bv / (n * step_s));
  if (result.rv > 0) result.jump_share = std::max(0.0, 1 - bv / result.rv);
  if (count < 3) return result;
  double triples = 0;
  for (std::size_t i = 2; i < count; ++i)
    triples += det::pow(std::fabs(returns[i] * returns[i - 1] * returns[i - 2]), 4.0 / 3);
  const double mu = mu_four_thirds;
  const double tq = n / (mu * mu * mu) * (n / (n - 2)) * triples;
  result.tripower_quarticity = tq;
  if (bv > 0)
    result.jump_z = (result.rv - bv) / result.rv /
                    std::sqrt((pi * pi / 4 + pi - 5) / n * std::max(1.0, tq / (bv * bv)));
  return result;
}

double qlike(double forecast, double realized) {
  const double x = realized * realized / (forecast * forecast);
  return x - det::log(x) - 1;
}

}  // namespace mm::research
