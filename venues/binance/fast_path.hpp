#pragma once

// The fast path of the codec: the usual depthUpdate and bookTicker, their keys in the order the
// venue uses today (scan.hpp says what makes that safe). What it does not take, the codec does.

#include <string>

#include "venues/binance/codec.hpp"
#include "venues/levels.hpp"

namespace mm::venues {
class Scan;
}

namespace mm::venues::binance {

/// Levels that a frame of this size can hold; the shortest is [1,1] and a comma.
inline std::size_t most_levels_of(std::size_t frame_bytes) {
  return std::min(frame_bytes / 5 + 1, most_levels_a_side);
}

/// Whether a stream carries the top of the book again and again instead of differences.
bool is_partial_book(std::string_view stream);

/// A side that is there has a price, and the bid is below the ask.
bool is_quote(const BestQuote& quote);

class FastPath {
 public:
  explicit FastPath(const Instrument& instrument)
      : symbol_(instrument.symbol),
        price_decimals_(static_cast<int>(instrument.price_decimals)),
        lot_decimals_(static_cast<int>(instrument.lot_decimals)) {}

  /// False: the frame is to be taken by the general decoder, from its beginning.
  bool decode(std::string_view frame, Arena& arena, Message& message);

 private:
  bool scan_update(Scan& scan, Message& message);
  bool scan_ticker(Scan& scan, Message& message);
  bool scan_side(Scan& scan, Side side, std::span<const Level>& out);

  std::string symbol_;
  int price_decimals_;
  int lot_decimals_;
  Arena* arena_ = nullptr;
  std::size_t most_levels_ = 0;
};

}  // namespace mm::venues::binance
