#include "engine/numeric.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/random.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

Money money(std::string_view text) {
  return *parse_money(text);
}

TEST(DivideHalfEven, RoundsToNearestAndTiesToEven) {
  EXPECT_EQ(divide_half_even(7, 2), 4);
  EXPECT_EQ(divide_half_even(5, 2), 2);
  EXPECT_EQ(divide_half_even(-5, 2), -2);
  EXPECT_EQ(divide_half_even(-7, 2), -4);
  EXPECT_EQ(divide_half_even(8, 3), 3);
  EXPECT_EQ(divide_half_even(-8, 3), -3);
  EXPECT_EQ(divide_half_even(0, 3), 0);
}

// Hyperliquid: five significant figures, at most one decimal for BTC, whole numbers always.
TEST(Grid, FiveSignificantFigures) {
  const Instrument btc = hyperliquid_btc();
  EXPECT_EQ(tick_at(btc, units(99'999)), units(1));      // 9,999.9
  EXPECT_EQ(tick_at(btc, units(100'000)), units(10));    // 10,000
  EXPECT_EQ(tick_at(btc, units(1'234'567)), units(10));  // 123,456.7: whole numbers are allowed
  Instrument sol = btc;
  sol.price_decimals = 4;
  EXPECT_EQ(tick_at(sol, units(1'234'567)), units(100));    // 123.45
  EXPECT_EQ(tick_at(sol, units(12'345'678)), units(1000));  // 1,234.5
  EXPECT_EQ(tick_at(sol, units(1'234'567'890)), units(10'000));
  EXPECT_EQ(floor_to_tick(btc, 421'237.9), units(421'230));
  EXPECT_EQ(ceil_to_tick(btc, 421'230.1), units(421'240));
  EXPECT_EQ(ceil_to_tick(btc, 99'999.5), units(100'000));
  EXPECT_EQ(next_below(btc, units(100'000)), units(99'999));
  EXPECT_EQ(next_above(btc, units(100'000)), units(100'010));
}

TEST(Grid, ForgivesATinyPartOfAStep) {
  const Instrument btc = btc_usdt();
  EXPECT_EQ(floor_to_tick(btc, 99.9999999999), units(100));
  EXPECT_EQ(floor_to_tick(btc, 99.99999999), units(99));
  EXPECT_EQ(ceil_to_tick(btc, 100.0000000001), units(100));
  EXPECT_EQ(ceil_to_tick(btc, 100.00000001), units(101));
}

TEST(Grid, WhatIsNoPriceBecomesZero) {
  const Instrument btc = btc_usdt();
  for (const double bad : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                           -std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(floor_to_tick(btc, bad), Price{});
    EXPECT_EQ(ceil_to_tick(btc, bad), Price{});
  }
  EXPECT_EQ(floor_to_tick(btc, std::numeric_limits<double>::infinity()), units(max_price_units));
  EXPECT_EQ(floor_to_tick(btc, units(-5)), Price{});
}

TEST(Quantity, OfAValueIsRoundedDownToLotsButTheVenuesMinimum) {
  const Instrument btc = btc_usdt();
  EXPECT_EQ(qty_for_value(btc, 1000, units(600'000)), lots(16));  // 0.016 BTC = 960 USDT
  EXPECT_EQ(qty_for_value(btc, 1, units(600'000)), lots(2));      // 100 USDT at least
  EXPECT_EQ(min_order_qty(btc, units(600'000)), lots(2));
  EXPECT_EQ(min_order_qty(btc, units(1'000'000)), lots(1));
  EXPECT_EQ(qty_for_value(btc_usd_inverse(), 1000, units(600'000)), lots(10));
  EXPECT_EQ(qty_for_value(btc_usd_inverse(), 1, units(600'000)), lots(1));
  EXPECT_EQ(qty_for_value(btc, 1000, Price{}), Qty{});
  Instrument coarse = btc;
  coarse.qty_step = lots(10);
  EXPECT_EQ(qty_for_value(coarse, 1000, units(600'000)), lots(10));
  EXPECT_EQ(floor_to_step(coarse, lots(29)), lots(20));
}

// Whichever way it is computed: values of a lot that are exact, that round (more than twelve
// decimals in all), and that do not fit 64 bits.
TEST(Quantity, TheSmallestOrderIsTheSmallestThatReachesTheValue) {
  SplitMix64 random{5};
  std::size_t bound_by_value = 0;
  for (int i = 0; i < 6000; ++i) {
    Instrument of = random.below(4) == 0 ? btc_usd_inverse() : btc_usdt();
    of.price_decimals = static_cast<std::int64_t>(random.below(10));
    of.lot_decimals = static_cast<std::int64_t>(random.below(10));
    of.contract_size = static_cast<std::int64_t>(1 + random.below(1000));
    of.min_qty = lots(static_cast<std::int64_t>(random.below(5)));
    of.qty_step = lots(1);
    const std::int64_t digits = 1 + static_cast<std::int64_t>(random.below(12));
    const Price price = units(1 + static_cast<std::int64_t>(random.below(
                                      static_cast<std::uint64_t>(power_of_ten(digits)))));
    const auto needed = static_cast<std::int64_t>(1 + random.below(1'000'000));
    of.min_notional = Money::from_units(
        Int128{needed} *
        power_of_ten(static_cast<std::int64_t>(random.below(of.lot_decimals > 6 ? 12 : 16))));
    const Qty least = min_order_qty(of, price);
    ASSERT_GE(least, std::max(of.min_qty, lots(1)));
    const auto reaches = [&](Qty qty) { return quote_value(of, price, qty) >= of.min_notional; };
    ASSERT_TRUE(least == lots(max_lots) || reaches(least)) << i;
    if (least > std::max(of.min_qty, lots(1))) {
      ASSERT_FALSE(reaches(least - lots(1))) << i;
      ++bound_by_value;
    }
    of.qty_step = lots(7);
    const std::int64_t up = (least.lots() + 6) / 7 * 7;
    ASSERT_EQ(min_order_qty(of, price), lots(std::min(up, max_lots))) << i;
  }
  EXPECT_GT(bound_by_value, 1000u);
}

TEST(Value, LinearIsExact) {
  EXPECT_EQ(quote_value(btc_usdt(), units(600'001), lots(3)), money("180.0003"));
  EXPECT_EQ(position_value(btc_usdt(), units(600'001), lots(-3)), money("-180.0003"));
  EXPECT_EQ(mid_value_of_one_lot(btc_usdt(), units(600'000), units(600'001)), money("60.00005"));
}

TEST(Value, InverseIsRoundedOnceToTheEvenTwelfthDecimal) {
  const Instrument btc = btc_usd_inverse();
  EXPECT_EQ(quote_value(btc, units(600'000), lots(7)), money("700"));
  // 7 * 100 / 60,001.3 = 0.011666413894365...
  EXPECT_EQ(position_value(btc, units(600'013), lots(7)), money("-0.011666413894"));
  EXPECT_EQ(position_value(btc, units(600'013), lots(-7)), money("0.011666413894"));
  EXPECT_EQ(mid_value_of_one_lot(btc, units(500'000), units(500'000)), money("-0.002"));
  EXPECT_EQ(position_value(btc, Price{}, lots(7)), Money{});
}

TEST(Value, FeesArePartsOfTheValue) {
  EXPECT_EQ(fee_of(btc_usdt(), units(600'000), lots(1000), true), money("12"));
  EXPECT_EQ(fee_of(btc_usdt(), units(600'000), lots(1000), false), money("30"));
  EXPECT_EQ(fee_of(btc_usd_inverse(), units(500'000), lots(100), true), money("0.00004"));
}

TEST(Value, SaturatesBeyondAnyAccount) {
  Instrument coarse = btc_usdt();
  coarse.price_decimals = 0;
  coarse.lot_decimals = 0;
  const Money most = Money::from_units(Int128{1} << 100);
  EXPECT_EQ(quote_value(coarse, units(INT64_MAX), lots(INT64_MAX)), most);
  EXPECT_EQ(quote_value(coarse, units(INT64_MAX), lots(INT64_MIN)), -most);
}

TEST(Text, DecimalsGoBothWays) {
  EXPECT_EQ(parse_decimal("12.5", 3), 12'500);
  EXPECT_EQ(parse_decimal("-0.001", 3), -1);
  EXPECT_EQ(parse_decimal("1.2300", 2), 123);
  EXPECT_EQ(parse_decimal(".5", 1), 5);
  EXPECT_EQ(parse_decimal("7.", 0), 7);
  EXPECT_EQ(parse_decimal("9223372036854775807", 0), INT64_MAX);
  for (const char* bad : {"", "-", ".", "1.234", "1e5", "+1", " 1", "1 ", "1.2.3", "0x10", "nan",
                          "9223372036854775808"})
    EXPECT_EQ(parse_decimal(bad, 2), std::nullopt) << bad;

  EXPECT_EQ(format_decimal(12'500, 3), "12.5");
  EXPECT_EQ(format_decimal(-1, 3), "-0.001");
  EXPECT_EQ(format_decimal(0, 5), "0");
  EXPECT_EQ(format_decimal(1000, 3), "1");
  EXPECT_EQ(format_decimal(70, 0), "70");
  EXPECT_EQ(format_decimal(INT64_MIN, 0), "-9223372036854775808");
  EXPECT_EQ(format_money(money("-3.140")), "-3.14");
  EXPECT_EQ(format_price(btc_usdt(), units(600'010)), "60001");
  EXPECT_EQ(format_qty(btc_usdt(), lots(5)), "0.005");

  SplitMix64 random{9};
  for (int i = 0; i < 5000; ++i) {
    const auto value = static_cast<std::int64_t>(random.next()) >> random.below(64);
    const auto decimals = static_cast<std::int64_t>(random.below(10));
    const std::string text = format_decimal(value, decimals);
    const std::string money_text = format_money(Money::from_units(value));
    ASSERT_EQ(parse_decimal(text, decimals), value) << text;
    ASSERT_EQ(parse_money(money_text), Money::from_units(value)) << money_text;
  }
}

TEST(Text, DoublesReadBackAlike) {
  EXPECT_EQ(format_double(1000), "1000");
  EXPECT_EQ(format_double(0.5), "0.5");
  EXPECT_EQ(format_double(1e-7), "1e-07");
  EXPECT_EQ(format_double(-0.0), "0");
}

}  // namespace
}  // namespace mm
