#pragma once

// UserCodec: frames of Hyperliquid's user channels to events about our orders.
//
// An order's `cloid` (cloid.hpp) tells whose it is: another tag is another session, and an
// `anomaly`. What a frame does not tell, the quantity that is left after a fill, is kept here:
// `expect` must name every order before it is sent. The venue does not order its channels against
// each other, so fills may come before the order's `open`; each order and fill is therefore told
// once:
//
//   orderUpdates   open -> OrderAck; canceled -> OrderDone cancelled; ...Canceled, scheduledCancel,
//                  internalCancel -> OrderDone venue_cancelled; ...Rejected -> OrderReject; filled
//                  and triggered say nothing that fills do not say better
//   userFills, user.fills
//                  Fill, once per (time, tid), also out of a snapshot on subscribe: a fill of ours
//                  that we have not seen is news
//   user.funding, userFundings
//                  FundingPayment, once per time; a snapshot is history
//   user.nonUserCancel
//                  OrderDone venue_cancelled, if the order is known by its oid and not done
//   user.liquidation, fees in another token than the settlement currency, orders nobody expected,
//   malformed frames
//                  FeedStatus anomaly
//
// An order's done comes before the fills that the venue reported on the other channel at the same
// time, at times; Fill events are therefore still emitted for done orders.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.hpp"
#include "venues/event_batch.hpp"
#include "venues/feed_decoder.hpp"
#include "venues/hyperliquid/cloid.hpp"
#include "venues/hyperliquid/exchange_reply.hpp"

namespace mm::venues::hyperliquid {

class UserCodec {
 public:
  UserCodec(const Instrument& instrument, InstrumentId id, std::uint64_t session_tag);

  /// An order is about to be sent, with these numbers.
  void expect(ClientOrderId order, Qty size, Price price);

  /// False if the frame is not of a user channel (then nothing was done). Events of other coins are
  /// left out. Never throws.
  bool on_frame(Time recv, std::string_view frame, EventBatch& out);

  // The same told by requests of ours. An order's acknowledgement, reject and end, and each fill,
  // are emitted once, whether a stream or an answer tells them first.

  /// The venue's answer to the placing of an order: OrderAck where it rests or traded at once,
  /// OrderReject where it was refused, or OrderDone expired for an Ioc that found nothing. What an
  /// Ioc leaves untraded is not in the answer.
  void on_placement(Time recv, ClientOrderId order, const ItemStatus& status, EventBatch& out);
  /// Answer to `userFills` or `userFillsByTime`: fills not seen before, by (time, tid).
  void on_fills_reply(Time recv, std::string_view body, EventBatch& out);
  /// Answer to `orderStatus`, as an orderUpdates element would be told; nothing for unknownOid.
  void on_order_status(Time recv, std::string_view body, EventBatch& out);

  /// Time of the latest fill seen, 0 if there was none: where to ask on from, with a minute's
  /// overlap.
  std::int64_t last_fill_ms() const { return seen_fills_.empty() ? 0 : seen_fills_.back().first; }

  const FeedCounters& counters() const { return counters_; }

 private:
  struct Order {
    ClientOrderId id;
    Qty size;
    Price price;
    Qty remaining;  ///< size less what fills took
    std::int64_t venue_order_id = 0;
    bool acknowledged = false;
    bool done = false;
  };
  struct Reader;  // one frame; knows JSON

  Order* find(ClientOrderId order);
  /// True the first time.
  bool first_time(std::vector<std::pair<std::int64_t, std::int64_t>>& seen, std::int64_t time,
                  std::int64_t id);

  Instrument instrument_;
  InstrumentId id_;
  std::uint64_t session_tag_;
  FeedCounters counters_;
  std::vector<Order> orders_;                                         // sorted by id
  std::vector<std::pair<std::int64_t, std::int64_t>> seen_fills_;     // (time, tid), sorted
  std::vector<std::pair<std::int64_t, std::int64_t>> seen_fundings_;  // (time, 0), sorted
};

}  // namespace mm::venues::hyperliquid
