#include "venues/hyperliquid/book_merge.hpp"

#include <algorithm>

#include "venues/levels.hpp"

namespace mm::venues::hyperliquid {

void BookMerge::Side::keep(std::span<const Level> from, std::span<const std::uint32_t> counts) {
  levels.assign(from.begin(), from.end());
  orders.assign(counts.begin(), counts.end());
}

void BookMerge::Frame::keep(Time at, const BookSnapshot& book) {
  known = true;
  time = at;
  bids.keep(book.bids, book.bid_orders);
  asks.keep(book.asks, book.ask_orders);
}

std::optional<BookMerge::Merged> BookMerge::take(bool fast, Time time, const BookSnapshot& book,
                                                 Arena& arena) {
  if (fast) {
    if (far_.known && time < far_.time) return std::nullopt;
    near_.keep(time, book);
    if (!far_.known) return Merged{time, book};
  } else {
    far_.keep(time, book);
    if (!near_.known || near_.time <= time) return Merged{time, book};
  }
  return join(arena);
}

BookMerge::Merged BookMerge::join(Arena& arena) const {
  Merged merged{near_.time, {}};
  const auto join_side = [&](mm::Side side, const Side& near, const Side& far,
                             std::span<const Level>& levels,
                             std::span<const std::uint32_t>& orders) {
    const bool whole = near.levels.size() < fast_levels;
    const auto beyond =
        whole ? far.levels.end()
              : std::find_if(far.levels.begin(), far.levels.end(), [&](const Level& level) {
                  return nearer(side, near.levels.back().price, level.price);
                });
    const auto skipped = static_cast<std::size_t>(beyond - far.levels.begin());
    const std::size_t count = near.levels.size() + (far.levels.size() - skipped);
    Level* const out = arena.room<Level>(count);
    std::copy(beyond, far.levels.end(), std::copy(near.levels.begin(), near.levels.end(), out));
    levels = arena.commit(out, count);
    const bool counted = near.orders.size() == near.levels.size() &&
                         (whole || far.orders.size() == far.levels.size());
    if (!counted) return;
    std::uint32_t* const counts = arena.room<std::uint32_t>(count);
    std::uint32_t* const end = std::copy(near.orders.begin(), near.orders.end(), counts);
    if (!whole) {
      std::copy(far.orders.begin() + static_cast<std::ptrdiff_t>(skipped), far.orders.end(), end);
    }
    orders = arena.commit(counts, count);
  };
  join_side(mm::Side::buy, near_.bids, far_.bids, merged.book.bids, merged.book.bid_orders);
  join_side(mm::Side::sell, near_.asks, far_.asks, merged.book.asks, merged.book.ask_orders);
  return merged;
}

void BookMerge::clear() {
  near_.known = far_.known = false;
}

}  // namespace mm::venues::hyperliquid
