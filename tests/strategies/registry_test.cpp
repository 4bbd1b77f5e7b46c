#include "strategies/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/settings.hpp"
#include "tests/strategies/scene.hpp"

namespace mm {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view name, std::string_view lines) {
  const Result<std::unique_ptr<Strategy>> made = make_strategy(name, lines);
  EXPECT_TRUE(made.has_error());
  if (!made.has_error()) return {};
  EXPECT_EQ(made.error().kind(), ErrorKind::usage);
  return made.error().message();
}

std::unique_ptr<Strategy> made(std::string_view name, std::string_view lines) {
  return make_strategy(name, lines).value();
}

TEST(Registry, EveryStrategyHasSortedParametersWithAllowedDefaults) {
  EXPECT_EQ(strategy_infos().size(), 5u);
  for (const StrategyInfo& info : strategy_infos()) {
    SCOPED_TRACE(info.name);
    EXPECT_FALSE(info.doc.empty());
    EXPECT_TRUE(std::ranges::is_sorted(info.parameters, {}, &ParameterInfo::name));
    for (const ParameterInfo& parameter : info.parameters) {
      EXPECT_TRUE(is_allowed(parameter, parameter.default_value)) << parameter.name;
      EXPECT_FALSE(parameter.doc.empty()) << parameter.name;
    }
    const std::unique_ptr<Strategy> strategy = made(info.name, "");
    EXPECT_EQ(strategy->name(), info.name);
    // What it prints builds it again.
    const std::string lines = strategy->parameters();
    EXPECT_EQ(parse_settings(lines)->size(), info.parameters.size());
    EXPECT_EQ(made(info.name, lines)->parameters(), lines);
  }
}

TEST(Registry, EveryQuotingStrategyTakesASpread) {
  for (const StrategyInfo& info : strategy_infos()) {
    if (info.name == "none") continue;
    EXPECT_TRUE(make_strategy(info.name, "spread=8bps").has_value()) << info.name;
  }
}

TEST(Registry, ErrorsNameWhatIsAllowed) {
  EXPECT_THAT(error_of("fixed", ""), HasSubstr("enhanced, fixed_spread, glft, none, wall_aware"));
  EXPECT_THAT(error_of("fixed_spread", "sprad=8bps"), HasSubstr("requote_threshold, size, skew"));
  EXPECT_THAT(error_of("fixed_spread", "spread=0bps"), HasSubstr("0.01bps to 2000bps"));
  EXPECT_THAT(error_of("fixed_spread", "reference=last"), HasSubstr("mid, microprice"));
  EXPECT_THAT(error_of("glft", "kappa=5"), HasSubstr("100 to 20000"));
  EXPECT_THAT(error_of("none", "spread=8bps"), HasSubstr("it has: none"));
  EXPECT_THAT(error_of("glft", "spread"), HasSubstr("name=value"));
}

TEST(Registry, StateSurvivesSavingAndCloning) {
  for (const StrategyInfo& info : strategy_infos()) {
    SCOPED_TRACE(info.name);
    const std::string_view lines = info.name == "none" ? "" : "spread=7bps\nlevels=3";
    const std::unique_ptr<Strategy> strategy = made(info.name, lines);
    ByteWriter out;
    strategy->save(out);
    const std::unique_ptr<Strategy> other = made(info.name, "");
    ByteReader in{out.bytes()};
    ASSERT_TRUE(other->restore(in));
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(other->parameters(), strategy->parameters());
    EXPECT_EQ(strategy->clone()->parameters(), strategy->parameters());
  }
}

TEST(Registry, RefusesSavedParametersOutOfRange) {
  ByteWriter out;
  for (int i = 0; i < 8; ++i) out.put_double(-1);
  const std::unique_ptr<Strategy> strategy = made("fixed_spread", "");
  ByteReader in{out.bytes()};
  EXPECT_FALSE(strategy->restore(in));
}

TEST(Registry, NoneIsNeverAsked) {
  const std::unique_ptr<Strategy> strategy = made("none", "");
  EXPECT_FALSE(strategy->wants_to_be_asked());
  const testing_samples::Scene scene{testing_samples::btc_usdt(), testing_samples::level(10, 1),
                                     testing_samples::level(12, 1)};
  EXPECT_EQ(strategy->quotes(scene.view()), Quotes{});
}

}  // namespace
}  // namespace mm
