#include "engine/outlook/outlook.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "engine/det/math.hpp"
#include "engine/numeric.hpp"
#include "engine/outlook/parameters.hpp"

namespace mm {
namespace {

/// Of EventBody: market data, then what a feed says.
constexpr std::size_t market_kinds = 7;
static_assert(std::is_same_v<std::variant_alternative_t<market_kinds - 1, EventBody>, FeedStatus>);

constexpr Duration lead_window = std::chrono::milliseconds{100};

double mid_of(const Touch& touch) {
  return static_cast<double>(touch.bid.price.units() + touch.ask.price.units()) / 2;
}

FundingClock funding_clock_of(const Instrument& instrument) {
  if (instrument.venue == "hyperliquid")
    return {.interval = std::chrono::hours{1}, .rate_period = std::chrono::hours{1}};
  return {.interval = std::chrono::hours{8}, .rate_period = std::chrono::hours{8}};
}

}  // namespace

WindowSettings window_of(std::int64_t window_tenth_bps, std::int64_t bucket_tenth_bps) {
  WindowSettings window{.window_tenth_bps = window_tenth_bps, .bucket_tenth_bps = bucket_tenth_bps};
  if (window_tenth_bps < 100)
    window.depth_tenth_bps = {(window_tenth_bps + 9) / 10, (window_tenth_bps + 1) / 2,
                              window_tenth_bps};
  return window;
}

WindowSettings default_window(const Instrument& instrument) {
  if (instrument.venue != "hyperliquid") return window_of(500, 50);
  std::int64_t window = 50;
  if (instrument.symbol == "BTC") window = 17;
  if (instrument.symbol == "ETH") window = 57;
  if (instrument.symbol == "SOL") window = 90;
  return window_of(window, (window + 9) / 10);
}

Outlook::Outlook(const OutlookSettings& settings) : settings_(settings) {}

void Outlook::set_own(std::span<const OwnLevel> own) {
  if (features_) features_->set_own(own);
}

// ---------------------------------------------------------------- events

void Outlook::fold(const Event& event, const Market& market, std::vector<Output>& outputs) {
  if (event.body.index() >= market_kinds) {
    apply_rare(event, market, outputs);
    return;
  }
  const Time now = event.header.recv_time;
  const bool is_quoted = event.header.instrument.value == 0;
  if (order_.open && now > order_.last_print + settings_.order_gap) complete_order(now);
  if (is_quoted) {
    on_quoted(event, market);
  } else if (lead_ && event.header.instrument == lead_->instrument) {
    if (market.touch_moved() || std::holds_alternative<FeedStatus>(event.body))
      on_lead(now, market.instrument(lead_->instrument));
  }
  if (now >= clock_at_) read(now, market, outputs);
}

void Outlook::apply_rare(const Event& event, const Market& market, std::vector<Output>& outputs) {
  if (const auto* definition = std::get_if<InstrumentDefined>(&event.body)) {
    const InstrumentId id = event.header.instrument;
    if (id.value == 0) {
      const Instrument& instrument = market.quoted().definition();
      funding_clock_ = funding_clock_of(instrument);
      if (features_) return;
      if (!settings_.window_is_set) settings_.features.window = default_window(instrument);
      features_.emplace(settings_.features);
    } else if (definition->role == InstrumentRole::lead && !lead_) {
      lead_.emplace();
      lead_->instrument = id;
      reading_.lead.emplace();
      reading_.lead->instrument = id;
    }
  } else if (const auto* change = std::get_if<ParameterChange>(&event.body)) {
    if (!change->name.starts_with(model_prefix)) return;
    if (set_parameter(change->name, change->value))
      outputs.push_back(
          {{.recv_time = event.header.recv_time}, Alert{.code = AlertCode::parameter_refused}});
  }
}

void Outlook::on_quoted(const Event& event, const Market& market) {
  if (!features_) return;
  const InstrumentState& instrument = market.quoted();
  const Time now = event.header.recv_time;
  // Nearly every message is one of the first three; a best quote is nothing to the sums.
  if (std::holds_alternative<BestQuote>(event.body)) {
    if (market.touch_moved()) on_touch(now, instrument);
    return;
  }
  features_->on_event(event, instrument);
  if (const auto* trade = std::get_if<Trade>(&event.body)) {
    on_trade(event.header, *trade, instrument);
  } else if (market.touch_moved()) {
    on_touch(now, instrument);
  } else if (std::holds_alternative<AssetContext>(event.body)) {
    on_context(now, instrument);
  } else if (const auto* status = std::get_if<FeedStatus>(&event.body)) {
    if (status->state == FeedState::gap || status->state == FeedState::lost) forget_prices();
  }
}

void Outlook::forget_prices() {
  volatility_.gap();
  residual_.gap();
  window_.gap();
  if (lead_) {
    lead_->contrast.gap();
    lead_->entered_at.reset();
  }
  order_.open = false;
  mid_.reset();
  reading_.touch = Touch{};
  reading_.mid.reset();
  reading_.microprice.reset();
  reading_.microprice_std.reset();
}

void Outlook::on_touch(Time now, const InstrumentState& instrument) {
  read_touch(now, instrument);
  reading_.touched_at = now;
  if (!reading_.mid) {
    mid_.reset();
    return;
  }
  if (mid_ != reading_.mid) {
    mid_ = reading_.mid;
    log_mid_ = det::log(*mid_);
    if (volatility_.on_mid(settings_.volatility, now, *mid_)) on_second_step(now);
    window_.on_mid(settings_.regime_window, now, *mid_);
    if (lead_) lead_->contrast.on_follower(settings_.lead_lag, now, log_mid_);
  }
  if (lead_) reading_.lead->predicted = predicted_move(now);
}

void Outlook::on_second_step(Time now) {
  if (const auto sigma = volatility_.sigma(settings_.volatility))
    ranking_.update(settings_.ranking, now, *sigma);
  if (const auto last = volatility_.last_return())
    window_.on_return(settings_.regime_window, now, *last);
}

// ---------------------------------------------------------------- taker orders

void Outlook::on_trade(const EventHeader& header, const Trade& trade,
                       const InstrumentState& instrument) {
  if (trade.qty.lots() <= 0) return;
  const Time now = header.recv_time;
  if (order_.open &&
      (order_.taker != trade.aggressor || order_.exchange_time != header.exchange_time))
    complete_order(now);
  const std::int64_t lots = std::min(trade.qty.lots(), max_lots);
  if (!order_.open) {
    order_ = OpenOrder{.open = true,
                       .taker = trade.aggressor,
                       .exchange_time = header.exchange_time,
                       .lots = 0,
                       .first = trade.price,
                       .worst = trade.price,
                       .mid = mid_};
    if (mid_) order_.touch = reading_.touch;
    if (settings_.classifier && instrument.quotable()) {
      const Side eaten = opposite(trade.aggressor);
      std::int64_t sum = 0;
      instrument.for_each_level(eaten, [&](const Level& level) {
        sum += level.qty.lots();
        order_.ahead[order_.ahead_count++] = {level.price, Qty::from_lots(sum)};
        return order_.ahead_count < order_.ahead.size();
      });
    }
    if (lead_ && lead_->mid && reading_.lead->moved_at) {
      order_.lead_known = true;
      if (now - *reading_.lead->moved_at <= lead_window)
        order_.lead_change = reading_.lead->last_move;
    }
  }
  order_.last_print = now;
  order_.lots = std::min(order_.lots + lots, max_lots);
  const bool further =
      order_.taker == Side::buy ? trade.price > order_.worst : trade.price < order_.worst;
  if (further) order_.worst = trade.price;
}

TradeFeatures Outlook::features_of(Time now, const OpenOrder& order) {
  TradeFeatures result = flow_.features(settings_.flow, now, order.taker, order.lots);
  const auto set = [&](TradeFeature feature, double value) {
    result[static_cast<std::size_t>(feature)] = value;
  };
  const double side = static_cast<double>(sign(order.taker));
  if (order.mid) {
    const Touch& touch = order.touch;
    const Price best = order.taker == Side::buy ? touch.ask.price : touch.bid.price;
    set(TradeFeature::crossed_spread_bps,
        side * static_cast<double>((order.worst - best).units()) / *order.mid * 1e4);
    const double bid = static_cast<double>(touch.bid.qty.lots());
    const double ask = static_cast<double>(touch.ask.qty.lots());
    if (bid + ask > 0) set(TradeFeature::book_imbalance, side * (bid - ask) / (bid + ask));
  }
  // What was displayed up to its worst print.
  for (std::uint32_t i = order.ahead_count; i-- > 0;) {
    const Level& level = order.ahead[i];
    const bool reached =
        order.taker == Side::buy ? level.price <= order.worst : level.price >= order.worst;
    if (!reached) continue;
    if (i + 1 == order.ahead.size() && level.price != order.worst) break;  // beyond what was kept
    set(TradeFeature::depth_consumed,
        static_cast<double>(order.lots) / static_cast<double>(level.qty.lots()));
    break;
  }
  const ContextReading& context = reading_.context;
  if (context.funding_z) set(TradeFeature::funding_z, *context.funding_z);
  if (context.funding)
    set(TradeFeature::aligns_with_funding, *context.funding * side > 0 ? 1.0 : 0.0);
  if (context.open_interest_change_pct)
    set(TradeFeature::open_interest_change, *context.open_interest_change_pct);
  if (order.lead_known) set(TradeFeature::lead_change_100ms, side * order.lead_change);
  if (reading_.lead && reading_.lead->gap)
    set(TradeFeature::lead_spread, side * *reading_.lead->gap);
  if (reading_.sigma) set(TradeFeature::volatility, *reading_.sigma);
  return result;
}

void Outlook::complete_order(Time now) {
  const OpenOrder& open = order_;
  const auto size = static_cast<double>(open.lots);
  TakerOrder order{.number = ++order_count_,
                   .at = now,
                   .exchange_time = open.exchange_time,
                   .taker = open.taker,
                   .qty = Qty::from_lots(open.lots),
                   .worst = open.worst,
                   .sweep = open.worst != open.first};
  order.relative_size =
      hawkes_.on_order(settings_.hawkes, now, order.consumed(), size, order.sweep);
  if (open.mid)
    order.reach_bps = static_cast<double>(sign(open.taker)) *
                      (static_cast<double>(open.worst.units()) - *open.mid) / *open.mid * 1e4;
  if (settings_.classifier) {
    last_features_ = features_of(now, open);
    order.classes = settings_.classifier->classify(last_features_);
    const double informed = 1 - (*order.classes)[static_cast<std::size_t>(TradeClass::noise)];
    adverse_[static_cast<std::size_t>(order.consumed())].on_order(settings_.adverse, now, informed,
                                                                  order.relative_size);
  }
  flow_.on_order(settings_.flow, now, open.taker, open.lots);
  if (order.reach_bps) reach_.on_order(settings_.reach, now, *order.reach_bps);
  window_.on_order(settings_.regime_window, now, open.taker, order.relative_size);
  orders_[(order.number - 1) % orders_kept] = order;
  reading_.last_order = order;
  order_.open = false;
}

const TakerOrder* Outlook::order(std::uint64_t number) const {
  if (number == 0 || number > order_count_ || number + orders_kept <= order_count_) return nullptr;
  return &orders_[(number - 1) % orders_kept];
}

// ---------------------------------------------------------------- leader and context

void Outlook::on_lead(Time now, const InstrumentState& leader) {
  FollowedLead& lead = *lead_;
  LeadReading& shown = *reading_.lead;
  if (!leader.quotable() || leader.touch().bid.price <= Price{}) {
    lead.mid.reset();
    shown.mid.reset();
    if (leader.book_state() == BookState::invalid) {
      lead.contrast.gap();
      lead.prediction.gap();
      lead.entered_at.reset();
      if (mid_) lead.contrast.on_follower(settings_.lead_lag, now, log_mid_);
    }
    return;
  }
  const double mid = mid_of(leader.touch());
  if (lead.mid == mid) return;
  const double log_mid = det::log(mid);
  if (lead.mid) {
    shown.last_move = log_mid - lead.log_mid;
    shown.moved_at = now;
    std::optional<Duration> lag;
    if (shown.estimate)
      lag = shown.estimate->lag;
    else if (believes_prior())
      lag = settings_.lead_prior->lag();
    lead.prediction.on_move(now, shown.last_move, lag);
  }
  lead.mid = mid;
  lead.log_mid = log_mid;
  shown.mid = mid;
  if (!lead.entered_at || now >= *lead.entered_at + settings_.leader_spacing) enter_lead(now, lead);
  shown.predicted = predicted_move(now);
}

void Outlook::enter_lead(Time now, FollowedLead& lead) {
  lead.contrast.on_leader(settings_.lead_lag, now, lead.log_mid, reading_.volatility_regime);
  lead.entered_log_mid = lead.log_mid;
  lead.entered_at = now;
}

bool Outlook::believes_prior() const {
  return settings_.lead_prior && lead_->contrast.increments() < settings_.lead_lag.min_increments;
}

std::optional<double> Outlook::predicted_move(Time now) const {
  if (!lead_) return std::nullopt;
  const auto without_response =
      settings_.lag_mode == LagMode::response ? LagMode::exponential : settings_.lag_mode;
  if (!reading_.lead->estimate) {
    if (!believes_prior()) return std::nullopt;
    const LeadPrior& prior = *settings_.lead_prior;
    return prior.response
               ? lead_->prediction.remaining(LagMode::response, now, prior.beta, prior.lag(),
                                             *prior.response)
               : lead_->prediction.remaining(without_response, now, prior.beta, prior.lag());
  }
  const LagEstimate& estimate = *reading_.lead->estimate;
  if (settings_.lag_mode == LagMode::response && !lead_->response_known)
    return lead_->prediction.remaining(without_response, now, estimate.beta, estimate.lag);
  return lead_->prediction.remaining(settings_.lag_mode, now, estimate.beta, estimate.lag,
                                     lead_->response);
}

void Outlook::Score::add(Time now, double x, Duration tau) {
  weight.add(now, 1, tau);
  sum.add(now, x, tau);
  squares.add(now, x * x, tau);
}

std::optional<double> Outlook::Score::z(double x) const {
  if (!(weight.latest() > 1.5)) return std::nullopt;
  const double mean = sum.latest() / weight.latest();
  const double variance = squares.latest() / weight.latest() - mean * mean;
  // A series that hardly varies has no scores.
  if (!(variance > 1e-12 * mean * mean) || !(variance > 0)) return std::nullopt;
  return (x - mean) / std::sqrt(variance);
}

void Outlook::on_context(Time now, const InstrumentState& instrument) {
  const AssetContext& context = *instrument.asset_context();
  ContextReading& shown = reading_.context;
  shown.at = now;
  const auto value = [](std::int64_t stored, double unit) {
    return stored == absent_e ? std::optional<double>{}
                              : std::optional{static_cast<double>(stored) / unit};
  };
  const auto keep = [&](std::optional<double>& field, std::optional<double> heard) {
    if (heard) field = heard;
  };
  keep(shown.mark, value(context.mark_e8, 1e8));
  keep(shown.oracle, value(context.oracle_e8, 1e8));
  if (const auto funding = value(context.funding_e12, 1e12)) {
    shown.funding = funding;
    shown.funding_hour = funding_clock_.hourly(*funding);
    shown.funding_z = funding_score_.z(*funding);
    funding_score_.add(now, *funding, settings_.baseline.score_tau);
    liquidation_.on_funding(settings_.liquidation, now, *funding);
  }
  if (const auto interest = value(context.open_interest_e8, 1e8)) {
    shown.open_interest = interest;
    shown.open_interest_at = now;
    liquidation_.on_open_interest(settings_.liquidation, now, *interest);
    if (const auto change = liquidation_.open_interest_change_pct(settings_.liquidation, now))
      interest_score_.add(now, *change, settings_.baseline.score_tau);
  }
}

// ---------------------------------------------------------------- questions

std::span<const Wall> Outlook::walls(Side side) const {
  return features_ ? features_->walls(side) : std::span<const Wall>{};
}

std::optional<WallContext> Outlook::wall_context(Side side, Price price,
                                                 const InstrumentState& instrument) const {
  return features_ ? features_->wall_context(side, price, instrument) : std::nullopt;
}

std::optional<double> Outlook::spoof_score(Side side, Price price) const {
  const Wall* wall = features_ ? features_->wall_at(side, price) : nullptr;
  return wall != nullptr ? wall->spoof_score : std::nullopt;
}

std::optional<double> Outlook::flicker_hz(Side side, Price price) const {
  return features_ ? features_->flicker_hz(side, price) : std::nullopt;
}

Touch Outlook::others_touch(const InstrumentState& instrument) const {
  return features_ ? features_->others_touch(instrument) : instrument.touch();
}

Qty Outlook::displayed(Side side, Price price, const InstrumentState& instrument) const {
  return features_ ? features_->displayed(side, price, instrument) : Qty{};
}

std::optional<FillChance> Outlook::fill_chance(const FillQuestion& question,
                                               std::size_t horizon) const {
  if (!reading_.mid || !reading_.sigma) return std::nullopt;
  const FlowReading& side = reading_.flow(question.side);
  const double half_spread = mid_of(reading_.touch) > 0
                                 ? (static_cast<double>(reading_.touch.ask.price.units()) -
                                    static_cast<double>(reading_.touch.bid.price.units())) /
                                       2 / *reading_.mid
                                 : 0;
  const FillFlow flow{.horizon_s = fill_horizons_s[horizon],
                      .expected = side.counts[horizon].expected,
                      .theta = side.clustering(horizon),
                      .reach = reach_probability(question.kappa, question.depth, half_spread),
                      .queue_ahead = question.queue_ahead,
                      .cancel_rate = question.cancel_rate};
  return fill_probability(flow, hawkes_.sizes(), question.depth, half_spread, *reading_.sigma);
}

std::optional<KappaEstimate> Outlook::kappa_robust(Time now,
                                                   std::optional<double> quoted_bps) const {
  return reach_.estimate(settings_.reach, now, quoted_bps);
}

std::optional<std::string> Outlook::set_parameter(std::string_view name, std::string_view value) {
  return set_model_parameter(settings_, name, value);
}

TwoSidedCounts Outlook::counts(Time now, double horizon_s) const {
  return hawkes_.counts(settings_.hawkes, now, horizon_s);
}

}  // namespace mm
