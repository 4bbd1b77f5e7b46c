// The parameters of the synthetic market: text and back, ranges, what cannot be together.

#include "sim/synthetic/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace mm::sim {
namespace {

using ::testing::HasSubstr;

TEST(SyntheticSettings, TextReadsBackAlike) {
  SyntheticSettings settings;
  ASSERT_FALSE(settings.set("sigma", "2.5bps"));
  ASSERT_FALSE(settings.set("lead.depth_interval", "40ms"));
  ASSERT_FALSE(settings.set("cascade.bias", "0.25"));
  ASSERT_FALSE(settings.set("transition.quiet.cascade", "0.002"));
  SyntheticSettings back;
  ASSERT_FALSE(back.set_all(settings.format()));
  EXPECT_EQ(back.format(), settings.format());
  EXPECT_EQ(back.sigma_bps, 2.5);
  EXPECT_EQ(back.lead.depth_interval_s, 0.04);
  EXPECT_EQ(back.regimes[3].bias, 0.25);
  EXPECT_EQ(back.transition[0][3], 0.002);
}

TEST(SyntheticSettings, EveryParameterHasADefaultInItsRangeAndAName) {
  SyntheticSettings defaults;
  const auto infos = synthetic_parameters();
  EXPECT_GT(infos.size(), 100u);
  for (std::size_t at = 0; at < infos.size(); ++at) {
    const SettingInfo& info = infos[at];
    const double value = info.field(defaults);
    EXPECT_GE(value, info.minimum) << info.name;
    EXPECT_LE(value, info.maximum) << info.name;
    EXPECT_FALSE(info.doc.empty()) << info.name;
    if (at > 0) {
      EXPECT_LT(infos[at - 1].name, info.name);
    }
    // Each name has a field of its own.
    SyntheticSettings changed;
    info.field(changed) += 1;
    EXPECT_EQ(std::count_if(
                  infos.begin(), infos.end(),
                  [&](const SettingInfo& of) { return of.field(changed) != of.field(defaults); }),
              1)
        << info.name;
  }
  EXPECT_FALSE(defaults.problem());
}

TEST(SyntheticSettings, RefusesWhatItCannotDo) {
  SyntheticSettings settings;
  EXPECT_THAT(settings.set("lagg", "1s").value(), HasSubstr("no parameter 'lagg'"));
  EXPECT_THAT(settings.set("lag", "fast").value(), HasSubstr("lag must be from 0s to 1m"));
  EXPECT_THAT(settings.set("lag", "2h").value(), HasSubstr("lag must be from"));
  EXPECT_THAT(settings.set_all("lag=1s\nlag=2s").value(), HasSubstr("twice"));
  ASSERT_FALSE(settings.set("alpha", "1"));
  EXPECT_THAT(settings.problem().value(), HasSubstr("must stay below 0.98"));
  ASSERT_FALSE(settings.set("alpha", "0.3"));
  ASSERT_FALSE(settings.set("transition.quiet.quiet", "0.5"));
  EXPECT_THAT(settings.problem().value(), HasSubstr("transition.quiet.*: the row sums to 0.55"));
}

}  // namespace
}  // namespace mm::sim
