// The losses of the gates, on records where it is known whether a component says anything.

#include "research/gate_losses.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"

namespace mm::research {
namespace {

Time at(double seconds) {
  return time_from_ns(static_cast<std::int64_t>(seconds * 1e9));
}

double mean_of(const std::vector<Loss>& losses) {
  double sum = 0;
  for (const Loss& loss : losses) sum += loss.value;
  return sum / static_cast<double>(losses.size());
}

/// Orders on the bid side at a rate that changes every ten seconds, and what it was.
struct Flow {
  std::vector<MarketTape::Order> orders;
  std::vector<MarketTape::Quiet> known;
  std::vector<MarketTape::Quiet> constant;
};
Flow flow(double calm, double busy, std::uint64_t seed) {
  Flow flow;
  SplitMix64 random{seed};
  for (int second = 0; second < 4000; ++second) {
    const double rate = second / 10 % 2 == 0 ? calm : busy;
    flow.known.push_back({at(second), {rate, 0.01}});
    flow.constant.push_back({at(second), {(calm + busy) / 2, 0.01}});
    for (double time = -std::log(random.uniform()) / rate; time < 1;
         time -= std::log(random.uniform()) / rate)
      flow.orders.push_back({at(second + time), Side::buy, std::nullopt});
  }
  return flow;
}

TEST(GateLosses, ArrivalsRewardWhoKnowsTheRate) {
  const Flow changing = flow(0.1, 3, 1);
  const auto known = arrival_losses(changing.orders, changing.known);
  ASSERT_EQ(known.size(), 8000u);  // two sides
  EXPECT_LT(mean_of(known), mean_of(arrival_losses(changing.orders, changing.constant)) - 0.05);
  // Where the rate never changes there is nothing to know.
  const Flow steady = flow(0.7, 0.7, 2);
  EXPECT_EQ(mean_of(arrival_losses(steady.orders, steady.known)),
            mean_of(arrival_losses(steady.orders, steady.constant)));
  // One order at 0.5 s: the forecast of second 0 sees it, that of second 1 does not.
  const std::vector<MarketTape::Order> one = {{at(0.5), Side::sell, std::nullopt}};
  const std::vector<MarketTape::Quiet> sure = {{at(0), {0, 100}}, {at(1), {0, 0}}};
  EXPECT_NEAR(mean_of(arrival_losses(one, sure)), 0, 1e-12);
}

TEST(GateLosses, ReachRewardsTheRightDecay) {
  SplitMix64 random{3};
  std::vector<MarketTape::Order> orders;
  for (int i = 0; i < 5000; ++i)
    orders.push_back({at(i + 1), Side::buy, -std::log(random.uniform()) / 8000 * 1e4});
  const std::vector<KappaInForce> right = {{at(0), 8000}};
  const std::vector<KappaInForce> wrong = {{at(0), 3000}};
  const std::vector<KappaInForce> late = {{at(2500.5), 8000}};
  EXPECT_LT(mean_of(reach_losses(orders, right)), mean_of(reach_losses(orders, wrong)) - 0.1);
  EXPECT_EQ(reach_losses(orders, late).size(), 2500u);  // before it no kappa is known
  // Cells of the grid are all there is.
  double all = 0;
  for (const double bps : {0.5, 1.5, 2.5, 3.5, 5.0, 7.0, 9.0, 50.0})
    all += std::exp(-reach_loss(bps, 4000));
  EXPECT_NEAR(all, 1, 1e-12);
}

PredictedMoment moment(double seconds) {
  PredictedMoment result{.at = at(seconds), .seq = {}, .head = {}, .mid = 100, .move = {}};
  return result;
}

TEST(GateLosses, CallsCountWhatWasMissedAndWhatWasFalse) {
  std::vector<PredictedMoment> moments;
  for (int second = 0; second < 100; ++second) {
    moments.push_back(moment(second));
    moments.back().move[2] = second == 90 ? 40e-4 : 1e-4;
  }
  const std::vector<Time> forced = {at(50.5)};  // a cascade as of 46 to 50; another at 90
  EXPECT_NEAR(mean_of(call_losses(moments, forced)), 0.06, 1e-12);
  std::vector<PredictedMoment> called = moments;
  for (const int second : {46, 47, 48, 49, 50, 90})
    called[static_cast<std::size_t>(second)].head.defensive = true;
  EXPECT_EQ(mean_of(call_losses(called, forced)), 0);
  // Without a cascade a call is false, and no call right.
  for (PredictedMoment& each : called) each.move[2] = 0;
  EXPECT_NEAR(mean_of(call_losses(called, {})), 0.06, 1e-12);
  for (PredictedMoment& each : moments) each.move[2] = 0;
  EXPECT_EQ(mean_of(call_losses(moments, {})), 0);
}

/// Seconds whose volatility changes every five minutes; beliefs know it, or are noise.
std::vector<PredictedMoment> unrest(double calm, double wild, bool knows, std::uint64_t seed) {
  SplitMix64 random{seed};
  std::vector<PredictedMoment> moments;
  for (int second = 0; second < 4 * 3600; ++second) {
    moments.push_back(moment(second));
    const bool is_wild = second / 300 % 2 == 1;
    moments.back().move[0] = (is_wild ? wild : calm) * random.normal();
    const bool believed = knows ? is_wild : random.uniform() < 0.5;
    Prediction& head = moments.back().head;
    head.quiet_e6 = believed ? 100'000 : 900'000;
    head.volatile_e6 = 1'000'000 - head.quiet_e6;
    head.trending_e6 = head.cascade_e6 = 0;
  }
  return moments;
}

std::vector<PredictedMoment> always_quiet(std::vector<PredictedMoment> moments) {
  for (PredictedMoment& each : moments) {
    each.head.quiet_e6 = 1'000'000;
    each.head.volatile_e6 = 0;
  }
  return moments;
}

TEST(GateLosses, RegimesAreJudgedByTheNextMinutesVolatility) {
  const auto known = unrest(1e-4, 4e-4, true, 4);
  const double with = mean_of(regime_losses(known));
  const double without = mean_of(regime_losses(always_quiet(known)));
  EXPECT_LT(with, without - 0.2);
  // Beliefs that are noise, and a market without regimes: nothing gained, hardly anything lost.
  for (const auto& moments : {unrest(1e-4, 4e-4, false, 5), unrest(2e-4, 2e-4, true, 6)})
    EXPECT_NEAR(mean_of(regime_losses(moments)), mean_of(regime_losses(always_quiet(moments))),
                0.02);
  EXPECT_TRUE(regime_losses(std::span{known}.first(300)).empty());  // too little to go by
}

/// Orders filled at a rate that only who knows the place knows; half are cancelled after 2 s.
std::vector<PredictedOrder> waiting(bool knows, std::vector<PredictedMoment>& moments) {
  SplitMix64 random{7};
  std::vector<PredictedOrder> orders;
  for (std::size_t i = 0; i < 6000; ++i) {
    moments.push_back(moment(static_cast<double>(i)));
    const bool in_front = random.uniform() < 0.5;
    const double rate = in_front ? 1.0 : 0.02;
    const double fill_s = -std::log(random.uniform()) / rate;
    const double cancel_s = random.uniform() < 0.5 ? 2 : 30;
    PredictedOrder order{.moment = i, .predicted = {}, .pnl_10s_bps = {}, .against_10s_bps = {}};
    order.filled = fill_s < cancel_s;
    order.end_s = std::min(fill_s, cancel_s);
    PredictedLevel& level = order.predicted;
    level.qty = Qty::from_lots(10);
    level.queue_total = 100;
    const auto chance = [&](double horizon_s) {
      const auto by = [&](double of) { return 1 - std::exp(-of * horizon_s); };
      return static_cast<std::int64_t>(1e6 * (knows ? by(rate) : (by(1.0) + by(0.02)) / 2));
    };
    level.p_fill_100ms_e6 = chance(0.1);
    level.p_fill_1s_e6 = chance(1);
    level.p_fill_10s_e6 = chance(10);
    orders.push_back(order);
  }
  return orders;
}

TEST(GateLosses, WaitingRewardsWhoKnowsThePlace) {
  std::vector<PredictedMoment> moments;
  std::vector<PredictedOrder> known = waiting(true, moments);
  moments.clear();
  const std::vector<PredictedOrder> unknown = waiting(false, moments);
  const Waits waits = assessable_waits(known);
  EXPECT_EQ(waits, (Waits{true, true, true}));
  EXPECT_LT(mean_of(waiting_losses(moments, known, waits)),
            mean_of(waiting_losses(moments, unknown, waits)) - 0.03);
  // A horizon that hardly an order lives to see says nothing of the model.
  std::vector<PredictedOrder> short_lived = known;
  for (PredictedOrder& order : short_lived)
    if (order.end_s > 0.15) {
      order.end_s = 0.15;
      order.filled = false;
    }
  EXPECT_EQ(assessable_waits(short_lived), (Waits{true, false, false}));
  // Alone at its price an order has no place to know.
  for (PredictedOrder& order : known) order.predicted.queue_total = 10;
  EXPECT_TRUE(waiting_losses(moments, known, waits).empty());
  EXPECT_TRUE(waiting_losses(moments, unknown, {}).empty());
}

}  // namespace
}  // namespace mm::research
