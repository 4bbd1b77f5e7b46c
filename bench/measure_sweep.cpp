// Goals 14, 15 and 26: many variants over one decode and one book.

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/blocks.hpp"
#include "bench/goals.hpp"
#include "engine/assert.hpp"
#include "research/counterfactual.hpp"
#include "research/what_if/run.hpp"
#include "strategies/registry.hpp"

namespace mm::bench {
namespace {

/// A session without orders of ours, as blocks: what a sweep reads.
Blocks make_session(const Recording& recording, const std::string& strategy) {
  const std::string parameters = make_strategy(strategy, "").value()->parameters();
  const std::string settings = TraderSettings{}.format() + sim::Settings{}.format();
  BlockMaker maker;
  maker.add(Event{.header = {.recv_time = recording.events.front().header.recv_time},
                  .body = SessionStart{.strategy = strategy,
                                       .parameters = parameters,
                                       .execution = "none",
                                       .settings = settings}});
  for (Event event : recording.events) {
    event.header.seq = Seq{event.header.seq.value + 1};
    maker.add(event);
  }
  return maker.finish();
}

research::EventStream stream_of(const Blocks& blocks) {
  struct State {
    Decompressor zstd;
    journal::BlockCursor cursor;
    std::size_t next = 0;
    bool inside = false;
  };
  return [&blocks, state = std::make_shared<State>()]() -> const Event* {
    for (;;) {
      if (state->inside && state->cursor.next()) return &state->cursor.event();
      if (state->next == blocks.blocks.size()) return nullptr;
      const Block& block = blocks.blocks[state->next++];
      const auto loaded = state->cursor.load(state->zstd.decompress(block.frame(), block.raw_bytes),
                                             block.first_seq);
      if (!loaded) throw loaded.error();
      state->inside = true;
    }
  };
}

/// `lanes` of them, the recorded parameters first.
research::CounterfactualRequest request_of(const Recording& recording, bool quoting,
                                           std::size_t lanes) {
  research::CounterfactualRequest request;
  request.from = recording.events.front().header.recv_time;
  request.to = recording.events.back().header.recv_time + Duration{1};
  request.bounds = false;
  request.fidelity = false;
  for (std::size_t i = 1; i < lanes; ++i) {
    research::Variant variant{.name = std::to_string(i)};
    if (quoting) variant.parameters.push_back({"spread", fmt::format("{}bps", i % 64 + 1)});
    request.variants.push_back(std::move(variant));
  }
  return request;
}

class Sweeps {
 public:
  Sweeps(const Recording& recording, const char* strategy)
      : recording_(recording),
        quoting_(std::string_view{strategy} != "none"),
        blocks_(make_session(recording, strategy)),
        session_{.inputs = [this] { return stream_of(blocks_); }, .records = {}} {}

  /// On the calling thread.
  std::function<void()> run(std::size_t lanes) {
    auto request =
        std::make_shared<research::CounterfactualRequest>(request_of(recording_, quoting_, lanes));
    return [this, request, lanes] {
      std::vector<std::size_t> all(lanes - 1);
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
      research::Run sweep{*request, all};
      const auto record = sweep.fold(session_);
      MM_ASSERT(record.has_value() && record->has_value(), "a sweep over sound blocks");
      keep((*record)->variants.data());
    };
  }
  std::function<void()> run_on(std::size_t threads, std::size_t lanes) {
    auto request =
        std::make_shared<research::CounterfactualRequest>(request_of(recording_, quoting_, lanes));
    request->threads = threads;
    return [this, request] {
      const auto record = research::sweep(*request, session_);
      MM_ASSERT(record.has_value(), "a sweep over sound blocks");
      keep(record->variants.data());
    };
  }

 private:
  const Recording& recording_;
  bool quoting_;
  Blocks blocks_;
  research::Recording session_;
};

std::string milliseconds(const Contest& contest, const char* name) {
  return fmt::format("{} {:.1f} ms", name, quantile(contest.samples(name), 0.5) * 1e3);
}

void measure_trivial(const Recording& recording, const Plan& plan, Report& report) {
  Sweeps sweeps{recording, "none"};
  Contest contest;
  contest.add("1", sweeps.run(1));
  contest.add("64", sweeps.run(64));
  contest.add("1024", sweeps.run(1024));
  contest.run_rounds(plan.rounds(11));
  report.add({"14.64", "64 trivial variants / one", 1.25}, contest.ratio("64", "1"),
             recording.real);
  report.add({"14.1024", "1024 trivial variants / one", 4}, contest.ratio("1024", "1"),
             recording.real);
  Figure marginal = contest.ratio("1024", "1");
  for (double* value : {&marginal.median, &marginal.low, &marginal.high})
    *value = (*value - 1) / 1023 * 100;
  report.add({"15", "one more trivial variant / one replay, %", 0.5}, marginal, recording.real);
  report.say(milliseconds(contest, "1") + ", " + milliseconds(contest, "64") + ", " +
             milliseconds(contest, "1024"));
}

void measure_quoting(const Recording& recording, const Plan& plan, Report& report) {
  Sweeps sweeps{recording, "fixed_spread"};
  Contest contest;
  contest.add("1", sweeps.run(1));
  contest.add("64", sweeps.run(64));
  contest.run_rounds(plan.rounds(11));
  report.add({"26.64", "64 quoting variants with a queue model / one", 3}, contest.ratio("64", "1"),
             recording.real);
  report.say(milliseconds(contest, "1") + ", " + milliseconds(contest, "64"));

  Contest threads;
  threads.add("64 on one", sweeps.run_on(1, 64), Clock::wall);
  threads.add("64 on two", sweeps.run_on(2, 64), Clock::wall);
  threads.add("1024 on one", sweeps.run_on(1, 1024), Clock::wall);
  threads.add("1024 on two", sweeps.run_on(2, 1024), Clock::wall);
  threads.run_rounds(plan.rounds(9));
  report.add(
      {"26.two64", "64 variants, wall: one thread / two (at least)", 1.4, Goal::Form::at_least},
      threads.ratio("64 on one", "64 on two"), recording.real);
  report.add(
      {"26.two1024", "1024 variants, wall: one thread / two (at least)", 1.8, Goal::Form::at_least},
      threads.ratio("1024 on one", "1024 on two"), recording.real);
}

}  // namespace

void measure_sweep(const Recording& recording, const Plan& plan, Report& report) {
  const auto any = [&](std::initializer_list<const char*> ids) {
    for (const char* id : ids)
      if (plan.wants(id)) return true;
    return false;
  };
  if (any({"14.64", "14.1024", "15"})) measure_trivial(recording, plan, report);
  if (any({"26.64", "26.two64", "26.two1024"})) measure_quoting(recording, plan, report);
}

}  // namespace mm::bench
