#include "engine/models/microprice.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/random.hpp"
#include "tests/engine/models/saved.hpp"

namespace mm {
namespace {

const MicropriceView view{.bid = 100, .ask = 102, .bid_qty = 3, .ask_qty = 1, .tick = 1};

MicropriceTable table_of(double slope) {
  MicropriceTable table;
  for (int i = 0; i < microprice_imbalances; ++i)
    for (auto& g : table.g[static_cast<std::size_t>(i)]) g = slope * (i - 4.5);
  return table;
}

TEST(Microprice, IsTheWeightedMidWithoutATable) {
  EXPECT_EQ(microprice(nullptr, view), 101.5);
  const MicropriceTable empty;
  EXPECT_EQ(microprice(&empty, view), 101.5);
}

TEST(Microprice, MovesTheMidByTheTableAndNotTooFar) {
  const MicropriceTable table = table_of(0.1);
  EXPECT_NEAR(microprice(&table, view), 101 + 0.1 * 2.5, 1e-12);  // I = 0.75: the eighth bucket
  const MicropriceTable wild = table_of(100);
  EXPECT_EQ(microprice(&wild, view), 102.5);
}

TEST(Microprice, OfTheMirrorImageIsTheMirrorImage) {
  const MicropriceTable table = table_of(0.07);
  SplitMix64 random{1};
  for (int i = 0; i < 2000; ++i) {
    // Whole quantities hit bucket edges and the exact middle often.
    const MicropriceView here{.bid = 1000,
                              .ask = 1000 + static_cast<double>(1 + random.below(6)),
                              .bid_qty = static_cast<double>(random.below(11)),
                              .ask_qty = static_cast<double>(1 + random.below(10)),
                              .tick = 1};
    MicropriceView mirror = here;
    std::swap(mirror.bid_qty, mirror.ask_qty);
    const double mid = (here.bid + here.ask) / 2;
    EXPECT_NEAR(microprice(&table, here) - mid, mid - microprice(&table, mirror), 1e-9);
    const MicropriceCell cell = microprice_cell(SpreadUnit::ticks, here);
    EXPECT_EQ(cell.spread, std::min(here.ask - here.bid, 4.0) - 1);
    if (here.bid_qty != here.ask_qty) {
      EXPECT_EQ(cell.imbalance + microprice_cell(SpreadUnit::ticks, mirror).imbalance,
                microprice_imbalances - 1);
    }
  }
}

TEST(Microprice, CountsTheSpreadInHalfBpsToo) {
  MicropriceView here{.bid = 99.999, .ask = 100.001, .bid_qty = 9, .ask_qty = 1, .tick = 0.001};
  EXPECT_EQ(microprice_cell(SpreadUnit::half_bps, here).spread, 0);
  here.ask = 100.0055;
  EXPECT_EQ(microprice_cell(SpreadUnit::half_bps, here).spread, 1);
  here.ask = 100.5;
  EXPECT_EQ(microprice_cell(SpreadUnit::half_bps, here).spread, 3);
  EXPECT_NEAR(microprice_step(SpreadUnit::half_bps, here), 0.005, 1e-4);
}

TEST(MicropriceResidual, MeasuresAgainstTheMidASecondLater) {
  const MicropriceResidual::Settings settings;
  MicropriceResidual residual;
  EXPECT_FALSE(residual.standard_deviation(6));
  residual.update(settings, at_seconds(0), 100, 101, 6);
  residual.update(settings, at_seconds(0.05), 100, 500, 6);  // too soon after the other: not kept
  residual.update(settings, at_seconds(1), 103, 103, 2);     // holds at one second: 103 - 101
  EXPECT_FALSE(residual.standard_deviation(6));
  residual.update(settings, at_seconds(1.2), 200, 200, 2);
  EXPECT_NEAR(*residual.standard_deviation(6), 2, 1e-12);
  residual.update(settings, at_seconds(2.5), 200, 200, 2);
  EXPECT_NEAR(*residual.standard_deviation(2), std::sqrt((97.0 * 97 + 0) / 2), 0.01);
  MicropriceResidual copy = restored(residual);
  residual.gap();
  residual.update(settings, at_seconds(9), 1, 1, 6);
  EXPECT_NEAR(*residual.standard_deviation(6), 2, 1e-12);
  copy.update(settings, at_seconds(9), 1, 1, 6);
  EXPECT_NEAR(*copy.standard_deviation(6), 2, 1e-12);
}

}  // namespace
}  // namespace mm
