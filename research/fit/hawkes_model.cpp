#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/models/hawkes.hpp"
#include "engine/models/special.hpp"
#include "research/fit/hawkes_fit.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"

namespace mm::research {
namespace {

constexpr double largest_branching = 0.98;

struct Order {
  double time = 0;  // seconds from the run's start
  double mark = 1;  // of size and sweep
  Side consumed = Side::buy;
};

/// What the baseline may follow, by the names of their weights in a set.
constexpr std::array<const char*, 4> covariates = {"weight_cos", "weight_funding",
                                                   "weight_open_interest", "weight_sin"};
using Covariates = std::array<double, covariates.size()>;
constexpr std::array<bool, covariates.size()> is_phase = {true, false, false, true};
/// The covariates' numbers, of those a fit has.
using Chosen = std::vector<std::size_t>;
const Chosen all_covariates = {0, 1, 2, 3};

/// They are looked at so often; the funding clock moves in steps of its own.
constexpr Duration covariate_step = std::chrono::seconds{1};
constexpr Duration phase_step = std::chrono::seconds{10};
/// One that moves less says nothing; a weight less well known than this neither.
constexpr double least_deviation = 0.01;
constexpr double largest_error = 1;
constexpr double largest_weight = 3;
/// A phase is fitted over as many of its periods.
constexpr std::int64_t fewest_periods = 2;

/// A time without a gap.
struct Run {
  Time from;
  Time to;
  std::vector<Order> orders;
  struct Piece {
    double start = 0;
    Covariates x{};
  };
  std::vector<Piece> pieces;
};

/// Orders of the window with the marks they have online, and what the baseline may follow.
class OrderReader final : public TapeReader {
 public:
  void on_session(const FitSession& session) override {
    session_ = &session;
    next_look_ = Time{};
    now_ = {};
    begin(session.from);
  }
  void on_gap(Time now, InstrumentId instrument) override {
    if (instrument != InstrumentId{} || now < session_->from || waiting_) return;
    runs_.back().to = now;
    waiting_ = true;
  }
  void on_order(const TakerOrder& order, const TradeFeatures&) override {
    if (waiting_ || order.at < runs_.back().from || order.at >= session_->to) return;
    runs_.back().orders.push_back(
        {seconds_of(order.at - runs_.back().from),
         size_sweep_mark(settings_.marks, order.relative_size, order.sweep), order.consumed()});
  }
  void on_event(const Event& event, const Market& market, const Outlook& outlook) override {
    const Time now = event.header.recv_time;
    if (now >= next_look_) {
      next_look_ = now + covariate_step;
      look(now, outlook);
    }
    if (now < session_->from) {
      runs_.back().pieces.front().x = now_;
      return;
    }
    // Behind a gap orders are heard again when there is a book again.
    if (waiting_ && market.quoted().quotable()) begin(now);
    std::vector<Run::Piece>& pieces = runs_.back().pieces;
    if (waiting_ || pieces.back().x == now_) return;
    const double start = seconds_of(now - runs_.back().from);
    if (start > 0) {
      pieces.push_back({start, now_});
    } else {
      pieces.back().x = now_;
    }
  }

  const std::vector<Run>& runs() const { return runs_; }
  const HawkesIntensity::Settings& settings() const { return settings_; }
  Duration funding_interval() const { return funding_interval_; }

 private:
  void begin(Time from) {
    waiting_ = false;
    runs_.push_back({.from = from, .to = session_->to, .orders = {}, .pieces = {{0, now_}}});
  }
  void look(Time now, const Outlook& outlook) {
    const FundingClock& clock = outlook.funding_clock();
    funding_interval_ = clock.interval;
    const Duration left = clock.to_settlement(now);
    const CosSin phase =
        cos_sin_of_phase((left - left % phase_step).count(), clock.interval.count());
    now_ = {phase.cos, outlook.reading().context.funding_z.value_or(0),
            outlook.open_interest_z().value_or(0), phase.sin};
  }

  const FitSession* session_ = nullptr;
  HawkesIntensity::Settings settings_;
  std::vector<Run> runs_;
  bool waiting_ = false;
  Covariates now_{};
  Time next_look_;
  Duration funding_interval_{0};
};

constexpr std::array<Side, 2> sides = {Side::buy, Side::sell};

/// Both accumulators, over the orders up to `to`.
std::vector<HawkesSample> samples_of(const std::vector<Run>& runs, const HawkesMarks& marks,
                                     Time to, const Chosen& chosen) {
  std::vector<HawkesSample> samples;
  for (const Run& run : runs) {
    if (run.from >= std::min(to, run.to)) continue;
    HawkesSample& sample = samples.emplace_back();
    sample.end = seconds_of(std::min(to, run.to) - run.from);
    sample.streams.resize(sides.size());
    for (const Order& order : run.orders) {
      if (order.time > sample.end) break;
      // A sample begins behind its start; that much earlier is no order.
      sample.times.push_back(std::max(order.time, 1e-9));
      for (std::size_t s = 0; s < sides.size(); ++s) {
        const bool own = order.consumed == sides[s];
        sample.streams[s].marks.push_back(order.mark * (own ? marks.same_side : marks.other_side));
        sample.streams[s].own.push_back(own ? 1 : 0);
      }
    }
    if (chosen.empty()) continue;
    for (const Run::Piece& piece : run.pieces) {
      if (piece.start >= sample.end) break;
      BaselinePiece& of = sample.baseline.emplace_back();
      of.start = piece.start;
      for (const std::size_t k : chosen) of.x.push_back(piece.x[k]);
    }
  }
  return samples;
}

/// Deviation of each covariate over the time of the samples, which have them all.
Covariates deviations(const std::vector<HawkesSample>& samples) {
  Covariates sums{}, squares{};
  double seconds = 0;
  for (const HawkesSample& sample : samples)
    for (std::size_t p = 0; p < sample.baseline.size(); ++p) {
      const double end = p + 1 < sample.baseline.size() ? sample.baseline[p + 1].start : sample.end;
      const double length = end - sample.baseline[p].start;
      seconds += length;
      for (std::size_t k = 0; k < sums.size(); ++k) {
        sums[k] += length * sample.baseline[p].x[k];
        squares[k] += length * sample.baseline[p].x[k] * sample.baseline[p].x[k];
      }
    }
  Covariates result{};
  for (std::size_t k = 0; k < sums.size(); ++k)
    result[k] =
        std::sqrt(std::max(squares[k] / seconds - sums[k] / seconds * sums[k] / seconds, 0.0));
  return result;
}

std::size_t orders_in(const std::vector<HawkesSample>& samples) {
  std::size_t orders = 0;
  for (const HawkesSample& sample : samples) orders += sample.times.size();
  return orders;
}

double seconds_in(const std::vector<HawkesSample>& samples) {
  double seconds = 0;
  for (const HawkesSample& sample : samples) seconds += sample.end;
  return seconds;
}

struct Judged {
  double log_likelihood = 0;  // of all
  double poisson = 0;
  std::size_t orders = 0;

  /// What is in this and not in `part`, its beginning.
  double gain_beyond(const Judged& part) const {
    return (log_likelihood - part.log_likelihood - poisson + part.poisson) /
           static_cast<double>(orders - part.orders);
  }
};

Judged judge(const std::vector<HawkesSample>& samples, const HawkesParameters& at,
             double poisson_rate) {
  Judged judged{.log_likelihood = hawkes_log_likelihood(samples, at), .orders = orders_in(samples)};
  judged.poisson = static_cast<double>(judged.orders) * det::log(poisson_rate) -
                   static_cast<double>(sides.size()) * poisson_rate * seconds_in(samples);
  return judged;
}

/// Residuals of both sides; of orders behind the beginnings `skipped` of the same runs.
std::vector<double> residuals_behind(const std::vector<HawkesSample>& samples,
                                     const HawkesParameters& at,
                                     const std::vector<HawkesSample>& skipped) {
  std::vector<double> all;
  for (std::size_t s = 0; s < sides.size(); ++s)
    for (std::size_t r = 0; r < samples.size(); ++r) {
      const std::vector<double> of = hawkes_residuals(samples[r], s, at);
      const std::size_t first =
          r < skipped.size()
              ? static_cast<std::size_t>(std::ranges::count(skipped[r].streams[s].own, char{1}))
              : 0;
      all.insert(all.end(), of.begin() + static_cast<std::ptrdiff_t>(first), of.end());
    }
  return all;
}

/// Of samples with all covariates.
HawkesParameters parameters_of(const ModelValues& values) {
  HawkesParameters at{.mu = std::vector<double>(sides.size(), values.number("mu0")),
                      .alpha = values.number("alpha"),
                      .beta = values.number("beta"),
                      .weights = {}};
  for (const char* name : covariates) at.weights.push_back(values.number(name));
  return at;
}

struct Found {
  HawkesFit fit;
  Chosen chosen;                   // whose weights it has
  std::vector<std::string> notes;  // on the others
};

/// The fit with every weight that can be told, from samples with all covariates.
Result<Found> fit_with_weights(const OrderReader& reader, const std::vector<HawkesSample>& full,
                               Time to) {
  Found found;
  const Covariates deviation = deviations(full);
  const double periods = seconds_in(full) / seconds_of(reader.funding_interval());
  for (const std::size_t k : all_covariates) {
    if (!(deviation[k] >= least_deviation)) {
      found.notes.push_back(
          fmt::format("{} stays 0: what it weighs is unknown or did not change.", covariates[k]));
    } else if (is_phase[k] && periods < static_cast<double>(fewest_periods)) {
      found.notes.push_back(
          fmt::format("{} stays 0: the part that is fitted has {:.2g} periods of the funding "
                      "clock, and {} are needed.",
                      covariates[k], periods, fewest_periods));
    } else {
      found.chosen.push_back(k);
    }
  }
  for (;;) {
    const auto fit =
        fit_hawkes(samples_of(reader.runs(), reader.settings().marks, to, found.chosen));
    if (fit.has_error()) return fit.error();
    // The one that is known least well, if it is not well enough.
    std::size_t worst = 0;
    double error = -1;
    for (std::size_t i = 0; i < found.chosen.size(); ++i) {
      const double of = fit->standard_errors.weights[i];
      const bool usable = std::isfinite(of) && of < largest_error &&
                          std::fabs(fit->parameters.weights[i]) < largest_weight;
      // Without errors at all, the one that moves least.
      const double badness = usable              ? -1
                             : std::isfinite(of) ? of
                                                 : largest_error / deviation[found.chosen[i]];
      if (badness <= error) continue;
      worst = i;
      error = badness;
    }
    if (error < 0) {
      found.fit = *fit;
      return found;
    }
    found.notes.push_back(
        fmt::format("{} stays 0: the orders do not tell it, its error would be above {}.",
                    covariates[found.chosen[worst]], largest_error));
    found.chosen.erase(found.chosen.begin() + static_cast<std::ptrdiff_t>(worst));
  }
}

struct Scores {
  FitScore gain{.name = "gain",
                .doc = "log likelihood an order above constant rates; more is better"};
  FitScore flat{.name = "gain_flat", .doc = "the same with a baseline that follows nothing"};
  FitScore ks{.name = "ks", .doc = "distance of the residuals from exponential; below 0.05 usable"};
  FitScore ks_p{.name = "ks_p", .doc = "its p-value"};
  FitScore ljung_box_p{.name = "ljung_box_p", .doc = "p-value of independent residuals"};
};

void score(Scores& scores, std::optional<double> FitScore::*column, double gain,
           const std::vector<double>& residuals) {
  scores.gain.*column = gain;
  if (residuals.empty()) return;
  const KolmogorovSmirnov ks = exponential_ks(residuals);
  scores.ks.*column = ks.distance;
  scores.ks_p.*column = ks.p;
  scores.ljung_box_p.*column = ljung_box(residuals).p;
}

}  // namespace

Result<ModelFit> fit_hawkes_model(const FitRequest& request) {
  OrderReader reader;
  if (const auto error = read_tape(request.sessions, {}, reader)) return *error;
  const HawkesMarks& marks = reader.settings().marks;
  const auto part = samples_of(reader.runs(), marks, request.split(), all_covariates);
  const auto whole = samples_of(reader.runs(), marks, request.to(), all_covariates);
  const std::size_t fitted_orders = orders_in(part);
  if (fitted_orders < hawkes_min_events)
    return refused_fit("hawkes",
                       fmt::format("{} taker orders in the part that is fitted are too few: at "
                                   "least {} are needed; take a longer window",
                                   fitted_orders, hawkes_min_events));
  const Result<HawkesFit> flat = fit_hawkes(samples_of(reader.runs(), marks, request.split(), {}));
  if (flat.has_error()) return refused_fit("hawkes", flat.error().message());
  const Result<Found> found = fit_with_weights(reader, part, request.split());
  if (found.has_error()) return refused_fit("hawkes", found.error().message());
  const HawkesParameters& best = found->fit.parameters;

  ModelFit fit;
  fit.model = "hawkes";
  fit.notes = found->notes;
  HawkesKernel kernel{.alpha = best.alpha, .beta = best.beta};
  double mean_mark = 0;
  for (const HawkesSample& sample : part)
    for (std::size_t i = 0; i < sample.times.size(); ++i)
      mean_mark += sample.streams[0].marks[i] /
                   (sample.streams[0].own[i] != 0 ? marks.same_side : marks.other_side) /
                   static_cast<double>(fitted_orders);
  const double branching = branching_ratio(kernel, marks, mean_mark);
  if (branching > largest_branching) {
    kernel.alpha *= largest_branching / branching;
    fit.notes.push_back(
        fmt::format("The branching ratio fitted is {:.4f}; alpha was scaled down to make it {}.",
                    branching, largest_branching));
  }
  const double mu = (best.mu[0] + best.mu[1]) / 2;
  ModelValues& values = fit.values;
  values.set("alpha", kernel.alpha);
  values.set("beta", kernel.beta);
  values.set("mu0", mu);
  values.set("other_side", marks.other_side);
  values.set("prior_mark", mean_mark);
  values.set("same_side", marks.same_side);
  values.set("size_cap", marks.size_cap);
  values.set("size_power", marks.size_power);
  values.set("sweep", marks.sweep);
  Covariates weights{};
  for (std::size_t i = 0; i < found->chosen.size(); ++i)
    weights[found->chosen[i]] = best.weights[i];
  for (std::size_t k = 0; k < covariates.size(); ++k) values.set(covariates[k], weights[k]);

  const auto error_of = [](double error) {
    return std::isfinite(error) ? std::optional{error} : std::nullopt;
  };
  const HawkesParameters& errors = found->fit.standard_errors;
  fit.estimates = {
      {"alpha", "1/s", kernel.alpha, error_of(errors.alpha)},
      {"beta", "1/s", kernel.beta, error_of(errors.beta)},
      {"mu0", "1/s", mu,
       error_of(std::sqrt(errors.mu[0] * errors.mu[0] + errors.mu[1] * errors.mu[1]) / 2)},
      {"mu_bid", "1/s", best.mu[0], error_of(errors.mu[0])},
      {"mu_ask", "1/s", best.mu[1], error_of(errors.mu[1])},
      {"branching", "", branching_ratio(kernel, marks, mean_mark), std::nullopt},
      {"prior_mark", "", mean_mark, std::nullopt}};
  for (std::size_t i = 0; i < found->chosen.size(); ++i)
    fit.estimates.push_back(
        {covariates[found->chosen[i]], "", best.weights[i], error_of(errors.weights[i])});
  fit.counts = {{"taker_orders", static_cast<std::int64_t>(orders_in(whole))},
                {"fitted_orders", static_cast<std::int64_t>(fitted_orders)},
                {"runs_without_a_gap", static_cast<std::int64_t>(whole.size())}};

  // Constant rates of both sides together, as the fitted part has them.
  const double rate = static_cast<double>(fitted_orders) / seconds_in(part) / 2;
  const HawkesParameters at = parameters_of(values);
  HawkesParameters without = flat->parameters;
  without.mu.assign(sides.size(), (without.mu[0] + without.mu[1]) / 2);
  without.weights.assign(covariates.size(), 0.0);
  Scores scores;
  const Judged inside = judge(part, at, rate);
  const Judged inside_flat = judge(part, without, rate);
  score(scores, &FitScore::in_sample, inside.gain_beyond({}), residuals_behind(part, at, {}));
  scores.flat.in_sample = inside_flat.gain_beyond({});
  if (orders_in(whole) > fitted_orders) {
    score(scores, &FitScore::out_of_sample, judge(whole, at, rate).gain_beyond(inside),
          residuals_behind(whole, at, part));
    scores.flat.out_of_sample = judge(whole, without, rate).gain_beyond(inside_flat);
  }
  if (request.judge) {
    const HawkesParameters other = parameters_of(*request.judge);
    const double overall = static_cast<double>(orders_in(whole)) / seconds_in(whole) / 2;
    score(scores, &FitScore::judged, judge(whole, other, overall).gain_beyond({}),
          residuals_behind(whole, other, {}));
  }
  fit.scores = {scores.gain, scores.flat, scores.ks, scores.ks_p, scores.ljung_box_p};
  return fit;
}

}  // namespace mm::research
