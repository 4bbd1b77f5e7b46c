#include "engine/features/queue_tracker.hpp"

#include <algorithm>

namespace mm {
namespace {

/// Moments are at least this far apart, so that those kept cover more than a second.
constexpr Duration spacing = std::chrono::milliseconds{50};

const TrackedOrder::Moment* moment_before(const TrackedOrder& order, Time instant) {
  const std::uint64_t kept = TrackedOrder::moments_kept;
  const std::uint64_t first = order.moment_count > kept ? order.moment_count - kept : 0;
  for (std::uint64_t i = order.moment_count; i-- > first;)
    if (order.moments[i % kept].at <= instant) return &order.moments[i % kept];
  return nullptr;
}

}  // namespace

// Others' lots at the order's price; absent where the book does not show that far.
std::optional<std::int64_t> QueueTracker::others_at(const InstrumentState& instrument,
                                                    const TrackedOrder& order) const {
  if (instrument.book_state() != BookState::valid) return std::nullopt;
  // The touch may be a best quote that is newer than the book: levels in front of it are gone.
  const Touch& touch = instrument.touch();
  const Level& best = order.side == Side::buy ? touch.bid : touch.ask;
  const bool in_front = best.qty == Qty{} || (order.side == Side::buy ? order.price > best.price
                                                                      : order.price < best.price);
  std::int64_t lots = 0;
  if (!in_front)
    lots = order.price == best.price ? best.qty.lots()
                                     : instrument.book().qty_at(order.side, order.price).lots();
  // Nothing there: empty as far as the venue displays levels, unknown behind them.
  const bool displayed = in_front || instrument.book().has_at_or_beyond(order.side, order.price);
  if (lots == 0 && !displayed && !order.queue.known()) return std::nullopt;
  if (settings_.in_book)
    for (const TrackedOrder& other : all())
      if (other.side == order.side && other.price == order.price)
        lots -= static_cast<std::int64_t>(other.queue.remaining());
  return std::max<std::int64_t>(lots, 0);
}

void QueueTracker::accept(Time now, ClientOrderId order, Side side, Price price, Qty remaining,
                          const InstrumentState& instrument) {
  end(order);
  if (count_ == capacity) return;
  TrackedOrder tracked{.order = order, .side = side, .price = price};
  // Ours is in the venue's book only from its next event on.
  const std::optional<std::int64_t> others = others_at(instrument, tracked);
  tracked.queue =
      QueuePosition{static_cast<double>(remaining.lots()),
                    others ? std::optional{static_cast<double>(*others)} : std::nullopt};
  tracked.flow.start(others.value_or(0), Time{});
  note(tracked, now);
  orders_[count_++] = tracked;
}

void QueueTracker::set_remaining(ClientOrderId order, Qty remaining) {
  for (std::size_t i = 0; i < count_; ++i)
    if (orders_[i].order == order)
      orders_[i].queue.set_remaining(static_cast<double>(remaining.lots()));
}

void QueueTracker::end(ClientOrderId order) {
  for (std::size_t i = 0; i < count_; ++i) {
    if (orders_[i].order != order) continue;
    std::move(orders_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
              orders_.begin() + static_cast<std::ptrdiff_t>(count_),
              orders_.begin() + static_cast<std::ptrdiff_t>(i));
    --count_;
    return;
  }
}

const TrackedOrder* QueueTracker::find(ClientOrderId order) const {
  for (const TrackedOrder& tracked : all())
    if (tracked.order == order) return &tracked;
  return nullptr;
}

void QueueTracker::note(TrackedOrder& order, Time now) const {
  constexpr std::uint64_t kept = TrackedOrder::moments_kept;
  TrackedOrder::Moment* last =
      order.moment_count != 0 ? &order.moments[(order.moment_count - 1) % kept] : nullptr;
  if (last != nullptr && now - last->at < spacing) return;
  order.moments[order.moment_count++ % kept] = {now, order.flow.lots(), order.flow.cancelled()};
}

void QueueTracker::on_event(const Event& event, const InstrumentState& instrument) {
  if (count_ == 0) return;
  if (const auto* trade = std::get_if<Trade>(&event.body)) {
    const Side consumed = opposite(trade->aggressor);
    // Orders stand in the order of their acceptance: what fills one does not reach the next.
    double reaching = static_cast<double>(trade->qty.lots());
    for (std::size_t i = 0; i < count_; ++i) {
      TrackedOrder& order = orders_[i];
      if (order.side != consumed) continue;
      const bool through =
          consumed == Side::buy ? trade->price < order.price : trade->price > order.price;
      if (through) {
        order.queue.trade_through();
      } else if (trade->price == order.price) {
        const double fill = order.queue.trade(reaching);
        reaching -= fill;
        // Only what was traded against others changes others' size.
        const std::int64_t ours = settings_.in_book ? static_cast<std::int64_t>(fill) : 0;
        order.flow.on_trade(std::max<std::int64_t>(trade->qty.lots() - ours, 0),
                            event.header.exchange_time);
      }
    }
  } else if (std::holds_alternative<BookDelta>(event.body) ||
             std::holds_alternative<BookSnapshot>(event.body)) {
    on_book(event.header.recv_time, event.header.exchange_time, instrument);
  }
}

void QueueTracker::on_book(Time now, Time stamp, const InstrumentState& instrument) {
  for (std::size_t i = 0; i < count_; ++i) {
    TrackedOrder& order = orders_[i];
    const std::optional<std::int64_t> others = others_at(instrument, order);
    if (!others) continue;
    if (order.queue.known()) {
      const LevelChange<std::int64_t> change = order.flow.on_book(*others, stamp);
      if (change.added > 0) order.queue.add(static_cast<double>(change.added));
      if (change.cancelled > 0)
        order.queue.cancel(static_cast<double>(change.cancelled), settings_.queue_power);
    } else {
      order.flow.start(*others, stamp);
    }
    order.queue.cap(static_cast<double>(*others));
    note(order, now);
  }
}

std::optional<FillSurroundings> QueueTracker::surroundings(ClientOrderId order, Qty qty,
                                                           Time match_time) const {
  const TrackedOrder* tracked = find(order);
  if (tracked == nullptr || !tracked->queue.known()) return std::nullopt;
  const auto* earlier = moment_before(*tracked, match_time - std::chrono::seconds{1});
  const auto* before = moment_before(*tracked, match_time - Duration{1});
  if (earlier == nullptr || before == nullptr) return std::nullopt;
  return FillSurroundings{.others_1s_ago = static_cast<double>(earlier->others),
                          .others_before = static_cast<double>(before->others),
                          .others_after = static_cast<double>(tracked->flow.lots()),
                          .pulled_1s = static_cast<double>(std::max<std::int64_t>(
                              tracked->flow.cancelled() - earlier->cancelled, 0)),
                          .our_fill = static_cast<double>(qty.lots())};
}

void QueueTracker::save(ByteWriter& out) const {
  out.put_u64(count_);
  for (const TrackedOrder& order : all()) {
    out.put_u64(order.order.value);
    out.put_flag(order.side == Side::sell);
    out.put_i64(order.price.units());
    order.queue.save(out);
    order.flow.save(out);
    out.put_u64(order.moment_count);
    const std::uint64_t kept = TrackedOrder::moments_kept;
    const std::uint64_t first = order.moment_count > kept ? order.moment_count - kept : 0;
    for (std::uint64_t i = first; i < order.moment_count; ++i) {
      const TrackedOrder::Moment& moment = order.moments[i % kept];
      out.put_i64(to_ns(moment.at));
      out.put_i64(moment.others);
      out.put_i64(moment.cancelled);
    }
  }
}

void QueueTracker::restore(ByteReader& in) {
  *this = QueueTracker{settings_};
  const std::uint64_t count = in.get_u64();
  if (count > capacity) in.fail();
  for (std::uint64_t k = 0; k < count && !in.failed(); ++k) {
    TrackedOrder& order = orders_[count_++];
    order.order = ClientOrderId{in.get_u64()};
    order.side = in.get_flag() ? Side::sell : Side::buy;
    order.price = Price::from_units(in.get_i64());
    order.queue.restore(in);
    order.flow.restore(in);
    order.moment_count = in.get_u64();
    const std::uint64_t kept = TrackedOrder::moments_kept;
    const std::uint64_t first = order.moment_count > kept ? order.moment_count - kept : 0;
    for (std::uint64_t i = first; i < order.moment_count; ++i) {
      TrackedOrder::Moment& moment = order.moments[i % kept];
      moment.at = time_from_ns(in.get_i64());
      moment.others = in.get_i64();
      moment.cancelled = in.get_i64();
    }
  }
}

}  // namespace mm
