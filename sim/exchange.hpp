#pragma once

// The paper exchange: when our orders would have rested, filled, been refused.
//
// It stands on our receive clock: a market event received at r is what the exchange looks like at
// r. A message sent at s arrives at s + entry latency; arrivals before r meet the market as it was
// before the event at r. Answers are events, heard one response latency after what they tell of;
// their exchange_time is the moment it happened, on the same clock.
//
//   arrival    off-grid, too small, market closed, an id that rests already, or our own order on
//   the
//              other side: rejected.
//              post-only that reaches the opposite touch: rejected. Otherwise what is marketable
//              takes the displayed levels it reaches, each at its own price (`taker`); the rest of
//              a gtc rests, of an ioc expires; a fok that cannot fill whole expires untouched.
//   trade      its size is a budget. First orders of ours priced beyond it, nearest to the touch
//              first (`through`: who stood in front of them is gone), then those at its price, in
//              queue order, after what was ahead of each (`queue`). No lot is given out twice.
//   book       moves what is ahead of each order (queue.hpp). If the opposite side now shows levels
//              at or beyond an order's price, it fills at its own price from their displayed size
//              (`cross`).
//   cancel     takes the rest out.
//   replace    is a cancel and a place: the new order stands at the back of its queue and may be
//              refused after the old one is gone. Where the venue lets a reduced order keep its
//              place (settings.hpp: replace_queue), one of the same side and price that asks for no
//              more than is left does.
//   limit      above settings.venue_orders_per_minute places and replaces are refused, the latter
//              leaving the old order as it is; cancels are always taken.
//   funding    is paid on what we hold, at the venue's times (funding.hpp).
//   gap        while the book is invalid or crossed nothing fills and new orders are refused as
//              market_closed; cancels work. At the first valid book nobody can have joined in front
//              of us: ahead = min(ahead, displayed). Then the rules above go on.
//
// Two settings bound what can be known (settings.hpp, Bound). Pessimistic: an order accepted inside
// the spread, where no flow was ever recorded, fills only by what trades or moves through its
// price.
//
// Displayed size we have taken (taker, cross) stays taken until the level shows less.
//
// Assumes: nobody reacts to us; our orders change neither the recorded book nor its trades; trades
// we would have taken from others are simply ours; our orders never trade with each other (an order
// that reaches one of ours on the other side is refused); a venue that is slow or down is not
// modelled. Hidden and iceberg orders appear only as the trades they cause.
//
// One integer state for an order: ordered = filled + cancelled + remaining, asserted after every
// change, and the totals after every event.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/account/limits.hpp"
#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"
#include "engine/random.hpp"
#include "sim/fees.hpp"
#include "sim/fifo.hpp"
#include "sim/funding.hpp"
#include "sim/settings.hpp"

namespace mm::sim {

/// An order that rests at the exchange.
struct RestingOrder {
  ClientOrderId id;
  Side side = Side::buy;
  Price price;
  Qty ordered;
  Qty filled;
  Qty remaining;
  QueuePosition position;
  bool waits_for_through = false;  ///< trades at its price pass it by (Bound::pessimistic)
  bool operator==(const RestingOrder&) const = default;
};

/// Lots of all orders that ever arrived: ordered = filled + cancelled + resting.
struct Conservation {
  std::int64_t ordered = 0;
  std::int64_t filled = 0;
  std::int64_t cancelled = 0;
  std::int64_t resting = 0;
  bool holds() const { return ordered == filled + cancelled + resting; }
  bool operator==(const Conservation&) const = default;
};

/// A value: a copy goes on alone.
class Exchange {
 public:
  explicit Exchange(Settings settings)
      : settings_(std::move(settings)),
        entry_random_(settings_.seed),
        response_random_(settings_.seed ^ 0x9E3779B97F4A7C15) {}

  /// A decision taken at `now`; everything but place, cancel and replace is ignored.
  void send(Time now, const Output& decision);

  /// When the next message of ours arrives; Time::max() if none is under way.
  Time next_arrival() const { return inbound_.empty() ? Time::max() : inbound_.front().arrival; }
  /// Lets it arrive. Requires one; `market` is the quoted instrument as it is at that moment.
  void arrive(const InstrumentState& market);

  /// A market or feed event; `after` is the quoted instrument after it.
  void on_market(const Event& event, const InstrumentState& after);

  /// When we hear the next answer; Time::max() if none is under way.
  Time next_answer() const {
    return answers_.empty() ? Time::max() : answers_.front().header.recv_time;
  }
  /// Requires an answer.
  Event take_answer();

  /// Best price first, then in queue order.
  std::span<const RestingOrder> resting(Side side) const { return orders_of(side); }
  /// What the account has filled so far, signed.
  Qty position() const { return position_; }
  /// Market events of the quoted instrument stamped at or behind it matter for funding.
  Time funding_due() const { return funding_.due(); }
  /// Displayed size was used up and has not been shown smaller since: every book event matters.
  bool remembers_taken() const { return !taken_bids_.empty() || !taken_asks_.empty(); }
  const Conservation& totals() const { return totals_; }
  const Settings& settings() const { return settings_; }

 private:
  struct Message {
    Time arrival;
    std::variant<PlaceOrder, CancelOrder, ReplaceOrder> body;  // a fifth of an OutputBody
  };
  struct Taken {
    Price price;
    std::int64_t lots = 0;
  };
  using Orders = std::vector<RestingOrder>;

  const Orders& orders_of(Side side) const { return side == Side::buy ? bids_ : asks_; }
  Orders& orders_of(Side side) { return side == Side::buy ? bids_ : asks_; }
  std::vector<Taken>& taken_of(Side side) { return side == Side::buy ? taken_bids_ : taken_asks_; }

  void place(Time now, const PlaceOrder& order, const InstrumentState& market);
  void cancel(Time now, ClientOrderId id);
  bool over_limit(Time now);
  void refuse(Time now, const ReplaceOrder& order, RejectReason reason);
  bool keeps_place(const RestingOrder& old, const ReplaceOrder& order,
                   const Instrument& instrument) const;
  void replace(Time now, const ReplaceOrder& order, const InstrumentState& market);
  struct Refusal {
    RejectReason reason = RejectReason::unspecified;
    std::string_view detail;
  };
  std::optional<Refusal> refusal(const PlaceOrder& order, const InstrumentState& market) const;
  Qty take(Time now, const PlaceOrder& order, const InstrumentState& market);

  void on_trade(Time now, const Trade& trade, const InstrumentState& market);
  void on_book(Time now, const Event& event, const InstrumentState& after);
  void update_queues(Side side, const Event& event, const InstrumentState& after);
  void cross(Time now, Side side, const InstrumentState& after);
  void forget_taken(Side side, const InstrumentState& after);
  std::int64_t available(Side side, const Level& level);
  void mark_taken(Side side, Price price, std::int64_t lots);

  void fill(Time now, RestingOrder& order, Qty qty, FillCause cause, const Instrument& instrument);
  void drop_filled(Side side);
  void tell(Time now, RecordKind latency_of, const EventBody& body);
  template <class Body>
  void tell(Time now, const Body& body) {
    tell(now, Body::kind, EventBody{body});
  }
  void check() const;

  Settings settings_;
  SplitMix64 entry_random_;
  SplitMix64 response_random_;
  FeeModel fees_;
  FundingClock funding_;
  MessageRate arrivals_;
  Lane entry_lane_;
  Lane response_lane_;
  Fifo<Message> inbound_;
  Fifo<Event> answers_;
  Orders bids_;
  Orders asks_;
  std::vector<Taken> taken_bids_;  // displayed bid liquidity we have used, by price
  std::vector<Taken> taken_asks_;
  Conservation totals_;
  Qty position_;
  std::int64_t last_venue_id_ = 0;
  std::int64_t last_trade_id_ = 0;
  bool was_open_ = false;
};

}  // namespace mm::sim
