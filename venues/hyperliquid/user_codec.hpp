#pragma once

// UserCodec: frames of Hyperliquid's user channels to events about our orders.
//
// An order's `cloid` (cloid.hpp) tells whose it is. What a word means for an order whose other
// words come on other channels, in no order, is OrderSession's business (order_session.hpp): here
// each element becomes the event it names.
//
//   orderUpdates   open -> OrderAck; canceled -> OrderDone cancelled; ...Canceled, scheduledCancel,
//                  internalCancel -> OrderDone venue_cancelled; ...Rejected -> OrderReject; filled
//                  and triggered say nothing that fills do not say better. `remaining` is the
//                  venue's `sz`
//   userFills, user.fills
//                  Fill, once per (time, tid), also out of a snapshot on subscribe: a fill of ours
//                  that we have not seen is news. Its `remaining` is 0: the frame does not tell
//   user.funding, userFundings
//                  FundingPayment, once per time; a snapshot is history
//   user.nonUserCancel
//                  nothing: orderUpdates says the same with a reason and what was left
//   user.liquidation, fees in another token than the settlement currency, orders of somebody else,
//   malformed frames
//                  FeedStatus anomaly
//
// Orders of an earlier session of this program, and what happened before `since`, are passed over.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "venues/event_batch.hpp"
#include "venues/feed_decoder.hpp"
#include "venues/hyperliquid/cloid.hpp"

namespace mm::venues::hyperliquid {

class UserCodec {
 public:
  /// `since`: when the session began, by the venue's clock; a little early does no harm.
  UserCodec(const Instrument& instrument, InstrumentId id, std::uint64_t session_tag, Time since);

  /// False if the frame is not of a user channel (then nothing was done). Events of other coins are
  /// left out. Never throws.
  bool on_frame(Time recv, std::string_view frame, EventBatch& out);
  /// Answer to `userFills` or `userFillsByTime`: fills not seen before, oldest first. False, and an
  /// anomaly, if it is no list.
  bool on_fills_reply(Time recv, std::string_view body, EventBatch& out);

  /// Time of the latest fill seen, 0 if there was none: where to ask on from, with a minute's
  /// overlap.
  std::int64_t last_fill_ms() const { return seen_fills_.empty() ? 0 : seen_fills_.back().first; }
  const FeedCounters& counters() const { return counters_; }

 private:
  using Seen = std::vector<std::pair<std::int64_t, std::int64_t>>;  // (time, id), sorted
  struct Reader;                                                    // one frame; knows JSON

  /// True the first time.
  static bool first_time(Seen& seen, std::int64_t time, std::int64_t id);

  Instrument instrument_;
  InstrumentId id_;
  std::uint64_t session_tag_;
  std::int64_t since_ms_;
  FeedCounters counters_;
  Seen seen_fills_;
  Seen seen_fundings_;
};

}  // namespace mm::venues::hyperliquid
