#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"
#include "engine/models/lead_lag.hpp"
#include "research/fit/lead_lag_fit.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"

namespace mm::research {
namespace {

constexpr std::size_t fewest_changes = 200;
constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t lowest = LeadLag::lowest_lag.count();
constexpr std::int64_t step = LeadLag::lag_step.count();
constexpr std::int64_t highest = lowest + (LeadLag::lags - 1) * step;
constexpr std::int64_t noise_below = -50 * millisecond;

/// Log mids of both instruments at their changes, in a time without a gap.
struct Run {
  Time from;
  Time to;
  LeadLagRun mids;
};

class MidReader final : public TapeReader {
 public:
  void on_session(const FitSession& session) override {
    session_ = &session;
    lead_ = session.seen_as(*session.lead);
    begin(session.from);
  }
  void on_gap(Time now, InstrumentId instrument) override {
    if (instrument != InstrumentId{} && instrument != lead_) return;
    runs.back().to = std::max(runs.back().from, now);
    begin(std::max(session_->from, now));
  }
  void on_event(const Event& event, const Market& market, const Outlook&) override {
    const EventHeader& header = event.header;
    if (header.recv_time < session_->from) return;
    if (header.instrument == InstrumentId{}) note(market, header, runs.back().mids.follower);
    if (header.instrument == lead_) note(market, header, runs.back().mids.leader);
  }

  std::vector<Run> runs;

 private:
  void begin(Time from) { runs.push_back({.from = from, .to = session_->to, .mids = {}}); }

  static void note(const Market& market, const EventHeader& header, TimedSeries& series) {
    const InstrumentState& state = market.instrument(header.instrument);
    if (!state.quotable()) return;
    const double value = det::log(mid_units(state.touch()));
    if (!series.values.empty() && series.values.back() == value) return;
    const std::int64_t time = to_ns(header.recv_time);
    if (!series.times.empty() && series.times.back() == time) {
      series.values.back() = value;
    } else {
      series.times.push_back(time);
      series.values.push_back(value);
    }
  }

  const FitSession* session_ = nullptr;
  InstrumentId lead_;
};

/// What of a series lies before `to`.
TimedSeries part_of(const TimedSeries& series, Time to) {
  const auto end = std::ranges::lower_bound(series.times, to_ns(to)) - series.times.begin();
  TimedSeries part;
  part.times.assign(series.times.begin(), series.times.begin() + end);
  part.values.assign(series.values.begin(), series.values.begin() + end);
  return changes_only(part);
}

/// The last value at or before a time, moving on; false before the first.
class Walk {
 public:
  explicit Walk(const TimedSeries& series) : series_(series) {}
  bool to(std::int64_t time) {
    while (next_ < series_.times.size() && series_.times[next_] <= time) ++next_;
    return next_ > 0;
  }
  double value() const { return series_.values[next_ - 1]; }

 private:
  const TimedSeries& series_;
  std::size_t next_ = 0;
};

/// What of the follower's next `lag` the leader's last `lag` foretells, at instants that far apart:
/// 1 - sum (dY - beta dX)^2 / sum dY^2.
std::optional<double> foretold(const std::vector<Run>& runs, Time from, Time to, std::int64_t lag,
                               double beta) {
  if (lag <= 0) return std::nullopt;
  double errors = 0;
  double squares = 0;
  for (const Run& run : runs) {
    const TimedSeries& leader = run.mids.leader;
    const TimedSeries& follower = run.mids.follower;
    Walk leader_then{leader}, leader_now{leader};
    Walk follower_now{follower}, follower_then{follower};
    const std::int64_t end = to_ns(std::min(to, run.to));
    for (std::int64_t at = to_ns(std::max(from, run.from)) + lag; at + lag < end; at += lag) {
      const bool known = leader_then.to(at - lag) && follower_now.to(at);
      leader_now.to(at);
      follower_then.to(at + lag);
      if (!known) continue;
      const double move = follower_then.value() - follower_now.value();
      const double error = move - beta * (leader_now.value() - leader_then.value());
      squares += move * move;
      errors += error * error;
    }
  }
  if (!(squares > 0)) return std::nullopt;
  return 1 - errors / squares;
}

}  // namespace

Result<ModelFit> fit_lead_lag_model(const FitRequest& request) {
  for (const FitSession& session : request.sessions)
    MM_ASSERT(session.lead.has_value(), "a leading instrument was asked for");
  MidReader reader;
  if (const auto error = read_tape(request.sessions, {}, reader)) return *error;
  std::vector<LeadLagRun> fitted;
  std::size_t leader_changes = 0;
  std::size_t follower_changes = 0;
  for (const Run& run : reader.runs) {
    fitted.push_back(
        {part_of(run.mids.leader, request.split()), part_of(run.mids.follower, request.split())});
    leader_changes += fitted.back().leader.times.size();
    follower_changes += fitted.back().follower.times.size();
  }
  const std::size_t fewest = std::min(leader_changes, follower_changes);
  if (fewest < fewest_changes)
    return refused_fit("lead_lag",
                       fmt::format("the mids changed {} (leader) and {} times in the part that is "
                                   "fitted: at least {} each are needed; take a longer window",
                                   leader_changes, follower_changes, fewest_changes));
  const std::optional<LeadLagEstimate> estimate =
      estimate_lead_lag(fitted, lowest, highest, step, LeadLag::block_length.count());
  const auto contrasts = lead_lag_contrast(fitted, lag_grid(lowest, highest, step));
  double noise = 0;
  double count = 0;
  for (const Contrast& each : contrasts)
    if (each.lag < noise_below) {
      noise += each.rho * each.rho;
      count += 1;
    }
  noise = std::sqrt(noise / count);
  const LeadLag::Settings online;
  if (!estimate || std::fabs(estimate->best.rho) < online.min_rho ||
      std::fabs(estimate->best.rho) < online.noise_multiple * noise)
    return refused_fit(
        "lead_lag",
        fmt::format("neither lag stands out: the largest correlation is {:.3f}{}, and at least {} "
                    "and {} times the noise of {:.3f} are needed; take a longer window or another "
                    "leader",
                    estimate ? std::fabs(estimate->best.rho) : 0.0,
                    estimate ? "" : " at an end of the lags looked at", online.min_rho,
                    online.noise_multiple, noise));

  ModelFit fit;
  fit.model = "lead_lag";
  const double lag_ms = static_cast<double>(estimate->best.lag) / millisecond;
  fit.values.set("beta", estimate->best.beta);
  fit.values.set("lag_ms", lag_ms);
  const std::vector<double> response = response_kernel(contrasts, noise_below);
  fit.values.set("response", std::span<const double>{response});
  fit.estimates = {{"lag_ms", "ms", lag_ms, estimate->lag_error / millisecond},
                   {"beta", "", estimate->best.beta, estimate->beta_error},
                   {"rho", "", estimate->best.rho, std::nullopt},
                   {"ratio", "", estimate->ratio, std::nullopt}};
  for (const double share : {0.1, 0.5, 0.9}) {
    const auto bin = std::ranges::lower_bound(response, share) - response.begin();
    fit.estimates.push_back({fmt::format("response_{:.0f}pct", share * 100), "ms",
                             static_cast<double>(bin * step) / millisecond, std::nullopt});
  }
  fit.counts = {{"leader_changes", static_cast<std::int64_t>(leader_changes)},
                {"follower_changes", static_cast<std::int64_t>(follower_changes)},
                {"jackknife_blocks", estimate->blocks}};
  FitScore score{.name = "r2",
                 .doc =
                     "share of the follower's next moves over the lag that the leader's last "
                     "ones foretell; more is better"};
  const std::int64_t lag = estimate->best.lag;
  const double beta = estimate->best.beta;
  if (lag <= 0) fit.notes.emplace_back("The other instrument follows: it foretells nothing.");
  score.in_sample = foretold(reader.runs, request.from(), request.split(), lag, beta);
  score.out_of_sample = foretold(reader.runs, request.split(), request.to(), lag, beta);
  if (request.judge)
    score.judged =
        foretold(reader.runs, request.from(), request.to(),
                 static_cast<std::int64_t>(request.judge->number("lag_ms") * millisecond),
                 request.judge->number("beta"));
  fit.scores = {score};
  return fit;
}

}  // namespace mm::research
