#pragma once

// Many lanes over one Market, of which each event wakes those it can matter to.
//
// A lane is passed over where hearing of the event would change nothing that is ever seen of it:
//
//   its exchange   no order of the lane stands where the event changes what is displayed, trades,
//   or
//                  moves the touch. Every order's place was brought up to date when its level last
//                  changed (sim/exchange.hpp), so an event that leaves its level alone leaves the
//                  order alone. Lanes whose orders are beyond the displayed book, or that remember
//                  liquidity they have taken, hear of every book event.
//   its trader     the touch is still inside the lane's quiet box (engine/trader.hpp: quiet_box),
//   so
//                  a decision, due or not, sends nothing. The decision clock is told of the events
//                  passed over before it hears of anything else.
//
// A box is looked for behind every decision, whether it sent anything or not (while messages are
// under way there is often nothing to send), and behind the lane's own events, so that most of
// them need no decision at all.
//
// Events that are no market data, asset contexts, those at which funding is due, snapshots, and
// whatever opens or closes the book wake all lanes. Orders sent are answered by the lane's own
// events, which end its quiet box; a new one is found after the next decision that sends nothing.
//
// What the lanes decide, fill and earn is that of each lane driven alone by engine/drive.hpp, bit
// for bit (tests/research/lanes_test.cpp). All of it is on one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "research/what_if/lane.hpp"

namespace mm::research {

class Lanes {
 public:
  /// `stale` is how long the feed may be silent before traders mind (TraderSettings).
  Lanes(Duration decision_interval, Duration stale) : interval_(decision_interval), stale_(stale) {}

  void add(Lane lane);
  std::size_t size() const { return lanes_.size(); }
  Lane& operator[](std::size_t index) { return lanes_[index]; }
  const Lane& operator[](std::size_t index) const { return lanes_[index]; }
  std::span<const Lane> all() const { return lanes_; }
  /// When the last market event was; lanes may not know of it.
  Time heard() const { return heard_; }

  /// A lane was added or changed from outside (forked parameters): it is looked at again. `market`
  /// stands as its exchange knows it.
  void touched(std::size_t index, const Market& market);

  /// Own events of all lanes strictly before `limit`, `market` standing as it is before it. Indices
  /// of the lanes that filled are in filled() until the next call.
  void advance(Time limit, Market& market) {
    filled_.clear();
    if (next_due_ < limit) advance_due(limit, market);
  }
  std::span<const std::size_t> filled() const { return filled_; }

  /// Remembers the touch as it is before the next market event. `market` is about to apply it.
  void before(const Market& market) {
    const Touch& touch = market.quoted().touch();
    old_bid_ = touch.bid.qty > Qty{} ? touch.bid.price : Price{};
    old_ask_ = touch.ask.qty > Qty{} ? touch.ask.price : nowhere;
  }
  /// The event, `market` standing as it is after it.
  void after(const Event& event, const Market& market);

 private:
  static constexpr Price nowhere = Price::from_units(INT64_MAX);
  static constexpr std::size_t market_kinds = 6;  // of EventBody: market data come first
  static constexpr std::size_t bits = 4096;

  struct Watch {
    Time due;        // of the lane's own next event
    Price best_bid;  // its best resting orders; 0 and nowhere if there are none
    Price best_ask = nowhere;
    TouchBox box;            // contains nothing if the trader is asked at every decision
    bool every_book = true;  // its exchange hears of every book event
    bool several = false;    // more than one order on a side
    bool listed = false;     // among the restless
    std::uint64_t told = 0;  // number of the last event its exchange heard of
  };

  void advance_due(Time limit, Market& market);
  void tell_all(const Event& event, const Market& market);
  void tell_exchanges(const Event& event, const Market& market);
  void tell_delta(const Event& event, const BookDelta& delta, const Market& market);
  void tell_exchange(std::size_t index, const Event& event, const Market& market);
  void tell_traders(const Event& event, const Market& market, bool moved);
  void tell_trader(std::size_t index, const Event& event, const Market& market);
  void look_at_exchange(std::size_t index, const Market& market);
  void make_restless(std::size_t index);
  bool find_box(std::size_t index, const Market& market);
  void rebuild_bounds();
  bool stands_at(std::size_t index, Side side, Price price) const;
  void note_price(Side side, Price price);
  bool may_stand_at(Side side, Price price) const;

  Duration interval_;
  Duration stale_;
  std::vector<Lane> lanes_;
  std::vector<Watch> watch_;
  std::vector<std::size_t> filled_;
  std::vector<std::size_t> restless_;  // every lane without a box, and some that found one since
  std::vector<std::size_t> every_book_;
  bool every_book_stale_ = true;

  // Bounds over all lanes, never too narrow; made exact when they have been wrong too often.
  Time next_due_{Duration::min()};
  Price highest_bid_ = nowhere;
  Price lowest_ask_;
  TouchBox core_;                                      // inside every box there is
  std::array<std::uint64_t, bits / 64> bid_prices_{};  // of orders, by the last bits of the price
  std::array<std::uint64_t, bits / 64> ask_prices_{};
  std::size_t noted_ = 0;  // prices since those were made exact
  int since_rebuild_ = 0;

  std::uint64_t event_number_ = 0;
  Time heard_;
  Time tick_at_;
  Time funding_due_{Duration::min()};  // the same for every exchange
  bool open_ = false;
  bool follow_queues_ = false;  // traders that look at every event of the quoted instrument
  Price old_bid_;
  Price old_ask_ = nowhere;
  std::vector<std::pair<Side, Price>> hits_;
};

}  // namespace mm::research
