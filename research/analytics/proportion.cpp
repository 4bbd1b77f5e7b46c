#include "research/analytics/proportion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/assert.hpp"
#include "engine/random.hpp"

namespace mm::research {
namespace {

/// Indices by ascending p; equal ones in the order given.
std::vector<std::size_t> ascending(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

/// min over s >= r of factor * p_(s) * n / s.
std::vector<double> step_up(std::span<const double> p, double factor) {
  const std::vector<std::size_t> order = ascending(p);
  std::vector<double> adjusted(p.size());
  double least = 1;
  for (std::size_t rank = p.size(); rank > 0; --rank) {
    const std::size_t i = order[rank - 1];
    least =
        std::min(least, factor * p[i] * static_cast<double>(p.size()) / static_cast<double>(rank));
    adjusted[i] = least;
  }
  return adjusted;
}

}  // namespace

std::pair<double, double> wilson(double successes, double trials, double level) {
  MM_ASSERT(trials > 0 && level > 0 && level < 1, "a share of something, at a level inside (0, 1)");
  const double z = normal_quantile((1 + level) / 2);
  const double share = successes / trials;
  const double denominator = 1 + z * z / trials;
  const double middle = share + z * z / (2 * trials);
  const double half = z * std::sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials));
  return {std::max(0.0, (middle - half) / denominator),
          std::min(1.0, (middle + half) / denominator)};
}

std::vector<double> holm(std::span<const double> p) {
  const std::vector<std::size_t> order = ascending(p);
  std::vector<double> adjusted(p.size());
  double greatest = 0;
  for (std::size_t rank = 0; rank < p.size(); ++rank) {
    const std::size_t i = order[rank];
    greatest = std::max(greatest, p[i] * static_cast<double>(p.size() - rank));
    adjusted[i] = std::min(1.0, greatest);
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  return step_up(p, 1);
}

std::vector<double> benjamini_yekutieli(std::span<const double> p) {
  double harmonic = 0;
  for (std::size_t i = 1; i <= p.size(); ++i) harmonic += 1.0 / static_cast<double>(i);
  return step_up(p, harmonic);
}

}  // namespace mm::research
