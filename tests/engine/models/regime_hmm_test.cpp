#include "engine/models/regime_hmm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/models/regime_window.hpp"
#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

double sum_of(const Belief& belief) {
  return std::accumulate(belief.begin(), belief.end(), 0.0);
}

TEST(StepTransition, KeepsRowsAndTheStationaryLaw) {
  const RegimeModel model = default_regime_model();
  for (const double dt : {0.0, 1.0, 10.0, 60.0}) {
    const TransitionMatrix step = step_transition(model.transition_per_minute, dt);
    Belief after{};
    for (std::size_t i = 0; i < regimes; ++i) {
      double row = 0;
      for (std::size_t j = 0; j < regimes; ++j) {
        EXPECT_GE(step[i][j], 0);
        row += step[i][j];
        after[j] += model.initial[i] * step[i][j];
      }
      EXPECT_NEAR(row, 1, 1e-14);
    }
    for (std::size_t j = 0; j < regimes; ++j) EXPECT_NEAR(after[j], model.initial[j], 1e-14);
  }
}

// Whatever is observed, absent or absurd: a belief stays a belief.
TEST(RegimeFilter, BeliefsSumToOne) {
  const RegimeModel model = default_regime_model();
  SplitMix64 random{1};
  RegimeFilter filter;
  for (int i = 0; i < 20'000; ++i) {
    RegimeObservation observation;
    for (auto& value : observation) {
      const auto kind = random.below(6);
      if (kind == 0) value = 1e6 * random.normal();
      if (kind > 1) value = random.normal();
    }
    filter.update(model, seconds{static_cast<std::int64_t>(random.below(200))}, observation);
    EXPECT_NEAR(sum_of(filter.belief()), 1, 1e-12);
    for (const double p : filter.belief()) EXPECT_TRUE(p >= 0 && p <= 1);
  }
  EXPECT_TRUE(std::isfinite(filter.log_likelihood()));
  RegimeFilter copy = restored(filter);
  copy.update(model, seconds{10}, {0.5});
  filter.update(model, seconds{10}, {0.5});
  EXPECT_EQ(saved(copy), saved(filter));
}

TEST(RegimeFilter, ForgetsInALongSilence) {
  const RegimeModel model = default_regime_model();
  RegimeFilter filter;
  for (int i = 0; i < 20; ++i) filter.update(model, seconds{10}, {1.9, 1.7, 0.7, 3.0});
  EXPECT_EQ(filter.most_likely(), Regime::cascade);
  EXPECT_GT(filter.belief()[3], 0.99);
  RegimeFilter minutes_apart = filter;
  filter.update(model, hours{200}, {});
  for (std::size_t j = 0; j < regimes; ++j)
    EXPECT_NEAR(filter.belief()[j], model.initial[j], 1e-12);
  // 130 s are two whole minutes and ten seconds.
  RegimeFilter in_parts = minutes_apart;
  minutes_apart.update(model, seconds{130}, {});
  for (const int step : {60, 60, 10}) in_parts.update(model, seconds{step}, {});
  EXPECT_EQ(minutes_apart.belief(), in_parts.belief());
}

// A single odd window does not change what is shown.
TEST(RegimeFilter, ShowsATransitionOnlyWhenItLasts) {
  const RegimeModel model = default_regime_model();
  RegimeFilter filter;
  const RegimeObservation quiet = {-0.9, -0.15, 0.2, 0.3};
  const RegimeObservation cascade = {1.9, 1.7, 0.7, 3.0};
  for (int i = 0; i < 5; ++i) filter.update(model, seconds{10}, quiet);
  EXPECT_EQ(filter.displayed(), Regime::quiet);
  EXPECT_LT(filter.entropy(), 0.1);
  filter.update(model, seconds{10}, cascade);
  EXPECT_NE(filter.most_likely(), Regime::quiet);
  EXPECT_EQ(filter.displayed(), Regime::quiet);
  filter.update(model, seconds{10}, cascade);
  filter.update(model, seconds{10}, cascade);
  EXPECT_EQ(filter.displayed(), Regime::cascade);
}

TEST(RegimeWindow, MeasuresItsTenSeconds) {
  const RegimeWindow::Settings settings;
  RegimeWindow window;
  EXPECT_FALSE(window.poll(settings, at_seconds(0)));
  for (int i = 1; i <= 10; ++i) window.on_return(settings, at_seconds(i), i % 2 == 0 ? 2e-4 : 0);
  window.on_mid(settings, at_seconds(2), 100);
  window.on_order(settings, at_seconds(2), Side::buy, 4);
  window.on_order(settings, at_seconds(2), Side::buy, 100);
  window.on_order(settings, at_seconds(2), Side::sell, 1);
  window.on_mid(settings, at_seconds(3), 100.02);  // still holds one second after the orders
  window.on_mid(settings, at_seconds(3.5), 150);
  EXPECT_FALSE(window.poll(settings, at_seconds(9.99)));
  const auto observed = window.poll(settings, at_seconds(10));
  ASSERT_TRUE(observed);
  const RegimeObservation& got = *observed;
  EXPECT_NEAR(*got[0], std::log(2e-4 * std::sqrt(0.5) / 1e-4), 1e-12);
  EXPECT_NEAR(*got[1], std::log(1.3 / 2), 1e-12);
  EXPECT_NEAR(*got[2], 4.0 / 11, 1e-12);  // 2 + 3 - 1 over 6 + 5
  EXPECT_NEAR(*got[3], (2 + 3 - 1) / 6.0 * 2e-4 / 1e-4, 1e-9);
  EXPECT_FALSE(got[4]);
  restored(window);
  // Nothing happened in the next one: very quiet, not minus infinity, and no trades to judge.
  window.on_return(settings, at_seconds(11), 0);
  const auto empty = window.poll(settings, at_seconds(20));
  EXPECT_NEAR(*(*empty)[0], std::log(0.25), 1e-12);
  EXPECT_FALSE((*empty)[2]);
  EXPECT_FALSE((*empty)[3]);
}

TEST(RegimeWindow, TurnsToItsOwnReferencesAfterAnHour) {
  const RegimeWindow::Settings settings;
  RegimeWindow window;
  for (int i = 0; i <= 4000; ++i) {
    window.on_return(settings, at_seconds(i), 3e-4);
    window.on_order(settings, at_seconds(i), Side::buy, 1);
    window.on_order(settings, at_seconds(i), Side::sell, 1);
  }
  EXPECT_NEAR(window.sigma_reference(settings, at_seconds(4000)), 3e-4, 1e-9);
  EXPECT_NEAR(window.rate_reference(settings, at_seconds(4000)), 2, 0.01);
  EXPECT_EQ(window.sigma_reference(settings, at_seconds(3000)), 1e-4);
}

}  // namespace
}  // namespace mm
