#include "engine/models/volatility.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Volatility::Settings settings;

/// A random walk of 1 bps per root second that moves every `step`.
Volatility walk(Duration step, int moves, double jump, SplitMix64 random) {
  Volatility volatility;
  double log_mid = 0;
  for (int i = 0; i < moves; ++i) {
    log_mid += 1e-4 * std::sqrt(seconds_of(step)) * random.normal();
    if (i == moves - 20) log_mid += jump;
    volatility.on_mid(settings, at_seconds(100) + step * i, 1000 * std::exp(log_mid));
  }
  return volatility;
}

TEST(Volatility, FindsThatOfARandomWalk) {
  double mean = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    mean += *walk(milliseconds{100}, 6000, 0, SplitMix64{seed}).sigma(settings) / 50;
  EXPECT_NEAR(mean, 1e-4, 0.03e-4);
}

TEST(Volatility, BipowerLooksPastAJumpAndRealizedDoesNot) {
  const Volatility volatility = walk(milliseconds{100}, 6000, 0.002, SplitMix64{7});
  EXPECT_LT(*volatility.bipower(settings), 1.5e-4);
  EXPECT_GT(*volatility.realized(settings), 2e-4);
  EXPECT_GT(*volatility.jump_share(), 0.5);
  EXPECT_EQ(volatility.sigma(settings), volatility.bipower(settings));
}

// A mid that moves every third second makes bipower useless.
TEST(Volatility, GoesBackToRealizedWhenMidsAreStale) {
  const Volatility volatility = walk(seconds{3}, 2000, 0, SplitMix64{8});
  EXPECT_GT(*volatility.zero_share(), 0.5);
  EXPECT_EQ(volatility.sigma(settings), volatility.realized(settings));
  EXPECT_NEAR(*volatility.realized(settings), 1e-4, 0.3e-4);
}

// The mid at the end of a step is the last one at or before it, in however many events it came.
TEST(Volatility, TakesThePreviousTick) {
  Volatility volatility;
  volatility.on_mid(settings, at_seconds(0.3), 50);  // before the first whole step: no return of it
  volatility.on_mid(settings, at_seconds(1), 99);
  volatility.on_mid(settings, at_seconds(1), 100);
  volatility.on_mid(settings, at_seconds(1.5), 105);
  volatility.on_mid(settings, at_seconds(2), 110);
  EXPECT_FALSE(volatility.last_return());
  EXPECT_TRUE(volatility.on_mid(settings, at_seconds(2.1), 120));
  EXPECT_NEAR(*volatility.last_return(), std::log(1.1), 1e-15);
  EXPECT_FALSE(volatility.advance(settings, at_seconds(3)));
  EXPECT_TRUE(volatility.advance(settings, at_seconds(3.000000001)));
  EXPECT_NEAR(*volatility.last_return(), std::log(120.0 / 110), 1e-15);
}

TEST(Volatility, ManyStaleStepsAtOnceAreManyStaleSteps) {
  Volatility at_once = walk(milliseconds{100}, 600, 0, SplitMix64{9});
  Volatility one_by_one = at_once;
  for (int i = 1; i < 500; ++i) one_by_one.advance(settings, at_seconds(160 + i * 0.1));
  at_once.advance(settings, at_seconds(160 + 499 * 0.1));
  EXPECT_NEAR(*at_once.realized(settings), *one_by_one.realized(settings), 1e-15);
  EXPECT_NEAR(*at_once.zero_share(), *one_by_one.zero_share(), 1e-12);
  EXPECT_EQ(at_once.last_return(), one_by_one.last_return());
}

TEST(Volatility, ComesBackFromItsSavedBytesAndKnowsNoReturnOverAGap) {
  Volatility volatility = walk(milliseconds{100}, 600, 0, SplitMix64{9});
  Volatility copy = restored(volatility);
  for (Volatility* each : {&volatility, &copy}) {
    each->gap();
    each->on_mid(settings, at_seconds(500), 5000);
    each->on_mid(settings, at_seconds(501.5), 5000);
    EXPECT_FALSE(each->last_return() && *each->last_return() != 0);
  }
  EXPECT_EQ(saved(copy), saved(volatility));
}

TEST(VolatilityRanking, PartsItsOwnHistoryWithHysteresis) {
  const VolatilityRanking::Settings ranking;
  VolatilityRanking regime;
  SplitMix64 random{10};
  for (int i = 0; i < 610; ++i) {
    EXPECT_TRUE(i > 600 || !regime.regime());
    regime.update(ranking, at_seconds(i), 1e-4 * std::exp(0.2 * random.normal()));
  }
  const auto at = [&](double sigma) {
    VolatilityRanking copy = regime;
    copy.update(ranking, at_seconds(610), sigma);
    return copy;
  };
  EXPECT_EQ(at(0.7e-4).regime(), VolatilityRegime::low);
  EXPECT_EQ(at(1.1e-4).regime(), VolatilityRegime::mid);
  EXPECT_EQ(at(1.4e-4).regime(), VolatilityRegime::high);
  EXPECT_EQ(at(3e-4).regime(), VolatilityRegime::extreme);
  VolatilityRanking high = at(1.1e-4);
  high.update(ranking, at_seconds(611), 0.95e-4);  // under the median, but not by a tenth
  EXPECT_EQ(high.regime(), VolatilityRegime::mid);
  high.update(ranking, at_seconds(612), 0.8e-4);
  EXPECT_EQ(high.regime(), VolatilityRegime::low);
  EXPECT_EQ(restored(high).regime(), high.regime());
}

}  // namespace
}  // namespace mm
