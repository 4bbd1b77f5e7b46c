#pragma once

// LiveSource: the input of a live session, one event at a time, on the thread that runs the Loop.
//
//   SessionStart, definitions, models, notes        at the start, all at one moment
//   (the execution gets ready)              before the market is followed
//   events of the feeds, steps of the clock in the order of their arrival
//   own events of the execution             before what was stamped later (execution.hpp)
//   kill switch                             when the session is asked to stop
//   SessionEnd                              once no order is out, or patience is at an end
//
// A frame is decoded when its turn comes, its events are given out one after another, and only then
// is the next frame of its connection asked for. With nothing to give out, the source sleeps in the
// Loop until a handler has run or the execution is due, so timers of the core come due without any
// word of the market. All stamps come from one clock that never decreases.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "live/clock.hpp"
#include "live/execution.hpp"
#include "live/session_stream.hpp"
#include "net/loop.hpp"
#include "venues/live/live_feed.hpp"

namespace mm::live {

/// Somebody wants the session to end: a signal, a full disk. Set on the loop's thread.
struct StopRequest {
  std::optional<std::string> reason;
};

/// What a live session is about and what it runs on; all borrowed.
struct LiveWorld {
  const SessionPlan& plan;
  net::Loop& loop;
  Clock& clock;
  std::span<const std::unique_ptr<venues::LiveFeed>> feeds;
  Execution& execution;
  const StopRequest& stop;
};

class LiveSource {
 public:
  struct Options {
    std::optional<Duration> length;  ///< in wall time, from the start
    /// How long a stop waits for our orders to be gone.
    Duration patience = std::chrono::seconds{5};
    /// How long the market waits at the start for the execution to be ready; then it is followed
    /// anyway, to be recorded.
    Duration start_patience = std::chrono::seconds{10};
    /// Told once the market is followed: whether the execution was ready by then. May be empty.
    std::function<void(bool ready)> following;
    std::vector<std::string> notes;  ///< become Annotations behind the definitions
    /// Gets every frame before the first of its events is given out; may be empty.
    std::function<void(const venues::RawFrame&)> raw;
  };

  /// `engine` is the core that is driven.
  LiveSource(const LiveWorld& world, const Engine& engine, Options options);

  /// Null after SessionEnd.
  const Event* next();
  void react(const Event& event, std::span<const Output> outputs);

  std::string_view end_reason() const { return end_reason_; }
  /// Orders the core still held out when patience was at an end.
  std::size_t orders_left() const { return orders_left_; }

 private:
  enum class Stage { start, definitions, models, notes, running, stopping, ended };
  /// An event of the source's own, whose text it owns.
  struct Control {
    Time at;
    EventBody body;
  };

  const Event* own_head(const EventBody& body, InstrumentId instrument);
  const Event* running();
  void follow_market();
  /// The own event of the execution before `at`, or else `event`.
  const Event* before(Time at, const Event* event);
  void begin_stop(Time now);
  bool may_end(Time now) const;
  const Event* end(Time now);
  void sleep(Time now);
  venues::LiveFeed* earliest() const;

  LiveWorld world_;
  const Engine& engine_;
  Options options_;
  Stage stage_ = Stage::start;
  std::size_t given_ = 0;  // definitions or notes
  Time begin_;
  Time stop_until_;
  bool execution_stops_ = false;
  bool following_ = false;  // the feeds were started
  std::string end_reason_;
  std::size_t orders_left_ = 0;
  std::deque<Control> controls_;
  venues::LiveFeed* taken_ = nullptr;  // its events are being given out
  std::span<const Event> events_;
  Event head_;
  bool own_ = false;  // the event given out last is the execution's
};

}  // namespace mm::live
