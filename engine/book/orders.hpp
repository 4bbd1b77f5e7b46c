#pragma once

// Our orders: what we sent, what the venue said, what may still happen.
//
//   place   -> pending_new --ack--> live --cancel--> pending_cancel --done--> gone
//                   \--reject--> gone   \--replace--> pending_replace --done--> gone
//   pending_new may be cancelled too. A cancel reject turns pending_cancel and pending_replace back
//   into live; a fill of the whole remaining quantity, a done and a reject end an order in every
//   state.
//
// A replace is answered as OrderDone{old, replaced} and OrderAck{replacement}; or, if the old order
// is no longer there, CancelReject{old} and OrderReject{replacement}; or, if the new price would
// cross, OrderDone{old} and OrderReject{replacement}. Each of these stands for itself here.
//
// Exposure is what may still fill: every order that is not gone counts, whatever was asked of it.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm {

enum class OrderState : std::uint8_t {
  pending_new = 0,
  live = 1,
  pending_cancel = 2,
  pending_replace = 3,
};

/// One order that is not gone.
struct Order {
  ClientOrderId id;
  Side side = Side::buy;
  OrderState state = OrderState::pending_new;
  Price price;
  Qty remaining;
  std::int64_t level = 0;     ///< index of the wanted quote it was placed for
  ClientOrderId replaces;     ///< the order it takes the place of while that is pending_replace
  std::int64_t venue_id = 0;  ///< 0 until acknowledged
  Time sent_at;
  bool operator==(const Order&) const = default;

  /// Nothing was sent for it that is not answered yet.
  bool settled() const { return state == OrderState::live; }
};

class Orders {
 public:
  /// Our next id; ids count from 1 and are never used again.
  ClientOrderId next_id() { return ClientOrderId{next_id_++}; }

  /// A new order went out. Requires an id from next_id(), a positive quantity.
  void sent(const Order& order);
  /// Whether the id was ever given to an order of ours.
  bool is_ours(ClientOrderId id) const { return id.value != 0 && id.value < next_id_; }

  /// A cancel (or replace) for it went out. Requires that none is on its way already; an order that
  /// is itself on its way may be cancelled, as messages do not overtake each other.
  void cancel_sent(ClientOrderId id);
  void replace_sent(ClientOrderId id);

  // The venue's words. Each returns false if the order is unknown (or gone), which changes nothing.
  bool acknowledged(const OrderAck& ack);
  bool rejected(const OrderReject& reject);
  bool done(const OrderDone& done);
  bool cancel_rejected(const CancelReject& reject);
  bool filled(const Fill& fill);

  /// Orders that are not gone, by id.
  std::span<const Order> all() const { return orders_; }
  const Order* find(ClientOrderId id) const;
  bool empty() const { return orders_.empty(); }

  /// Remaining quantity of a side that may still fill.
  Qty exposure(Side side) const;

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);
  bool operator==(const Orders&) const = default;

 private:
  Order* find_mutable(ClientOrderId id);
  bool remove(ClientOrderId id);

  std::vector<Order> orders_;  // sorted by id
  std::uint64_t next_id_ = 1;
};

}  // namespace mm
