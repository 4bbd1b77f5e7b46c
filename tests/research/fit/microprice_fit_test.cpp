#include "research/fit/microprice_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"

namespace mm::research {
namespace {

/// Imbalance wanders; the mid moves its way more often, by a whole or half a step, and the
/// imbalance of the new touch leans the other way.
MicropriceCounts market(int transitions, std::uint64_t seed) {
  MicropriceCounts counts{SpreadUnit::ticks};
  SplitMix64 random{seed};
  MicropriceCell here{5, 0};
  for (int i = 0; i < transitions; ++i) {
    MicropriceCell next = here;
    double move = 0;
    if (random.uniform() < 0.1) {
      const double up = (here.imbalance + 0.5) / microprice_imbalances;
      move = (random.uniform() < up ? 1 : -1) * (random.uniform() < 0.5 ? 0.5 : 3);
      next.imbalance = static_cast<int>(random.below(microprice_imbalances));
      next.spread = static_cast<int>(random.below(2));
    } else {
      next.imbalance += static_cast<int>(random.below(3)) - 1;
      if (next.imbalance < 0 || next.imbalance >= microprice_imbalances) next = here;
    }
    counts.add(here, move, next);
    here = next;
  }
  return counts;
}

TEST(MicropriceFit, FindsWhichWayTheMidGoes) {
  const MicropriceTable table = market(40'000, 1).table().value();
  for (int spread = 0; spread < 2; ++spread) {
    double last = -1;
    for (int i = 0; i < microprice_imbalances; ++i) {
      const auto g = table.g[static_cast<std::size_t>(i)][static_cast<std::size_t>(spread)];
      ASSERT_TRUE(g);
      EXPECT_GT(*g, last - 0.05);
      EXPECT_LT(std::fabs(*g), 1);
      // Mirrored exactly, whatever the sample.
      EXPECT_EQ(*g, -*table.g[static_cast<std::size_t>(microprice_imbalances - 1 - i)]
                             [static_cast<std::size_t>(spread)]);
      last = *g;
    }
    EXPECT_GT(last, 0.2);
  }
  EXPECT_FALSE(table.g[0][2]);  // never seen
}

TEST(MicropriceFit, LeavesRareStatesToTheWeightedMid) {
  const MicropriceTable table = market(300, 2).table().value();
  int empty = 0;
  for (const auto& row : table.g)
    for (const auto& g : row) empty += g ? 0 : 1;
  EXPECT_GT(empty, 20);
}

TEST(MicropriceFit, RefusesWhatHasNoAnswer) {
  MicropriceCounts still{SpreadUnit::ticks};
  still.add({3, 0}, 0, {4, 0});
  EXPECT_TRUE(still.table().has_error());
  // Not symmetric: the expected move never dies out.
  MicropriceTransitions drift{.q = Eigen::MatrixXd::Zero(1, 1),
                              .r1 = Eigen::MatrixXd::Ones(1, 1),
                              .k = Eigen::VectorXd::Ones(1),
                              .r2 = Eigen::MatrixXd::Ones(1, 1)};
  EXPECT_TRUE(solve_microprice(drift).has_error());
  drift.q = Eigen::MatrixXd::Ones(1, 1);
  EXPECT_TRUE(solve_microprice(drift).has_error());
}

}  // namespace
}  // namespace mm::research
