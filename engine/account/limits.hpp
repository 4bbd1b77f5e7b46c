#pragma once

// What we must not exceed: messages a minute, position, loss. Each breach is told once.

#include <array>
#include <cstdint>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

/// Messages of the last minute, counted by second.
///
/// The window is the current second and the 60 before it, so it never covers less than a minute:
/// the number it allows is never more than the limit in any 60 s, at times a little less.
class MessageRate {
 public:
  /// Messages in the window that ends at `now`; `now` must not decrease.
  std::int64_t count(Time now);
  void add(Time now, std::int64_t messages);

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);
  bool operator==(const MessageRate&) const = default;

 private:
  static constexpr std::size_t seconds = 61;

  void advance(Time now);

  std::array<std::int32_t, seconds> counts_{};
  std::int64_t last_second_ = 0;
  std::int64_t total_ = 0;
};

/// Remembers whether a breach was told, so that an alert is sent when it begins and not again until
/// it has ended.
class Latch {
 public:
  /// True when `breached` is and was not before.
  bool begins(bool breached) {
    const bool begins = breached && !breached_;
    breached_ = breached;
    return begins;
  }
  bool breached() const { return breached_; }
  void set(bool breached) { breached_ = breached; }
  bool operator==(const Latch&) const = default;

 private:
  bool breached_ = false;
};

}  // namespace mm
