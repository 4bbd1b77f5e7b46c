#pragma once

// The round trips a session's own orders made: latency=recorded.
//
// A trip begins when a place goes out and ends when its acknowledgement is heard. When it reached
// the exchange is told by the exchange's stamp X, on the exchange's clock; the paper exchange lives
// on our receive clock, where the market of X arrived `delay` later, `delay` being receive time
// less stamp of the quoted instrument's last market event. So the order met the market at X +
// delay, kept between sending and hearing. The stamps of a simulated exchange are on our receive
// clock: there it is X itself. Rejected orders and those without a stamp tell nothing.
//
// A fold over a session's records, in order.

#include <map>
#include <vector>

#include "engine/event.hpp"
#include "engine/output.hpp"
#include "sim/latency.hpp"

namespace mm::sim {

class RoundTrips {
 public:
  void on_event(const Event& event);
  void on_output(const Output& output);

  const std::vector<RoundTrip>& trips() const { return trips_; }
  /// At most LatencyModel::most_rows of them, evenly spread.
  std::vector<RoundTrip> thinned() const;

 private:
  std::map<ClientOrderId, Time> under_way_;
  std::optional<Duration> delay_;
  bool real_ = true;  // the session's orders stood at a venue
  std::vector<RoundTrip> trips_;
};

}  // namespace mm::sim
