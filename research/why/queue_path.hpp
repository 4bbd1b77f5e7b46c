#pragma once

// How an order came to the front of its queue, from its acceptance to its fill.
//
// Two views of the same: the online estimate with its bounds (engine/features/queue_tracker.hpp),
// and for orders of the paper exchange the place it really had there. That one is found by putting
// the order, and what it kept its place from, into a paper exchange with the session's settings and
// no latency, at the moments they arrived.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/features/queue_tracker.hpp"
#include "research/why/session.hpp"
#include "research/why/trail.hpp"
#include "sim/exchange.hpp"

namespace mm::research::why {

/// Lots of others in front of us at one moment.
struct QueuePoint {
  Time time;
  std::optional<double> ahead;  ///< the paper exchange's place, else the estimate
  std::optional<double> estimate;
  std::optional<double> lo;
  std::optional<double> hi;
  std::optional<double> displayed;  ///< at our price, others' only
};

struct QueuePath {
  std::string model;               ///< "power3:3": the paper exchange's; "estimate" for real orders
  Time accepted;                   ///< at the exchange, on our receive clock
  std::vector<QueuePoint> points;  ///< where `ahead` changed, the first and the last among them
  std::size_t left_out = 0;        ///< points between that are not kept
  std::int64_t traded = 0;         ///< lots at our price meanwhile, against others
  std::int64_t cancelled = 0;      ///< a lower bound, as is `added`
  std::int64_t added = 0;

  const QueuePoint& first() const { return points.front(); }
  const QueuePoint& last() const { return points.back(); }
};

class QueueFollower {
 public:
  static constexpr std::size_t most_points = 64;

  /// An order and when it arrived at the exchange.
  struct Arrival {
    OrderStep step;
    Time at;
  };

  /// `arrivals`: the order last, in front of it those it may have kept its place from, in order.
  /// Requires one at least.
  QueueFollower(const Session& session, std::span<const Arrival> arrivals);

  /// In front of a market event: what arrives before it meets the market as it stands.
  void before_market(Time market_time, const InstrumentState& instrument);
  /// An event of the quoted instrument, `instrument` as it stands after it.
  void on_event(const Event& event, const InstrumentState& instrument);

  bool accepted() const { return next_ == arrivals_.size(); }
  /// Empty if it was never accepted.
  std::optional<QueuePath> path() const;
  /// What a fill of `qty` by a taker at `match_time` had around it; absent as the tracker says.
  std::optional<FillSurroundings> surroundings(Qty qty, Time match_time) const {
    return tracker_.surroundings(arrivals_.back().step.order, qty, match_time);
  }

 private:
  void arrive(const Arrival& arrival, const InstrumentState& instrument);
  QueuePoint point(Time time) const;
  void note(Time time);

  std::vector<Arrival> arrivals_;
  std::size_t next_ = 0;
  std::optional<sim::Exchange> paper_;
  QueueTracker tracker_;
  QueuePath path_;
};

}  // namespace mm::research::why
