// One what-if in parts: over threads, processes, shards, GNU parallel and Slurm. The same bytes.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

/// Two sessions in one journal, and what one run says of them.
class Sharded : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    journal_ = *directory_ / "journal";
    for (const char* spread : {"1bps", "2bps"}) {
      const Outcome run = mmctl({"record", "--venue", usdm_feed(), "--strategy", "fixed_spread",
                                 "--spread", spread, "--journal", journal_});
      ASSERT_EQ(run.exit_code, 0) << run.err;
    }
    whole_ = what_if({"--session", "all", "--json"});
    ASSERT_EQ(whole_.exit_code, 0) << whole_.err;
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }

  static std::vector<std::string> arguments(std::vector<std::string> more) {
    std::vector<std::string> all{
        "counterfactual", "--journal",           journal_, "--spread", "1bps,3bps,6bps",
        "--queue",        "power3:3,risk_averse"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static Outcome what_if(const std::vector<std::string>& more) { return mmctl(arguments(more)); }

  static inline TempDir* directory_ = nullptr;
  static inline std::string journal_;
  static inline Outcome whole_;
};

TEST_F(Sharded, OneRunAnswersForEachSession) {
  const Json json = whole_.json();
  ASSERT_EQ(json["sessions"].size(), 2u);
  for (const Json& session : json["sessions"]) {
    EXPECT_EQ(session["rows"].size(), 5u);
    EXPECT_EQ(session["complete"], true);
    EXPECT_EQ(session["calibration"]["precision"], 1.0);
    EXPECT_EQ(session["calibration"]["quote_replay"]["f1"], 1.0);
    EXPECT_EQ(session["ensemble"].size(), 2u);
  }
}

TEST_F(Sharded, MergedShardsAreTheSameBytes) {
  for (const int count : {1, 3, 4, 8}) {
    std::vector<std::string> merge{"merge", "--json"};
    // In any order.
    for (int shard = count; shard >= 1; --shard) {
      const std::string file =
          *directory_ / ("part-" + std::to_string(count) + "-" + std::to_string(shard));
      const Outcome run =
          what_if({"--session", "all", "--threads", std::to_string(1 + shard % 3), "--shard",
                   std::to_string(shard) + "/" + std::to_string(count), "--output", file});
      ASSERT_EQ(run.exit_code, 0) << run.err;
      EXPECT_EQ(run.out, "");
      merge.push_back(file);
    }
    const Outcome merged = mmctl(merge);
    ASSERT_EQ(merged.exit_code, 0) << merged.err;
    EXPECT_EQ(merged.out, whole_.out) << count << " shards";
  }
}

TEST_F(Sharded, ThreadsBatchesAndProcessesMakeNoDifference) {
  const char* much = std::getenv("MM_LONG");
  const int processes = much != nullptr && *much == '1' ? 100 : 6;
  for (int i = 0; i < processes; ++i) {
    const Outcome run = what_if({"--session", "all", "--json", "--threads",
                                 std::to_string(1 + i % 5), "--batch", std::to_string(i % 4)});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    ASSERT_EQ(run.out, whole_.out) << "process " << i;
  }
  std::printf("%d processes gave the same bytes%s\n", processes,
              processes < 100 ? "; 100 of them with MM_LONG=1" : "");
}

TEST_F(Sharded, WhatDoesNotBelongTogetherIsRefused) {
  const auto shard = [&](const std::string& which, const std::string& file,
                         std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--shard", which, "--output", file});
    EXPECT_EQ(what_if(more).exit_code, 0);
    return file;
  };
  const std::string one = shard("1/2", *directory_ / "one");
  const std::string two = shard("2/2", *directory_ / "two");
  const auto refused = [](std::vector<std::string> files, const char* why) {
    files.insert(files.begin(), "merge");
    const Outcome run = mmctl(files);
    EXPECT_EQ(run.exit_code, 3);
    EXPECT_NE(run.err.find(why), std::string::npos) << run.err;
  };
  refused({one}, "missing: 2/2");
  refused({one, one}, "was given before");
  refused({one, *directory_ / "nothing"}, "cannot read");
  refused({one, journal_}, "cannot read");
  refused({one, shard("2/2", *directory_ / "other", {"--from", "-60s"})}, "another run");
  refused({one, repository("README.md")}, "no partial result");
  std::ofstream{*directory_ / "cut"} << file_text(two).substr(0, 2'000);
  refused({one, *directory_ / "cut"}, "no partial result");
  for (const char* wrong : {"0/2", "3/2", "1", "1/0", "a/b", "1/2/3"})
    EXPECT_EQ(what_if({"--shard", wrong, "--output", *directory_ / "x"}).exit_code, 2) << wrong;
  EXPECT_EQ(what_if({"--shard", "1/2"}).exit_code, 2);
}

TEST_F(Sharded, RunsUnderGnuParallel) {
  if (run_program({"sh", "-c", "command -v parallel"}).exit_code != 0) {
    std::printf("did not run: there is no GNU parallel (apt-get install parallel)\n");
    return;
  }
  std::vector<std::string> command{repository("tools/shards.sh"), "parallel", "3"};
  const auto options = arguments({"--session", "all"});
  command.insert(command.end(), options.begin() + 1, options.end());
  // GNU parallel keeps its own files at home.
  const Outcome run = run_program(command, {.environment = {"MMCTL=" MM_MMCTL, "MERGE=--json",
                                                            "HOME=" + (*directory_ / "home")}});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, whole_.out);
}

TEST_F(Sharded, RunsUnderSlurm) {
  std::vector<std::string> command{repository("tests/cli/one_node_slurm.sh"), *directory_ / "slurm",
                                   repository("tools/shards.sh"), "slurm", "4"};
  const auto options = arguments({"--session", "all"});
  command.insert(command.end(), options.begin() + 1, options.end());
  const Outcome run =
      run_program(command, {.environment = {"MMCTL=" MM_MMCTL, "MERGE=--json",
                                            "TMPDIR=" + directory_->path().string()}});
  if (run.exit_code == 77) {
    std::printf("did not run: no Slurm on loopback: %s\n", run.out.c_str());
    return;
  }
  ASSERT_EQ(run.exit_code, 0) << run.err << run.out;
  EXPECT_EQ(run.out, whole_.out);
}

TEST_F(Sharded, CtrlCKeepsFinishedRowsAndSaysWhichAreMissing) {
  // So many variants, one at a time, that the signal comes in between.
  const std::string out = *directory_ / "out";
  const std::string err = *directory_ / "err";
  std::vector<std::string> command{MM_MMCTL};
  const std::vector<std::string> options{
      "counterfactual", "--journal", journal_,    "--spread", "1bps:400bps:1bps",
      "--batch",        "1",         "--threads", "1",        "--json"};
  command.insert(command.end(), options.begin(), options.end());
  const int child = start_program(command, {}, out, err);
  std::this_thread::sleep_for(std::chrono::milliseconds{1'500});
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 130) << file_text(err);
  const Json json = Json::parse(file_text(out));
  EXPECT_EQ(json["complete"], false);
  const auto rows = json["rows"];
  ASSERT_EQ(rows.size(), 402u);
  const auto done = std::count_if(rows.begin() + 2, rows.end(),
                                  [](const Json& row) { return row.contains("pnl"); });
  EXPECT_GT(done, 0);
  EXPECT_LT(done, 400);
  EXPECT_EQ(rows.back()["complete"], false);
  EXPECT_NE(file_text(err).find(std::to_string(done) + " of 400 variants are complete"),
            std::string::npos)
      << file_text(err);
}

TEST_F(Sharded, ThePictureHasEveryVariantAndEveryBucket) {
  const std::string file = *directory_ / "what-if.svg";
  const Outcome run = what_if({"--plot", file, "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string svg = file_text(file);
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  std::size_t dots = 0;
  for (std::size_t at = 0; (at = svg.find("<circle", at)) != std::string::npos; ++at) ++dots;
  std::size_t buckets = 0;
  const Json json = run.json();
  for (const Json& bucket : json["fill_probability"])
    if (bucket["effective_orders"] > 0.0) ++buckets;
  EXPECT_EQ(dots, 3 + buckets);
  // The sentence below the picture stays within it.
  for (std::size_t at = 0; (at = svg.find("font-size=\"11\">", at)) != std::string::npos; ++at)
    EXPECT_LE(svg.find('<', at) - at, 140u) << svg.substr(at, 200);
  EXPECT_EQ(run_program({"python3", "-c",
                         "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])", file})
                .exit_code,
            0);
}

}  // namespace
}  // namespace mm::test
