#pragma once

// One side of an order book as an array indexed by price.
//
// A level's *key* grows towards the touch: the price of a bid, the complement of the price of an
// ask. Quantities of the keys in a window of `window` ticks around the touch lie in a ring of
// 32-bit slots (slot = key mod window), 0 where there is no level. Slots lie in groups of 16, a
// cache line, and a bitmap says which groups mean something: setting a level is a store, finding
// the next best one looks at a group at once and passes over all that mean nothing. What lies
// outside the window, and quantities of 32 bits and more, sit in a flat hash.
//
// Invariants: the best level is inside the window; every key outside it is farther from the touch
// than every key inside. The window follows the touch and leaves no trace in what can be observed:
// two rings with equal levels are equal.
//
// Levels among the 64 smallest keys of an int64 are ignored; every other price is allowed.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "engine/book/far_levels.hpp"
#include "engine/types.hpp"

namespace mm {

class TickRing {
 public:
  static constexpr std::int64_t no_key = std::numeric_limits<std::int64_t>::min();

  explicit TickRing(Side side) : flip_(side == Side::buy ? 0 : -1) {}
  TickRing(const TickRing& other);
  TickRing(TickRing&& other) noexcept = default;
  TickRing& operator=(const TickRing& other);
  TickRing& operator=(TickRing&& other) noexcept = default;
  ~TickRing() = default;

  bool empty() const { return best_ == no_key; }
  /// The nearest level, quantity 0 and price 0 if there is none.
  Level best() const;
  Qty qty_at(Price price) const { return Qty::from_lots(qty_of(key_of(price))); }
  std::size_t size() const;
  /// Whether there is a level at `price` or farther from the touch.
  bool has_at_or_beyond(Price price) const;

  /// Sets each level's quantity; 0 or less deletes, and deleting what is not there does nothing.
  void apply(std::span<const Level> levels);
  void clear();

  /// Calls f(Level) for every level from the touch outwards, until it returns false.
  template <class F>
  void for_each(F&& f) const {
    if (best_ == no_key) return;
    std::int64_t key = best_;
    do {
      if (!f(Level{price_of(key), Qty::from_lots(qty_of(key))})) return;
      key = next_inside(key);
    } while (key != no_key);
    if (far_.empty()) return;
    for (const FarLevels::Entry& entry : far_.sorted())
      if (!f(Level{price_of(entry.key), Qty::from_lots(entry.qty)})) return;
  }

 private:
  static constexpr std::int64_t lowest_key = no_key + 64;
  static constexpr std::size_t window = std::size_t{1} << 19;  // ticks
  static constexpr std::size_t group_slots = 16;               // of a cache line
  static constexpr std::size_t groups = window / group_slots;
  static constexpr std::size_t known_words = groups / 64;
  static constexpr std::uint32_t is_large = 0xffffffffu;  // slot value: the quantity is in large_

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  struct Slots;  // quantities and bitmap in one allocation

  std::int64_t key_of(Price price) const { return price.units() ^ flip_; }
  Price price_of(std::int64_t key) const { return Price::from_units(key ^ flip_); }
  static std::size_t slot_of(std::int64_t key) {
    return static_cast<std::uint64_t>(key) & (window - 1);
  }
  bool inside(std::int64_t key) const {
    return static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(base_) < window;
  }
  std::int64_t qty_of(std::int64_t key) const;
  std::int64_t next_inside(std::int64_t key) const;  // level, outwards of `key`
  template <class Pass>
  std::int64_t next_inside(std::int64_t key, Pass&& pass) const;
  const Level* apply_near(const Level* at, const Level* end);
  void leave_best();
  void set_rare(std::int64_t key, std::int64_t qty);
  void set_inside(std::int64_t key, std::int64_t qty);
  void move_window(std::int64_t best);
  void follow_touch();

  std::unique_ptr<Slots, Free> slots_;
  std::int64_t flip_ = 0;  // xor between price and key: 0 for bids, -1 for asks
  std::int64_t base_ = std::numeric_limits<std::int64_t>::max() - 63;  // first key of the window
  std::int64_t best_ = no_key;
  FarLevels far_;
  FarLevels large_;
};

}  // namespace mm
