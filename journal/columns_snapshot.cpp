#include "journal/columns_snapshot.hpp"

#include <utility>

namespace mm::journal {
namespace {

/// Whether `a` is nearer to the touch than `b`.
bool nearer(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

void push(SnapshotSide& list, const Level& level, bool with_orders, std::uint32_t orders) {
  list.levels.push_back(level);
  if (with_orders) list.orders.push_back(orders);
}

}  // namespace

bool goes_outwards(Side side, std::span<const Level> levels) {
  for (std::size_t index = 1; index < levels.size(); ++index)
    if (nearer(side, levels[index].price, levels[index - 1].price)) return false;
  return true;
}

bool can_be_changed(Side side, std::span<const Level> levels) {
  for (std::size_t index = 0; index < levels.size(); ++index) {
    if (levels[index].qty == Qty{}) return false;
    if (index > 0 && !nearer(side, levels[index - 1].price, levels[index].price)) return false;
  }
  return true;
}

void find_changes(Side side, const SnapshotSide& before, std::span<const Level> after,
                  std::span<const std::uint32_t> after_orders, SnapshotSide& changes) {
  changes.levels.clear();
  changes.orders.clear();
  const bool with_orders = !after_orders.empty();
  std::size_t old = 0;
  for (std::size_t index = 0; index < after.size(); ++index) {
    const Level& level = after[index];
    const std::uint32_t orders = with_orders ? after_orders[index] : 0;
    for (; old < before.levels.size() && nearer(side, before.levels[old].price, level.price); ++old)
      push(changes, Level{before.levels[old].price, Qty{}}, with_orders, 0);
    const bool known = old < before.levels.size() && before.levels[old].price == level.price;
    const bool same = known && before.levels[old].qty == level.qty &&
                      (!with_orders || before.orders[old] == orders);
    if (!same) push(changes, level, with_orders, orders);
    if (known) ++old;
  }
}

bool apply_changes(Side side, const SnapshotSide& changes, std::size_t length,
                   SnapshotSide& side_of, SnapshotSide& scratch) {
  scratch.levels.clear();
  scratch.orders.clear();
  const bool with_orders = !side_of.orders.empty() || !changes.orders.empty();
  std::size_t old = 0;
  std::size_t change = 0;
  while (scratch.levels.size() < length) {
    const bool has_old = old < side_of.levels.size();
    const bool has_change = change < changes.levels.size();
    if (has_change &&
        (!has_old || !nearer(side, side_of.levels[old].price, changes.levels[change].price))) {
      const Level& level = changes.levels[change];
      const bool known = has_old && side_of.levels[old].price == level.price;
      if (level.qty != Qty{})
        push(scratch, level, with_orders, with_orders ? changes.orders[change] : 0);
      else if (!known)
        return false;
      if (known) ++old;
      ++change;
    } else if (has_old) {
      push(scratch, side_of.levels[old], with_orders, with_orders ? side_of.orders[old] : 0);
      ++old;
    } else {
      return false;
    }
  }
  std::swap(side_of, scratch);
  return change == changes.levels.size();
}

}  // namespace mm::journal
