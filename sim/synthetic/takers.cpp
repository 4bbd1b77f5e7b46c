#include "sim/synthetic/takers.hpp"

#include <algorithm>

#include "engine/det/math.hpp"

namespace mm::sim {

void TakerProcess::decay_to(Time now) {
  const double factor = det::exp(-settings_->beta * seconds_of(now - last_));
  s_bid_ *= factor;
  s_ask_ *= factor;
  last_ = now;
}

void TakerProcess::draw() {
  bound_ = mu_bid_ + mu_ask_ + s_bid_ + s_ask_;
  const double wait = bound_ > 1e-9 ? -det::log(random_.uniform()) / bound_ : 1e9;
  next_ = last_ + duration_of(std::min(wait, 1e9)) + Duration{1};
}

void TakerProcess::set_baseline(Time now, double bid, double ask) {
  if (bid == mu_bid_ && ask == mu_ask_) return;
  decay_to(now);
  mu_bid_ = bid;
  mu_ask_ = ask;
  draw();
}

std::optional<Side> TakerProcess::arrive() {
  decay_to(next_);
  const double at = random_.uniform() * bound_;
  if (at < mu_bid_ + s_bid_) return Side::sell;
  if (at < mu_bid_ + s_bid_ + mu_ask_ + s_ask_) return Side::buy;
  draw();
  return std::nullopt;
}

void TakerProcess::excite(Side taker, double mark) {
  const double same = settings_->alpha * mark * settings_->mark_same;
  const double other = settings_->alpha * mark * settings_->mark_other;
  s_bid_ += taker == Side::sell ? same : other;
  s_ask_ += taker == Side::sell ? other : same;
  draw();
}

double TakerProcess::size_mark(double relative_size) const {
  if (settings_->mark_power == 0) return 1;
  return std::min(det::pow(relative_size, settings_->mark_power), settings_->mark_cap);
}

}  // namespace mm::sim
