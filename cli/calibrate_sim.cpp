// mmctl calibrate-sim: which queue model, and how late, reproduces our recorded fills best?

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/build_info.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/sim_params.hpp"
#include "cli/table.hpp"
#include "cli/what_if.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "engine/settings.hpp"
#include "research/what_if/fidelity.hpp"

namespace mm::cli {
namespace {

using research::Fidelity;
using research::QuoteCandidate;

constexpr const char* all_queues =
    "power3:3,power3:2,power3:1,power:1,power:2,power:3,power2:1,power2:2,power2:3,log,log2,"
    "risk_averse";
constexpr const char* all_shifts = "0ms,-5ms,5ms,-10ms,10ms,-20ms,20ms,50ms,100ms";

Duration shift_of(std::string_view text) {
  const bool earlier = text.starts_with('-');
  const auto duration = mm::parse_duration(text.substr(earlier ? 1 : 0));
  if (!duration || *duration > std::chrono::seconds{5})
    throw Error(
        ErrorKind::usage,
        fmt::format("--shift: '{}' is no duration of at most 5 s such as -5ms or 10ms", text));
  return earlier ? -*duration : *duration;
}

std::string shift_text(Duration shift) {
  return fmt::format("{:+g} ms", static_cast<double>(shift.count()) / 1e6);
}

std::vector<QuoteCandidate> candidates_of(const CalibrateOptions& options) {
  std::vector<QuoteCandidate> candidates;
  for (const research::Member& member : members_of(options.queue.value_or(all_queues), {})) {
    for (const std::string& shift : split_list(options.shifts.value_or(all_shifts))) {
      QuoteCandidate candidate;
      candidate.settings.queue = *member.queue;
      candidate.shift = shift_of(shift);
      candidates.push_back(candidate);
    }
  }
  return candidates;
}

/// Recorded fills that the choice rests on and that judge it: seconds of orders' lives with one.
std::int64_t fills_in(const research::FillTable& table) {
  return table.seconds[0][1] + table.seconds[1][1];
}

Json number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json candidate_json(const QuoteCandidate& candidate, const Fidelity& fidelity) {
  return Json{{"queue", candidate.settings.queue.name()},
              {"shift_ms", static_cast<double>(candidate.shift.count()) / 1e6},
              {"fit_log_score", number(fidelity.fit_log_score)},
              {"log_score", number(fidelity.log_score)},
              {"precision", fidelity.precision},
              {"recall", fidelity.recall},
              {"f1", fidelity.f1},
              {"time_error_ms", number(fidelity.time_error_mean_ms)},
              {"pnl_error", format_money(fidelity.pnl_error)}};
}

std::string cell(const std::optional<double>& value, int decimals) {
  return value ? fmt::format("{:.{}f}", *value, decimals) : "";
}

TableRow candidate_row(const QuoteCandidate& candidate, const Fidelity& fidelity) {
  return {candidate.settings.queue.name(),
          shift_text(candidate.shift),
          cell(fidelity.fit_log_score, 4),
          cell(fidelity.log_score, 4),
          cell(fidelity.precision, 3),
          cell(fidelity.recall, 3),
          cell(fidelity.f1, 3),
          cell(fidelity.time_error_mean_ms, 1),
          format_money(fidelity.pnl_error)};
}

}  // namespace

int calibrate_sim(const Globals& globals, const CalibrateOptions& options) {
  const std::vector<QuoteCandidate> candidates = candidates_of(options);
  const journal::Journal journal = open_journal(globals);
  const journal::SessionInfo* session = chosen_session(journal, globals);
  if (session == nullptr || session->end_seq.value == 0)
    throw Error(ErrorKind::data, fmt::format("calibrate-sim: {} holds no events", globals.journal));
  const journal::TimeWindow window = time_window(options.window, *session);
  Progress progress("calibrating", "bytes");
  std::uint64_t done = 0;
  auto replay = research::replay_quotes(
      recording_of(journal, *session,
                   [&](std::uint64_t step, std::uint64_t total) {
                     done += step;
                     progress.update(static_cast<double>(done) / static_cast<double>(total), done);
                   }),
      window.from, window.to, candidates);
  if (!replay) throw replay.error();

  std::vector<std::size_t> order(candidates.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Of equals the one named first: a total order.
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    return replay->candidates[i].fit_log_score.value_or(1e300);
  });
  const std::size_t best = order.front();
  const Fidelity& chosen = replay->candidates[best];
  const auto fit_fills = fills_in(chosen.fit);
  const auto report_fills = fills_in(chosen.report);
  const auto least = static_cast<std::int64_t>(options.least_fills);
  const bool enough = replay->latency && fit_fills >= least && report_fills >= least;

  SimParams params;
  if (enough) {
    const Duration shift = candidates[best].shift;
    params.instrument = replay->instrument.venue + ":" + replay->instrument.symbol;
    params.queue = candidates[best].settings.queue;
    params.latency = *replay->latency;
    params.latency.entry = std::max(params.latency.entry + shift, Duration{0});
    params.latency.response = std::max(params.latency.response - shift, Duration{0});
    params.provenance = Json{{"session", session->id},
                             {"input_digest", fmt::format("{:016x}", session->input_digest)},
                             {"from", format_time(window.from)},
                             {"to", format_time(window.to)},
                             {"orders", chosen.orders},
                             {"recorded_fills", chosen.recorded_fills},
                             {"fit_fills", fit_fills},
                             {"report_fills", report_fills},
                             {"block_seconds", static_cast<double>(replay->block.count()) / 1e9},
                             {"measured_latency", replay->latency->name()},
                             {"shift_ms", static_cast<double>(shift.count()) / 1e6},
                             {"fit_log_score", number(chosen.fit_log_score)},
                             {"log_score", number(chosen.log_score)},
                             {"null_log_score", number(chosen.null_log_score)},
                             {"precision", chosen.precision},
                             {"recall", chosen.recall},
                             {"f1", chosen.f1},
                             {"candidates", candidates.size()},
                             {"program", build_fingerprint()}};
    if (!options.output.empty()) write_sim_params(options.output, params);
  }

  const std::string refusal =
      enough
          ? ""
          : fmt::format(
                "{} fills of {} recorded orders in the odd blocks and {} in the even ones are too "
                "few to choose a queue model by (at least {} in each): nothing was chosen{}. Take "
                "a longer window or session.",
                fit_fills, chosen.orders, report_fills, least,
                options.output.empty() ? "" : " and no file written");
  if (globals.json) {
    Json list = Json::array();
    for (const std::size_t i : order)
      list.push_back(candidate_json(candidates[i], replay->candidates[i]));
    fmt::print(
        "{}\n",
        Json{{"window", Json{{"from", format_time(window.from)}, {"to", format_time(window.to)}}},
             {"chosen", enough ? Json{{"instrument", params.instrument},
                                      {"queue", params.queue.name()},
                                      {"latency", params.latency.name()}}
                               : Json(nullptr)},
             {"refusal", enough ? Json(nullptr) : Json(refusal)},
             {"null_log_score", number(chosen.null_log_score)},
             {"candidates", std::move(list)},
             {"file", enough && !options.output.empty() ? Json(options.output) : Json(nullptr)}}
            .dump(2));
  } else {
    std::vector<TableRow> rows{{"queue", "shift", "fit", "log score", "precision", "recall", "F1",
                                "time error ms", "P&L error"}};
    for (std::size_t k = 0; k < order.size() && k < 20; ++k)
      rows.push_back(candidate_row(candidates[order[k]], replay->candidates[order[k]]));
    fmt::print("{}", format_table(rows));
    if (order.size() > 20)
      fmt::print("… and {} worse ones (--json lists all)\n", order.size() - 20);
    fmt::print(
        "\n{} orders, {} recorded fills; scores are -ln p an order: fit in odd blocks of {:g} s, "
        "log "
        "score in even ones; without a simulator {}\n",
        chosen.orders, chosen.recorded_fills, static_cast<double>(replay->block.count()) / 1e9,
        chosen.null_log_score ? fmt::format("{:.4f}", *chosen.null_log_score) : "unknown");
    if (enough) {
      fmt::print("chosen    queue {}, latency {}\n", params.queue.name(), params.latency.name());
      if (!options.output.empty()) fmt::print("written   {}\n", options.output);
    } else {
      fmt::print(stderr, "mmctl: {}\n", refusal);
    }
  }
  return enough ? 0 : 1;
}

}  // namespace mm::cli
