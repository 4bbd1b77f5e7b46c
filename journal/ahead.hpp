#pragma once

// Ahead: a thread that fills slots in order while their taker works on the one before.
//
// What the taker sees is what it would have seen by calling `fill` itself: the same slots in the
// same order, what `fill` throws at the place where it threw it. Only the time differs. Memory is
// that of the slots, whatever there is to fill; slots are used again and keep their buffers.
//
// Waiting: a short while by looking again and again, since the other side needs microseconds for a
// slot and waking a sleeping core takes longer than that; then asleep until woken.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "engine/assert.hpp"

namespace mm::journal::detail {

template <class Slot>
class Ahead {
 public:
  /// Fills a slot; false if it is the last one. `waiting` are filled and not yet taken.
  using Fill = std::function<bool(Slot& slot, std::size_t waiting)>;

  explicit Ahead(std::size_t slots) : slots_(std::make_unique<Held[]>(slots)), count_(slots) {
    MM_ASSERT(slots >= 2, "one slot to fill while another one is taken");
  }
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  ~Ahead() { stop(); }

  /// From now on `fill` runs on the other thread, until the last slot or stop().
  void start(Fill fill) {
    stop();
    fill_ = std::move(fill);
    thread_ = std::thread{[this] { run(); }};
  }
  /// Forgets what was filled; what `fill` uses is the caller's again.
  void stop() {
    if (thread_.joinable()) {
      returned_.store(returned_.load(std::memory_order_relaxed) | stopping,
                      std::memory_order_release);
      returned_.notify_one();
      thread_.join();
    }
    filled_.store(0, std::memory_order_relaxed);
    returned_.store(0, std::memory_order_relaxed);
    taken_ = nullptr;
  }
  bool started() const { return thread_.joinable(); }

  /// The next slot; the one before goes back. Behind the last one: that one again.
  Slot& next() {
    MM_ASSERT(started(), "slots are filled once that was started");
    std::uint64_t index = returned_.load(std::memory_order_relaxed);
    if (taken_ != nullptr && !taken_->last) {
      returned_.store(++index, std::memory_order_release);
      // Waking the other side is not cheap: it finds half of the slots free.
      if (index % (count_ / 2) == 0) returned_.notify_one();
    }
    wait(filled_, [index](std::uint64_t filled) { return filled == index; });
    taken_ = &slots_[index % count_];
    if (taken_->failed) std::rethrow_exception(taken_->failed);
    return taken_->slot;
  }

 private:
  struct Held {
    Slot slot;
    bool last = false;
    std::exception_ptr failed;
  };
  static constexpr std::uint64_t stopping = std::uint64_t{1} << 63;  ///< in returned_
  static constexpr int looks = 1000;

  /// Until `more_to_wait` is false of the value, which is given back.
  template <class Condition>
  static std::uint64_t wait(const std::atomic<std::uint64_t>& value, Condition&& more_to_wait) {
    for (int look = 0;; ++look) {
      const std::uint64_t now = value.load(std::memory_order_acquire);
      if (!more_to_wait(now)) return now;
      if (look < looks)
        relax();
      else
        value.wait(now, std::memory_order_acquire);
    }
  }
  static void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  void run() {
    for (std::uint64_t index = 0;; ++index) {
      const std::uint64_t returned = wait(returned_, [&](std::uint64_t of) {
        return (of & stopping) == 0 && index - of == count_;
      });
      if ((returned & stopping) != 0) return;
      Held& held = slots_[index % count_];
      held.failed = nullptr;
      try {
        held.last = !fill_(held.slot, static_cast<std::size_t>(index - returned));
      } catch (...) {
        held.failed = std::current_exception();
        held.last = true;
      }
      const bool last = held.last;  // the slot is the taker's from the next line on
      filled_.store(index + 1, std::memory_order_release);
      filled_.notify_one();
      if (last) return;
    }
  }

  std::unique_ptr<Held[]> slots_;
  std::size_t count_;
  Fill fill_;
  Held* taken_ = nullptr;
  alignas(64) std::atomic<std::uint64_t> filled_{0};    // by the thread
  alignas(64) std::atomic<std::uint64_t> returned_{0};  // by the taker
  std::thread thread_;
};

}  // namespace mm::journal::detail
