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
  const std::span<const Level> olds = side_of.levels;
  const std::span<const Level> news = changes.levels;
  if (length > olds.size() + news.size()) return false;
  const bool with_orders = !side_of.orders.empty() || !changes.orders.empty();
  scratch.levels.resize(length);
  scratch.orders.resize(with_orders ? length : 0);

  std::size_t old = 0;
  std::size_t done = 0;
  const auto keep = [&](std::size_t end) {
    for (; old < end && done < length; ++old, ++done) {
      scratch.levels[done] = olds[old];
      if (with_orders) scratch.orders[done] = side_of.orders[old];
    }
  };
  for (std::size_t change = 0; change < news.size(); ++change) {
    const Level& level = news[change];
    std::size_t here = old;
    while (here < olds.size() && nearer(side, olds[here].price, level.price)) ++here;
    keep(here);
    const bool known = old < olds.size() && olds[old].price == level.price;
    const bool gone = level.qty == Qty{};
    if (done == length || (gone && !known)) return false;
    if (known) ++old;
    if (gone) continue;
    scratch.levels[done] = level;
    if (with_orders) scratch.orders[done] = changes.orders[change];
    ++done;
  }
  keep(olds.size());
  std::swap(side_of, scratch);
  return done == length;
}

}  // namespace mm::journal
