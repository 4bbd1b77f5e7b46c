// kill -9 at random moments: every event the core had accepted is there, the journal opens by
// itself, and replay of it is bit-exact.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <random>

#include "engine/record.hpp"
#include "engine/settings.hpp"
#include "journal/reader.hpp"
#include "journal/replay.hpp"
#include "live/recorder.hpp"
#include "strategies/registry.hpp"
#include "strategies/session_engine.hpp"
#include "tests/cli/mmctl_runner.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::test {
namespace {

Engine engine_of(const SessionStart& start) {
  return std::move(*make_engine(start));
}

/// Canonical digest of the first `count` inputs of a session.
std::uint64_t digest_of_inputs(const journal::Journal& journal, const journal::SessionInfo& session,
                               std::uint64_t count) {
  RollingDigest digest;
  ByteWriter scratch;
  journal::RecordCursor cursor = journal.read(session);
  while (count > 0 && cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) continue;
    scratch.clear();
    write_record(scratch, cursor.event());
    digest.add(scratch.bytes());
    --count;
  }
  EXPECT_EQ(count, 0U) << "the session is shorter";
  return digest.value();
}

/// A whole recording to compare with.
class Crash : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDir();
    ASSERT_EQ(mmctl({"record", "--venue", usdm_feed(), "--spread", "3bps", "--for", "60s",
                     "--journal", *directory_ / "whole"})
                  .exit_code,
              0);
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }

  /// Opens what a killed recorder left; returns the number of its inputs.
  static std::uint64_t check_survivor(const std::string& path) {
    const journal::Journal journal = journal::Journal::open(path);
    if (journal.sessions().empty()) return 0;
    const journal::SessionInfo& session = journal.sessions().back();
    if (session.end_seq.value == 0) return 0;
    const journal::ReplayResult replay =
        journal::replay(journal, session, journal::TimeWindow{}, engine_of);
    EXPECT_TRUE(replay.bit_exact) << "diverged at seq "
                                  << (replay.divergence ? replay.divergence->seq.value : 0);
    const journal::Journal whole = journal::Journal::open(*directory_ / "whole");
    const std::uint64_t inputs = replay.events;
    EXPECT_EQ(digest_of_inputs(journal, session, inputs),
              digest_of_inputs(whole, whole.sessions().back(), inputs));
    return inputs;
  }

  static inline TempDir* directory_ = nullptr;
};

// The program as users run it, killed from outside.
TEST_F(Crash, TheProgramKilledAtAHundredRandomMoments) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  int with_events = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string path = *directory_ / ("program" + std::to_string(i));
    RunOptions options;
    options.kill_after_us = 5'000 + static_cast<int>(random() % 250'000);
    const Outcome run = mmctl({"record", "--venue", usdm_feed(), "--spread", "3bps", "--for", "60s",
                               "--speed", "200x", "--journal", path},
                              options);
    ASSERT_EQ(run.exit_code, 128 + SIGKILL) << run.err;
    if (!fs::exists(path) || fs::is_empty(path)) continue;
    try {
      with_events += check_survivor(path) > 0 ? 1 : 0;
    } catch (const Error& error) {
      // Killed while the directory was being made: there is no segment yet, and it says so.
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.message();
      EXPECT_EQ(error.message().find("damage"), std::string::npos) << error.message();
    }
    // The next recording opens the journal by itself and the survivors stay.
    if (i % 10 == 0) {
      EXPECT_EQ(
          mmctl({"record", "--venue", usdm_feed(), "--for", "1s", "--journal", path}).exit_code, 0);
      EXPECT_EQ(mmctl({"verify", "--journal", path}).exit_code, 0);
      EXPECT_EQ(mmctl({"replay", "--session", "all", "--journal", path}).exit_code, 0);
    }
    fs::remove_all(path);
  }
  std::printf("%d of 100 had accepted events\n", with_events);
  EXPECT_GT(with_events, 50);
}

// The same recorder in a child that tells us, event by event, what its core has been given.
TEST_F(Crash, EverythingTheCoreHadAcceptedIsThereAfterAHundredKills) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  void* shared = mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* accepted = new (shared) std::atomic<std::uint64_t>(0);
  std::uint64_t total = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string path = *directory_ / ("child" + std::to_string(i));
    accepted->store(0);
    const pid_t child = fork();
    if (child == 0) {
      const std::vector<venues::FeedSpec> specs{venues::parse_feed_spec("--venue", usdm_feed())};
      live::SessionPlan plan;
      plan.instruments = venues::instruments_of(specs, venues::Instruments::built_in());
      plan.strategy = "fixed_spread";
      plan.parameters = (*make_strategy("fixed_spread", "spread=3bps\n"))->parameters();
      plan.execution = "paper";
      const sim::Settings simulation;
      plan.settings =
          format_settings(parse_settings(TraderSettings{}.format() + simulation.format()).value());
      Engine engine = engine_of(plan.start());
      const auto market = venues::open_captures(specs, plan.instruments);
      live::RecorderOptions options;
      options.pace.speed = 200;
      options.checkpoint_rows = 20'000;
      options.status = [accepted](const live::RecordingStatus& status) {
        accepted->store(status.inputs, std::memory_order_release);
      };
      journal::JournalWriter writer = journal::JournalWriter::open(path, {});
      live::record_session(plan, *market, engine, simulation, writer, options);
      _exit(0);
    }
    usleep(static_cast<useconds_t>(5'000 + random() % 250'000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    const std::uint64_t at_least = accepted->load(std::memory_order_acquire);
    if (at_least == 0) {
      fs::remove_all(path);
      continue;
    }
    EXPECT_GE(check_survivor(path), at_least);
    total += at_least;
    fs::remove_all(path);
  }
  std::printf("%llu accepted events, none lost\n", static_cast<unsigned long long>(total));
  EXPECT_GT(total, 10'000U);
  munmap(shared, sizeof(std::atomic<std::uint64_t>));
}

}  // namespace
}  // namespace mm::test
