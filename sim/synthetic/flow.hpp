#pragma once

// SyntheticFlow: everybody else on one venue, sending orders into a MatchingBook.
//
//   value    the lead sees the path's value (path.hpp) at once, the quoted market each move a drawn
//            lag later. At each move it hears of, the market follows: orders within half an edge
//            (edge = half the spread) of the value or beyond it are withdrawn, and a side whose
//            best is further than the edge gets an order there
//   makers   arrive as a Poisson process; side by coin, price `edge + exponential` away from the
//            value, lifetime exponential; post-only, behind the
//            other side's best where a wall stands in their way
//   takers   a marked two-sided Hawkes process (takers.hpp), ioc at the touch or up to an edge
//            beyond. Baseline of the buyers:
//              mu * intensity * (1 + direction * bias) * exp(clamp(gap_weight * gap +
//              settlement_weight * cos(2 pi tau / funding interval), -3, 3))
//            with gap = (lead's value - mid) in bps and tau the time to the settlement, set anew at
//            each step of the path; sellers likewise with the opposite signs of bias and gap
//   walls    walls.hpp
//   regimes  scale all of it (RegimeSettings); at the start of a cascade `flush_share` of the
//            makers' orders are withdrawn within about 0.2 s, and some of its takers are
//            liquidations
//
// Every draw comes from a generator of its purpose, and nothing is decided by looking at anything
// but `book`: as long as the same book is shown to it, the flow is the same. An exchange in which
// our orders stand as well therefore shows it a book without them (exchange.hpp).
//
// Deterministic. A value: a copy goes on alone (with a copy of its book).

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "engine/instrument.hpp"
#include "sim/matching.hpp"
#include "sim/synthetic/path.hpp"
#include "sim/synthetic/takers.hpp"
#include "sim/synthetic/walls.hpp"

namespace mm::sim {

/// What the last step did to the book: orders added (with the place they got) or withdrawn.
struct FlowAction {
  enum class Kind : std::uint8_t { add, withdraw };
  Kind kind = Kind::add;
  NewOrder order;  ///< when added
  OrderRef ref;    ///< of what rests now, or was withdrawn; 0: nothing rests
};

/// A taker order.
struct TakerNote {
  Time time;
  Side side = Side::buy;
  Qty qty;     ///< of the order
  Qty filled;  ///< 0: there was nothing to take
  Price limit;
  double mark = 0;
  bool liquidation = false;
};

class SyntheticFlow {
 public:
  /// Arguments are copied. The book it is given must hold no orders of account 0
  /// but the flow's own. An instrument of role `lead` has no lag.
  SyntheticFlow(const Instrument& instrument, const SyntheticSettings& settings, Time start);

  /// When the next thing happens.
  Time next() const { return next_; }
  /// Lets it happen; appends what it did to orders of `book`.
  void step(MatchingBook& book, std::vector<MatchReport>& reports);

  // What the last step did, besides.
  std::span<const FlowAction> actions() const { return actions_; }
  const std::optional<TakerNote>& taker() const { return taker_; }
  std::span<const WallNote> wall_notes() const { return wall_notes_; }
  /// The path moved in the last step.
  bool moved() const { return moved_; }

  /// The value this market follows now, in price units.
  double value_units() const { return seen_ * units_per_one_; }
  double seen_value() const { return seen_; }  ///< the same in quote currency
  const MarketPath& path() const { return path_; }
  const TakerProcess& takers() const { return takers_; }
  std::span<const Wall> walls() const { return walls_.standing(); }

 private:
  struct Expiry {
    Time at;
    OrderRef order;
    auto operator<=>(const Expiry&) const = default;
  };
  struct News {
    Time at;
    double value = 0;
  };

  Time find_next() const;
  AddOutcome place(MatchingBook& book, const NewOrder& order, std::vector<MatchReport>& reports);
  void withdraw(MatchingBook& book, OrderRef order);
  void follow_path(MatchingBook& book, std::vector<MatchReport>& reports);
  void set_baseline(const MatchingBook& book);
  void flush();
  void hear(MatchingBook& book, std::vector<MatchReport>& reports, Time now, double value);
  void pull_stale(MatchingBook& book, Side side);
  void make_touch(MatchingBook& book, Side side, Time now, std::vector<MatchReport>& reports);
  void make(MatchingBook& book, std::vector<MatchReport>& reports);
  void take(MatchingBook& book, std::vector<MatchReport>& reports);
  void note_eaten_walls(std::span<const MatchReport> reports, Time now);
  void change_walls(MatchingBook& book, std::vector<MatchReport>& reports);
  bool place_wall(MatchingBook& book, Wall& wall, Qty qty, std::vector<MatchReport>& reports);
  void flicker(MatchingBook& book, Wall& wall, Time now, std::vector<MatchReport>& reports);
  void end_wall(MatchingBook& book, Wall& wall, Time now);
  void move_wall(MatchingBook& book, Wall& wall, int ticks, Time now,
                 std::vector<MatchReport>& reports);
  void flee(MatchingBook& book, Time now);
  Price price_at(Side side, double distance) const;
  Price not_crossing(const MatchingBook& book, Side side, Price price) const;
  void keep(OrderRef order, Time now);
  double edge() const;
  Qty draw_qty(SplitMix64& random, double median, double sigma);

  struct Held {
    Instrument instrument;
    SyntheticSettings settings;
  };
  std::shared_ptr<const Held> held_;  // never changes; path, takers and walls borrow from it
  const Instrument& instrument_;
  const SyntheticSettings& settings_;
  const FlowSettings& flow_;
  bool lags_;
  double units_per_one_;
  MarketPath path_;
  TakerProcess takers_;
  Walls walls_;
  SplitMix64 lag_random_, maker_random_, touch_random_, taker_random_, flush_random_;
  double seen_;
  std::deque<News> news_;  // moves under way, by time
  Time next_maker_;
  std::vector<Expiry> expiries_;  // a heap, earliest on top
  Time next_;

  std::vector<FlowAction> actions_;
  std::optional<TakerNote> taker_;
  std::vector<WallNote> wall_notes_;
  bool moved_ = false;
  std::vector<BookOrder> level_;  // scratch
  std::vector<DepthLevel> depth_;
};

}  // namespace mm::sim
