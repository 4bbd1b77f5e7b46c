#include "research/what_if/recorded_orders.hpp"

#include <algorithm>

namespace mm::research {
namespace {

/// The venue's stamp, or when we heard where it gave none.
Time stamp_of(const EventHeader& header) {
  return header.exchange_time == Time{} ? header.recv_time : header.exchange_time;
}

/// How often the leading stream moves on.
constexpr Duration step = std::chrono::milliseconds{500};
/// An order that is not answered for this long never will be.
constexpr Duration answer_limit = std::chrono::minutes{1};

}  // namespace

Qty OrderLife::resting_at(Time at) const {
  if (at < accepted || (ended && at >= *ended)) return Qty{};
  Qty rest = qty;
  for (const LifeFill& fill : fills) {
    if (fill.at <= at) rest -= fill.qty;
  }
  return std::max(rest, Qty{});
}

void RecordedOrders::read_on(Time now) {
  next_reach_ = now + step;
  while (!lives_.empty()) {
    const OrderLife& oldest = lives_.front();
    if (!oldest.ended || *oldest.ended + kept >= now) break;
    lives_.pop_front();
  }
  while (!sent_.empty() && sent_.front().at + answer_limit < now) sent_.erase(sent_.begin());
  while (!at_end_ && read_to_ <= now + step + lookahead) {
    const RecordView record = records_();
    if (record.at_end()) {
      at_end_ = true;
    } else {
      note(record);
    }
  }
}

void RecordedOrders::note(const RecordView& record) {
  if (record.output != nullptr) {
    note_sent(*record.output);
    return;
  }
  read_to_ = record.event->header.recv_time;
  note_heard(*record.event);
}

void RecordedOrders::note_sent(const Output& output) {
  if (const auto* place = std::get_if<PlaceOrder>(&output.body)) {
    sent_.push_back(
        {place->order, place->side, place->qty, place->time_in_force, output.header.recv_time, {}});
  } else if (const auto* replace = std::get_if<ReplaceOrder>(&output.body)) {
    sent_.push_back({replace->replacement, replace->side, replace->qty, replace->time_in_force,
                     output.header.recv_time, replace->order});
  }
}

OrderLife* RecordedOrders::find(ClientOrderId order) {
  // The newest are asked for most often.
  for (auto life = lives_.rbegin(); life != lives_.rend(); ++life) {
    if (life->order == order) return &*life;
  }
  return nullptr;
}

void RecordedOrders::note_heard(const Event& event) {
  const Time at = stamp_of(event.header);
  if (const auto* ack = std::get_if<OrderAck>(&event.body)) {
    const auto sent = std::find_if(sent_.begin(), sent_.end(),
                                   [&](const Sent& one) { return one.order == ack->order; });
    // An acknowledgement may be repeated, and one of an order that an earlier run sent is not ours.
    if (sent == sent_.end()) return;
    lives_.push_back({.order = ack->order,
                      .side = sent->side,
                      .price = ack->price,
                      .qty = ack->remaining,
                      .time_in_force = sent->time_in_force,
                      .sent = sent->at,
                      .accepted = at,
                      .accepted_heard = event.header.recv_time,
                      .ended = {},
                      .replaces = sent->replaces,
                      .fills = {}});
    sent_.erase(sent);
    if (keep_changes_) changes_.push_back({OrderChange::Kind::accepted, lives_.back()});
  } else if (const auto* reject = std::get_if<OrderReject>(&event.body)) {
    std::erase_if(sent_, [&](const Sent& one) { return one.order == reject->order; });
  } else if (const auto* fill = std::get_if<Fill>(&event.body)) {
    OrderLife* life = find(fill->order);
    if (life == nullptr) return;
    life->fills.push_back({at, event.header.recv_time, fill->qty});
    if (fill->remaining == Qty{} && !life->ended) end(*life, at, DoneReason::unspecified);
  } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
    OrderLife* life = find(done->order);
    if (life == nullptr || life->ended) return;
    end(*life, at, done->reason);
  }
}

void RecordedOrders::end(OrderLife& life, Time at, DoneReason reason) {
  life.ended = at;
  life.cancelled = reason != DoneReason::unspecified;
  if (keep_changes_) changes_.push_back({OrderChange::Kind::ended, life});
}

}  // namespace mm::research
