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
/// Among the arguments that are hardest to round: values within 2^-45 to 2^-108 of a step of the
/// middle between two doubles. From the searches of V. Lefevre (vinc17.net/research/testlibm) for
/// functions of one variable, from Inputs::pow_near_one for pow.
std::vector<Arguments> hard_cases(Function function) {
  switch (function) {
    case Function::exp:
      return {{0x1.accfbe46b4efp-1, 0},
              {0x1.6e9b76e472c48p-1, 0},
              {0x1.2c54cb8371084p+0, 0},
              {0x1.2be573b52c366p-1, 0},
              {0x1.4f035f289094bp+0, 0},
              {0x1.19aba488d5dc9p+0, 0},
              {0x1.fffffffffffffp-53, 0},
              {-0x1p-54, 0},
              {0x1p-53, 0}};
    case Function::log:
      return {{0x1.f9bd207cafe2fp+38, 0}, {0x1.01073ffc76c24p+14, 0}, {0x1.e7ab6616a766bp+26, 0},
              {0x1.a6004162f2b8cp+45, 0}, {0x1.cdd6866565f9bp+0, 0},  {0x1.4a4d90c4efeb2p+4, 0}};
    case Function::expm1:
      return {{0x1.00091a4a0dae5p+2, 0}, {0x1.0a64abf09dc3ap+5, 0},  {0x1.003ff801ff5aep-43, 0},
              {0x1.02e473c781d6ep+6, 0}, {0x1.03f81f636b806p-47, 0}, {0x1.0076d13ab9d18p+4, 0}};
    case Function::log1p:
      return {{0x1.200000000001bp-46, 0}, {0x1.080000000016bp-42, 0}, {0x1.1400000000633p-40, 0},
              {0x1.02000000015abp-38, 0}, {0x1.042ba9de75289p+77, 0}, {0x1.00800000156abp-34, 0},
              {0x1.2c342ad3773b3p+78, 0}, {0x1.00c3d4acbba8ap-1, 0}};
    case Function::pow:
      return {{0x1.ffffffffffffdp-1, -0x1.5555555555554p-2},
              {0x1.fffffffffffffp-1, -0x1.fffffffffffffp-1},
              {0x1.ffffffffffffap-1, -0x1.5555555555553p-3},
              {0x1.ffffffffffff9p-1, -0x1.249249249249p-3},
              {0x1.0000000000003p+0, 0x1.5555555555557p-3},
              {0x1.000000000000bp+0, -0x1.745d1745d174ep-6}};
    case Function::tanh:
      return {{0x1.0e000000280b9p-16, 0}, {0x1.000b47bdb383fp-9, 0}, {0x1.02a3ad2ef6f49p-24, 0},
              {0x1.30fc1931f09c8p+4, 0},  {0x1.00a0f3cf999acp+2, 0}, {0x1.01885ae3c818ap+0, 0}};
  }
  return {};
}

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

TEST_P(EachFunction, IsTheNearestDoubleInHardCases) {
  const Function function = GetParam().function;
  Oracle oracle;
  for (const auto& [x, y] : hard_cases(function)) {
    oracle.compute(function, x, y);
    EXPECT_TRUE(gives(function, x, y, oracle.nearest()));
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
