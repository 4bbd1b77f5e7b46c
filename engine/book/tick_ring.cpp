#include "engine/book/tick_ring.hpp"

#include <bit>
#include <cstring>

#include "engine/assert.hpp"

namespace mm {

// Quantities mean something only in groups that are *known*, so only that bitmap starts at zero and
// an instrument takes the pages that its levels lie on. A group stays known when its levels go:
// most levels that go come back, and setting a level in a known group is one store that depends on
// nothing. Who looks for the next level passes over zeros; when the best level goes, the empty
// groups on the way to the next one are forgotten.
struct TickRing::Slots {
  std::uint64_t known[known_words];  // bit g % 64 of word g / 64: group g means something
  alignas(64) std::uint32_t qty[window];

  static std::unique_ptr<Slots, Free> allocate() {
    std::unique_ptr<Slots, Free> slots{
        static_cast<Slots*>(std::aligned_alloc(alignof(Slots), sizeof(Slots)))};
    MM_ASSERT(slots != nullptr, "out of memory for an order book");
    slots->forget_all();
    return slots;
  }

  bool knows(std::size_t group) const { return (known[group / 64] >> (group % 64) & 1) != 0; }
  void claim(std::size_t group) {
    std::memset(qty + group * group_slots, 0, group_slots * sizeof(qty[0]));
    known[group / 64] |= std::uint64_t{1} << (group % 64);
  }
  void forget(std::size_t group) { known[group / 64] &= ~(std::uint64_t{1} << (group % 64)); }
  void forget_all() { std::memset(known, 0, sizeof known); }
  void copy_known(const Slots& other) {
    std::memcpy(known, other.known, sizeof known);
    for (std::size_t word = 0; word < known_words; ++word) {
      for (std::uint64_t left = known[word]; left != 0; left &= left - 1) {
        const std::size_t slot =
            (word * 64 + static_cast<std::size_t>(std::countr_zero(left))) * group_slots;
        std::memcpy(qty + slot, other.qty + slot, group_slots * sizeof(qty[0]));
      }
    }
  }

  std::uint32_t at(std::size_t slot) const { return knows(slot / group_slots) ? qty[slot] : 0; }
  void set(std::size_t slot, std::uint32_t value) {
    if (!knows(slot / group_slots)) claim(slot / group_slots);
    qty[slot] = value;
  }

  /// One bit for each slot of a known group that has a quantity.
  unsigned occupied(std::size_t group) const {
    // Four slots at a time, in the vectors that every compiler of ours has.
    using Quad [[gnu::vector_size(16)]] = std::uint32_t;
    Quad bits{};
    for (unsigned quarter = 0; quarter < group_slots / 4; ++quarter) {
      Quad four;
      std::memcpy(&four, qty + group * group_slots + 4 * quarter, sizeof four);
      const Quad weights{1u << 4 * quarter, 2u << 4 * quarter, 4u << 4 * quarter,
                         8u << 4 * quarter};
      bits |= (four != 0) & weights;
    }
    return bits[0] | bits[1] | bits[2] | bits[3];
  }

  // Distance (1 ... room) from `slot` down, around the ring, to the next slot with a quantity; 0 if
  // there is none. Calls pass(group) for each known group before it that turns out to be empty.
  template <class Pass>
  std::size_t distance_down(std::size_t slot, std::size_t room, Pass&& pass) const {
    const std::size_t own = slot / group_slots;
    if (knows(own)) {
      const unsigned below = occupied(own) & ((1u << (slot % group_slots)) - 1);
      if (below != 0) return slot - (own * group_slots + top_bit(below));
    }
    // The groups before this one, 64 at a time. The lowest key in reach stands at a group's begin.
    const std::size_t reach = room / group_slots;
    std::size_t word = own / 64;
    std::uint64_t candidates = known[word] & ((std::uint64_t{1} << (own % 64)) - 1);
    for (std::size_t seen = own % 64;; seen += 64) {
      for (; candidates != 0; candidates &= ~(std::uint64_t{1} << top_bit(candidates))) {
        const std::size_t group = word * 64 + top_bit(candidates);
        const std::size_t steps = (own - group) & (groups - 1);
        if (steps == 0 || steps > reach) return 0;
        if (const unsigned in_group = occupied(group); in_group != 0)
          return (slot - (group * group_slots + top_bit(in_group))) & (window - 1);
        pass(group);
      }
      if (seen >= reach) return 0;
      word = (word - 1) & (known_words - 1);
      candidates = known[word];
    }
  }

  static std::size_t top_bit(std::uint64_t word) {
    return static_cast<std::size_t>(63 - std::countl_zero(word));
  }
};

TickRing::TickRing(const TickRing& other) : flip_(other.flip_) {
  *this = other;
}

TickRing& TickRing::operator=(const TickRing& other) {
  if (this == &other) return *this;
  clear();
  flip_ = other.flip_;
  base_ = other.base_;
  best_ = other.best_;
  far_ = other.far_;
  large_ = other.large_;
  if (other.best_ == no_key) return *this;
  if (!slots_) slots_ = Slots::allocate();
  slots_->copy_known(*other.slots_);
  return *this;
}

void TickRing::clear() {
  if (slots_) slots_->forget_all();
  best_ = no_key;
  far_.clear();
  large_.clear();
}

Level TickRing::best() const {
  if (best_ == no_key) return {};
  // The best level is always inside.
  const std::uint32_t qty = slots_->qty[slot_of(best_)];
  return {price_of(best_), Qty::from_lots(qty == is_large ? large_.find(best_) : qty)};
}

std::size_t TickRing::size() const {
  std::size_t count = far_.size();
  for (std::int64_t key = best_; key != no_key; key = next_inside(key)) ++count;
  return count;
}

std::int64_t TickRing::qty_of(std::int64_t key) const {
  if (!slots_ || !inside(key)) return far_.find(key);
  const std::uint32_t qty = slots_->at(slot_of(key));
  return qty == is_large ? large_.find(key) : qty;
}

bool TickRing::has_at_or_beyond(Price price) const {
  const std::int64_t key = key_of(price);
  if (best_ == no_key) return false;
  if (key >= best_) return true;
  if (inside(key) && (qty_of(key) > 0 || next_inside(key) != no_key)) return true;
  if (far_.empty()) return false;
  for (const FarLevels::Entry& entry : far_.sorted())
    if (entry.key <= key) return true;
  return false;
}

std::int64_t TickRing::next_inside(std::int64_t key) const {
  return next_inside(key, [](std::size_t) {});
}

template <class Pass>
inline std::int64_t TickRing::next_inside(std::int64_t key, Pass&& pass) const {
  const std::uint64_t room = static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(base_);
  const std::size_t distance =
      slots_->distance_down(slot_of(key), static_cast<std::size_t>(room), pass);
  return distance == 0 ? no_key : key - static_cast<std::int64_t>(distance);
}

// Sets levels until one is for set_rare(), and gives that one. Nothing here depends on what is hard
// to guess, whether a level is new, goes or is the best one: best_ ends at the highest key that was
// the best or had a quantity set, so nothing lies above it, but its own quantity may be 0 by now.
inline const Level* TickRing::apply_near(const Level* at, const Level* end) {
  const std::int64_t flip = flip_;
  Slots* const slots = slots_.get();
  const std::uint64_t base = static_cast<std::uint64_t>(base_);
  std::int64_t best = best_;
  // While any quantity is large, each store must also forget the large one it replaces.
  const std::uint64_t large_from = large_.empty() ? is_large : 0;
  for (; at != end; ++at) {
    const std::int64_t key = at->price.units() ^ flip;
    const std::uint64_t qty = static_cast<std::uint64_t>(at->qty.lots());
    if (static_cast<std::uint64_t>(key) - base >= window || qty >= large_from) [[unlikely]]
      break;
    const std::size_t slot = slot_of(key);
    if (!slots->knows(slot / group_slots)) [[unlikely]]
      slots->claim(slot / group_slots);
    slots->qty[slot] = static_cast<std::uint32_t>(qty);
    const std::int64_t candidate = qty != 0 ? key : no_key;
    best = candidate > best ? candidate : best;
  }
  best_ = best;
  return at;
}

void TickRing::apply(std::span<const Level> levels) {
  if (levels.empty()) return;
  const Level* at = levels.data();
  const Level* const end = at + levels.size();
  // The first level of an empty side decides where the window stands.
  for (; at != end && best_ == no_key; ++at) set_rare(key_of(at->price), at->qty.lots());
  while (at != end) {
    at = apply_near(at, end);
    if (slots_->qty[slot_of(best_)] == 0) leave_best();
    if (at == end) break;
    set_rare(key_of(at->price), at->qty.lots());
    ++at;
    for (; at != end && best_ == no_key; ++at) set_rare(key_of(at->price), at->qty.lots());
  }
  follow_touch();
}

// The quantity of the best level is 0 now: the next one takes its place.
void TickRing::leave_best() {
  best_ = next_inside(best_, [this](std::size_t group) { slots_->forget(group); });
  // The last level of the window is gone: the window goes to the best one outside.
  if (best_ == no_key && !far_.empty()) move_window(far_.max_key());
}

// Everything the loop above leaves out: outside the window, or with a quantity that needs (or
// replaces one that needed) more than 32 bits.
void TickRing::set_rare(std::int64_t key, std::int64_t qty) {
  if (key < lowest_key) return;
  if (qty < 0) qty = 0;
  if (slots_ && inside(key)) {
    set_inside(key, qty);
    return;
  }
  if (qty == 0) {
    far_.erase(key);
  } else if (key > best_) {
    move_window(key);
    set_inside(key, qty);
  } else {
    far_.set(key, qty);
  }
}

void TickRing::set_inside(std::int64_t key, std::int64_t qty) {
  const std::size_t slot = slot_of(key);
  if (!large_.empty()) large_.erase(key);
  if (qty == 0) {
    slots_->set(slot, 0);
    if (key == best_) leave_best();
    return;
  }
  if (static_cast<std::uint64_t>(qty) >= is_large) {
    slots_->set(slot, is_large);
    large_.set(key, qty);
  } else {
    slots_->set(slot, static_cast<std::uint32_t>(qty));
  }
  if (key > best_) best_ = key;
}

// Puts the window around `best`, the best key there is or is about to be: three quarters of it on
// the side where the levels are.
void TickRing::move_window(std::int64_t best) {
  constexpr std::int64_t size = static_cast<std::int64_t>(window);
  constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max() - size + 1;
  std::int64_t base = best < lowest_key + size ? lowest_key : best - size * 3 / 4;
  if (base > highest) base = highest;
  base &= ~std::int64_t{63};

  if (!slots_) slots_ = Slots::allocate();
  const std::int64_t old_base = base_;
  std::int64_t key = best_;
  base_ = base;
  best_ = no_key;
  // The levels of the old window, from the touch outwards: those the new one does not hold go.
  while (key != no_key) {
    base_ = old_base;
    const std::int64_t next = next_inside(key);
    const std::int64_t qty = qty_of(key);
    base_ = base;
    if (inside(key)) {
      if (key > best_) best_ = key;
    } else {
      slots_->qty[slot_of(key)] = 0;
      if (!large_.empty()) large_.erase(key);
      far_.set(key, qty);
    }
    key = next;
  }
  if (far_.empty()) return;
  for (const FarLevels::Entry& entry : far_.sorted()) {
    if (!inside(entry.key)) continue;
    far_.erase(entry.key);
    set_inside(entry.key, entry.qty);
  }
}

void TickRing::follow_touch() {
  if (best_ == no_key) return;
  const std::uint64_t offset =
      static_cast<std::uint64_t>(best_) - static_cast<std::uint64_t>(base_);
  if (offset >= window * 5 / 8 && offset < window * 7 / 8) [[likely]]
    return;
  move_window(best_);
}

}  // namespace mm
