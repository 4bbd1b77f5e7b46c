#include "engine/features/wall_detect.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/det/math.hpp"

namespace mm {
namespace {

/// Of sorted values, not empty: the mean of the middle two where their number is even.
double middle(std::span<const double> sorted) {
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 != 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

/// For a few values, without the calls of a general sort.
void sort_few(double* values, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i) {
    const double value = values[i];
    std::size_t at = i;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

}  // namespace

double UsualSize::z(double size) const {
  return (det::log(size) - log_median) / scale;
}

std::optional<double> UsualSizeFinder::median(const WallThresholds& thresholds) {
  double sum = 0;
  for (std::size_t i = 0; i < count_; ++i) sum += sizes_[i];
  sort_few(sizes_, count_);
  const double least = thresholds.dust * (sum / static_cast<double>(count_));
  first_ = 0;
  while (first_ < count_ && sizes_[first_] < least) ++first_;
  if (count_ - first_ < static_cast<std::size_t>(std::max(thresholds.least, 1)))
    return std::nullopt;
  return middle({sizes_ + first_, count_ - first_});
}

UsualSize UsualSizeFinder::usual(const WallThresholds& thresholds) {
  const std::span<const double> sizes{sizes_ + first_, count_ - first_};
  const std::size_t half = sizes.size() / 2;
  const bool odd = sizes.size() % 2 != 0;
  const double log_median =
      odd ? det::log(sizes[half]) : (det::log(sizes[half - 1]) + det::log(sizes[half])) / 2;
  // |ln s - med| grows with max(s / g, g / s), g = e^med: sorting these needs no logarithms.
  const double centre = odd ? sizes[half] : std::sqrt(sizes[half - 1] * sizes[half]);
  // Both ways from the centre they rise already, so the middle of them is reached by stepping up.
  std::size_t up = half;
  while (up > 0 && sizes[up - 1] >= centre) --up;
  while (up < sizes.size() && sizes[up] < centre) ++up;
  std::size_t down = up;
  const auto above = [&] { return up < sizes.size() ? sizes[up] / centre : infinity; };
  const auto below = [&] { return down > 0 ? centre / sizes[down - 1] : infinity; };
  double next_above = above();
  double next_below = below();
  double before = 0;  // the last two factors passed
  double factor = 0;
  for (std::size_t i = 0; i <= half; ++i) {
    before = factor;
    if (next_above <= next_below) {
      factor = next_above;
      ++up;
      next_above = above();
    } else {
      factor = next_below;
      --down;
      next_below = below();
    }
  }
  const double deviation = odd ? det::log(factor) : (det::log(before) + det::log(factor)) / 2;
  constexpr double normal_scale = 1.4826;  // of a median deviation to a standard deviation
  return {middle(sizes), log_median, std::fmax(normal_scale * deviation, thresholds.scale_floor)};
}

WallContext wall_context(const WallPositionSettings& settings, Side side, Price quote,
                         std::span<const Level> walls, std::int64_t m2, Price tick) {
  // |quote - wall| / mid <= x tenths of a bp  <=>  2 |quote - wall| 1e5 <= m2 x
  constexpr std::int64_t tenths_per_one = 100'000;
  const auto within = [&](std::int64_t distance, std::int64_t tenths) {
    return Int128{2} * distance * tenths_per_one <= Int128{m2} * tenths;
  };
  WallContext context;
  std::optional<std::int64_t> nearest;
  for (const Level& wall : walls) {
    const std::int64_t ahead = sign(side) * (wall.price.units() - quote.units());
    const std::int64_t distance = ahead < 0 ? -ahead : ahead;
    if (!within(distance, settings.near_tenth_bps)) continue;
    const std::int64_t lots = wall.qty.lots();
    if (distance <= tick.units() || within(distance, settings.at_tenth_bps)) {
      context.at = true;
      context.at_lots = std::max(context.at_lots, lots);
    } else if (ahead > 0) {
      context.front = true;
      context.front_lots = std::max(context.front_lots, lots);
    } else {
      context.behind = true;
      context.behind_lots = std::max(context.behind_lots, lots);
    }
    if (!nearest || distance < *nearest) {
      nearest = distance;
      context.nearest_lots = lots;
    }
  }
  if (nearest)
    context.nearest_distance_bps =
        2 * static_cast<double>(*nearest) / static_cast<double>(m2) * 1e4;
  return context;
}

}  // namespace mm
