// The simulator against a market whose truth is known: places in queues, fills, and the answers of
// counterfactuals. synthetic/study.cpp does the same at length.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "research/counterfactual.hpp"
#include "research/what_if/fidelity.hpp"
#include "research/what_if/footprint.hpp"
#include "sim/world.hpp"
#include "strategies/session_engine.hpp"
#include "tests/research/synthetic/coverage.hpp"
#include "tests/research/synthetic/queue_error.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::research {
namespace {

using testing::SyntheticPlan;
using testing::SyntheticRun;

/// A market in which five basis points are near the touch, and a strategy that lets orders stand.
SyntheticPlan plan_of(std::uint64_t seed, Duration length) {
  SyntheticPlan plan;
  plan.seed = seed;
  plan.length = length;
  plan.market =
      "spread=4bps\ndepth=5bps\nsigma=3bps\nregime_speed=60\nlead.makers_per_s=10\n"
      "lead.depth_interval=1s\nlead.takers_per_s=0.1\n";
  plan.parameters = "requote_threshold=1bps\nsize=2000\nspread=5bps\n";
  return plan;
}

sim::QueueModel model(const char* name) {
  return sim::QueueModel::parse(name).value();
}

std::vector<Fidelity> fidelity_of(const SyntheticRun& run,
                                  const std::vector<QuoteCandidate>& candidates) {
  const Time from = sim::testing::synthetic_start;
  return replay_quotes(run.recording(), from, from + run.plan().length, candidates)
      .value()
      .candidates;
}

// The recorded book shows our orders, the fills are the exchange's own.
TEST(AgainstTruth, TheSimulatorFillsWhatTheExchangeFilled) {
  const SyntheticRun run = SyntheticRun::of(plan_of(1, std::chrono::minutes{40}));
  QuoteCandidate right{run.plan().simulator};
  right.settings.queue = model("power:1");
  QuoteCandidate late = right;
  late.shift = std::chrono::milliseconds{400};
  const auto results = fidelity_of(run, {right, late});
  EXPECT_GT(results[0].recorded_fills, 100);
  EXPECT_GE(results[0].precision, 0.95);
  EXPECT_GE(results[0].recall, 0.95);
  EXPECT_LT(*results[0].log_score, 0.5 * *results[0].null_log_score);
  // It can fail: moments that are wrong are found out.
  EXPECT_LT(results[1].f1, results[0].f1 - 0.02);
}

// Others cancel anywhere in the queue with equal chance, which is what power:1 supposes.
TEST(AgainstTruth, PlacesInQueuesAreEstimatedWithoutBias) {
  SyntheticPlan plan = plan_of(2, std::chrono::minutes{20});
  plan.keep_truth = true;
  plan.market = "regime_speed=60\nlead.makers_per_s=10\n";
  plan.parameters = "spread=3bps\n";
  const auto errors = testing::queue_errors(
      SyntheticRun::of(plan), {model("power:1"), model("risk_averse"), model("power3:3")});
  for (const testing::QueueError& error : errors) {
    EXPECT_GT(error.places, 10'000) << error.model;
    EXPECT_GT(error.mean_ahead, 1000) << error.model;
    EXPECT_LT(error.relative(), 0.15) << error.model;
  }
  EXPECT_LT(std::abs(errors[0].bias), 0.02 * errors[0].mean_ahead);
  // Who supposes that nobody in front of him ever leaves waits too long.
  EXPECT_GT(errors[1].bias, 2 * std::abs(errors[0].bias));
  EXPECT_LT(errors[0].mean_absolute, errors[1].mean_absolute);
}

/// Mean and standard error of what the counterfactual says less what is true, seed by seed.
std::pair<double, double> error_of(const testing::Coverage& found) {
  double sum = 0, squares = 0;
  const auto count = static_cast<double>(found.sessions.size());
  for (const testing::CoverageSession& session : found.sessions)
    sum += session.delta - session.true_delta;
  const double mean = sum / count;
  for (const testing::CoverageSession& session : found.sessions) {
    const double off = session.delta - session.true_delta - mean;
    squares += off * off;
  }
  return {mean, std::sqrt(squares / (count - 1) / count)};
}

// What the session's core takes for the touch of others is the touch of the book out of which the
// counterfactual has taken us, though the one learns of our orders only when it is told.
TEST(AgainstTruth, ALiveSessionSeesTheBookWithoutUs) {
  SyntheticPlan plan = plan_of(3, std::chrono::minutes{20});
  plan.parameters = "requote_threshold=1bps\nsize=2000\nspread=3bps\n";
  const SyntheticRun run = SyntheticRun::of(plan);
  const EventStream events = run.recording().inputs();
  Footprint footprint{run.recording().records()};
  Market stripped;
  std::optional<Engine> engine;
  std::vector<Output> outputs;
  std::int64_t books = 0, ours_in_front = 0, equal = 0;
  // What is stamped with one moment of the venue is looked at when all of it is known: two messages
  // of ours that arrive together are shown one after the other.
  struct Seen {
    Time stamp;
    Touch shown, seen, truth;
  };
  std::optional<Seen> last;
  const auto judge = [&] {
    const auto same = [](const Touch& a, const Touch& b) {
      return a.bid.price == b.bid.price && a.ask.price == b.ask.price;
    };
    ++books;
    if (!same(last->shown, last->truth)) ++ours_in_front;
    if (same(last->seen, last->truth)) ++equal;
  };
  while (const Event* event = events()) {
    if (const auto* start = std::get_if<SessionStart>(&event->body))
      engine.emplace(make_engine(*start).value());
    ASSERT_TRUE(engine);
    outputs.clear();
    const bool book = std::holds_alternative<BookDelta>(event->body) ||
                      std::holds_alternative<BestQuote>(event->body);
    const bool quoted = event->header.instrument.value == 0;
    if (quoted && book && last && event->header.exchange_time > last->stamp) judge();
    engine->apply(*event, outputs);
    stripped.apply(footprint.without_us(*event, stripped));
    if (!quoted || !book) continue;
    last = {event->header.exchange_time, engine->market().quoted().touch(),
            engine->trader().touch(engine->market()), stripped.quoted().touch()};
  }
  EXPECT_GT(ours_in_front, books / 20);
  // What is left are the milliseconds until word of a fill or of an acknowledgement arrives.
  EXPECT_GT(equal, books - books / 200) << equal << " of " << books;
}

// From any checkpoint a session with orders in its book goes on as it did.
TEST(AgainstTruth, ALiveSessionIsReplayedFromEveryCheckpoint) {
  const SyntheticRun run = SyntheticRun::of(plan_of(4, std::chrono::minutes{3}));
  const RecordStream records = run.recording().records();
  std::optional<Engine> through;  // never interrupted
  std::optional<Engine> resumed;
  SessionStart session;
  std::vector<Output> told, again;
  std::size_t next = 0;
  std::int64_t count = 0, compared = 0;
  for (RecordView record = records(); !record.at_end(); record = records()) {
    if (record.output != nullptr) {
      ASSERT_LT(next, told.size());
      EXPECT_EQ(record.output->body, told[next].body);
      ++next;
      ++compared;
      continue;
    }
    ASSERT_EQ(next, told.size());
    if (const auto* start = std::get_if<SessionStart>(&record.event->body)) {
      ASSERT_EQ(start->execution, "live");
      through.emplace(make_engine(*start).value());
      resumed.emplace(make_engine(*start).value());
    } else if (++count % 7 == 0) {
      ByteWriter bytes;
      resumed->save(bytes);
      ByteReader reader(bytes.bytes());
      Engine other = make_engine(SessionStart{.strategy = run.plan().strategy,
                                              .parameters = run.plan().parameters,
                                              .execution = "live",
                                              .settings = "max_orders_per_minute=0\n"})
                         .value();
      ASSERT_TRUE(other.restore(reader));
      resumed = std::move(other);
    }
    told.clear();
    again.clear();
    next = 0;
    through->apply(*record.event, told);
    resumed->apply(*record.event, again);
    ASSERT_EQ(told, again);
  }
  EXPECT_EQ(through->digests().root, resumed->digests().root);
  EXPECT_GT(compared, 100);
}

/// Drives the market of a recording against the paper exchange; nothing of it is kept.
struct Nobody {
  void accept(const Event&) {}
  void decided(const Event&, std::span<const Output>) {}
};
struct MarketOf {
  EventStream events;
  const Event* next() {
    const Event* event = events();
    const auto is_ours = [](const Event& of) {
      return sim::is_simulated(of.kind()) || std::holds_alternative<FundingPayment>(of.body);
    };
    while (event != nullptr && is_ours(*event)) event = events();
    return event;
  }
};

TEST(AgainstTruth, FundingIsBookedOnceInAWhatIf) {
  // An hour's end lies in it, at which Hyperliquid pays.
  SyntheticPlan plan = plan_of(5, std::chrono::minutes{65});
  plan.market += "own_displayed=0\nfunding=50bps\n";
  const SyntheticRun run = SyntheticRun::of(plan);
  CounterfactualRequest request;
  request.from = sim::testing::synthetic_start;
  request.to = sim::testing::synthetic_start + plan.length;
  request.variants = {{"8bps", {{"spread", "8bps"}}}};
  request.bounds = false;
  const auto result = run_counterfactual(request, run.recording()).value();

  MarketOf upstream{run.recording().inputs()};
  const auto session = run.recording().inputs();
  Engine engine = make_engine(std::get<SessionStart>(session()->body)).value();
  sim::SimWorld world{plan.simulator};
  sim::WorldSource source{upstream, world, engine.market()};
  Nobody sink;
  drive(source, engine, sink);
  EXPECT_NE(engine.trader().ledger().funding(), Money{});
  EXPECT_EQ(result.rows[1].funding, engine.trader().ledger().funding());
}

// The long form of this is `synthetic_study coverage`. Whether our orders show in the book or not,
// a counterfactual knows what a strategy would have seen.
TEST(AgainstTruth, IntervalsOfACounterfactualCoverTheTruth) {
  testing::CoveragePlan plan{.session = plan_of(1, std::chrono::minutes{20}),
                             .sessions = 10,
                             .truths = 12,
                             .first_seed = 500,
                             .threads = 2};
  const testing::Coverage shown = testing::measure_coverage(plan);
  EXPECT_GE(shown.covered, 7u);
  const auto [shown_bias, shown_error] = error_of(shown);
  EXPECT_LT(std::abs(shown_bias), 4 * shown_error + 0.1 * std::abs(shown.mean_true_delta));

  plan.session.market += "own_displayed=0\n";
  plan.truths = 2;
  const testing::Coverage hidden = testing::measure_coverage(plan);
  const auto [bias, error] = error_of(hidden);
  EXPECT_LT(std::abs(bias), 4 * error + 0.1 * std::abs(hidden.mean_true_delta));

  // It can fail: a session that says it was slower than it was misleads the simulator.
  plan.session.told = plan.session.simulator;
  plan.session.told->latency = sim::LatencyModel::parse("3s").value();
  const testing::Coverage wrong = testing::measure_coverage(plan);
  const auto [wrong_bias, wrong_error] = error_of(wrong);
  EXPECT_GT(std::abs(wrong_bias), 2 * std::abs(bias));
  EXPECT_GT(std::abs(wrong_bias), 3 * wrong_error);
}

}  // namespace
}  // namespace mm::research
