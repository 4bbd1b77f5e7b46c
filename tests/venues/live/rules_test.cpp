#include "venues/live/rules.hpp"

#include <gtest/gtest.h>

#include "venues/live/rest_gate.hpp"

namespace mm::venues {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsMostAndIsDrawnFromTheUpperHalf) {
  Backoff backoff(500ms, 30s, 7);
  Duration whole = 500ms;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const Duration wait = backoff.next();
    EXPECT_GE(wait, whole / 2) << attempt;
    EXPECT_LE(wait, whole) << attempt;
    whole = std::min<Duration>(30s, whole * 2);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 500ms);
}

// Clients that lost one venue at one moment must not all come back at one moment.
TEST(Backoff, DiffersBySeed) {
  Backoff one(1s, 30s, 1);
  Backoff other(1s, 30s, 2);
  EXPECT_NE(one.next(), other.next());
}

TEST(Silence, WatchesAKindOnlyOnceItCame) {
  Silence silence(16s, {{RecordKind::best_quote, 5s, false}});
  silence.opened(0s);
  silence.frame(10s);
  EXPECT_EQ(silence.too_long(10s), std::nullopt) << "a capture without bbo is no broken feed";
  silence.event(RecordKind::best_quote, 10s);
  silence.frame(15s);
  EXPECT_EQ(silence.too_long(15s), std::nullopt);
  EXPECT_EQ(silence.too_long(15s + 100ms), "no best_quote for 5.1 s");
}

TEST(Silence, CountsFromTheOpeningWhereItIsToldTo) {
  Silence silence(60s, {{RecordKind::book_snapshot, 2s, true}});
  silence.opened(100s);
  EXPECT_EQ(silence.too_long(102s), std::nullopt);
  EXPECT_EQ(silence.too_long(103s), "no book_snapshot for 3.0 s");
}

TEST(Silence, AConnectionThatNeverSaysAnythingIsGivenUp) {
  Silence silence(16s, {});
  silence.opened(1s);
  EXPECT_EQ(silence.too_long(17s), std::nullopt);
  EXPECT_EQ(silence.too_long(17s + 200ms), "no message for 16.2 s");
  silence.frame(17s);
  EXPECT_EQ(silence.too_long(18s), std::nullopt);
}

TEST(SnapshotAsker, AsksOnceUpdatesFlowAndWaitsForTheAnswer) {
  SnapshotAsker asker(1s, 4s);
  EXPECT_FALSE(asker.ask(true, false, 0s)) << "the snapshot would be older than every update";
  EXPECT_TRUE(asker.ask(true, true, 1s));
  EXPECT_FALSE(asker.ask(true, true, 2s)) << "one is under way";
}

TEST(SnapshotAsker, AsksAgainAfterGrowingPausesWhileItDoesNotHelp) {
  SnapshotAsker asker(1s, 4s);
  Duration now = 0s;
  for (const Duration pause : {1s, 2s, 4s, 4s}) {
    ASSERT_TRUE(asker.ask(true, true, now));
    asker.answered(now);
    EXPECT_FALSE(asker.ask(true, true, now + pause - 1ns));
    now += pause;
  }
  EXPECT_FALSE(asker.ask(false, true, now)) << "the book follows";
  EXPECT_TRUE(asker.ask(true, true, now)) << "a new gap";
  asker.answered(now);
  EXPECT_TRUE(asker.ask(true, true, now + 1s)) << "and pauses start over";
}

TEST(Episode, IsToldOnceAndOnlyIfItLasts) {
  using Told = Episode::Told;
  Episode episode(1s);
  EXPECT_EQ(episode.see(true, 0s), Told::nothing);
  EXPECT_EQ(episode.see(false, 900ms), Told::nothing) << "short";
  EXPECT_EQ(episode.see(true, 2s), Told::nothing);
  EXPECT_EQ(episode.see(true, 3s), Told::begins);
  EXPECT_EQ(episode.see(true, 9s), Told::nothing);
  EXPECT_EQ(episode.see(false, 10s), Told::ends);
  EXPECT_EQ(episode.see(false, 11s), Told::nothing);
}

// ---------------------------------------------------------------- limits

TEST(LimitNotice, TakesTheVenuesWordForHowLongToWait) {
  const auto notice =
      limit_notice({429, {{"retry-after", "7"}, {"x-mbx-used-weight-1m", "2450"}}, ""});
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->retry_after, 7s);
  EXPECT_EQ(notice->used, 2450);
  EXPECT_EQ(notice->limit, 2400);
}

TEST(LimitNotice, WaitsAllTheSameWhereTheVenueDoesNotSay) {
  EXPECT_EQ(limit_notice({429, {}, "null"})->retry_after, 10s);
  EXPECT_EQ(limit_notice({418, {{"Retry-After", "soon"}}, ""})->retry_after, 120s);
}

TEST(LimitNotice, WarnsBeforeTheAllowanceIsUsedUp) {
  EXPECT_FALSE(limit_notice({200, {{"X-MBX-USED-WEIGHT-1M", "1900"}}, ""}));
  const auto notice = limit_notice({200, {{"X-MBX-USED-WEIGHT-1M", "1920"}}, ""});
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->retry_after, 0s);
  EXPECT_FALSE(limit_notice({200, {}, ""}));
}

}  // namespace
}  // namespace mm::venues
