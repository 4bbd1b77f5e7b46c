#include "engine/models/special.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mm {
namespace {

TEST(Erfc, AgreesWithTheLibrary) {
  for (double x = -6; x < 26; x += 0.0037) {
    const double exact = std::erfc(x);
    EXPECT_NEAR(erfc(x) / exact, 1, 1e-15 * (2 + x * x)) << x;
  }
}

TEST(Erfc, KnowsItsEnds) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_NEAR(erfc(0.0), 1, 1e-15);
  EXPECT_EQ(erfc(infinity), 0);
  EXPECT_EQ(erfc(-infinity), 2);
  EXPECT_EQ(erfc(28.0), 0);
  EXPECT_TRUE(std::isnan(erfc(std::nan(""))));
}

TEST(Erfc, NeverRises) {
  double last = 2;
  for (double x = -7; x < 28; x += 0.001) {
    EXPECT_LE(erfc(x), last * (1 + 2e-15)) << x;
    last = erfc(x);
  }
}

TEST(CosSinOfPhase, AgreesWithTheLibrary) {
  const std::int64_t hour = 3'600'000'000'000;
  for (std::int64_t i = -20'000; i < 20'000; ++i) {
    const std::int64_t time = i * 987'654'321'123;
    const double x = 2 * M_PI * static_cast<double>(time % hour) / static_cast<double>(hour);
    const CosSin got = cos_sin_of_phase(time, hour);
    EXPECT_NEAR(got.cos, std::cos(x), 1e-14) << i;
    EXPECT_NEAR(got.sin, std::sin(x), 1e-14) << i;
    EXPECT_NEAR(got.cos * got.cos + got.sin * got.sin, 1, 1e-14) << i;
  }
}

TEST(CosSinOfPhase, IsExactWhereItIsKnown) {
  const auto is = [](std::int64_t time, double cos, double sin) {
    const CosSin got = cos_sin_of_phase(time, 8);
    EXPECT_NEAR(got.cos, cos, 1e-15) << time;
    EXPECT_NEAR(got.sin, sin, 1e-15) << time;
  };
  is(0, 1, 0);
  is(2, 0, 1);
  is(4, -1, 0);
  is(6, 0, -1);
  is(8, 1, 0);
  is(-2, 0, -1);
  is(1, std::sqrt(0.5), std::sqrt(0.5));
}

}  // namespace
}  // namespace mm
