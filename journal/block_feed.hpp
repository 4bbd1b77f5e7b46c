#pragma once

// The blocks of a session for a cursor over its records: found, checked, decompressed and decoded,
// by the cursor's thread or ahead of it by one of the feed's own.

#include <cstdint>
#include <memory>

#include "journal/ahead.hpp"
#include "journal/block_content.hpp"
#include "journal/block_walk.hpp"
#include "journal/reader.hpp"

namespace mm::journal::detail {

struct Bounds {
  SeqWindow seq;
  TimeWindow time;

  bool behind(Seq at, Time time_at) const { return at >= seq.to || time_at >= time.to; }
  /// Whether a block of records may have one inside.
  bool touch(const BlockHeader& header) const {
    return header.end_seq() > seq.from && header.last_time >= time.from &&
           !behind(header.first_seq, header.first_time);
  }
  /// Whether all of its records are, whatever their times.
  bool hold(const BlockHeader& header) const {
    constexpr TimeWindow always;
    return header.first_seq >= seq.from && header.end_seq() <= seq.to && time.from == always.from &&
           time.to == always.to && header.last_time < time.to;
  }
};

/// Where a walk over the blocks stands, and what is there.
struct BlockStep {
  BlockWalk::Step step = BlockWalk::Step::end;
  BlockHeader header;             ///< of a block
  Damage damage;                  ///< as of BlockWalk
  std::uint64_t offset = 0;       ///< of the block or the damage
  std::uint64_t bytes_done = 0;   ///< of the walk up to here
  std::size_t segment_index = 0;  ///< into Catalog::segments
  BlockContent content;           ///< of a block of records within the bounds

  void take(const BlockWalk& walk, BlockWalk::Step at, const Bounds& bounds);
};

class BlockFeed {
 public:
  BlockFeed(std::shared_ptr<const Catalog> catalog, const SessionFiles& session, ReadAhead ahead);

  /// Goes on at `place`; blocks outside `bounds` need not be readable.
  void start_at(std::size_t segment_in_session, std::uint64_t offset, const Bounds& bounds);

  /// The next step; the one before is gone. At the end it stays there.
  BlockStep& next();
  /// Where next() left it.
  BlockStep& current() { return *current_; }
  std::uint64_t bytes_done() const { return current_->bytes_done; }

 private:
  bool fill(BlockStep& step, std::size_t waiting);

  BlockWalk walk_;
  Bounds bounds_;
  BlockStep own_;  ///< where the walk begins, and every step of a feed without a thread
  BlockStep* current_ = &own_;
  std::unique_ptr<Ahead<BlockStep>> ahead_;
};

}  // namespace mm::journal::detail
