#include "engine/book/far_levels.hpp"

#include <algorithm>
#include <utility>

#include "engine/assert.hpp"

namespace mm {

std::size_t FarLevels::home(std::int64_t key) const {
  const std::uint64_t mixed = static_cast<std::uint64_t>(key) * 0x9e3779b97f4a7c15u;
  return static_cast<std::size_t>(mixed >> 32) & (entries_.size() - 1);
}

std::int64_t FarLevels::find(std::int64_t key) const {
  if (size_ == 0) return 0;
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t at = home(key); entries_[at].qty != 0; at = (at + 1) & mask)
    if (entries_[at].key == key) return entries_[at].qty;
  return 0;
}

void FarLevels::set(std::int64_t key, std::int64_t qty) {
  if ((size_ + 1) * 2 > entries_.size()) grow();
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = home(key);
  while (entries_[at].qty != 0 && entries_[at].key != key) at = (at + 1) & mask;
  if (entries_[at].qty == 0) ++size_;
  entries_[at] = {key, qty};
}

void FarLevels::erase(std::int64_t key) {
  if (size_ == 0) return;
  const std::size_t mask = entries_.size() - 1;
  std::size_t hole = home(key);
  while (entries_[hole].qty != 0 && entries_[hole].key != key) hole = (hole + 1) & mask;
  if (entries_[hole].qty == 0) return;
  --size_;
  // Close the hole: an entry behind it moves in unless its home lies between the two.
  for (std::size_t at = (hole + 1) & mask; entries_[at].qty != 0; at = (at + 1) & mask) {
    const std::size_t from_home = (at - home(entries_[at].key)) & mask;
    const std::size_t from_hole = (at - hole) & mask;
    if (from_home < from_hole) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole] = {};
}

void FarLevels::clear() {
  if (size_ != 0) std::fill(entries_.begin(), entries_.end(), Entry{});
  size_ = 0;
}

std::vector<FarLevels::Entry> FarLevels::sorted() const {
  std::vector<Entry> all;
  all.reserve(size_);
  for (const Entry& entry : entries_)
    if (entry.qty != 0) all.push_back(entry);
  // A key occurs once: a total order.
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.key > b.key; });
  return all;
}

std::int64_t FarLevels::max_key() const {
  MM_ASSERT(size_ != 0, "no level is outside the window");
  bool found = false;
  std::int64_t best = 0;
  for (const Entry& entry : entries_) {
    if (entry.qty == 0 || (found && entry.key <= best)) continue;
    best = entry.key;
    found = true;
  }
  return best;
}

void FarLevels::grow() {
  std::vector<Entry> old(std::max<std::size_t>(64, entries_.size() * 2));
  old.swap(entries_);
  size_ = 0;
  for (const Entry& entry : old)
    if (entry.qty != 0) set(entry.key, entry.qty);
}

}  // namespace mm
