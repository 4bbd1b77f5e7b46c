#include "engine/models/hawkes_queue.hpp"

#include <algorithm>

#include "engine/det/math.hpp"

namespace mm {
namespace {

/// beta times the age beyond which an event weighs less than 1e-12.
constexpr double forgotten = 27.7;

double fade(const HawkesQueueKernel::Settings& settings, Duration elapsed) {
  return det::exp(-settings.beta * seconds_of(elapsed));
}

}  // namespace

void HawkesQueueKernel::advance(const Settings& settings, Time now) {
  if (last_ && now > *last_) {
    const double left = fade(settings, now - *last_);
    s0_ *= left;
    s1_ *= left;
    s0_saturated_ *= left;
  }
  last_ = now;
}

void HawkesQueueKernel::on_order(const Settings& settings, Time now, double weight) {
  advance(settings, now);
  forget(settings);
  events_.push({now, weight, consumed_});
  s0_ += weight;
  s1_ += weight * consumed_;
  count_operation(settings);
}

void HawkesQueueKernel::on_consumed(const Settings& settings, Time now, double volume) {
  advance(settings, now);
  consumed_ += volume;
  saturate(settings);
  count_operation(settings);
}

void HawkesQueueKernel::saturate(const Settings& settings) {
  while (saturated_ < events_.size() &&
         consumed_ - events_[saturated_].consumed >= typical_queue_) {
    const Event& event = events_[saturated_];
    const double x = event.weight * fade(settings, *last_ - event.time);
    s0_ -= x;
    s1_ -= x * event.consumed;
    s0_saturated_ += x;
    ++saturated_;
  }
  if (saturated_ == events_.size()) {
    s0_ = 0;
    s1_ = 0;
  }
}

void HawkesQueueKernel::requote(const Settings& settings, Time now, double typical_queue) {
  advance(settings, now);
  typical_queue_ = typical_queue;
  consumed_ = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) events_[i].consumed = 0;
  saturated_ = 0;
  rebuild(settings);
}

void HawkesQueueKernel::count_operation(const Settings& settings) {
  if (++operations_ >= rebuild_interval) rebuild(settings);
}

void HawkesQueueKernel::forget(const Settings& settings) {
  while (!events_.empty() && settings.beta * seconds_of(*last_ - events_[0].time) > forgotten) {
    events_.pop();
    saturated_ -= saturated_ > 0 ? 1 : 0;
  }
}

void HawkesQueueKernel::rebuild(const Settings& settings) {
  operations_ = 0;
  forget(settings);
  const double base = saturated_ < events_.size() ? events_[saturated_].consumed : consumed_;
  consumed_ -= base;
  s0_ = 0;
  s1_ = 0;
  s0_saturated_ = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    Event& event = events_[i];
    event.consumed -= base;
    const double x = event.weight * fade(settings, *last_ - event.time);
    if (i < saturated_) {
      s0_saturated_ += x;
    } else {
      s0_ += x;
      s1_ += x * event.consumed;
    }
  }
}

double HawkesQueueKernel::excitation(const Settings& settings, Time now) const {
  const double now_value = s0_ + settings.sensitivity / typical_queue_ * (consumed_ * s0_ - s1_) +
                           (1 + settings.sensitivity) * s0_saturated_;
  const double left = last_ && now > *last_ ? fade(settings, now - *last_) : 1;
  return std::max(0.0, now_value * left);  // rounding may leave a negative speck of nothing
}

void HawkesQueueKernel::save(ByteWriter& out) const {
  out.put_double(typical_queue_);
  out.put_double(consumed_);
  out.put_double(s0_);
  out.put_double(s1_);
  out.put_double(s0_saturated_);
  put_optional(out, last_);
  out.put_u64(operations_);
  out.put_u64(events_.size());
  out.put_u64(saturated_);
  for (std::size_t i = 0; i < events_.size(); ++i) {
    out.put_i64(to_ns(events_[i].time));
    out.put_double(events_[i].weight);
    out.put_double(events_[i].consumed);
  }
}

void HawkesQueueKernel::restore(ByteReader& in) {
  *this = HawkesQueueKernel{};
  typical_queue_ = in.get_double();
  consumed_ = in.get_double();
  s0_ = in.get_double();
  s1_ = in.get_double();
  s0_saturated_ = in.get_double();
  last_ = get_optional_time(in);
  operations_ = static_cast<std::uint32_t>(in.get_u64());
  const std::uint64_t count = in.get_u64();
  const std::uint64_t saturated = in.get_u64();
  if (saturated > count) in.fail();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    Event event;
    event.time = time_from_ns(in.get_i64());
    event.weight = in.get_double();
    event.consumed = in.get_double();
    if (!in.failed()) events_.push(event);
  }
  saturated_ = in.failed() ? 0 : static_cast<std::size_t>(saturated);
}

}  // namespace mm
