#include "strategies/parameter.hpp"

#include <gtest/gtest.h>

namespace mm {
namespace {

constexpr std::string_view colours[] = {"red", "green"};
constexpr ParameterInfo width{.name = "width",
                              .unit = ParameterUnit::bps,
                              .default_value = 5,
                              .minimum = 1,
                              .maximum = 500,
                              .keyword = "auto",
                              .keyword_value = 0};
constexpr ParameterInfo count{
    .name = "count", .unit = ParameterUnit::count, .default_value = 1, .minimum = 1, .maximum = 8};
constexpr ParameterInfo colour{.name = "colour", .unit = ParameterUnit::choice, .choices = colours};

std::optional<double> parse(const ParameterInfo& info, std::string_view text) {
  std::string error;
  const std::optional<double> value = parse_parameter(info, text, error);
  EXPECT_EQ(value.has_value(), error.empty()) << text;
  return value;
}

TEST(Parameter, TextGoesBothWays) {
  EXPECT_EQ(parse(width, "8bps"), 8.0);
  EXPECT_EQ(parse(width, "8"), 8.0);
  EXPECT_EQ(parse(width, "auto"), 0.0);
  EXPECT_EQ(parse(count, "3"), 3.0);
  EXPECT_EQ(parse(colour, "green"), 1.0);
  EXPECT_EQ(format_parameter(width, 8), "8bps");
  EXPECT_EQ(format_parameter(width, 0), "auto");
  EXPECT_EQ(format_parameter(colour, 1), "green");
}

TEST(Parameter, WhatIsNotAllowedSaysWhatIs) {
  for (const char* bad : {"0.5bps", "501bps", "-1", "nan", "wide", ""})
    EXPECT_EQ(parse(width, bad), std::nullopt) << bad;
  EXPECT_EQ(parse(count, "2.5"), std::nullopt);
  EXPECT_EQ(parse(colour, "blue"), std::nullopt);
  std::string error;
  parse_parameter(width, "501bps", error);
  EXPECT_EQ(error, "parameter 'width' cannot be '501bps'; allowed: 1bps to 500bps or 'auto'");
  parse_parameter(colour, "blue", error);
  EXPECT_EQ(error, "parameter 'colour' cannot be 'blue'; allowed: red, green");
  EXPECT_EQ(allowed_values(count), "a whole number from 1 to 8");
}

}  // namespace
}  // namespace mm
