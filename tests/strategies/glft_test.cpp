#include "strategies/glft.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/strategies/scene.hpp"

namespace mm {
namespace {

using namespace testing_samples;

struct Case {
  const char* id;
  GlftParameters parameters;  // xi, kappa, A, sigma, fee
  double inventory;
  double c1, c2, half_spread, skew, bid, ask;
};

// Models 15.1, with the tolerance given there.
constexpr Case cases[] = {
    {"P-GLFT-1",
     {180, 2000, 0.5, 1e-4, 0},
     0,
     0.000478764979117,
     0.505544619135,
     0.000504042210074,
     0,
     0.000504042210074,
     0.000504042210074},
    {"P-GLFT-2",
     {180, 2000, 0.5, 1e-4, 0.00015},
     3,
     0.000478764979117,
     0.505544619135,
     0.000654042210074,
     0.00015166338574,
     0.000805705595814,
     0.000502378824333},
    {"P-GLFT-3",
     {1200, 400, 5, 8e-4, 0.00015},
     -1,
     0.00115524530093,
     1.38017435941,
     0.0018573150447,
     -0.00110413948752,
     0.000753175557171,
     0.00296145453222},
    {"P-GLFT-4",
     {1e-7, 2000, 0.5, 1e-4, 0},
     5,
     0.000499999999988,
     1.16582199081e-05,
     0.000500000582898,
     5.82910995407e-09,
     0.000500006412008,
     0.000499994753789},
    {"P-GLFT-5",
     {0.3, 2000, 0.5, 1e-4, 0},
     0,
     0.00049996250375,
     0.0201933864064,
     0.00050097217307,
     0,
     0.00050097217307,
     0.00050097217307},
    {"P-GLFT-6",
     {2, 10000, 5, 8e-4, 0},
     0,
     9.99900013331e-05,
     0.00737367432439,
     0.000102939471063,
     0,
     0.000102939471063,
     0.000102939471063},
};

TEST(Glft, TheSpecifiedCases) {
  for (const Case& of : cases) {
    SCOPED_TRACE(of.id);
    const auto expect_near = [](double got, double expected) {
      EXPECT_LE(std::abs(got - expected), 1e-12 + 1e-8 * std::abs(expected)) << got;
    };
    const GlftCoefficients coefficients = glft_coefficients(of.parameters);
    const GlftQuote quote = glft_quote(of.parameters, of.inventory);
    expect_near(coefficients.c1, of.c1);
    expect_near(coefficients.c2, of.c2);
    expect_near(quote.half_spread, of.half_spread);
    expect_near(quote.skew, of.skew);
    expect_near(quote.bid_depth, of.bid);
    expect_near(quote.ask_depth, of.ask);
  }
}

// Both forms agree where the series takes over.
TEST(Glft, TheSeriesMeetsTheClosedForm) {
  const GlftCoefficients below = glft_coefficients({.xi = 0.99e-8, .kappa = 1, .intensity = 1});
  const GlftCoefficients above = glft_coefficients({.xi = 1.01e-8, .kappa = 1, .intensity = 1});
  EXPECT_NEAR(below.c1, above.c1, 1e-9);
  EXPECT_NEAR(below.c2 / above.c2, std::sqrt(0.99 / 1.01), 1e-9);
}

class GlftQuotes : public testing::Test {
 protected:
  Quotes ask(const std::vector<Setting>& settings, Qty position = {}) const {
    return scene_.ask<Glft>(settings, position);
  }
  // Mid 60,000.0; the clip is 16 lots.
  Scene scene_{btc_usdt(), level(599'995, 1), level(600'005, 1)};
};

TEST_F(GlftQuotes, StandAtTheModelsDepth) {
  const Quotes quotes = ask({{"fee", "0bps"}});
  // 5.0404 bps of 600,000 = 302.4 ticks
  EXPECT_EQ(quotes.bids.all()[0].price, units(599'697));
  EXPECT_EQ(quotes.asks.all()[0].price, units(600'303));
}

TEST_F(GlftQuotes, TakeTheVenuesFeeByDefault) {
  const Quotes quotes = ask({});  // 2 bps more
  EXPECT_EQ(quotes.bids.all()[0].price, units(599'577));
}

TEST_F(GlftQuotes, ALongPositionLowersBoth) {
  const Quotes flat = ask({});
  const Quotes long_three = ask({}, lots(48));
  EXPECT_LT(long_three.bids.all()[0].price, flat.bids.all()[0].price);
  EXPECT_LT(long_three.asks.all()[0].price, flat.asks.all()[0].price);
}

TEST_F(GlftQuotes, ASpreadTakesThePlaceOfTheModelsWidth) {
  const Quotes quotes = ask({{"spread", "10bps"}});
  EXPECT_EQ(quotes.bids.all()[0].price, units(599'700));
  EXPECT_EQ(quotes.asks.all()[0].price, units(600'300));
}

}  // namespace
}  // namespace mm
