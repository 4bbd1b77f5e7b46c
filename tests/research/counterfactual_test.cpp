#include "research/counterfactual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/random.hpp"
#include "sim/world.hpp"
#include "strategies/registry.hpp"
#include "tests/research/recorded_session.hpp"

namespace mm::research {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RecordedSession;
using testing::SessionPlan;
using ::testing::StartsWith;

Variant spread(const char* width) {
  return {width, {{"spread", width}}};
}

CounterfactualRequest window(double from, double to, std::vector<Variant> variants = {}) {
  return {.from = RecordedSession::at_second(from),
          .to = RecordedSession::at_second(to),
          .variants = std::move(variants),
          .keep_fills = true};
}

CounterfactualResult run(const RecordedSession& session, const CounterfactualRequest& request) {
  return run_counterfactual(request, session.recording()).value();
}

/// Fills as lines, so that a difference can be read.
std::vector<std::string> lines(const std::vector<FillLine>& fills) {
  std::vector<std::string> result;
  for (const FillLine& line : fills)
    result.push_back(
        std::to_string(to_ns(line.time)) + " order " + std::to_string(line.fill.order.value) +
        " trade " + std::to_string(line.fill.trade_id) + " " +
        std::to_string(line.fill.qty.lots()) + "@" + std::to_string(line.fill.price.units()) +
        " cause " + std::to_string(static_cast<int>(line.fill.cause)) + " left " +
        std::to_string(line.fill.remaining.lots()));
  return result;
}

std::string first_difference(const std::vector<FillLine>& a, const std::vector<FillLine>& b) {
  const std::vector<std::string> left = lines(a);
  const std::vector<std::string> right = lines(b);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const std::string mine = i < left.size() ? left[i] : "nothing";
    const std::string theirs = i < right.size() ? right[i] : "nothing";
    if (mine != theirs) return mine + " but " + theirs;
  }
  return "";
}

const RecordedSession& session() {
  static const RecordedSession recorded = RecordedSession::record({.seconds = 400});
  return recorded;
}

// The made-up market must exercise what is tested below.
TEST(Counterfactual, TheSampleSessionFillsForSeveralCauses) {
  std::set<FillCause> causes;
  for (const FillLine& line : session().fills()) causes.insert(line.fill.cause);
  EXPECT_GT(session().fills().size(), 100u);
  EXPECT_EQ(causes, (std::set{FillCause::queue, FillCause::through, FillCause::cross}));
}

TEST(Counterfactual, APaperSessionAtItsOwnParametersIsReproducedExactly) {
  const CounterfactualResult result = run(session(), window(0, 1000));
  ASSERT_EQ(result.rows.size(), 2u);
  const CounterfactualRow& actual = result.rows[0];
  const CounterfactualRow& simulated = result.rows[1];
  EXPECT_EQ(actual.name, "actual");
  EXPECT_EQ(simulated.name, "simulated_actual");
  EXPECT_EQ(first_difference(actual.fill_lines, session().fills()), "");
  EXPECT_EQ(first_difference(simulated.fill_lines, session().fills()), "");
  EXPECT_EQ(simulated.pnl, actual.pnl);
  EXPECT_EQ(simulated.delta, Money{});
  EXPECT_EQ(result.calibration->precision, 1);
  EXPECT_EQ(result.calibration->recall, 1);
  EXPECT_EQ(result.calibration->time_error_ms, 0);
  EXPECT_EQ(result.calibration->pnl_error, Money{});
}

TEST(Counterfactual, SoIsEveryWindowOfIt) {
  SplitMix64 random{11};
  for (int i = 0; i < 20; ++i) {
    const double from = static_cast<double>(random.below(380'000)) / 1e3;
    const double to = from + 0.5 + static_cast<double>(random.below(60'000)) / 1e3;
    const CounterfactualResult result = run(session(), window(from, to));
    EXPECT_EQ(first_difference(result.rows[1].fill_lines, result.rows[0].fill_lines), "") << from;
    EXPECT_EQ(result.rows[1].pnl, result.rows[0].pnl) << from;
    EXPECT_EQ(result.rows[1].adverse_selection, result.rows[0].adverse_selection) << from;
    EXPECT_EQ(result.rows[1].max_position, result.rows[0].max_position) << from;
    EXPECT_EQ(result.calibration->precision, 1) << from;
    EXPECT_EQ(result.calibration->recall, 1) << from;
  }
}

TEST(Counterfactual, WindowsSideBySideAddUp) {
  const CounterfactualResult whole = run(session(), window(30, 90));
  const CounterfactualResult first = run(session(), window(30, 61.5));
  const CounterfactualResult second = run(session(), window(61.5, 90));
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_EQ(first.rows[row].pnl + second.rows[row].pnl, whole.rows[row].pnl);
    EXPECT_EQ(first.rows[row].fees + second.rows[row].fees, whole.rows[row].fees);
    EXPECT_EQ(first.rows[row].fills + second.rows[row].fills, whole.rows[row].fills);
  }
}

TEST(Counterfactual, ThePartsAddUpToTheMoney) {
  const CounterfactualResult result =
      run(session(), window(20, 200, {spread("2bps"), spread("10bps")}));
  for (const CounterfactualRow& row : result.rows) {
    EXPECT_EQ(row.pnl,
              row.spread_capture + row.adverse_selection + row.inventory + row.fees + row.funding)
        << row.name;
    EXPECT_GT(row.fills, 0) << row.name;
    EXPECT_TRUE(row.adverse_share.has_value()) << row.name;
  }
}

// A variant with the recorded parameters is the session going on, to the last bit.
TEST(Counterfactual, AForkWithUnchangedParametersIsTheOriginalGoingOn) {
  const CounterfactualResult result = run(session(), window(47.3, 300, {spread("5bps")}));
  EXPECT_EQ(result.rows[2].output_digest, result.rows[1].output_digest);
  EXPECT_EQ(first_difference(result.rows[2].fill_lines, result.rows[1].fill_lines), "");
  EXPECT_EQ(result.rows[2].delta, Money{});
  EXPECT_THAT(result.insight, StartsWith("Not distinguishable"));
}

TEST(Counterfactual, ManyVariantsAtOnceAreEachAsIfAlone) {
  const std::vector<Variant> variants = {spread("1bps"),
                                         spread("3bps"),
                                         spread("8bps"),
                                         {"skewed", {{"skew", "6bps"}, {"levels", "3"}}}};
  const CounterfactualResult together = run(session(), window(60, 240, variants));
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const CounterfactualResult alone = run(session(), window(60, 240, {variants[i]}));
    const CounterfactualRow& left = together.rows[i + 2];
    const CounterfactualRow& right = alone.rows[2];
    EXPECT_EQ(left.output_digest, right.output_digest) << left.name;
    EXPECT_EQ(first_difference(left.fill_lines, right.fill_lines), "") << left.name;
    EXPECT_EQ(left.pnl, right.pnl) << left.name;
    EXPECT_NE(left.output_digest, together.rows[1].output_digest) << left.name;
  }
}

/// Events in memory, with changed parameters put in at `from`.
struct Upstream {
  std::vector<Event> events;
  std::size_t position = 0;
  const Event* next() { return position < events.size() ? &events[position++] : nullptr; }
};

struct DigestFrom {
  Time from;
  RollingDigest digest;
  std::vector<FillLine> fills;
  void accept(const Event& event) {
    const auto* fill = std::get_if<Fill>(&event.body);
    if (fill != nullptr && event.header.recv_time >= from)
      fills.push_back({event.header.recv_time, *fill});
  }
  void decided(const Event& event, std::span<const Output> outputs) {
    if (event.header.recv_time < from) return;
    for (const Output& output : outputs) {
      ByteWriter bytes;
      write_record(bytes, output);
      digest.add(bytes.bytes());
    }
  }
};

// The lanes of a sweep and engine/drive.hpp are the same program.
TEST(Counterfactual, ALaneIsTheGenericEngineBitForBit) {
  const SessionPlan plan{.seconds = 400};
  const testing::SessionText text = testing::session_text(plan);
  const CounterfactualRequest request = window(60, 1000, {spread("3bps"), spread("9bps")});
  const CounterfactualResult result = run(session(), request);
  for (std::size_t i = 0; i < request.variants.size(); ++i) {
    Upstream upstream{session().market_events()};
    const auto fork =
        std::find_if(upstream.events.begin(), upstream.events.end(),
                     [&](const Event& event) { return event.header.recv_time >= request.from; });
    upstream.events.insert(
        fork, {.header = {.recv_time = request.from},
               .body = ParameterChange{.name = "spread", .value = request.variants[i].name}});
    TraderSettings settings;
    ASSERT_FALSE(TraderSettings::parse(text.settings, settings).has_value());
    Engine engine{settings, make_strategy(text.strategy, text.parameters).value()};
    sim::SimWorld world{plan.simulator};
    sim::WorldSource source{upstream, world, engine.market()};
    DigestFrom sink{.from = request.from};
    drive(source, engine, sink);
    EXPECT_EQ(sink.digest.value(), result.rows[i + 2].output_digest) << request.variants[i].name;
    EXPECT_EQ(first_difference(sink.fills, result.rows[i + 2].fill_lines), "")
        << request.variants[i].name;
  }
}

TEST(Counterfactual, IsTheSameEachTime) {
  const CounterfactualRequest request = window(5, 395, {spread("3bps")});
  const CounterfactualResult first = run(session(), request);
  const CounterfactualResult second = run(session(), request);
  EXPECT_EQ(first.rows[2].ci95, second.rows[2].ci95);
  EXPECT_EQ(first.rows[2].output_digest, second.rows[2].output_digest);
  EXPECT_EQ(first.insight, second.insight);
}

TEST(Counterfactual, GivesAnIntervalFromThirtyBlocksOn) {
  const CounterfactualResult enough = run(session(), window(50, 350, {spread("10bps")}));
  EXPECT_EQ(enough.blocks, 30);
  ASSERT_TRUE(enough.rows[2].ci95.has_value());
  EXPECT_LE(enough.rows[2].ci95->first, enough.rows[2].ci95->second);
  EXPECT_FALSE(enough.rows[0].ci95.has_value());
  EXPECT_FALSE(enough.rows[0].delta.has_value());

  const CounterfactualResult few = run(session(), window(50, 340, {spread("10bps")}));
  EXPECT_EQ(few.blocks, 29);
  EXPECT_FALSE(few.rows[2].ci95.has_value());
  EXPECT_THAT(few.warnings, Contains(HasSubstr("29 usable blocks of 10 s")));
  EXPECT_THAT(few.insight, HasSubstr("too short for an interval"));
}

TEST(Counterfactual, LeavesBlocksWithGapsOutOfTheInterval) {
  const RecordedSession gapped = RecordedSession::record({.seconds = 400, .gap_at_second = 150});
  const CounterfactualResult result = run(gapped, window(10, 390, {spread("3bps")}));
  EXPECT_EQ(first_difference(result.rows[1].fill_lines, result.rows[0].fill_lines), "");
  EXPECT_EQ(result.blocks, 38);
  EXPECT_EQ(result.blocks_with_gaps, 1);
  EXPECT_THAT(result.warnings, Contains(HasSubstr("In 1 of 38 blocks")));
  EXPECT_TRUE(result.rows[2].ci95.has_value());
}

TEST(Counterfactual, WarnsOfQuotesWhereNoFlowWasRecorded) {
  // The recorded spread is two ticks of 1 bps each; 1 bps quotes stand at the mid.
  const CounterfactualResult result =
      run(session(), window(20, 380, {spread("1bps"), spread("10bps")}));
  EXPECT_THAT(result.rows[2].warnings, Contains(HasSubstr("inside the recorded spread")));
  EXPECT_THAT(result.rows[3].warnings, Not(Contains(HasSubstr("inside the recorded spread"))));
}

TEST(Counterfactual, ARecordingWithoutExecutionHasNothingToBeCheckedAgainst) {
  const RecordedSession watched = RecordedSession::record({.seconds = 60, .execution = "none"});
  const CounterfactualResult result = run(watched, window(5, 50, {spread("3bps")}));
  EXPECT_EQ(result.rows[0].fills, 0);
  EXPECT_GT(result.rows[1].fills, 0);
  EXPECT_FALSE(result.calibration.has_value());
  EXPECT_THAT(result.warnings, Contains(HasSubstr("without execution")));
}

TEST(Counterfactual, AWindowBeyondTheEndStopsWithTheRecording) {
  const CounterfactualResult result = run(session(), window(100, 10'000, {spread("3bps")}));
  EXPECT_LT(result.to, RecordedSession::at_second(500));
  EXPECT_EQ(first_difference(result.rows[1].fill_lines, result.rows[0].fill_lines), "");
}

TEST(Counterfactual, RefusesWhatItCannotRun) {
  const auto error = [](const CounterfactualRequest& request) {
    return run_counterfactual(request, session().recording()).error();
  };
  EXPECT_EQ(error(window(50, 50)).kind(), ErrorKind::usage);
  const Error unknown = error(window(50, 60, {{"x", {{"spred", "3bps"}}}}));
  EXPECT_EQ(unknown.kind(), ErrorKind::usage);
  EXPECT_THAT(unknown.message(), HasSubstr("spred"));
  EXPECT_EQ(error(window(50, 60, {spread("-3bps")})).kind(), ErrorKind::usage);
  EXPECT_EQ(error(window(5000, 6000)).kind(), ErrorKind::data);
  const Recording nothing{
      .inputs = [] { return [] { return static_cast<const Event*>(nullptr); }; },
      .records = [] { return [] { return RecordView{}; }; }};
  EXPECT_EQ(run_counterfactual(window(0, 1), nothing).error().kind(), ErrorKind::data);
}

}  // namespace
}  // namespace mm::research
