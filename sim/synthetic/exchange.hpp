#pragma once

// SyntheticExchange: our orders standing in the synthetic market's own matching.
//
// Two books. The flow decides by and acts on a book without us (the caller's), so its draws never
// depend on our orders. Each of its actions is then done in the real book, where ours stand too:
//
//   - a taker order is the same order; what is ours in front of it takes part, by price and time
//   - a maker's order that would meet ours trades with it at our price (we were there first); the
//     rest of it rests. Without us it would have rested whole
//   - afterwards no order of others may be larger in the real book than in the flow's: what a taker
//     order left standing because it met ours instead is withdrawn at once
//
// So, at any moment, others' orders are those of the flow's book less what we took from them (as
// takers, or as makers they ran into): the market is the same whatever we do, except for that, for
// the prices at which takers trade, and for the size of a print that runs into less than it would
// have. Nobody reacts to us. Two runs with one seed and different strategies see common random
// numbers, event by event.
//
// Acceptance follows sim/exchange.hpp: the same refusals, the same answers. Fills have the cause
// `venue`. A cancel of others' left-over size is no reaction but the lack of one: the flow's market
// had traded it away.
//
// Conservation is MatchingBook's, asserted after every change.

#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "sim/latency.hpp"
#include "sim/settings.hpp"
#include "sim/synthetic/flow.hpp"
#include "sim/synthetic/truth.hpp"

namespace mm::sim {

class SyntheticExchange {
 public:
  /// Latencies are those of a paper session: entry counts from our receive clock and so includes
  /// the feed's latency (what is drawn below that counts as that); answers take the feed's latency
  /// and `response`. Of the settings latency and seed count; a replace always goes to the back.
  SyntheticExchange(const Instrument& instrument, const Settings& settings, Duration feed);

  MatchingBook& book() { return book_; }
  const MatchingBook& book() const { return book_; }

  /// The flow did this to its own book, with these trades. What came of it here is appended to
  /// `reports`.
  void follow(std::span<const FlowAction> actions, std::span<const MatchReport> flow_reports,
              Time now, std::vector<MatchReport>& reports);

  /// A decision taken at `now` on our receive clock; all but place, cancel, replace is ignored.
  void send(Time now, const Output& decision);
  /// When the next message arrives, on the venue's clock; Time::max() if none is under way.
  Time next_arrival() const { return inbound_.empty() ? Time::max() : inbound_.front().arrival; }
  /// Lets it arrive. Requires one; appends trades to `reports`.
  void arrive(std::vector<MatchReport>& reports);
  /// We pay or get funding on what we hold.
  void settle_funding(Time now, std::int64_t price_e8, std::int64_t rate_e12);

  Time next_answer() const {
    return answers_.empty() ? Time::max() : answers_.front().header.recv_time;
  }
  Event take_answer();

  Qty position() const { return position_; }
  /// Calls sink with the place of each of ours that changed since the last call.
  void tell_places(Time now, const TruthSink& sink);

 private:
  struct Message {
    Time arrival;
    OutputBody body;
  };
  struct Own {
    ClientOrderId id;
    OrderRef ref;
    Side side = Side::buy;
    Price price;
    Qty left;
    Qty around;  // total at the price when its place was last told
    bool told = false;
  };

  void place(Time now, const PlaceOrder& order, std::vector<MatchReport>& reports);
  void cancel(Time now, ClientOrderId id);
  void replace(Time now, const ReplaceOrder& order, std::vector<MatchReport>& reports);
  std::optional<RejectReason> refusal(const PlaceOrder& order) const;
  bool meets_own(Side side, Price price) const;
  void fill(Time now, const MatchReport& report);
  void tell_fill(Time now, ClientOrderId id, Side side, const MatchReport& report, Qty remaining,
                 bool maker);
  void tell(Time now, const EventBody& body);
  Own* find(ClientOrderId id);
  void gone(Time now, const Own& own);
  OrderRef& real_of(OrderRef flow_order);

  Instrument instrument_;
  LatencyModel latency_;
  SplitMix64 entry_random_, response_random_;
  Duration feed_;
  Lane entry_lane_, response_lane_;
  MatchingBook book_;
  std::vector<std::pair<OrderRef, OrderRef>> real_;  // by index in the flow's book
  std::vector<Own> own_;                             // by id
  std::vector<TruthQueue> gone_;
  std::deque<Message> inbound_;
  std::deque<Event> answers_;
  Qty position_;
  std::int64_t last_venue_id_ = 0;
  std::int64_t last_trade_id_ = 0;
};

}  // namespace mm::sim
