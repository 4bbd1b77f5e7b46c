#pragma once

// The book without us: takes our own recorded resting size out of recorded market events.
//
// For sessions with real orders. Where a book event states the total at a price at which an order
// of ours rested at the event's stamp, our remaining size is subtracted; a level that was ours
// alone is gone. Trades stay whole: flow that hit us would have hit others. Paper orders never
// stood in the book, so their sessions must not pass through here.
//
//   others(p, t) = max(0, displayed(p, t) - sum of our orders at p with accepted <= t < ended)
//
// t is the venue's stamp; a fill takes effect at its own. A best quote that was ours alone is
// replaced by the next level of the book that has been filtered so far. Counts of orders at a level
// are lowered by ours.
//
// Assumes: a book event stamped t shows every change stamped t (Hyperliquid publishes a book behind
// each block), and words of our orders are heard within RecordedOrders::lookahead. Market events
// without a stamp of the venue count by when they were received.

#include <cstdint>
#include <vector>

#include "engine/event.hpp"
#include "engine/market.hpp"
#include "research/what_if/recorded_orders.hpp"

namespace mm::research {

class Footprint {
 public:
  explicit Footprint(RecordStream records) : orders_(std::move(records)) {}

  /// The event as it would have been without our orders: itself, or a copy that is valid until the
  /// next call. `market` stands as it is before the event and was fed through this filter.
  const Event& without_us(const Event& event, const Market& market);

  /// Price levels that were changed so far.
  std::int64_t levels_changed() const { return changed_; }

 private:
  struct Ours {
    Price price;
    Qty qty;
    std::uint32_t orders = 0;
  };

  void collect(Time at);
  std::vector<Ours>& of(Side side) { return side == Side::buy ? bids_ : asks_; }
  const Ours* find(Side side, Price price);
  /// Copies `levels` without us; deletions of a delta (quantity 0) are kept.
  void strip(Side side, std::span<const Level> levels, std::span<const std::uint32_t> counts,
             bool keep_empty, std::vector<Level>& out, std::vector<std::uint32_t>& out_counts);
  Level strip_best(Side side, const Level& level, std::int64_t& count, const Market& market);

  RecordedOrders orders_;
  std::vector<Ours> bids_;
  std::vector<Ours> asks_;
  std::vector<Level> out_bids_, out_asks_;
  std::vector<std::uint32_t> out_bid_counts_, out_ask_counts_;
  Event current_;
  std::int64_t changed_ = 0;
};

}  // namespace mm::research
