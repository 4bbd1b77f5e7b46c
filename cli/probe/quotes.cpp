#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cli/probe/family.hpp"
#include "engine/det/math.hpp"
#include "engine/models/funding_clock.hpp"
#include "engine/models/kappa.hpp"
#include "engine/random.hpp"
#include "research/fit/glft_exact.hpp"
#include "strategies/glft.hpp"
#include "strategies/quote_engine.hpp"

namespace mm::probe {
namespace {

// ---------------------------------------------------------------- GLFT

GlftParameters glft_parameters(const Json& input) {
  const GlftParameters parameters{.xi = input.at("xi").get<double>(),
                                  .kappa = input.at("kappa").get<double>(),
                                  .intensity = input.at("A").get<double>(),
                                  .sigma = input.at("sigma").get<double>(),
                                  .fee = input.value("fee", 0.0)};
  if (!(parameters.xi > 0 && parameters.kappa > 0 && parameters.intensity > 0 &&
        parameters.sigma >= 0))
    throw BadInput{"xi, kappa and A must be above 0, sigma at least 0"};
  return parameters;
}

Json glft_closed_form(const Json& input) {
  const GlftParameters parameters = glft_parameters(input);
  const GlftCoefficients coefficients = glft_coefficients(parameters);
  const GlftQuote quote = glft_quote(parameters, input.at("n_inv").get<double>());
  return {
      {"c1", coefficients.c1}, {"c2", coefficients.c2},        {"half_spread", quote.half_spread},
      {"skew", quote.skew},    {"delta_bid", quote.bid_depth}, {"delta_ask", quote.ask_depth}};
}

Json glft_exact(const Json& input) {
  const auto n_max = input.at("n_max").get<std::int64_t>();
  if (n_max < 1 || n_max > 100'000) throw BadInput{"n_max must be 1 to 100000"};
  const research::GlftExact exact{glft_parameters(input), n_max};
  Json output = Json::object();
  for (std::int64_t n = -n_max; n <= n_max; ++n) {
    if (const auto bid = exact.bid(n)) output[fmt::format("bid_{}", n)] = *bid;
    if (const auto ask = exact.ask(n)) output[fmt::format("ask_{}", n)] = *ask;
  }
  return output;
}

// ---------------------------------------------------------------- kappa

/// The share and number of the orders larger than what is displayed up to each level.
Json kappa_of_book(const Json& input) {
  const auto distances = numbers(input.at("dist_bps"));
  const auto displayed = numbers(input.at("size"));
  if (distances.size() != displayed.size()) throw BadInput{"a size for each distance"};
  std::vector<double> orders;
  if (input.contains("taker_sizes")) {
    orders = numbers(input.at("taker_sizes"));
  } else {
    SplitMix64 random{input.at("seed").get<std::uint64_t>()};
    const auto count = input.at("n").get<std::int64_t>();
    if (count < 1 || count > 10'000'000) throw BadInput{"n must be 1 to 10000000"};
    for (std::int64_t i = 0; i < count; ++i) orders.push_back(det::exp(1.5 * random.normal() - 1));
  }
  std::vector<DepthReach> depths;
  double before = 0;
  for (std::size_t i = 0; i < distances.size(); ++i) {
    before += displayed[i];
    double larger = 0;
    for (const double order : orders) larger += order > before ? 1 : 0;
    depths.push_back({distances[i], larger / static_cast<double>(orders.size()), larger});
  }
  const auto estimate = kappa_book(depths);
  return {{"kappa", estimate ? Json(estimate->kappa) : Json(nullptr)}};
}

Json kappa_theil_sen(const Json& input) {
  const auto grid = numbers(input.at("grid_bps"));
  const auto counts = numbers(input.at("counts"));
  if (grid.size() != counts.size() || grid.size() > 16)
    throw BadInput{"a count for each of at most 16 grid points"};
  return {{"kappa", nullable(kappa_robust(grid, counts))}};
}

Json kappa_of_own_fills(const Json& input) {
  const auto depths = numbers(input.at("depth_bps"));
  const auto exposure = numbers(input.at("exposure_s"));
  const auto fills = numbers(input.at("fills"));
  if (depths.size() != exposure.size() || depths.size() != fills.size())
    throw BadInput{"an exposure and a number of fills for each depth"};
  std::vector<DepthExposure> buckets;
  for (std::size_t i = 0; i < depths.size(); ++i)
    buckets.push_back({depths[i], exposure[i], fills[i]});
  const auto own = kappa_own(buckets);
  if (!own) return {{"kappa", nullptr}, {"A", nullptr}, {"se_kappa", nullptr}};
  return {{"kappa", own->kappa},
          {"A", own->intensity},
          {"se_kappa", own->kappa * std::sqrt(own->log_variance)}};
}

Json kappa_combined(const Json& input) {
  const auto kappas = numbers(input.at("kappa"));
  const auto variances = numbers(input.at("var_log"));
  if (kappas.empty() || kappas.size() != variances.size())
    throw BadInput{"a variance for each of at least one kappa"};
  std::vector<KappaEstimate> estimates;
  for (std::size_t i = 0; i < kappas.size(); ++i) {
    if (!(kappas[i] > 0 && variances[i] > 0)) throw BadInput{"kappa and var_log must be above 0"};
    estimates.push_back({kappas[i], variances[i]});
  }
  const KappaFinal together = combine_kappa(estimates);
  return {{"kappa_final", together.kappa}, {"log_sd", together.log_sd}, {"cv", together.cv}};
}

/// How the literal formula of the source, a one-sided difference of the rate of fills itself,
/// relates to the decay of its logarithm.
Json kappa_relation(const Json& input) {
  const auto intensity = input.at("A").get<double>();
  const auto decay = input.at("k").get<double>();
  const double depth = input.at("depth_bps").get<double>() * 1e-4;
  const double step = input.at("eps_bps").get<double>() * 1e-4;
  const auto fills = [&](double at) { return intensity * det::exp(-decay * at); };
  return {
      {"spec_kappa", (fills(depth - step) - fills(depth)) / step},
      {"log_kappa", nullable(kappa_from_fills(fills(depth - step), fills(depth + step), step))}};
}

// ---------------------------------------------------------------- quotes

Belief belief_of(const Json& array) {
  const auto values = numbers(array);
  double sum = 0;
  for (const double p : values) {
    if (p < 0) throw BadInput{"a belief must be at least 0"};
    sum += p;
  }
  if (values.size() != regimes || !(std::fabs(sum - 1) <= 1e-9))
    throw BadInput{"belief has four values that sum to 1"};
  Belief belief{};
  std::copy(values.begin(), values.end(), belief.begin());
  return belief;
}

Json blended(const Json& input) {
  const Belief belief = belief_of(input.at("belief"));
  const Blend blend = blend_regimes({}, belief);
  double of_source = 0;
  for (std::size_t j = 0; j < regimes; ++j) of_source += belief[j] * kappa_multiplier_of_source[j];
  return {{"gamma", blend.gamma},
          {"spread_multiplier", blend.spread_multiplier},
          {"kappa_multiplier", blend.kappa_multiplier},
          {"kappa_multiplier_spec", of_source},
          {"spread_floor_bps", blend.half_spread_floor_bps},
          {"max_inventory", blend.max_inventory}};
}

/// Prices as whole ticks: an instrument whose price unit is the tick.
Json quotes(const Json& input) {
  const auto number = [&](const char* name) { return input.at(name).get<double>(); };
  const double tick = number("tick");
  const QuoteInputs inputs{.microprice = number("microprice") / tick,
                           .belief = belief_of(input.at("belief")),
                           .kappa = number("kappa"),
                           .kappa_cv = number("cv"),
                           .intensity = number("A"),
                           .sigma = number("sigma"),
                           .inventory_clips = number("n_inv"),
                           .fee = number("fee"),
                           .premium_bps = number("as_premium_bps"),
                           .predicted_move = number("pred_move"),
                           .n_max = number("n_max")};
  if (!(tick > 0 && inputs.microprice > 0 && inputs.kappa > 0 && inputs.intensity > 0 &&
        inputs.sigma >= 0 && inputs.n_max > 0))
    throw BadInput{"tick, microprice, kappa, A and n_max must be above 0, sigma at least 0"};
  const QuoteWidths widths = quote_widths({}, inputs);
  const Instrument instrument{.tick = Price::from_units(1), .qty_step = Qty::from_lots(1)};
  const auto in_ticks = [&](const char* name) {
    return Price::from_units(static_cast<std::int64_t>(std::round(number(name) / tick)));
  };
  const QuotePrices prices =
      quote_prices(instrument, widths, in_ticks("best_bid"), in_ticks("best_ask"));
  const double base = number("base_size");
  return {{"xi", widths.xi},
          {"k_eff", widths.kappa},
          {"c1_bps", widths.c1 * 1e4},
          {"inv_bps_per_clip", widths.skew_per_clip * 1e4},
          {"uncertainty_mult", widths.uncertainty},
          {"half_bps", widths.half * 1e4},
          {"bid_depth_bps", widths.bid.depth * 1e4},
          {"ask_depth_bps", widths.ask.depth * 1e4},
          {"bid_ticks", prices.bid.units()},
          {"ask_ticks", prices.ask.units()},
          {"bid_size", base * widths.bid.size},
          {"ask_size", base * widths.ask.size}};
}

Json funding(const Json& input) {
  const Duration interval =
      time_of_seconds(input.at("interval_hours").get<double>() * 3600).time_since_epoch();
  if (interval <= Duration{}) throw BadInput{"interval_hours must be above 0"};
  const FundingClock clock{.interval = interval};
  return {{"cash", answer_rows(input, [&](const Row& row) -> Json {
             return clock.payment(row.number("position_base"), row.number("oracle_px"),
                                  row.number("rate_8h"));
           })}};
}

constexpr Function functions[] = {
    {"glft.quote", glft_closed_form},
    {"glft.exact", glft_exact},
    {"kappa.book", kappa_of_book},
    {"kappa.robust", kappa_theil_sen},
    {"kappa.own", kappa_of_own_fills},
    {"kappa.combine", kappa_combined},
    {"kappa.spec_relation", kappa_relation},
    {"regime.blend", blended},
    {"quote.engine", quotes},
    {"funding.payment", funding},
};

}  // namespace

std::span<const Function> quote_functions() {
  return functions;
}

}  // namespace mm::probe
