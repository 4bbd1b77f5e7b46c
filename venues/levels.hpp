#pragma once

// Order of the levels in an event: touch outwards; and what no book of a venue may say.

#include <algorithm>
#include <span>

#include "engine/types.hpp"

namespace mm::venues {

/// Whether `a` stands nearer to the touch than `b`.
inline bool nearer(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

/// Puts levels in order, ties as they came. The venues send them in order or exactly reversed, so
/// sorting is the exception.
inline void sort_outwards(Side side, std::span<Level> levels) {
  const auto before = [side](const Level& a, const Level& b) {
    return nearer(side, a.price, b.price);
  };
  if (std::is_sorted(levels.begin(), levels.end(), before)) return;
  const auto not_after = [&](const Level& a, const Level& b) { return !before(b, a); };
  // Strictly reversed: no two neighbours are equal, so reversing is what a stable sort would do.
  if (std::adjacent_find(levels.begin(), levels.end(), not_after) == levels.end()) {
    std::reverse(levels.begin(), levels.end());
    return;
  }
  std::stable_sort(levels.begin(), levels.end(), before);
}

/// Whether no price stands twice in sorted levels.
inline bool prices_differ(std::span<const Level> levels) {
  return std::adjacent_find(levels.begin(), levels.end(), [](const Level& a, const Level& b) {
           return a.price == b.price;
         }) == levels.end();
}

/// Levels a side that a frame may hold. The largest snapshot any venue offers has 5000; what is
/// beyond this is no book, and would not fit the journal's tail.
inline constexpr std::size_t most_levels_a_side = 100'000;

/// Whether the best bid of sorted sides reaches the best ask; levels that delete do not count.
inline bool is_crossed(std::span<const Level> bids, std::span<const Level> asks) {
  const auto stands = [](const Level& level) { return level.qty != Qty{}; };
  const auto bid = std::find_if(bids.begin(), bids.end(), stands);
  const auto ask = std::find_if(asks.begin(), asks.end(), stands);
  return bid != bids.end() && ask != asks.end() && bid->price >= ask->price;
}

}  // namespace mm::venues
