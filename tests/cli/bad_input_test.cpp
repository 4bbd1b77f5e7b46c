// Bad input of every command: one clear line on stderr, the right exit code, nothing on stdout.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

constexpr int usage = 2;
constexpr int data = 3;

class BadInput : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    ASSERT_EQ(
        mmctl({"record", "--venue", usdm_feed(), "--for", "5s", "--journal", journal_}).exit_code,
        0);
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }
  /// `mmctl record` into a journal of its own, with more arguments.
  static Outcome record(std::vector<std::string> arguments) {
    const TempDir directory;
    arguments.insert(arguments.begin(), "record");
    arguments.insert(arguments.end(), {"--journal", directory / "journal"});
    const Outcome run = mmctl(arguments);
    // What is refused leaves no journal behind.
    EXPECT_TRUE(run.exit_code == 0 || !fs::exists(directory / "journal"));
    return run;
  }
  static std::string file(const std::string& name, const std::string& content) {
    const std::string path = *directory_ / name;
    std::ofstream(path) << content;
    return path;
  }

  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_;
};

TEST_F(BadInput, UnknownCommandsAndFlags) {
  EXPECT_EQ(mmctl({}).exit_code, usage);
  EXPECT_EQ(mmctl({"rewind"}).exit_code, usage);
  EXPECT_EQ(mmctl({"replay", "--frm", "start"}).exit_code, usage);
  EXPECT_EQ(mmctl({"record"}).exit_code, usage);
  EXPECT_EQ(mmctl({"--help"}).exit_code, 0);
}

TEST_F(BadInput, CaptureFiles) {
  const std::string venue = "binance-usdm:BTCUSDT=";
  expect_refusal(record({"--venue", venue + "nowhere.gz"}), data, "nowhere.gz");
  expect_refusal(record({"--venue", venue + file("empty", "")}), data, "empty");
  expect_refusal(record({"--venue", venue + file("text", "what a fine day\n")}), data, "text");
  expect_refusal(record({"--venue", venue + file("broken.gz", "\x1f\x8b\x08 broken")}), data,
                 "broken.gz");
  expect_refusal(record({"--venue", venue + *directory_ / ""}), data, directory_->path().string());
}

TEST_F(BadInput, VenuesAndSymbols) {
  expect_refusal(record({"--venue", "binance-usdm:NOSUCH=x.gz"}), usage, "NOSUCH");
  expect_refusal(record({"--venue", "kraken:BTCUSD=x.gz"}), usage, "kraken");
  expect_refusal(record({"--venue", "BTCUSDT"}), usage, "--venue");
  expect_refusal(record({"--venue", usdm_feed(), "--lead", "binance-spot:NOSUCH=x.gz"}), usage,
                 "--lead");
  expect_refusal(record({"--venue", usdm_feed(), "--venue", spot_feed()}), usage, "--venue");
  expect_refusal(record({"--venue", usdm_feed(), "--lead", usdm_feed()}), usage, "BTCUSDT");
}

TEST_F(BadInput, StrategiesAndParameters) {
  expect_refusal(record({"--venue", usdm_feed(), "--strategy", "martingale"}), usage,
                 "fixed_spread");
  expect_refusal(record({"--venue", usdm_feed(), "--set", "width=3bps"}), usage, "spread");
  expect_refusal(record({"--venue", usdm_feed(), "--spread", "-3bps"}), usage, "spread");
  expect_refusal(record({"--venue", usdm_feed(), "--spread", "wide"}), usage, "spread");
  expect_refusal(record({"--venue", usdm_feed(), "--set", "levels"}), usage, "name=value");
  expect_refusal(record({"--venue", usdm_feed(), "--latency", "soon"}), usage, "latency");
  expect_refusal(record({"--venue", usdm_feed(), "--queue", "fifo"}), usage, "queue");
  expect_refusal(record({"--venue", usdm_feed(), "--for", "soon"}), usage, "--for");
  expect_refusal(record({"--venue", usdm_feed(), "--speed", "warp"}), usage, "--speed");
  expect_refusal(record({"--venue", usdm_feed(), "--sync", "often"}), usage, "--sync");
  expect_refusal(mmctl({"counterfactual", "--spread", "1e9bps", "--journal", journal_}), usage,
                 "spread");
  expect_refusal(mmctl({"counterfactual", "--set", "width=1", "--journal", journal_}), usage,
                 "width");
  expect_refusal(mmctl({"counterfactual", "--set", "nothing", "--journal", journal_}), usage,
                 "name=value");
}

TEST_F(BadInput, Windows) {
  for (const char* command : {"replay", "counterfactual", "cat", "fills", "why"}) {
    const auto with = [&](const char* from, const char* to) {
      return mmctl({command, "--from", from, "--to", to, "--journal", journal_});
    };
    expect_refusal(with("end", "start"), usage, "--from");
    expect_refusal(with("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"), usage, "outside");
    expect_refusal(with("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"), usage, "outside");
    expect_refusal(with("yesterday", "end"), usage, "--from");
    expect_refusal(mmctl({command, "--session", "7", "--journal", journal_}), usage, "--session");
  }
}

TEST_F(BadInput, JournalsThatAreNone) {
  const std::string missing = *directory_ / "missing";
  const std::string empty = *directory_ / "empty_dir";
  const std::string alien = *directory_ / "alien";
  fs::create_directory(empty);
  fs::create_directory(alien);
  std::ofstream(fs::path(alien) / "holiday.txt") << "not a journal";
  for (const char* command : {"replay", "counterfactual", "info", "cat", "fills", "why"}) {
    for (const std::string& journal : {missing, empty, alien})
      expect_refusal(mmctl({command, "--journal", journal}), data, journal);
  }
  for (const std::string& journal : {missing, empty, alien}) {
    const Outcome run = mmctl({"verify", "--json", "--journal", journal});
    EXPECT_EQ(run.exit_code, data) << run.err;
    EXPECT_EQ(run.json()["ok"], false);
    EXPECT_FALSE(run.json()["problems"].empty());
  }
  expect_refusal(mmctl({"record", "--venue", usdm_feed(), "--journal", alien}), data, alien);
  EXPECT_TRUE(fs::exists(fs::path(alien) / "holiday.txt"));
}

TEST_F(BadInput, KindsFormatsAndCases) {
  expect_refusal(mmctl({"cat", "--kind", "gossip", "--journal", journal_}), usage, "place_order");
  expect_refusal(mmctl({"import", "csv", "x", "--instrument", "binance-usdm:BTCUSDT"}), usage,
                 "binance-raw");
  expect_refusal(mmctl({"import", "binance-raw", "x", "--instrument", "hyperliquid:BTC"}), usage,
                 "--instrument");
  expect_refusal(mmctl({"regress", "run", "--golden", "nowhere"}), usage, "nowhere");
  expect_refusal(mmctl({"regress", "run", "--golden", directory_->path().string()}), usage,
                 "no case");
  EXPECT_EQ(mmctl({"completion", "powershell"}).exit_code, usage);
  expect_refusal(mmctl({"verify", "--rebuild-index", "--salvage", "x", "--journal", journal_}),
                 usage, "--salvage");
}

TEST_F(BadInput, ADamagedJournalIsRefusedAndSalvaged) {
  const std::string damaged = *directory_ / "damaged";
  fs::copy(journal_, damaged, fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(damaged)) {
    if (entry.path().extension() != ".mmj") continue;
    std::fstream segment(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(static_cast<std::streamoff>(fs::file_size(entry.path()) / 2));
    segment.write("damage!!", 8);
  }
  const Outcome replay = mmctl({"replay", "--journal", damaged});
  EXPECT_EQ(replay.exit_code, data);
  EXPECT_NE(replay.err.find("mmctl verify --salvage"), std::string::npos) << replay.err;
  const Outcome verify = mmctl({"verify", "--json", "--journal", damaged});
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_FALSE(verify.json()["problems"].empty());
  const std::string saved = *directory_ / "saved";
  EXPECT_EQ(mmctl({"verify", "--salvage", saved, "--journal", damaged}).exit_code, 0);
  EXPECT_EQ(mmctl({"verify", "--journal", saved}).exit_code, 0);
  EXPECT_GT(mmctl({"info", "--json", "--journal", saved}).json()["events"], 100);
}

TEST_F(BadInput, AReadOnlyDirectory) {
  if (geteuid() != 0) std::puts("runs as this user, who is not root");
  const TempDir home;
  fs::permissions(home.path(), fs::perms::owner_all | fs::perms::others_read |
                                   fs::perms::others_exec | fs::perms::group_read |
                                   fs::perms::group_exec);
  RunOptions nobody;
  nobody.as_nobody = geteuid() == 0;
  if (geteuid() != 0) fs::permissions(home.path(), fs::perms::owner_read | fs::perms::owner_exec);
  // The capture is copied to where another user may read it.
  const TempDir shared;
  fs::permissions(shared.path(), fs::perms::all);
  fs::copy(repository("tests/fixtures/market/hyperliquid_btc.gz"), shared / "capture.gz");
  fs::copy(MM_MMCTL, shared / "mmctl");
  const Outcome run =
      run_program({shared / "mmctl", "record", "--venue",
                   "hyperliquid:BTC=" + shared / "capture.gz", "--journal", home / "journal"},
                  nobody);
  expect_refusal(run, data, home / "journal");
}

// Too full to begin with, and full in the middle: the second keeps what it had accepted.
TEST_F(BadInput, AFullDisk) {
  for (const std::string size : {"1m", "17600k"}) {
    const TempDir directory;
    const std::string journal = directory / "journal";
    const std::string script =
        "mount -t tmpfs -o size=" + size + " tmpfs '" + directory.path().string() +
        "' && '" MM_MMCTL "' record --raw --venue '" + usdm_feed() + "' --journal '" + journal +
        "'; echo \"exit $?\"; '" MM_MMCTL "' verify --journal '" + journal +
        "'; '" MM_MMCTL "' replay --json --journal '" + journal + "'";
    const Outcome run = run_program({"unshare", "-rm", "bash", "-c", script});
    if (run.out.find("exit ") == std::string::npos) {
      std::printf("did not run: no mount namespace here (%s)\n", run.err.c_str());
      return;
    }
    EXPECT_NE(run.out.find("exit 3"), std::string::npos) << size << run.out << run.err;
    EXPECT_NE(run.err.find("No space left"), std::string::npos) << size << run.err;
    EXPECT_NE(run.out.find("ok: "), std::string::npos) << size << run.out << run.err;
    const Json replay = Json::parse(run.out.substr(run.out.find('{')));
    EXPECT_EQ(replay["bit_exact"], true) << size;
    EXPECT_EQ(replay["events"] > 1000, size != "1m") << size;
  }
}

TEST_F(BadInput, ASecondWriterIsToldWhoIsThere) {
  const TempDir directory;
  const pid_t first = fork();
  if (first == 0) {
    const std::string journal = directory / "journal";
    const std::string feed = usdm_feed();
    execl(MM_MMCTL, "mmctl", "record", "--venue", feed.c_str(), "--speed", "1x", "--journal",
          journal.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  for (int i = 0; i < 200 && !fs::exists(directory / "journal/LOCK"); ++i) usleep(20'000);
  usleep(200'000);
  const Outcome second =
      mmctl({"record", "--venue", usdm_feed(), "--for", "1s", "--journal", directory / "journal"});
  expect_refusal(second, data, std::to_string(first));
  // A reader is welcome meanwhile, and a signal ends the first one cleanly.
  EXPECT_EQ(mmctl({"replay", "--journal", directory / "journal"}).exit_code, 0);
  kill(first, SIGINT);
  int status = 0;
  waitpid(first, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  const Outcome replay = mmctl({"replay", "--json", "--journal", directory / "journal"});
  EXPECT_EQ(replay.json()["bit_exact"], true);
}

}  // namespace
}  // namespace mm::test
