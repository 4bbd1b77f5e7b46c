#include "tests/research/synthetic/flow_truth.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"
#include "engine/market.hpp"
#include "engine/models/hawkes.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research::testing {
namespace {

using sim::testing::synthetic_start;

struct HeardOrder {
  double time = 0;  ///< seconds from the start, the venue's
  Side taker = Side::buy;
  double lots = 0;
  Price first;
  bool sweep = false;
};

std::vector<HeardOrder> taker_orders(sim::SyntheticMarket& market, Duration length) {
  std::vector<HeardOrder> orders;
  sim::testing::run_market(market, length, [&](const Event& event) {
    const auto* trade = std::get_if<Trade>(&event.body);
    if (trade == nullptr || event.header.instrument.value != 0) return;
    const double time = sim::seconds_of(event.header.exchange_time - synthetic_start);
    if (time <= 0) return;
    const bool same =
        !orders.empty() && orders.back().time == time && orders.back().taker == trade->aggressor;
    if (!same) orders.push_back({.time = time, .taker = trade->aggressor, .first = trade->price});
    HeardOrder& order = orders.back();
    order.lots += static_cast<double>(trade->qty.lots());
    order.sweep = order.sweep || trade->price != order.first;
  });
  return orders;
}

HawkesSample sample_of(const std::vector<HeardOrder>& orders, const HawkesMarks& marks,
                       double end) {
  std::vector<double> sizes;
  for (const HeardOrder& order : orders) sizes.push_back(order.lots);
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  HawkesSample sample{.end = end, .streams = std::vector<HawkesStream>(2)};
  for (const HeardOrder& order : orders) {
    sample.times.push_back(order.time);
    for (const std::size_t side : {0u, 1u}) {
      const bool consumes = (order.taker == Side::sell) == (side == 0);
      sample.streams[side].marks.push_back(
          hawkes_mark(marks, order.lots / *middle, consumes, order.sweep));
      sample.streams[side].own.push_back(consumes ? 1 : 0);
    }
  }
  return sample;
}

}  // namespace

Result<HawkesTruth> measure_hawkes(const SyntheticPlan& plan) {
  sim::SyntheticMarket market = market_without_us(plan);
  HawkesTruth result{.mu = {0, 0}};
  double samples = 0;
  market.set_truth([&](const sim::Truth& of) {
    const auto* sample = std::get_if<sim::TruthSample>(&of);
    if (sample == nullptr) return;
    result.mu[0] += sample->mu_bid;
    result.mu[1] += sample->mu_ask;
    samples += 1;
  });
  const std::vector<HeardOrder> orders = taker_orders(market, plan.length);
  for (double& mu : result.mu) mu /= samples;
  const sim::FlowSettings flow = sim::testing::settings_of(plan.seed, plan.market).quoted;
  result.alpha = flow.alpha;
  result.beta = flow.beta;
  if (orders.empty()) return Error{ErrorKind::data, "no taker orders"};
  const HawkesMarks marks{.size_power = flow.mark_power,
                          .size_cap = flow.mark_cap,
                          .same_side = flow.mark_same,
                          .other_side = flow.mark_other,
                          .sweep = flow.mark_sweep};
  const HawkesSample sample = sample_of(orders, marks, sim::seconds_of(plan.length));
  Result<HawkesFit> fit = fit_hawkes(sample);
  if (!fit) return fit.error();
  result.fit = *fit;
  std::vector<double> residuals;
  for (const std::size_t side : {0u, 1u}) {
    const std::vector<double> of = hawkes_residuals(sample, side, fit->parameters);
    residuals.insert(residuals.end(), of.begin(), of.end());
  }
  result.goodness = exponential_ks(residuals);
  return result;
}

LagTruth measure_lag(const SyntheticPlan& plan) {
  const sim::SyntheticSettings settings = sim::testing::settings_of(plan.seed, plan.market);
  LagTruth result{.lag = sim::duration_of(settings.lag_s + settings.quoted.feed_latency_s -
                                          settings.lead.feed_latency_s)};
  sim::SyntheticMarket source = market_without_us(plan);
  Market market;
  for (const std::uint16_t id : {std::uint16_t{0}, std::uint16_t{1}}) {
    const Instrument of = id == 0 ? sim::testing::quoted_btc() : sim::testing::lead_btc();
    market.apply({.header = {.instrument = InstrumentId{id}}, .body = definition_of(of)});
  }
  LeadLag lead_lag;
  const LeadLag::Settings lag_settings;
  sim::testing::run_market(source, plan.length, [&](const Event& event) {
    market.apply(event);
    const InstrumentState& instrument = market.instrument(event.header.instrument);
    if (!market.touch_moved() || !instrument.quotable()) return;
    const Touch& touch = instrument.touch();
    const double log_mid =
        det::log(static_cast<double>(touch.bid.price.units() + touch.ask.price.units()) / 2);
    if (event.header.instrument.value == 0)
      lead_lag.on_follower(lag_settings, event.header.recv_time, log_mid);
    else
      lead_lag.on_leader(lag_settings, event.header.recv_time, log_mid, std::nullopt);
  });
  result.estimate = lead_lag.estimate(lag_settings, std::nullopt);
  return result;
}

}  // namespace mm::research::testing
