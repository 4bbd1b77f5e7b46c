#include "engine/models/lead_lag.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/models/funding_clock.hpp"
#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const LeadLag::Settings settings;

struct Change {
  Time time;
  double log_mid;
  bool leader;
};

/// A random walk a millisecond a step, seen by the leader 20 times a second and by the follower,
/// `lag` later and with a little noise, 10 times.
std::vector<Change> market(int lag_ms, double beta, int length_ms, std::uint64_t seed,
                           int start_ms = 10'000) {
  SplitMix64 random{seed};
  std::vector<double> walk{0};
  std::vector<Change> changes;
  for (int i = 1; i <= length_ms; ++i) {
    walk.push_back(walk.back() + 1e-5 * random.normal());
    const Time now = at_seconds((start_ms + i) / 1e3);
    if (random.uniform() < 0.02) changes.push_back({now, walk.back(), true});
    if (random.uniform() < 0.01 && i > 3000)
      changes.push_back(
          {now, beta * walk[static_cast<std::size_t>(i - lag_ms)] + 1e-5 * random.normal(), false});
  }
  return changes;
}

void feed(LeadLag& model, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.leader) {
      model.on_leader(settings, change.time, change.log_mid, VolatilityRegime::mid);
    } else {
      model.on_follower(settings, change.time, change.log_mid);
    }
  }
}

// In 20 markets: the lag within two grid steps, beta within its errors.
TEST(LeadLag, RecoversLagAndBeta) {
  int near = 0;
  int inside = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    LeadLag model;
    const int lag = seed % 2 == 0 ? 300 : 1200;
    feed(model, market(lag, 0.8, 120'000, seed));
    const auto estimate = model.estimate(settings, std::nullopt);
    ASSERT_TRUE(estimate) << seed;
    near += std::abs(estimate->lag / milliseconds{1} - lag) <= 20 ? 1 : 0;
    ASSERT_TRUE(estimate->beta_sd && estimate->lag_sd);
    // Choosing the best of 301 lags lifts beta a little.
    inside += std::fabs(estimate->beta - 0.8) < 2.5 * *estimate->beta_sd ? 1 : 0;
    EXPECT_LE(std::fabs(estimate->rho), 1.05);
  }
  EXPECT_GE(near, 18);
  EXPECT_GE(inside, 17);
}

// The faded contrast against the sum over all pairs of increments that meet.
TEST(LeadLag, AgreesWithTheSumOverPairs) {
  const auto changes = market(500, 1, 20'000, 5);
  LeadLag model;
  feed(model, changes);
  // Push the clock on until everything has settled.
  model.on_leader(settings, at_seconds(60), 99, VolatilityRegime::mid);
  std::vector<Change> x;
  std::vector<Change> y;
  for (const Change& change : changes) (change.leader ? x : y).push_back(change);
  const auto estimate = model.estimate(settings, VolatilityRegime::mid);
  ASSERT_TRUE(estimate);
  double u = 0;
  double xx = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    const double weight = std::exp(seconds_of(x[i].time - x[0].time) / 300);
    const double dx = x[i].log_mid - x[i - 1].log_mid;
    xx += weight * dx * dx;
    for (std::size_t j = 1; j < y.size(); ++j) {
      const Time start = std::max(x[i - 1].time, y[j - 1].time - estimate->lag);
      const Time end = std::min(x[i].time, y[j].time - estimate->lag);
      if (start < end) u += weight * dx * (y[j].log_mid - y[j - 1].log_mid);
    }
  }
  EXPECT_NEAR(estimate->beta, u / xx, 1e-9 * std::fabs(u / xx));
}

TEST(LeadLag, SaysNothingWhereNothingLeads) {
  // The best of 301 lags often passes three deviations of its neighbours.
  int told[3] = {0, 0, 0};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    LeadLag model;
    feed(model, market(300, 0, 60'000, seed));  // the follower is noise alone
    for (int i = 0; i < 3; ++i) {
      LeadLag::Settings strict = settings;
      strict.noise_multiple = 3 + i;
      told[i] += model.estimate(strict, std::nullopt) ? 1 : 0;
    }
  }
  EXPECT_LE(told[0], 24);
  EXPECT_LE(told[1], 10);
  EXPECT_LE(told[2], 3);
  std::printf("of 40 markets of noise, lags told at 3, 4, 5: %d %d %d\n", told[0], told[1],
              told[2]);
  LeadLag few;
  feed(few, market(300, 1, 5'000, 1));
  EXPECT_FALSE(few.estimate(settings, std::nullopt));
  EXPECT_FALSE(few.current(settings));
}

TEST(LeadLag, KeepsRegimesApart) {
  LeadLag model;
  for (const Change& change : market(300, 0.8, 60'000, 3)) {
    if (change.leader) {
      model.on_leader(settings, change.time, change.log_mid, VolatilityRegime::high);
    } else {
      model.on_follower(settings, change.time, change.log_mid);
    }
  }
  const auto pooled = model.estimate(settings, std::nullopt);
  const auto high = model.estimate(settings, VolatilityRegime::high);
  const auto low = model.estimate(settings, VolatilityRegime::low);  // falls back
  ASSERT_TRUE(pooled && high && low);
  EXPECT_EQ(low->beta, pooled->beta);
  EXPECT_NEAR(high->beta, pooled->beta, 0.05);
}

// The past fades: after the lag has changed, the half-minute estimate follows first.
TEST(LeadLag, CurrentFollowsAChange) {
  LeadLag model;
  feed(model, market(1200, 1, 100'000, 1));
  feed(model, market(300, 1, 100'000, 2, 113'000));
  const auto current = model.current(settings);
  ASSERT_TRUE(current);
  EXPECT_NEAR(static_cast<double>(current->lag / milliseconds{1}), 300, 20);
}

TEST(LeadLag, ResponseRisesFromZeroToOne) {
  LeadLag::Settings early = settings;
  early.response_increments = 1000;
  LeadLag model;
  feed(model, market(500, 1, 120'000, 9));
  std::vector<double> response(LeadLag::response_bins, -1);
  const std::span<double, LeadLag::response_bins> view{response};
  EXPECT_FALSE(model.response(settings, view));  // 10,000 increments are not there
  EXPECT_EQ(response[0], -1);
  ASSERT_TRUE(model.response(early, view));
  double last = 0;
  for (const double share : response) {
    EXPECT_GE(share, last);
    last = share;
  }
  EXPECT_NEAR(last, 1, 1e-12);
  EXPECT_LT(response[40], 0.3);
  EXPECT_GT(response[70], 0.6);
}

TEST(LeadLag, ComesBackFromItsSavedBytes) {
  LeadLag model;
  const auto changes = market(300, 1, 30'000, 4);
  feed(model, {changes.begin(), changes.begin() + 600});
  LeadLag copy = restored(model);
  feed(model, {changes.begin() + 600, changes.end()});
  feed(copy, {changes.begin() + 600, changes.end()});
  EXPECT_EQ(saved(model), saved(copy));
  copy.gap();
  EXPECT_EQ(copy.increments(), model.increments());
  feed(copy, market(300, 1, 5'000, 4, 900'000));
}

TEST(LeadLag, OutlivesStandstillsAndBursts) {
  SplitMix64 random{6};
  LeadLag model;
  Time now = at_seconds(1);
  double x = 0;
  double y = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto kind = random.below(1000);
    now += kind == 0 ? seconds{30} : kind < 400 ? milliseconds{0} : milliseconds{random.below(40)};
    if (random.below(2) == 0) {
      model.on_leader(settings, now, x += 1e-4 * random.normal(), std::nullopt);
    } else {
      model.on_follower(settings, now, y += 1e-4 * random.normal());
    }
  }
  const auto estimate = model.estimate(settings, std::nullopt);
  if (estimate) {
    EXPECT_TRUE(std::isfinite(estimate->beta) && std::isfinite(estimate->rho));
  }
  EXPECT_TRUE(std::isfinite(model.increments()));
}

TEST(LagPrediction, HasDeliveredEverythingInTheEnd) {
  LagPrediction prediction;
  const Duration lag = milliseconds{500};
  EXPECT_EQ(prediction.remaining(LagMode::exponential, at_seconds(1), 1, lag), 0);
  prediction.on_move(at_seconds(1), 1e-4, lag);
  std::vector<double> response(LeadLag::response_bins, 1);
  for (std::size_t i = 0; i < 50; ++i) response[i] = static_cast<double>(i) / 50;
  for (const LagMode mode :
       {LagMode::pure_delay, LagMode::linear_ramp, LagMode::exponential, LagMode::response}) {
    double last = 1e-4;
    for (int ms = 0; ms < 3000; ms += 10) {
      const double left = prediction.remaining(mode, at_seconds(1 + ms / 1e3), 0.9, lag, response);
      EXPECT_LE(left, last);
      EXPECT_GE(left, 0);
      last = left;
    }
    EXPECT_LT(last, 1e-6);
    EXPECT_EQ(prediction.remaining(mode, at_seconds(1), 0.9, std::nullopt, response), 0);
    EXPECT_EQ(prediction.remaining(mode, at_seconds(1), 0.9, Duration{}, response), 0);
    EXPECT_EQ(prediction.remaining(mode, at_seconds(1), 1e9, lag, response), LagPrediction::limit);
  }
  EXPECT_EQ(restored(prediction).remaining(LagMode::pure_delay, at_seconds(1.2), 1, lag), 1e-4);
  prediction.gap();
  EXPECT_EQ(prediction.remaining(LagMode::exponential, at_seconds(1.2), 1, lag), 0);
}

TEST(FundingClock, CountsToTheNextFullInterval) {
  const FundingClock hourly;
  EXPECT_EQ(hourly.to_settlement(at_seconds(7200)), seconds{3600});
  EXPECT_EQ(hourly.to_settlement(at_seconds(7201)), seconds{3599});
  const FundingClock binance{.interval = std::chrono::hours{8},
                             .rate_period = std::chrono::hours{8}};
  EXPECT_EQ(binance.to_settlement(at_seconds(1)), seconds{28799});
  EXPECT_NEAR(binance.hourly(8e-4), 1e-4, 1e-18);
  EXPECT_NEAR(hourly.hourly(8e-4), 1e-4, 1e-18);
  EXPECT_NEAR(binance.payment(2, 100, 1e-3), -0.2, 1e-12);
}

}  // namespace
}  // namespace mm
