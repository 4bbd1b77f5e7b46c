// Goal 35: what features, models and the strategy on top of them cost beside the plain fold.

#include <fmt/format.h>

#include <vector>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "engine/assert.hpp"
#include "strategies/registry.hpp"

namespace mm::bench {
namespace {

Engine engine_of(const char* name, TraderSettings settings) {
  auto strategy = make_strategy(name, "");
  MM_ASSERT(strategy.has_value(), "the strategy is in the registry");
  return Engine{settings, std::move(*strategy)};
}

void fold(const std::vector<Event>& events, Engine engine) {
  std::vector<Output> outputs;
  for (const Event& event : events) {
    outputs.clear();
    engine.apply(event, outputs);
  }
  keep(outputs.data());
}

}  // namespace

void measure_outlook(const Recording& recording, const Plan& plan, Report& report) {
  if (!plan.wants("35.outlook") && !plan.wants("35.core")) return;
  Contest contest;
  contest.add("fold", [&] { fold(recording.events, engine_of("none", {.trading = false})); });
  contest.add("outlook", [&] {
    fold(recording.events, engine_of("none", {.trading = false, .outlook = true}));
  });
  contest.run_rounds(plan.rounds(11));
  if (plan.wants("35.outlook"))
    report.add({"35.outlook", "fold with all features and models / plain fold", 3},
               contest.ratio("outlook", "fold"), recording.real);
  const auto ns = [&](const char* name) {
    return quantile(contest.samples(name), 0.5) * 1e9 /
           static_cast<double>(recording.events.size());
  };
  report.say(fmt::format("{} events; ns an event: fold {:.1f}, outlook {:.1f}",
                         recording.events.size(), ns("fold"), ns("outlook")));
}

}  // namespace mm::bench
