// mmctl counterfactual: what if we had quoted with other parameters? And mmctl merge, which puts
// the results of several machines together.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/sim_params.hpp"
#include "cli/text_file.hpp"
#include "cli/what_if.hpp"
#include "cli/what_if_result.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "research/counterfactual.hpp"
#include "sim/round_trips.hpp"

namespace mm::cli {
namespace {

using research::CounterfactualRequest;

constexpr int interrupted_exit = 130;  // 128 + SIGINT, as a shell has it

std::atomic<bool> stop_requested = false;

extern "C" void on_interrupt(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);  // a second one ends at once
}

/// Ctrl-C stops the work, not the program, while this lives.
class InterruptGuard {
 public:
  InterruptGuard() {
    stop_requested = false;
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
  }
  ~InterruptGuard() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// What is done of the passes that are known to come.
class SweepProgress {
 public:
  explicit SweepProgress(std::uint64_t passes) : passes_(passes) {}
  OnStep on_step() {
    return [this](std::uint64_t step, std::uint64_t total) {
      done_.fetch_add(step, std::memory_order_relaxed);
      total_.store(total, std::memory_order_relaxed);
    };
  }
  void draw() {
    const std::uint64_t total = total_ * passes_;
    progress_.draw_now(total == 0 ? -1.0 : static_cast<double>(done_) / static_cast<double>(total),
                       done_);
  }

 private:
  std::uint64_t passes_;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> total_ = 0;
  Progress progress_{"simulating", "bytes"};
};

/// A pass over the recording of each batch, and one more for the quote replay.
std::uint64_t passes_of(const CounterfactualRequest& request) {
  return research::batch_count(request) + (request.fidelity ? 1 : 0);
}

constexpr std::string_view recorded_latency = "recorded";

bool wants_recorded_latency(const CounterfactualOptions& options) {
  return std::ranges::find(options.latencies, recorded_latency) != options.latencies.end();
}

/// The latency that the session's own orders met.
sim::LatencyModel latency_of_orders(const journal::Journal& journal,
                                    const journal::SessionInfo& session) {
  sim::RoundTrips round_trips;
  journal::RecordCursor cursor = journal.read(session);
  while (cursor.next() == journal::RecordCursor::Item::record) {
    if (cursor.is_output()) {
      round_trips.on_output(cursor.output());
    } else {
      round_trips.on_event(cursor.event());
    }
  }
  std::vector<sim::RoundTrip> trips = round_trips.thinned();
  if (trips.empty())
    throw Error(ErrorKind::usage,
                fmt::format("--latency recorded: session {} has no acknowledged order that could "
                            "tell; give durations",
                            session.number));
  return sim::LatencyModel::of(sim::LatencyModel::Form::interpolated, std::move(trips));
}

/// What the flags say; `recorded` stands for the latency of that name.
std::vector<research::Member> ensemble_of(const CounterfactualOptions& options,
                                          const std::optional<SimParams>& params,
                                          const sim::LatencyModel& recorded) {
  std::vector<std::string> latencies = options.latencies;
  std::ranges::replace(latencies, recorded_latency, recorded.name());
  std::vector<research::Member> members = members_of(options.queue, latencies);
  if (!params) return members;
  if (members.empty()) members.emplace_back();
  for (research::Member& member : members) {
    if (!member.queue) member.queue = params->queue;
    if (!member.latency) member.latency = params->latency;
  }
  return members;
}

CounterfactualRequest common_request(const CounterfactualOptions& options,
                                     const std::optional<SimParams>& params) {
  CounterfactualRequest request;
  request.variants =
      with_parameter_sets(variants_of(options.spread, options.parameters), options.params);
  request.members = ensemble_of(options, params, {});
  request.bounds = !options.no_bounds;
  request.threads =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  request.batch = options.batch;
  request.stop = &stop_requested;
  return request;
}

/// The session's part of a shard's units, which count sessions by variants; empty: nothing to do.
std::vector<std::size_t> part_of(const Shard& shard, std::size_t session, std::size_t variants) {
  std::vector<std::size_t> part;
  for (std::size_t variant = 0; variant < variants; ++variant)
    if (shard.has(session * variants + variant)) part.push_back(variant);
  return part;
}

void print_empty(const Globals& globals) {
  fmt::print(stderr, "mmctl: the journal holds no events\n");
  if (globals.json)
    fmt::print("{}\n", Json{{"window", nullptr},
                            {"currency", nullptr},
                            {"rows", Json::array()},
                            {"calibration", nullptr},
                            {"warnings", {"the journal holds no events"}},
                            {"insight", ""}}
                           .dump(2));
}

/// Says on stderr which rows there are and which not.
void tell_of_interrupt(const WhatIfAnswer& answer) {
  for (const SessionAnswer& session : answer.sessions) {
    std::vector<bool> done(session.request.variants.size());
    for (const auto& variant : session.record.variants) done[variant.index] = true;
    std::string missing;
    for (std::size_t i = 0; i < done.size(); ++i)
      if (!done[i]) missing += (missing.empty() ? "" : ", ") + session.request.variants[i].name;
    fmt::print(stderr, "mmctl: interrupted: of session {} {} of {} variants are complete{}{}\n",
               session.number, session.record.variants.size(), done.size(),
               missing.empty() ? "" : "; missing: ", missing);
  }
}

}  // namespace

int counterfactual(const Globals& globals, const CounterfactualOptions& options) {
  if (globals.json && options.csv)
    throw Error(ErrorKind::usage, "counterfactual: --json and --csv do not go together");
  std::optional<Shard> shard;
  if (options.shard) shard = parse_shard(*options.shard);
  if (shard.has_value() == options.output.empty())
    throw Error(
        ErrorKind::usage,
        "counterfactual: --shard I/N and --output FILE go together: the partial result of a "
        "shard goes into the file, and `mmctl merge` reads it");
  std::optional<SimParams> params;
  if (!options.sim_params.empty()) params = read_sim_params(options.sim_params);
  const CounterfactualRequest common = common_request(options, params);
  const journal::Journal journal = open_journal(globals);
  std::vector<const journal::SessionInfo*> sessions;
  for (const journal::SessionInfo* session : chosen_sessions(journal, globals))
    if (session->end_seq.value > 0) sessions.push_back(session);
  if (sessions.empty()) {
    print_empty(globals);
    return 0;
  }

  const InterruptGuard guard;
  WhatIfAnswer answer;
  answer.all_sessions = globals.session == "all";
  bool interrupted = false;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const journal::SessionInfo& session = *sessions[i];
    const journal::TimeWindow window = time_window(options.window, session);
    SessionAnswer part{.number = session.number, .id = session.id, .request = common, .record = {}};
    part.request.from = window.from;
    part.request.to = window.to;
    if (wants_recorded_latency(options))
      part.request.members = ensemble_of(options, params, latency_of_orders(journal, session));
    if (shard) part.request.chosen = part_of(*shard, i, common.variants.size());
    // A shard leaves sessions alone of which it has nothing to do; one without variants is the
    // first one's.
    const bool mine =
        !shard || !part.request.chosen->empty() || (common.variants.empty() && shard->has(i));
    if (mine && !stop_requested) {
      SweepProgress progress{passes_of(part.request)};
      part.request.tick = [&] { progress.draw(); };
      auto record =
          research::sweep(part.request, recording_of(journal, session, progress.on_step()));
      part.request.tick = {};
      if (!record) throw record.error();
      part.record = std::move(*record);
      const std::size_t wanted = shard ? part.request.chosen->size() : part.request.variants.size();
      interrupted = interrupted || part.record.variants.size() < wanted ||
                    !part.record.has_base() || (stop_requested && !part.record.base.fidelity);
    } else if (mine) {
      interrupted = true;
    }
    answer.sessions.push_back(std::move(part));
  }
  if (interrupted) tell_of_interrupt(answer);
  if (shard) {
    write_text(options.output, partial_json(answer, *shard).dump() + '\n');
    if (globals.json)
      fmt::print(
          "{}\n",
          Json{{"partial", options.output}, {"shard", *options.shard}, {"complete", !interrupted}}
              .dump(2));
  } else {
    std::erase_if(answer.sessions,
                  [](const SessionAnswer& session) { return !session.record.has_base(); });
    if (!answer.sessions.empty())
      print_answer(answer, {.json = globals.json, .csv = options.csv, .plot = options.plot});
  }
  return interrupted ? interrupted_exit : 0;
}

int merge(const Globals& globals, const MergeOptions& options) {
  if (globals.json && options.csv)
    throw Error(ErrorKind::usage, "merge: --json and --csv do not go together");
  print_answer(merge_partials(options.files),
               {.json = globals.json, .csv = options.csv, .plot = options.plot});
  return 0;
}

}  // namespace mm::cli
