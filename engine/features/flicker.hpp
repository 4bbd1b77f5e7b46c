#pragma once

// How often a level comes and goes (Models 3.3).
//
// Present when its size reaches theta_on, absent when it falls to theta_off; every change counts
// one. Sampled every D: what flickers faster than 1/(2D) hides.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/types.hpp"

namespace mm {

class Flicker {
 public:
  /// Starts the rate's clock here, if it has not started.
  void start(Time now) { rate_.start(now); }
  /// Whether this sample is a change. The first sample only says what is so.
  bool sample(Time now, double size, double theta_on, double theta_off, Duration tau) {
    rate_.start(now);
    const bool was = present_;
    if (size >= theta_on)
      present_ = true;
    else if (size <= theta_off)
      present_ = false;
    const bool changed = known_ && present_ != was;
    known_ = true;
    if (changed) rate_.count(now, tau);
    return changed;
  }
  bool present() const { return present_; }
  /// Changes a second, decayed; absent at and before the first sample.
  std::optional<double> rate_hz(Time now, Duration tau) const { return rate_.per_second(now, tau); }

  void save(ByteWriter& out) const {
    out.put_flag(known_);
    out.put_flag(present_);
    rate_.save(out);
  }
  void restore(ByteReader& in) {
    known_ = in.get_flag();
    present_ = in.get_flag();
    rate_.restore(in);
  }

 private:
  bool known_ = false;
  bool present_ = false;
  DecayedRate rate_;
};

/// The flicker of every absolute bucket of one side that is in the window. A bucket that leaves it
/// is forgotten.
class FlickerMap {
 public:
  static constexpr std::size_t capacity = 128;

  /// One round of samples: begin(), then each bucket once. Gives whether its presence changed.
  void begin() { ++round_; }
  bool sample(Time now, std::int64_t bucket, double size, double theta_on, Duration tau) {
    Entry& entry = at(bucket);
    if (entry.bucket != bucket || entry.round + 1 != round_) entry = Entry{bucket, 0, {}};
    entry.round = round_;
    return entry.flicker.sample(now, size, theta_on, theta_on / 2, tau);
  }
  /// Absent for a bucket that the last round left out, and at its first sample.
  std::optional<double> rate_hz(Time now, std::int64_t bucket, Duration tau) const {
    const Entry& entry = entries_[index(bucket)];
    if (entry.bucket != bucket || entry.round != round_ || round_ == 0) return std::nullopt;
    return entry.flicker.rate_hz(now, tau);
  }
  void clear() { ++round_; }

  void save(ByteWriter& out) const {
    std::uint64_t count = 0;
    for (const Entry& entry : entries_) count += is_live(entry);
    out.put_u64(count);
    for (const Entry& entry : entries_) {
      if (!is_live(entry)) continue;
      out.put_i64(entry.bucket);
      entry.flicker.save(out);
    }
  }
  void restore(ByteReader& in) {
    *this = FlickerMap{};
    round_ = 1;
    const std::uint64_t count = in.get_u64();
    if (count > capacity) in.fail();
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
      const std::int64_t bucket = in.get_i64();
      Entry& entry = at(bucket);
      entry = Entry{bucket, round_, {}};
      entry.flicker.restore(in);
    }
  }

 private:
  struct Entry {
    std::int64_t bucket = 0;
    std::uint64_t round = 0;  // of the last sample; 0 = none
    Flicker flicker;
  };
  static std::size_t index(std::int64_t bucket) {
    return static_cast<std::uint64_t>(bucket) % capacity;
  }
  Entry& at(std::int64_t bucket) { return entries_[index(bucket)]; }
  bool is_live(const Entry& entry) const { return round_ != 0 && entry.round == round_; }

  std::uint64_t round_ = 0;
  std::array<Entry, capacity> entries_{};
};

}  // namespace mm
