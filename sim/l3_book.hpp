#pragma once

// L3Book: everybody's orders, rebuilt from an order-by-order feed, and the places of ours in it.
//
// The feed names every order: added, made smaller, gone, executed. Orders of one price stand in the
// order of their ids, which venues give as orders arrive: a feed that shows a window of prices
// tells of old orders late, in their old place. A new price or a larger size is a new arrival. Ours
// stand in the same queues without anybody knowing: they take nothing from the others' book.
//
// Ours fill by what happened to the others:
//   executed    an order that stood behind one of ours (at its price and later, or at a worse
//               price) was executed: those lots would have met ours first; never more of them
//   traded      against an order the feed does not show: what is left of it after all that is
//               displayed ahead of ours at its price, or all of it if its price is beyond ours.
//               Displayed orders come before hidden ones of their price
//   crossed     an order was added at or through our price on the other side: it meets ours
// Lots are given to our orders best price first, then in queue order; no lot twice.
//
// Assumes: price-time priority; nobody reacts to us. A cancel ahead of us moves us up, one behind
// us does not: that is known here and guessed from level-2 data (queue.hpp).
//
// An id that is added while it is there, or told of when it is not, changes nothing but a count:
// feeds begin in the middle of the day and lose messages.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm::sim {

/// Lots that one of our orders got.
struct L3Fill {
  ClientOrderId order;
  Price price;  ///< ours
  Qty qty;
  Qty remaining;
  FillCause cause = FillCause::queue;  ///< queue, through or cross
};

class L3Book {
 public:
  // The feed. `fills` takes what ours got, behind what it holds.
  void add(std::uint64_t id, Side side, Price price, Qty qty, std::vector<L3Fill>& fills);
  /// `by` lots of it were cancelled; it keeps its place.
  void reduce(std::uint64_t id, Qty by);
  void remove(std::uint64_t id);
  void execute(std::uint64_t id, Qty qty, std::vector<L3Fill>& fills);
  /// A trade whose maker, on `side`, is not shown.
  void trade(Side side, Price price, Qty qty, std::vector<L3Fill>& fills);

  /// Ours, at the back of its price: behind everything the feed has told of. Requires a quantity
  /// above 0 and an id that is not here; it rests whatever the other side shows.
  void place(ClientOrderId id, Side side, Price price, Qty qty) {
    place(id, side, price, qty, newest_);
  }
  /// The same in a place that is known: behind the order of the others with id `behind`, whether it
  /// is there or not, and before any newer one.
  void place(ClientOrderId id, Side side, Price price, Qty qty, std::uint64_t behind);
  /// What was left of it; empty if it is not here.
  std::optional<Qty> cancel(ClientOrderId id);
  /// Lots of others in front of ours at its price; empty if it is not here.
  std::optional<Qty> ahead(ClientOrderId id) const;

  /// Best level of the others; empty if a side is.
  std::optional<Level> best(Side side) const;
  /// The first `most` levels, best first, replacing `out`.
  void depth(Side side, std::size_t most, std::vector<Level>& out) const;
  /// Lots of the others at a price.
  Qty shown_at(Side side, Price price) const;
  /// Size of an order of the others; empty if it is not here.
  std::optional<Qty> size_of(std::uint64_t id) const;
  std::size_t order_count() const { return orders_.size(); }
  /// Messages about orders that are not here, or are here already.
  std::uint64_t strange() const { return strange_; }

 private:
  struct Order {
    Side side = Side::buy;
    Price price;
    Qty left;
  };
  struct Queue {
    Qty total;
    std::map<std::uint64_t, Qty> left;  // by id
  };
  struct Own {
    ClientOrderId id;
    Price price;
    Qty left;
    std::uint64_t behind = 0;  // the last id that stands before it; ours: in order of placing
  };
  using Levels = std::map<std::int64_t, Queue>;  // by price units
  using Orders = std::map<std::uint64_t, Order>;

  Levels& side_of(Side side) { return side == Side::buy ? bids_ : asks_; }
  const Levels& side_of(Side side) const { return side == Side::buy ? bids_ : asks_; }
  std::vector<Own>& own(Side side) { return side == Side::buy ? own_bids_ : own_asks_; }
  const std::vector<Own>& own(Side side) const { return side == Side::buy ? own_bids_ : own_asks_; }
  Orders::iterator find(std::uint64_t id);
  void take_off(Orders::iterator order, Qty qty);
  Qty ahead(const Own& own, Side side) const;
  /// Gives up to `qty` lots to ours that stand before (price, id) on their side.
  void fill_before(Side side, Price price, std::uint64_t id, Qty qty, bool crossed,
                   std::vector<L3Fill>& fills);
  static void give(Own& own, Qty qty, FillCause cause, std::vector<L3Fill>& fills);

  Orders orders_;
  Levels bids_;
  Levels asks_;
  std::vector<Own> own_bids_;  // best first, then in queue order
  std::vector<Own> own_asks_;
  std::uint64_t newest_ = 0;  // largest id so far
  std::uint64_t strange_ = 0;
};

}  // namespace mm::sim
