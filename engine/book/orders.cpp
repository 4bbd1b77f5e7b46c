#include "engine/book/orders.hpp"

#include <algorithm>

#include "engine/assert.hpp"

namespace mm {

const Order* Orders::find(ClientOrderId id) const {
  const auto at =
      std::lower_bound(orders_.begin(), orders_.end(), id,
                       [](const Order& order, ClientOrderId wanted) { return order.id < wanted; });
  return at != orders_.end() && at->id == id ? &*at : nullptr;
}

Order* Orders::find_mutable(ClientOrderId id) {
  return const_cast<Order*>(find(id));
}

bool Orders::remove(ClientOrderId id) {
  const Order* order = find(id);
  if (order == nullptr) return false;
  orders_.erase(orders_.begin() + (order - orders_.data()));
  return true;
}

void Orders::sent(const Order& order) {
  MM_ASSERT(orders_.empty() || orders_.back().id < order.id, "order ids count upwards");
  MM_ASSERT(order.id.value < next_id_, "an order's id comes from next_id()");
  MM_ASSERT(order.remaining > Qty{}, "an order has a quantity");
  orders_.push_back(order);
}

void Orders::cancel_sent(ClientOrderId id) {
  Order* order = find_mutable(id);
  MM_ASSERT(order != nullptr &&
                (order->state == OrderState::live || order->state == OrderState::pending_new),
            "an order is cancelled once");
  order->state = OrderState::pending_cancel;
}

void Orders::replace_sent(ClientOrderId id) {
  Order* order = find_mutable(id);
  MM_ASSERT(order != nullptr && order->state == OrderState::live, "only live orders are replaced");
  order->state = OrderState::pending_replace;
}

bool Orders::acknowledged(const OrderAck& ack) {
  Order* order = find_mutable(ack.order);
  if (order == nullptr) return false;
  // A fill may overtake the acknowledgement, so the remaining quantity is ours, not the venue's.
  order->venue_id = ack.venue_order_id;
  if (order->state == OrderState::pending_new) order->state = OrderState::live;
  return true;
}

bool Orders::rejected(const OrderReject& reject) {
  return remove(reject.order);
}

bool Orders::done(const OrderDone& done) {
  return remove(done.order);
}

bool Orders::cancel_rejected(const CancelReject& reject) {
  Order* order = find_mutable(reject.order);
  if (order == nullptr) return false;
  if (order->state == OrderState::pending_cancel || order->state == OrderState::pending_replace)
    order->state = OrderState::live;
  return true;
}

bool Orders::filled(const Fill& fill) {
  Order* order = find_mutable(fill.order);
  if (order == nullptr) return false;
  if (fill.qty >= order->remaining) return remove(fill.order);
  order->remaining -= fill.qty;
  return true;
}

Qty Orders::exposure(Side side) const {
  Qty total;
  for (const Order& order : orders_)
    if (order.side == side) total += order.remaining;
  return total;
}

void Orders::save(ByteWriter& out) const {
  out.put_u64(next_id_);
  out.put_u64(orders_.size());
  for (const Order& order : orders_) {
    out.put_u64(order.id.value);
    out.put_u64(static_cast<std::uint64_t>(order.side));
    out.put_u64(static_cast<std::uint64_t>(order.state));
    out.put_i64(order.price.units());
    out.put_i64(order.remaining.lots());
    out.put_i64(order.level);
    out.put_u64(order.replaces.value);
    out.put_i64(order.venue_id);
    out.put_i64(to_ns(order.sent_at));
  }
}

bool Orders::restore(ByteReader& in) {
  orders_.clear();
  next_id_ = in.get_u64();
  const std::uint64_t count = in.get_u64();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    Order order;
    order.id.value = in.get_u64();
    const std::uint64_t side = in.get_u64();
    const std::uint64_t state = in.get_u64();
    order.price = Price::from_units(in.get_i64());
    order.remaining = Qty::from_lots(in.get_i64());
    order.level = in.get_i64();
    order.replaces.value = in.get_u64();
    order.venue_id = in.get_i64();
    order.sent_at = time_from_ns(in.get_i64());
    const bool in_order = orders_.empty() || orders_.back().id < order.id;
    if (side > 1 || state > static_cast<std::uint64_t>(OrderState::pending_replace) || !in_order ||
        order.remaining <= Qty{} || order.id.value >= next_id_) {
      in.fail();
      break;
    }
    order.side = static_cast<Side>(side);
    order.state = static_cast<OrderState>(state);
    orders_.push_back(order);
  }
  return !in.failed();
}

}  // namespace mm
