// The clock: what is read, and what is said to have changed.

#include <algorithm>
#include <cmath>

#include "engine/outlook/outlook.hpp"

namespace mm {
namespace {

Time next_multiple(Time now, Duration step) {
  return time_from_ns((to_ns(now) / step.count() + 1) * step.count());
}

constexpr Duration second = std::chrono::seconds{1};

MicropriceView view_of(const Touch& touch, const Instrument& instrument) {
  return {.bid = static_cast<double>(touch.bid.price.units()),
          .ask = static_cast<double>(touch.ask.price.units()),
          .bid_qty = static_cast<double>(touch.bid.qty.lots()),
          .ask_qty = static_cast<double>(touch.ask.qty.lots()),
          .tick = static_cast<double>(instrument.tick.units())};
}

}  // namespace

void Outlook::read(Time now, const Market& market, std::vector<Output>& outputs) {
  clock_at_ = next_multiple(now, settings_.interval);
  if (!features_) return;
  const InstrumentState& instrument = market.quoted();
  changes_.clear();
  reading_.features = features_->decide(now, instrument, changes_);
  reading_.at = now;
  tell_changes(now, outputs);

  if (volatility_.advance(settings_.volatility, now)) on_second_step(now);
  read_touch(now, instrument);
  if (reading_.mid) {
    liquidation_.on_mid(now, *reading_.mid);
    const MicropriceCell cell =
        microprice_cell(SpreadUnit::ticks, view_of(reading_.touch, instrument.definition()));
    residual_.update(settings_.residual, now, *reading_.mid, *reading_.microprice, cell.imbalance);
  }
  read_volatility();
  read_context(now);
  set_baseline(now);
  read_liquidation(now, outputs);
  read_regime(now, outputs);
  if (now >= second_at_) {
    second_at_ = next_multiple(now, second);
    read_second(now, instrument);
  }
  read_flow(now);
  read_lead(now);
}

void Outlook::read_touch(Time, const InstrumentState& instrument) {
  reading_.mid.reset();
  reading_.microprice.reset();
  reading_.microprice_std.reset();
  reading_.touch = Touch{};
  if (!instrument.quotable() || instrument.reported_stale()) return;
  const Touch touch = features_->others_touch(instrument);
  if (!touch.two_sided() || touch.bid.price <= Price{}) return;
  reading_.touch = touch;
  const MicropriceView view = view_of(touch, instrument.definition());
  reading_.mid = (view.bid + view.ask) / 2;
  reading_.microprice = microprice(settings_.microprice ? &*settings_.microprice : nullptr, view);
  const MicropriceCell cell = microprice_cell(SpreadUnit::ticks, view);  // of the imbalance alone
  reading_.microprice_std = residual_.standard_deviation(cell.imbalance);
}

void Outlook::read_volatility() {
  reading_.sigma = volatility_.sigma(settings_.volatility);
  reading_.sigma_bipower = volatility_.bipower(settings_.volatility);
  reading_.sigma_realized = volatility_.realized(settings_.volatility);
  reading_.jump_share = volatility_.jump_share();
  reading_.zero_share = volatility_.zero_share();
  reading_.volatility_regime = ranking_.regime();
}

void Outlook::read_context(Time now) {
  ContextReading& context = reading_.context;
  if (!context.at) return;
  context.to_settlement = funding_clock_.to_settlement(now);
  context.open_interest_change_pct =
      liquidation_.open_interest_change_pct(settings_.liquidation, now);
}

std::optional<double> Outlook::open_interest_z() const {
  const auto change = reading_.context.open_interest_change_pct;
  return change ? interest_score_.z(*change) : std::nullopt;
}

void Outlook::set_baseline(Time now) {
  const BaselineSettings& settings = settings_.baseline;
  double multiplier = 0;
  for (std::size_t i = 0; i < regimes; ++i)
    multiplier += reading_.belief[i] * settings_.intensity_multiplier[i];
  const bool flat = settings_.intensity_multiplier == std::array<double, regimes>{1, 1, 1, 1};
  if (flat) multiplier = 1;
  const FundingPhase phase{.weight_cos = settings.weight_cos,
                           .weight_sin = settings.weight_sin,
                           .to_settlement = funding_clock_.to_settlement(now),
                           .period = funding_clock_.interval};
  const bool follows = settings.weight_cos != 0 || settings.weight_sin != 0;
  const double mu = hawkes_baseline(settings.level, reading_.context.funding_z, open_interest_z(),
                                    &phase, follows ? 1 : 0);
  if (mu * multiplier != reading_.baseline || reading_.baseline == 0)
    hawkes_.set_baseline(settings_.hawkes, now, mu, multiplier);
  reading_.baseline = mu * multiplier;
}

void Outlook::read_flow(Time now) {
  reading_.imbalance_1s = flow_.imbalance_1s(now);
  reading_.imbalance_10s = flow_.imbalance_10s(now);
  const std::array<double, 2> excitations = hawkes_.excitations(settings_.hawkes, now);
  std::array<TwoSidedCounts, fill_horizons_s.size()> counts;
  for (std::size_t h = 0; h < counts.size(); ++h)
    counts[h] = hawkes_.counts(settings_.hawkes, excitations, growth_[h]);
  for (const Side side : {Side::buy, Side::sell}) {
    FlowReading& flow = side == Side::buy ? reading_.bid_flow : reading_.ask_flow;
    flow.excitation = excitations[static_cast<std::size_t>(side)];
    flow.intensity = hawkes_.baseline() + flow.excitation;
    for (std::size_t h = 0; h < counts.size(); ++h)
      flow.set_counts(h, side == Side::buy ? counts[h].bid : counts[h].ask);
    flow.informed =
        adverse_[static_cast<std::size_t>(side)].informed_intensity(settings_.adverse, now);
  }
}

void Outlook::read_liquidation(Time now, std::vector<Output>& outputs) {
  const bool was_on = reading_.cascade;
  const bool was_known = reading_.liquidation.has_value();
  reading_.liquidation = liquidation_.update(settings_.liquidation, now, reading_.sigma);
  reading_.cascade = liquidation_.cascade();
  tell_cascade(now, was_on, was_known, outputs);
}

void Outlook::read_regime(Time now, std::vector<Output>& outputs) {
  const Regime before = reading_.displayed;
  if (const auto observation = window_.poll(settings_.regime_window, now)) {
    regime_.update(settings_.regime, regime_at_ ? now - *regime_at_ : Duration{}, *observation);
    regime_at_ = now;
    reading_.belief = regime_.belief();
    reading_.most_likely = regime_.most_likely();
    reading_.displayed = regime_.displayed();
    reading_.entropy = regime_.entropy();
    ++reading_.regime_steps;
    reading_.observation = *observation;
  }
  tell_regime(now, before, outputs);
}

// A taker order reaches a level when it is larger than all displayed before it and there.
std::optional<KappaEstimate> Outlook::kappa_of_book(const InstrumentState& instrument) const {
  constexpr std::size_t most = 12;  // levels a side
  if (!reading_.mid) return std::nullopt;
  const DecayedLogHistogram& sizes = hawkes_.sizes();
  const double orders = sizes.weight();
  std::array<DepthReach, 2 * most> depths;
  std::size_t count = 0;
  for (const Side side : {Side::buy, Side::sell}) {
    const std::size_t end = count + most;
    std::int64_t lots = 0;
    instrument.for_each_level(side, [&](const Level& level) {
      lots += level.qty.lots();
      const double share = sizes.share_above(static_cast<double>(lots)).value_or(0);
      if (share * orders < kappa_book_min_orders) return false;
      const double away = std::fabs(static_cast<double>(level.price.units()) - *reading_.mid);
      depths[count++] = {
          .depth_bps = away / *reading_.mid * 1e4, .share = share, .orders = share * orders};
      return count < end;
    });
  }
  return kappa_book({depths.data(), count});
}

void Outlook::read_second(Time now, const InstrumentState& instrument) {
  for (std::size_t h = 0; h < growth_.size(); ++h)
    growth_[h] = hawkes_.growth(settings_.hawkes, fill_horizons_s[h]);
  reading_.branching = branching_ratio(settings_.hawkes.kernel, settings_.hawkes.marks,
                                       hawkes_.mean_mark(settings_.hawkes));
  reading_.median_size = hawkes_.median_size();
  reading_.kappa_robust = reach_.estimate(settings_.reach, now, std::nullopt);
  reading_.kappa_book = kappa_of_book(instrument);
  std::array<KappaEstimate, 3> estimates = {settings_.kappa_prior.value_or(kappa_prior)};
  std::size_t count = 1;
  for (const auto& estimate : {reading_.kappa_book, reading_.kappa_robust})
    if (estimate) estimates[count++] = *estimate;
  reading_.kappa = combine_kappa({estimates.data(), count});
  if (!lead_) return;
  LeadReading& shown = *reading_.lead;
  shown.estimate = lead_->contrast.estimate(settings_.lead_lag, reading_.volatility_regime);
  shown.current = lead_->contrast.current(settings_.lead_lag);
  if (settings_.lag_mode == LagMode::response)
    lead_->response_known = lead_->contrast.response(settings_.lead_lag, lead_->response);
}

void Outlook::read_lead(Time now) {
  if (!lead_) return;
  FollowedLead& lead = *lead_;
  LeadReading& shown = *reading_.lead;
  if (lead.mid && lead.entered_log_mid != lead.log_mid) enter_lead(now, lead);
  shown.predicted = predicted_move(now);
  shown.gap.reset();
  if (lead.mid && mid_) {
    const double gap = lead.log_mid - log_mid_;
    lead.basis.update(now, gap, settings_.basis_tau);
    shown.gap = gap - *lead.basis.value();
  }
}

}  // namespace mm
