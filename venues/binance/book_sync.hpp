#pragma once

// BookSync: decides which depth updates make a book, and says when one is missing.
//
// Binance sends differences; a book starts from a REST snapshot with id L. Ids of an update are U
// (first), u (last) and, on futures, pu (the u before it).
//
//                     spot                        USD-M, COIN-M
//   dropped as old    u <= L                      u < L
//   first applied     U <= L + 1 <= u             U <= L <= u, or pu == L
//   every next one    U == u' + 1                 pu == u'            (u' = the last applied u)
//   already applied   u <= u'                     u <= u'             (ignored and counted)
//
// Until a snapshot fits, updates are buffered (the newest `most_buffered`; older ones are dropped
// and counted). The first update after the snapshot that does not fit leaves a gap: `gap` with the
// expected and the found id is emitted, the book is invalid and updates are buffered again until
// the next snapshot, after which `resynchronised` is emitted behind the snapshot. The first
// synchronisation of all is not announced: the snapshot is the announcement.
//
// A snapshot that is older than every buffered update cannot be used: it is refused with an
// `anomaly` and another one is needed. While the book is valid, a snapshot older than the book is
// ignored; a newer one replaces the book, and updates go on from its id.
//
// Everything is emitted with the header of the frame that released it, except that updates keep
// their own exchange time.

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/event.hpp"
#include "venues/event_batch.hpp"
#include "venues/feed_decoder.hpp"

namespace mm::venues::binance {

enum class IdRule { spot, futures };

class BookSync {
 public:
  static constexpr std::size_t most_buffered = 4096;

  /// `counters` is where drops, duplicates and gaps are counted; it must outlive this.
  BookSync(IdRule rule, FeedCounters& counters) : rule_(rule), counters_(counters) {}

  void on_delta(const EventHeader& header, const BookDelta& delta, EventBatch& out);
  void on_snapshot(const EventHeader& header, const BookSnapshot& snapshot, EventBatch& out);
  /// The connection was lost: the book is invalid and nothing buffered can be used.
  void on_lost();
  /// No more frames: the buffered updates will never be used.
  void on_end();

  bool needs_snapshot() const { return state_ == State::buffering; }
  std::size_t buffered() const { return buffer_.size(); }

 private:
  enum class State {
    buffering,  ///< no snapshot that fits yet
    anchored,   ///< a snapshot stands, its first update is awaited
    following,
  };
  struct Buffered {
    Time exchange_time;
    BookDelta delta;  ///< its spans are not valid: levels are below
    std::vector<Level> bids;
    std::vector<Level> asks;
  };

  bool is_old(const BookDelta& delta) const;
  bool continues(const BookDelta& delta) const;
  void keep(const EventHeader& header, const BookDelta& delta);
  /// Applies in state anchored or following. False if the update does not fit: the gap has been
  /// emitted and the state is buffering.
  bool apply(const EventHeader& header, const BookDelta& delta, EventBatch& out);

  IdRule rule_;
  FeedCounters& counters_;
  State state_ = State::buffering;
  std::int64_t last_id_ = 0;  ///< L when anchored, u' when following
  bool announce_ = false;     ///< the next synchronisation follows a gap or a loss
  std::deque<Buffered> buffer_;
};

}  // namespace mm::venues::binance
