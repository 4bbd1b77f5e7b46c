#pragma once

// Averages and counts that forget: the building blocks of the online models (Models 0.2).
//
// Times are receive times in nanoseconds and must not decrease from call to call; seconds appear
// once, at the edge, through seconds_of(). tau is the e-folding time: half-life = tau ln 2. Nothing
// here allocates. A value nobody could know yet is absent, never 0.

#include <cmath>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/det/math.hpp"
#include "engine/types.hpp"

namespace mm {

constexpr double seconds_of(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

/// e^(-elapsed / tau): what is left of something `elapsed` old. Requires elapsed >= 0, tau > 0.
inline double decay_factor(Duration elapsed, Duration tau) {
  if (elapsed == Duration{}) return 1;
  return det::exp(-static_cast<double>(elapsed.count()) / static_cast<double>(tau.count()));
}

/// The e-folding time of a half-life.
constexpr Duration tau_of_half_life(Duration half_life) {
  return Duration{
      static_cast<std::int64_t>(static_cast<double>(half_life.count()) / 0.69314718055994530942)};
}

inline void put_optional(ByteWriter& out, std::optional<Time> time) {
  out.put_flag(time.has_value());
  out.put_i64(time ? to_ns(*time) : 0);
}
inline std::optional<Time> get_optional_time(ByteReader& in) {
  const bool set = in.get_flag();
  const Time time = time_from_ns(in.get_i64());
  return set ? std::optional{time} : std::nullopt;
}

inline void put_optional(ByteWriter& out, std::optional<double> value) {
  out.put_flag(value.has_value());
  out.put_double(value.value_or(0));
}
inline std::optional<double> get_optional_double(ByteReader& in) {
  const bool set = in.get_flag();
  const double value = in.get_double();
  return set ? std::optional{value} : std::nullopt;
}

/// Average of a step function: the value set at t0 holds until the next update.
///
///   d = e^(-(t - t0)/tau);   E <- d E + (1 - d) x(t0);   x(t0) <- x(t);   first call: E = x
class HeldAverage {
 public:
  void update(Time now, double x, Duration tau) {
    average_ = started() ? at(now, tau) : x;
    held_ = x;
    last_ = now;
  }
  /// The same where decay_factor(now - last update, tau) is known: averages that are updated
  /// together share it.
  void update_by(double left, Time now, double x) {
    average_ = started() ? left * average_ + (1 - left) * held_ : x;
    held_ = x;
    last_ = now;
  }
  bool started() const { return last_.has_value(); }
  /// The average over what held before the last update (that update's x is not in it).
  std::optional<double> value() const { return started() ? std::optional{average_} : std::nullopt; }
  /// The average up to `now`, not before the last update. Requires started().
  double at(Time now, Duration tau) const {
    const double left = decay_factor(now - *last_, tau);
    return left * average_ + (1 - left) * held_;
  }
  /// Forgets everything, for instance after a gap.
  void restart() { *this = HeldAverage{}; }

  void save(ByteWriter& out) const {
    put_optional(out, last_);
    out.put_double(average_);
    out.put_double(held_);
  }
  void restore(ByteReader& in) {
    last_ = get_optional_time(in);
    average_ = in.get_double();
    held_ = in.get_double();
  }

 private:
  std::optional<Time> last_;
  double average_ = 0;
  double held_ = 0;
};

/// Average of a sequence with a weight per step: E <- E + a (x - E), the first x starts it.
class StepAverage {
 public:
  void update(double x, double a) {
    average_ = started_ ? average_ + a * (x - average_) : x;
    started_ = true;
  }
  /// `count` steps of x = 0 at once: E <- E * left, with left = (1 - a)^count.
  void update_zeros(double left) {
    average_ *= left;
    started_ = true;
  }
  std::optional<double> value() const { return started_ ? std::optional{average_} : std::nullopt; }

  void save(ByteWriter& out) const {
    out.put_flag(started_);
    out.put_double(average_);
  }
  void restore(ByteReader& in) {
    started_ = in.get_flag();
    average_ = in.get_double();
  }

 private:
  bool started_ = false;
  double average_ = 0;
};

/// A sum that fades: C <- C e^(-elapsed/tau), plus what is added.
class DecayedSum {
 public:
  void add(Time now, double amount, Duration tau) {
    sum_ = at(now, tau) + amount;
    last_ = now;
  }
  /// The same where decay_factor(now - last(), tau) is known: sums that are added to together share
  /// it.
  void add_by(double left, Time now, double amount) {
    sum_ = sum_ * left + amount;
    last_ = now;
  }
  /// The sum as of `now`, not before the last addition; 0 before the first.
  double at(Time now, Duration tau) const {
    return last_ ? sum_ * decay_factor(now - *last_, tau) : 0;
  }
  /// The sum as of the last addition.
  double latest() const { return sum_; }
  std::optional<Time> last() const { return last_; }

  void save(ByteWriter& out) const {
    put_optional(out, last_);
    out.put_double(sum_);
  }
  void restore(ByteReader& in) {
    last_ = get_optional_time(in);
    sum_ = in.get_double();
  }

 private:
  std::optional<Time> last_;
  double sum_ = 0;
};

/// Events per second from a decayed count, unbiased while it warms up:
///
///   rate = C / (tau (1 - e^(-(t - start)/tau)))
class DecayedRate {
 public:
  /// From when on events are counted; the first event otherwise starts it.
  void start(Time now) {
    if (!start_) start_ = now;
  }
  void count(Time now, Duration tau) {
    start(now);
    count_.add(now, 1, tau);
  }
  double events(Time now, Duration tau) const { return count_.at(now, tau); }
  /// Absent at and before the start.
  std::optional<double> per_second(Time now, Duration tau) const {
    if (!start_ || now <= *start_) return std::nullopt;
    return count_.at(now, tau) / (seconds_of(tau) * (1 - decay_factor(now - *start_, tau)));
  }

  void save(ByteWriter& out) const {
    put_optional(out, start_);
    count_.save(out);
  }
  void restore(ByteReader& in) {
    start_ = get_optional_time(in);
    count_.restore(in);
  }

 private:
  std::optional<Time> start_;
  DecayedSum count_;
};

}  // namespace mm
