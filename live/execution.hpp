#pragma once

// Execution: where a live session's decisions go, and where word of them comes from.
//
// Paper and real orders are driven the same way by LiveSource, on the thread of one net::Loop:
//
//   market or control event at r:   while (own = next_before(r, market)) fold(own);
//                                   fold(event); on_market(event, market); react(event, outputs)
//   an own event:                   fold(own); react(own, outputs)
//   nothing is waiting:             the driver looks at its clock (`now`), folds what
//                                   next_before(now, market) gives, and sleeps in the Loop until
//                                   next_due(), or until a handler of the Loop has run
//
// where fold() journals the event, gives it to the core and journals what was decided. So when
// react() hears of a decision, the input that caused it and the decision itself are in the journal.
//
// Order. `limit` is never behind one given before, and every event that comes later, from wherever,
// is stamped at or after it: an own event stamped t is heard once the clock has passed t, and
// before any market event stamped later. Markets at t itself speak first. This is the order in
// which sim::WorldSource merges, so a paper session is reproduced by a re-run of its recorded
// market, fill by fill.
//
// Waking. The driver asks next_due() again after every handler that has run on the Loop. An
// execution that received something on a socket or timer of its own stamps it with Clock::now() in
// that handler, queues it, and returns that stamp from next_due(): nothing else is needed.
//
// Timers. SetTimer outputs come to react() and go back as Timer events (setting an id again moves
// it); `sim/world.hpp` says how: due at the later of `at` and now, by (time, id) behind answers.
//
// The end. The driver engages the kill switch as an event, at which the core cancels what it has
// out, and calls begin_stop(). It then goes on as before until the core knows of no order and
// at_rest() holds, or its patience is at an end; SessionEnd is the last event. Destroying the
// execution must not wait for anything.

#include <span>
#include <string>

#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"

namespace mm::live {

class Execution {
 public:
  Execution() = default;
  virtual ~Execution() = default;
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  /// The earliest moment behind which next_before() has something to do; Time::max() if nothing is
  /// known of. May lie in the past.
  virtual Time next_due() const = 0;

  /// The next own event stamped strictly before `limit`, in non-decreasing order of recv_time and
  /// never before one given out earlier; null if there is none. Valid until the next call. `market`
  /// holds every market event so far. Any kind is allowed: answers, fills, timers, account
  /// reports, FeedStatus of an account stream, RateLimit, KillSwitch.
  virtual const Event* next_before(Time limit, const Market& market) = 0;

  /// A market, feed or control event that was just folded; not called for own events.
  virtual void on_market(const Event& event, const Market& market) = 0;

  /// What the core decided at `event`, in order; called for every event, also with nothing decided.
  /// Must not call back into the driver and must not block.
  virtual void react(const Event& event, std::span<const Output> outputs) = 0;

  /// Whether orders could go out. At the start the market is followed only once that holds, so that
  /// nothing is decided that could only be refused.
  virtual bool ready() const { return true; }

  /// The session is about to end: whatever may still stand at the venue is to go, also what the
  /// core does not know of. Called once.
  virtual void begin_stop(Time) {}
  /// After begin_stop(): nothing of ours can stand at the venue any more.
  virtual bool at_rest() const { return true; }

  /// A few words for the status line, such as "2 open, 31 sent/min"; may be empty.
  virtual std::string status() const { return {}; }
};

}  // namespace mm::live
