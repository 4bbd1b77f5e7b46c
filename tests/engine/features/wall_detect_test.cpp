#include "engine/features/wall_detect.hpp"

#include <gtest/gtest.h>

#include "engine/features/spoof.hpp"

namespace mm {
namespace {

TEST(UsualSize, TooFewThatAreNoDustDecideNothing) {
  UsualSizeFinder finder;
  for (const double size : {10.0, 11.0, 12.0, 13.0, 0.001, 0.002}) finder.add(size);
  EXPECT_FALSE(finder.median({}));
  finder = {};
  for (const double size : {10.0, 11.0, 12.0, 13.0, 9.0, 0.002, 0.0, -1.0}) finder.add(size);
  EXPECT_EQ(finder.median({}), 11);
  EXPECT_EQ(finder.usual({}).scale, 0.25);
}

// What decides are integers: a wall at exactly the tolerance is at our price, one unit further not.
TEST(WallContext, EdgesAreExact) {
  constexpr std::int64_t m2 = 2'000'000;  // 0.5 bps of the mid are 50 units
  const auto kind = [&](std::int64_t wall) {
    const Level level{Price::from_units(wall), Qty::from_lots(9)};
    return wall_context({}, Side::buy, Price::from_units(999'000), {&level, 1}, m2,
                        Price::from_units(1))
        .position();
  };
  EXPECT_EQ(kind(999'050), WallPosition::at);
  EXPECT_EQ(kind(999'051), WallPosition::inside);
  EXPECT_EQ(kind(998'950), WallPosition::at);
  EXPECT_EQ(kind(998'949), WallPosition::outside);
  EXPECT_EQ(kind(996'500), WallPosition::outside);
  EXPECT_EQ(kind(996'499), WallPosition::none);
}

TEST(RoundPrice, AtTheMagnitudeOfThePrice) {
  const auto is_round = [](std::int64_t ticks) {
    return is_round_price(Price::from_units(ticks), Price::from_units(1));
  };
  EXPECT_TRUE(is_round(618'000));
  EXPECT_TRUE(is_round(618'500));
  EXPECT_FALSE(is_round(618'100));
  EXPECT_TRUE(is_round(260'000));
  EXPECT_FALSE(is_round(0));
  EXPECT_FALSE(is_round_price(Price::from_units(500), Price::from_units(3)));
}

TEST(SpoofScore, StaysInside) {
  for (const double size : {1e-9, 1.0, 1e12})
    for (const double age : {0.0, 1e9}) {
      const SpoofScore score =
          spoof_score({}, {.flicker_hz = 1e6, .pulls = 1e9, .size_ratio = size, .age_s = age});
      EXPECT_GT(score.score, 0);
      EXPECT_LT(score.score, 1);
    }
}

}  // namespace
}  // namespace mm
