// mmctl gate on sessions where it is known whether a component can help.

#include <gtest/gtest.h>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

class Gates : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    // A leader a quarter of a second ahead, a volatility of 3 bps where 1 is assumed without the
    // estimate, and never a cascade.
    const Outcome run =
        mmctl({"simulate", "--market", "synthetic", "--seed", "5", "--for", "20m", "--strategy",
               "enhanced", "--market-set", "first_regime=0", "--market-set", "regime_speed=0",
               "--market-set", "quiet.volatility=1", "--market-set", "sigma=3bps", "--journal",
               journal_});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }
  static Json gate(const std::vector<std::string>& arguments) {
    return gate_of(journal_, arguments);
  }
  static Json gate_of(const std::string& journal, const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"gate", "--journal", journal, "--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome run = mmctl(all);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.exit_code == 0 ? run.json() : Json{};
  }
  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_;
};

// Of the leader's move a good part is still to come; estimated volatility beats a third of it; no
// cascade ever came, so that the detector changed nothing.
TEST_F(Gates, TellWhatHelpsFromWhatDoesNotMatter) {
  const Json document = gate({"lead_lag", "volatility", "liquidation", "--from", "start"});
  ASSERT_EQ(document["gates"].size(), 3u);
  const Json& lead = document["gates"][0]["calibration"];
  EXPECT_EQ(lead["verdict"], "improve") << lead;
  EXPECT_NEAR(lead["off"].get<double>(), 1, 0.1);  // nothing announced explains nothing
  EXPECT_LT(lead["on"].get<double>(), lead["off"].get<double>() - 0.05);
  EXPECT_GT(lead["ci95"][0], 0);
  EXPECT_GE(lead["blocks"], 30);
  EXPECT_GE(lead["p_holm"], lead["p"]);
  const Json& volatility = document["gates"][1]["calibration"];
  EXPECT_EQ(volatility["verdict"], "improve") << volatility;
  const Json& liquidation = document["gates"][2];
  EXPECT_EQ(liquidation["calibration"]["verdict"], "no difference") << liquidation;
  EXPECT_EQ(liquidation["calibration"]["on"], liquidation["calibration"]["off"]);
  EXPECT_EQ(liquidation["pnl"]["verdict"], "no difference") << liquidation;
  EXPECT_EQ(liquidation["pnl"]["gain"], 0.0);
}

// Orders excite each other, which a constant rate knows nothing of; the regime never changes and
// the quotes stand where no queue is, so that neither matters.
TEST_F(Gates, GiveEachComponentItsOwnLoss) {
  const Json document =
      gate({"hawkes", "regime", "queue", "kappa", "liquidation", "--from", "start"});
  ASSERT_EQ(document["gates"].size(), 5u);
  EXPECT_EQ(document["gates"][0]["calibration"]["verdict"], "improve") << document["gates"][0];
  EXPECT_EQ(document["gates"][1]["calibration"]["verdict"], "no difference")
      << document["gates"][1];
  EXPECT_EQ(document["gates"][2]["calibration"]["verdict"], "no difference")
      << document["gates"][2];
  const char* losses[] = {"taker order coming", "next minute's log volatility", "time to a fill",
                          "how far beyond the mid", "wrong calls"};
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string loss = document["gates"][i]["loss"];
    EXPECT_NE(loss.find(losses[i]), std::string::npos) << loss;
    EXPECT_GT(document["gates"][i]["calibration"]["records_on"], 100) << loss;
  }
}

TEST_F(Gates, SeeRegimesAndTheDecayWithDepthWhereTheyMatter) {
  const std::string restless = *directory_ / "restless", wrong = *directory_ / "wrong";
  const auto simulate = [](const std::string& journal, const std::vector<std::string>& more) {
    std::vector<std::string> all = {"simulate",   "--market", "synthetic", "--seed", "5",
                                    "--strategy", "enhanced", "--journal", journal};
    all.insert(all.end(), more.begin(), more.end());
    return mmctl(all).exit_code;
  };
  ASSERT_EQ(simulate(restless,
                     {"--for", "2h", "--market-set", "regime_speed=4", "--prediction-log", "1s"}),
            0);
  const Json regime = gate_of(restless, {"regime", "--from", "start"})["gates"][0]["calibration"];
  EXPECT_EQ(regime["verdict"], "improve") << regime;
  EXPECT_GT(regime["gain"], 0.05);
  // A prior of 700 where orders decay many times faster.
  ASSERT_EQ(simulate(wrong, {"--for", "20m", "--set", "kappa_prior=700", "--market-set",
                             "first_regime=0", "--market-set", "regime_speed=0"}),
            0);
  const Json kappa = gate_of(wrong, {"kappa", "--from", "start"})["gates"][0]["calibration"];
  EXPECT_EQ(kappa["verdict"], "improve") << kappa;
  EXPECT_GT(kappa["gain"], 0.5);
}

TEST_F(Gates, SayWhatTheyCannotJudge) {
  expect_refusal(mmctl({"gate", "weather", "--journal", journal_}), 2, "lead_lag");
  expect_refusal(mmctl({"gate", "hawkes", "hawkes", "--journal", journal_}), 2, "twice");
  const std::string plain = *directory_ / "plain", off = *directory_ / "off";
  const auto simulate = [](const std::string& journal, const std::vector<std::string>& more) {
    std::vector<std::string> all = {"simulate", "--market",  "synthetic", "--for",
                                    "30s",      "--journal", journal};
    all.insert(all.end(), more.begin(), more.end());
    return mmctl(all).exit_code;
  };
  ASSERT_EQ(simulate(plain, {}), 0);
  expect_refusal(mmctl({"gate", "hawkes", "--journal", plain}), 2, "no component to switch");
  ASSERT_EQ(simulate(off, {"--strategy", "enhanced", "--set", "use_hawkes=off"}), 0);
  expect_refusal(mmctl({"gate", "hawkes", "--journal", off}), 2, "use_hawkes=off");
  const Outcome text = mmctl({"gate", "kappa", "--journal", off});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("cannot be told"), std::string::npos) << text.out;
}

}  // namespace
}  // namespace mm::test
