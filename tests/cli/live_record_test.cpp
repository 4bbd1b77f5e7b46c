// mmctl record from sockets, as a user runs it, against a venue on loopback.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "net/tls.hpp"
#include "tests/cli/mmctl_runner.hpp"
#include "tests/live/scripted_venue.hpp"

namespace mm::test {
namespace {

using testing::HasSubstr;

/// A venue on a thread of its own.
class Venue {
 public:
  explicit Venue(const net::TlsServer* tls = nullptr)
      : venue_(loop_, std::chrono::milliseconds{2}, tls), thread_([this] { loop_.run(); }) {}
  ~Venue() {
    loop_.stop();
    thread_.join();
  }
  std::string url() const { return venue_.url(); }

 private:
  net::Loop loop_;
  ScriptedVenue venue_;
  std::thread thread_;
};

std::vector<std::string> recording(const Venue& venue, const std::string& journal,
                                   std::vector<std::string> more) {
  std::vector<std::string> arguments{
      "record",    "--venue",   "hyperliquid:ETH", "--lead", "binance-usdm:ETHUSDT",
      "--network", venue.url(), "--spread",        "4bps",   "--latency",
      "2ms",       "--journal", journal,           "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(LiveRecord, RecordsForAWhileAndReplaysBitExactly) {
  const Venue venue;
  const TempDir directory;
  const std::string journal = directory / "journal";
  const Outcome run = mmctl(recording(venue, journal, {"--for", "600ms"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["end"], "time is up");
  EXPECT_EQ(run.json()["orders_left"], 0);
  EXPECT_GT(run.json()["events"], 300);
  EXPECT_GT(run.json()["outputs"], 0);
  EXPECT_THAT(run.err, HasSubstr("enough for about"));

  const Outcome replay = mmctl({"replay", "--journal", journal, "--json"});
  ASSERT_EQ(replay.exit_code, 0) << replay.out << replay.err;
  EXPECT_EQ(replay.json()["digest"], run.json()["output_digest"]);
  const Outcome notes = mmctl({"cat", "--kind", "annotation", "--journal", journal});
  EXPECT_THAT(notes.out, HasSubstr("clock of hyperliquid: "));
  EXPECT_THAT(notes.out, HasSubstr("clock of binance-usdm: "));
}

TEST(LiveRecord, ASignalEndsItCleanly) {
  const Venue venue;
  for (const char* signal : {"INT", "TERM"}) {
    const TempDir directory;
    const std::string journal = directory / "journal";
    // Otherwise timeout signals its group as well, and a second signal ends the program at once.
    std::vector<std::string> command{"timeout", "--foreground", "--preserve-status", "-s", signal,
                                     "0.6",     MM_MMCTL};
    const auto arguments = recording(venue, journal, {});
    command.insert(command.end(), arguments.begin(), arguments.end());
    const Outcome run = run_program(command);
    ASSERT_EQ(run.exit_code, 0) << signal << run.err;
    EXPECT_EQ(run.json()["end"], std::string("stopped by SIG") + signal);
    EXPECT_EQ(mmctl({"verify", "--journal", journal}).exit_code, 0);
    EXPECT_THAT(mmctl({"info", "--journal", journal}).out, HasSubstr(", closed"));
  }
}

TEST(LiveRecord, AKilledRecorderLosesNothingThatWasAccepted) {
  const Venue venue;
  const TempDir directory;
  const std::string journal = directory / "journal";
  const Outcome killed = mmctl(recording(venue, journal, {}), {.kill_after_us = 500'000});
  ASSERT_EQ(killed.exit_code, 128 + SIGKILL);
  const Outcome replay = mmctl({"replay", "--journal", journal, "--json"});
  ASSERT_EQ(replay.exit_code, 0) << replay.out << replay.err;
  EXPECT_EQ(replay.json()["bit_exact"], true);
  const Outcome next = mmctl(recording(venue, journal, {"--for", "100ms"}));
  EXPECT_EQ(next.exit_code, 0) << next.err;
}

TEST(LiveRecord, SpeaksTlsToWhomItCanTrust) {
  const TempDir directory;
  const std::string certificate = directory / "ca.pem";
  const net::TlsServer tls = net::TlsServer::self_signed(certificate);
  const Venue venue(&tls);
  const std::string journal = directory / "journal";
  const Outcome run =
      mmctl(recording(venue, journal, {"--for", "400ms", "--ca-file", certificate}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GT(run.json()["events"], 100);
  const Outcome stranger = mmctl(recording(venue, journal, {"--for", "400ms"}));
  EXPECT_EQ(stranger.exit_code, 4);
  EXPECT_THAT(stranger.err, HasSubstr("certificate verify failed"));
}

TEST(LiveRecord, WhatCannotBeIsToldBeforeTheJournalIsTouched) {
  const Venue venue;
  const TempDir directory;
  const std::string journal = directory / "journal";
  const auto code = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"record", "--journal", journal});
    return mmctl(arguments).exit_code;
  };
  const std::string url = venue.url();
  EXPECT_EQ(code({"--venue", "hyperliquid:eth", "--network", url}), 2) << "a coin's case counts";
  EXPECT_EQ(code({"--venue", "binance-usdm:NONEUSDT", "--network", url}), 2);
  EXPECT_EQ(code({"--venue", usdm_feed(), "--lead", "hyperliquid:ETH"}), 2) << "files and sockets";
  EXPECT_EQ(code({"--venue", usdm_feed(), "--network", url}), 2);
  EXPECT_EQ(code({"--venue", "hyperliquid:ETH", "--network", url, "--speed", "2x"}), 2);
  EXPECT_EQ(code({"--venue", "hyperliquid:ETH", "--network", "ftp://localhost"}), 2);
  EXPECT_EQ(code({"--venue", "hyperliquid:ETH", "--network", url, "--ca-file", "x"}), 2);
  EXPECT_EQ(code({"--venue", "hyperliquid:ETH", "--network", "https://127.0.0.1:1", "--ca-file",
                  "/nonexistent"}),
            2);
  EXPECT_EQ(code({"--venue", "hyperliquid:ETH", "--network", "http://127.0.0.1:1"}), 4);
  EXPECT_FALSE(fs::exists(journal));
}

}  // namespace
}  // namespace mm::test
