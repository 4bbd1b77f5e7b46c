#pragma once

// EventBatch: the events that came out of one frame, together with the memory their views borrow.

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/event.hpp"

namespace mm::venues {

/// Grows in chunks that never move, so a pointer into it stays valid until `clear`. Chunks are kept
/// for the next round: a reused arena stops allocating.
class Arena {
 public:
  /// Room for `count` items; the arena is not advanced until `commit`, and a second call before
  /// that gives the same memory.
  template <class T>
  T* room(std::size_t count) {
    return reinterpret_cast<T*>(room_of_bytes(count * sizeof(T)));
  }
  /// Keeps the first `count` items of the last `room`.
  template <class T>
  std::span<const T> commit(T* items, std::size_t count) {
    used_ += (count * sizeof(T) + alignment - 1) / alignment * alignment;
    return {items, count};
  }
  template <class T>
  std::span<const T> copy(std::span<const T> items) {
    T* at = room<T>(items.size());
    if (!items.empty()) std::memcpy(at, items.data(), items.size_bytes());
    return commit(at, items.size());
  }
  std::string_view copy_text(std::string_view text) {
    const auto kept = copy(std::span<const char>{text.data(), text.size()});
    return {kept.data(), kept.size()};
  }
  void clear() { chunk_ = used_ = 0; }

 private:
  static constexpr std::size_t alignment = 8;
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::byte* room_of_bytes(std::size_t bytes);

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;  // the one in use
  std::size_t used_ = 0;   // bytes of it
};

/// Events in the order in which the core shall see them. All have the receive time of the frame
/// that released them. `clear` ends the life of every view in them.
class EventBatch {
 public:
  void clear() {
    events_.clear();
    arena_.clear();
  }
  Arena& arena() { return arena_; }
  const std::vector<Event>& events() const { return events_; }

  template <class Body>
  void add(const EventHeader& header, const Body& body) {
    events_.push_back(Event{header, body});
  }
  /// A feed status whose detail is copied.
  void add_status(const EventHeader& header, FeedState state, std::string_view detail,
                  std::int64_t expected_id = 0, std::int64_t found_id = 0) {
    add(header, FeedStatus{state, expected_id, found_id, arena_.copy_text(detail)});
  }
  /// Takes back what was added since `events().size()` was `size`: a frame is taken whole or not.
  void truncate(std::size_t size) {
    events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(size), events_.end());
  }

 private:
  std::vector<Event> events_;
  Arena arena_;
};

}  // namespace mm::venues
