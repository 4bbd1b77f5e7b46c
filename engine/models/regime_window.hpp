#pragma once

// What the regime filter is shown: one observation for each window of ten seconds (Models 13.1).
//
// All relative to the asset's own level, so that one table of parameters serves every asset:
// sigma_ref is the root of the decayed mean of squared 1 s returns, rate_ref the decayed rate of
// taker orders, both over 24 h; before an hour of data the configured references stand in. Windows
// do not overlap: evidence is used once.

#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/regime_hmm.hpp"
#include "engine/models/ring.hpp"
#include "engine/types.hpp"

namespace mm {

class RegimeWindow {
 public:
  struct Settings {
    Duration window = std::chrono::seconds{10};
    Duration reference_tau = std::chrono::hours{24};
    Duration warm_up = std::chrono::hours{1};
    double sigma_reference = 1e-4;  ///< fraction per root second, while warming up
    double rate_reference = 1;      ///< taker orders per second, while warming up
    double shrinkage = 5;           ///< added to the weight of a window's orders
    Duration outcome = std::chrono::seconds{1};
  };

  /// Each 1 s log return of the mid, as the volatility clock makes them.
  void on_return(const Settings& settings, Time now, double log_return);
  /// The mid from `now` on; > 0.
  void on_mid(const Settings& settings, Time now, double mid);
  /// relative_size = size/median > 0.
  void on_order(const Settings& settings, Time now, Side taker, double relative_size);
  /// Call often: ends the window and gives its first four dimensions when its time has come. The
  /// first call opens one.
  std::optional<RegimeObservation> poll(const Settings& settings, Time now);
  /// Throws the running window away: a gap in the data.
  void gap();

  double sigma_reference(const Settings& settings, Time now) const;
  double rate_reference(const Settings& settings, Time now) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Waiting {
    Time due;
    double signed_weight = 0;
    double mid = 0;
  };
  void settle(Time now);
  void open(Time now);

  std::optional<Time> first_;  // of all data: the warm-up
  std::optional<Time> opened_;
  std::optional<double> mid_;
  double squares_ = 0;
  std::int64_t returns_ = 0;
  std::int64_t orders_ = 0;
  double signed_weight_ = 0;
  double weight_ = 0;
  double moved_ = 0;  // sum of weight * taker-signed move of 1 s, entered 1 s late
  double moved_weight_ = 0;
  Ring<Waiting> waiting_;
  DecayedSum reference_squares_;
  DecayedSum reference_returns_;
  DecayedRate reference_rate_;
};

}  // namespace mm
