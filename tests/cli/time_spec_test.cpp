#include "cli/time_spec.hpp"

#include <gtest/gtest.h>

#include "engine/result.hpp"

namespace mm::cli {
namespace {

using namespace std::chrono_literals;

constexpr Time noon_of(int day) {
  return Time{std::chrono::sys_days{std::chrono::year{2024} / 8 / day}} + 12h;
}

// 2024-08-08T12:00 to 2024-08-09T12:00.
const SessionSpan day_and_night{noon_of(8), noon_of(9)};

TEST(TimeSpec, ReadsRfc3339InUtcAndWithZones) {
  const Time expected = noon_of(8) + 5s + 127ms;
  EXPECT_EQ(parse_time("--from", "2024-08-08T12:00:05.127Z", day_and_night), expected);
  EXPECT_EQ(parse_time("--from", "2024-08-08T12:00:05.127", day_and_night), expected);
  EXPECT_EQ(parse_time("--from", "2024-08-08 14:00:05.127+02:00", day_and_night), expected);
  EXPECT_EQ(parse_time("--from", "2024-08-08T06:30:05.127-05:30", day_and_night), expected);
  EXPECT_EQ(format_time(expected), "2024-08-08T12:00:05.127000000Z");
}

TEST(TimeSpec, FindsATimeOfDayOnTheOnlyDayThatHasIt) {
  EXPECT_EQ(parse_time("--from", "23:00", day_and_night), noon_of(8) + 11h);
  EXPECT_EQ(parse_time("--from", "01:00:00.5", day_and_night), noon_of(8) + 13h + 500ms);
}

TEST(TimeSpec, RefusesATimeOfDayThatOccursTwiceAndListsTheDates) {
  try {
    parse_time("--from", "12:00", day_and_night);
    FAIL() << "12:00 is on both days";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(error.message().find("2024-08-08, 2024-08-09"), std::string::npos);
  }
}

TEST(TimeSpec, CountsBackFromTheEndWhichIsBehindTheLastEvent) {
  EXPECT_EQ(parse_time("--to", "end", day_and_night), noon_of(9) + 1ns);
  EXPECT_EQ(parse_time("--from", "-5m", day_and_night), noon_of(9) + 1ns - 5min);
  EXPECT_EQ(parse_time("--from", "start", day_and_night), noon_of(8));
}

TEST(TimeSpec, RefusesWhatIsNoTimeNamingTheFlag) {
  for (const char* text : {"", "yesterday", "25:00", "12:60", "2024-13-01T00:00:00Z", "2024-02-30",
                           "-5", "2024-08-08T12:00:00+2", "12:00:00.1234567890"}) {
    try {
      parse_time("--from", text, day_and_night);
      ADD_FAILURE() << text << " was taken for a time";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage) << text;
      EXPECT_EQ(error.message().substr(0, 6), "--from") << text;
    }
  }
}

TEST(TimeSpec, AWindowMustMeetTheSession) {
  const auto refused = [](const char* from, const char* to) {
    try {
      parse_window(from, to, day_and_night);
      return false;
    } catch (const Error& error) {
      return error.kind() == ErrorKind::usage;
    }
  };
  EXPECT_TRUE(refused("2024-08-09T00:00:00Z", "2024-08-08T23:00:00Z"));
  EXPECT_TRUE(refused("2024-08-10T00:00:00Z", "2024-08-11T00:00:00Z"));
  EXPECT_TRUE(refused("2024-08-01T00:00:00Z", "2024-08-02T00:00:00Z"));
  const Window window = parse_window(std::nullopt, std::nullopt, day_and_night);
  EXPECT_EQ(window.from, day_and_night.first);
  EXPECT_EQ(window.to, day_and_night.last + 1ns);
  const Window empty = parse_window("23:00", "23:00", day_and_night);
  EXPECT_EQ(empty.from, empty.to);
}

TEST(TimeSpec, ReadsDurationsAndPaces) {
  EXPECT_EQ(parse_duration("--for", "250ms"), 250ms);
  EXPECT_EQ(parse_duration("--for", "2h"), 2h);
  EXPECT_THROW(parse_duration("--for", "0s"), Error);
  EXPECT_THROW(parse_duration("--for", "10"), Error);
  EXPECT_EQ(parse_speed("--speed", std::nullopt), std::nullopt);
  EXPECT_EQ(parse_speed("--speed", "0.5x"), 0.5);
  EXPECT_THROW(parse_speed("--speed", "0x"), Error);
  EXPECT_THROW(parse_speed("--speed", "fast"), Error);
}

}  // namespace
}  // namespace mm::cli
