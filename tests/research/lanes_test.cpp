// A lane of a sweep and engine/drive.hpp are the same program: what is passed over changes nothing.

#include "research/what_if/lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "research/counterfactual.hpp"
#include "sim/world.hpp"
#include "strategies/registry.hpp"
#include "tests/research/recorded_session.hpp"

namespace mm::research {
namespace {

using testing::RecordedSession;
using testing::SessionPlan;

/// Events in memory, with changed parameters put in at `from`.
struct Upstream {
  std::vector<Event> events;
  std::size_t position = 0;
  const Event* next() { return position < events.size() ? &events[position++] : nullptr; }
};

struct DigestFrom {
  Time from;
  RollingDigest digest;
  std::int64_t fills = 0;
  std::int64_t outputs = 0;
  void accept(const Event& event) {
    if (std::holds_alternative<Fill>(event.body) && event.header.recv_time >= from) ++fills;
  }
  void decided(const Event& event, std::span<const Output> decided_now) {
    if (event.header.recv_time < from) return;
    for (const Output& output : decided_now) {
      // What is seen of the market is the shared outlook's to tell, not a lane's.
      if (output.kind() >= RecordKind::wall_appeared && output.kind() <= RecordKind::regime_state)
        continue;
      ByteWriter bytes;
      write_record(bytes, output);
      digest.add(bytes.bytes());
      ++outputs;
    }
  }
};

DigestFrom alone(const RecordedSession& session, const SessionPlan& plan, const Variant& variant,
                 Time from) {
  const testing::SessionText text = testing::session_text(plan);
  Upstream upstream{session.market_events()};
  auto fork = std::find_if(upstream.events.begin(), upstream.events.end(),
                           [&](const Event& event) { return event.header.recv_time >= from; });
  std::vector<Event> changes;
  const auto before = make_strategy(text.strategy, text.parameters).value();
  for (const Setting& setting : variant.parameters) {
    const auto changed = before->clone();
    changed->set_parameter(setting.name, setting.value);
    if (changed->parameters() == before->parameters()) continue;
    changes.push_back({.header = {.recv_time = from},
                       .body = ParameterChange{.name = setting.name, .value = setting.value}});
  }
  upstream.events.insert(fork, changes.begin(), changes.end());
  TraderSettings settings;
  EXPECT_FALSE(TraderSettings::parse(text.settings, settings).has_value());
  Engine engine{settings, make_strategy(text.strategy, text.parameters).value()};
  sim::SimWorld world{plan.simulator};
  sim::WorldSource source{upstream, world, engine.market()};
  DigestFrom sink{.from = from, .digest = {}};
  drive(source, engine, sink);
  return sink;
}

struct Case {
  const char* name;
  SessionPlan plan;
};

class EachLane : public ::testing::TestWithParam<Case> {};

TEST_P(EachLane, IsTheGenericEngineBitForBit) {
  const SessionPlan& plan = GetParam().plan;
  const RecordedSession session = RecordedSession::record(plan);
  CounterfactualRequest request{.from = RecordedSession::at_second(20),
                                .to = RecordedSession::at_second(1000)};
  for (const char* spread : {"1bps", "2bps", "3bps", "5bps", "9bps", "14bps", "30bps"})
    request.variants.push_back({spread, {{"spread", spread}}});
  request.variants.push_back({"ladder", {{"levels", "4"}, {"level_step", "1bps"}}});
  request.variants.push_back({"tight", {{"spread", "2bps"}, {"requote_threshold", "0bps"}}});
  request.variants.push_back({"loose", {{"requote_threshold", "4bps"}}});
  request.variants.push_back({"micro", {{"reference", "microprice"}}});
  request.variants.push_back({"small", {{"size", "500"}, {"max_position", "1500"}}});
  request.bounds = false;
  const CounterfactualResult result = run_counterfactual(request, session.recording()).value();
  std::int64_t outputs = 0;
  for (std::size_t i = 0; i < request.variants.size(); ++i) {
    const DigestFrom expected = alone(session, plan, request.variants[i], request.from);
    EXPECT_EQ(result.rows[i + 2].output_digest, expected.digest.value()) << result.rows[i + 2].name;
    EXPECT_EQ(result.rows[i + 2].fills, expected.fills) << result.rows[i + 2].name;
    outputs += expected.outputs;
  }
  EXPECT_GT(outputs, 1'000);
}

sim::Settings with_queue(const char* queue, const char* latency = "5ms") {
  sim::Settings settings;
  settings.queue = sim::QueueModel::parse(queue).value();
  settings.latency = sim::LatencyModel::parse(latency).value();
  return settings;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const char* glft = "size=30000\nmax_position=200000\nspread=5bps\n";
  all.push_back({"power3", {.seed = 3, .seconds = 200}});
  all.push_back(
      {"risk_averse", {.seed = 4, .seconds = 200, .simulator = with_queue("risk_averse")}});
  all.push_back({"log", {.seed = 5, .seconds = 200, .simulator = with_queue("log")}});
  all.push_back({"optimistic", {.seed = 6, .seconds = 200, .simulator = with_queue("optimistic")}});
  all.push_back(
      {"slow", {.seed = 7, .seconds = 200, .simulator = with_queue("power:1", "350ms,90ms")}});
  all.push_back(
      {"at_once", {.seed = 8, .seconds = 200, .simulator = with_queue("power2:2", "0ms")}});
  all.push_back({"gap", {.seed = 9, .seconds = 200, .gap_at_second = 90}});
  all.push_back({"outlook", {.seed = 11, .seconds = 200, .outlook = true, .gap_at_second = 120}});
  all.push_back({"glft", {.seed = 10, .seconds = 200, .strategy = "glft", .parameters = glft}});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Models, EachLane, ::testing::ValuesIn(cases()),
                         [](const auto& of) { return std::string{of.param.name}; });

// What a batch or a thread computes does not depend on what else there is to do.
TEST(Sweep, IsTheSameForAnyThreadsAndBatches) {
  const RecordedSession session = RecordedSession::record({.seconds = 400, .gap_at_second = 150});
  CounterfactualRequest request{.from = RecordedSession::at_second(5),
                                .to = RecordedSession::at_second(390)};
  for (const char* spread : {"1bps", "3bps", "5bps", "8bps", "12bps"})
    request.variants.push_back({spread, {{"spread", spread}}});
  request.members = {{sim::QueueModel::parse("power:2"), {}},
                     {sim::QueueModel::parse("log"), sim::LatencyModel::parse("20ms")}};
  const CounterfactualResult expected = run_counterfactual(request, session.recording()).value();
  for (const auto& [threads, batch] :
       {std::pair{1, 1}, std::pair{2, 2}, std::pair{3, 0}, std::pair{5, 1}}) {
    request.threads = static_cast<std::size_t>(threads);
    request.batch = static_cast<std::size_t>(batch);
    const CounterfactualResult result = run_counterfactual(request, session.recording()).value();
    ASSERT_EQ(result.rows.size(), expected.rows.size());
    EXPECT_EQ(result.insight, expected.insight);
    EXPECT_EQ(result.warnings, expected.warnings);
    for (std::size_t i = 0; i < expected.rows.size(); ++i) {
      const CounterfactualRow& mine = result.rows[i];
      const CounterfactualRow& theirs = expected.rows[i];
      EXPECT_EQ(mine.output_digest, theirs.output_digest) << theirs.name;
      EXPECT_EQ(mine.pnl, theirs.pnl) << theirs.name;
      EXPECT_EQ(mine.ci95, theirs.ci95) << theirs.name;
      EXPECT_EQ(mine.p_adjusted, theirs.p_adjusted) << theirs.name;
      EXPECT_EQ(mine.delta_band, theirs.delta_band) << theirs.name;
      EXPECT_EQ(mine.delta_bounds, theirs.delta_bounds) << theirs.name;
      EXPECT_EQ(mine.support, theirs.support) << theirs.name;
      EXPECT_EQ(mine.warnings, theirs.warnings) << theirs.name;
    }
  }
}

TEST(Sweep, StoppedKeepsWhatIsFinishedAndNothingElse) {
  const RecordedSession session = RecordedSession::record({.seconds = 120});
  CounterfactualRequest request{.from = RecordedSession::at_second(5),
                                .to = RecordedSession::at_second(110)};
  for (const char* spread : {"1bps", "3bps", "5bps", "8bps"})
    request.variants.push_back({spread, {{"spread", spread}}});
  request.batch = 1;
  std::atomic<bool> stop = false;
  request.stop = &stop;
  // The third batch reads the recording when it is told to stop.
  int opened = 0;
  Recording recording = session.recording();
  const auto inputs = recording.inputs;
  recording.inputs = [&] {
    if (++opened == 5) stop = true;
    return inputs();
  };
  const SweepRecord record = sweep(request, recording).value();
  ASSERT_TRUE(record.has_base());
  EXPECT_EQ(record.variants.size(), 2u);
  const CounterfactualResult result = report(request, record);
  EXPECT_TRUE(result.rows[3].complete);
  EXPECT_FALSE(result.rows[4].complete);
  EXPECT_FALSE(result.rows[5].complete);
}

}  // namespace
}  // namespace mm::research
