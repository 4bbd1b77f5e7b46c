// mmctl simulate as a user runs it: the peer's recorded answers, own scripts, refusals.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/mmctl_runner.hpp"
#include "venues/capture/capture_bytes.hpp"

namespace mm::test {
namespace {

using Lines = std::vector<std::string>;

Lines responses_of(const std::string& path) {
  Lines rows;
  venues::LineReader lines(path);
  for (std::string_view line; lines.next(line);)
    if (line.starts_with("R,")) rows.emplace_back(line);
  return rows;
}

/// "R,ts,...": heard at.
std::int64_t heard_at(const std::string& row) {
  return std::stoll(row.substr(2));
}

/// Within one time the order says nothing; over times it does.
void sort_within_times(Lines& rows) {
  ASSERT_TRUE(std::is_sorted(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return heard_at(a) < heard_at(b);
  }));
  // total order: whole lines
  std::sort(rows.begin(), rows.end());
}

struct Golden {
  std::string name;
  std::string queue;
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.name;
}

const std::vector<Golden> goldens = {
    {"cm_btc.pow1_1", "power:1"},  {"cm_btc.risk", "risk_averse"}, {"um_btc.log1", "log"},
    {"um_btc.log2", "log2"},       {"um_btc.pow1_1", "power:1"},   {"um_btc.pow1_3", "power:3"},
    {"um_btc.pow2_3", "power2:3"}, {"um_btc.pow3_3", "power3:3"},  {"um_btc.risk", "risk_averse"}};

class PeerGolden : public testing::TestWithParam<Golden> {};

/// Runs the requests of a golden file and compares every answer heard before `end`.
void expect_same_answers(const Golden& golden, const std::string& file, const std::string& feed,
                         std::int64_t end) {
  const TempDir directory;
  const std::string out = directory / "responses.csv";
  const Outcome run =
      mmctl({"simulate", "--fill-rules", "hft", "--queue", golden.queue, "--latency", "5ms",
             "--venue", feed, "--script", file, "--responses", out});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  Lines wanted = responses_of(file);
  Lines found = responses_of(out);
  std::erase_if(found, [&](const std::string& row) { return heard_at(row) >= end; });
  sort_within_times(wanted);
  sort_within_times(found);
  ASSERT_GT(wanted.size(), 500u);
  Lines missing;
  Lines extra;
  std::set_difference(wanted.begin(), wanted.end(), found.begin(), found.end(),
                      std::back_inserter(missing));
  std::set_difference(found.begin(), found.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(extra));
  EXPECT_EQ(missing, Lines{});
  EXPECT_EQ(extra, Lines{});
  std::printf("%s: %zu answers, all equal\n", golden.name.c_str(), wanted.size());
}

TEST_P(PeerGolden, OnTheSampleEveryAnswerIsTheirs) {
  const Golden& golden = GetParam();
  expect_same_answers(
      golden, repository("tests/fixtures/peer_golden/" + golden.name + ".nopart.csv.zst"),
      golden.name.starts_with("um") ? usdm_feed() : coinm_feed(), 1723161436'000'000'000);
}

TEST_P(PeerGolden, OnTheWholeCaptureEveryAnswerIsTheirs) {
  const Golden& golden = GetParam();
  const fs::path data = data_directory();
  const std::string file = data / "peer-golden" / (golden.name + ".nopart.csv.zst");
  const std::string usdm = data / "binance/usdm/btcusdt_20240808.gz";
  const std::string coinm = data / "binance/coinm/btcusd_perp_202408";
  if (!fs::exists(file) || !fs::exists(usdm)) {
    std::printf("did not run: there is no %s\n", file.c_str());
    return;
  }
  expect_same_answers(golden, file,
                      golden.name.starts_with("um")
                          ? "binance-usdm:BTCUSDT=" + usdm
                          : "binance-coinm:BTCUSD_PERP=" + coinm + "08.gz," + coinm + "09.gz",
                      INT64_MAX);
}

INSTANTIATE_TEST_SUITE_P(Files, PeerGolden, testing::ValuesIn(goldens), [](const auto& golden) {
  std::string name = golden.param.name;
  std::ranges::replace(name, '.', '_');
  return name;
});

// ---------------------------------------------------------------- our own rules

/// The requests of a golden file on the receive clock of the captures, which is 1.272 s behind.
std::string own_script(const std::string& path) {
  std::string text;
  venues::LineReader lines(repository("tests/fixtures/peer_golden/um_btc.risk.nopart.csv.zst"));
  for (std::string_view line; lines.next(line);) {
    if (line.starts_with("R,")) continue;
    const std::int64_t at = std::stoll(std::string(line.substr(2))) - 1'272'156'851;
    text += std::string(line.substr(0, 2)) + std::to_string(at) +
            std::string(line.substr(line.find(',', 2))) + "\n";
  }
  std::ofstream(path) << text;
  return path;
}

TEST(Simulate, AScriptIsASessionThatReplaysToTheBit) {
  const TempDir directory;
  const std::string script = own_script(directory / "script.csv");
  const std::string journal = directory / "journal";
  const auto run = [&](const std::string& queue, const std::string& out,
                       std::vector<std::string> more) {
    more.insert(more.begin(), {"simulate", "--json", "--venue", usdm_feed(), "--script", script,
                               "--queue", queue, "--responses", directory / out});
    const Outcome outcome = mmctl(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.json();
  };
  const Json plain = run("power3:3", "plain.csv", {});
  EXPECT_FALSE(fs::exists(journal));
  const Json kept = run("power3:3", "kept.csv", {"--journal", journal});
  EXPECT_EQ(kept["session"], 1);
  EXPECT_EQ(responses_of(directory / "plain.csv"), responses_of(directory / "kept.csv"));
  EXPECT_EQ(plain["requests"], 1392);
  EXPECT_EQ(plain["responses"], responses_of(directory / "plain.csv").size());
  EXPECT_GT(plain["fills"], 100);
  EXPECT_EQ(plain["conservation"]["holds"], true);
  std::int64_t fills = 0;
  for (const auto& [cause, total] : plain["by_cause"].items())
    fills += total["fills"].get<std::int64_t>();
  EXPECT_EQ(plain["fills"], fills);

  const Json replay = mmctl({"replay", "--json", "--journal", journal}).json();
  EXPECT_EQ(replay["bit_exact"], true);
  EXPECT_EQ(replay["outputs"], 1392);
  const Json varied = mmctl({"counterfactual", "--json", "--journal", journal}).json();
  EXPECT_EQ(varied["calibration"]["precision"], 1.0);
  EXPECT_EQ(varied["calibration"]["recall"], 1.0);
  EXPECT_EQ(varied["rows"][1]["pnl"], kept["pnl"]);

  // Who counts every cancel as behind us waits longest.
  const Json averse = run("risk_averse", "averse.csv", {});
  EXPECT_LT(averse["by_cause"]["queue"]["fills"], plain["by_cause"]["queue"]["fills"]);
  EXPECT_NE(responses_of(directory / "averse.csv"), responses_of(directory / "plain.csv"));
}

TEST(Simulate, OrdersLiveAsTheScriptSays) {
  const TempDir directory;
  std::ofstream(directory / "script.csv") << R"(# far bids rest, one moves, one is cancelled twice
N,1723161280000000000,1,Buy,600000,0.01,GTX
N,1723161280000000000,2,Buy,600001,0.01,GTC
N,1723161280001000000,1,Buy,600002,0.01,GTX
M,1723161280002000000,1,3,Buy,600003,0.02,GTX
C,1723161280003000000,2
C,1723161280003000000,2
N,1723161280004000000,4,Buy,600004,0.01,IOC
N,1723161280004000000,5,Buy,650000,0.002,GTX
N,1723161280004000000,6,Buy,650000,0.002,FOK
M,1723161280005000000,1,7,Buy,600003,0.02,GTX
N,1999999999000000000,8,Buy,600000,0.01,GTX
)";
  const Outcome run =
      mmctl({"simulate", "--json", "--latency", "1ms,2ms", "--venue", usdm_feed(), "--script",
             directory / "script.csv", "--responses", directory / "out.csv"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("1 requests are of after the market's end"), std::string::npos);
  EXPECT_EQ(run.json()["unsent"], 1);
  Lines rows = responses_of(directory / "out.csv");
  ASSERT_EQ(rows.size(), 14u);
  // The price at which order 6 takes is the market's business.
  const std::string taken = rows[11];
  rows.erase(rows.begin() + 11);
  EXPECT_EQ(rows,
            (Lines{"R,1723161280003000000,1,New,None,600000,0,0,0.01,1723161280001000000,0",
                   "R,1723161280003000000,2,New,None,600001,0,0,0.01,1723161280001000000,0",
                   "R,1723161280004000000,1,Rejected,None,600002,0,0,0.01,1723161280002000000,0",
                   "R,1723161280005000000,1,Replaced,None,600000,0,0,0.01,1723161280003000000,0",
                   "R,1723161280005000000,3,New,None,600003,0,0,0.02,1723161280003000000,0",
                   "R,1723161280006000000,2,Canceled,None,600001,0,0,0.01,1723161280004000000,0",
                   "R,1723161280006000000,2,New,Rejected,600001,0,0,0.01,1723161280004000000,0",
                   "R,1723161280007000000,4,New,None,600004,0,0,0.01,1723161280005000000,0",
                   "R,1723161280007000000,4,Expired,None,600004,0,0,0.01,1723161280005000000,0",
                   "R,1723161280007000000,5,Expired,None,650000,0,0,0.002,1723161280005000000,0",
                   "R,1723161280007000000,6,New,None,650000,0,0,0.002,1723161280005000000,0",
                   "R,1723161280008000000,1,New,Rejected,600000,0,0,0.01,1723161280006000000,0",
                   "R,1723161280008000000,7,Rejected,None,600003,0,0,0.02,1723161280006000000,0"}));
  EXPECT_TRUE(taken.starts_with("R,1723161280007000000,6,Filled,None,650000,6")) << taken;
  EXPECT_TRUE(taken.ends_with(",0.002,0,1723161280005000000,0")) << taken;
}

TEST(Simulate, WithTheOtherRulesWhatIsOfAfterTheMarketIsNotSent) {
  const TempDir directory;
  std::ofstream(directory / "script.csv") << "N,1723161300000000000,1,Buy,600000,0.01,GTX\n"
                                             "N,1823161300000000000,1,Buy,600000,0.01,GTX\n";
  const Outcome run = mmctl({"simulate", "--json", "--fill-rules", "hft", "--venue", usdm_feed(),
                             "--script", directory / "script.csv"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["requests"], 1);
  EXPECT_EQ(run.json()["unsent"], 1);
  EXPECT_EQ(run.json()["responses"], 1);
}

// Round trips are read into the settings, so the session replays without the file.
TEST(Simulate, LatenciesAndFeesEnterTheSession) {
  const TempDir directory;
  const std::string script = own_script(directory / "script.csv");
  const std::string rows = directory / "trips.csv";
  std::ofstream(rows) << "request,exchange,response\n"
                         "1723161255000000000,1723161255005000000,1723161255010000000\n"
                         "1723161400000000000,1723161400030000000,1723161400035000000\n";
  const auto run = [&](const std::string& name, std::vector<std::string> more) {
    more.insert(more.begin(),
                {"simulate", "--json", "--venue", usdm_feed(), "--script", script, "--journal",
                 directory / name, "--responses", directory / (name + ".csv")});
    const Outcome outcome = mmctl(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const Outcome replay = mmctl({"replay", "--json", "--journal", directory / name});
    EXPECT_EQ(replay.json()["bit_exact"], true) << replay.out;
    const Json varied = mmctl({"counterfactual", "--json", "--journal", directory / name}).json();
    EXPECT_EQ(varied["calibration"]["recall"], 1.0) << name;
    return outcome.json();
  };
  const Json usual = run("usual", {});
  const Json timed = run("timed", {"--latency", "rows:" + rows});
  EXPECT_EQ(timed["latency"], "interpolated between 2 round trips");
  const Json drawn = run("drawn", {"--latency", "empirical:" + rows, "--seed", "5"});
  const Json again = run("again", {"--latency", "empirical:" + rows, "--seed", "5"});
  const Json other = run("other", {"--latency", "empirical:" + rows, "--seed", "6"});
  EXPECT_EQ(responses_of(directory / "drawn.csv"), responses_of(directory / "again.csv"));
  EXPECT_NE(responses_of(directory / "drawn.csv"), responses_of(directory / "other.csv"));
  EXPECT_NE(responses_of(directory / "drawn.csv"), responses_of(directory / "timed.csv"));

  const Json rebate = run("rebate", {"--fees", "-0.5bps,4bps"});
  EXPECT_EQ(responses_of(directory / "usual.csv"), responses_of(directory / "rebate.csv"));
  EXPECT_EQ(rebate["fees"].get<std::string>().front(), '-');
  const Json tier = run("tier", {"--fees", "tier:9"});
  EXPECT_EQ(tier["fees"], "0");
  const Json limited = run("limited", {"--venue-orders-per-minute", "10"});
  EXPECT_GT(limited["by_status"]["Rejected"], 100);
}

// ---------------------------------------------------------------- order by order

// A day of seven orders, by hand: ours stand behind those that came before, take what is shown
// once, and fill when an order behind them is executed.
TEST(Simulate, OrderByOrderOursStandInRealQueues) {
  const TempDir directory;
  const std::string feed = directory / "messages.csv";
  std::ofstream(feed) << "34200.0,1,10,5,1000000,1\n"   // bid 100.00 x 5
                         "34200.0,1,11,4,1010000,-1\n"  // ask 101.00 x 4
                         "34200.0,1,12,6,1020000,-1\n"  // ask 102.00 x 6
                         "34202.0,1,13,3,1000000,1\n"   // joins behind ours
                         "34203.0,4,10,5,1000000,1\n"   // those in front of ours
                         "34204.0,4,13,2,1000000,1\n"   // two lots that would have met ours
                         "34205.0,1,14,9,990000,1\n"
                         "34206.0,4,14,1,990000,1\n"  // below ours: it went through us
                         "34209.0,3,12,6,1020000,-1\n";
  std::ofstream(directory / "script.csv") << "N,34201000000000,1,Buy,10000,3,GTX\n"
                                             "N,34201000000000,2,Buy,10200,7,IOC\n"
                                             "N,34201000000000,3,Buy,10200,9,IOC\n"
                                             "N,34201000000000,4,Buy,10200,1,FOK\n"
                                             "N,34201000000000,5,Sell,10000,1,GTX\n"
                                             "N,34207000000000,6,Buy,9900,2,GTC\n"
                                             "M,34207000000000,6,7,Buy,9800,1,GTX\n"
                                             "C,34207000000000,6\n"
                                             "C,34207000000000,7\n";
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"simulate", "--json", "--script", directory / "script.csv"});
    return mmctl(more);
  };
  const Outcome outcome =
      run({"--queue", "l3_fifo", "--latency", "0s", "--fees", "-10bps,20bps", "--venue",
           "lobster:XYZ=" + feed, "--responses", directory / "out.csv"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(responses_of(directory / "out.csv"),
            (Lines{"R,34201000000000,1,New,None,10000,0,0,3,34201000000000,0",
                   "R,34201000000000,2,New,None,10200,0,0,7,34201000000000,0",
                   "R,34201000000000,2,PartiallyFilled,None,10200,10100,4,3,34201000000000,0",
                   "R,34201000000000,2,Filled,None,10200,10200,3,0,34201000000000,0",
                   "R,34201000000000,3,New,None,10200,0,0,9,34201000000000,0",
                   "R,34201000000000,3,PartiallyFilled,None,10200,10200,3,6,34201000000000,0",
                   "R,34201000000000,3,Expired,None,10200,0,0,6,34201000000000,0",
                   "R,34201000000000,4,New,None,10200,0,0,1,34201000000000,0",
                   "R,34201000000000,4,Expired,None,10200,0,0,1,34201000000000,0",
                   "R,34201000000000,5,Expired,None,10000,0,0,1,34201000000000,0",
                   "R,34204000000000,1,PartiallyFilled,None,10000,10000,2,1,34204000000000,1",
                   "R,34206000000000,1,Filled,None,10000,10000,1,0,34206000000000,1",
                   "R,34207000000000,6,New,None,9900,0,0,2,34207000000000,0",
                   "R,34207000000000,6,Replaced,None,9900,0,0,2,34207000000000,0",
                   "R,34207000000000,7,New,None,9800,0,0,1,34207000000000,0",
                   "R,34207000000000,6,New,Rejected,9900,0,0,2,34207000000000,0",
                   "R,34207000000000,7,Canceled,None,9800,0,0,1,34207000000000,0"}));
  const Json summary = outcome.json();
  EXPECT_EQ(summary["queue"], "l3_fifo");
  EXPECT_EQ(summary["by_cause"]["queue"]["qty"], "2");
  EXPECT_EQ(summary["by_cause"]["through"]["qty"], "1");
  EXPECT_EQ(summary["by_cause"]["taker"]["qty"], "10");
  EXPECT_EQ(summary["position"], "13");
  EXPECT_EQ(summary["conservation"]["holds"], true);
  // Taken 4 x 101 + 6 x 102 at 20 bps, made 3 x 100 at -10 bps: 1016 * 0.002 - 300 * 0.001.
  EXPECT_EQ(summary["fees"], "1.732");

  EXPECT_EQ(run({"--venue", "lobster:XYZ=" + feed}).exit_code, 2);
  EXPECT_EQ(run({"--queue", "l3_fifo", "--venue", "lobster:XYZ"}).exit_code, 2);
  EXPECT_EQ(run({"--queue", "l3_fifo", "--venue", "lobster:XYZ=" + feed + ".absent"}).exit_code, 3);
  const Outcome levels = run({"--queue", "l3_fifo", "--venue", usdm_feed()});
  EXPECT_EQ(levels.exit_code, 2);
  EXPECT_NE(levels.err.find("--queue l3_fifo: needs a recording of every order"),
            std::string::npos);
}

// ---------------------------------------------------------------- refusals

class SimulateBadInput : public testing::Test {
 protected:
  std::string script(const std::string& text) {
    std::ofstream(directory_ / "script.csv") << text;
    return directory_ / "script.csv";
  }
  static Outcome simulate(std::vector<std::string> arguments, const std::string& file) {
    arguments.insert(arguments.begin(), {"simulate", "--venue", usdm_feed(), "--script", file});
    return mmctl(arguments);
  }

  TempDir directory_;
};

TEST_F(SimulateBadInput, ScriptsAreRefusedWithTheirLine) {
  const std::string good = "N,1723161300000000000,1,Buy,617000,0.01,GTX\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "is empty"},
      {"R,1,1,New,None,1,0,0,0.01,1,0\n", "there is no request in it"},
      {good + "X,1,2\n", "script.csv:2: a line must be N,"},
      {good + "N,1723161300000000000,2,Buy,617000,0.01\n", "script.csv:2: a line N has 7 fields"},
      {"N,1723161300000000000,1,buy,617000,0.01,GTX\n", "script.csv:1: side must be Buy or Sell"},
      {"N,1723161300000000000,1,Buy,617000.5,0.01,GTX\n", "script.csv:1: tick must be a whole"},
      {"N,1723161300000000000,1,Buy,617000,0.0001,GTX\n", "script.csv:1: qty must be a decimal"},
      {"N,1723161300000000000,1,Buy,617000,0,GTX\n", "script.csv:1: qty must be a decimal"},
      {"N,1723161300000000000,1,Buy,617000,0.01,DAY\n", "script.csv:1: tif must be GTX"},
      {"N,soon,1,Buy,617000,0.01,GTX\n", "script.csv:1: ts must be a time"},
      {"N,1723161300000000000,0,Buy,617000,0.01,GTX\n", "script.csv:1: id must be a whole number"},
      {good + "C,1723161299000000000,1\n", "script.csv:2: the request is of 1723161299000000000"},
      {good + "C,1723161300000000000,2\n", "script.csv:2: no line before it sent order 2"},
      {good + good, "script.csv:2: order 1 is sent while an order of that id rests"}};
  for (const auto& [text, names] : cases) {
    SCOPED_TRACE(text);
    expect_refusal(simulate({"--fill-rules", "hft"}, script(text)), 3, names);
  }
  expect_refusal(simulate({"--fill-rules", "hft"},
                          script(good + "M,1723161300000000000,1,2,Buy,617001,0.01,GTX\n")),
                 3, "script.csv:2: --fill-rules hft has no replace");
}

TEST_F(SimulateBadInput, FlagsAreRefusedByName) {
  const std::string file = script("N,1723161300000000000,1,Buy,617000,0.01,GTX\n");
  expect_refusal(simulate({"--fill-rules", "best"}, file), 2, "--fill-rules");
  expect_refusal(simulate({"--queue", "power"}, file), 2, "--queue must be");
  expect_refusal(simulate({"--latency", "fast"}, file), 2, "--latency must be");
  expect_refusal(simulate({"--latency", "recorded"}, file), 2, "--latency recorded");
  expect_refusal(simulate({"--latency", "rows:"}, file), 2, "name a file");
  expect_refusal(simulate({"--latency", "rows:" + (directory_ / "absent")}, file), 3, "absent");
  expect_refusal(simulate({"--latency", "rows:" + file}, file), 3, "script.csv: there are no");
  const std::string backwards = directory_ / "trips.csv";
  std::ofstream(backwards) << "5,4,6\n";
  expect_refusal(simulate({"--latency", "empirical:" + backwards}, file), 3,
                 "trips.csv:1: a message");
  expect_refusal(simulate({"--queue", "l3_fifo"}, file), 2, "--queue l3_fifo");
  expect_refusal(simulate({"--fees", "0.0002,0.0005"}, file), 2, "--fees must be");
  expect_refusal(simulate({"--fees", "2bps"}, file), 2, "--fees must be");
  expect_refusal(simulate({"--fees", "tier:10"}, file), 2, "binance-usdm has the tiers 0 to 9");
  expect_refusal(simulate({"--replace-queue", "front"}, file), 2, "--replace-queue must be");
  expect_refusal(simulate({"--venue-orders-per-minute", "-1"}, file), 2, "per-minute must be");
  expect_refusal(simulate({}, directory_ / "absent.csv"), 3, "absent.csv");
  expect_refusal(simulate({"--responses", directory_ / "no/where.csv"}, file), 3, "no/where.csv");
  expect_refusal(simulate({"--venue", usdm_feed()}, file), 2, "of one instrument");
  const Outcome bare = mmctl({"simulate", "--venue", "binance-usdm:BTCUSDT", "--script", file});
  expect_refusal(bare, 2, "name a capture");
  expect_refusal(simulate({"--fill-rules", "hft", "--journal", directory_ / "journal"}, file), 2,
                 "--journal");
  const Outcome other =
      mmctl({"simulate", "--fill-rules", "hft", "--venue",
             "hyperliquid:BTC=" + repository("tests/fixtures/market/hyperliquid_btc.gz"),
             "--script", file});
  expect_refusal(other, 2, "Binance captures");
}

}  // namespace
}  // namespace mm::test
