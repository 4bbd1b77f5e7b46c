#include "strategies/fixed_spread.hpp"

#include <gtest/gtest.h>

#include "engine/random.hpp"
#include "tests/strategies/scene.hpp"

namespace mm {
namespace {

using namespace testing_samples;
using Settings = std::vector<Setting>;

// Mid 60,000.0 in tenths.
Scene at_60000(const Instrument& instrument = btc_usdt()) {
  return {instrument, level(599'995, 30), level(600'005, 10)};
}

TEST(FixedSpread, StandsHalfTheWidthOnBothSidesOfMid) {
  const Quotes quotes = at_60000().ask<FixedSpread>({{"spread", "10bps"}});
  ASSERT_EQ(quotes.bids.size(), 1u);
  EXPECT_EQ(quotes.bids.all()[0], (Quote{units(599'700), lots(16)}));
  EXPECT_EQ(quotes.asks.all()[0], (Quote{units(600'300), lots(16)}));
}

TEST(FixedSpread, MicropriceLeansTowardsTheThinnerSide) {
  const Quotes quotes =
      at_60000().ask<FixedSpread>({{"spread", "10bps"}, {"reference", "microprice"}});
  // (599,995 * 10 + 600,005 * 30) / 40 = 600,002.5
  EXPECT_EQ(quotes.bids.all()[0].price, units(599'702));
  EXPECT_EQ(quotes.asks.all()[0].price, units(600'303));
}

TEST(FixedSpread, LevelsStepOutwards) {
  const Quotes quotes =
      at_60000().ask<FixedSpread>({{"spread", "10bps"}, {"levels", "3"}, {"level_step", "1bps"}});
  ASSERT_EQ(quotes.bids.size(), 3u);
  EXPECT_EQ(quotes.bids.all()[2].price, units(599'580));
  EXPECT_EQ(quotes.asks.all()[2].price, units(600'420));
}

TEST(FixedSpread, ALongPositionLowersBothQuotes) {
  const Settings settings = {{"spread", "10bps"}, {"skew", "4bps"}, {"max_position", "6000"}};
  const Quotes flat = at_60000().ask<FixedSpread>(settings);
  const Quotes full = at_60000().ask<FixedSpread>(settings, lots(100));
  const Quotes half_short = at_60000().ask<FixedSpread>(settings, lots(-50));
  EXPECT_EQ(flat.bids.all()[0].price, units(599'700));
  EXPECT_EQ(full.bids.all()[0].price, units(599'460));
  EXPECT_EQ(full.asks.all()[0].price, units(600'060));
  EXPECT_EQ(half_short.bids.all()[0].price, units(599'820));
  EXPECT_EQ(full.max_position, lots(100));
}

TEST(FixedSpread, SizesAreValuesAndContractsWhereTheVenueTradesThose) {
  EXPECT_EQ(at_60000().ask<FixedSpread>({{"size", "5"}}).bids.all()[0].qty, lots(2));
  EXPECT_EQ(at_60000(btc_usd_inverse()).ask<FixedSpread>({}).bids.all()[0].qty, lots(10));
}

// Whatever the parameters, the position and the touch: off the other side and on the grid.
TEST(FixedSpread, NeverQuotesThroughTheTouch) {
  SplitMix64 random{12};
  const auto draw = [&](std::uint64_t below) {
    return static_cast<std::int64_t>(random.below(below));
  };
  for (int i = 0; i < 3000; ++i) {
    const Instrument instrument = i % 2 == 0 ? btc_usdt() : hyperliquid_btc();
    const std::int64_t mid = 10'000 + draw(3'000'000);
    const Price bid = floor_to_tick(instrument, units(mid));
    const Price ask = next_above(instrument, units(mid + draw(50)));
    const Scene scene{instrument, {bid, lots(1 + draw(9))}, {ask, lots(1 + draw(9))}};
    const Quotes quotes = scene.ask<FixedSpread>({{"spread", "0.1bps"},
                                                  {"skew", "50bps"},
                                                  {"levels", "4"},
                                                  {"level_step", "3bps"},
                                                  {"max_position", "5000"},
                                                  {"reference", i % 3 == 0 ? "mid" : "microprice"}},
                                                 lots(draw(400) - 200));
    for (const Quote& quote : quotes.bids.all()) {
      ASSERT_LT(quote.price, ask);
      ASSERT_EQ(floor_to_tick(instrument, quote.price), quote.price);
    }
    for (const Quote& quote : quotes.asks.all()) {
      ASSERT_GT(quote.price, bid);
      ASSERT_EQ(ceil_to_tick(instrument, quote.price), quote.price);
    }
  }
}

}  // namespace
}  // namespace mm
