#pragma once

// Outlook: the features of the quoted market and everything predicted from them, as one fold.
//
// It folds the events a Market folds, right behind it, and knows nothing of our orders: one Outlook
// serves every variant of a counterfactual, as one Market does. A session has one if its strategy
// needs it or its setting `outlook` is on.
//
//   every event     a level update adds to sums, a trade joins its taker order
//   touch moves     mid, microprice, volatility's mid, the follower's and leader's prices
//   taker orders    intensities, sizes, reach, classes, when complete: at the next order's first
//                   print, or at the first event of the session `order_gap` behind the last print
//   the clock       features, walls, flushes, intensities ahead, liquidation, regimes
//   the second      kappa, lag estimates, mean mark and median of taker orders: at the first tick
//   in
//                   each second
//
// The clock ticks at the first *market* event (or word of a feed) at or after each multiple of the
// decision interval; our own events and timers never move it, so that lanes agree. What is read is
// Reading. What changed (walls, flushes, regimes, cascades) is appended to the outputs.
//
// Two-sided means what it does to the Market; while the book is invalid, one-sided or crossed, the
// touch's part of the reading is absent and no model hears of a mid. A gap or loss makes models
// forget prices, not estimates.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/features/changes.hpp"
#include "engine/features/microstructure.hpp"
#include "engine/market.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/funding_clock.hpp"
#include "engine/outlook/reading.hpp"
#include "engine/outlook/settings.hpp"
#include "engine/output.hpp"
#include "engine/policy.hpp"
#include "engine/state.hpp"
#include "engine/types.hpp"

namespace mm {

/// How likely an order of ours is filled, if it stays.
struct FillQuestion {
  Side side = Side::buy;   ///< ours
  double depth = 0;        ///< from mid, a fraction; negative: beyond it
  double queue_ahead = 0;  ///< lots of others before us at our price
  double kappa = 0;        ///< > 0, per fraction: Reading::kappa, or with our own fills
  double cancel_rate = CancelRate::Settings{}.prior;  ///< of the queue ahead, 1/s
};

/// The leader and what is known through it.
struct FollowedLead {
  InstrumentId instrument;
  LeadLag contrast;
  LagPrediction prediction;
  std::array<double, LeadLag::response_bins> response{};
  bool response_known = false;
  std::optional<double> mid;
  double log_mid = 0;
  double entered_log_mid = 0;  // the contrast knows of it
  std::optional<Time> entered_at;
  HeldAverage basis;
};

class Outlook {
 public:
  /// Taker orders still known by number.
  static constexpr std::size_t orders_kept = 64;

  explicit Outlook(const OutlookSettings& settings = {});

  /// Folds one event, `market` standing as it is after it. Every event may be given; only those
  /// about the market, its feeds, instruments and "model." parameters matter.
  void apply(const Event& event, const Market& market, std::vector<Output>& outputs) {
    // Most events are best quotes that move no price, and they end here.
    if (std::holds_alternative<BestQuote>(event.body) && !market.touch_moved() &&
        !is_due(event.header.recv_time))
      return;
    fold(event, market, outputs);
  }

  /// Our resting sizes in the displayed book from now on, at most 64. Live sessions only: paper
  /// orders never stand in it.
  void set_own(std::span<const OwnLevel> own);

  const Reading& reading() const { return reading_; }
  const OutlookSettings& settings() const { return settings_; }

  // ------------------------------------------------------------ questions with arguments

  /// Confirmed walls and candidates (Wall::standing()) as of the clock.
  std::span<const Wall> walls(Side side) const;
  /// Where a quote stands to the walls of its side; absent without features.
  std::optional<WallContext> wall_context(Side side, Price price,
                                          const InstrumentState& instrument) const;
  /// Of the wall in whose bucket the price is; absent if there is none.
  std::optional<double> spoof_score(Side side, Price price) const;
  /// Changes of presence a second in the bucket of a price; absent outside of the window.
  std::optional<double> flicker_hz(Side side, Price price) const;
  /// Best bid and ask of others now; empty sides have quantity 0.
  Touch others_touch(const InstrumentState& instrument) const;
  /// Others' lots displayed at a price now; 0 under a newer best quote.
  Qty displayed(Side side, Price price, const InstrumentState& instrument) const;

  /// At fill_horizons_s[horizon], with the counts of the last clock. Absent without mid or sigma.
  std::optional<FillChance> fill_chance(const FillQuestion& question, std::size_t horizon) const;
  /// The robust estimate for quotes at a depth (it prefers the grid around it). About a
  /// microsecond.
  std::optional<KappaEstimate> kappa_robust(Time now, std::optional<double> quoted_bps) const;
  /// Orders expected within any horizon, both sides.
  TwoSidedCounts counts(Time now, double horizon_s) const;
  /// What the leader's moves still announce at `now`; absent without a significant lag.
  std::optional<double> predicted_move(Time now) const;
  /// Of the change of open interest read last, by which the baseline of arrivals may go.
  std::optional<double> open_interest_z() const;
  /// Of the quoted venue.
  const FundingClock& funding_clock() const { return funding_clock_; }
  /// Sizes of taker orders, lots.
  const DecayedLogHistogram& order_sizes() const { return hawkes_.sizes(); }

  /// How many taker orders there were, and the last of them by number (from 1): null if it is not
  /// known any more. For models that follow our orders between decisions.
  std::uint64_t order_count() const { return order_count_; }
  const TakerOrder* order(std::uint64_t number) const;
  /// What the last order was classified by; all absent without a classifier. For fits: not saved.
  const TradeFeatures& last_features() const { return last_features_; }

  /// One "model." parameter as its event would set it; what is wrong with it, or empty.
  std::optional<std::string> set_parameter(std::string_view name, std::string_view value);

  /// The whole state, settings and reading included: what is restored goes on bit for bit.
  void save(ByteWriter& out) const;
  bool restore(ByteReader& in);
  void list_fields(std::vector<StateField>& fields) const;

 private:
  /// Mean and deviation of a series that forgets.
  struct Score {
    DecayedSum weight;
    DecayedSum sum;
    DecayedSum squares;
    void add(Time now, double x, Duration tau);
    std::optional<double> z(double x) const;
  };
  /// Prints of one taker order so far.
  struct OpenOrder {
    bool open = false;
    Side taker = Side::buy;
    Time exchange_time;
    Time last_print;
    std::int64_t lots = 0;
    Price first;
    Price worst;
    std::optional<double> mid;  // before it
    Touch touch;                // likewise; empty without a mid
    double lead_change = 0;     // of the last 100 ms
    bool lead_known = false;
    std::array<Level, 8> ahead{};  // the side it ate, from the touch
    std::uint32_t ahead_count = 0;
  };

  /// The clock or the end of a taker order has come.
  bool is_due(Time now) const {
    return now >= clock_at_ || (order_.open && now > order_.last_print + settings_.order_gap);
  }
  void fold(const Event& event, const Market& market, std::vector<Output>& outputs);
  void apply_rare(const Event& event, const Market& market, std::vector<Output>& outputs);
  void on_quoted(const Event& event, const Market& market);
  void on_touch(Time now, const InstrumentState& instrument);
  void on_trade(const EventHeader& header, const Trade& trade, const InstrumentState& instrument);
  void complete_order(Time now);
  TradeFeatures features_of(Time now, const OpenOrder& order);
  void on_context(Time now, const InstrumentState& instrument);
  void on_second_step(Time now);
  void on_lead(Time now, const InstrumentState& leader);
  void enter_lead(Time now, FollowedLead& lead);
  bool believes_prior() const;  // requires a leader
  void forget_prices();

  void read(Time now, const Market& market, std::vector<Output>& outputs);
  void read_touch(Time now, const InstrumentState& instrument);
  void read_volatility();
  void read_flow(Time now);
  void read_liquidation(Time now, std::vector<Output>& outputs);
  void read_regime(Time now, std::vector<Output>& outputs);
  void read_second(Time now, const InstrumentState& instrument);
  std::optional<KappaEstimate> kappa_of_book(const InstrumentState& instrument) const;
  void read_lead(Time now);
  void read_context(Time now);
  void set_baseline(Time now);
  void tell_changes(Time now, std::vector<Output>& outputs) const;
  void tell_regime(Time now, Regime before, std::vector<Output>& outputs);
  void tell_cascade(Time now, bool was_on, bool was_known, std::vector<Output>& outputs) const;

  OutlookSettings settings_;

  // State.
  std::optional<Microstructure> features_;
  FundingClock funding_clock_;
  Time clock_at_;   // next tick
  Time second_at_;  // next tick of the second
  Time minute_at_;
  std::optional<double> mid_;
  double log_mid_ = 0;
  Volatility volatility_;
  VolatilityRanking ranking_;
  MicropriceResidual residual_;
  ReachCounts reach_;
  HawkesIntensity hawkes_;
  std::array<HorizonGrowth, fill_horizons_s.size()> growth_{};  // as of the second
  TakerFlow flow_;
  std::array<AdverseSelectionAdjuster, 2> adverse_;  // by the side consumed
  LiquidationDetector liquidation_;
  RegimeWindow window_;
  RegimeFilter regime_;
  std::optional<Time> regime_at_;
  std::optional<FollowedLead> lead_;
  Score funding_score_;
  Score interest_score_;
  OpenOrder order_;
  std::uint64_t order_count_ = 0;
  std::array<TakerOrder, orders_kept> orders_{};
  Reading reading_;

  ChangeList changes_;           // of one reading
  TradeFeatures last_features_;  // for whoever fits
};

}  // namespace mm
