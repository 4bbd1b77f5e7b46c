#include "engine/settings.hpp"

#include <gtest/gtest.h>

namespace mm {
namespace {

using namespace std::chrono_literals;

TEST(Settings, LinesAreSortedAndReadBack) {
  const std::string text = format_settings({{"b", "2"}, {"a", "x=y"}});
  EXPECT_EQ(text, "a=x=y\nb=2\n");
  EXPECT_EQ(parse_settings(text), (std::vector<Setting>{{"a", "x=y"}, {"b", "2"}}));
  EXPECT_EQ(parse_settings(""), std::vector<Setting>{});
  EXPECT_EQ(parse_settings("a=\n\nb=1"), (std::vector<Setting>{{"a", ""}, {"b", "1"}}));
  for (const char* bad : {"novalue", "=1", "a=1\na=2"})
    EXPECT_EQ(parse_settings(bad), std::nullopt) << bad;
}

TEST(Settings, FindsWholeNamesOnly) {
  const std::string text = "spread=1\nspread_max=2\n";
  EXPECT_EQ(find_setting(text, "spread"), "1");
  EXPECT_EQ(find_setting(text, "spread_max"), "2");
  EXPECT_EQ(find_setting(text, "max"), std::nullopt);
}

TEST(Settings, Durations) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("0.25us"), 250ns);
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* bad : {"", "5", "ms", "-1s", "1.5ns", "5 s", "5x", "1e3s", "99999999999d"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(2h), "2h");
  EXPECT_EQ(format_duration(0s), "0s");
}

TEST(Settings, WidthsNumbersAndFlags) {
  EXPECT_EQ(parse_bps("8bps"), 8.0);
  EXPECT_EQ(parse_bps("0.5"), 0.5);
  EXPECT_EQ(format_bps(2.5), "2.5bps");
  EXPECT_EQ(parse_number("1e-4"), 1e-4);
  EXPECT_EQ(parse_integer("-7"), -7);
  EXPECT_EQ(parse_flag("on"), true);
  EXPECT_EQ(parse_flag("off"), false);
  for (const char* bad : {"", "bps", "8 bps", "nan", "inf", "1x", "1e999"}) {
    EXPECT_EQ(parse_bps(bad), std::nullopt) << bad;
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
    EXPECT_EQ(parse_flag(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace mm
