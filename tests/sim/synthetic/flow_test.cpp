// SyntheticFlow: the same seed is the same market, it behaves like one, and its walls do what they
// are said to do.

#include "sim/synthetic/flow.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/sim/synthetic/rig.hpp"

namespace mm::sim {
namespace {

using testing::lead_btc;
using testing::quoted_btc;
using testing::settings_of;

const Time start = testing::synthetic_start;

struct Played {
  MatchingBook book;
  std::vector<MatchReport> reports;
  double value = 0;
};

Played play(const Instrument& instrument, const SyntheticSettings& settings, Duration length) {
  SyntheticFlow flow(instrument, settings, start);
  Played of;
  while (flow.next() < start + length) flow.step(of.book, of.reports);
  of.value = flow.seen_value();
  return of;
}

TEST(SyntheticFlow, TheSeedIsTheMarket) {
  const auto minute = std::chrono::minutes{1};
  const Played a = play(quoted_btc(), settings_of(7), minute);
  const Played b = play(quoted_btc(), settings_of(7), minute);
  const Played c = play(quoted_btc(), settings_of(8), minute);
  EXPECT_EQ(a.book.totals(), b.book.totals());
  ASSERT_EQ(a.reports.size(), b.reports.size());
  for (std::size_t i = 0; i < a.reports.size(); ++i) {
    ASSERT_EQ(a.reports[i].price, b.reports[i].price);
    ASSERT_EQ(a.reports[i].qty, b.reports[i].qty);
  }
  EXPECT_NE(a.book.totals(), c.book.totals());
}

TEST(SyntheticFlow, ACopyGoesOnAlone) {
  SyntheticFlow flow(quoted_btc(), settings_of(4), start);
  MatchingBook book;
  std::vector<MatchReport> reports;
  while (flow.next() < start + std::chrono::seconds{20}) flow.step(book, reports);
  SyntheticFlow copy = flow;
  MatchingBook copied = book;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(flow.next(), copy.next());
    flow.step(book, reports);
    copy.step(copied, reports);
  }
  EXPECT_EQ(book.totals(), copied.totals());
}

TEST(SyntheticFlow, HasABookAndTradesOnBothSides) {
  const Played of = play(quoted_btc(), settings_of(3), std::chrono::minutes{2});
  EXPECT_GE(of.book.level_count(Side::buy), 20u);
  EXPECT_GE(of.book.level_count(Side::sell), 20u);
  std::int64_t buys = 0;
  for (const MatchReport& report : of.reports) buys += report.aggressor == Side::buy ? 1 : 0;
  EXPECT_GT(buys, 30);
  EXPECT_GT(static_cast<std::int64_t>(of.reports.size()) - buys, 30);
  const double mid = 0.05 * static_cast<double>(of.book.best(Side::buy)->price.units() +
                                                of.book.best(Side::sell)->price.units());
  EXPECT_NEAR(mid / of.value, 1, 2e-4);
}

// Both venues walk one path; the quoted one a lag behind.
TEST(SyntheticFlow, TheQuotedMarketSeesWhatTheLeadSawBefore) {
  const SyntheticSettings settings = settings_of(5, "lag=3s\nlag_sd=0s\n");
  const Played lead = play(lead_btc(), settings, std::chrono::seconds{60});
  const Played late = play(quoted_btc(), settings, std::chrono::seconds{63});
  EXPECT_EQ(lead.value, late.value);
  EXPECT_NE(lead.value, settings.value);
}

TEST(SyntheticFlow, WallsAreFilledPulledAndMovedAndFakesFlee) {
  SyntheticFlow flow(quoted_btc(), settings_of(6, "walls_per_min=20\nregime_speed=20\n"), start);
  MatchingBook book;
  std::vector<MatchReport> reports;
  std::map<std::pair<bool, WallFate>, int> fates;
  std::map<std::uint64_t, Qty> open;
  int fled = 0;
  while (flow.next() < start + std::chrono::hours{1}) {
    flow.step(book, reports);
    for (const WallNote& note : flow.wall_notes()) {
      ++fates[{note.wall.fake, note.fate}];
      EXPECT_LE(note.wall.filled, note.wall.size);
      switch (note.fate) {
        case WallFate::standing:
          EXPECT_TRUE(open.emplace(note.wall.id, note.wall.size).second);
          [[fallthrough]];
        case WallFate::moved: {
          const auto order = book.find(note.wall.order);
          ASSERT_TRUE(order.has_value());
          EXPECT_EQ(order->price, note.wall.price);
          EXPECT_EQ(order->left + note.wall.filled, note.wall.size);
          break;
        }
        case WallFate::filled:
          EXPECT_EQ(note.wall.filled, note.wall.size);
          EXPECT_FALSE(book.find(note.wall.order));
          EXPECT_EQ(open.erase(note.wall.id), 1u);
          break;
        case WallFate::pulled: {
          EXPECT_EQ(note.cancelled + note.wall.filled, note.wall.size);
          EXPECT_FALSE(book.find(note.wall.order));
          EXPECT_EQ(open.erase(note.wall.id), 1u);
          const double away =
              static_cast<double>(sign(note.wall.side)) *
              (1 - static_cast<double>(note.wall.price.units()) / flow.value_units()) * 1e4;
          fled += note.wall.fake && away < 2 ? 1 : 0;
          break;
        }
      }
    }
  }
  EXPECT_EQ(open.size(), flow.walls().size());
  EXPECT_GT((fates[{false, WallFate::filled}]), 20);
  EXPECT_GT((fates[{false, WallFate::pulled}]), 100);
  EXPECT_GT((fates[{false, WallFate::moved}]), 50);
  EXPECT_EQ((fates[{true, WallFate::moved}]), 0);
  EXPECT_GT(fled, 100);
  const int fakes = fates[{true, WallFate::standing}];
  const int genuine = fates[{false, WallFate::standing}];
  EXPECT_NEAR(static_cast<double>(fakes) / (fakes + genuine), 0.4, 0.05);
}

TEST(SyntheticFlow, ACascadeFlushesTheBookAndForcesTakers) {
  // Quiet and cascade only, a minute each in the mean.
  const SyntheticSettings settings = settings_of(
      2,
      "first_regime=0\nregime_speed=10\n"
      "transition.quiet.quiet=0.9\ntransition.quiet.trending=0\ntransition.quiet.volatile=0\n"
      "transition.quiet.cascade=0.1\ntransition.cascade.quiet=0.1\n"
      "transition.cascade.trending=0\ntransition.cascade.volatile=0\n"
      "transition.cascade.cascade=0.9\n");
  SyntheticFlow flow(quoted_btc(), settings, start);
  MatchingBook book;
  std::vector<MatchReport> reports;
  int cascades = 0, liquidations = 0;
  double before = 0, open_interest = 0;
  Time judged = Time::max();
  while (flow.next() < start + std::chrono::minutes{40}) {
    flow.step(book, reports);
    const bool in_cascade = flow.path().regime() == Regime::cascade;
    if (flow.moved() && flow.path().entered() && in_cascade) {
      ++cascades;
      before = static_cast<double>(book.totals().resting);
      judged = flow.path().now() + std::chrono::milliseconds{400};
      open_interest = flow.path().open_interest();
    }
    if (flow.next() >= judged && in_cascade) {
      judged = Time::max();
      EXPECT_LT(static_cast<double>(book.totals().resting), 0.75 * before);
    }
    if (flow.moved() && flow.path().entered() && !in_cascade && cascades > 0) {
      EXPECT_LT(flow.path().open_interest(), open_interest);
    }
    if (const auto& taker = flow.taker(); taker && taker->liquidation) {
      EXPECT_TRUE(in_cascade);
      EXPECT_EQ(sign(taker->side), flow.path().direction());
      ++liquidations;
    }
  }
  EXPECT_GT(cascades, 5);
  EXPECT_GT(liquidations, 200);
}

}  // namespace
}  // namespace mm::sim
