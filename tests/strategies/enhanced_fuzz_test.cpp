// Random events of every kind through a core that quotes with `enhanced`: nothing in the state is
// ever no number, the same events give the same digests, and after a warm-up nothing allocates.
// `--long` as the program's argument feeds ten million events, MM_ENHANCED_EVENTS any number.

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "strategies/session_engine.hpp"
#include "tests/engine/counted_new.hpp"
#include "tests/engine/outlook/two_markets.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

bool long_run = false;

std::size_t events_to_feed() {
  if (const char* count = std::getenv("MM_ENHANCED_EVENTS"))
    return static_cast<std::size_t>(std::strtoull(count, nullptr, 10));
  return long_run ? 10'000'000 : 60'000;
}

Engine engine_of(std::string_view strategy, std::string_view parameters) {
  return make_engine({.strategy = strategy,
                      .parameters = parameters,
                      .execution = "paper",
                      .settings = "max_orders_per_minute=0\n"})
      .value();
}

/// Values of the state that print as no number.
std::vector<std::string> odd_fields(const Engine& engine) {
  std::vector<std::string> odd;
  for (const StateField& field : engine.fields())
    if (field.value.starts_with("nan") || field.value.starts_with("-nan") ||
        field.value.starts_with("inf") || field.value.starts_with("-inf"))
      odd.push_back(field.name + "=" + field.value);
  return odd;
}

TEST(EnhancedFuzz, NoNumberIsEverNone) {
  const std::size_t total = events_to_feed();
  std::cout << "feeding " << total << " random events\n";
  for (const std::string_view strategy : {"enhanced", "wall_aware"}) {
    const auto feed = [&] {
      testing_samples::RandomStream stream{77};
      Engine engine = engine_of(strategy, "spread=2bps\nlevels=2\n");
      std::vector<Output> outputs;
      std::size_t predictions = 0;
      std::size_t unsound = 0;
      for (std::size_t i = 0; i < total; ++i) {
        outputs.clear();
        engine.apply(stream.next(), outputs);
        for (const Output& output : outputs) {
          predictions += output.kind() == RecordKind::prediction;
          if (const auto* level = std::get_if<PredictedLevel>(&output.body))
            unsound += level->p_fill_100ms_e6 < 0 || level->p_fill_1s_e6 < level->p_fill_100ms_e6 ||
                       level->p_fill_10s_e6 < level->p_fill_1s_e6 ||
                       level->p_fill_10s_e6 > 1'000'000;
          if (const auto* head = std::get_if<Prediction>(&output.body))
            unsound += head->half_spread_e8 == absent_e || head->fair_e3 == absent_e;
        }
        if (i % 20'000 == 0) {
          EXPECT_EQ(odd_fields(engine), std::vector<std::string>{}) << "at event " << i;
        }
      }
      EXPECT_GT(predictions, 100u);
      EXPECT_EQ(unsound, 0u);
      EXPECT_EQ(odd_fields(engine), std::vector<std::string>{});
      return engine.digests();
    };
    const StateDigests first = feed();
    if (total <= 1'000'000) {
      EXPECT_EQ(first, feed());
    }
  }
}

/// The event, so much later and with ids that go on.
Event later(Event event, Duration by, std::int64_t ids) {
  event.header.recv_time += by;
  if (event.header.exchange_time != Time{}) event.header.exchange_time += by;
  if (auto* quote = std::get_if<BestQuote>(&event.body)) quote->update_id += ids;
  if (auto* snapshot = std::get_if<BookSnapshot>(&event.body)) snapshot->update_id += ids;
  if (auto* delta = std::get_if<BookDelta>(&event.body)) {
    delta->first_id += ids;
    delta->last_id += ids;
    delta->prev_id += ids;
  }
  return event;
}

// Real minutes twice: the first time buffers grow to what these minutes need (the book's far
// levels, the leader's moves of some seconds), the second time nothing takes memory.
TEST(EnhancedAllocations, NoneAfterWarmUp) {
  const std::vector<Event>& events = test::two_markets().events();
  const Duration length = events.back().header.recv_time - events.front().header.recv_time;
  for (const std::string_view strategy : {"enhanced", "wall_aware"}) {
    Engine engine = engine_of(strategy, "spread=2bps\nlevels=2\n");
    std::vector<Output> outputs;
    outputs.reserve(4096);
    for (const Event& event : events) engine.apply(event, outputs), outputs.clear();
    std::size_t taken = 0;
    std::size_t decided = 0;
    std::size_t at_first = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event event = later(events[i], length + std::chrono::seconds{1}, 1'000'000'000'000);
      if (std::holds_alternative<InstrumentDefined>(event.body)) continue;
      outputs.clear();
      const std::size_t before = test::allocations();
      engine.apply(event, outputs);
      // The way back to the first price is a jump, after which the window is built anew.
      if (i < events.size() / 10) continue;
      const std::size_t now = test::allocations() - before;
      if (now > 0 && taken == 0) at_first = i;
      taken += now;
      decided += !outputs.empty();
    }
    EXPECT_GT(decided, 100u);
    EXPECT_EQ(taken, 0u) << strategy << ", first at event " << at_first;
  }
}

}  // namespace
}  // namespace mm

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) mm::long_run |= std::strcmp(argv[i], "--long") == 0;
  return RUN_ALL_TESTS();
}
