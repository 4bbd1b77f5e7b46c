// mmctl simulate --market synthetic, as a user runs it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "sim/synthetic/truth_text.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

using ::testing::HasSubstr;

Outcome simulate(std::vector<std::string> arguments) {
  std::vector<std::string> all{"simulate", "--market", "synthetic", "--json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return mmctl(all);
}

// The same seed gives the same journal in every process; another one another.
TEST(SimulateMarket, TheSeedIsTheJournal) {
  for (const std::string execution : {"paper", "exchange"}) {
    std::set<std::string> digests;
    for (int process = 0; process < 3; ++process) {
      const TempDir directory;
      const Outcome run = simulate({"--seed", "3", "--for", "2m", "--execution", execution,
                                    "--spread", "2bps", "--journal", directory / "journal"});
      ASSERT_EQ(run.exit_code, 0) << run.err;
      const Json document = run.json();
      EXPECT_GT(document["events"], 5000);
      digests.insert(document["input_digest"].get<std::string>() +
                     document["output_digest"].get<std::string>());
    }
    EXPECT_EQ(digests.size(), 1u) << execution;
    // Without a journal the events are those that would have been kept.
    const Json unkept =
        simulate({"--seed", "3", "--for", "2m", "--execution", execution, "--spread", "2bps"})
            .json();
    EXPECT_EQ(unkept["journal"], nullptr);
    EXPECT_TRUE(digests.contains(unkept["input_digest"].get<std::string>() +
                                 unkept["output_digest"].get<std::string>()));
    const Json other = simulate({"--seed", "4", "--for", "2m", "--execution", execution}).json();
    EXPECT_FALSE(digests.contains(other["input_digest"].get<std::string>() +
                                  other["output_digest"].get<std::string>()));
  }
}

TEST(SimulateMarket, ASessionIsLikeAnyOther) {
  const TempDir directory;
  const std::string journal = directory / "journal";
  const Outcome run = simulate({"--seed", "5", "--for", "10m", "--execution", "exchange",
                                "--spread", "1.5bps", "--market-set", "regime_speed=20",
                                "--journal", journal, "--truth", directory / "truth"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GT(run.json()["fills"], 20);
  EXPECT_EQ(mmctl({"verify", "--journal", journal}).exit_code, 0);
  const Json replay = mmctl({"replay", "--json", "--journal", journal}).json();
  EXPECT_EQ(replay["bit_exact"], true);
  const Json info = mmctl({"info", "--json", "--journal", journal}).json();
  for (const char* kind :
       {"book_snapshot", "book_delta", "best_quote", "trade", "asset_context", "order_ack", "fill"})
    EXPECT_GT(info["by_kind"].value(kind, 0), 0) << kind;
  const Outcome what_if =
      mmctl({"counterfactual", "--spread", "8bps", "--json", "--journal", journal});
  ASSERT_EQ(what_if.exit_code, 0) << what_if.err;
  EXPECT_EQ(what_if.json()["rows"].size(), 3u);
  const Outcome cat = mmctl({"cat", "--kind", "session_start", "--journal", journal});
  EXPECT_THAT(cat.out, HasSubstr("live"));
  EXPECT_THAT(cat.out, HasSubstr("market_seed=5"));

  // The truth names every order that was accepted, and stands nowhere in the journal.
  std::ifstream truth(directory / "truth");
  std::set<std::uint64_t> orders;
  int lines = 0;
  for (std::string line; std::getline(truth, line); ++lines) {
    const auto of = sim::parse_truth(line);
    ASSERT_TRUE(of.has_value()) << of.error().message();
    if (const auto* place = std::get_if<sim::TruthQueue>(&*of)) orders.insert(place->order.value);
  }
  EXPECT_GT(lines, 600);
  EXPECT_GE(static_cast<std::int64_t>(orders.size()), info["by_kind"]["order_ack"].get<int>() - 2);
}

TEST(SimulateMarket, SettingsComeFromFileAndCommandLine) {
  const TempDir directory;
  std::ofstream(directory / "market") << "# a dead market\n"
                                      << "takers_per_s = 0\nlead.takers_per_s=0\n\n"
                                      << "alpha=0 # nothing to excite\n";
  const Json quiet =
      simulate({"--for", "1m", "--config", directory / "market", "--strategy", "none"}).json();
  const Json busy = simulate({"--for", "1m", "--config", directory / "market", "--market-set",
                              "takers_per_s=20", "--strategy", "none"})
                        .json();
  EXPECT_LT(quiet["events"], busy["events"]);
  const Json list = simulate({"--list-parameters"}).json();
  EXPECT_GT(list["parameters"].size(), 100u);
  for (const Json& parameter : list["parameters"]) EXPECT_FALSE(parameter["doc"].empty());
}

struct BadInput {
  std::vector<std::string> arguments;
  const char* says;
  int exit_code = 2;
};

TEST(SimulateMarket, BadInputIsRefused) {
  const TempDir directory;
  const std::string missing = directory / "missing/file";
  const std::string here = directory.path().string();
  const BadInput bad[] = {
      {{"--market-set", "lagg=1s"}, "no parameter 'lagg'"},
      {{"--market-set", "lag"}, "'lag' is not name=value"},
      {{"--market-set", "lag=2h"}, "lag must be from 0s to 1m"},
      {{"--market-set", "alpha=2"}, "must stay below 0.98"},
      {{"--config", missing}, "missing/file: cannot be read", 3},
      {{"--config", here}, "cannot be read", 3},
      {{"--truth", missing}, "missing/file: cannot be written", 3},
      {{"--instrument", "hyperliquid:NONE"}, "--instrument hyperliquid:NONE"},
      {{"--execution", "exchange", "--latency", "1ms"},
       "cannot be below the feed's latency of 2ms"},
      {{"--strategy", "nothing"}, "nothing"},
      {{"--start", "noon"}, "--start"},
      {{"--script", "x"}, "excludes"},
  };
  for (const BadInput& of : bad) {
    std::vector<std::string> arguments{"--for", "1s"};
    arguments.insert(arguments.end(), of.arguments.begin(), of.arguments.end());
    const Outcome run = simulate(arguments);
    EXPECT_EQ(run.exit_code, of.exit_code) << of.says << run.err;
    EXPECT_THAT(run.err, HasSubstr(of.says));
  }
  EXPECT_EQ(mmctl({"simulate"}).exit_code, 2);
}

}  // namespace
}  // namespace mm::test
