// The simulator's queue model chosen by recorded fills, kept in a file, used by name.

#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

class Calibrated : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    const Outcome run =
        mmctl({"record", "--venue", usdm_feed(), "--strategy", "fixed_spread", "--spread",
               "0.02bps", "--queue", "risk_averse", "--latency", "5ms,7ms", "--journal", journal_});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    file_ = *directory_ / "params.json";
    choice_ = mmctl({"calibrate-sim", "--journal", journal_, "--queue", "power:1,risk_averse,log2",
                     "--shift", "0ms,40ms", "--output", file_, "--json"});
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }
  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_, file_;
  static inline Outcome choice_;
};

// A paper session's fills were made by a model that is known: it is found again.
TEST_F(Calibrated, FindsTheModelThatMadeTheFills) {
  ASSERT_EQ(choice_.exit_code, 0) << choice_.err << choice_.out;
  const Json json = choice_.json();
  EXPECT_EQ(json["chosen"]["queue"], "risk_averse");
  EXPECT_EQ(json["chosen"]["latency"], "5ms,7ms");
  ASSERT_EQ(json["candidates"].size(), 6u);
  const Json& best = json["candidates"][0];
  EXPECT_EQ(best["f1"], 1.0);
  EXPECT_LT(best["fit_log_score"], json["candidates"][1]["fit_log_score"]);
  EXPECT_LT(best["log_score"], json["null_log_score"]);
}

TEST_F(Calibrated, TheFileSaysWhereItIsFromAndEntersASession) {
  const Json params = Json::parse(file_text(file_));
  for (const char* key : {"session", "from", "to", "recorded_fills", "log_score", "fit_log_score"})
    EXPECT_TRUE(params["provenance"].contains(key)) << key;
  const std::string journal = *directory_ / "named";
  ASSERT_EQ(mmctl({"record", "--venue", usdm_feed(), "--sim-params", file_, "--for", "10s",
                   "--journal", journal})
                .exit_code,
            0);
  const Outcome start = mmctl({"cat", "--kind", "session_start", "--journal", journal, "--json"});
  EXPECT_NE(start.out.find("queue=risk_averse"), std::string::npos) << start.out;
  EXPECT_NE(start.out.find("latency=5ms,7ms"), std::string::npos) << start.out;
  EXPECT_EQ(mmctl({"replay", "--journal", journal}).exit_code, 0);
  const Outcome what_if = mmctl({"counterfactual", "--journal", journal, "--spread", "1bps",
                                 "--sim-params", file_, "--latency", "9ms", "--json"});
  EXPECT_EQ(what_if.json()["ensemble"][0], "queue risk_averse, latency 9ms,9ms");
}

// 5ms,7ms is one latency, there and back; the flag given again is another member of the ensemble.
// What the session's orders met is what its settings say, so they fill as they did.
TEST_F(Calibrated, LatenciesOfAnEnsembleAreGivenOneByOne) {
  const Outcome what_if =
      mmctl({"counterfactual", "--journal", journal_, "--spread", "1bps", "--latency", "recorded",
             "--latency", "5ms,7ms", "--latency", "20ms", "--no-bounds", "--json"});
  ASSERT_EQ(what_if.exit_code, 0) << what_if.err;
  const Json json = what_if.json();
  ASSERT_EQ(json["ensemble"].size(), 3u);
  EXPECT_NE(std::string(json["ensemble"][0]).find("interpolated between"), std::string::npos);
  EXPECT_EQ(json["ensemble"][1], "queue risk_averse, latency 5ms,7ms");
  EXPECT_EQ(json["ensemble"][2], "queue risk_averse, latency 20ms,20ms");
  EXPECT_EQ(json["calibration"]["precision"], 1.0);
  EXPECT_EQ(json["calibration"]["recall"], 1.0);
  expect_refusal(mmctl({"counterfactual", "--journal", journal_, "--latency", "5ms,7ms,9ms"}), 2,
                 "once for each");
}

TEST_F(Calibrated, ASessionWithoutOrdersHasNoRecordedLatency) {
  const std::string journal = *directory_ / "silent";
  ASSERT_EQ(mmctl({"record", "--venue", usdm_feed(), "--execution", "none", "--for", "5s",
                   "--journal", journal})
                .exit_code,
            0);
  expect_refusal(mmctl({"counterfactual", "--journal", journal, "--latency", "recorded"}), 2,
                 "no acknowledged order");
}

TEST_F(Calibrated, AChangedFileIsRefused) {
  std::string text = file_text(file_);
  text.replace(text.find("risk_averse"), 11, "log2");
  const std::string changed = *directory_ / "changed.json";
  std::ofstream{changed} << text;
  const Outcome run = mmctl({"counterfactual", "--journal", journal_, "--sim-params", changed});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("was changed"), std::string::npos) << run.err;
  EXPECT_EQ(mmctl({"record", "--venue", usdm_feed(), "--sim-params", repository("README.md"),
                   "--journal", *directory_ / "none"})
                .exit_code,
            3);
}

TEST_F(Calibrated, TooFewFillsChooseNothing) {
  const std::string file = *directory_ / "none.json";
  const Outcome run = mmctl({"calibrate-sim", "--journal", journal_, "--from", "-20s", "--output",
                             file, "--least-fills", "5000", "--json"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(run.json()["chosen"].is_null());
  EXPECT_NE(run.json()["refusal"].get<std::string>().find("too few"), std::string::npos);
  EXPECT_FALSE(fs::exists(file));
}

}  // namespace
}  // namespace mm::test
