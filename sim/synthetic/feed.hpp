#pragma once

// SyntheticFeed: what one venue sends of a book, as a recorder would receive it.
//
//   first          a snapshot of the whole book
//   a taker order  its trades, one for each price, at once
//   touch          a best quote whenever price or quantity of it changed, at once, behind the
//   trades book           a delta of all changed levels every `depth_interval` (0: with every
//   change) now and then   asset contexts; liquidations behind their trades
//
// Everything reaches us `feed_latency` later and a drawn jitter on top; nothing overtakes.
// exchange_time is the venue's moment. Update ids count the changes of the book, so that a best
// quote is newer than the delta before it.

#include <deque>
#include <span>
#include <vector>

#include "engine/event.hpp"
#include "engine/random.hpp"
#include "sim/latency.hpp"
#include "sim/matching.hpp"
#include "sim/synthetic/settings.hpp"

namespace mm::sim {

class SyntheticFeed {
 public:
  /// `settings` is copied.
  SyntheticFeed(InstrumentId instrument, const FlowSettings& settings, SplitMix64 random)
      : instrument_(instrument), settings_(settings), random_(random) {}

  /// From now on it speaks; the book must track what is touched (MatchingBook::track_touched).
  void begin(MatchingBook& book, Time now);
  /// Something was done to the book.
  void on_change(MatchingBook& book, std::span<const MatchReport> reports, Time now);
  void on_liquidation(const Liquidation& liquidation, Time now) { send(liquidation, now); }
  void on_context(const AssetContext& context, Time now) { send(context, now); }

  /// When the next delta is due; Time::max() before begin() and with a delta at every change.
  Time next_delta() const { return next_delta_; }
  void send_delta(MatchingBook& book, Time now);

  /// When the next message reaches us; Time::max() if none is under way.
  Time next_arrival() const {
    return queue_.empty() ? Time::max() : queue_.front().event.header.recv_time;
  }
  /// Requires a message; valid until the next call.
  const Event* take();

 private:
  struct Message {
    Event event;
    std::vector<Level> bids, asks;
  };

  Message& send(const EventBody& body, Time now);
  void send_touch(const MatchingBook& book, Time now);
  void changed_levels(MatchingBook& book, Side side, std::vector<Level>& out);

  InstrumentId instrument_;
  FlowSettings settings_;
  SplitMix64 random_;
  Lane lane_;
  bool speaks_ = false;
  Time next_delta_ = Time::max();
  std::int64_t changes_ = 0;
  std::int64_t told_ = 0;  // changes_ at the last snapshot or delta
  std::int64_t trades_ = 0;
  Level bid_, ask_;  // the touch we told of
  std::deque<Message> queue_;
  Message current_;
  std::vector<Message> spare_;
  std::vector<Price> touched_;
  std::vector<DepthLevel> depth_;
};

}  // namespace mm::sim
