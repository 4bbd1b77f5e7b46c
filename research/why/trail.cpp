#include "research/why/trail.hpp"

#include <map>
#include <utility>
#include <variant>

namespace mm::research::why {
namespace {

/// All that is known of the orders of a stretch of the session; earlier stretches are put in front.
class Lives {
 public:
  void read(const RecordStream& records) {
    std::map<ClientOrderId, OrderStep> part;
    Seq cause_seq;
    RecordKind cause = RecordKind::unspecified;
    for (RecordView record = records(); !record.at_end(); record = records()) {
      if (record.event != nullptr) {
        cause_seq = record.event->header.seq;
        cause = record.event->kind();
        note_heard(part, *record.event);
      } else {
        note_sent(part, *record.output, cause_seq, cause);
      }
    }
    for (auto& [id, earlier] : part) put_in_front(id, std::move(earlier));
  }

  /// Null if nothing was read that placed it.
  const OrderStep* placed(ClientOrderId order) const {
    const auto found = lives_.find(order);
    return found != lives_.end() && found->second.order == order ? &found->second : nullptr;
  }

 private:
  using Part = std::map<ClientOrderId, OrderStep>;

  static void note_sent(Part& part, const Output& output, Seq cause_seq, RecordKind cause) {
    const auto place = [&](ClientOrderId id, const auto& message, ClientOrderId replaces) {
      OrderStep& step = part[id];
      step.order = id;
      step.replaces = replaces;
      step.side = message.side;
      step.price = message.price;
      step.qty = message.qty;
      step.time_in_force = message.time_in_force;
      step.reason = message.reason;
      step.level = message.level;
      step.seq = output.header.seq;
      step.decided = output.header.recv_time;
      step.cause_seq = cause_seq;
      step.cause = cause;
    };
    if (const auto* order = std::get_if<PlaceOrder>(&output.body)) {
      place(order->order, *order, ClientOrderId{});
    } else if (const auto* moved = std::get_if<ReplaceOrder>(&output.body)) {
      part[moved->order].asked.push_back({.seq = output.header.seq,
                                          .at = output.header.recv_time,
                                          .replace = true,
                                          .replacement = moved->replacement,
                                          .reason = moved->reason});
      place(moved->replacement, *moved, moved->order);
    } else if (const auto* gone = std::get_if<CancelOrder>(&output.body)) {
      part[gone->order].asked.push_back({.seq = output.header.seq,
                                         .at = output.header.recv_time,
                                         .replacement = {},
                                         .reason = gone->reason});
    }
  }

  static void note_heard(Part& part, const Event& event) {
    const Answer answer{event.header.seq, event.header.recv_time, event.header.exchange_time};
    if (const auto* ack = std::get_if<OrderAck>(&event.body)) {
      part[ack->order].acknowledged = answer;
    } else if (const auto* reject = std::get_if<OrderReject>(&event.body)) {
      part[reject->order].rejected = answer;
      part[reject->order].reject_reason = reject->reason;
    } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
      part[done->order].ended = answer;
      part[done->order].done_reason = done->reason;
    } else if (const auto* fill = std::get_if<Fill>(&event.body)) {
      part[fill->order].fills.push_back(answer.seq);
    }
  }

  void put_in_front(ClientOrderId id, OrderStep earlier) {
    const auto [at, is_new] = lives_.try_emplace(id, std::move(earlier));
    if (is_new) return;
    // What is known of it so far came later: answers, at most.
    OrderStep& later = at->second;
    if (later.acknowledged) earlier.acknowledged = later.acknowledged;
    if (later.rejected) {
      earlier.rejected = later.rejected;
      earlier.reject_reason = later.reject_reason;
    }
    if (later.ended) {
      earlier.ended = later.ended;
      earlier.done_reason = later.done_reason;
    }
    earlier.asked.insert(earlier.asked.end(), later.asked.begin(), later.asked.end());
    earlier.fills.insert(earlier.fills.end(), later.fills.begin(), later.fills.end());
    later = std::move(earlier);
  }

  std::map<ClientOrderId, OrderStep> lives_;
};

}  // namespace

OrderTrail find_trail(const Session& session, ClientOrderId order, Seq to,
                      const TrailLimits& limits) {
  Lives lives;
  OrderTrail trail;
  Seq read_from = to;
  std::optional<Time> give_up;  // once the order itself is known
  ClientOrderId wanted = order;
  while (!trail.complete && trail.steps.size() < limits.orders) {
    const OrderStep* step = lives.placed(wanted);
    if (step == nullptr) {
      const bool far = give_up && !trail.steps.empty() && trail.steps.back().decided < *give_up;
      if (read_from.value == 0 || far) break;
      const Seq from = session.checkpoint_before(Seq{read_from.value - 1});
      lives.read(session.records(from, read_from));
      read_from = from;
      continue;
    }
    trail.steps.push_back(*step);
    if (!give_up && limits.back != Duration::max()) give_up = step->decided - limits.back;
    wanted = step->replaces;
    trail.complete = wanted.value == 0;
  }
  return trail;
}

}  // namespace mm::research::why
