#pragma once

// How fast a series moves (Models 3.4): the difference of two decayed averages of it.
//
//   v = (E_fast - E_slow) / (tau_slow - tau_fast)          tau 1 s and 5 s
//
// On a straight line this is its slope; held samples every D seconds make it a little low (0.4 % at
// D = 0.5 s).

#include <chrono>
#include <cmath>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/types.hpp"

namespace mm {

struct VelocitySettings {
  Duration tau_fast = std::chrono::seconds{1};
  Duration tau_slow = std::chrono::seconds{5};
  Duration tau_square = std::chrono::seconds{600};  ///< of z_velocity
};

class Velocity {
 public:
  void update(const VelocitySettings& settings, Time now, double x) {
    fast_.update(now, x, settings.tau_fast);
    slow_.update(now, x, settings.tau_slow);
  }
  /// With the factors by which both averages fade since the last update.
  void update_by(double left_fast, double left_slow, Time now, double x) {
    fast_.update_by(left_fast, now, x);
    slow_.update_by(left_slow, now, x);
  }
  /// Units of the series a second; absent before the first value.
  std::optional<double> per_second(const VelocitySettings& settings) const {
    if (!fast_.started()) return std::nullopt;
    return (*fast_.value() - *slow_.value()) /
           (seconds_of(settings.tau_slow) - seconds_of(settings.tau_fast));
  }
  /// After a gap, or when the series means something else from now on.
  void restart() { *this = Velocity{}; }

  void save(ByteWriter& out) const {
    fast_.save(out);
    slow_.save(out);
  }
  void restore(ByteReader& in) {
    fast_.restore(in);
    slow_.restore(in);
  }

 private:
  HeldAverage fast_;
  HeldAverage slow_;
};

/// z_velocity: |v| against its own usual size, sqrt of the decayed mean of v^2.
///
/// The mean is over what was seen so far (it begins at 0 and is divided by 1 - e^(-elapsed/tau)),
/// so z means the same in the first minutes. Absent in the first tau_slow, while the velocity
/// itself warms up, and while v never was more than rounding (1e-9 units a second).
class VelocityScore {
 public:
  /// `left` = decay_factor(now - last(), tau_square).
  void update_by(double left, const VelocitySettings& settings, Time now, double v) {
    if (!start_) start_ = now;
    if (last_) {
      squares_ = left * squares_ + (1 - left) * held_;
      seen_ = left * seen_ + (1 - left);
    }
    held_ = v * v;
    last_ = now;
    z_.reset();
    if (now - *start_ >= settings.tau_slow && squares_ > 1e-18 * seen_)
      z_ = std::fabs(v) / std::sqrt(squares_ / seen_);
  }
  std::optional<Time> last() const { return last_; }
  std::optional<double> z() const { return z_; }

  void save(ByteWriter& out) const {
    put_optional(out, start_);
    put_optional(out, last_);
    for (const double value : {squares_, seen_, held_}) out.put_double(value);
    put_optional(out, z_);
  }
  void restore(ByteReader& in) {
    start_ = get_optional_time(in);
    last_ = get_optional_time(in);
    for (double* value : {&squares_, &seen_, &held_}) *value = in.get_double();
    z_ = get_optional_double(in);
  }

 private:
  std::optional<Time> start_;
  std::optional<Time> last_;
  double squares_ = 0;
  double seen_ = 0;  // 1 - e^(-elapsed/tau)
  double held_ = 0;
  std::optional<double> z_;
};

}  // namespace mm
