#include "engine/models/liquidation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::minutes;

const LiquidationDetector::Settings settings;

TEST(LiquidationScore, RisesWithEachReason) {
  SplitMix64 random{1};
  for (int i = 0; i < 1000; ++i) {
    const LiquidationInputs inputs{.open_interest_change_pct = 4 * random.normal(),
                                   .funding_percentile = random.uniform(),
                                   .funding = random.normal(),
                                   .move_sigmas = 3 * random.normal()};
    const double p = liquidation_score({}, inputs, 2).probability;
    EXPECT_TRUE(p > 0 && p < 1);
    LiquidationInputs worse = inputs;
    worse.open_interest_change_pct -= 1;
    EXPECT_GE(liquidation_score({}, worse, 2).probability, p);
    worse = inputs;
    worse.move_sigmas -= worse.funding > 0 ? 1 : -1;
    EXPECT_GE(liquidation_score({}, worse, 2).probability, p);
  }
}

TEST(RankWindow, CountsHalfOfTheEqualOnesAndForgetsTheOldest) {
  RankWindow window;
  for (int i = 0; i < 99; ++i) window.keep(i);
  EXPECT_EQ(window.rank(1000), 0.5);  // too few to say
  window.keep(50);
  EXPECT_EQ(window.rank(50), 0.51);  // 50 less, two equal, of 100
  EXPECT_EQ(window.rank(-1), 0);
  EXPECT_EQ(window.rank(1000), 1);
  for (std::size_t i = 0; i < RankWindow::capacity; ++i) window.keep(7);
  EXPECT_EQ(window.size(), RankWindow::capacity);
  EXPECT_EQ(window.rank(7), 0.5);
  EXPECT_EQ(window.rank(6), 0);
  EXPECT_EQ(restored(window).rank(7), 0.5);
}

/// Two days of funding, flat open interest and mid up to `end`.
LiquidationDetector quiet_market(Time end) {
  LiquidationDetector detector;
  SplitMix64 random{2};
  for (int i = 0; i < 300; ++i)
    detector.on_funding(settings, at_seconds(600.0 * i), 1e-5 * (1 + 0.1 * random.normal()));
  for (Time now = end - minutes{3}; now <= end; now += std::chrono::seconds{1}) {
    detector.on_open_interest(settings, now, 1000);
    detector.on_mid(now, 100);
  }
  return detector;
}

TEST(LiquidationDetector, LatchesACascadeAndLetsGoAfterTenQuietSeconds) {
  const Time start = at_seconds(200'000);
  LiquidationDetector detector = quiet_market(start);
  EXPECT_LT(detector.update(settings, start, 1e-4)->probability, 0.1);
  detector.on_funding(settings, start, 5e-5);
  detector.on_open_interest(settings, start + std::chrono::seconds{1}, 950);
  detector.on_mid(start + std::chrono::seconds{1}, 99.5);
  const auto score = detector.update(settings, start + std::chrono::seconds{1}, 1e-4);
  EXPECT_GT(score->probability, 0.9);
  EXPECT_EQ(score->x[2], 5);  // 50 bps against one of 7.7
  EXPECT_TRUE(detector.cascade());
  EXPECT_TRUE(restored(detector).cascade());
  for (int i = 2; i <= 90; ++i) {
    const Time now = start + std::chrono::seconds{i};
    detector.on_open_interest(settings, now, 950);
    detector.on_mid(now, 99.5);
    detector.update(settings, now, 1e-4);
    // The drop leaves the minute at 61 s; the latch ten seconds later.
    EXPECT_EQ(detector.cascade(), i < 71) << i;
  }
}

TEST(LiquidationDetector, IsAbsentWithoutAMinuteOfOpenInterest) {
  LiquidationDetector detector;
  detector.on_funding(settings, at_seconds(0), 1e-5);
  detector.on_mid(at_seconds(0), 100);
  detector.on_open_interest(settings, at_seconds(30), 1000);
  EXPECT_FALSE(detector.update(settings, at_seconds(61), 1e-4));
  EXPECT_TRUE(detector.update(settings, at_seconds(90), 1e-4));
  EXPECT_FALSE(detector.update(settings, at_seconds(90), std::nullopt));
  EXPECT_FALSE(detector.update(settings, at_seconds(151), 1e-4));  // stale
  LiquidationDetector nothing;
  nothing.on_funding(settings, at_seconds(0), 1e-5);
  nothing.on_mid(at_seconds(0), 100);
  nothing.on_open_interest(settings, at_seconds(0), 0);
  EXPECT_FALSE(nothing.update(settings, at_seconds(61), 1e-4));
}

// A coin whose open interest often drops by more than 2 % a minute has a threshold of its own.
TEST(LiquidationDetector, LearnsTheThresholdOfItsAsset) {
  LiquidationDetector detector;
  SplitMix64 random{3};
  double open_interest = 1000;
  for (int i = 0; i < 4000; ++i) {
    open_interest *= random.below(2) == 0 ? 0.95 : 1 / 0.95;
    detector.on_open_interest(settings, at_seconds(60.0 * i), open_interest);
    if (i == 1000) {
      EXPECT_EQ(detector.threshold_pct(settings), 2);
    }
  }
  EXPECT_NEAR(detector.threshold_pct(settings), 5, 0.3);
}

}  // namespace
}  // namespace mm
