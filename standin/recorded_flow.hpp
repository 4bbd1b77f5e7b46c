#pragma once

// RecordedFlow: a recorded market as orders in a MatchingBook.
//
// What was recorded of a level is anonymous liquidity of account 0. Our orders stand among it by
// price and time, so the venue's matching is the same as in a synthetic market:
//
//   book      anonymous orders follow the recorded totals. A level that grows gets an order at the
//             back of its queue; one that shrinks loses its newest anonymous quantity first, so our
//             place moves up only when less than what was ahead of us is left. Where a recorded
//             level reaches one of our resting orders, they trade at our price.
//   trade     an ioc of the recorded size, side and limit. A trade at P says that nothing better
//             than P was left on the taken side: anonymous orders priced beyond P go first. Of a
//             trade that is not newer than the book it meets, the anonymous part is in the book
//             already: it fills only those of our orders that nobody stands in front of.
//   taken     what our orders took out of recorded liquidity stays taken until the level shows
//   less.
//
// Assumes: nobody reacts to us; who left a level left from its back.

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "sim/matching.hpp"

namespace mm::standin {

class RecordedFlow {
 public:
  explicit RecordedFlow(sim::MatchingBook& book) : book_(book) {}

  /// Each appends what happened to our orders, and among anonymous ones, to `reports`.
  /// `time` is the venue's stamp of the recorded event.
  void on_snapshot(Time time, const BookSnapshot& snapshot, std::vector<sim::MatchReport>& reports);
  void on_delta(Time time, const BookDelta& delta, std::vector<sim::MatchReport>& reports);
  void on_quote(Time time, const BestQuote& quote, std::vector<sim::MatchReport>& reports);
  void on_trade(Time time, const Trade& trade, std::vector<sim::MatchReport>& reports);

  /// To be told of every report of an order that one of ours sent.
  void on_own_reports(std::span<const sim::MatchReport> reports);

  /// Whether a book was seen at all.
  bool started() const { return started_; }

 private:
  struct Shown {
    std::int64_t recorded = 0;  ///< lots
    std::int64_t taken = 0;     ///< of them, by our orders
    std::uint32_t orders = 1;   ///< as recorded
  };
  using Levels = std::map<Price, Shown>;
  struct Change {
    Side side;
    Price price;
    std::int64_t lots;
    std::uint32_t orders;
  };

  Levels& levels_of(Side side) { return side == Side::buy ? bids_ : asks_; }
  void apply(std::span<const Change> changes, std::vector<sim::MatchReport>& reports);
  void record(const Change& change);
  std::int64_t resting_at(Side side, Price price);
  void shrink(Side side, Price price);
  void grow(Side side, Price price, std::vector<sim::MatchReport>& reports);
  void note_taken(std::span<const sim::MatchReport> reports);
  Qty ours_in_front(Side side, Price price);
  void list_better(Side side, Price than, std::vector<Change>& out);

  sim::MatchingBook& book_;
  Levels bids_;
  Levels asks_;
  Time book_time_;
  bool started_ = false;
  std::vector<Change> changes_;
  std::vector<sim::BookOrder> queue_;
  std::vector<sim::DepthLevel> depth_;
};

}  // namespace mm::standin
