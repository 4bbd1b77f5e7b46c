#pragma once

// TakerProcess: when taker orders come, as a marked Hawkes process with two sides that excite each
// other (models.md 9.1, 9.2), simulated exactly by Ogata's thinning (Ogata 1981).
//
// A side is the side of the book that is taken from: sellers take from bids. With the baseline
// mu_side(t), constant between two calls of set_baseline,
//
//   lambda_side(t) = mu_side(t) + S_side(t)
//   S_side decays with beta; an order with mark m adds alpha * m * mark_same to the side it takes
//   from and alpha * m * mark_other to the other
//   mark: min((size / median)^mark_power, mark_cap) * (mark_sweep if it traded at two prices)
//
// Draws: the wait -ln(U) / bound with bound = the intensity of both sides right after the last
// point; then U * bound below lambda_bid is an order against bids, below lambda_bid + lambda_ask
// one against asks, else nothing happens. A change of the baseline draws the wait anew from there,
// which the exponential's lack of memory allows.

#include <optional>

#include "engine/random.hpp"
#include "sim/synthetic/settings.hpp"

namespace mm::sim {

class TakerProcess {
 public:
  /// `settings` is borrowed.
  TakerProcess(const FlowSettings& settings, SplitMix64 random, Time start)
      : settings_(&settings), random_(random), last_(start) {
    draw();
  }

  /// When the next candidate is due.
  Time next() const { return next_; }
  /// From `now` on, now <= next().
  void set_baseline(Time now, double bid, double ask);
  /// Goes to the candidate: the side of the taker, if it is an order. Then excite() must follow.
  std::optional<Side> arrive();
  /// The order that just arrived had this mark.
  void excite(Side taker, double mark);

  /// Of a size relative to the median, without the sweep factor.
  double size_mark(double relative_size) const;

  double baseline(Side book_side) const { return book_side == Side::buy ? mu_bid_ : mu_ask_; }
  /// S of a side at the last point.
  double excitation(Side book_side) const { return book_side == Side::buy ? s_bid_ : s_ask_; }

 private:
  void decay_to(Time now);
  void draw();

  const FlowSettings* settings_;
  SplitMix64 random_;
  Time last_;
  Time next_;
  double mu_bid_ = 0, mu_ask_ = 0;
  double s_bid_ = 0, s_ask_ = 0;
  double bound_ = 0;
};

}  // namespace mm::sim
