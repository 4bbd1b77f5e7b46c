#pragma once

// The price levels of one instrument as its venue shows them.
//
// A snapshot replaces everything, a delta sets the levels it names. Deletes of unknown levels are
// normal (venues send them for levels outside the snapshot). Whether the book can be trusted is not
// known here: that is Market's business. A book takes memory from its first level on.

#include <concepts>
#include <cstddef>
#include <utility>

#include "engine/book/tick_ring.hpp"
#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm {

class L2Book {
 public:
  void apply(const BookSnapshot& snapshot);
  void apply(const BookDelta& delta);
  void clear();

  /// The nearest level of a side; price 0 and quantity 0 if the side is empty.
  Level best_bid() const { return bids_.best(); }
  Level best_ask() const { return asks_.best(); }
  Level best(Side side) const { return of(side).best(); }
  /// Quantity at a price, 0 if there is no level.
  Qty qty_at(Side side, Price price) const { return of(side).qty_at(price); }
  /// Whether there is a level at `price` or farther from the touch.
  bool has_at_or_beyond(Side side, Price price) const { return of(side).has_at_or_beyond(price); }
  std::size_t level_count(Side side) const { return of(side).size(); }
  bool empty() const { return bids_.empty() && asks_.empty(); }

  /// Calls f(Level) from the touch outwards. If f returns bool, false stops the walk.
  template <class F>
  void for_each_level(Side side, F&& f) const {
    of(side).for_each([&](const Level& level) {
      if constexpr (std::same_as<decltype(f(level)), bool>) {
        return f(level);
      } else {
        f(level);
        return true;
      }
    });
  }

  /// Canonical bytes: equal levels give equal bytes, whatever happened before.
  void save(ByteWriter& out) const;
  /// Replaces the levels by saved ones; false (and an empty book) if the bytes are not a book's.
  bool restore(ByteReader& in);

  /// Equal levels on both sides.
  bool operator==(const L2Book& other) const;

 private:
  const TickRing& of(Side side) const { return side == Side::buy ? bids_ : asks_; }
  TickRing& of(Side side) { return side == Side::buy ? bids_ : asks_; }

  TickRing bids_{Side::buy};
  TickRing asks_{Side::sell};
};

}  // namespace mm
