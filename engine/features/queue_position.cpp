#include "engine/features/queue_position.hpp"

#include <algorithm>

#include "engine/det/math.hpp"

namespace mm {
namespace {

double raised(double x, double power) {
  if (power == 1) return x;
  if (power == 2) return x * x;
  if (power == 3) return x * x * x;
  return det::pow(x, power);
}

}  // namespace

QueuePosition::QueuePosition(double our_size, std::optional<double> displayed)
    : known_(displayed.has_value()), remaining_(our_size) {
  if (!displayed) return;
  ahead_ = ahead_lo_ = ahead_hi_ = std::max(*displayed, 0.0);
}

void QueuePosition::add(double lots) {
  if (known_) behind_ += lots;
}

void QueuePosition::cancel(double lots, double power, bool lone_order) {
  if (!known_) return;
  const double others = ahead_ + behind_;
  lots = std::min(lots, others);
  double from_ahead = 0;
  if (!(lone_order && lots > ahead_) && ahead_ > 0) {
    // Of shares, so that no power of a quantity overflows.
    const double front = raised(ahead_ / others, power);
    const double back = raised(behind_ / others, power);
    from_ahead = lots * (front / (front + back));
  }
  from_ahead = std::clamp(from_ahead, std::max(0.0, lots - behind_), ahead_);
  ahead_ = std::max(0.0, ahead_ - from_ahead);
  behind_ = std::max(0.0, behind_ - (lots - from_ahead));
  ahead_hi_ = std::max(ahead_, std::min(ahead_hi_, others - lots));
  const bool none_ahead = lone_order && lots > ahead_hi_;
  ahead_lo_ = std::min(ahead_, none_ahead ? ahead_lo_ : std::max(0.0, ahead_lo_ - lots));
}

double QueuePosition::trade(double lots) {
  if (!known_) return 0;
  const double reaching = std::max(0.0, lots - ahead_);
  const double fill = std::min(reaching, remaining_);
  ahead_ = std::max(0.0, ahead_ - lots);
  ahead_lo_ = std::max(0.0, ahead_lo_ - lots);
  ahead_hi_ = std::max(0.0, ahead_hi_ - lots);
  behind_ = std::max(0.0, behind_ - (reaching - fill));
  remaining_ -= fill;
  filled_ += fill;
  return fill;
}

double QueuePosition::trade_through() {
  const double fill = remaining_;
  ahead_ = ahead_lo_ = ahead_hi_ = 0;
  remaining_ = 0;
  filled_ += fill;
  return fill;
}

void QueuePosition::cap(double displayed) {
  displayed = std::max(displayed, 0.0);
  if (!known_) {
    known_ = true;
    ahead_ = ahead_lo_ = ahead_hi_ = displayed;
    behind_ = 0;
    return;
  }
  ahead_ = std::min(ahead_, displayed);
  ahead_lo_ = std::min(ahead_lo_, displayed);
  ahead_hi_ = std::min(ahead_hi_, displayed);
  behind_ = std::min(behind_, displayed - ahead_);
}

void QueuePosition::save(ByteWriter& out) const {
  out.put_flag(known_);
  for (const double value : {ahead_, ahead_lo_, ahead_hi_, behind_, remaining_, filled_})
    out.put_double(value);
}

void QueuePosition::restore(ByteReader& in) {
  known_ = in.get_flag();
  for (double* value : {&ahead_, &ahead_lo_, &ahead_hi_, &behind_, &remaining_, &filled_})
    *value = in.get_double();
}

FillContext fill_context(const FillSurroundings& around) {
  const double gone = around.others_1s_ago - around.others_after;
  if (around.others_1s_ago > 0 && gone > 0 && around.others_after <= 0.05 * around.others_1s_ago &&
      around.pulled_1s >= 0.5 * gone)
    return FillContext::last_remaining;
  if (around.others_after >= around.our_fill && around.others_after >= 0.30 * around.others_1s_ago)
    return FillContext::shielded;
  return FillContext::neutral;
}

}  // namespace mm
