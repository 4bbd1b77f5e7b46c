#include "engine/models/fill_probability.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/models/hawkes.hpp"
#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

using std::chrono::hours;

DecayedLogHistogram heavy_tailed_sizes() {
  SplitMix64 random{1};
  DecayedLogHistogram sizes;
  for (int i = 0; i < 3000; ++i) sizes.add(at_seconds(0), std::exp(2 * random.normal()), hours{1});
  return sizes;
}

TEST(Clustering, SolvesItsEquation) {
  SplitMix64 random{2};
  for (int i = 0; i < 500; ++i) {
    const double expected = 0.01 + 30 * random.uniform();
    const double quiet = expected * (0.05 + 0.9 * random.uniform());
    const double theta = clustering(expected, quiet);
    EXPECT_NEAR(std::log1p(theta * expected) / theta, quiet, 1e-10 * expected);
    EXPECT_NEAR(any_order(expected, theta, 1), 1 - std::exp(-quiet), 1e-12);
  }
  EXPECT_EQ(clustering(1, 1), 0);
  EXPECT_EQ(clustering(1, 2), 0);
  EXPECT_EQ(clustering(1, 0), 0);
  EXPECT_EQ(clustering(0, 0), 0);
  EXPECT_TRUE(std::isfinite(clustering(1e6, 1e-12)));
}

// Probabilities in [0, 1]; more time, orders and reach make a fill likelier, a longer queue and a
// greater distance less likely.
TEST(FillProbability, IsMonotoneInEverything) {
  const DecayedLogHistogram sizes = heavy_tailed_sizes();
  SplitMix64 random{3};
  const HawkesKernel kernel{0.3, 2};
  for (int i = 0; i < 3000; ++i) {
    const double mu = 0.05 + random.uniform();
    const double excitation = 2 * random.uniform();
    const double queue = 20 * random.uniform() * random.uniform();
    const double distance = 2e-3 * random.uniform();
    const double sigma = random.below(5) == 0 ? 0 : 3e-4 * random.uniform();
    const auto at = [&](double h, double more_queue, double further, double reach) {
      const TwoSidedCounts counts = two_sided_counts(h, mu, mu, excitation, 1, kernel, {}, 1.45);
      const FillFlow flow{.horizon_s = h,
                          .expected = counts.bid.expected,
                          .theta = clustering(counts.bid.expected, counts.bid.quiet),
                          .reach = reach,
                          .queue_ahead = queue + more_queue};
      const FillChance chance = fill_probability(flow, sizes, distance + further, 1e-4, sigma);
      EXPECT_TRUE(chance.fill >= 0 && chance.fill <= 1) << chance.fill;
      EXPECT_GE(chance.fill, chance.flow - 1e-15);
      EXPECT_GE(chance.fill, chance.cross - 1e-15);
      return chance.fill;
    };
    const double tolerance = 1e-12;
    const double base = at(1, 0, 0, 0.5);
    EXPECT_LE(at(0.1, 0, 0, 0.5), base + tolerance);
    EXPECT_GE(at(10, 0, 0, 0.5), base - tolerance);
    EXPECT_LE(at(1, 1, 0, 0.5), base + tolerance);
    EXPECT_LE(at(1, 0, 1e-4, 0.5), base + tolerance);
    EXPECT_GE(at(1, 0, 0, 0.8), base - tolerance);
  }
}

TEST(FillProbability, OfAnUnknownSizeOrNoOrdersIsNotMadeUp) {
  const DecayedLogHistogram empty;
  const FillFlow flow{.horizon_s = 1, .expected = 2, .theta = 0.5, .queue_ahead = 3};
  EXPECT_EQ(fill_probability(flow, empty, 1e-4, 1e-4, 0).fill, 0);
  const FillFlow front{.horizon_s = 1, .expected = 2, .theta = 0};
  EXPECT_NEAR(fill_probability(front, empty, 1e-4, 1e-4, 0).fill, 1 - std::exp(-2), 1e-12);
  const FillFlow nothing{.horizon_s = 1};
  EXPECT_EQ(fill_probability(nothing, empty, 1e-4, 1e-4, 0).fill, 0);
}

TEST(CancelRate, GoesFromThePriorToWhatIsSeen) {
  const CancelRate::Settings settings;
  CancelRate rate;
  EXPECT_DOUBLE_EQ(rate.per_second(settings), 0.1);
  for (int i = 1; i <= 3000; ++i)
    rate.observe(settings, at_seconds(i), std::chrono::seconds{1}, 50, 20);
  EXPECT_NEAR(rate.per_second(settings), 0.4, 0.03);
  rate.observe(settings, at_seconds(3001), std::chrono::seconds{1}, 0, 5);  // nothing was ahead
  EXPECT_NEAR(restored(rate).per_second(settings), 0.4, 0.03);
}

TEST(ReachProbability, IsOneInsideTheTouchAndFalls) {
  EXPECT_EQ(reach_probability(2000, 1e-4, 2e-4), 1);
  EXPECT_NEAR(reach_probability(2000, 7e-4, 2e-4), std::exp(-1), 1e-12);
}

TEST(CrossingProbability, IsTheReflectionPrinciple) {
  // P(the maximum of a walk passes d) = 2 P(N > d / (sigma sqrt h)).
  EXPECT_NEAR(crossing_probability(2e-4, 1e-4, 4), std::erfc(1 / std::sqrt(2.0)), 1e-14);
  EXPECT_EQ(crossing_probability(2e-4, 0, 4), 0);
  EXPECT_EQ(crossing_probability(0, 0, 4), 1);
  EXPECT_EQ(crossing_probability(-1e-4, 1e-4, 4), 1);
}

TEST(FillMoves, ShrinkACellToThePool) {
  const FillMoves::Settings settings;
  FillMoves moves;
  EXPECT_EQ(moves.moves(settings, Side::buy, VolatilityRegime::low).adverse_bps, 0);
  for (int i = 0; i < 400; ++i) {
    moves.on_outcome(settings, Side::buy, VolatilityRegime::low, 2);
    moves.on_outcome(settings, Side::sell, VolatilityRegime::high, 6);
    moves.on_outcome(settings, Side::sell, VolatilityRegime::high, -3);
  }
  const double low = moves.moves(settings, Side::buy, VolatilityRegime::low).adverse_bps;
  EXPECT_GT(low, 2);
  EXPECT_LT(low, 3);
  EXPECT_NEAR(moves.moves(settings, Side::sell, VolatilityRegime::high).favourable_bps, 3, 1e-9);
  // A cell without a fill of its own is the pool.
  const MeanMoves other = moves.moves(settings, Side::sell, VolatilityRegime::extreme);
  EXPECT_NEAR(other.adverse_bps, 4, 0.1);
  EXPECT_EQ(restored(moves).moves(settings, Side::buy, VolatilityRegime::low).adverse_bps, low);
}

TEST(EquivalentFills, IsTheRateThatGivesTheProbability) {
  EXPECT_NEAR(equivalent_fills(1 - std::exp(-0.3)), 0.3, 1e-15);
  EXPECT_EQ(equivalent_fills(0), 0);
}

}  // namespace
}  // namespace mm
