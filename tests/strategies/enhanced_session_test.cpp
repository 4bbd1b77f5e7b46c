// Whole sessions of `enhanced` and `wall_aware` on real minutes with a leading market: recorded,
// replayed, taken up again anywhere, predicted and joined with what happened.

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/random.hpp"
#include "engine/record.hpp"
#include "research/counterfactual.hpp"
#include "research/predictions.hpp"
#include "sim/world.hpp"
#include "strategies/session_engine.hpp"
#include "tests/engine/outlook/two_markets.hpp"
#include "tests/research/record_memory.hpp"

namespace mm {
namespace {

using research::testing::RecordMemory;

constexpr std::string_view near_quotes = "spread=1bps\nlevels=2\nrequote_threshold=0.1bps\n";

/// The start of a session in front of a market.
struct Upstream {
  Event start;
  const std::vector<Event>& events;
  std::size_t position = 0;
  const Event* next() {
    if (position == 0) return ++position, &start;
    return position <= events.size() ? &events[position++ - 1] : nullptr;
  }
};

struct Session {
  RecordMemory records;
  StateDigests end;
  std::vector<Output> outputs;
  std::size_t fills = 0;

  void accept(const Event& event) {
    records.keep(event);
    fills += std::holds_alternative<Fill>(event.body);
  }
  void decided(const Event&, std::span<Output> now) {
    for (const Output& output : now) {
      records.keep(output);
      outputs.push_back(output);
    }
  }
};

SessionStart start_of(std::string_view strategy, std::string_view parameters,
                      std::string_view settings) {
  return {
      .strategy = strategy, .parameters = parameters, .execution = "paper", .settings = settings};
}

Session run(std::string_view strategy, std::string_view parameters,
            std::string_view settings = {}) {
  const std::vector<Event>& events = test::two_markets().events();
  const SessionStart start = start_of(strategy, parameters, settings);
  Engine engine = make_engine(start).value();
  Upstream upstream{{{.recv_time = events.front().header.recv_time}, start}, events};
  sim::SimWorld world{sim::Settings{}};
  sim::WorldSource source{upstream, world, engine.market()};
  Session session;
  drive(source, engine, session);
  session.end = engine.digests();
  return session;
}

template <class Body>
std::size_t count_of(const Session& session) {
  std::size_t count = 0;
  for (const Output& output : session.outputs) count += std::holds_alternative<Body>(output.body);
  return count;
}

class EnhancedSession : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(Each, EnhancedSession, testing::Values("enhanced", "wall_aware"),
                         [](const auto& each) { return std::string{each.param}; });

TEST_P(EnhancedSession, IsReplayedFromAnySavedState) {
  const Session session = run(GetParam(), near_quotes);
  ASSERT_GT(session.fills, 0u);
  EXPECT_NE(session.end.of(StateModule::own), Digest128{});
  const SessionStart start = start_of(GetParam(), near_quotes, {});

  SplitMix64 random{23};
  for (int window = 0; window < 10; ++window) {
    const std::size_t cut = random.below(session.records.size());
    Engine whole = make_engine(start).value();
    Engine resumed = make_engine(start).value();
    std::vector<Output> outputs;
    std::vector<Output> expected;
    ByteWriter state;
    bool cut_made = false;
    for (std::size_t i = 0; i < session.records.size(); ++i) {
      const Record record = session.records.at(i);
      if (const auto* output = std::get_if<Output>(&record)) {
        if (cut_made) expected.push_back(*output);
        continue;
      }
      if (!cut_made && i >= cut) {
        whole.save(state);
        ByteReader in{state.bytes()};
        ASSERT_TRUE(resumed.restore(in));
        EXPECT_TRUE(in.at_end());
        EXPECT_EQ(resumed.digests(), whole.digests());
        EXPECT_EQ(resumed.fields(), whole.fields());
        cut_made = true;
        outputs.clear();
      }
      (cut_made ? resumed : whole).apply(std::get<Event>(record), outputs);
    }
    EXPECT_EQ(outputs.size(), expected.size());
    EXPECT_TRUE(outputs == expected) << "from record " << cut;
    EXPECT_EQ(resumed.digests(), session.end) << "from record " << cut;
  }
}

// The same parameters counterfactually: every fill again, none besides.
TEST_P(EnhancedSession, AtItsOwnParametersACounterfactualIsTheSession) {
  const Session session = run(GetParam(), near_quotes);
  const std::vector<Event>& events = test::two_markets().events();
  research::CounterfactualRequest request{
      .from = events.front().header.recv_time + std::chrono::seconds{5},
      .to = events.back().header.recv_time - std::chrono::seconds{1},
      .variants = {{"spread=1bps", {{"spread", "1bps"}}}, {"spread=8bps", {{"spread", "8bps"}}}}};
  const auto result = research::run_counterfactual(request, session.records.recording());
  ASSERT_TRUE(result.has_value()) << result.error().message();
  ASSERT_TRUE(result->calibration.has_value());
  EXPECT_EQ(result->calibration->precision, 1);
  EXPECT_EQ(result->calibration->recall, 1);
}

// Orders placed never cross the touch they were decided at, and never each other.
TEST_P(EnhancedSession, NeverCrosses) {
  const Session session = run(GetParam(), "spread=0.01bps\nmin_depth=0bps\nlevels=2\n");
  Market market;
  std::size_t placed = 0;
  for (std::size_t i = 0; i < session.records.size(); ++i) {
    const Record record = session.records.at(i);
    if (const auto* event = std::get_if<Event>(&record)) {
      market.apply(*event);
      continue;
    }
    const auto check = [&](Side side, Price price) {
      ++placed;
      const Touch& touch = market.quoted().touch();
      if (side == Side::buy)
        EXPECT_LT(price, touch.ask.price);
      else
        EXPECT_GT(price, touch.bid.price);
    };
    const OutputBody& body = std::get<Output>(record).body;
    if (const auto* place = std::get_if<PlaceOrder>(&body)) check(place->side, place->price);
    if (const auto* move = std::get_if<ReplaceOrder>(&body)) check(move->side, move->price);
  }
  EXPECT_GT(placed, 10u);
}

TEST_P(EnhancedSession, LogsWhatItPredicts) {
  const Session session = run(GetParam(), near_quotes);
  const std::size_t heads = count_of<Prediction>(session);
  EXPECT_GT(heads, 100u);
  EXPECT_EQ(count_of<FillNote>(session), session.fills);  // paper fills here are all maker's
  std::int64_t levels_due = 0;
  std::int64_t cycle = 0;
  for (const Output& output : session.outputs) {
    if (const auto* head = std::get_if<Prediction>(&output.body)) {
      EXPECT_EQ(levels_due, 0);
      EXPECT_GT(head->cycle, cycle);
      cycle = head->cycle;
      levels_due = head->levels;
      EXPECT_NEAR(static_cast<double>(head->quiet_e6 + head->trending_e6 + head->volatile_e6 +
                                      head->cascade_e6),
                  1e6, 2);
      EXPECT_GT(head->kappa_used, 0);
      EXPECT_GT(head->half_spread_e8, 0);
    } else if (const auto* level = std::get_if<PredictedLevel>(&output.body)) {
      --levels_due;
      EXPECT_GE(level->p_fill_100ms_e6, 0);
      EXPECT_LE(level->p_fill_100ms_e6, level->p_fill_1s_e6);
      EXPECT_LE(level->p_fill_1s_e6, level->p_fill_10s_e6);
      EXPECT_LE(level->p_fill_10s_e6, 1'000'000);
      EXPECT_NE(level->order, ClientOrderId{});
      if (level->queue_ahead != absent_e) {
        EXPECT_GE(level->queue_ahead, 0);
        EXPECT_GE(level->queue_total, level->queue_ahead);
      }
    }
  }
  EXPECT_EQ(levels_due, 0);
}

// Off and thinned logs leave every order where it was.
TEST(PredictionLog, ASettingTurnsItOffOrThinsIt) {
  const Session on = run("enhanced", near_quotes);
  const Session off = run("enhanced", near_quotes, "prediction_log=off\n");
  const Session thin = run("enhanced", near_quotes, "prediction_log=1s\n");
  EXPECT_EQ(count_of<Prediction>(off), 0u);
  EXPECT_EQ(count_of<PredictedLevel>(off), 0u);
  EXPECT_GT(count_of<Prediction>(thin), 0u);
  EXPECT_LT(count_of<Prediction>(thin), count_of<Prediction>(on) / 4);
  const auto others = [](const Session& session) {
    std::vector<Output> kept;
    for (const Output& output : session.outputs)
      if (output.kind() != RecordKind::prediction && output.kind() != RecordKind::predicted_level)
        kept.push_back(output);
    return kept;
  };
  EXPECT_TRUE(others(on) == others(off));
  EXPECT_TRUE(others(on) == others(thin));
  TraderSettings settings;
  for (const char* wrong : {"prediction_log=maybe", "prediction_log=0s", "prediction_log=-1s"})
    EXPECT_TRUE(TraderSettings::parse(wrong, settings)) << wrong;
  EXPECT_FALSE(TraderSettings::parse("prediction_log=250ms\n", settings));
  TraderSettings again;
  EXPECT_FALSE(TraderSettings::parse(settings.format(), again));
  EXPECT_EQ(again, settings);
  EXPECT_EQ(TraderSettings{}.format().find("prediction_log"), std::string::npos);
}

TEST(PredictionLog, IsJoinedWithWhatHappened) {
  const Session session = run("enhanced", near_quotes);
  const research::Recording recording = session.records.recording();
  const research::PredictionJoin join = research::join_predictions(recording.records());
  ASSERT_EQ(join.moments().size(), count_of<Prediction>(session));
  ASSERT_EQ(join.orders().size(), count_of<PredictedLevel>(session));
  EXPECT_EQ(join.fill_notes().size(), session.fills);
  std::set<std::uint64_t> filled;
  for (const research::PredictedOrder& order : join.orders()) {
    EXPECT_GE(order.end_s, 0);
    if (order.filled) filled.insert(order.predicted.order.value);
    EXPECT_TRUE(order.filled || !order.pnl_10s_bps);
  }
  EXPECT_GT(filled.size(), 0u);
  EXPECT_LE(filled.size(), session.fills);
  const Time end = test::two_markets().events().back().header.recv_time;
  for (const research::PredictedMoment& moment : join.moments()) {
    if (moment.at + std::chrono::seconds{11} < end) {
      EXPECT_TRUE(moment.move[0]);
    }
    if (moment.at + std::chrono::seconds{60} > end) {
      EXPECT_FALSE(moment.move[2]);
    }
  }
}

// Graf's weights on a case worked out by hand elsewhere (P-IPCW-1 of the model cases).
TEST(CensoredWeights, AreThoseOfTheCase) {
  const std::vector<research::Ending> endings = {{0.5, false}, {2.0, true},  {1.0, false},
                                                 {0.8, true},  {3.0, false}, {0.6, true}};
  const std::vector<double> p = {0.1, 0.4, 0.2, 0.7, 0.3, 0.5};
  const auto weights = research::censored_weights(endings, 1.5);
  const std::vector<double> expected = {0, 1.8, 0, 1.2, 1.8, 1.2};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(weights.weight[i], expected[i], 1e-12) << i;
  EXPECT_NEAR(*research::censored_brier(p, weights), 0.143, 1e-12);
  EXPECT_NEAR(weights.censored_share, 2.0 / 6, 1e-12);
  EXPECT_EQ(weights.cut_share, 0);
}

// Fills and cancels at their own rates: weighting finds the frequency that cancels hide.
TEST(CensoredWeights, FindTheFrequencyThatCancelsHide) {
  SplitMix64 random{5};
  std::vector<research::Ending> endings;
  double naive = 0;
  for (int i = 0; i < 40'000; ++i) {
    const double fill = -std::log(random.uniform()) / 0.5;
    const double cancel = -std::log(random.uniform()) / 1.0;
    endings.push_back({std::min(fill, cancel), fill <= cancel});
    naive += fill <= cancel && fill <= 1 ? 1 : 0;
  }
  const double truth = 1 - std::exp(-0.5);
  EXPECT_LT(naive / 40'000, truth - 0.1);
  const auto weights = research::censored_weights(endings, 1);
  EXPECT_NEAR(*research::censored_frequency(weights), truth, 0.015);
}

}  // namespace
}  // namespace mm
