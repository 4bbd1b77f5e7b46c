// Numbers and times as text: exact, or refused.

#include <gtest/gtest.h>

#include "venues/decimal.hpp"
#include "venues/hyperliquid/recorder_csv.hpp"
#include "venues/time_text.hpp"

namespace mm::venues {
namespace {

using hyperliquid::without_exponent;

TEST(Decimal, TrailingZerosAndWholeNumbersAreExact) {
  EXPECT_EQ(parse_decimal("61800.20", 1).value, 618002);
  EXPECT_EQ(parse_decimal("61800", 1).value, 618000);
  EXPECT_EQ(parse_decimal("0.00000000", 5).value, 0);
  EXPECT_EQ(parse_decimal("-0.0000079506", 12).value, -7950600);
  EXPECT_EQ(parse_decimal("00012.5", 1).value, 125);
  EXPECT_EQ(parse_decimal("999999999999999999", 0).value, 999999999999999999);
}

TEST(Decimal, ADigitBeyondTheUnitIsRefusedNotRounded) {
  EXPECT_EQ(parse_decimal("61800.21", 1).error, DecimalError::too_fine);
  EXPECT_EQ(parse_decimal("1.0001", 3).error, DecimalError::too_fine);
  EXPECT_EQ(parse_decimal("1.5", 0).error, DecimalError::too_fine);
}

TEST(Decimal, WhatIsNoPlainDecimalIsMalformed) {
  for (const char* text : {"", "-", ".", ".5", "5.", "1e5", "1E5", "+1", " 1", "1 ", "1.2.3", "0x1",
                           "nan", "--1", "1,5", "1.2x"}) {
    EXPECT_EQ(parse_decimal(text, 8).error, DecimalError::malformed) << text;
  }
}

TEST(Decimal, WhatDoesNotFitIsTooLarge) {
  EXPECT_EQ(parse_decimal("9999999999999999999", 0).error, DecimalError::too_large);
  EXPECT_EQ(parse_decimal("99999999999", 8).error, DecimalError::too_large);
  EXPECT_EQ(parse_decimal("0.1234567890123456789", 19 - 1).error, DecimalError::too_fine);
  EXPECT_EQ(parse_decimal<Int128>("99999999999", 12).value, Int128{99999999999} * 1000000000000);
}

TEST(Decimal, RoundingIsHalfToEven) {
  const auto rounded = [](std::string_view text) {
    return parse_decimal(text, 1, Excess::round_half_even).value;
  };
  EXPECT_EQ(rounded("0.25"), 2);
  EXPECT_EQ(rounded("0.35"), 4);
  EXPECT_EQ(rounded("0.250001"), 3);
  EXPECT_EQ(rounded("0.249999"), 2);
  EXPECT_EQ(rounded("-0.35"), -4);
  EXPECT_EQ(parse_decimal("965843.7286000003", 8, Excess::round_half_even).value, 96584372860000);
  EXPECT_EQ(parse_decimal("0.2x", 0, Excess::round_half_even).error, DecimalError::malformed);
}

TEST(Decimal, EveryValueSurvivesPrintingAndParsing) {
  std::uint64_t state = 7;
  for (int round = 0; round < 20000; ++round) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto value = static_cast<std::int64_t>(state >> 14);
    const int decimals = static_cast<int>(state % 10);
    std::string text = std::to_string(value);
    if (decimals > 0) {
      if (text.size() <= static_cast<std::size_t>(decimals)) {
        text.insert(0, static_cast<std::size_t>(decimals) + 1 - text.size(), '0');
      }
      text.insert(text.size() - static_cast<std::size_t>(decimals), ".");
    }
    ASSERT_EQ(parse_decimal(text, decimals).value, value) << text;
  }
}

TEST(Integer, OnlyDigits) {
  EXPECT_EQ(parse_integer("5123107837557"), 5123107837557);
  for (const char* text : {"", "-1", "1.0", "12345678901234567890", "null"}) {
    EXPECT_EQ(parse_integer(text), -1) << text;
  }
}

TEST(TimeText, UnitsAreToldByTheNumberOfDigits) {
  EXPECT_EQ(to_ns(*parse_epoch("1723161256299")), 1723161256299000000);
  EXPECT_EQ(to_ns(*parse_epoch("1723161256299123")), 1723161256299123000);
  EXPECT_EQ(to_ns(*parse_epoch("1723161256299123456")), 1723161256299123456);
  for (const char* text : {"", "0", "172316125629", "17231612562991234567", "17231612562x9",
                           "9999999999999999999", "9999999999999", "9999999999999999"}) {
    EXPECT_FALSE(parse_epoch(text)) << text;
  }
}

TEST(TimeText, UtcWithoutAZone) {
  EXPECT_EQ(to_ns(*parse_utc("2024-01-01T12:00:01.138942031")), 1704110401138942031);
  EXPECT_EQ(to_ns(*parse_utc("2024-01-01T12:00:01.1Z")), 1704110401100000000);
  EXPECT_EQ(to_ns(*parse_utc("2024-02-29T00:00:00")), 1709164800000000000);
  for (const char* text :
       {"", "2024-01-01", "2023-02-29T00:00:00", "2024-01-01T24:00:00", "2024-01-01T12:00:01.",
        "2024-01-01T12:00:01.1234567890", "2024-01-01 12:00:01", "2024-01-01T12:00:01+02:00",
        "2024-13-01T12:00:01"}) {
    EXPECT_FALSE(parse_utc(text)) << text;
  }
}

TEST(TimeText, FloatSeconds) {
  EXPECT_EQ(to_ns(*parse_seconds("1765401035.3043046")), 1765401035304304600);
  EXPECT_EQ(to_ns(*parse_seconds("1765401035")), 1765401035000000000);
  EXPECT_FALSE(parse_seconds("-1"));
  EXPECT_FALSE(parse_seconds("1e9"));
}

TEST(RecorderCsv, ExponentsAreWrittenOut) {
  EXPECT_EQ(without_exponent("1e-05"), "0.00001");
  EXPECT_EQ(without_exponent("1.25e-3"), "0.00125");
  EXPECT_EQ(without_exponent("12.5e-1"), "1.25");
  EXPECT_EQ(without_exponent("1.5e3"), "1500");
  EXPECT_EQ(without_exponent("1.2345e2"), "123.45");
  EXPECT_EQ(without_exponent("3330.8"), "3330.8");
  EXPECT_EQ(without_exponent("sell"), "sell");
  EXPECT_EQ(without_exponent("1e"), "1e");
}

TEST(RecorderCsv, RowsOfOneTimestampAreOneFrame) {
  hyperliquid::RecorderCsv csv("timestamp,price,size,side,trade_id,exchange_timestamp", "BTC");
  hyperliquid::RecorderCsv::Frame frame;
  EXPECT_FALSE(*csv.add("10.5,100,1e-05,buy,7,1765401030149", frame));
  EXPECT_FALSE(*csv.add("10.5,101,2,sell,8,1765401030149", frame));
  ASSERT_TRUE(*csv.add("11.5,102,3,sell,9,1765401030150", frame));
  EXPECT_EQ(to_ns(frame.recv), 10500000000);
  EXPECT_EQ(frame.json,
            R"({"channel":"trades","data":[{"coin":"BTC","side":"B","px":"100","sz":"0.00001",)"
            R"("time":1765401030149,"tid":7},{"coin":"BTC","side":"A","px":"101","sz":"2",)"
            R"("time":1765401030149,"tid":8}]})");
  EXPECT_TRUE(csv.finish(frame));
  EXPECT_FALSE(csv.finish(frame));
}

TEST(RecorderCsv, BadRowsAreErrors) {
  hyperliquid::RecorderCsv csv("timestamp,price,size,side,exchange_timestamp", "BTC");
  hyperliquid::RecorderCsv::Frame frame;
  EXPECT_TRUE(csv.add("10.5,100", frame).has_error());
  EXPECT_TRUE(csv.add("x,100,1,bid,1765401030149", frame).has_error());
  EXPECT_TRUE(csv.add("10.5,100,1,middle,1765401030149", frame).has_error());
}

}  // namespace
}  // namespace mm::venues
