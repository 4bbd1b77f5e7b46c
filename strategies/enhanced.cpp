#include "strategies/enhanced.hpp"

#include <algorithm>
#include <cmath>

#include "engine/numeric.hpp"

namespace mm {
namespace {

using enhanced::is_on;

constexpr double bps = 1e-4;
constexpr double intensity_kappa_variance = 0.1;
constexpr double depth_step = 0.1 * bps;      // of the derivative that kappa is
constexpr double clips_without_limit = 1000;  // inventory limit where there is no max_position

/// Where quotes are looked at before there were any: the floor of quiet times.
double depth_looked_at(const EnhancedParams& params, double half) {
  return half > 0 ? half : params.floor_quiet_bps * bps;
}

/// kappa as the intensity model has it at a depth: of an order of ours with nobody ahead.
std::optional<double> kappa_of_intensity(const Outlook& outlook, double kappa, double depth) {
  constexpr std::size_t one_second = 1;
  static_assert(fill_horizons_s[one_second] == 1);
  const auto fills = [&](double at) -> std::optional<double> {
    double sum = 0;
    for (const Side side : {Side::buy, Side::sell}) {
      const auto chance =
          outlook.fill_chance({.side = side, .depth = at, .kappa = kappa}, one_second);
      if (!chance || chance->fill >= 1) return std::nullopt;
      sum += equivalent_fills(chance->fill);
    }
    return sum / 2;
  };
  const auto nearer = fills(std::max(depth - depth_step, 0.0));
  const auto further = fills(depth + depth_step);
  if (!nearer || !further) return std::nullopt;
  return kappa_from_fills(*nearer, *further, depth_step);
}

KappaReading combined_kappa(const EnhancedParams& params, const View& view, double depth) {
  KappaReading read;
  const KappaEstimate prior = view.outlook->settings().kappa_prior.value_or(
      KappaEstimate{.kappa = params.kappa_prior, .log_variance = kappa_prior.log_variance});
  std::array<KappaEstimate, 5> sources{prior};
  std::size_t count = 1;
  const auto add = [&](double kappa, double variance) {
    if (kappa > 0 && variance > 0) sources[count++] = {kappa, variance};
  };
  if (is_on(params.use_kappa)) {
    const Reading& reading = view.outlook->reading();
    if (reading.kappa_book) add(reading.kappa_book->kappa, reading.kappa_book->log_variance);
    if (const auto robust = view.outlook->kappa_robust(view.now, depth / bps)) {
      read.robust = robust->kappa;
      add(robust->kappa, robust->log_variance);
    }
    if (view.own != nullptr && view.own->kappa())
      add(view.own->kappa()->kappa, view.own->kappa()->log_variance);
    const KappaFinal measured = combine_kappa({sources.data(), count});
    if (is_on(params.use_hawkes)) {
      read.intensity = kappa_of_intensity(*view.outlook, measured.kappa, depth);
      if (read.intensity) add(*read.intensity, intensity_kappa_variance);
    }
  }
  read.all = combine_kappa({sources.data(), count});
  return read;
}

void refresh_kappa(const EnhancedParams& params, const View& view, Enhanced::State& state) {
  const double switches = params.use_kappa + 2 * params.use_hawkes;
  KappaReading& kappa = state.kappa;
  if (view.now < kappa.until && kappa.prior == params.kappa_prior && kappa.switches == switches)
    return;
  constexpr std::int64_t second = 1'000'000'000;
  kappa = combined_kappa(params, view, depth_looked_at(params, state.half));
  kappa.until = time_from_ns((to_ns(view.now) / second + 1) * second);
  kappa.prior = params.kappa_prior;
  kappa.switches = switches;
}

/// Informed intensity, mean of the sides that have one; absent without a classifier.
std::optional<double> mean_informed(const Reading& reading) {
  double informed = 0;
  double sides = 0;
  for (const Side side : {Side::buy, Side::sell}) {
    if (!reading.flow(side).informed) continue;
    informed += *reading.flow(side).informed;
    ++sides;
  }
  return sides > 0 ? std::optional{informed / sides} : std::nullopt;
}

/// In bps: what informed flow costs, from the classifier where there is one, and what our own fills
/// did cost as they become many.
double premium_bps(const EnhancedParams& params, const View& view, double sigma) {
  if (!is_on(params.use_adverse)) return params.premium_prior_bps;
  const Reading& reading = view.outlook->reading();
  const auto& settings = view.outlook->settings();
  const std::optional<double> informed = mean_informed(reading);
  const double told =
      informed ? spread_adjustment_bps(settings.adverse, *informed) : params.premium_prior_bps;
  if (view.own == nullptr) return told;
  double sum = told * params.premium_weight;
  double weight = params.premium_weight;
  for (const Side side : {Side::buy, Side::sell}) {
    const double count = view.own->judged_fills(side);
    if (!(count > 0)) continue;
    const double expected_move = sigma * std::sqrt(10.0) * 0.79788456080286535588 / bps;
    const MeanMoves moves =
        view.own->moves(settings.fill_moves, side, reading.volatility_regime, expected_move);
    const double against = view.own->p_mid_against(side);
    sum += count * (against * moves.adverse_bps - (1 - against) * moves.favourable_bps);
    weight += count;
  }
  return std::max(sum / weight, 0.0);
}

double kappa_discount(const View& view) {
  const std::optional<double> informed = mean_informed(view.outlook->reading());
  return informed ? kappa_adjustment(view.outlook->settings().adverse, *informed) : 1;
}

void read_leader(const EnhancedParams& params, const View& view, EnhancedDecision& decision) {
  decision.announced = view.outlook->predicted_move(view.now);
  if (!is_on(params.use_lead_lag)) return;
  QuoteInputs& inputs = decision.inputs;
  inputs.predicted_move = decision.announced.value_or(0);
  const auto& lead = view.outlook->reading().lead;
  if (!lead || !lead->estimate || !lead->moved_at) return;
  // A move older than the lag has arrived.
  if (view.now - *lead->moved_at >= lead->estimate->lag) return;
  inputs.leader_move = lead->last_move;
  inputs.leader_r_squared = lead->estimate->r_squared();
}

}  // namespace

QuoteSettings quote_settings(const EnhancedParams& params) {
  QuoteSettings settings;
  settings.gamma_base = params.gamma_base;
  settings.gamma = {params.gamma_quiet, params.gamma_trending, params.gamma_volatile,
                    params.gamma_cascade};
  settings.kappa_multiplier = {params.kappa_multiplier_quiet, params.kappa_multiplier_trending,
                               params.kappa_multiplier_volatile, params.kappa_multiplier_cascade};
  settings.half_spread_floor_bps = {params.floor_quiet_bps, params.floor_trending_bps,
                                    params.floor_volatile_bps, params.floor_cascade_bps};
  settings.max_inventory = {params.inventory_quiet, params.inventory_trending,
                            params.inventory_volatile, params.inventory_cascade};
  settings.use_kappa_adjustment = is_on(params.use_kappa_adjustment);
  settings.directional_weight = params.directional_weight;
  settings.directional_bps = params.directional_bps;
  settings.min_depth_bps = params.min_depth_bps;
  settings.uncertainty_cv = params.uncertainty_cv;
  settings.uncertainty_entropy = params.uncertainty_entropy;
  settings.defensive_half_bps = params.defensive_half_bps;
  settings.defensive_size = params.defensive_size;
  settings.defensive_belief = params.cascade_belief;
  return settings;
}

void Enhanced::State::save(ByteWriter& out) const {
  out.put_double(half);
  out.put_i64(to_ns(kappa.until));
  out.put_double(kappa.all.kappa);
  out.put_double(kappa.all.log_sd);
  out.put_double(kappa.all.cv);
  for (const auto& source : {kappa.robust, kappa.intensity}) {
    out.put_flag(source.has_value());
    out.put_double(source.value_or(0));
  }
  out.put_double(kappa.prior);
  out.put_double(kappa.switches);
}

void Enhanced::State::restore(ByteReader& in) {
  half = in.get_double();
  kappa.until = time_from_ns(in.get_i64());
  kappa.all.kappa = in.get_double();
  kappa.all.log_sd = in.get_double();
  kappa.all.cv = in.get_double();
  for (auto* source : {&kappa.robust, &kappa.intensity}) {
    const bool known = in.get_flag();
    const double value = in.get_double();
    *source = known ? std::optional{value} : std::nullopt;
  }
  kappa.prior = in.get_double();
  kappa.switches = in.get_double();
  // Before the first decision there is no kappa yet.
  const bool none = kappa.until == Time{} && kappa.all.kappa == 0;
  if (!(half >= 0 && half < 1) || !(none || kappa.all.kappa > 0)) in.fail();
}

EnhancedDecision Enhanced::decide(const Params& params, State& state, const View& view) {
  const Reading& reading = view.outlook->reading();
  const Instrument& instrument = view.instrument.definition();
  EnhancedDecision decision;
  QuoteInputs& inputs = decision.inputs;

  const double bid = static_cast<double>(view.touch.bid.price.units());
  const double ask = static_cast<double>(view.touch.ask.price.units());
  decision.mid = (bid + ask) / 2;
  decision.half_touch = (ask - bid) / 2 / decision.mid;
  inputs.microprice =
      is_on(params.use_microprice) ? reading.microprice.value_or(decision.mid) : decision.mid;

  inputs.belief = is_on(params.use_regime) ? reading.belief : Belief{1, 0, 0, 0};
  if (state.entropy_of != inputs.belief) {
    state.entropy_of = inputs.belief;
    state.entropy = entropy(inputs.belief);
  }
  inputs.entropy = state.entropy;
  inputs.cascade = is_on(params.use_liquidation) && reading.cascade;
  inputs.sigma = is_on(params.use_volatility) ? reading.sigma.value_or(params.volatility_bps * bps)
                                              : params.volatility_bps * bps;
  refresh_kappa(params, view, state);
  const KappaFinal& kappa = state.kappa.all;
  inputs.kappa = kappa.kappa;
  inputs.kappa_cv = kappa.cv;
  inputs.intensity = is_on(params.use_hawkes)
                         ? intensity_at_zero(reading.bid_flow.intensity, reading.ask_flow.intensity,
                                             kappa.kappa, decision.half_touch)
                         : params.intensity;
  inputs.fee = params.fee_bps == EnhancedParams::fee_of_venue
                   ? static_cast<double>(instrument.maker_fee_e8) / 1e8
                   : params.fee_bps * bps;
  inputs.premium_bps = premium_bps(params, view, inputs.sigma);
  inputs.kappa_adjustment = is_on(params.use_adverse) ? kappa_discount(view) : 1;
  read_leader(params, view, decision);

  const Sizes sizes = sizes_of(instrument, params, decision.mid);
  const double clip = static_cast<double>(std::max<std::int64_t>(sizes.clip.lots(), 1));
  inputs.inventory_clips = static_cast<double>(view.position.lots()) / clip;
  inputs.n_max = sizes.max_position > Qty{} ? static_cast<double>(sizes.max_position.lots()) / clip
                                            : clips_without_limit;
  if (params.spread_bps > 0) inputs.half_spread = params.spread_bps / 2 * bps;

  QuoteSettings settings = quote_settings(params);
  // A parameter set of the session takes the place of the strategy's own.
  if (const auto fitted = view.outlook->settings().gamma_base) settings.gamma_base = *fitted;
  decision.gamma_base = settings.gamma_base;
  decision.widths = quote_widths(settings, inputs);
  state.half = std::min(decision.widths.half, 0.5);
  return decision;
}

Quotes Enhanced::lay(const Params& params, const EnhancedDecision& decision, const View& view,
                     Placement placement, const void* context) {
  const Instrument& instrument = view.instrument.definition();
  const QuoteWidths& widths = decision.widths;
  const LotsByValue lots{instrument, floor_to_tick(instrument, decision.mid)};
  Quotes quotes;
  const int levels = static_cast<int>(params.levels);
  for (int level = 0; level < levels; ++level) {
    QuoteWidths at = widths;
    at.bid.depth += level * params.level_step_bps * bps;
    at.ask.depth += level * params.level_step_bps * bps;
    const QuotePrices prices =
        quote_prices(instrument, at, view.touch.bid.price, view.touch.ask.price);
    for (const Side side : {Side::buy, Side::sell}) {
      const QuoteSide& width = side == Side::buy ? at.bid : at.ask;
      std::optional<Price> price = side == Side::buy ? prices.bid : prices.ask;
      if (width.size > 0 && placement != nullptr) price = placement(context, side, *price);
      if (!(width.size > 0) || !price || *price <= Price{}) continue;
      quotes.of(side).add({*price, lots.lots(params.size * width.size)});
    }
  }
  if (params.max_position > 0)
    quotes.max_position = lots.lots(params.max_position * widths.blend.max_inventory);
  quotes.requote_threshold = Price::from_units(
      static_cast<std::int64_t>(decision.mid * params.requote_threshold_bps * bps));
  return quotes;
}

Quotes Enhanced::quotes(const Params& params, State& state, const View& view) {
  if (view.outlook == nullptr) return {};
  state.decision = decide(params, state, view);
  return lay(params, state.decision, view);
}

}  // namespace mm
