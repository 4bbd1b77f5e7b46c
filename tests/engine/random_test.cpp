#include "engine/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace mm {
namespace {

// Case P-RNG-1 of the models' specification.
TEST(SplitMix64, GivesTheSpecifiedNumbersForSeed0) {
  constexpr std::array<std::uint64_t, 3> words = {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4,
                                                  0x06c45d188009454f};
  constexpr std::array<double, 3> uniform = {0.883310808214, 0.431527997049, 0.0264337715926};
  constexpr std::array<double, 3> normal = {1.19170131167, -0.172485329218, -1.93600128827};
  constexpr double printed = 5e-12;  // the case gives 12 digits, fewer than its tolerance asks
  SplitMix64 random_words{0};
  SplitMix64 random_uniform{0};
  SplitMix64 random_normal{0};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(random_words.next(), words[k]);
    const double u = random_uniform.uniform();
    EXPECT_NEAR(u, uniform[k], 1e-13 + 1e-12 * u);
    EXPECT_NEAR(random_normal.normal(), normal[k], printed);
  }
}

TEST(SplitMix64, GoesOnFromItsState) {
  SplitMix64 random{42};
  random.next();
  SplitMix64 restored{random.state()};
  EXPECT_EQ(restored, random);
  EXPECT_EQ(restored.next(), random.next());
}

/// The seed after which next() gives `word`: the generator run backwards.
constexpr SplitMix64 about_to_give(std::uint64_t word) {
  auto unshift = [](std::uint64_t z, int by) {
    std::uint64_t result = z;
    for (int k = 0; k < 3; ++k) result = z ^ (result >> by);
    return result;
  };
  std::uint64_t z = unshift(word, 31);
  z = unshift(z * 0x319642B2D24D8EC3, 27);
  z = unshift(z * 0x96DE1B173F119089, 30);
  return SplitMix64{z - 0x9E3779B97F4A7C15};
}

// 2^53 - 1 + 1/2 rounds to 2^53, which would make 1.
TEST(SplitMix64, UniformIsNeitherZeroNorOne) {
  EXPECT_EQ(about_to_give(12345).next(), 12345);
  EXPECT_EQ(about_to_give(0).uniform(), 0x1p-54);
  EXPECT_EQ(about_to_give(~std::uint64_t{0}).uniform(), 1 - 0x1p-53);
}

TEST(SplitMix64, BelowStaysBelowAndReachesEveryValue) {
  SplitMix64 random{7};
  std::array<int, 6> counts{};
  for (int k = 0; k < 60'000; ++k) ++counts[random.below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random.below(1), 0);
}

// With a bound of 3 * 2^62 a quarter of the draws must be repeated: plain scaling would favour
// every third value twofold.
TEST(SplitMix64, BelowIsUnbiasedForLargeBounds) {
  SplitMix64 random{7};
  constexpr std::uint64_t bound = std::uint64_t{3} << 62;
  int third = 0;
  for (int k = 0; k < 30'000; ++k) third += random.below(bound) % 3 == 0 ? 1 : 0;
  EXPECT_NEAR(third, 10'000, 400);
}

TEST(NormalQuantile, IsAccurateFromCenterToTail) {
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167813, 4e-15);
  EXPECT_NEAR(normal_quantile(1e-20), -9.262340089798408, 1e-14);
  EXPECT_NEAR(normal_quantile(0x1p-54), -8.292361075813595, 1e-14);
}

TEST(NormalQuantile, IsOddAroundOneHalf) {
  for (const double p : {0.01, 0.07, 0.25, 0x1p-20}) {
    EXPECT_NEAR(normal_quantile(p), -normal_quantile(1 - p), 1e-13);
  }
}

}  // namespace
}  // namespace mm
