// Golden windows and the frozen journal: what this program makes of old recordings stays as it is.

#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

TEST(Golden, WindowsGiveWhatTheyGave) {
  const Outcome run = mmctl({"regress", "run", "--golden", repository("tests/golden"), "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(run.json()["same"], true);
  EXPECT_GE(run.json()["cases"].size(), 3U);
}

TEST(Golden, AChangeIsShownAndAccepted) {
  const TempDir copy;
  fs::copy(repository("tests/golden/usdm_fixed_spread"), copy / "case",
           fs::copy_options::recursive);
  const std::string expected = copy / "case/expected.json";
  Json golden;
  std::ifstream(expected) >> golden;
  const std::string pnl = golden["core"]["pnl"];
  golden["core"]["pnl"] = "12345";
  golden["core"]["decisions"]["place_order"] = 7;
  std::ofstream(expected) << golden;

  const Outcome changed = mmctl({"regress", "run", "--golden", copy.path().string()});
  EXPECT_EQ(changed.exit_code, 1);
  for (const std::string& text : {std::string("core.pnl"), std::string("12345"), pnl,
                                  std::string("core.decisions.place_order")})
    EXPECT_NE(changed.out.find(text), std::string::npos) << changed.out;
  EXPECT_EQ(mmctl({"regress", "accept", "--golden", copy.path().string(), "case"}).exit_code, 0);
  EXPECT_EQ(mmctl({"regress", "run", "--golden", copy.path().string()}).exit_code, 0);
}

// Format 1 was frozen when it was first released. It decodes for ever.
TEST(FrozenJournal, OfFormatOneIsReadVerifiedAndReplayed) {
  const TempDir copy;
  fs::copy(repository("tests/fixtures/journal/v1"), copy / "v1", fs::copy_options::recursive);
  const std::string journal = copy / "v1";
  const Outcome verify = mmctl({"verify", "--json", "--journal", journal});
  EXPECT_EQ(verify.exit_code, 0) << verify.out;
  std::ifstream pinned(repository("tests/fixtures/journal/v1.json"));
  const Json expected = Json::parse(pinned);
  const Json info = mmctl({"info", "--json", "--journal", journal}).json();
  EXPECT_EQ(info["by_kind"], expected["by_kind"]);
  ASSERT_EQ(info["sessions"].size(), expected["sessions"].size());
  for (std::size_t i = 0; i < info["sessions"].size(); ++i) {
    for (const char* key : {"id", "records", "input_digest", "output_digest", "first", "last"})
      EXPECT_EQ(info["sessions"][i][key], expected["sessions"][i][key]) << key;
  }
  const Outcome replay = mmctl({"replay", "--session", "all", "--json", "--journal", journal});
  EXPECT_EQ(replay.exit_code, 0) << replay.out;
  const Outcome raw = mmctl({"cat", "--raw", "--session", "1", "--journal", journal});
  EXPECT_EQ(raw.exit_code, 0) << raw.err;
  EXPECT_NE(raw.out.find("lastUpdateId"), std::string::npos);
}

}  // namespace
}  // namespace mm::test
