#include "research/what_if/fidelity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/research/recorded_session.hpp"

namespace mm::research {
namespace {

using namespace std::chrono_literals;
using testing::RecordedSession;

sim::Settings queue(const char* name) {
  sim::Settings settings;
  settings.queue = sim::QueueModel::parse(name).value();
  return settings;
}

std::vector<Fidelity> replay(const RecordedSession& session,
                             const std::vector<QuoteCandidate>& candidates) {
  return replay_quotes(session.recording(), RecordedSession::at_second(0),
                       RecordedSession::at_second(1000), candidates)
      .value()
      .candidates;
}

const RecordedSession& session() {
  static const RecordedSession recorded =
      RecordedSession::record({.seconds = 400, .simulator = queue("power:1")});
  return recorded;
}

// Our own exchange recorded it, so its own orders and moments give its fills again, to the last
// lot.
TEST(QuoteReplay, OfAPaperSessionIsPerfectWithItsOwnModel) {
  const Fidelity result = replay(session(), {{queue("power:1")}}).front();
  EXPECT_GT(result.orders, 300);
  EXPECT_EQ(result.refused, 0);
  EXPECT_EQ(result.recorded_fills, static_cast<std::int64_t>(session().fills().size()));
  EXPECT_EQ(result.simulated_fills, result.recorded_fills);
  EXPECT_EQ(result.precision, 1);
  EXPECT_EQ(result.recall, 1);
  EXPECT_EQ(result.precision_of_fills, 1);
  EXPECT_EQ(result.time_error_mean_ms, 0);
  EXPECT_EQ(result.time_error_p95_ms, 0);
  EXPECT_EQ(result.pnl_error, Money{});
  EXPECT_LT(*result.log_score, *result.null_log_score / 5);
  for (const FidelitySlice& slice : result.slices) {
    EXPECT_EQ(slice.recorded, slice.simulated) << slice.name;
    EXPECT_EQ(slice.recorded, slice.matched) << slice.name;
  }
}

TEST(QuoteReplay, AnotherModelOrAnotherMomentIsWorse) {
  const std::vector<Fidelity> results =
      replay(session(), {{queue("power:1")}, {queue("risk_averse")}, {queue("power:1"), 400ms}});
  EXPECT_LT(results[1].f1, 1);
  EXPECT_LT(results[2].f1, 1);
  EXPECT_GT(*results[2].fit_log_score, *results[0].fit_log_score);
  EXPECT_GT(*results[2].log_score, *results[0].log_score);
  EXPECT_GT(results[2].time_error_p95_ms.value_or(1), 0);
  // What stands behind everybody fills less.
  EXPECT_LT(results[1].simulated, results[0].simulated);
}

TEST(QuoteReplay, SlicesOfOneSortAddUpToTheWhole) {
  const Fidelity result = replay(session(), {{queue("risk_averse")}}).front();
  for (const char* sort : {"cause ", "side ", "depth "}) {
    Qty recorded, simulated, matched;
    for (const FidelitySlice& slice : result.slices) {
      if (!slice.name.starts_with(sort)) continue;
      recorded += slice.recorded;
      simulated += slice.simulated;
      matched += slice.matched;
    }
    EXPECT_EQ(recorded, result.recorded) << sort;
    EXPECT_EQ(simulated, result.simulated) << sort;
    EXPECT_EQ(matched, result.matched) << sort;
  }
}

TEST(QuoteReplay, CountsOnlyTheWindow) {
  const Fidelity whole = replay(session(), {{queue("power:1")}}).front();
  const auto part = [&](double from, double to) {
    return replay_quotes(session().recording(), RecordedSession::at_second(from),
                         RecordedSession::at_second(to), {{queue("power:1")}})
        .value()
        .candidates.front();
  };
  const Fidelity first = part(0, 130.5);
  const Fidelity second = part(130.5, 1000);
  EXPECT_EQ(first.orders + second.orders, whole.orders);
  EXPECT_EQ(first.recorded_fills + second.recorded_fills, whole.recorded_fills);
  EXPECT_EQ(first.simulated + second.simulated, whole.simulated);
  EXPECT_EQ(first.recall, 1);
}

TEST(QuoteReplay, WithoutExecutionThereIsNothingToCompare) {
  const RecordedSession watched = RecordedSession::record({.seconds = 20, .execution = "none"});
  const Fidelity result = replay(watched, {{sim::Settings{}}}).front();
  EXPECT_EQ(result.orders, 0);
  EXPECT_EQ(result.log_score, std::nullopt);
}

TEST(LogScore, IsTheMeanSurpriseAtWhatWasRecorded) {
  const FillTable known{.seconds = {{{8, 2}, {1, 4}}}, .orders = 5};  // [simulated][recorded]
  const FillTable judged{.seconds = {{{1, 0}, {0, 2}}}, .orders = 2};
  const double expected = -(std::log(8.5 / 11) + 2 * std::log(4.5 / 6)) / 2;
  EXPECT_NEAR(*log_score(judged, known), expected, 1e-12);
  EXPECT_NEAR(*log_score(judged, FillTable{}), 1.5 * std::log(2), 1e-12);
  EXPECT_EQ(log_score(FillTable{}, known), std::nullopt);
}

}  // namespace
}  // namespace mm::research
