#pragma once

// Which buckets of a side are walls at one moment (Models 4.1), and where a quote stands to them
// (4.2).
//
// Over the sizes s_i > 0 of a side, statistics use those that are no dust, s_i >= 0.1 mean(s):
//
//   med = median(ln s),  scale = max(1.4826 median |ln s - med|, 0.25)
//   z_i = (ln s_i - med) / scale,  ratio_i = s_i / median(s)
//   candidate <=> z_i >= 2.5, ratio_i >= 4 and (elsewhere) enough value
//
// Logs since sizes are multiplicative; the median deviation since a wall must not raise its own
// threshold; a floor since it is 0 in a regular book; no dust since orders a thousand times smaller
// than their neighbours would widen the scale until nothing is a wall.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/types.hpp"

namespace mm {

struct WallThresholds {
  double ratio_min = 4.0;
  double z_min = 2.5;
  double scale_floor = 0.25;
  double dust = 0.1;
  int least = 5;  ///< sizes that must remain

  bool operator==(const WallThresholds&) const = default;
};

/// What is usual on one side at one moment.
struct UsualSize {
  double median = 0;  ///< of the sizes that are no dust, > 0
  double log_median = 0;
  double scale = 1;

  double ratio(double size) const { return size / median; }
  /// Requires size > 0.
  double z(double size) const;
};

/// Sorts sizes in place: no allocation.
class UsualSizeFinder {
 public:
  static constexpr std::size_t capacity = 128;

  /// Collects the sizes > 0 of a side; beyond the capacity they are ignored.
  void add(double size) {
    if (size > 0 && count_ < capacity) sizes_[count_++] = size;
  }
  /// Median of what is no dust; absent if too few remain. Call once, then usual().
  std::optional<double> median(const WallThresholds& thresholds);
  /// The whole statistics, of the sizes behind the median; it costs at most four
  /// logarithms.
  UsualSize usual(const WallThresholds& thresholds);

 private:
  double sizes_[capacity];  // the first count_
  std::size_t count_ = 0;
  std::size_t first_ = 0;  // of what is no dust, once sorted
};

/// The first two conditions of a candidate.
inline bool is_large(const UsualSize& usual, const WallThresholds& thresholds, double size) {
  return usual.ratio(size) >= thresholds.ratio_min && usual.z(size) >= thresholds.z_min;
}

enum class WallPosition : std::uint8_t { none = 0, inside = 1, at = 2, outside = 3 };

struct WallPositionSettings {
  std::int64_t near_tenth_bps = 250;  ///< near_bps: walls farther from the quote do not count
  std::int64_t at_tenth_bps = 5;      ///< at_tol_bps
  bool operator==(const WallPositionSettings&) const = default;
};

/// Where a quote stands to the walls of its own side. Inside: one stands between the mid and the
/// quote, so that it must be eaten or pulled before we are hit; at: one is at our price; outside:
/// only behind us. All flags and the largest size of each kind stay, so that research can cut anew.
struct WallContext {
  bool front = false;
  bool at = false;
  bool behind = false;
  std::int64_t front_lots = 0;
  std::int64_t at_lots = 0;
  std::int64_t behind_lots = 0;
  std::optional<double> nearest_distance_bps;  ///< of the wall nearest to the quote
  std::int64_t nearest_lots = 0;

  WallPosition position() const {
    return front    ? WallPosition::inside
           : at     ? WallPosition::at
           : behind ? WallPosition::outside
                    : WallPosition::none;
  }
};

/// `walls` of `side`, in any order; m2 = twice the mid, `tick` the price step there. Compares in
/// integers: at <=> |quote - wall| <= max(tick, at_tol_bps of the mid).
WallContext wall_context(const WallPositionSettings& settings, Side side, Price quote,
                         std::span<const Level> walls, std::int64_t m2, Price tick);

}  // namespace mm
