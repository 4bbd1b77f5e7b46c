#pragma once

// The prediction log joined with what happened: for calibration and for comparing components.
//
// A PredictionJoin reads a session's records in order and gives
//
//   cycles    each logged Prediction with the mid's log returns 1, 10 and 60 s later
//   orders    each PredictedLevel with how its order ended: the first fill after the prediction, or
//             the end of the order (our cancel, a replacement, a reject, the log's end), which
//             *censors*: whether it would have been filled is not known
//   aftermath of filled ones: 10 s P&L from the fill price and the mid's move, both in bps
//
// Times are our receive clock. "Value at x" is the last one with a stamp <= x; it is absent when
// the recording ends before x or the book could not be quoted against. A prediction for an order
// that was filled in part before counts only fills after it.
//
// Censored outcomes are scored by inverse-probability-of-censoring weights (Models 18.5; Graf et
// al. 1999): G is the Kaplan-Meier curve of the censorings,
//
//   weight = 1/G(T-)  if filled at T <= h;   1/G(h)  if the order stood longer than h;   else 0
//
// with fills before cancels at equal times. Our cancels depend on the market, so G is estimated
// within strata of the caller's choice. Weights are cut at `largest_weight`; the share of weights
// cut is reported.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/instrument.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research {

struct PredictedMoment {
  Time at;
  Seq seq;
  Prediction head;
  double mid = 0;  ///< price units; 0 = none
  /// ln(mid later / mid) after move_horizons.
  std::array<std::optional<double>, 3> move;
};
inline constexpr std::array<Duration, 3> move_horizons = {
    std::chrono::seconds{1}, std::chrono::seconds{10}, std::chrono::seconds{60}};

struct PredictedOrder {
  std::size_t moment = 0;  ///< index of its cycle
  PredictedLevel predicted;
  bool filled = false;  ///< any fill after the prediction
  double end_s = 0;     ///< seconds from the prediction to that fill, or to the censoring
  std::optional<double> pnl_10s_bps;      ///< filled: (mid 10 s later - price) * side, + = gain
  std::optional<double> against_10s_bps;  ///< filled: how far the mid moved against us in 10 s
};

class PredictionJoin {
 public:
  /// Keeps predictions with from <= time < to; outcomes may lie later.
  explicit PredictionJoin(Time from = Time::min(), Time to = Time::max()) : from_(from), to_(to) {}

  void add(const RecordView& record);
  /// The log is at its end: what is open is censored.
  void finish();

  const Instrument& instrument() const { return market_.quoted().definition(); }
  const std::vector<PredictedMoment>& moments() const { return moments_; }
  const std::vector<PredictedOrder>& orders() const { return orders_; }
  /// Notes of maker fills, in order (engine/prediction.hpp).
  const std::vector<FillNote>& fill_notes() const { return fill_notes_; }

 private:
  struct DueMove {
    Time at;
    std::size_t moment = 0;
  };
  struct DueFill {
    Time at;
    double price = 0;
    double mid = 0;
    Side side = Side::buy;
    std::vector<std::size_t> orders;
  };
  void settle(Time now, bool at_end);
  void end(ClientOrderId order, Time at, const Fill* fill);

  Time from_;
  Time to_;
  Market market_;
  Time last_;
  std::optional<double> mid_;
  std::vector<PredictedMoment> moments_;
  std::vector<PredictedOrder> orders_;
  std::vector<FillNote> fill_notes_;
  bool keeping_ = false;  // levels of the latest head are kept
  std::array<std::deque<DueMove>, 3> due_moves_;
  std::deque<DueFill> due_fills_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> open_;  // by order
};

/// Reads a whole stream.
PredictionJoin join_predictions(const RecordStream& records, Time from = Time::min(),
                                Time to = Time::max());

// ---------------------------------------------------------------- censored outcomes

/// When an order ended, seconds from its prediction, and whether by a fill.
struct Ending {
  double end_s = 0;
  bool filled = false;
};

struct CensoredWeights {
  std::vector<double> weight;  ///< by record; 0: nothing is known of it at the horizon
  std::vector<bool> outcome;   ///< filled within the horizon
  double cut_share = 0;        ///< of weights above 0 that were cut
  double censored_share = 0;   ///< of records that were cancelled before the horizon
};
inline constexpr double largest_weight = 20;

/// `strata` (empty, or one number a record) are weighted on their own.
CensoredWeights censored_weights(std::span<const Ending> endings, double horizon_s,
                                 std::span<const std::int64_t> strata = {});

/// sum w (outcome ? (1-p)^2 : p^2) / N over all N records; absent without records.
std::optional<double> censored_brier(std::span<const double> predicted,
                                     const CensoredWeights& weights);
/// sum w outcome / sum w; absent where nothing is known.
std::optional<double> censored_frequency(const CensoredWeights& weights);

}  // namespace mm::research
