// What the fold says of small books: when it says nothing, and what changes it tells.

#include "engine/features/microstructure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/features/saved_copy.hpp"
#include "tests/engine/features/small_market.hpp"

namespace mm {
namespace {

using test::SmallMarket;
using testing::IsEmpty;
using testing::SizeIs;

void expect_all_absent(const Features& features) {
  EXPECT_FALSE(features.present());
  EXPECT_EQ(features.touch, Touch{});
  for (const auto& value :
       {features.touch_features.spread_bps, features.touch_features.weighted_mid,
        features.touch_features.microprice_imbalance, features.bid_coverage_bps,
        features.window.liquidity_asymmetry, features.window.book_pressure,
        features.window.band_density, features.window.band_density_levels,
        features.window.liquidity_entropy, features.window.centroid,
        features.window.centroid_rel_bps, features.band_threshold, features.migration_velocity,
        features.migration_velocity_rel, features.retreat_velocity_bid, features.z_velocity,
        features.flicker_hz, features.flush_score, features.relative_density})
    EXPECT_FALSE(value.has_value());
  EXPECT_FALSE(features.bid_flush.score.has_value());
}

TEST(Microstructure, ReadsAnEvenBook) {
  SmallMarket market;
  market.even_book(10);
  market.decide();
  market.wait(100);
  const Features& features = market.decide();
  EXPECT_EQ(features.touch_features.mid, 100'000);
  EXPECT_NEAR(*features.touch_features.spread_bps, 0.2, 1e-12);
  EXPECT_EQ(features.window.liquidity_asymmetry, 0);
  EXPECT_NEAR(*features.window.liquidity_entropy, 1, 1e-3);
  EXPECT_EQ(features.window.centroid, 100'000);
  EXPECT_EQ(features.window.band_density, 1);
  EXPECT_NEAR(*features.bid_coverage_bps, 75, 0.1);
  EXPECT_EQ(features.window.bid_depth, (std::array<std::int64_t, 3>{100, 500, 1000}));
  EXPECT_EQ(features.migration_velocity_rel, 0);
  EXPECT_EQ(features.liquidity, LiquidityState::thick);
}

TEST(Microstructure, AbsentBeforeTheFirstBook) {
  SmallMarket market;
  expect_all_absent(market.decide());
}

TEST(Microstructure, AbsentOnAOneSidedBook) {
  SmallMarket market;
  const Level bid = SmallMarket::level(99'999, 5);
  market.feed(BookSnapshot{.update_id = ++market.id, .bids = {&bid, 1}});
  expect_all_absent(market.decide());
}

TEST(Microstructure, AbsentOnACrossedBook) {
  SmallMarket market;
  market.even_book(10);
  ASSERT_TRUE(market.decide().present());
  market.set(Side::buy, 100'002, 4);
  expect_all_absent(market.decide());
  market.set(Side::buy, 100'002, 0);
  EXPECT_TRUE(market.decide().window.band_density);
}

TEST(Microstructure, AbsentAfterAGapUntilTheBookFollowsAgain) {
  SmallMarket market;
  market.even_book(10);
  ASSERT_TRUE(market.decide().present());
  for (const FeedState state : {FeedState::gap, FeedState::lost}) {
    market.status(state);
    expect_all_absent(market.decide());
    market.status(FeedState::resynchronised);
    EXPECT_TRUE(market.decide().window.band_density);
  }
}

TEST(Microstructure, AbsentWhenStale) {
  SmallMarket market;
  market.even_book(10);
  market.wait(2000);
  EXPECT_TRUE(market.decide().present());
  market.wait(1);
  expect_all_absent(market.decide());
  market.trade(Side::buy, 100'001, 1);
  EXPECT_TRUE(market.decide().present());
  market.status(FeedState::stale);
  expect_all_absent(market.decide());
}

TEST(Microstructure, WindowFeaturesAreAbsentWhereTheFeedShowsTooLittle) {
  SmallMarket market;
  std::vector<Level> bids, asks;
  for (std::int64_t away = 1; away <= 499; ++away) {
    bids.push_back(SmallMarket::level(100'000 - away, 5));
    asks.push_back(SmallMarket::level(100'000 + away, 5));
  }
  market.feed(BookSnapshot{.update_id = ++market.id, .bids = bids, .asks = asks});
  const Features& features = market.decide();
  EXPECT_TRUE(features.touch_features.spread_bps);
  EXPECT_NEAR(*features.bid_coverage_bps, 49.9, 1e-9);
  EXPECT_FALSE(features.window.band_density);
  EXPECT_FALSE(features.z_velocity);
  EXPECT_FALSE(features.liquidity);
  // One level at exactly the window's end is enough.
  market.set(Side::buy, 99'500, 1);
  EXPECT_FALSE(market.decide().window.band_density);
  market.set(Side::sell, 100'500, 1);
  EXPECT_TRUE(market.decide().window.band_density);
}

TEST(Microstructure, OursAreNotTheMarket) {
  SmallMarket market;
  market.even_book(10);
  market.set(Side::buy, 99'999, 30);
  const OwnLevel own{Side::buy, Price::from_units(99'999), Qty::from_lots(20)};
  market.fold.set_own({&own, 1});
  EXPECT_EQ(market.decide().window.liquidity_asymmetry, 0);
  EXPECT_EQ(market.fold.features().touch.bid, SmallMarket::level(99'999, 10));
  EXPECT_EQ(market.fold.relative_visibility(Side::buy, own.price, market.market.quoted()),
            20.0 / 30);
  EXPECT_FALSE(market.fold.relative_visibility(Side::sell, own.price, market.market.quoted()));
  // A level that is ours alone is not there at all.
  market.set(Side::buy, 99'999, 20);
  EXPECT_EQ(market.decide().touch.bid, SmallMarket::level(99'998, 10));
}

TEST(Microstructure, LevelsUnderANewerBestQuoteAreHidden) {
  SmallMarket market;
  market.even_book(10);
  market.quote(SmallMarket::level(99'997, 3), SmallMarket::level(100'001, 10));
  const Features& features = market.decide();
  EXPECT_EQ(features.touch.bid, SmallMarket::level(99'997, 3));
  EXPECT_EQ(features.window.bid_depth[0], 3 + 10 * 7);  // 99,990 to 99,997
  market.set(Side::sell, 100'700, 9);
  EXPECT_EQ(market.decide().window.bid_depth[0], 100);
}

// ---------------------------------------------------------------- walls

/// Puts most of a wall at one price: 40 times a bucket's ordinary 500 lots.
constexpr std::int64_t wall_price = 99'870;

std::vector<Change> build_wall(SmallMarket& market) {
  market.even_book(10);
  market.run(200);
  market.set(Side::buy, wall_price, 20'000);
  return market.run(1200);
}

TEST(Walls, AppearAfterASecond) {
  SmallMarket market;
  const std::vector<Change> changes = build_wall(market);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, ChangeKind::wall_appeared);
  EXPECT_EQ(changes[0].side, Side::buy);
  EXPECT_EQ(changes[0].price.units(), wall_price);
  EXPECT_GT(changes[0].ratio, 4);
  EXPECT_EQ(changes[0].age_ms, 1000);
  ASSERT_THAT(market.fold.walls(Side::buy), SizeIs(1));
  EXPECT_THAT(market.fold.walls(Side::sell), IsEmpty());
  const auto context =
      market.fold.wall_context(Side::buy, Price::from_units(99'860), market.market.quoted());
  EXPECT_EQ(context->position(), WallPosition::inside);
  EXPECT_NEAR(*context->nearest_distance_bps, 1, 1e-9);
  EXPECT_TRUE(market.fold.walls(Side::buy)[0].spoof_score);
}

TEST(Walls, ThatArePulledAreNotFilled) {
  SmallMarket market;
  build_wall(market);
  market.trade(Side::sell, wall_price, 100);
  market.set(Side::buy, wall_price, 10);
  const std::vector<Change> changes = market.run(600);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, ChangeKind::wall_pulled);
  EXPECT_NEAR(*changes[0].pulled_fraction, 19'890.0 / 19'990, 1e-9);
}

TEST(Walls, ThatAreEatenAreFilled) {
  SmallMarket market;
  build_wall(market);
  for (int i = 0; i < 10; ++i) {
    market.trade(Side::sell, wall_price, 1999);
    market.wait(1);
    market.set(Side::buy, wall_price, 20'000 - 1999 * (i + 1));
  }
  const std::vector<Change> changes = market.run(600);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, ChangeKind::wall_filled);
  EXPECT_NEAR(*changes[0].pulled_fraction, 0, 1e-9);
}

TEST(Walls, ThatShowUpNextDoorHaveMoved) {
  SmallMarket market;
  build_wall(market);
  market.set(Side::buy, wall_price, 10);
  market.run(100);
  market.set(Side::buy, wall_price + 50, 20'000);
  const std::vector<Change> changes = market.run(600);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].kind, ChangeKind::wall_moved);
  EXPECT_EQ(changes[0].steps, 1);
  EXPECT_EQ(market.fold.walls(Side::buy)[0].moves, 1);
  EXPECT_GT(changes[0].age_ms, 1000);
}

TEST(Walls, LearnHowTheirKindEnds) {
  SmallMarket market;
  market.even_book(10);
  market.run(200);
  // The touch is within 3 bps of it: an approach.
  market.set(Side::buy, 99'990, 20'000);
  market.run(1200);
  const double fresh = *market.fold.walls(Side::buy)[0].spoof_score;
  market.set(Side::buy, 99'990, 10);
  market.run(600);
  market.set(Side::buy, 99'990, 20'000);
  market.run(1200);
  EXPECT_GT(*market.fold.walls(Side::buy)[0].spoof_score, fresh);
}

// ---------------------------------------------------------------- flushes and liquidity

TEST(Flushes, StartWhenASideIsWithdrawnAndEnd) {
  SmallMarket market;
  market.even_book(10);
  EXPECT_THAT(market.run(2000), SizeIs(1));  // unknown -> thick
  std::vector<Level> gone;
  for (std::int64_t away = 2; away <= 450; ++away)
    gone.push_back(SmallMarket::level(100'000 - away, 0));
  market.feed(BookDelta{.last_id = ++market.id, .bids = gone});
  std::vector<Change> changes = market.run(300);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].kind, ChangeKind::flush_started);
  EXPECT_EQ(changes[0].side, Side::buy);
  EXPECT_GT(changes[0].score, 0.8);
  EXPECT_EQ(changes[1].kind, ChangeKind::liquidity_changed);
  EXPECT_EQ(changes[1].to, LiquidityState::collapsing);
  EXPECT_TRUE(market.fold.features().bid_flush.active);
  for (Level& level : gone) level.qty = Qty::from_lots(10);
  market.feed(BookDelta{.last_id = ++market.id, .bids = gone});
  changes = market.run(4000);
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes[0].kind, ChangeKind::flush_ended);
  EXPECT_NE(market.fold.features().liquidity, LiquidityState::collapsing);
}

TEST(Flushes, EatenLiquidityIsNoFlush) {
  SmallMarket market;
  market.even_book(10);
  market.run(2000);
  std::vector<Level> gone;
  for (std::int64_t away = 2; away <= 450; ++away)
    gone.push_back(SmallMarket::level(100'000 - away, 0));
  market.trade(Side::sell, 99'800, 4490);
  market.feed(BookDelta{.last_id = ++market.id, .bids = gone});
  for (const Change& change : market.run(500)) EXPECT_NE(change.kind, ChangeKind::flush_started);
  EXPECT_LT(market.fold.features().bid_flush.score->score, 0.1);
}

TEST(Liquidity, IsUnknownAfterTwoSilentSeconds) {
  SmallMarket market;
  market.even_book(10);
  market.run(1000);
  ASSERT_EQ(market.fold.features().liquidity, LiquidityState::thick);
  const std::vector<Change> changes = market.run(4500, false);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].from, LiquidityState::thick);
  EXPECT_EQ(changes[0].to, std::nullopt);
  EXPECT_EQ(
      describe(changes[0], market.market.quoted().definition()),
      "liquidity thick -> unknown: flush score 0.00, breadth 0.00, density absent, z velocity "
      "absent");
}

// Everything around the mid moves up: the relative centroid stays, the absolute one moves.
TEST(Velocities, TellMigrationFromPrice) {
  SmallMarket market;
  market.even_book(10);
  market.run(10'000);
  std::int64_t top = 100'000;
  for (int step = 0; step < 300; ++step) {
    // The whole book one unit up: the best ask becomes a bid, one more ask behind.
    market.set(Side::sell, top + 1, 0);
    market.set(Side::buy, top, 10);
    market.set(Side::sell, top + 801, 10);
    ++top;
    market.run(100);
  }
  const Features& features = market.fold.features();
  EXPECT_NEAR(*features.migration_velocity, 1, 0.02);  // 10 units of 0.1 bps a second
  EXPECT_NEAR(*features.migration_velocity_rel, 0, 0.02);
}

TEST(Flickers, AreCountedPerBucket) {
  SmallMarket market;
  market.even_book(10);
  market.run(1000);
  const Price quiet = Price::from_units(99'700);
  EXPECT_EQ(market.fold.flicker_hz(Side::buy, quiet), 0);
  std::vector<Level> bucket;
  for (int round = 0; round < 10; ++round) {
    bucket.clear();
    for (std::int64_t price = 99'800; price < 99'850; ++price)
      bucket.push_back(SmallMarket::level(price, round % 2 == 0 ? 0 : 10));
    std::reverse(bucket.begin(), bucket.end());
    market.feed(BookDelta{.last_id = ++market.id, .bids = bucket});
    market.run(100);
  }
  EXPECT_EQ(market.fold.flicker_hz(Side::buy, quiet), 0);
  EXPECT_GT(*market.fold.flicker_hz(Side::buy, Price::from_units(99'820)), 4);
  EXPECT_GT(*market.fold.features().flicker_hz, 0);
  EXPECT_FALSE(market.fold.flicker_hz(Side::buy, Price::from_units(90'000)));
  EXPECT_EQ(market.fold.sample_step(), std::chrono::milliseconds{100});
}

}  // namespace
}  // namespace mm
