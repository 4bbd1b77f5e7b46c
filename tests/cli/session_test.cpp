// The main job, through the program itself: record, replay, what if, look.

#include <gtest/gtest.h>

#include <random>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

/// One recording of three real markets with paper quotes, shared by the tests below.
class Session : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    const Outcome run =
        mmctl({"record", "--venue", usdm_feed(), "--lead", spot_feed(), "--lead", coinm_feed(),
               "--strategy", "fixed_spread", "--spread", "1bps", "--journal", journal_, "--json"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    recorded_ = run.json();
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }

  static Outcome on_journal(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--journal", journal_});
    return mmctl(arguments);
  }

  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_;
  static inline Json recorded_;
};

TEST_F(Session, QuotesAndFillsOnRealData) {
  EXPECT_GT(recorded_["events"], 80'000);
  EXPECT_GT(recorded_["outputs"], 100);
  EXPECT_GT(recorded_["fills"], 10);
  EXPECT_EQ(recorded_["currency"], "USDT");
}

TEST_F(Session, ReplaysBitExactly) {
  const Outcome run = on_journal({"replay", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const Json json = run.json();
  EXPECT_EQ(json["events"], recorded_["events"]);
  EXPECT_EQ(json["outputs"], recorded_["outputs"]);
  EXPECT_EQ(json["digest"], recorded_["output_digest"]);
  EXPECT_EQ(json["recorded_digest"], recorded_["output_digest"]);
  EXPECT_EQ(json["bit_exact"], true);
  EXPECT_TRUE(json["divergence"].is_null());
  EXPECT_NE(on_journal({"replay"}).out.find("bit-exact: yes"), std::string::npos);
}

TEST_F(Session, TenRandomWindowsReplayBitExactly) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::uint64_t events = 0;
  for (int i = 0; i < 10; ++i) {
    const int from = static_cast<int>(random() % 150'000);
    const int length = 1'000 + static_cast<int>(random() % 60'000);
    const Outcome run =
        on_journal({"replay", "--json", "--from", "-" + std::to_string(from + length) + "ms",
                    "--to", "-" + std::to_string(from) + "ms"});
    ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
    EXPECT_EQ(run.json()["bit_exact"], true);
    events += run.json()["events"].get<std::uint64_t>();
  }
  EXPECT_GT(events, 10'000);
}

TEST_F(Session, AnEmptyWindowIsNoErrorButSaysSo) {
  const Outcome run = on_journal({"replay", "--json", "--from", "23:55:00", "--to", "23:55:00"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["events"], 0);
  EXPECT_EQ(run.json()["bit_exact"], true);
  EXPECT_NE(run.err.find("no events"), std::string::npos);
}

TEST_F(Session, TwoRecordingsOfTheSameFilesAreTheSame) {
  const TempDir other;
  const Outcome run = mmctl({"record", "--venue", usdm_feed(), "--lead", spot_feed(), "--lead",
                             coinm_feed(), "--set", "spread=1bps", "--journal", other / "journal",
                             "--json", "--block-rows", "1000"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["input_digest"], recorded_["input_digest"]);
  EXPECT_EQ(run.json()["output_digest"], recorded_["output_digest"]);
  EXPECT_NE(run.json()["session_id"], recorded_["session_id"]);
}

TEST_F(Session, SpeedChangesNothing) {
  const TempDir other;
  const std::vector<std::string> record{"record", "--venue", usdm_feed(), "--for", "5s", "--json"};
  auto fast = record;
  fast.insert(fast.end(), {"--journal", other / "fast"});
  auto paced = record;
  paced.insert(paced.end(), {"--journal", other / "paced", "--speed", "10x"});
  const Json at_once = mmctl(fast).json();
  const Json slowly = mmctl(paced).json();
  EXPECT_EQ(at_once["input_digest"], slowly["input_digest"]);
  EXPECT_EQ(at_once["output_digest"], slowly["output_digest"]);
}

TEST_F(Session, APaperSessionReproducesItsFillsExactly) {
  for (const auto& window : {std::vector<std::string>{},
                             std::vector<std::string>{"--from", "23:55:10", "--to", "23:56:40"}}) {
    std::vector<std::string> arguments{"counterfactual", "--spread", "1bps,3bps,8bps,10bps",
                                       "--json"};
    arguments.insert(arguments.end(), window.begin(), window.end());
    const Outcome run = on_journal(arguments);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const Json json = run.json();
    EXPECT_EQ(json["calibration"]["precision"], 1.0);
    EXPECT_EQ(json["calibration"]["recall"], 1.0);
    EXPECT_EQ(json["calibration"]["pnl_error"], "0");
    EXPECT_EQ(json["currency"], "USDT");
    ASSERT_EQ(json["rows"].size(), 6U);
    EXPECT_EQ(json["rows"][0]["name"], "actual");
    EXPECT_EQ(json["rows"][1]["name"], "simulated_actual");
    for (const char* key : {"pnl", "fills", "volume", "spread_capture", "fees", "inventory"})
      EXPECT_EQ(json["rows"][0][key], json["rows"][1][key]) << key;
    // The variant with the recorded width is the recorded run again.
    EXPECT_EQ(json["rows"][2]["name"], "1bps");
    EXPECT_EQ(json["rows"][2]["pnl"], json["rows"][1]["pnl"]);
    EXPECT_EQ(json["rows"][2]["delta"], "0");
    // Wider quotes cannot trade more.
    EXPECT_GT(json["rows"][2]["fills"], json["rows"][5]["fills"]);
    EXPECT_FALSE(json["insight"].get<std::string>().empty());
  }
}

TEST_F(Session, InfoCountsWhatIsThere) {
  const Outcome run = on_journal({"info", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json json = run.json();
  EXPECT_EQ(json["events"], recorded_["events"]);
  std::uint64_t kinds = 0;
  for (const auto& [name, count] : json["by_kind"].items()) kinds += count.get<std::uint64_t>();
  EXPECT_EQ(kinds,
            recorded_["events"].get<std::uint64_t>() + recorded_["outputs"].get<std::uint64_t>());
  EXPECT_EQ(json["by_kind"]["fill"], recorded_["fills"]);
  EXPECT_EQ(json["sessions"].size(), 1U);
  EXPECT_TRUE(json["gaps"].empty());
  EXPECT_EQ(json["first"].get<std::string>().size(), 30U);  // RFC 3339 with nine digits
  EXPECT_NE(on_journal({"info"}).out.find("binance-usdm:BTCUSDT"), std::string::npos);
}

TEST_F(Session, CatPrintsRecordsByKindAndWindow) {
  const Outcome text = on_journal({"cat", "--kind", "fill,place_order", "--limit", "5"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_EQ(std::count(text.out.begin(), text.out.end(), '\n'), 5);
  const Outcome json = on_journal({"--json", "cat", "--kind", "fill"});
  std::istringstream lines(json.out);
  std::uint64_t fills = 0;
  for (std::string line; std::getline(lines, line); ++fills) {
    const Json record = Json::parse(line);
    EXPECT_EQ(record["kind"], "fill");
    EXPECT_EQ(record["instrument"], "binance-usdm:BTCUSDT");
    EXPECT_TRUE(record["maker"].is_boolean());
  }
  EXPECT_EQ(fills, recorded_["fills"].get<std::uint64_t>());
}

TEST_F(Session, FillsListWithMarkouts) {
  const Outcome run = on_journal({"fills", "--markouts", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json list = run.json()["fills"];
  ASSERT_EQ(list.size(), recorded_["fills"].get<std::uint64_t>());
  for (const Json& fill : list) {
    EXPECT_TRUE(fill["spread_capture_bps"].is_number());
    for (const char* horizon : {"100ms", "1s", "10s", "60s"})
      EXPECT_TRUE(fill["markout_bps"].contains(horizon)) << horizon;
  }
  const Outcome csv = on_journal({"fills", "--csv"});
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.out.begin(), csv.out.end(), '\n')),
            list.size() + 1);
}

TEST_F(Session, VerifyFindsNothingWrong) {
  const Outcome run = on_journal({"verify", "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_EQ(run.json()["ok"], true);
  EXPECT_EQ(run.json()["events"], recorded_["events"]);
  EXPECT_TRUE(run.json()["problems"].empty());
}

TEST_F(Session, TheIndexCanBeLostAndRebuilt) {
  const TempDir copy;
  fs::copy(journal_, copy / "journal", fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(copy / "journal"))
    if (entry.path().string().find("index") != std::string::npos && entry.is_regular_file())
      fs::remove(entry.path());
  const Outcome replay =
      mmctl({"replay", "--json", "--journal", copy / "journal", "--from", "-30s"});
  EXPECT_EQ(replay.json()["bit_exact"], true);
  EXPECT_EQ(mmctl({"verify", "--rebuild-index", "--journal", copy / "journal"}).exit_code, 0);
}

TEST_F(Session, ReplayMemoryDoesNotGrowWithTheWindow) {
  const Outcome brief = on_journal({"replay", "--from", "start", "--to", "23:54:45"});
  const Outcome whole = on_journal({"replay"});
  ASSERT_EQ(brief.exit_code, 0) << brief.err;
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  // Six times the events; the difference is the market's own, as books fill up.
  EXPECT_LT(whole.max_rss_kib, brief.max_rss_kib + 24 * 1024);
}

TEST_F(Session, RawFramesStandBesideTheEvents) {
  const TempDir other;
  const Outcome run = mmctl({"record", "--venue", usdm_feed(), "--for", "3s", "--raw", "--journal",
                             other / "journal", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Outcome raw = mmctl({"cat", "--raw", "--journal", other / "journal"});
  EXPECT_EQ(raw.exit_code, 0) << raw.err;
  EXPECT_NE(raw.out.find("\"e\":\"depthUpdate\""), std::string::npos);
  EXPECT_NE(raw.out.find("lastUpdateId"), std::string::npos);
}

TEST_F(Session, ASecondSessionStandsBehindTheFirst) {
  const TempDir other;
  const std::vector<std::string> record{"record", "--venue",   usdm_feed(),       "--for",
                                        "2s",     "--journal", other / "journal", "--json"};
  ASSERT_EQ(mmctl(record).exit_code, 0);
  ASSERT_EQ(mmctl(record).exit_code, 0);
  const Json info = mmctl({"info", "--json", "--journal", other / "journal"}).json();
  ASSERT_EQ(info["sessions"].size(), 2U);
  EXPECT_EQ(info["sessions"][0]["input_digest"], info["sessions"][1]["input_digest"]);
  for (const char* session : {"1", "2", "all", "latest"})
    EXPECT_EQ(mmctl({"replay", "--session", session, "--journal", other / "journal"}).exit_code, 0)
        << session;
}

TEST(Hyperliquid, ACaptureIsRecordedAndReplayed) {
  const TempDir directory;
  const Outcome run =
      mmctl({"record", "--venue",
             "hyperliquid:BTC=" + repository("tests/fixtures/market/hyperliquid_btc.gz"),
             "--strategy", "glft", "--journal", directory / "journal", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Outcome replay = mmctl({"replay", "--json", "--journal", directory / "journal"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out;
  EXPECT_EQ(replay.json()["bit_exact"], true);
}

TEST(Import, MakesAJournalInWhichNobodyQuotes) {
  const TempDir directory;
  const Outcome run = mmctl({"import", "binance-raw", "--instrument", "binance-coinm:BTCUSD_PERP",
                             repository("tests/fixtures/market/binance_coinm_btcusd_perp.zst"),
                             "--journal", directory / "journal", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["outputs"], 0);
  const Outcome replay = mmctl({"replay", "--json", "--journal", directory / "journal"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out;
}

TEST(Strategies, AreListedWithTheirParameters) {
  const Json json = mmctl({"strategies", "--json"}).json();
  std::vector<std::string> names;
  for (const Json& strategy : json["strategies"]) names.push_back(strategy["name"]);
  EXPECT_NE(std::ranges::find(names, "fixed_spread"), names.end());
  EXPECT_NE(std::ranges::find(names, "glft"), names.end());
}

TEST(Completion, IsAScriptTheShellAccepts) {
  const TempDir directory;
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Outcome run = mmctl({"completion", shell});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_NE(run.out.find("counterfactual"), std::string::npos) << shell;
    EXPECT_NE(run.out.find(shell == "fish" ? "-l journal" : "--journal"), std::string::npos)
        << shell;
  }
  const Outcome bash = run_program(
      {"bash", "-c",
       "source <('" MM_MMCTL "' completion bash); COMP_WORDS=(mmctl rep); COMP_CWORD=1; _mmctl; "
       "echo \"${COMPREPLY[*]}\""});
  EXPECT_EQ(bash.out, "replay\n") << bash.err;
}

}  // namespace
}  // namespace mm::test
