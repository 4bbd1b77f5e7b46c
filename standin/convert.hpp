#pragma once

// Converter: the market of one instrument in the units and grid of another of the same coin.
//
// Where a capture of one venue has to serve another venue too: bids are rounded down to the other
// grid and asks up, levels that meet on one price become one whose order count is their number, and
// quantities are rounded to the nearest lot, at least one. A buyer's trade is rounded up, a
// seller's down. Best quotes become changes of the book.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/event.hpp"

namespace mm::standin {

class Converter {
 public:
  /// Both linear and quoted in the same currency, or one as good as it.
  Converter(Instrument from, Instrument to) : from_(std::move(from)), to_(std::move(to)) {}

  /// The event in units of `to`; its views live until the next call. Empty if it says nothing of
  /// the market (or nothing new).
  std::optional<Event> convert(const Event& event);

 private:
  using Levels = std::map<Price, Qty>;
  Levels& levels_of(Side side) { return side == Side::buy ? bids_ : asks_; }
  Price price_of(Side side, Price price) const;
  Qty qty_of(Qty qty) const;
  void set(Side side, Price price, Qty qty);
  void aggregate(Side side, std::vector<Level>& out);
  Event delta(const Event& event);
  Event snapshot(const Event& event, const BookSnapshot& of);

  Instrument from_;
  Instrument to_;
  Levels bids_, asks_;                              // in units of `from`
  std::vector<Price> touched_bids_, touched_asks_;  // in units of `to`
  std::vector<Level> out_bids_, out_asks_;
  std::vector<std::uint32_t> bid_orders_, ask_orders_;
  Time book_time_;
};

}  // namespace mm::standin
