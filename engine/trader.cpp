#include "engine/trader.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <variant>

#include "engine/assert.hpp"
#include "engine/book/order_script.hpp"
#include "engine/numeric.hpp"

namespace mm {
namespace {

// After a rejected order, how long none is placed on its side: a venue that says no for another
// reason than a moved touch will say it again.
constexpr Duration reject_pause = std::chrono::seconds{1};

bool believable(Price price, Qty qty) {
  return price > Price{} && price <= Price::from_units(max_price_units) && qty > Qty{} &&
         qty <= Qty::from_lots(max_lots);
}

bool within(Qty position) {
  return position <= Qty::from_lots(max_lots) && position >= Qty::from_lots(-max_lots);
}

Qty magnitude(Qty qty) {
  return qty < Qty{} ? -qty : qty;
}

}  // namespace

struct Trader::Step {
  const Event& event;
  const Market& market;
  std::vector<Output>& outputs;
  const Outlook* outlook;

  Time now() const { return event.header.recv_time; }
  bool quoted() const { return event.header.instrument.value == 0; }
  const InstrumentState& instrument() const { return market.quoted(); }
  const Instrument& definition() const { return market.quoted().definition(); }

  void put(const OutputBody& body) const { outputs.push_back({{.recv_time = now()}, body}); }
  /// Predictions are large: one is copied once, into its place.
  template <class Body>
  void put(const Body& body) const {
    Output& output = outputs.emplace_back();
    output.header.recv_time = now();
    output.body.template emplace<Body>(body);
  }
  void alert(AlertCode code, std::int64_t value, std::int64_t limit,
             ClientOrderId order = {}) const {
    put(Alert{.code = code, .value = value, .limit = limit, .order = order});
  }
};

Trader::Trader(TraderSettings settings, std::unique_ptr<Strategy> strategy)
    : settings_(settings), strategy_(std::move(strategy)) {
  MM_ASSERT(strategy_ != nullptr, "a trader has a strategy");
  MM_ASSERT(settings_.decision_interval > Duration{}, "the decision interval is positive");
  if (strategy_->needs_own() && !settings_.scripted)
    own_ = std::make_unique<Own>(settings_.own_displayed);
}

Trader::Trader(const Trader& other)
    : settings_(other.settings_), strategy_(other.strategy_->clone()) {
  copy_state(other);
}

Trader::Trader(Trader&&) noexcept = default;
Trader& Trader::operator=(Trader&&) noexcept = default;
Trader::~Trader() = default;

Trader& Trader::operator=(const Trader& other) {
  if (this == &other) return *this;
  settings_ = other.settings_;
  strategy_ = other.strategy_->clone();
  copy_state(other);
  return *this;
}

void Trader::copy_state(const Trader& other) {
  clock_ = other.clock_;
  orders_ = other.orders_;
  own_displayed_ = other.own_displayed_;
  account_ = other.account_;
  own_ = other.own_ ? std::make_unique<Own>(*other.own_) : nullptr;
  follows_market_ = other.follows_market_;
}

void Trader::note_following() {
  follows_market_ = own_ != nullptr && own_->outlook.following();
}

Trader::Heard Trader::hear(const Event& event, const Market& market, std::vector<Output>& outputs,
                           const Outlook* outlook) {
  const Step step{event, market, outputs, outlook};
  if (settings_.scripted) {
    if (market.touch_moved() && step.quoted()) note_touch(step);
    apply_scripted(step);
    return {.is_done = true};
  }
  if (event.body.index() >= market_kinds) apply_own(step);
  const bool moved = settings_.own_displayed
                         ? own_displayed_.apply(event, orders_, step.instrument())
                         : market.touch_moved() && step.quoted();
  if (moved) note_touch(step);
  return {.moved = moved};
}

void Trader::act(const Heard& heard, const Event& event, const Market& market,
                 std::vector<Output>& outputs, const Outlook* outlook) {
  if (heard.is_done) return;
  const Step step{event, market, outputs, outlook};
  const Time now = step.now();
  const bool due = now >= clock_.wake_at;
  if (follows_market_ && step.quoted() && event.body.index() < market_kinds) {
    own_->outlook.on_market(event, step.instrument());
  }
  if (due) set_wake_after(now);
  if (orders_.empty() && (!settings_.trading || !strategy_->wants_to_be_asked())) return;

  check_loss(step);
  const DecisionReason reason = obstacle(step);
  const bool silent = reason == DecisionReason::stale_feed;
  if (clock_.told_stale.begins(silent && !orders_.empty()))
    step.alert(AlertCode::stale_feed,
               (now - step.instrument().last_update()) / std::chrono::milliseconds{1},
               settings_.stale / std::chrono::milliseconds{1});
  if (reason != DecisionReason::unspecified) {
    cancel_all(reason, now, orders_, outputs);
  } else if (due || heard.moved) {
    decide(step);
    if (settings_.own_displayed) own_displayed_.sent(orders_, step.instrument());
  }
  set_stale_timer(step);
}

void Trader::set_wake_after(Time now) {
  const std::int64_t interval = settings_.decision_interval.count();
  clock_.wake_at = time_from_ns((to_ns(now) / interval + 1) * interval);
}

void Trader::apply_own(const Step& step) {
  const Time now = step.now();
  std::visit(
      [&](const auto& body) {
        using Body = std::remove_cvref_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, OrderAck>) {
          if (!orders_.acknowledged(body)) {
            on_unknown_order(step, body.order);
          } else if (own_) {
            own_->outlook.on_ack(now, *orders_.find(body.order), step.instrument());
            note_following();
          }
        } else if constexpr (std::is_same_v<Body, OrderReject>) {
          on_reject(step, body);
        } else if constexpr (std::is_same_v<Body, OrderDone>) {
          if (own_) {
            own_->outlook.on_end(now, body.order);
            note_following();
          }
          if (!orders_.done(body)) on_unknown_order(step, body.order);
        } else if constexpr (std::is_same_v<Body, CancelReject>) {
          if (!orders_.cancel_rejected(body)) on_unknown_order(step, body.order);
        } else if constexpr (std::is_same_v<Body, Fill>) {
          on_fill(step, body);
        } else if constexpr (std::is_same_v<Body, PositionReport>) {
          on_position_report(step, body);
        } else if constexpr (std::is_same_v<Body, FundingPayment>) {
          account_.ledger.funding(body.cash);
          account_.attribution.funding(now, body.cash.units());
        } else if constexpr (std::is_same_v<Body, FeedStatus>) {
          if (step.quoted() && (body.state == FeedState::gap || body.state == FeedState::lost))
            step.alert(AlertCode::feed_gap, body.found_id, body.expected_id);
        } else if constexpr (std::is_same_v<Body, ParameterChange>) {
          // Those of the models are the outlook's business, where there is one.
          if (step.outlook != nullptr && body.name.starts_with(model_prefix)) return;
          if (strategy_->set_parameter(body.name, body.value))
            step.alert(AlertCode::parameter_refused, 0, 0);
        } else if constexpr (std::is_same_v<Body, Timer>) {
          if (body.id == stale_timer) clock_.stale_timer_set = false;
        } else if constexpr (std::is_same_v<Body, KillSwitch>) {
          clock_.killed = body.engaged;
          if (!body.engaged) account_.beyond_loss.set(false);
        } else if constexpr (std::is_same_v<Body, SessionEnd>) {
          clock_.ended = true;
        }
        // The rest is market data, or only told: ClockStep, RateLimit, BalanceReport, SessionStart,
        // InstrumentDefined, Annotation.
      },
      step.event.body);
}

void Trader::apply_scripted(const Step& step) {
  if (const auto* line = std::get_if<Annotation>(&step.event.body)) {
    if (line->author != script_author) return;
    std::optional<OrderRequest> request;
    const bool readable =
        step.instrument().defined() && !parse_order_line(line->text, step.definition(), request);
    if (!readable) step.alert(AlertCode::order_rejected, 0, 0);
    if (request) step.put(request->message);
  } else if (const auto* fill = std::get_if<Fill>(&step.event.body)) {
    on_fill(step, *fill);
  } else if (const auto* funding = std::get_if<FundingPayment>(&step.event.body)) {
    account_.ledger.funding(funding->cash);
    account_.attribution.funding(step.now(), funding->cash.units());
  }
}

// ---------------------------------------------------------------- account

void Trader::note_touch(const Step& step) {
  const Touch& touch = this->touch(step.market);
  if (!step.instrument().quotable() || !touch.two_sided()) return;
  account_.mark_bid = touch.bid.price;
  account_.mark_ask = touch.ask.price;
  // While nothing is held a mark changes nothing; the fill that ends this takes it first.
  if (!account_.attribution.idle())
    account_.attribution.mark(step.now(), mark_of_one_lot(step.market).units());
}

Money Trader::mark_of_one_lot(const Market& market) const {
  return mid_value_of_one_lot(market.quoted().definition(), account_.mark_bid, account_.mark_ask);
}

void Trader::on_fill(const Step& step, const Fill& fill) {
  const Qty signed_qty = Qty::from_lots(sign(fill.side) * fill.qty.lots());
  if (!believable(fill.price, fill.qty) || !within(account_.ledger.position() + signed_qty)) {
    step.alert(AlertCode::fill_refused, fill.qty.lots(), max_lots, fill.order);
    return;
  }
  if (!settings_.scripted && !orders_.filled(fill))
    step.alert(AlertCode::unknown_order, 0, 0, fill.order);
  if (own_ && step.outlook != nullptr) {
    const FillNote note = own_->outlook.on_fill(step.event.header, fill, account_.ledger.position(),
                                                *step.outlook, step.instrument());
    if (fill.maker) step.put(note);
    note_following();
  }

  const Money value = position_value(step.definition(), fill.price, fill.qty);
  Attribution& attribution = account_.attribution;
  if (account_.mark_bid > Price{} && attribution.idle())
    attribution.mark(step.now(), mark_of_one_lot(step.market).units());
  attribution.fill(step.now(), fill.side, fill.qty.lots(), value.units(), fill.fee.units());
  account_.ledger.fill(fill.side, fill.qty, value, fill.fee);

  const Qty size = magnitude(account_.ledger.position());
  account_.max_position_seen = std::max(account_.max_position_seen, size);
  const bool beyond = account_.max_position > Qty{} && size > account_.max_position;
  if (account_.beyond_position.begins(beyond))
    step.alert(AlertCode::position_limit, size.lots(), account_.max_position.lots(), fill.order);
}

void Trader::on_position_report(const Step& step, const PositionReport& report) {
  const Qty ours = account_.ledger.position();
  const bool untouched = account_.ledger.fill_count() == 0 && orders_.empty() && ours == Qty{};
  if (untouched && report.position != Qty{} &&
      believable(report.average_price, magnitude(report.position))) {
    account_.ledger.open(report.position,
                         position_value(step.definition(), report.average_price, report.position));
    if (account_.mark_bid > Price{})
      account_.attribution.mark(step.now(), mark_of_one_lot(step.market).units());
    account_.attribution.open(report.position.lots());
    account_.max_position_seen = magnitude(report.position);
    return;
  }
  if (account_.mismatch.begins(report.position != ours))
    step.alert(AlertCode::position_mismatch, report.position.lots(), ours.lots());
}

void Trader::check_loss(const Step& step) {
  if (settings_.max_loss <= Money{} || account_.beyond_loss.breached() ||
      account_.mark_bid <= Price{})
    return;
  const Money pnl = account_.ledger.net_pnl(mark_of_one_lot(step.market));
  if (!account_.beyond_loss.begins(pnl <= -settings_.max_loss)) return;
  // In whole units of the settlement currency.
  step.alert(AlertCode::loss_limit, static_cast<std::int64_t>(pnl.units() / Money::per_one),
             static_cast<std::int64_t>(settings_.max_loss.units() / Money::per_one));
}

// ---------------------------------------------------------------- orders

void Trader::on_reject(const Step& step, const OrderReject& reject) {
  const Order* order = orders_.find(reject.order);
  const Side side = order != nullptr ? order->side : Side::buy;
  if (!orders_.rejected(reject)) {
    on_unknown_order(step, reject.order);
    return;
  }
  // A touch that moved while the order travelled is nobody's fault; so is a replace that came after
  // the fill of what it was to replace.
  if (reject.reason == RejectReason::post_only_would_cross ||
      reject.reason == RejectReason::unknown_order)
    return;
  (side == Side::buy ? clock_.buy_paused_until : clock_.sell_paused_until) =
      step.now() + reject_pause;
  step.alert(AlertCode::order_rejected, static_cast<std::int64_t>(reject.reason), 0, reject.order);
}

void Trader::on_unknown_order(const Step& step, ClientOrderId order) {
  // Words about an order of ours that has just ended are late, not strange.
  if (!orders_.is_ours(order)) step.alert(AlertCode::unknown_order, 0, 0, order);
}

DecisionReason Trader::obstacle(const Step& step) const {
  const InstrumentState& instrument = step.instrument();
  if (clock_.killed) return DecisionReason::kill_switch;
  if (clock_.ended) return DecisionReason::session_end;
  if (account_.beyond_loss.breached()) return DecisionReason::loss_limit;
  if (!instrument.defined() || !instrument.quotable() || !touch(step.market).two_sided())
    return DecisionReason::book_invalid;
  const bool silent =
      settings_.stale > Duration{} && step.now() - instrument.last_update() >= settings_.stale;
  if (silent || instrument.reported_stale()) return DecisionReason::stale_feed;
  return DecisionReason::unspecified;
}

void Trader::decide(const Step& step) {
  const InstrumentState& instrument = step.instrument();
  const Touch& touch = this->touch(step.market);
  if (!believable(touch.ask.price, Qty::from_lots(1))) return;
  ++clock_.decision_count;
  const Time now = step.now();
  const View view{.now = now,
                  .market = step.market,
                  .instrument = instrument,
                  .touch = touch,
                  .position = account_.ledger.position(),
                  .average_cost = account_.ledger.average_cost(),
                  .outlook = step.outlook,
                  .own = own()};
  const bool watches = own_ && step.outlook != nullptr;
  if (watches) own_->outlook.on_decision(now, *step.outlook, touch, view.position);
  const Quotes wanted = settings_.trading ? strategy_->quotes(view) : Quotes{};

  ReconcileRules rules = rules_at(instrument, touch);
  rules.may_place = std::numeric_limits<std::int64_t>::max();
  std::int64_t sent_this_minute = 0;
  if (settings_.max_orders_per_minute > 0) {
    sent_this_minute = clock_.rate.count(now);
    rules.may_place = std::max<std::int64_t>(0, settings_.max_orders_per_minute - sent_this_minute);
  }
  rules.buy_paused = now < clock_.buy_paused_until;
  rules.sell_paused = now < clock_.sell_paused_until;

  account_.max_position = limit_of(wanted, rules);

  const ReconcileResult result =
      reconcile(wanted, instrument.definition(), touch, account_.ledger.position(), rules, now,
                orders_, step.outputs);
  clock_.rate.add(now, result.placed);
  if (watches) {
    own_->outlook.on_quotes(now, orders_.all());
    log_prediction(step, view);
  }
  if (clock_.rate_limited.begins(result.rate_limited))
    step.alert(AlertCode::order_rate_limit, sent_this_minute + result.placed,
               settings_.max_orders_per_minute);
}

void Trader::log_prediction(const Step& step, const View& view) {
  const Time now = step.now();
  if (!settings_.trading || !strategy_->predicts() || settings_.prediction_log < Duration{} ||
      now < own_->next_prediction)
    return;
  if (settings_.prediction_log > Duration{}) {
    const std::int64_t every = settings_.prediction_log.count();
    own_->next_prediction = time_from_ns((to_ns(now) / every + 1) * every);
  }
  PredictedCycle& cycle = own_->cycle;
  cycle.clear();
  strategy_->predict(view, orders_.all(), cycle);
  cycle.head.cycle = clock_.decision_count;
  cycle.head.levels = static_cast<std::int64_t>(cycle.count);
  step.put(cycle.head);
  for (std::size_t i = 0; i < cycle.count; ++i) step.put(cycle.levels[i]);
}

ReconcileRules Trader::rules_at(const InstrumentState& instrument, const Touch& touch) const {
  ReconcileRules rules;
  rules.replace = settings_.replace;
  rules.keep_apart = settings_.keep_apart;
  if (settings_.max_position_value > 0)
    rules.max_position =
        qty_for_value(instrument.definition(), settings_.max_position_value, touch.bid.price);
  return rules;
}

// One timer is out as long as orders are; it is moved on only when it comes back.
void Trader::set_stale_timer(const Step& step) {
  if (clock_.stale_timer_set || orders_.empty() || settings_.stale <= Duration{}) return;
  const Time silent_at = step.instrument().last_update() + settings_.stale;
  // Already silent: everything is being cancelled, and there is nothing left to guard.
  if (silent_at <= step.now()) return;
  step.put(SetTimer{.id = stale_timer, .at = silent_at});
  clock_.stale_timer_set = true;
}

}  // namespace mm
