#pragma once

// SimWorld: what a paper session hears besides the market: the exchange's answers and timers.
//
// The stream a core sees merges three by (time, rank): market and control events (0), answers of
// the exchange (1), timers (2). A SimWorld holds the last two and the messages under way. One
// Market can serve many of them: whoever drives calls, for each market event at r,
//
//   while ((own = world.next_before(r, market))) {
//     market.apply(*own);  trader.apply(*own, market, outputs);  world.react(*own, outputs);
//   }
//   market.apply(event);
//   world.on_market(event, market);
//   trader.apply(event, market, outputs);  world.react(event, outputs);
//
// WorldSource does this for one core behind engine/drive.hpp; research/counterfactual.hpp for many.
// When the market ends, what is still under way is never heard: a session ends with its stream.
//
// A SimWorld is a value: a copy, with a copy of its Trader, forks a what-if.

#include <algorithm>
#include <span>

#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"
#include "sim/exchange.hpp"
#include "sim/timers.hpp"

namespace mm::sim {

class SimWorld {
 public:
  explicit SimWorld(Settings settings) : exchange_(settings) {}

  /// The next answer or timer strictly before `limit`; null if there is none. Messages of ours that
  /// arrive before it meet `market`, which must stand as it is before the market event at `limit`.
  /// The event is valid until the next call and takes its seq from whoever drives.
  const Event* next_before(Time limit, const Market& market) {
    if (next_due() >= limit) return nullptr;
    return advance(limit, market);
  }

  /// When the next answer, timer or arrival of a message of ours is due; Time::max() if none is
  /// under way. next_before() has nothing to do up to and at this moment.
  Time next_due() const {
    return std::min({exchange_.next_arrival(), exchange_.next_answer(), timers_.next()});
  }

  /// A market, feed or control event, `market` standing as it is after it.
  void on_market(const Event& event, const Market& market) {
    exchange_.on_market(event, market.quoted());
  }

  /// What the core decided at `event`.
  void react(const Event& event, std::span<const Output> outputs);

  const Exchange& exchange() const { return exchange_; }

 private:
  const Event* advance(Time limit, const Market& market);

  Exchange exchange_;
  PendingTimers timers_;
  Event current_;
};

/// Whether a SimWorld brings this event itself, so that a recorded one is left out of a re-run.
constexpr bool is_simulated(RecordKind kind) {
  switch (kind) {
    case RecordKind::order_ack:
    case RecordKind::order_reject:
    case RecordKind::order_done:
    case RecordKind::cancel_reject:
    case RecordKind::fill:
    case RecordKind::funding_payment:
    case RecordKind::timer:
      return true;
    default:
      return false;
  }
}

/// Upstream market events and a SimWorld as one EventSource. `Upstream` has `const Event* next()`,
/// non-decreasing in recv_time. `market` is that of the core being driven; all are borrowed.
template <class Upstream>
class WorldSource {
 public:
  WorldSource(Upstream& upstream, SimWorld& world, const Market& market)
      : upstream_(upstream), world_(world), market_(market) {}

  const Event* next() {
    if (!peeked_) {
      waiting_ = upstream_.next();
      peeked_ = true;
    }
    if (waiting_ == nullptr) return nullptr;
    if (const Event* own = world_.next_before(waiting_->header.recv_time, market_)) return own;
    peeked_ = false;
    return waiting_;
  }

  void react(const Event& event, std::span<const Output> outputs) {
    if (&event == waiting_) world_.on_market(event, market_);
    world_.react(event, outputs);
  }

 private:
  Upstream& upstream_;
  SimWorld& world_;
  const Market& market_;
  const Event* waiting_ = nullptr;
  bool peeked_ = false;
};

}  // namespace mm::sim
