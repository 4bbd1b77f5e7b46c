#pragma once

// OwnOutlook: what is learnt from our own orders and fills. One per trader, beside the shared
// Outlook, which knows nothing of our orders.
//
//   queues      where each resting order stands (engine/features/queue_tracker.hpp), and how fast
//               what is ahead is cancelled
//   fills       our exposure and fills by depth: kappa_own (engine/models/kappa.hpp)
//   aftermath   ten seconds after a fill: did the mid move against us, was the fill adverse
//               (markout from its price < 0), by how much (FillMoves)
//   chase       do our quotes follow the walls (engine/features/chase.hpp)
//   fill notes  what surrounded a maker fill: shelter at its price, place among the walls just
//               before it and a second earlier
//
// Depths are of the last decision before: at the instant of a fill the mid has moved already.
// What needs a mid is judged at decisions, so ten seconds are ten seconds and up to a decision
// more; a fill whose mid is not known within `horizon_late` counts nothing. Before enough fills
// shares are their priors, each worth `prior_fills` fills. Nothing allocates.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/book/orders.hpp"
#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/features/chase.hpp"
#include "engine/features/queue_tracker.hpp"
#include "engine/models/fill_probability.hpp"
#include "engine/models/kappa.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/prediction.hpp"
#include "engine/state.hpp"

namespace mm {

/// A share of our fills, decayed by fills, beginning at a prior.
class FillShare {
 public:
  /// `half_life` in fills.
  void add(bool yes, double half_life);
  /// In (0, 1): (yes + prior weight) / (all + weight).
  double share(double prior, double weight) const {
    return (yes_ + prior * weight) / (all_ + weight);
  }
  /// Decayed number of fills.
  double count() const { return all_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  double yes_ = 0;
  double all_ = 0;
};

class OwnOutlook {
 public:
  static constexpr Duration horizon = std::chrono::seconds{10};
  static constexpr Duration horizon_late = std::chrono::seconds{5};
  static constexpr double prior_adverse = 0.3;      ///< of fills, 10 s P&L below 0
  static constexpr double prior_mid_against = 0.5;  ///< of fills, mid moves against us
  static constexpr double prior_fills = 20;

  /// `in_book`: our orders stand in the displayed book (live), not only on paper.
  explicit OwnOutlook(bool in_book) : in_book_(in_book), queues_({.in_book = in_book}) {}

  // ------------------------------------------------------------ what happens

  /// A market or feed event of the quoted instrument, `instrument` as it stands after it; needed
  /// while following().
  void on_market(const Event& event, const InstrumentState& instrument) {
    if (event.header.exchange_time != Time{})
      feed_lag_ = event.header.recv_time - event.header.exchange_time;
    // A best quote says nothing of queues.
    if (!std::holds_alternative<BestQuote>(event.body)) queues_.on_event(event, instrument);
  }
  /// The venue holds the order.
  void on_ack(Time now, const Order& order, const InstrumentState& instrument);
  /// A maker fill of ours, before the order is changed or gone. The note is for the journal.
  FillNote on_fill(const EventHeader& header, const Fill& fill, Qty position_before,
                   const Outlook& outlook, const InstrumentState& instrument);
  void on_end(Time now, ClientOrderId order);

  /// A decision is due, before the strategy is asked, at a touch of others that is two-sided.
  /// `position` is signed, in lots.
  void on_decision(Time now, const Outlook& outlook, const Touch& touch, Qty position);
  /// After the decision: our best wanted or resting prices, for the chase metric.
  void on_quotes(Time now, std::span<const Order> orders);

  // ------------------------------------------------------------ what is known

  /// Orders rest, so that market events are wanted.
  bool following() const { return !queues_.all().empty(); }
  /// Null for an order that does not rest (or was not acknowledged).
  const TrackedOrder* queue(ClientOrderId order) const { return queues_.find(order); }
  /// Cancels of what is ahead of us, 1/s.
  double cancel_rate(const CancelRate::Settings& settings) const {
    return cancels_.per_second(settings);
  }
  /// As of the last second.
  const std::optional<KappaOwn>& kappa() const { return kappa_; }
  /// P(10 s markout < 0 | fill) and P(mid moves against us within 10 s | fill).
  double p_adverse(Side side) const {
    return adverse_[index(side)].share(prior_adverse, prior_fills);
  }
  double p_mid_against(Side side) const {
    return against_[index(side)].share(prior_mid_against, prior_fills);
  }
  /// Decayed number of fills judged so far.
  double judged_fills(Side side) const { return against_[index(side)].count(); }
  /// Mean moves after our fills, from `prior_bps` each way while there are few.
  MeanMoves moves(const FillMoves::Settings& settings, Side side,
                  std::optional<VolatilityRegime> regime, double prior_bps) const;
  /// Since the position last left zero (or changed sign); absent while flat.
  std::optional<Duration> inventory_age(Time now) const;
  ChaseMetric::Rates chase() const { return chase_.rates(); }

  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);
  void list_fields(std::vector<StateField>& fields) const;

 private:
  static std::size_t index(Side side) { return side == Side::sell ? 1 : 0; }

  /// One order that rests, beside its queue.
  struct Resting {
    ClientOrderId order;
    Side side = Side::buy;
    Price price;
    Time since;             // exposure is booked up to here
    double depth_bps = -1;  // at the last decision; below 0: none yet
    double cancelled = 0;   // of its level, at the last decision
    double ahead = 0;       // likewise
  };
  /// A fill whose aftermath is not known yet.
  struct Pending {
    Time at;
    Side side = Side::buy;
    double price = 0;
    double mid = 0;
    std::uint8_t regime = 0;  // VolatilityRegime; volatility_regimes = unknown
  };
  /// The standing walls of both sides at a decision.
  struct SeenWall {
    Level largest;
    std::int64_t bucket = 0;
    std::int64_t moves = 0;
  };
  struct WallMoment {
    static constexpr std::size_t kept = 8;
    Time at;
    std::int64_t m2 = 0;  // 0: there was no reading
    std::array<std::array<SeenWall, kept>, 2> walls{};
    std::array<std::uint8_t, 2> count{};
  };
  static constexpr std::size_t resting_capacity = QueueTracker::capacity;
  static constexpr std::size_t pending_capacity = 256;
  static constexpr std::size_t moments = 32;
  static constexpr Duration moment_spacing = std::chrono::milliseconds{50};

  Resting* find(ClientOrderId order);
  void book_exposure(Time now, Resting& order);
  void judge(Time now, const Outlook& outlook, double mid);
  void observe_queues(Time now, const Outlook& outlook);
  void note_walls(Time now, const Outlook& outlook);
  void hear_wall_moves(Time now, const WallMoment& before, const WallMoment& after);
  const WallMoment* walls_before(Time instant) const;
  Time match_time(const EventHeader& header) const;

  bool in_book_ = false;
  QueueTracker queues_;
  std::array<Resting, resting_capacity> resting_{};
  std::size_t resting_count_ = 0;
  OwnFills::Settings fill_settings_;  // as of the last decision; not state
  CancelRate cancels_;
  std::optional<Time> observed_at_;
  OwnFills fills_;
  std::optional<KappaOwn> kappa_;
  Time estimate_at_;
  std::array<FillShare, 2> adverse_;
  std::array<FillShare, 2> against_;
  FillMoves moves_;
  std::array<Pending, pending_capacity> pending_{};  // a ring
  std::uint64_t pending_first_ = 0;
  std::uint64_t pending_end_ = 0;
  ChaseMetric chase_;
  Price best_bid_;  // of our quotes, 0 = none
  Price best_ask_;
  std::int64_t position_sign_ = 0;
  Time opened_at_;
  Duration feed_lag_{};  // receive less venue time of the last market event that had one
  std::array<WallMoment, moments> walls_{};
  std::uint64_t wall_count_ = 0;
  std::optional<double> mid_;  // at the last decision
  std::uint8_t regime_ = 0;    // likewise, VolatilityRegime; volatility_regimes = unknown
};

}  // namespace mm
