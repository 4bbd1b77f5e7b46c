#include "research/fit/realized_volatility.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/random.hpp"

namespace mm::research {
namespace {

std::vector<double> returns(int count, std::uint64_t seed) {
  SplitMix64 random{seed};
  std::vector<double> result;
  for (int i = 0; i < count; ++i) result.push_back(2e-4 * random.normal());
  return result;
}

// jump_z is about standard normal without jumps, and large with one.
TEST(RealizedVolatility, KnowsAJumpWhenItSeesOne) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto calm = *realized_volatility(returns(300, seed), 1);
    EXPECT_NEAR(calm.realized, 2e-4, 0.4e-4);
    alarms += *calm.jump_z > 1.645 ? 1 : 0;
  }
  EXPECT_GE(alarms, 8);
  EXPECT_LE(alarms, 40);
  auto with_jump = returns(300, 1);
  with_jump[150] += 2e-3;
  const auto jumped = *realized_volatility(with_jump, 1);
  EXPECT_GT(*jumped.jump_z, 4);
  EXPECT_GT(*jumped.jump_share, 0.2);
}

TEST(RealizedVolatility, LeavesOutWhatTheSampleCannotSay) {
  EXPECT_FALSE(realized_volatility({}, 1));
  const auto one = *realized_volatility(std::vector<double>{1e-4}, 4);
  EXPECT_DOUBLE_EQ(one.realized, 0.5e-4);
  EXPECT_FALSE(one.bv);
  const auto still = *realized_volatility(std::vector<double>{0, 0, 0}, 1);
  EXPECT_FALSE(still.jump_share);
  EXPECT_FALSE(still.jump_z);
}

TEST(Qlike, IsLeastForThePerfectForecast) {
  EXPECT_EQ(qlike(2e-4, 2e-4), 0);
  EXPECT_GT(qlike(1e-4, 2e-4), qlike(1.9e-4, 2e-4));
  EXPECT_GT(qlike(4e-4, 2e-4), 0);
}

}  // namespace
}  // namespace mm::research
