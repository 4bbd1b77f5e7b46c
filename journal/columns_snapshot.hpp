#pragma once

// Snapshots of one instrument as changes from the one before.
//
// A side of a book is a list of levels, touch outwards. The changes that lead from one list to the
// next are levels, touch outwards as well: a level that is new or differs, or one of quantity 0 for
// a price that is gone. Applying them merges both lists by price and stops at the length of the
// new one, so levels that fell off its far end need no change, and ones that move into view are
// new levels. This reproduces the list exactly if prices strictly go outwards and no quantity is 0.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/event.hpp"

namespace mm::journal {

/// One side of the last snapshot; `orders` is empty or has a count for each level.
struct SnapshotSide {
  std::vector<Level> levels;
  std::vector<std::uint32_t> orders;

  void assign(std::span<const Level> new_levels, std::span<const std::uint32_t> new_orders) {
    levels.assign(new_levels.begin(), new_levels.end());
    orders.assign(new_orders.begin(), new_orders.end());
  }
};

/// Whether prices never go (strictly: always go away) from the touch's direction.
bool goes_outwards(Side side, std::span<const Level> levels);
bool can_be_changed(Side side, std::span<const Level> levels);

/// Changes from `before` to `after`, which both must satisfy can_be_changed() and both have order
/// counts or none. `changes` keeps its capacity.
void find_changes(Side side, const SnapshotSide& before, std::span<const Level> after,
                  std::span<const std::uint32_t> after_orders, SnapshotSide& changes);

/// Applies `changes` to `side_of`, giving `length` levels; `scratch` is exchanged with it. False if
/// they do not fit: a deleted level that is not there, too few levels, changes left over.
bool apply_changes(Side side, const SnapshotSide& changes, std::size_t length,
                   SnapshotSide& side_of, SnapshotSide& scratch);

}  // namespace mm::journal
