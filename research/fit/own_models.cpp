// Fits that need our own orders, or a size to quote in: the queue's exponent and gamma_base.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/det/math.hpp"
#include "research/fit/gamma_base.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"
#include "research/what_if/fidelity.hpp"

namespace mm::research {
namespace {

constexpr int largest_power = 8;
constexpr std::int64_t fewest_fills = 30;
constexpr std::int64_t fewest_seconds = 60;

std::int64_t fills_in(const FillTable& table) {
  return table.seconds[0][1] + table.seconds[1][1];
}

/// What one exponent says of the orders of all sessions.
struct Replayed {
  std::int64_t orders = 0;
  std::int64_t recorded_fills = 0;
  FillTable fit;
  FillTable report;

  void add(const Fidelity& session) {
    orders += session.orders;
    recorded_fills += session.recorded_fills;
    for (const auto& [sum, part] : {std::pair{&fit, &session.fit}, {&report, &session.report}}) {
      sum->orders += part->orders;
      for (std::size_t simulated = 0; simulated < 2; ++simulated)
        for (std::size_t recorded = 0; recorded < 2; ++recorded)
          sum->seconds[simulated][recorded] += part->seconds[simulated][recorded];
    }
  }
  std::optional<double> fit_score() const { return log_score(fit, fit); }
};

/// Volatility, kappa and the rate of fills at the mid, once a second.
class MarketReader final : public TapeReader {
 public:
  void on_session(const FitSession& session) override {
    from_ = session.from;
    next_ = Time{};
  }

  void on_event(const Event& event, const Market&, const Outlook& outlook) override {
    const Time now = event.header.recv_time;
    const Reading& reading = outlook.reading();
    if (now < from_ || now < next_ || !reading.sigma || !(*reading.sigma > 0) || !reading.mid)
      return;
    next_ = now + std::chrono::seconds{1};
    const double half =
        static_cast<double>((reading.touch.ask.price - reading.touch.bid.price).units()) / 2 /
        *reading.mid;
    const double rate = (reading.bid_flow.intensity + reading.ask_flow.intensity) / 2;
    squares_ += *reading.sigma * *reading.sigma;
    log_kappa_ += det::log(reading.kappa.kappa);
    intensity_ += std::clamp(rate * det::exp(reading.kappa.kappa * half), 0.01, 100.0);
    ++seconds_;
  }

  std::int64_t seconds() const { return seconds_; }
  GlftParameters market() const {
    const auto n = static_cast<double>(seconds_);
    return {.kappa = det::exp(log_kappa_ / n),
            .intensity = intensity_ / n,
            .sigma = std::sqrt(squares_ / n)};
  }

 private:
  Time from_;
  Time next_;
  double squares_ = 0;
  double log_kappa_ = 0;
  double intensity_ = 0;
  std::int64_t seconds_ = 0;
};

}  // namespace

Result<ModelFit> fit_queue_model(const FitRequest& request) {
  std::vector<QuoteCandidate> candidates;
  for (int power = 1; power <= largest_power; ++power) {
    QuoteCandidate candidate;
    candidate.settings.queue = {sim::QueueFunction::power, power};
    candidates.push_back(candidate);
  }
  std::vector<Replayed> replayed(candidates.size());
  bool known_latency = false;
  for (const FitSession& session : request.sessions) {
    const auto replay = replay_quotes(session.recording, session.from, session.to, candidates);
    if (replay.has_error()) return replay.error();
    known_latency = known_latency || replay->latency.has_value();
    for (std::size_t i = 0; i < candidates.size(); ++i) replayed[i].add(replay->candidates[i]);
  }
  const auto loss = [&](std::size_t i) { return replayed[i].fit_score().value_or(1e300); };
  std::size_t best = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i)
    if (loss(i) < loss(best)) best = i;
  const Replayed& chosen = replayed[best];
  const std::int64_t fit_fills = fills_in(chosen.fit);
  const std::int64_t report_fills = fills_in(chosen.report);
  if (!known_latency || fit_fills < fewest_fills || report_fills < fewest_fills)
    return refused_fit("queue",
                       fmt::format("{} fills of {} recorded orders in the odd blocks and {} in the "
                                   "even ones are too few: at least {} in each are needed; take a "
                                   "longer window or session with fills",
                                   fit_fills, chosen.orders, report_fills, fewest_fills));
  double worst = loss(best);
  for (std::size_t i = 0; i < candidates.size(); ++i) worst = std::max(worst, loss(i));
  if (!(worst > loss(best)))
    return refused_fit("queue",
                       fmt::format("the {} recorded fills come about with every exponent from 1 to "
                                   "{}: none of them waited in a queue that was cancelled; take a "
                                   "window with orders behind others",
                                   chosen.recorded_fills, largest_power));
  ModelFit fit;
  fit.model = "queue";
  const double power = static_cast<double>(best) + 1;
  fit.values.set("queue_power", power);
  fit.estimates = {{"queue_power", "", power, std::nullopt}};
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (const auto score = replayed[i].fit_score())
      fit.estimates.push_back({fmt::format("loss at {}", i + 1), "nats", *score, std::nullopt});
  fit.counts = {{"orders", chosen.orders},
                {"recorded_fills", chosen.recorded_fills},
                {"fit_fills", fit_fills},
                {"report_fills", report_fills}};
  std::string as_good;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (i != best && loss(i) == loss(best))
      as_good += fmt::format("{}{}", as_good.empty() ? "" : ", ", i + 1);
  if (!as_good.empty()) fit.notes.push_back(fmt::format("These powers do as well: {}.", as_good));
  fit.notes.emplace_back(
      "Powers 1 to 8 were put to the recorded orders; blocks of time take turns to choose and to "
      "judge; --holdout does not apply.");
  FitScore score{.name = "log_score",
                 .doc = "-ln p of the seconds in which an order filled or not; less is better",
                 .in_sample = chosen.fit_score(),
                 .out_of_sample = log_score(chosen.report, chosen.fit)};
  FitScore null{
      .name = "log_score_null",
      .doc = "the same without a simulator",
      .out_of_sample = log_score(without_simulator(chosen.report), without_simulator(chosen.fit))};
  if (request.judge) {
    const auto other = static_cast<std::size_t>(
        std::clamp(request.judge->number("queue_power"), 1.0, double{largest_power}) - 1);
    score.judged = log_score(replayed[other].report, replayed[other].fit);
  }
  fit.scores = {score, null};
  return fit;
}

Result<ModelFit> fit_gamma_model(const FitRequest& request) {
  MarketReader reader;
  if (const auto error = read_tape(request.sessions, {}, reader)) return *error;
  if (reader.seconds() < fewest_seconds)
    return refused_fit("gamma",
                       fmt::format("volatility was known in {} seconds: at least {} are needed; "
                                   "take a longer window",
                                   reader.seconds(), fewest_seconds));
  const GlftParameters market = reader.market();
  const double gamma = std::clamp(gamma_base_for(market, request.clips), 1e-3, 1e7);
  ModelFit fit;
  fit.model = "gamma";
  fit.values.set("gamma_base", gamma);
  fit.estimates = {{"gamma_base", "", gamma, std::nullopt},
                   {"kappa", "", market.kappa, std::nullopt},
                   {"intensity", "1/s", market.intensity, std::nullopt},
                   {"sigma", "bps/√s", market.sigma * 1e4, std::nullopt},
                   {"clips", "", request.clips, std::nullopt}};
  fit.counts = {{"seconds", reader.seconds()}};
  fit.notes.emplace_back(
      "A rule, not an estimate: at the largest inventory the skew is half a spread while quiet.");
  return fit;
}

}  // namespace mm::research
