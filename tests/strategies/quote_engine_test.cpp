#include "strategies/quote_engine.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/numeric.hpp"
#include "engine/random.hpp"

namespace mm {
namespace {

const QuoteSettings settings;

QuoteInputs calm() {
  return {.microprice = 100'000,
          .belief = {1, 0, 0, 0},
          .kappa = 2000,
          .intensity = 0.5,
          .sigma = 1e-4,
          .n_max = 10};
}

Belief certain(Regime regime) {
  Belief belief{};
  belief[static_cast<std::size_t>(regime)] = 1;
  return belief;
}

// Before the floor, danger is wider: the reason why 1/multiplier is what is blended.
TEST(QuoteWidths, WidenFromQuietToCascade) {
  double last = 0;
  for (const Regime regime :
       {Regime::quiet, Regime::trending, Regime::volatile_, Regime::cascade}) {
    QuoteInputs inputs = calm();
    inputs.belief = certain(regime);
    const QuoteWidths widths = quote_widths(settings, inputs);
    const double before_floor = widths.c1 + widths.skew_per_clip / 2;
    EXPECT_GT(before_floor, last);
    EXPECT_GE(widths.half, settings.half_spread_floor_bps[static_cast<std::size_t>(regime)] * 1e-4);
    last = before_floor;
  }
}

TEST(IntensityAtZero, UndoesTheDecayToTheTouch) {
  EXPECT_NEAR(intensity_at_zero(0.4, 0.6, 2000, 5e-4), 0.5 * std::exp(1), 1e-12);
  EXPECT_EQ(intensity_at_zero(1e-9, 1e-9, 2000, 0), 0.01);
  EXPECT_EQ(intensity_at_zero(1, 1, 20000, 1), 100);
}

TEST(QuoteWidths, LeanAgainstTheInventory) {
  QuoteInputs inputs = calm();
  for (const double n : {-30.0, -3.0, -0.5, 0.0, 0.5, 3.0, 30.0}) {
    inputs.inventory_clips = n;
    const QuoteWidths widths = quote_widths(settings, inputs);
    EXPECT_EQ(widths.skew > 0, n > 0);
    EXPECT_EQ(widths.skew < 0, n < 0);
    EXPECT_EQ(widths.bid.depth > widths.ask.depth, n > 0);
    EXPECT_LE(std::fabs(widths.skew), widths.half);
    EXPECT_EQ(widths.bid.size<1, n> 0);
    EXPECT_EQ(widths.ask.size < 1, n < 0);
  }
  EXPECT_EQ(quote_widths(settings, inputs).bid.size, 0);  // 30 clips are beyond the limit
}

TEST(QuoteWidths, InACascadeOnlyReduceAndFromAfar) {
  QuoteInputs inputs = calm();
  inputs.cascade = true;
  EXPECT_EQ(quote_widths(settings, inputs).bid.size, 0);
  EXPECT_EQ(quote_widths(settings, inputs).ask.size, 0);
  inputs.inventory_clips = 2;
  const QuoteWidths longs = quote_widths(settings, inputs);
  EXPECT_TRUE(longs.defensive);
  EXPECT_EQ(longs.bid.size, 0);
  EXPECT_EQ(longs.ask.size, 0.1);
  EXPECT_GE(longs.half, 50e-4);
  inputs.cascade = false;
  inputs.belief = {0.05, 0.05, 0.05, 0.85};
  inputs.inventory_clips = -2;
  EXPECT_EQ(quote_widths(settings, inputs).bid.size, 0.1);
  EXPECT_EQ(quote_widths(settings, inputs).ask.size, 0);
}

TEST(QuoteWidths, DoNotMoveForALeaderThatDidNot) {
  QuoteSettings directional = settings;
  directional.directional_weight = 1;
  QuoteInputs inputs = calm();
  inputs.leader_r_squared = 0.5;
  EXPECT_EQ(quote_widths(directional, inputs).bid.depth,
            quote_widths(directional, inputs).ask.depth);
  inputs.leader_move = 1e-5;
  EXPECT_LT(quote_widths(directional, inputs).bid.depth,
            quote_widths(directional, inputs).ask.depth);
  EXPECT_EQ(quote_widths(settings, inputs).bid.depth, quote_widths(settings, inputs).ask.depth);
}

TEST(QuoteWidths, UseThePremiumOrTheDiscountNotBoth) {
  QuoteInputs inputs = calm();
  inputs.premium_bps = 10;
  inputs.kappa_adjustment = 0.5;
  const QuoteWidths premium = quote_widths(settings, inputs);
  EXPECT_EQ(premium.kappa, 2000);
  QuoteSettings discount = settings;
  discount.use_kappa_adjustment = true;
  const QuoteWidths discounted = quote_widths(discount, inputs);
  EXPECT_EQ(discounted.kappa, 1000);
  EXPECT_LT(discounted.half, premium.half);
}

TEST(QuoteWidths, TakeAGivenHalfSpreadForTheirOwn) {
  QuoteInputs inputs = calm();
  inputs.half_spread = 2e-4;
  EXPECT_EQ(quote_widths(settings, inputs).half, 2e-4);
}

// Over random models: no quote crosses the others' book or the other quote, depths keep their
// least, sizes lie in [0, 1], nothing is NaN.
TEST(QuotePrices, NeverCross) {
  SplitMix64 random{1};
  for (int i = 0; i < 20'000; ++i) {
    Belief belief{};
    double sum = 0;
    for (double& p : belief) sum += p = -std::log(random.uniform());
    for (double& p : belief) p /= sum;
    const Instrument instrument{
        .tick = Price::from_units(static_cast<std::int64_t>(1 + random.below(20))),
        .qty_step = Qty::from_lots(1)};
    const Price bid = floor_to_tick(
        instrument, Price::from_units(static_cast<std::int64_t>(10'000 + random.below(90'000))));
    const Price ask = Price::from_units(
        bid.units() + instrument.tick.units() * static_cast<std::int64_t>(1 + random.below(4)));
    const double mid = static_cast<double>(bid.units() + ask.units()) / 2;
    QuoteSettings any = settings;
    any.directional_weight = random.below(2) == 0 ? 0 : 20;
    const QuoteInputs inputs{.microprice = mid * (1 + 1e-3 * random.normal()),
                             .belief = belief,
                             .kappa = 50 + 30'000 * random.uniform(),
                             .kappa_cv = 5 * random.uniform(),
                             .intensity = 0.01 + 100 * random.uniform(),
                             .sigma = 1e-3 * random.uniform(),
                             .inventory_clips = 20 * random.normal(),
                             .fee = 1e-4 * random.normal(),
                             .premium_bps = 5 * random.uniform(),
                             .predicted_move = 1e-3 * random.normal(),
                             .leader_move = random.normal(),
                             .leader_r_squared = random.uniform(),
                             .cascade = random.below(10) == 0,
                             .n_max = 1 + 20 * random.uniform()};
    const QuoteWidths widths = quote_widths(any, inputs);
    const QuotePrices prices = quote_prices(instrument, widths, bid, ask);
    EXPECT_LT(prices.bid, ask);
    EXPECT_GT(prices.ask, bid);
    EXPECT_LT(prices.bid, prices.ask);
    EXPECT_EQ(prices.bid.units() % instrument.tick.units(), 0);
    EXPECT_EQ(prices.ask.units() % instrument.tick.units(), 0);
    for (const QuoteSide& side : {widths.bid, widths.ask}) {
      EXPECT_GE(side.depth, 0.5e-4);
      EXPECT_TRUE(side.size >= 0 && side.size <= 1);
    }
    EXPECT_TRUE(widths.uncertainty >= 1 && widths.uncertainty <= 2.5);
  }
}

}  // namespace
}  // namespace mm
