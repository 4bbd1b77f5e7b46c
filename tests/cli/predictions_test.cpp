// A session of `enhanced` as a user meets it: recorded, replayed, asked "what if", its predictions
// printed, its log thinned or off.

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

std::vector<std::string> record(const std::string& journal, std::vector<std::string> more = {}) {
  std::vector<std::string> command{
      "record",
      "--venue",
      "binance-usdm:BTCUSDT=" + repository("tests/fixtures/market/binance_usdm_btcusdt.zst"),
      "--lead",
      "binance-spot:BTCUSDT=" + repository("tests/fixtures/market/binance_spot_btcusdt.zst"),
      "--strategy",
      "enhanced",
      "--spread",
      "1bps",
      "--for",
      "30s",
      "--journal",
      journal,
      "--json"};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

std::vector<Json> lines(const Outcome& run) {
  std::vector<Json> records;
  std::istringstream text{run.out};
  for (std::string line; std::getline(text, line);) records.push_back(Json::parse(line));
  return records;
}

TEST(Predictions, AreRecordedReplayedAndPrinted) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  const Outcome run = mmctl(record(journal));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Outcome replay = mmctl({"replay", "--json", "--journal", journal});
  ASSERT_EQ(replay.exit_code, 0) << replay.out << replay.err;
  EXPECT_EQ(replay.json()["bit_exact"], true);
  EXPECT_EQ(mmctl({"verify", "--journal", journal}).exit_code, 0);

  const std::vector<Json> heads =
      lines(mmctl({"cat", "--kind", "prediction", "--json", "--journal", journal}));
  const std::vector<Json> levels =
      lines(mmctl({"cat", "--kind", "predicted_level", "--json", "--journal", journal}));
  ASSERT_GT(heads.size(), 100u);
  ASSERT_GT(levels.size(), 100u);
  std::size_t announced = 0;
  for (const Json& head : heads) announced += head["levels"].get<std::size_t>();
  EXPECT_EQ(announced, levels.size());
  EXPECT_EQ(heads.back()["kind"], "prediction");
  EXPECT_TRUE(heads.back()["half_spread_e8"].is_string());
  EXPECT_TRUE(heads.front()["kappa_own"].is_null());
  EXPECT_TRUE(levels.back()["p_fill_1s_e6"].is_string());
  const Outcome text = mmctl({"cat", "--kind", "fill_note", "--journal", journal});
  EXPECT_EQ(text.exit_code, 0);

  const Outcome what_if =
      mmctl({"counterfactual", "--spread", "8bps", "--json", "--journal", journal});
  ASSERT_EQ(what_if.exit_code, 0) << what_if.err;
  const Json fidelity = what_if.json()["calibration"];
  ASSERT_TRUE(fidelity.is_object()) << what_if.out;
  EXPECT_EQ(fidelity["precision"], 1.0);
  EXPECT_EQ(fidelity["recall"], 1.0);
}

TEST(Predictions, TheLogCanBeThinnedAndTurnedOff) {
  const TempDir directory;
  const auto predicted = [&](const std::string& name, const std::string& log) {
    const std::string journal = directory / name;
    const Outcome run = mmctl(record(journal, {"--prediction-log", log}));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(mmctl({"replay", "--journal", journal}).exit_code, 0);
    const Json kinds = mmctl({"info", "--json", "--journal", journal}).json()["by_kind"];
    return kinds.contains("prediction") ? kinds["prediction"].get<int>() : 0;
  };
  EXPECT_EQ(predicted("off", "off"), 0);
  const int thin = predicted("thin", "1s");
  EXPECT_GE(thin, 20);
  EXPECT_LE(thin, 31);
  const Outcome wrong = mmctl(record(directory / "wrong", {"--prediction-log", "sometimes"}));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("prediction_log"), std::string::npos) << wrong.err;
}

}  // namespace
}  // namespace mm::test
