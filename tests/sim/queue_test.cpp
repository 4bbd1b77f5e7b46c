#include "sim/queue.hpp"

#include <gtest/gtest.h>

namespace mm::sim {
namespace {

constexpr double lot = 1.0;

Qty lots(std::int64_t count) {
  return Qty::from_lots(count);
}

QueuePosition behind(std::int64_t displayed) {
  return QueuePosition{lots(displayed)};
}

TEST(QueueModel, IsReadBackFromItsName) {
  for (const char* name :
       {"risk_averse", "power:1", "power:16", "power2:3", "power3:3", "log", "log2"}) {
    const auto model = QueueModel::parse(name);
    ASSERT_TRUE(model.has_value()) << name;
    EXPECT_EQ(model->name(), name);
  }
  for (const char* name : {"", "power", "power:", "power:0", "power:17", "power:2x", "log:1",
                           "prob", "risk_averse:2", "power:-1"})
    EXPECT_FALSE(QueueModel::parse(name).has_value()) << name;
}

TEST(QueueModel, SharesARemovalAsItsFormulaSays) {
  const auto chance = [](const char* name, double b, double f, double unit = lot) {
    return QueueModel::parse(name).value().chance_behind(b, f, unit);
  };
  EXPECT_DOUBLE_EQ(chance("power:1", 3, 1), 0.75);
  EXPECT_DOUBLE_EQ(chance("power:2", 3, 1), 0.9);
  EXPECT_DOUBLE_EQ(chance("power2:2", 3, 1), 9.0 / 16);
  EXPECT_DOUBLE_EQ(chance("power3:2", 3, 1), 15.0 / 16);
  EXPECT_DOUBLE_EQ(chance("log", 3, 1), 2.0 / 3);           // ln 4 / (ln 4 + ln 2)
  EXPECT_DOUBLE_EQ(chance("log2", 1, 2), 0.5);              // ln 2 / ln 4
  EXPECT_DOUBLE_EQ(chance("log2", 1000, 2000, 1e-3), 0.5);  // in base units, not lots
  for (const char* name : {"power:3", "power2:3", "power3:3", "log", "log2"}) {
    EXPECT_EQ(chance(name, 0, 5), 0) << name;
    EXPECT_EQ(chance(name, 5, 0), 1) << name;
    EXPECT_EQ(chance(name, 0, 0), 1) << name;
  }
}

TEST(QueuePosition, StartsBehindEverythingDisplayed) {
  EXPECT_EQ(behind(7).whole_lots_ahead(), 7);
  EXPECT_EQ(behind(0).whole_lots_ahead(), 0);
}

// Removed by trades: ahead falls once, by the trade, and not again when the level shows it.
TEST(QueuePosition, DoesNotCountATradeTwice) {
  QueuePosition position = behind(10);
  position.on_trade(lots(4));
  EXPECT_EQ(position.lots_ahead(), 6);
  position.on_depth(QueueModel{}, lots(6), lot);
  EXPECT_EQ(position.lots_ahead(), 6);
}

// 10 ahead, then 5 more join; of 4 cancelled the power:1 model takes a third from behind us.
TEST(QueuePosition, SharesCancelsBetweenAheadAndBehind) {
  const QueueModel model = QueueModel::parse("power:1").value();
  QueuePosition position = behind(10);
  position.on_depth(model, lots(15), lot);
  EXPECT_EQ(position.lots_ahead(), 10);
  position.on_depth(model, lots(12), lot);
  EXPECT_DOUBLE_EQ(position.lots_ahead(), 8);  // behind 5/15 of 3 = 1, ahead 2
}

// What does not fit behind us must have stood in front.
TEST(QueuePosition, SpillsWhatDoesNotFitBehind) {
  const QueueModel model = QueueModel::parse("power3:3").value();
  QueuePosition position = behind(4);
  position.on_depth(model, lots(5), lot);  // one behind, chance behind = 1 - 0.8^3
  position.on_depth(model, lots(2), lot);
  const double share = 1 - 0.8 * 0.8 * 0.8;
  EXPECT_DOUBLE_EQ(position.lots_ahead(), 4 - (1 - share) * 3 + (1 - share * 3));
  EXPECT_EQ(position.whole_lots_ahead(), 2);
}

TEST(QueuePosition, RiskAverseMovesOnlyWhenItMust) {
  const QueueModel model = QueueModel::parse("risk_averse").value();
  QueuePosition position = behind(10);
  position.on_depth(model, lots(15), lot);
  position.on_depth(model, lots(11), lot);
  EXPECT_EQ(position.lots_ahead(), 10);
  position.on_depth(model, lots(3), lot);
  EXPECT_EQ(position.lots_ahead(), 3);
}

TEST(QueuePosition, APartOfALotAheadCountsAsAWholeOne) {
  const QueueModel model = QueueModel::parse("power:1").value();
  QueuePosition position = behind(10);
  position.on_depth(model, lots(13), lot);
  position.on_depth(model, lots(12), lot);
  EXPECT_GT(position.lots_ahead(), 9);
  EXPECT_LT(position.lots_ahead(), 10);
  EXPECT_EQ(position.whole_lots_ahead(), 10);
}

TEST(QueuePosition, IsUnknownWhereTheVenueShowsNothingUntilItDoes) {
  QueuePosition position{std::nullopt};
  EXPECT_FALSE(position.known());
  position.on_trade(lots(5));
  position.on_depth(QueueModel{}, lots(8), lot);
  EXPECT_TRUE(position.known());
  EXPECT_EQ(position.whole_lots_ahead(), 8);
}

TEST(QueuePosition, NobodyJoinsInFrontDuringAGap) {
  QueuePosition position = behind(10);
  position.on_resync(lots(30));
  EXPECT_EQ(position.lots_ahead(), 10);
  position.on_resync(lots(4));
  EXPECT_EQ(position.lots_ahead(), 4);
  position.on_resync(std::nullopt);
  EXPECT_EQ(position.lots_ahead(), 4);
}

TEST(QueuePosition, IsSavedAndRestored) {
  QueuePosition position = behind(10);
  position.on_trade(lots(3));
  position.on_depth(QueueModel{}, lots(5), lot);
  position.on_trade(lots(1));
  ByteWriter out;
  position.save(out);
  ByteReader in{out.bytes()};
  EXPECT_EQ(QueuePosition::restore(in), position);
  EXPECT_TRUE(in.at_end());
}

}  // namespace
}  // namespace mm::sim
