#pragma once

// OrderSession: what the core wants of its orders, what the venue says of them, and the one story
// the core is told. Pure: no sockets, no clock; requests go out and words come in as values.
//
// The venue answers on several channels in no order: the reply to a request, orderUpdates, fills,
// and whatever is asked over REST. The core is told, per order and in this order: OrderAck at most
// once, its Fills, then at most one end (OrderReject, or OrderDone, or the fill that completes it).
//
//   ends wait for fills    a cancel tells what was left; until fills add up to the rest, OrderDone
//                          is held. After `patience` the fills are asked for (wants_fills), and
//                          what they say then counts.
//   silence is not an answer
//                          a request whose reply is lost, late or unreadable has an unknown
//                          outcome: each of its orders is asked for by its cloid (lookups) until
//                          the venue knows it, or cannot know it any more, because the request has
//                          expired. Nothing is ever sent a second time.
//   a refused cancel       tells nothing about the order: it is looked up; CancelReject is told
//                          only if it still stands.
//   replace                is a modify where the new order is post-only (placed only if the old one
//                          could be cancelled), else a cancel and a place. A modify the venue
//                          refuses rejects the new order; the old one is looked up.
//   strangers              an order of this session that stands and should not, or one an earlier
//                          session of this program left, is cancelled and told as an anomaly;
//                          somebody else's order is told once and left alone.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "venues/event_queue.hpp"
#include "venues/hyperliquid/actions.hpp"
#include "venues/hyperliquid/exchange_reply.hpp"
#include "venues/hyperliquid/info.hpp"

namespace mm::venues::hyperliquid {

struct OrderSessionSettings {
  AssetIndex asset = 0;
  std::uint64_t session_tag = 0;
  Duration reply_patience = std::chrono::seconds{3};   ///< for the reply to a request
  Duration patience = std::chrono::seconds{2};         ///< for words that must follow others
  Duration lookup_interval = std::chrono::seconds{1};  ///< between two questions for one order
  Duration order_lifetime = std::chrono::seconds{5};   ///< after which a request has expired
  Duration expiry_margin = std::chrono::seconds{2};    ///< for the venue's clock and our question
};

/// A signed request to be sent, once.
struct ActionRequest {
  std::uint64_t id = 0;  ///< for on_reply(); counts from 1
  Action action;
  std::optional<Time> expires;  ///< placing requests: the venue refuses it from then on
};

class OrderSession {
 public:
  /// What the core is told goes to `told`, stamped with the `now` at which it was learned;
  /// borrowed.
  OrderSession(const Instrument& instrument, InstrumentId id, const OrderSessionSettings& settings,
               EventQueue& told);

  // ---------------------------------------------------------------- from the core

  /// Takes up the decisions; the requests they make are in take_requests() after flush().
  void place(Time now, const PlaceOrder& order);
  void cancel(Time now, ClientOrderId order);
  void replace(Time now, const ReplaceOrder& order);
  /// Tells the core that a decision goes nowhere. A refused replace takes the old order out.
  void refuse(Time now, const PlaceOrder& order, RejectReason reason, std::string_view why);
  void refuse(Time now, const ReplaceOrder& order, RejectReason reason, std::string_view why);
  /// Cancels whatever may still stand, also what is on its way.
  void cancel_everything(Time now);
  void cancel_side(Time now, Side side);
  /// Ends a batch: one request for its cancels, one for its modifies, one for its places.
  void flush(Time now);
  std::vector<ActionRequest> take_requests() { return std::exchange(requests_, {}); }

  // ---------------------------------------------------------------- from the venue

  /// The answer to a request; an error if it could not be read, or there will be none.
  void on_reply(Time now, std::uint64_t request, const Result<std::string>& body);
  /// Every request without an answer has an unknown outcome.
  void on_connection_lost(Time now);
  /// What UserCodec made of a frame of the user channels, or of the fills of a REST answer.
  void on_user_event(const Event& event);
  /// Every fill the venue knew at `asked` has been given to on_user_event().
  void on_fills_complete(Time now, Time asked);
  void on_order_status(Time now, ClientOrderId order, const std::optional<OrderState>& state);
  /// The account's open orders in all coins, asked for at `asked`.
  void on_open_orders(Time now, Time asked, std::span<const OpenOrder> orders);

  // ---------------------------------------------------------------- time

  /// When check() has something to do; Time::max() if nothing.
  Time next_check() const;
  void check(Time now);

  /// Whether a reply was overdue since the last call: the connection may be dead.
  bool take_overdue() { return std::exchange(overdue_, false); }
  /// Orders to ask for by orderStatus; each is named once a lookup_interval.
  std::vector<ClientOrderId> take_lookups() { return std::exchange(lookups_, {}); }
  /// Fills are missing: ask for them.
  bool wants_fills() const { return wants_fills_; }

  // ---------------------------------------------------------------- state

  /// What orders out may still do.
  ///
  /// A modify takes the old order out in the step that brings the new one, so of the two the larger
  /// counts until one is known to be gone: if the old one has filled, the modify fails; if it has
  /// not, it is gone when the new one comes. What it filled in part and nobody has told yet comes
  /// on top: less than the order, and the guards look again with every fill (live/guards.hpp). A
  /// cancel and a place are two steps and count in full. An order whose end is known counts with
  /// the fills that are still to come.
  struct Exposure {
    Qty buy;  ///< lots that may still be bought
    Qty sell;
    Money gross;  ///< value of both at their limit prices
  };
  Exposure exposure() const;
  /// Lots of the order it replaces that would go in the step in which the new one comes.
  Qty gives_way(const ReplaceOrder& order) const;
  std::size_t open() const { return tracks_.size(); }
  std::size_t in_flight() const { return in_flight_.size(); }
  /// Why every further request will be refused (the signature is not ours to give); empty if so far
  /// nothing says that.
  const std::string& fatal() const { return fatal_; }

 private:
  struct Track {
    ClientOrderId id;
    Side side = Side::buy;
    Price price;
    Qty size;
    Qty filled;
    Order wire;
    bool immediate = false;  ///< ioc: what does not fill at once is gone
    bool acknowledged = false;
    bool placing = false;     ///< the request that places it has not been answered
    bool cancelling = false;  ///< a request that takes it out has not been answered
    bool cancel_refused = false;
    bool replaced = false;  ///< another took its place: its end is called `replaced`
    std::optional<ClientOrderId> successor;  ///< the one a modify brings in its place
    std::int64_t oid = 0;
    Time expires;  ///< of the placing request
    Time acknowledged_at;
    struct End {
      DoneReason reason = DoneReason::unspecified;
      std::optional<Qty> remaining;  ///< as the venue says; empty: only the fills can tell
      std::string detail;
      Time learned;
      Time exchange;  ///< the venue's stamp, where it gave one
    };
    std::optional<End> end;  ///< held back until fills add up to it
    Time due = Time::max();  ///< when patience ends
  };
  struct Place {
    std::vector<ClientOrderId> orders;
  };
  struct Cancel {
    std::vector<ClientOrderId> orders;
  };
  struct Modify {
    std::vector<std::pair<ClientOrderId, ClientOrderId>> orders;  // old, new
  };
  struct CleanUp {};  // cancels of orders that are nobody's here
  struct InFlight {
    std::variant<Place, Cancel, Modify, CleanUp> what;
    std::size_t items = 1;
    Time due;
  };
  Track* find(ClientOrderId order);
  const Track* find(ClientOrderId order) const;
  /// A new order on its way; null, and rejected, if the venue cannot be asked for it.
  Track* begin(Time now, ClientOrderId id, Side side, Price price, Qty qty, TimeInForce lives);
  void send(Time now, Action action, std::size_t items,
            std::variant<Place, Cancel, Modify, CleanUp> what, bool expires);

  void tell(Time now, const EventBody& body, std::string_view detail = {}, Time exchange = {});
  void tell_anomaly(Time now, std::string_view detail);
  void acknowledge(Time now, Track& track, std::int64_t oid, Time exchange = {});
  void reject(Time now, Track& track, RejectReason reason, std::string_view detail);
  void end(Time now, Track& track, DoneReason reason, std::optional<Qty> remaining,
           std::string_view detail, Time exchange = {});
  /// Tells the end if the fills add up to it, or can no longer change.
  void settle(Time now, Track& track, bool fills_complete);
  void forget(Time now, ClientOrderId order);
  /// Whether a replace of it is a modify.
  static bool is_modified_by(const Track& old, const ReplaceOrder& order) {
    return order.time_in_force == TimeInForce::post_only && !old.cancelling && !old.end;
  }
  void ask_at(Track& track, Time when) { track.due = std::min(track.due, when); }

  void placed(Time now, Track& track, const ItemStatus& status);
  void cancelled(Time now, Track& track, const ItemStatus& status);
  void modified(Time now, Track& replacement, const ItemStatus& status);
  void outcome_unknown(Time now, const InFlight& request);
  void refused(Time now, const std::string& text);
  void clean_up(Time now, const OpenOrder& order, std::string_view whose);

  Instrument instrument_;
  InstrumentId id_;
  OrderSessionSettings settings_;
  EventQueue& told_;
  std::map<ClientOrderId, Track> tracks_;
  std::map<std::uint64_t, InFlight> in_flight_;
  std::uint64_t last_request_ = 0;
  std::vector<ClientOrderId> to_place_;
  std::vector<ClientOrderId> to_cancel_;
  std::vector<std::pair<ClientOrderId, ClientOrderId>> to_modify_;
  std::vector<ActionRequest> requests_;
  std::vector<ClientOrderId> lookups_;
  std::vector<std::int64_t> strangers_;  // oids already told, sorted
  std::map<ClientOrderId, Time> ended_;  // of late: what still mentions them is only behind
  bool wants_fills_ = false;
  bool overdue_ = false;
  std::string fatal_;
};

}  // namespace mm::venues::hyperliquid
