#pragma once

// Trader: our side of the session: orders, account, limits and the strategy's state.
//
// A fold over the same events as Market, which must already hold the event it is given. Several
// traders can share one Market (the variants of a counterfactual); they do not know of each other.
//
// When it acts:
//   - the strategy is asked at the first event at or after each multiple of the decision interval
//     and whenever the quoted touch (of others, as far as that is known) moved; wanted quotes
//     become messages by book/reconcile.hpp;
//   - quotes are withdrawn at once while the book is invalid (gap, loss, one-sided or crossed), the
//     feed silent for `stale`, the kill switch engaged, the loss limit hit, or the session over;
//   - acknowledgements, fills and the rest only change state until the next of these moments.
// The stale guard is a timer (SetTimer/Timer with id stale_timer): armed with the first order,
// moved on as long as orders are out and the book is heard of.
//
// A scripted trader has no strategy and no guards: each Annotation of author `script` is a line of
// an order script (book/order_script.hpp) and becomes the message it asks for; fills and funding
// are booked. So a script that was simulated is replayed like any other session.
//
// The loss limit stays in force until the kill switch is released (KillSwitch engaged = false).
// An event that cannot be true (a fill beyond 2^43 lots or price units) is refused with an alert.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/account/attribution.hpp"
#include "engine/account/ledger.hpp"
#include "engine/account/limits.hpp"
#include "engine/book/orders.hpp"
#include "engine/book/own_displayed.hpp"
#include "engine/book/reconcile.hpp"
#include "engine/market.hpp"
#include "engine/output.hpp"
#include "engine/own/own_outlook.hpp"
#include "engine/policy.hpp"
#include "engine/state.hpp"
#include "engine/types.hpp"

namespace mm {

/// Settings of a session that concern the core (SessionStart.settings), not a strategy.
struct TraderSettings {
  bool trading = true;    ///< false: execution is "none", nothing is ever sent
  bool scripted = false;  ///< execution is "script": what to send comes as annotations
  Duration decision_interval = std::chrono::milliseconds{100};  ///< > 0
  Duration stale = std::chrono::milliseconds{2000};             ///< 0 = no stale guard
  std::int64_t max_orders_per_minute = 1200;  ///< places and replaces; 0 = no limit
  double max_position_value = 0;              ///< quote currency, either side; 0 = no limit
  Money max_loss;                             ///< settlement currency, > 0; 0 = no limit
  bool replace = true;                        ///< move orders in one message
  /// The log of a strategy that predicts: negative = off, 0 = every cycle, else at most so often.
  Duration prediction_log{};
  bool outlook = false;  ///< features and models run, and tell, also where no strategy needs them
  /// Of the features, in tenths of a basis point; 0 = what the venue's feed can fill
  /// (engine/outlook/settings.hpp: default_window).
  std::int64_t window_tenth_bps = 0;
  std::int64_t bucket_tenth_bps = 0;  ///< 0 = a tenth of the window
  /// Execution is "live": the book we are shown contains our orders (book/own_displayed.hpp).
  bool own_displayed = false;
  /// No order goes out that would meet one of ours (book/reconcile.hpp).
  bool keep_apart = false;
  bool operator==(const TraderSettings&) const = default;

  /// Reads the settings above from "name=value" lines and leaves other names to others:
  /// decision_interval, stale, max_orders_per_minute, max_position_value, max_loss, replace,
  /// outlook, window, bucket, prediction_log. An error names the setting and what it must be.
  static std::optional<std::string> parse(std::string_view lines, TraderSettings& settings);
  /// The settings above as sorted lines; outlook, window, bucket and prediction_log only where
  /// they are not the defaults.
  std::string format() const;
};

/// Touches whose prices lie within [low, high] on each side.
struct TouchBox {
  Price bid_low;
  Price bid_high;
  Price ask_low;
  Price ask_high;
  bool contains(const Touch& touch) const {
    return bid_low <= touch.bid.price && touch.bid.price <= bid_high &&
           ask_low <= touch.ask.price && touch.ask.price <= ask_high;
  }
};

class Trader {
 public:
  static constexpr std::int64_t stale_timer = 1;

  Trader(TraderSettings settings, std::unique_ptr<Strategy> strategy);
  Trader(const Trader& other);
  Trader(Trader&&) noexcept;
  Trader& operator=(const Trader& other);
  Trader& operator=(Trader&&) noexcept;
  ~Trader();

  /// Folds one event, `market` and `outlook` (if the session has one) standing as they are after
  /// it. Appends what is decided; the outputs' seq is left 0.
  void apply(const Event& event, const Market& market, std::vector<Output>& outputs,
             const Outlook* outlook = nullptr) {
    // Most events neither are ours nor wake the strategy: they end here.
    // Which instrument an event is of is hard to guess, so there is one branch for all of it.
    const auto flag = [](bool of) { return static_cast<unsigned>(of); };
    const unsigned quoted = flag(event.header.instrument.value == 0);
    const unsigned looks = quoted & (flag(market.touch_moved()) | flag(settings_.own_displayed));
    if ((looks | flag(event.body.index() >= market_kinds) |
         flag(event.header.recv_time >= clock_.wake_at)) == 0) {
      if ((quoted & flag(follows_market_)) != 0) own_->outlook.on_market(event, market.quoted());
      return;
    }
    act(hear(event, market, outputs, outlook), event, market, outputs, outlook);
  }

  // The two halves of apply(), for an engine whose outlook must know in between where our orders
  // stand in the displayed book.

  /// What the first half leaves for the second.
  struct Heard {
    bool is_done = false;  ///< there is nothing to act on
    bool moved = false;    ///< the touch of others
  };
  /// Our orders, account and own levels follow the event; `outlook` may still stand before it.
  Heard hear(const Event& event, const Market& market, std::vector<Output>& outputs,
             const Outlook* outlook);
  /// Decides what is due.
  void act(const Heard& heard, const Event& event, const Market& market,
           std::vector<Output>& outputs, const Outlook* outlook);

  // For whoever drives many traders over one market and would rather not ask each of them at every
  // event (research/what_if/lanes.hpp).

  /// Touches around that of `market` at which a decision would send nothing and change no limit,
  /// while the quoted book is quotable and the feed not silent, until an event comes that is ours
  /// or no market data; empty where that cannot be said, not even of the touch itself. Requires a
  /// quotable book and a two-sided touch.
  std::optional<TouchBox> quiet_box(const Market& market) const;
  /// Market data was heard at `now`, the last of it, at which nothing was to be sent: the decision
  /// clock goes on as if each of them had been applied.
  void pass_over(Time now) {
    if (now >= clock_.wake_at) set_wake_after(now);
  }

  const Orders& orders() const { return orders_; }
  const Ledger& ledger() const { return account_.ledger; }
  const Attribution& attribution() const { return account_.attribution; }
  /// Best bid and ask of others: what is decided and marked by.
  const Touch& touch(const Market& market) const {
    return settings_.own_displayed ? own_displayed_.others() : market.quoted().touch();
  }
  /// Where our orders stand in the displayed book; empty unless the settings say that they do.
  std::span<const OwnDisplayed::At> own_levels() const { return own_displayed_.levels(); }
  const Strategy& strategy() const { return *strategy_; }
  /// Null unless the strategy needs it.
  const OwnOutlook* own() const { return own_ ? &own_->outlook : nullptr; }
  /// Every market event of the quoted instrument matters now: orders stand whose queues are
  /// followed.
  bool follows_market() const { return follows_market_; }
  const TraderSettings& settings() const { return settings_; }
  /// Largest |position| so far, in lots.
  Qty max_position_seen() const { return account_.max_position_seen; }
  std::int64_t decision_count() const { return clock_.decision_count; }

  /// State by module (orders, account, strategy, clock, own); settings are not part of it.
  void save(StateModule module, ByteWriter& out) const;
  bool restore(StateModule module, ByteReader& in);
  /// Named values of the modules above, for showing where two states differ.
  void list_fields(std::vector<StateField>& fields) const;

 private:
  /// The first alternatives of EventBody are market data.
  static constexpr std::size_t market_kinds = 6;

  struct Step;  // one event being folded: the event, the market, where outputs go

  void set_wake_after(Time now);
  Quotes wanted_at(const Touch& touch, const Market& market) const;
  bool is_quiet_between(const Touch& low, const Touch& high, const Market& market) const;
  ReconcileRules rules_at(const InstrumentState& instrument, const Touch& touch) const;
  void apply_own(const Step& step);
  void apply_scripted(const Step& step);
  void note_touch(const Step& step);
  void on_fill(const Step& step, const Fill& fill);
  void on_position_report(const Step& step, const PositionReport& report);
  void on_reject(const Step& step, const OrderReject& reject);
  void on_unknown_order(const Step& step, ClientOrderId order);
  Money mark_of_one_lot(const Market& market) const;
  void check_loss(const Step& step);
  DecisionReason obstacle(const Step& step) const;
  void decide(const Step& step);
  void log_prediction(const Step& step, const View& view);
  void note_following();
  void set_stale_timer(const Step& step);
  void copy_state(const Trader& other);

  TraderSettings settings_;
  std::unique_ptr<Strategy> strategy_;

  struct Clock {
    Time wake_at;  // next multiple of the decision interval
    bool stale_timer_set = false;
    bool killed = false;
    bool ended = false;
    Time buy_paused_until;
    Time sell_paused_until;
    std::int64_t decision_count = 0;
    MessageRate rate;
    Latch rate_limited;
    Latch told_stale;
  };
  struct Account {
    Ledger ledger;
    Attribution attribution;
    Price mark_bid;  // touch of the last moment at which the book was quotable; 0 before the first
    Price mark_ask;
    Qty max_position;  // in force since the last decision, in lots; 0 = none
    Qty max_position_seen;
    Latch beyond_position;
    Latch beyond_loss;
    Latch mismatch;
  };

  /// What a strategy that needs it learns from our orders, and its log.
  struct Own {
    explicit Own(bool in_book) : outlook(in_book) {}
    OwnOutlook outlook;
    Time next_prediction;
    PredictedCycle cycle;  // scratch
  };

  std::unique_ptr<Own> own_;
  bool follows_market_ = false;
  Clock clock_;
  Orders orders_;
  OwnDisplayed own_displayed_;
  Account account_;
};

}  // namespace mm
