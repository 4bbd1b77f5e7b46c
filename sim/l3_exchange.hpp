#pragma once

// An exchange for our orders in an order-by-order recording: queue=l3_fifo.
//
// What exchange.hpp estimates is known here: our orders stand in the queues of the recorded ones
// (l3_book.hpp) and fill by what happened to those. Everything else is as there: messages travel
// (latency.hpp), off-grid orders, post-only ones that reach the other side, ids that rest already
// and orders that would meet ours are refused; what is marketable takes the displayed levels, each
// at its own price and no lot twice until the level shows less; ioc, fok and gtc as usual; a
// replace is a cancel and a new order at the back. Of equal times the feed comes before our
// messages.
//
// Answers are the same events. Fees are those of the instrument's definition.

#include <deque>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "engine/random.hpp"
#include "sim/exchange.hpp"
#include "sim/fees.hpp"
#include "sim/l3_book.hpp"
#include "sim/settings.hpp"

namespace mm::sim {

class L3Exchange {
 public:
  L3Exchange(Settings settings, Instrument instrument);

  /// A decision taken at `now`; everything but place, cancel and replace is ignored.
  void send(Time now, const OutputBody& decision);
  Time next_arrival() const { return inbound_.empty() ? Time::max() : inbound_.front().arrival; }
  /// Requires a message under way.
  void arrive();

  // The feed, at its own time.
  void add(Time now, std::uint64_t id, Side side, Price price, Qty qty);
  void reduce(std::uint64_t id, Qty by);
  void remove(std::uint64_t id);
  void execute(Time now, std::uint64_t id, Qty qty);
  void trade(Time now, Side maker, Price price, Qty qty);

  Time next_answer() const {
    return answers_.empty() ? Time::max() : answers_.front().header.recv_time;
  }
  /// Requires an answer.
  Event take_answer();

  const L3Book& book() const { return book_; }
  const Conservation& totals() const { return totals_; }
  Qty position() const { return position_; }

 private:
  struct Message {
    Time arrival;
    OutputBody body;
  };
  struct Resting {
    ClientOrderId id;
    Side side = Side::buy;
    Price price;
    Qty left;
  };
  struct Taken {
    Side side = Side::buy;
    Price price;
    std::int64_t lots = 0;
  };

  void place(Time now, const PlaceOrder& order);
  void cancel(Time now, ClientOrderId id, DoneReason reason);
  RejectReason refusal(const PlaceOrder& order) const;
  Qty take(Time now, const PlaceOrder& order);
  std::int64_t available(Side side, const Level& level) const;
  void forget_taken();
  void hand_out(Time now);
  const Resting* find(ClientOrderId id) const;
  template <class Body>
  void tell(Time now, const Body& body);
  void check() const;

  Settings settings_;
  Instrument instrument_;
  FeeModel fees_;
  SplitMix64 entry_random_;
  SplitMix64 response_random_;
  Lane entry_lane_;
  Lane response_lane_;
  L3Book book_;
  std::deque<Message> inbound_;
  std::deque<Event> answers_;
  std::vector<Resting> resting_;  // in order of arrival
  std::vector<Taken> taken_;
  std::vector<L3Fill> fills_;
  std::vector<Level> levels_;
  Conservation totals_;
  Qty position_;
  std::int64_t last_venue_id_ = 0;
  std::int64_t last_trade_id_ = 0;
};

}  // namespace mm::sim
