#pragma once

// OwnDisplayed: which part of the displayed book is ours, and the touch without it.
//
// For sessions with real orders, whose book contains them. A strategy that takes its reference from
// the touch would else follow its own quotes, and a counterfactual, which decides on the book
// without them (research/what_if/footprint.hpp), would answer another question.
//
// A level shows everything up to the venue's stamp t of the book or best quote it stands in, so an
// order of ours is in it from its acceptance on until its end, less its fills stamped t or before:
//
//   others(p) = displayed(p) - sum of our orders at p with accepted <= t < ended
//
// Words of our orders may be heard later than the book that shows the same moment. What is under
// way (sent and not acknowledged, being cancelled or replaced) and what the venue told without a
// stamp may be in the level or not, so others(p) is only known to lie between displayed(p) less all
// that may be ours and displayed(p) less what surely is; then it is the value there that is nearest
// to what others had at p before, or none if all that may be ours is exactly what is displayed. A
// level smaller than what is surely ours shows that we filled: it is then anything up to all of it
// that may be theirs. In short: what changes at our price by no more than our size while a message
// of ours is under way was us.
//
// An order that ended stays known until the book is newer than its end.
//
// Assumes: a book stamped t shows every change stamped t; a stamp that is missing is replaced by
// when we heard, which is later; stamps of one feed do not decrease.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/book/orders.hpp"
#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/types.hpp"

namespace mm {

class OwnDisplayed {
 public:
  /// A price at which an order of ours may stand in the displayed book.
  struct At {
    Side side = Side::buy;
    Price price;
    Qty ours;    ///< of the displayed quantity
    Qty others;  ///< the rest of it
    bool operator==(const At&) const = default;
  };

  /// One event, `orders` and `instrument` (the quoted one) as they stand after it. Whether a price
  /// of the others' touch moved, or a side of it appeared or vanished.
  bool apply(const Event& event, const Orders& orders, const InstrumentState& instrument);
  /// Takes up what was sent since the last call: it is in no book yet. To be called before the next
  /// event, whenever something may have been sent.
  void sent(const Orders& orders, const InstrumentState& instrument);

  /// Best bid and ask of others; a side on which only we stand has price 0 and quantity 0.
  const Touch& others() const { return others_; }
  /// Where we stand: each price once, in the order in which orders were sent to it.
  std::span<const At> levels() const { return levels_; }

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);
  bool operator==(const OwnDisplayed&) const = default;

 private:
  /// A moment of which bounds are known.
  struct Moment {
    Time earliest;
    Time latest;
    bool operator==(const Moment&) const = default;
  };
  struct Cut {
    Time at;
    Qty qty;
    bool operator==(const Cut&) const = default;
  };
  struct Life {
    ClientOrderId id;
    Side side = Side::buy;
    Price price;
    Qty qty;  // less the fills that the book is newer than
    Moment appears{Time::min(), Time::max()};
    Moment goes{Time::max(), Time::max()};
    std::vector<Cut> fills;  // the others
    bool ended = false;
    bool operator==(const Life&) const = default;

    Qty left_at(Time at) const;
  };
  struct Bounds {
    Qty least;
    Qty most;
  };

  Life* find(ClientOrderId id);
  bool note(const Event& event);
  void follow(const Orders& orders);
  void forget();
  void settle(const InstrumentState& instrument);
  Bounds ours_at(Side side, Price price, Time at) const;
  Qty others_at(Side side, Price price, const InstrumentState& instrument, Qty before) const;
  Level best_of_others(Side side, const InstrumentState& instrument) const;

  std::vector<Life> lives_;  // by id
  std::vector<At> levels_;
  ClientOrderId newest_;  // sent so far
  Time book_at_{Time::min()};
  Time quote_at_{Time::min()};
  Touch others_;
};

}  // namespace mm
