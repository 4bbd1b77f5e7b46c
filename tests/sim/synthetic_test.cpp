// SyntheticFlow: the same seed is the same market, and it behaves like one.

#include "sim/synthetic.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace mm::sim {
namespace {

Instrument coin(std::int64_t price_decimals) {
  Instrument of;
  of.venue = "hyperliquid";
  of.symbol = "BTC";
  of.price_decimals = price_decimals;
  of.lot_decimals = 5;
  of.tick = Price::from_units(1);
  of.qty_step = Qty::from_lots(1);
  of.min_qty = Qty::from_lots(1);
  of.significant_figures = 5;
  of.min_notional = Money::from_units(Int128{10} * Money::per_one);
  return of;
}

const Time start = time_from_ns(1'700'000'000'000'000'000);

struct Session {
  MatchingBook book;
  std::vector<MatchReport> reports;
  double value = 0;
};

Session session(std::uint64_t seed, int for_s, Duration lag = {}, std::int64_t price_decimals = 1) {
  SyntheticSettings settings;
  settings.seed = seed;
  settings.lag = lag;
  SyntheticFlow flow(coin(price_decimals), settings, start);
  Session of;
  while (flow.next() < start + std::chrono::seconds{for_s}) flow.step(of.book, of.reports);
  of.value = flow.value_units();
  return of;
}

TEST(Synthetic, TheSeedIsTheMarket) {
  const Session a = session(7, 60);
  const Session b = session(7, 60);
  const Session c = session(8, 60);
  EXPECT_EQ(a.book.totals(), b.book.totals());
  ASSERT_EQ(a.reports.size(), b.reports.size());
  for (std::size_t i = 0; i < a.reports.size(); ++i) {
    ASSERT_EQ(a.reports[i].price, b.reports[i].price);
    ASSERT_EQ(a.reports[i].qty, b.reports[i].qty);
  }
  EXPECT_NE(a.book.totals(), c.book.totals());
}

TEST(Synthetic, HasABookAndTradesOnBothSides) {
  const Session of = session(3, 120);
  EXPECT_GE(of.book.level_count(Side::buy), 20u);
  EXPECT_GE(of.book.level_count(Side::sell), 20u);
  std::int64_t buys = 0;
  for (const MatchReport& report : of.reports) buys += report.aggressor == Side::buy ? 1 : 0;
  EXPECT_GT(buys, 30);
  EXPECT_GT(static_cast<std::int64_t>(of.reports.size()) - buys, 30);
  const double mid = 0.5 * static_cast<double>(of.book.best(Side::buy)->price.units() +
                                               of.book.best(Side::sell)->price.units());
  EXPECT_NEAR(mid / of.value, 1, 5e-4);
}

// The lead: a flow without lag is where the lagging one will be.
TEST(Synthetic, TheSameSeedLeadsALaggingMarket) {
  const Session lead = session(5, 60, {}, 2);
  const Session late = session(5, 60 + 3, std::chrono::seconds{3}, 1);
  EXPECT_NEAR(lead.value / 100, late.value / 10, 1e-6);
}

}  // namespace
}  // namespace mm::sim
