#include "engine/det/math.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/engine/det/inputs.hpp"
#include "tests/engine/det/oracle.hpp"

namespace mm::det::test {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double smallest = std::numeric_limits<double>::denorm_min();
const double nan = std::bit_cast<double>(std::uint64_t{0xfff8000000000123});
const double canonical_nan = std::bit_cast<double>(std::uint64_t{0x7ff8000000000000});

testing::AssertionResult gives(Function function, double x, double y, double expected) {
  const double got = evaluate(function, x, y);
  if (same(got, expected)) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << fmt::format("x {:a} y {:a}: got {:a}, expected {:a}", x, y, got, expected);
}

class EachFunction : public testing::TestWithParam<Named> {};
class IncreasingFunction : public testing::TestWithParam<Named> {};

TEST_P(EachFunction, IsTheNearestDoubleInEveryRegion) {
  constexpr std::uint64_t seed = 20240601;
  constexpr int points_per_region = 60'000;
  const Function function = GetParam().function;
  Inputs inputs(seed);
  Oracle oracle;
  for (const Region region : regions) {
    for (int k = 0; k < points_per_region; ++k) {
      const auto [x, y] = inputs.next(function, region);
      oracle.compute(function, x, y);
      ASSERT_TRUE(gives(function, x, y, oracle.nearest())) << "seed " << seed;
    }
  }
}

TEST_P(EachFunction, IsTheNearestDoubleAtEdges) {
  const Function function = GetParam().function;
  std::vector<double> edges = {0.0, inf, nan, smallest, 0x1p-1022, 0x1.fffffffffffffp1023};
  for (const double at : {0x1p-54,
                          0x1p-53,
                          0x1p-52,
                          0x1p-28,
                          0x1p-9,
                          0x1p-8,
                          0.125,
                          0.25,
                          0.5,
                          1.0,
                          1.5,
                          2.0,
                          3.0,
                          4.0,
                          17.0,
                          19.0625,
                          20.0,
                          37.5,
                          38.0,
                          40.0,
                          709.782712893384,
                          710.0,
                          745.1332191019411,
                          745.1332191019412,
                          746.0,
                          1023.0,
                          1024.0,
                          1074.0,
                          1075.0,
                          1076.0,
                          2048.0,
                          0x1p52,
                          0x1p53,
                          0x1p54,
                          0x1p117,
                          0x1p118,
                          0x1p400}) {
    for (const double x : {at, std::nextafter(at, 0.0), std::nextafter(at, inf)}) {
      edges.push_back(x);
    }
  }
  Oracle oracle;
  for (const double x : edges) {
    for (const double y : function == Function::pow ? edges : std::vector<double>{0.0}) {
      for (const double signed_x : {x, -x}) {
        for (const double signed_y : {y, -y}) {
          oracle.compute(function, signed_x, signed_y);
          EXPECT_TRUE(gives(function, signed_x, signed_y, oracle.nearest()));
        }
      }
    }
  }
}

// Each function but pow is increasing; so must be its rounding.
TEST_P(IncreasingFunction, NeverFallsFromOneDoubleToTheNext) {
  const Function function = GetParam().function;
  constexpr std::uint64_t seed = 5;
  Inputs inputs(seed);
  for (int k = 0; k < 2000; ++k) {
    double x = inputs.next(function, k % 2 == 0 ? Region::usual : Region::near_special).x;
    double before = evaluate(function, x, 0);
    if (std::isnan(before)) continue;
    for (int step = 0; step < 50; ++step) {
      x = std::nextafter(x, inf);
      const double value = evaluate(function, x, 0);
      ASSERT_LE(before, value) << fmt::format("x {:a}, seed {}", x, seed);
      before = value;
    }
  }
}

// Annex F of C17, where MPFR follows other rules or the sign of zero matters.
TEST_P(EachFunction, TreatsNanInfinityAndZeroAsAnnexFSays) {
  const Function f = GetParam().function;
  if (f != Function::pow) {
    EXPECT_TRUE(gives(f, nan, 0, canonical_nan));
    EXPECT_TRUE(gives(f, -nan, 0, canonical_nan));
  }
  switch (f) {
    case Function::exp:
      EXPECT_TRUE(gives(f, 0.0, 0, 1.0));
      EXPECT_TRUE(gives(f, -0.0, 0, 1.0));
      EXPECT_TRUE(gives(f, -inf, 0, 0.0));
      EXPECT_TRUE(gives(f, inf, 0, inf));
      break;
    case Function::expm1:
      EXPECT_TRUE(gives(f, 0.0, 0, 0.0));
      EXPECT_TRUE(gives(f, -0.0, 0, -0.0));
      EXPECT_TRUE(gives(f, -inf, 0, -1.0));
      EXPECT_TRUE(gives(f, inf, 0, inf));
      break;
    case Function::log:
      EXPECT_TRUE(gives(f, 0.0, 0, -inf));
      EXPECT_TRUE(gives(f, -0.0, 0, -inf));
      EXPECT_TRUE(gives(f, 1.0, 0, 0.0));
      EXPECT_TRUE(gives(f, -smallest, 0, canonical_nan));
      EXPECT_TRUE(gives(f, -inf, 0, canonical_nan));
      EXPECT_TRUE(gives(f, inf, 0, inf));
      break;
    case Function::log1p:
      EXPECT_TRUE(gives(f, 0.0, 0, 0.0));
      EXPECT_TRUE(gives(f, -0.0, 0, -0.0));
      EXPECT_TRUE(gives(f, -1.0, 0, -inf));
      EXPECT_TRUE(gives(f, std::nextafter(-1.0, -2.0), 0, canonical_nan));
      EXPECT_TRUE(gives(f, -inf, 0, canonical_nan));
      EXPECT_TRUE(gives(f, inf, 0, inf));
      break;
    case Function::tanh:
      EXPECT_TRUE(gives(f, 0.0, 0, 0.0));
      EXPECT_TRUE(gives(f, -0.0, 0, -0.0));
      EXPECT_TRUE(gives(f, inf, 0, 1.0));
      EXPECT_TRUE(gives(f, -inf, 0, -1.0));
      break;
    case Function::pow:
      for (const double x : {0.0, -0.0, 1.0, -2.5, inf, -inf, nan}) {
        EXPECT_TRUE(gives(f, x, 0.0, 1.0));
        EXPECT_TRUE(gives(f, x, -0.0, 1.0));
        EXPECT_TRUE(gives(f, 1.0, x, 1.0));
      }
      EXPECT_TRUE(gives(f, nan, 2.0, canonical_nan));
      EXPECT_TRUE(gives(f, 2.0, nan, canonical_nan));
      EXPECT_TRUE(gives(f, -2.0, 0.5, canonical_nan));
      EXPECT_TRUE(gives(f, 0.0, -3.0, inf));
      EXPECT_TRUE(gives(f, -0.0, -3.0, -inf));
      EXPECT_TRUE(gives(f, -0.0, -2.0, inf));
      EXPECT_TRUE(gives(f, -0.0, -2.5, inf));
      EXPECT_TRUE(gives(f, -0.0, -inf, inf));
      EXPECT_TRUE(gives(f, -0.0, 3.0, -0.0));
      EXPECT_TRUE(gives(f, -0.0, 4.0, 0.0));
      EXPECT_TRUE(gives(f, -0.0, 2.5, 0.0));
      EXPECT_TRUE(gives(f, -1.0, inf, 1.0));
      EXPECT_TRUE(gives(f, -1.0, -inf, 1.0));
      EXPECT_TRUE(gives(f, -0.5, -inf, inf));
      EXPECT_TRUE(gives(f, -2.0, -inf, 0.0));
      EXPECT_TRUE(gives(f, -inf, -3.0, -0.0));
      EXPECT_TRUE(gives(f, -inf, -2.0, 0.0));
      EXPECT_TRUE(gives(f, -inf, 3.0, -inf));
      EXPECT_TRUE(gives(f, -inf, 2.5, inf));
      EXPECT_TRUE(gives(f, -2.0, 3.0, -8.0));
      EXPECT_TRUE(gives(f, -2.0, 1025.0, -inf));
      EXPECT_TRUE(gives(f, -2.0, -1077.0, -0.0));
      EXPECT_TRUE(gives(f, -1.0, 0x1p53, 1.0));
      EXPECT_TRUE(gives(f, -1.0, 0x1p53 - 1, -1.0));
      break;
  }
}

INSTANTIATE_TEST_SUITE_P(Det, EachFunction, testing::ValuesIn(functions),
                         [](const auto& of) { return std::string{of.param.name}; });

INSTANTIATE_TEST_SUITE_P(Det, IncreasingFunction, testing::ValuesIn([] {
                           std::vector<Named> all{functions.begin(), functions.end()};
                           std::erase_if(
                               all, [](const Named& of) { return of.function == Function::pow; });
                           return all;
                         }()),
                         [](const auto& of) { return std::string{of.param.name}; });

// Half-way between two doubles: no precision decides, only that the value is known exactly.
TEST(Pow, RoundsExactMiddlesToEven) {
  const double odd = 0x1p27 - 1;  // its square has 54 bits, the last one set
  EXPECT_EQ(pow(odd, 2.0), odd * odd);
  EXPECT_EQ(pow(odd * 0x1p-20, 2.0), odd * odd * 0x1p-40);
  EXPECT_TRUE(same(pow(2.0, -1075.0), 0.0));  // half of the smallest number
  EXPECT_TRUE(same(pow(-2.0, -1075.0), -0.0));
  EXPECT_EQ(pow(std::nextafter(2.0, 1.0), -1075.0), smallest);
  EXPECT_EQ(pow(0x1p-2, 537.25), std::ldexp(1.0, -1074));  // 2^-1074.5 is above the middle
}

TEST(Canonical, GivesOneNanAndLeavesTheRest) {
  EXPECT_TRUE(same(canonical(nan), canonical_nan));
  EXPECT_TRUE(same(canonical(-nan), canonical_nan));
  for (const double x : {0.0, -0.0, 1.5, -smallest, inf, -inf}) EXPECT_TRUE(same(canonical(x), x));
}

}  // namespace
}  // namespace mm::det::test
