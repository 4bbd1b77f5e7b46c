#pragma once

// The recorded life of each order of ours: accepted, filled, gone, as far as the journal knows.
//
// Who needs to know at a market event whether an order of ours stood in the book then cannot wait
// for our own words of it, which are heard later. So our part of the recording is read by a second
// stream that runs `lookahead` in front of the market; what is heard later than that is known only
// from then on. Memory holds the orders of that stretch, not those of the session.
//
// Each moment carries two stamps: the venue's and when we heard. Which of them compares with the
// market depends on who executed (OrderClock): a paper exchange stamps on our receive clock, a
// venue on its own, as it does its market events. A missing stamp is replaced by when we heard.

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "engine/types.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research {

struct LifeFill {
  Time at;     ///< the venue's stamp
  Time heard;  ///< when we heard
  Qty qty;
};

struct OrderLife {
  ClientOrderId order;
  Side side = Side::buy;
  Price price;
  Qty qty;  ///< what rested or matched from acceptance on
  TimeInForce time_in_force = TimeInForce::post_only;
  Time sent;
  Time accepted;
  Time accepted_heard;
  std::optional<Time> ended;  ///< empty while it may still fill
  bool replaced = false;      ///< a replace took its place
  bool cancelled = false;     ///< ended otherwise than by its last fill
  ClientOrderId replaces;     ///< it was sent to take that order's place; 0 = none
  std::vector<LifeFill> fills;

  bool filled() const { return !fills.empty(); }
  /// What stood in the book just after everything stamped `at` or before; 0 outside its life.
  Qty resting_at(Time at) const;
};

/// A life begins or ends; `life` as it is known by then.
struct OrderChange {
  enum class Kind { accepted, ended };
  Kind kind = Kind::accepted;
  OrderLife life;
};

class RecordedOrders {
 public:
  static constexpr Duration lookahead = std::chrono::seconds{10};
  /// How long behind the market an ended order is still known.
  static constexpr Duration kept = std::chrono::seconds{10};

  explicit RecordedOrders(RecordStream records) : records_(std::move(records)) {}

  /// The market has come to `now` on our receive clock: reads on to `lookahead` behind it.
  void reach(Time now) {
    if (now < next_reach_) return;
    read_on(now);
  }

  /// Accepted orders in order of their acceptance as heard, the ended ones until `kept` has passed.
  const std::deque<OrderLife>& lives() const { return lives_; }
  /// What began and ended in the stretch read since the last call, in the order we heard of it.
  /// Kept only from the first call on.
  std::vector<OrderChange> take_changes() {
    keep_changes_ = true;
    return std::exchange(changes_, {});
  }

 private:
  struct Sent {
    ClientOrderId order;
    Side side = Side::buy;
    Qty qty;
    TimeInForce time_in_force = TimeInForce::post_only;
    Time at;
    ClientOrderId replaces;
  };

  void read_on(Time now);
  void note(const RecordView& record);
  void note_sent(const Output& output);
  void note_heard(const Event& event);
  OrderLife* find(ClientOrderId order);
  void end(OrderLife& life, Time at, DoneReason reason);

  RecordStream records_;
  std::vector<Sent> sent_;  // not answered yet, oldest first
  std::deque<OrderLife> lives_;
  std::vector<OrderChange> changes_;
  bool keep_changes_ = false;
  Time next_reach_{Duration::min()};
  Time read_to_{Duration::min()};
  bool at_end_ = false;
};

}  // namespace mm::research
