#pragma once

// Loop: sockets and timers of one thread.
//
// Everything of net/ belongs to one Loop, is destroyed before it and is used from the thread that
// runs it; only post() and stop() may be called from elsewhere. No handler runs inside the call
// that asked for it, so an object may be destroyed from its own handler.

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

#include "engine/types.hpp"

namespace boost::asio {
class io_context;
}

namespace mm::net {

class Loop {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Waits until a handler has run or `until` has come; false on the latter, and once stopped.
  bool run_one_until(Instant until);
  /// Runs what is ready and does not wait. Returns the number of handlers that ran.
  std::size_t poll();
  /// Runs until stop().
  void run();
  /// Ends run() and run_one_until() as soon as the present handler returns; for good.
  void stop();
  bool stopped() const;
  /// Runs `task` on the loop's thread, later.
  void post(std::function<void()> task);

  boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Calls once, later. Destroying it cancels.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;

  /// Replaces what was asked for before.
  void expire_after(Duration delay, std::function<void()> handler);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Calls `handler` on the loop's thread for each of the signals, instead of their default action.
class Signals {
 public:
  Signals(Loop& loop, std::initializer_list<int> signals, std::function<void(int)> handler);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mm::net
