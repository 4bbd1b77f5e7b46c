#include "research/what_if/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "research/analytics/proportion.hpp"

namespace mm::research {
namespace {

TEST(Support, IsTheShareOfTheVariantThatTheActualQuotesCover) {
  const std::vector<double> actual{100, 50, 30, 0};
  const std::vector<double> variant{80, 60, 5, 20};
  EXPECT_NEAR(*support(actual, variant), 145.0 / 165, 1e-15);
  EXPECT_EQ(*support(actual, actual), 1);
  EXPECT_EQ(support(actual, std::vector<double>(4)), std::nullopt);
  EXPECT_NEAR(*support(actual, std::vector<double>{300, 0, 0, 0}), 200.0 / 300, 1e-15);
}

ClientOrderId id(std::uint64_t value) {
  return ClientOrderId{value};
}
Time ms(std::int64_t value) {
  return time_from_ns(value * 1'000'000);
}

TEST(FillCurve, WithoutCancelsIsTheShareThatFilled) {
  FillCurveTracker tracker;
  for (std::uint64_t i = 0; i < 10; ++i) tracker.accepted(id(i), ms(0), 3);
  for (std::uint64_t i = 0; i < 4; ++i)
    tracker.ended(id(i), ms(100 + 10 * static_cast<int>(i)), true);
  tracker.finish(ms(5'000));
  const auto curve = fill_probabilities(tracker.curve());
  ASSERT_EQ(curve.size(), 1u);
  EXPECT_EQ(curve[0].depth_bps, 3);
  EXPECT_EQ(curve[0].orders, 10);
  EXPECT_DOUBLE_EQ(curve[0].probability, 0.4);
  EXPECT_DOUBLE_EQ(curve[0].effective_orders, 10);
  const auto [low, high] = wilson(4, 10);
  EXPECT_DOUBLE_EQ(curve[0].low, low);
  EXPECT_DOUBLE_EQ(curve[0].high, high);
}

// Half of the orders are cancelled at 500 ms, before which a tenth filled and after which a third
// of the rest does: one of ten, then one of three of what is left. Kaplan-Meier: 1 - 9/10 * 2/3.
TEST(FillCurve, ACancelHidesWhatWouldHaveCome) {
  FillCurveTracker tracker;
  for (std::uint64_t i = 0; i < 10; ++i) tracker.accepted(id(i), ms(0), 0);
  tracker.ended(id(0), ms(200), true);
  for (std::uint64_t i = 1; i < 7; ++i) tracker.ended(id(i), ms(500), false);
  tracker.ended(id(7), ms(800), true);
  tracker.finish(ms(2'000));
  const auto curve = fill_probabilities(tracker.curve());
  ASSERT_EQ(curve.size(), 1u);
  EXPECT_NEAR(curve[0].probability, 1 - 0.9 * 2 / 3, 1e-12);
  EXPECT_LT(curve[0].effective_orders, 5);
}

// More orders than are counted at once, against plain counting.
TEST(FillCurve, CountsEveryOrderOnce) {
  FillCurveTracker tracker;
  std::map<std::int64_t, std::array<std::int64_t, 2>> expected;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto depth = static_cast<std::int64_t>(i * i % 7);
    const auto lived = static_cast<std::int64_t>(i * 31 % 1'200);
    const bool filled = i % 3 == 0;
    tracker.accepted(id(i), ms(0), depth);
    tracker.ended(id(i), ms(lived), filled);
    const std::int64_t cell = depth * (curve_horizon_ms + 1) + std::min(lived, curve_horizon_ms);
    ++expected[cell][filled && lived < curve_horizon_ms ? 0 : 1];
  }
  EXPECT_EQ(tracker.curve(), FillCurve(expected.begin(), expected.end()));
}

TEST(FillCurve, AFillBehindTheHorizonIsNone) {
  FillCurveTracker tracker;
  tracker.accepted(id(1), ms(0), 0);
  tracker.ended(id(1), ms(1'000), true);
  EXPECT_EQ(fill_probabilities(tracker.curve())[0].probability, 0);
}

TEST(Adjusted, HolmAndBenjaminiHochbergByHand) {
  const std::vector<double> p{0.04, 0.001, 0.03};
  EXPECT_EQ(holm(p), (std::vector<double>{0.06, 0.003, 0.06}));
  const std::vector<double> bh = benjamini_hochberg(p);
  EXPECT_NEAR(bh[0], 0.04, 1e-15);
  EXPECT_NEAR(bh[1], 0.003, 1e-15);
  EXPECT_NEAR(bh[2], 0.04, 1e-15);
}

}  // namespace
}  // namespace mm::research
