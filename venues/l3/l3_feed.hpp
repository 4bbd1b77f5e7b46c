#pragma once

// Order-by-order recordings: LOBSTER message files and Bitstamp's live_orders log.
//
//   LOBSTER    time,type,id,size,price,direction: seconds after midnight, dollars times 10^4,
//              shares; 1 new, 2 part cancelled, 3 deleted, 4 visible execution, 5 hidden
//              execution, 7 halt
//   Bitstamp   <ms> <event> <json>: order_created, order_changed (its new amount), order_deleted
//              (0: filled, else cancelled), trade, order_book (the venue's own first 20 levels)
//
// Prices become price units, sizes lots of the decimals given below. A change to a smaller amount
// is an execution: this venue has no other partial change. Files may be compressed, told by magic.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"
#include "venues/capture/capture_bytes.hpp"

namespace mm::venues {

struct L3Event {
  enum class Kind : std::uint8_t {
    add,      ///< a new order
    reduce,   ///< `qty` of it was cancelled
    remove,   ///< the rest of it was cancelled
    execute,  ///< `qty` of it was executed
    trade,    ///< of a maker that is not named; side is its side where `side_known`
    book,     ///< what the venue itself shows, for checks
    other,    ///< a halt
  };
  Kind kind = Kind::other;
  Time at;  ///< LOBSTER: since midnight; Bitstamp: receive time
  std::uint64_t id = 0;
  Side side = Side::buy;
  bool side_known = true;
  Price price;
  Qty qty;
  std::vector<Level> bids;  ///< of a book, best first
  std::vector<Level> asks;
};

/// Throws Error(data) naming file and line for a line that is not what the format promises.
class LobsterReader {
 public:
  static constexpr int price_decimals = 4;
  static constexpr int lot_decimals = 0;

  explicit LobsterReader(const std::string& path) : lines_(path) {}
  bool next(L3Event& event);
  std::uint64_t consumed() const { return lines_.consumed(); }

 private:
  LineReader lines_;
};

/// Likewise. Remembers the amounts of orders, which tell how much of one was executed.
class BitstampReader {
 public:
  static constexpr int price_decimals = 2;
  static constexpr int lot_decimals = 8;

  explicit BitstampReader(const std::string& path);
  ~BitstampReader();
  bool next(L3Event& event);
  std::uint64_t consumed() const { return lines_.consumed(); }

 private:
  struct Parser;
  LineReader lines_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mm::venues
