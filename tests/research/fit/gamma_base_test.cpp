#include "research/fit/gamma_base.hpp"

#include <gtest/gtest.h>

namespace mm::research {
namespace {

// At the rule's gamma a full inventory moves quotes by about half a spread, and an inventory twice
// as large allows a quarter of it.
TEST(GammaBase, MakesAFullInventoryWorthHalfASpread) {
  GlftParameters market{.kappa = 2000, .intensity = 0.5, .sigma = 1e-4};
  const double base = gamma_base_for(market, 10);
  EXPECT_NEAR(base, 613, 1);
  EXPECT_DOUBLE_EQ(gamma_base_for(market, 20), base / 4);
  market.xi = 0.3 * base;
  const double skew = glft_quote(market, 10).skew;
  EXPECT_NEAR(skew * market.kappa, 1, 0.05);
}

}  // namespace
}  // namespace mm::research
