#pragma once

// A Hawkes intensity whose kernel grows with the queue consumed before us, exactly (Models 9.4).
//
//   lambda = mu + sum of w_i e^(-beta (t - t_i)) (1 + q clip((C(t) - C_i)/Theta, 0, 1))
//
// C is the volume consumed (traded or cancelled) at our level since we joined, C_i its value at
// event i. Events saturate oldest first, since C never falls, so three sums suffice:
//
//   s0  = sum of x, s1 = sum of x C_i over the unsaturated,  s0s = sum of x over the saturated,
//   x = w_i e^(-beta (t - t_i));   lambda = mu + s0 + (q/Theta)(C s0 - s1) + (1 + q) s0s
//
// Each event moves once: O(1) amortised. The sums are made anew every 4096 operations, with C
// counted from the oldest unsaturated event, so that C s0 - s1 does not cancel. Events of weight
// below 1e-12 (older than 27.7/beta) are dropped; what they weighed goes with the next rebuild.
// Memory grows to the events of that span and is kept.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/ring.hpp"
#include "engine/types.hpp"

namespace mm {

class HawkesQueueKernel {
 public:
  struct Settings {
    double beta = 2.0;         ///< 1/s
    double sensitivity = 0.5;  ///< q
  };
  static constexpr std::uint32_t rebuild_interval = 4096;

  /// Theta: the typical queue, > 0, in the unit of volumes. Fixed from here to the next requote.
  explicit HawkesQueueKernel(double typical_queue = 1) : typical_queue_(typical_queue) {}

  /// A taker order with weight alpha * mark.
  void on_order(const Settings& settings, Time now, double weight);
  /// `volume` >= 0 left the queue at our level.
  void on_consumed(const Settings& settings, Time now, double volume);
  /// We quote at another price: nothing is consumed there yet. O(events kept).
  void requote(const Settings& settings, Time now, double typical_queue);

  /// What the orders add to the baseline; >= 0, not before the last call.
  double excitation(const Settings& settings, Time now) const;
  std::size_t events() const { return events_.size(); }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Event {
    Time time;
    double weight = 0;
    double consumed = 0;  // C_i
  };
  void advance(const Settings& settings, Time now);
  void saturate(const Settings& settings);
  void count_operation(const Settings& settings);
  void rebuild(const Settings& settings);
  void forget(const Settings& settings);

  double typical_queue_;
  double consumed_ = 0;  // C
  double s0_ = 0;
  double s1_ = 0;
  double s0_saturated_ = 0;
  std::optional<Time> last_;
  std::uint32_t operations_ = 0;  // since the last rebuild
  Ring<Event> events_;
  std::size_t saturated_ = 0;  // of them, the oldest
};

}  // namespace mm
