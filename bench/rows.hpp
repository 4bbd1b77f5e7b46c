#pragma once

// The obvious implementation, which goals 2, 7 and 8 are compared with: one Cap'n Proto struct a
// row in blocks of 4096, zstd-3, read through getters into books that are std::map.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "bench/recording.hpp"
#include "bench/zstd.hpp"
#include "engine/market.hpp"

namespace mm::bench {

struct RowBlock {
  std::vector<std::byte> compressed;
  std::size_t raw_bytes = 0;
};

std::vector<RowBlock> make_row_blocks(const Recording& recording, std::size_t rows_a_block);

/// A book of std::map, touch first, with the best quotes and the last trade beside it.
class MapBook {
 public:
  void clear() { *this = MapBook{}; }
  void set(Side side, std::int64_t price, std::int64_t qty) {
    if (side == Side::buy)
      put(bids_, -price, qty);
    else
      put(asks_, price, qty);
  }
  Touch touch() const;
  std::size_t size() const { return bids_.size() + asks_.size(); }

 private:
  using Levels = std::map<std::int64_t, std::int64_t>;  // key grows away from the touch
  static void put(Levels& levels, std::int64_t key, std::int64_t qty) {
    if (qty == 0)
      levels.erase(key);
    else
      levels[key] = qty;
  }
  Levels bids_;
  Levels asks_;
};

/// What an event does to map books; the touch is looked at after each.
class MapMarket {
 public:
  void apply(const Event& event);
  const MapBook& book(std::size_t instrument) const { return books_[instrument]; }

 private:
  friend class RowReplay;
  std::array<MapBook, max_instruments> books_;
  std::array<Touch, max_instruments> quotes_{};
  std::array<Touch, max_instruments> touches_{};
  std::array<Level, max_instruments> trades_{};
};

/// Reads row blocks and folds them into map books.
class RowReplay {
 public:
  RowReplay();
  ~RowReplay();
  /// Decompresses only.
  void decompress(const std::vector<RowBlock>& blocks);
  void run(const std::vector<RowBlock>& blocks);
  const MapMarket& market() const { return market_; }

 private:
  void fold(std::span<const std::byte> payload);

  Decompressor zstd_;
  MapMarket market_;
};

}  // namespace mm::bench
