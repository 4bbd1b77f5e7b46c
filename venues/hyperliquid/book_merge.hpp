#pragma once

// BookMerge: one book out of the two cadences in which Hyperliquid sends it.
//
//   default   20 levels a side, every 5 s or so
//   fast       5 levels a side, every 0.5 s or so
//
// The frame that is newer by the venue's time speaks for the prices it covers: on each side, from
// the touch to its outermost level, or the whole side where it holds less than it could. Beyond
// them stand the levels of the latest default frame. So the near book is as fresh as the fast
// frames, the far one as old as the last default frame. A fast frame older than the last default
// one says nothing and is passed over; a default frame older than the last fast one brings new far
// levels under that one's near levels and time.
//
// Where only one cadence is there, its frames pass unchanged. `bbo`, newer still, is put on top by
// engine/market.hpp, by time as well.

#include <optional>
#include <vector>

#include "engine/event.hpp"
#include "venues/event_batch.hpp"

namespace mm::venues::hyperliquid {

class BookMerge {
 public:
  /// Levels a side of a fast frame; a side with less is whole.
  static constexpr std::size_t fast_levels = 5;

  struct Merged {
    Time time;
    BookSnapshot book;  ///< borrows from the frame or the arena
  };

  /// The book after this frame; empty if the frame has been overtaken.
  std::optional<Merged> take(bool fast, Time time, const BookSnapshot& book, Arena& arena);
  /// Forgets both: the connection was lost.
  void clear();

 private:
  struct Side {
    std::vector<Level> levels;
    std::vector<std::uint32_t> orders;  // as many as levels, or none
    void keep(std::span<const Level> from, std::span<const std::uint32_t> counts);
  };
  struct Frame {
    bool known = false;
    Time time;
    Side bids;
    Side asks;
    void keep(Time at, const BookSnapshot& book);
  };

  Merged join(Arena& arena) const;

  Frame near_;  // the last fast frame
  Frame far_;   // the last default frame
};

}  // namespace mm::venues::hyperliquid
