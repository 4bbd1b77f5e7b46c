#include "research/fit/glft_exact.hpp"

#include <gtest/gtest.h>

namespace mm::research {
namespace {

// P-GLFTX-1.
TEST(GlftExact, AgreesWithTheReference) {
  const GlftExact exact{{.xi = 180, .kappa = 2000, .intensity = 0.5, .sigma = 1e-4}, 30};
  EXPECT_NEAR(exact.bid(0).value(), 0.000504534238452, 1e-12);
  EXPECT_NEAR(exact.bid(3).value(), 0.000658158329765, 1e-12);
  EXPECT_NEAR(exact.ask(3).value(), 0.000350275495125, 1e-12);
}

// models.md quotes 17.59 bps where the closed form says 17.07.
TEST(GlftExact, CorrectsTheClosedFormInAWildMarket) {
  const GlftExact exact{{.xi = 1200, .kappa = 400, .intensity = 5, .sigma = 8e-4}, 30};
  EXPECT_NEAR(exact.bid(0).value() * 1e4, 17.59, 0.005);
}

TEST(GlftExact, IsSymmetricAndStopsAtTheInventoryLimit) {
  const GlftExact exact{{.xi = 180, .kappa = 2000, .intensity = 0.5, .sigma = 1e-4, .fee = 1e-4},
                        5};
  for (std::int64_t n = -5; n < 5; ++n) EXPECT_EQ(exact.bid(n), exact.ask(-n));
  EXPECT_FALSE(exact.bid(5).has_value());
  EXPECT_FALSE(exact.ask(-5).has_value());
  EXPECT_FALSE(exact.bid(-6).has_value());
}

}  // namespace
}  // namespace mm::research
