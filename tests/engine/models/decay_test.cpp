#include "engine/models/decay.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(HeldAverage, HoldsEachValueUntilTheNext) {
  HeldAverage average;
  EXPECT_FALSE(average.value());
  average.update(at_seconds(0), 10, milliseconds{500});
  average.update(at_seconds(0.5), 20, milliseconds{500});
  EXPECT_EQ(*average.value(), 10);  // 20 has not held for any time yet
  const double left = std::exp(-1.0);
  EXPECT_NEAR(average.at(at_seconds(1), milliseconds{500}), left * 10 + (1 - left) * 20, 1e-14);
}

// The average of a series at irregular times is the integral it stands for.
TEST(HeldAverage, IsTheIntegralItClaimsToBe) {
  SplitMix64 random{1};
  const Duration tau = seconds{3};
  HeldAverage average;
  Time now = at_seconds(0);
  std::vector<std::pair<Time, double>> path;
  for (int i = 0; i < 300; ++i) {
    const double x = random.normal();
    average.update(now, x, tau);
    path.emplace_back(now, x);
    now += Duration{static_cast<std::int64_t>(random.below(200'000'000))};
  }
  const Time end = path.back().first;
  double expected = path[0].second * std::exp(-seconds_of(end - path[0].first) / 3);
  for (std::size_t i = 0; i + 1 < path.size(); ++i)
    expected += path[i].second * (std::exp(-seconds_of(end - path[i + 1].first) / 3) -
                                  std::exp(-seconds_of(end - path[i].first) / 3));
  EXPECT_NEAR(*average.value(), expected, 1e-12);
  EXPECT_EQ(*restored(average).value(), *average.value());
}

TEST(StepAverage, ManyZerosAtOnceAreManyZeros) {
  StepAverage one_by_one;
  StepAverage at_once;
  one_by_one.update(3, 0.1);
  at_once.update(3, 0.1);
  for (int i = 0; i < 7; ++i) one_by_one.update(0, 0.1);
  at_once.update_zeros(std::pow(0.9, 7));
  EXPECT_NEAR(*one_by_one.value(), *at_once.value(), 1e-15);
  restored(at_once);
}

// A steady stream shows its rate from the start, not after several tau.
TEST(DecayedRate, IsUnbiasedWhileWarmingUp) {
  DecayedRate rate;
  EXPECT_FALSE(rate.per_second(at_seconds(0), seconds{600}));
  rate.start(at_seconds(0));
  EXPECT_FALSE(rate.per_second(at_seconds(0), seconds{600}));
  for (int i = 1; i <= 200; ++i) {
    rate.count(at_seconds(i * 0.1), seconds{600});
    if (i > 50) {
      EXPECT_NEAR(*rate.per_second(at_seconds(i * 0.1), seconds{600}), 10, 0.5);
    }
  }
  EXPECT_EQ(restored(rate).per_second(at_seconds(30), seconds{600}),
            rate.per_second(at_seconds(30), seconds{600}));
}

TEST(DecayedSum, FadesByItsHalfLife) {
  DecayedSum sum;
  const Duration tau = tau_of_half_life(seconds{10});
  EXPECT_EQ(sum.at(at_seconds(5), tau), 0);
  sum.add(at_seconds(5), 8, tau);
  EXPECT_NEAR(sum.at(at_seconds(15), tau), 4, 1e-8);
  sum.add(at_seconds(15), 1, tau);
  EXPECT_NEAR(sum.latest(), 5, 1e-8);
}

}  // namespace
}  // namespace mm
