// Goal 35: what features, models and the strategy on top of them cost beside the plain fold.

#include <fmt/format.h>

#include <optional>
#include <span>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "engine/assert.hpp"
#include "engine/drive.hpp"
#include "engine/record.hpp"
#include "sim/settings.hpp"
#include "sim/world.hpp"
#include "strategies/registry.hpp"

namespace mm::bench {
namespace {

Engine engine_of(const char* name, TraderSettings settings) {
  auto strategy = make_strategy(name, "");
  MM_ASSERT(strategy.has_value(), "the strategy is in the registry");
  return Engine{settings, std::move(*strategy)};
}

/// The recording as what a session's market brings.
struct Upstream {
  std::span<const Event> events;
  std::size_t at = 0;
  const Event* next() { return at == events.size() ? nullptr : &events[at++]; }
};

/// Everything the core of a paper session is given: the market, answers and fills.
class Inputs {
 public:
  Inputs(const Recording& recording, Engine engine) {
    Upstream upstream{recording.events};
    sim::SimWorld world{sim::Settings{}};
    sim::WorldSource source{upstream, world, engine.market()};
    drive(source, engine, *this);
    for (std::span<const std::byte> rest = bytes_.bytes(); !rest.empty();) {
      const std::optional<Record> record = read_record(rest);
      MM_ASSERT(record.has_value(), "a record of ours does not read back");
      events_.push_back(std::get<Event>(*record));
      rest = rest.subspan(record_bytes(events_.back()));
    }
  }
  const std::vector<Event>& events() const { return events_; }

  void accept(const Event& event) { write_record(bytes_, event); }
  void decided(const Event&, std::span<const Output>) {}

 private:
  ByteWriter bytes_;
  std::vector<Event> events_;
};

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
  const Inputs session{recording, engine_of("enhanced", {})};
  contest.add("core", [&] { fold(session.events(), engine_of("enhanced", {})); });
  contest.run_rounds(plan.rounds(11));
  if (plan.wants("35.core"))
    report.add({"35.core", "fold of a session of `enhanced` / plain fold of its market", 3},
               contest.ratio("core", "fold"), recording.real);
  if (plan.wants("35.outlook"))
    report.add({"35.outlook", "fold with all features and models / plain fold", 3},
               contest.ratio("outlook", "fold"), recording.real);
  const auto ns = [&](const char* name) {
    return quantile(contest.samples(name), 0.5) * 1e9 /
           static_cast<double>(recording.events.size());
  };
  report.say(
      fmt::format("{} market events; ns an event: fold {:.1f}, outlook {:.1f}, enhanced {:.1f}",
                  recording.events.size(), ns("fold"), ns("outlook"), ns("core")));
}

}  // namespace mm::bench
