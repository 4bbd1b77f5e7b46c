#include "research/analytics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/random.hpp"

namespace mm::research {
namespace {

std::vector<double> normal_draws(std::uint64_t seed, std::size_t count) {
  SplitMix64 random{seed};
  std::vector<double> values(count);
  for (double& value : values) value = random.normal();
  return values;
}

// P-BLOCK-1: an autoregressive series driving another; the reference was computed elsewhere.
TEST(BlockLength, AgreesWithTheReferenceOnAnAutoregression) {
  constexpr std::size_t n = 300;
  const std::vector<double> e1 = normal_draws(301, n);
  const std::vector<double> e2 = normal_draws(302, n);
  std::vector<double> y(n);
  y[0] = e2[0];
  for (std::size_t i = 1; i < n; ++i) y[i] = 0.6 * y[i - 1] + 0.3 * e1[i] + e2[i];
  const BlockLength length = block_length(y);
  EXPECT_EQ(length.significant_lags, 2);
  EXPECT_EQ(length.window, 4);
  EXPECT_NEAR(length.mean_block, 5.88671638251, 1e-6);
}

TEST(BlockLength, OfAConstantSeriesIsOne) {
  const std::vector<double> values(40, 3.0);
  EXPECT_EQ(block_length(values).mean_block, 1);
}

// P-SBOOT-1.
TEST(StationaryBootstrap, SeveralSeriesAreWhatEachIsAlone) {
  SplitMix64 random{5};
  std::vector<std::vector<double>> series(7, std::vector<double>(41));
  for (std::vector<double>& values : series)
    for (double& value : values) value = random.uniform() - 0.4;
  const auto together = stationary_bootstrap(series, 2.5, 150, 77);
  ASSERT_EQ(together.size(), series.size());
  for (std::size_t k = 0; k < series.size(); ++k) {
    const BootstrapResult alone = stationary_bootstrap(series[k], 2.5, 150, 77);
    EXPECT_EQ(together[k].means, alone.means);
    EXPECT_EQ(together[k].low, alone.low);
    EXPECT_EQ(together[k].high, alone.high);
    EXPECT_EQ(together[k].standard_error, alone.standard_error);
  }
  EXPECT_NE(together[0].means, together[1].means);
}

TEST(StationaryBootstrap, AgreesWithTheReferenceDrawForDraw) {
  const double x[] = {12.5, -3.1, 4.4, 8.0, -6.2, 1.1, 3.3, -2.7, 9.9, 0.4, 5.5, -1.8};
  const BootstrapResult result = stationary_bootstrap(x, 3.0, 200, 99);
  EXPECT_NEAR(result.means[0], 3.05, 1e-9);
  EXPECT_NEAR(result.mean, 2.66875, 1e-9);
  EXPECT_NEAR(result.standard_error, 0.949356121246, 1e-9);
  EXPECT_NEAR(result.low, 0.74875, 1e-9);
  EXPECT_NEAR(result.high, 4.584375, 1e-9);
}

}  // namespace
}  // namespace mm::research
