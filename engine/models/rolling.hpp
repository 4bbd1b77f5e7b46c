#pragma once

// Exact sums over the last so many seconds, and values as they were so long ago.
//
// Windows are (t - W, t]. Values are integers (lots), so sums with removal stay exact. Amortised
// O(1); memory grows to the most a window ever held and is kept.

#include <cstdint>
#include <cstdlib>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/ring.hpp"
#include "engine/types.hpp"

namespace mm {

/// Count, sum and sum of absolute values of what happened within the window.
class RollingSum {
 public:
  explicit RollingSum(Duration window = Duration{}) : window_(window) {}

  void add(Time now, std::int64_t value) {
    expire(now);
    items_.push({now, value});
    sum_ += value;
    absolute_ += std::abs(value);
  }
  /// Forgets what is no longer in the window at `now`.
  void expire(Time now) {
    while (!items_.empty() && items_.front().time <= now - window_) {
      sum_ -= items_.front().value;
      absolute_ -= std::abs(items_.front().value);
      items_.pop();
    }
  }
  std::int64_t count() const { return static_cast<std::int64_t>(items_.size()); }
  std::int64_t sum() const { return sum_; }
  std::int64_t absolute() const { return absolute_; }
  /// sum / absolute in [-1, 1]; absent for an empty window.
  std::optional<double> balance() const {
    if (absolute_ == 0) return std::nullopt;
    return static_cast<double>(sum_) / static_cast<double>(absolute_);
  }

  void save(ByteWriter& out) const {
    out.put_u64(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      out.put_i64(to_ns(items_[i].time));
      out.put_i64(items_[i].value);
    }
  }
  void restore(ByteReader& in) {
    items_.clear();
    sum_ = 0;
    absolute_ = 0;
    const std::uint64_t count = in.get_u64();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
      const Time time = time_from_ns(in.get_i64());
      const std::int64_t value = in.get_i64();
      if (in.failed()) return;
      items_.push({time, value});
      sum_ += value;
      absolute_ += std::abs(value);
    }
  }

 private:
  struct Item {
    Time time;
    std::int64_t value = 0;
  };
  Duration window_;
  std::int64_t sum_ = 0;
  std::int64_t absolute_ = 0;
  Ring<Item> items_;
};

/// A step series as it stood `lag` ago: the last value stamped at or before now - lag. Values
/// closer than `spacing` to the last kept one are left out, which bounds the memory.
class PastValue {
 public:
  PastValue() = default;
  PastValue(Duration lag, Duration spacing) : lag_(lag), spacing_(spacing) {}

  void add(Time now, double value) {
    expire(now);
    if (items_.empty() || now >= items_.back().time + spacing_) items_.push({now, value});
  }
  /// Absent while the series is shorter than the lag.
  std::optional<double> at(Time now) {
    expire(now);
    if (items_.empty() || items_.front().time > now - lag_) return std::nullopt;
    return items_.front().value;
  }
  void restart() { items_.clear(); }

  void save(ByteWriter& out) const {
    out.put_u64(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      out.put_i64(to_ns(items_[i].time));
      out.put_double(items_[i].value);
    }
  }
  void restore(ByteReader& in) {
    items_.clear();
    const std::uint64_t count = in.get_u64();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
      const Time time = time_from_ns(in.get_i64());
      const double value = in.get_double();
      if (!in.failed()) items_.push({time, value});
    }
  }

 private:
  struct Item {
    Time time;
    double value = 0;
  };
  /// Keeps one value at or before now - lag: the one that held.
  void expire(Time now) {
    while (items_.size() > 1 && items_[1].time <= now - lag_) items_.pop();
  }
  Duration lag_{};
  Duration spacing_{};
  Ring<Item> items_;
};

}  // namespace mm
