#pragma once

// A flat hash from price key to quantity, for the few levels outside the tick ring's window.
//
// Open addressing with linear probing and backward-shift deletion: no tombstones, one allocation.
// The order of its entries depends on their history; who shows levels sorts them by key.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mm {

class FarLevels {
 public:
  struct Entry {
    std::int64_t key = 0;
    std::int64_t qty = 0;  ///< 0 = free
  };

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Quantity at `key`, 0 if there is none.
  std::int64_t find(std::int64_t key) const;
  /// Sets the quantity (> 0) of `key`.
  void set(std::int64_t key, std::int64_t qty);
  /// Removes `key`; nothing happens if it is not there.
  void erase(std::int64_t key);
  void clear();
  /// All entries with quantities, nearest (largest key) first.
  std::vector<Entry> sorted() const;
  /// The largest key. Requires !empty().
  std::int64_t max_key() const;

 private:
  std::size_t home(std::int64_t key) const;
  void grow();

  std::vector<Entry> entries_;  // size is 0 or a power of two
  std::size_t size_ = 0;
};

}  // namespace mm
