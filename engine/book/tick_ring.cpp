#include "engine/book/tick_ring.hpp"

#include <bit>
#include <cstring>

#include "engine/assert.hpp"

namespace mm {

// Quantities mean something only where the bitmap has a bit, so only the bitmap starts at zero and
// an instrument takes the pages that its levels lie on. A bit stays when its level goes (the
// quantity is 0 then): most levels that go come back, and a bit that need not change costs the loop
// over a delta no dependency from one level to the next. Who looks for the next level skips such
// bits; when the best level goes they are cleared on the way.
struct TickRing::Slots {
  std::uint64_t bits[words];
  std::uint64_t summary[summary_words];  // bit w of it: word w of `bits` is not zero
  std::uint32_t qty[window];

  static std::unique_ptr<Slots, Free> allocate() {
    std::unique_ptr<Slots, Free> slots{static_cast<Slots*>(std::malloc(sizeof(Slots)))};
    MM_ASSERT(slots != nullptr, "out of memory for an order book");
    std::memset(slots->bits, 0, sizeof slots->bits);
    std::memset(slots->summary, 0, sizeof slots->summary);
    return slots;
  }

  bool has_bit(std::size_t slot) const { return (bits[slot / 64] >> (slot % 64) & 1) != 0; }

  void set_bit(std::size_t slot) {
    const std::size_t word = slot / 64;
    bits[word] |= std::uint64_t{1} << (slot % 64);
    summary[word / 64] |= std::uint64_t{1} << (word % 64);
  }
  void clear_bit(std::size_t slot) {
    const std::size_t word = slot / 64;
    bits[word] &= ~(std::uint64_t{1} << (slot % 64));
    if (bits[word] == 0) summary[word / 64] &= ~(std::uint64_t{1} << (word % 64));
  }

  // Distance (1 ..< window) from `slot` down, around the ring, to the next set bit; 0 if no other
  // bit is set.
  std::size_t distance_down(std::size_t slot) const {
    const std::size_t word = slot / 64;
    const std::uint64_t below = bits[word] & ((std::uint64_t{1} << (slot % 64)) - 1);
    if (below != 0) return slot - (word * 64 + top_bit(below));
    // The words before this one, a summary word at a time, and around to this one again.
    const std::size_t group = word / 64;
    const std::uint64_t earlier_words = (std::uint64_t{1} << (word % 64)) - 1;
    for (std::size_t step = 0; step <= summary_words; ++step) {
      const std::size_t at = (group - step) & (summary_words - 1);
      std::uint64_t candidates = summary[at];
      if (step == 0) candidates &= earlier_words;
      if (step == summary_words) candidates &= ~earlier_words;
      for (; candidates != 0; candidates &= ~(std::uint64_t{1} << top_bit(candidates))) {
        const std::size_t found = at * 64 + top_bit(candidates);
        std::uint64_t in_word = bits[found];
        if (found == word) in_word &= ~((std::uint64_t{2} << (slot % 64)) - 1);
        if (in_word != 0) return (slot - (found * 64 + top_bit(in_word))) & (window - 1);
      }
    }
    return 0;
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
  for (std::size_t group = 0; group < summary_words; ++group) {
    for (std::uint64_t left = other.slots_->summary[group]; left != 0; left &= left - 1) {
      const std::size_t word = group * 64 + static_cast<std::size_t>(std::countr_zero(left));
      slots_->bits[word] = other.slots_->bits[word];
      for (std::uint64_t bits = slots_->bits[word]; bits != 0; bits &= bits - 1) {
        const std::size_t slot = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        slots_->qty[slot] = other.slots_->qty[slot];
      }
    }
    slots_->summary[group] = other.slots_->summary[group];
  }
  return *this;
}

void TickRing::clear() {
  if (slots_) {
    for (std::size_t group = 0; group < summary_words; ++group) {
      for (std::uint64_t left = slots_->summary[group]; left != 0; left &= left - 1)
        slots_->bits[group * 64 + static_cast<std::size_t>(std::countr_zero(left))] = 0;
      slots_->summary[group] = 0;
    }
  }
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
  const std::size_t slot = slot_of(key);
  if (!slots_->has_bit(slot)) return 0;
  const std::uint32_t qty = slots_->qty[slot];
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
  for (;;) {
    key = next_bit(key);
    if (key == no_key || slots_->qty[slot_of(key)] != 0) return key;
  }
}

std::int64_t TickRing::next_bit(std::int64_t key) const {
  const std::size_t distance = slots_->distance_down(slot_of(key));
  // Around the ring from the best level down, a step up in key means that there is none below.
  const std::uint64_t room = static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(base_);
  if (distance == 0 || distance > room) return no_key;
  return key - static_cast<std::int64_t>(distance);
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
    const std::size_t word = slot / 64;
    const std::uint64_t is_there = qty != 0 ? 1 : 0;
    slots->qty[slot] = static_cast<std::uint32_t>(qty);
    const std::uint64_t before = slots->bits[word];
    slots->bits[word] = before | is_there << (slot % 64);
    if (before == 0) [[unlikely]]
      slots->summary[word / 64] |= is_there << (word % 64);
    const std::int64_t candidate = is_there != 0 ? key : no_key;
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
  do {
    slots_->clear_bit(slot_of(best_));
    best_ = next_bit(best_);
  } while (best_ != no_key && slots_->qty[slot_of(best_)] == 0);
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
    slots_->qty[slot] = 0;
    if (key == best_) leave_best();
    return;
  }
  slots_->set_bit(slot);
  if (static_cast<std::uint64_t>(qty) >= is_large) {
    slots_->qty[slot] = is_large;
    large_.set(key, qty);
  } else {
    slots_->qty[slot] = static_cast<std::uint32_t>(qty);
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
      slots_->clear_bit(slot_of(key));
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
