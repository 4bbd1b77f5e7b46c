#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/models/hawkes.hpp"
#include "research/fit/hawkes_fit.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"

namespace mm::research {
namespace {

constexpr double largest_branching = 0.98;

struct Order {
  double time = 0;  // seconds from the window's start
  double mark = 1;  // of size and sweep
  Side consumed = Side::buy;
};

/// Orders of the window with the marks they have online.
class OrderReader final : public TapeReader {
 public:
  explicit OrderReader(const FitRequest& request) : request_(request) {}

  void on_order(const TakerOrder& order, const TradeFeatures&) override {
    if (order.at < request_.from || order.at >= request_.to) return;
    orders_.push_back({seconds_of(order.at - request_.from),
                       size_sweep_mark(settings_.marks, order.relative_size, order.sweep),
                       order.consumed()});
  }

  const std::vector<Order>& orders() const { return orders_; }
  const HawkesIntensity::Settings& settings() const { return settings_; }

 private:
  const FitRequest& request_;
  HawkesIntensity::Settings settings_;
  std::vector<Order> orders_;
};

constexpr std::array<Side, 2> sides = {Side::buy, Side::sell};

/// Both accumulators, over the orders up to `end` seconds.
HawkesSample sample_of(const std::vector<Order>& orders, const HawkesMarks& marks, double end) {
  HawkesSample sample;
  sample.end = end;
  sample.streams.resize(sides.size());
  for (const Order& order : orders) {
    if (order.time > end) break;
    // A sample begins behind its start; that much earlier is no order.
    sample.times.push_back(std::max(order.time, 1e-9));
    for (std::size_t s = 0; s < sides.size(); ++s) {
      const bool own = order.consumed == sides[s];
      sample.streams[s].marks.push_back(order.mark * (own ? marks.same_side : marks.other_side));
      sample.streams[s].own.push_back(own ? 1 : 0);
    }
  }
  return sample;
}

struct Judged {
  double log_likelihood = 0;  // of all
  double poisson = 0;
  std::size_t orders = 0;
  std::vector<double> residuals;

  /// What is in this and not in `part`, its beginning.
  double gain_beyond(const Judged& part) const {
    return (log_likelihood - part.log_likelihood - poisson + part.poisson) /
           static_cast<double>(orders - part.orders);
  }
};

Judged judge(const HawkesSample& sample, const HawkesParameters& at, double poisson_rate) {
  Judged judged{.log_likelihood = hawkes_likelihood(sample, at).log_likelihood,
                .orders = sample.times.size(),
                .residuals = {}};
  const auto n = static_cast<double>(sample.times.size());
  judged.poisson = n * det::log(poisson_rate) -
                   static_cast<double>(sample.streams.size()) * poisson_rate * sample.end;
  return judged;
}

/// Residuals of both sides whose orders came after `after` seconds.
std::vector<double> residuals_after(const HawkesSample& sample, const HawkesParameters& at,
                                    double after) {
  std::vector<double> all;
  for (std::size_t s = 0; s < sample.streams.size(); ++s) {
    const std::vector<double> of = hawkes_residuals(sample, s, at);
    std::size_t skipped = 0;
    for (std::size_t i = 0; i < sample.times.size(); ++i)
      if (sample.streams[s].own[i] != 0 && sample.times[i] <= after) ++skipped;
    all.insert(all.end(), of.begin() + static_cast<std::ptrdiff_t>(std::min(skipped, of.size())),
               of.end());
  }
  return all;
}

HawkesParameters parameters_of(const ModelValues& values) {
  return {.mu = std::vector<double>(sides.size(), values.number("mu0")),
          .alpha = values.number("alpha"),
          .beta = values.number("beta"),
          .weights = {}};
}

struct Scores {
  FitScore gain{.name = "gain",
                .doc = "log likelihood an order above constant rates; more is better"};
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

Result<ModelFit> fit_hawkes_model(const Recording& recording, const FitRequest& request) {
  OrderReader reader{request};
  if (const auto error = read_tape(recording, tape_of(request), reader)) return *error;
  const HawkesIntensity::Settings& settings = reader.settings();
  const std::vector<Order>& orders = reader.orders();
  const double end = seconds_of(request.to - request.from);
  const double split = seconds_of(request.split() - request.from);
  const HawkesSample part = sample_of(orders, settings.marks, split);
  const HawkesSample whole = sample_of(orders, settings.marks, end);
  if (part.times.size() < hawkes_min_events)
    return refused_fit("hawkes",
                       fmt::format("{} taker orders in the part that is fitted are too few: at "
                                   "least {} are needed; take a longer window",
                                   part.times.size(), hawkes_min_events));
  const Result<HawkesFit> found = fit_hawkes(part);
  if (found.has_error()) return refused_fit("hawkes", found.error().message());

  ModelFit fit;
  fit.model = "hawkes";
  HawkesKernel kernel{.alpha = found->parameters.alpha, .beta = found->parameters.beta};
  double mean_mark = 0;
  for (std::size_t i = 0; i < part.times.size(); ++i)
    mean_mark += orders[i].mark / static_cast<double>(part.times.size());
  const double branching = branching_ratio(kernel, settings.marks, mean_mark);
  if (branching > largest_branching) {
    kernel.alpha *= largest_branching / branching;
    fit.notes.push_back(
        fmt::format("The branching ratio fitted is {:.4f}; alpha was scaled down to make it {}.",
                    branching, largest_branching));
  }
  const double mu = (found->parameters.mu[0] + found->parameters.mu[1]) / 2;
  ModelValues& values = fit.values;
  values.set("alpha", kernel.alpha);
  values.set("beta", kernel.beta);
  values.set("mu0", mu);
  values.set("other_side", settings.marks.other_side);
  values.set("prior_mark", mean_mark);
  values.set("same_side", settings.marks.same_side);
  values.set("size_cap", settings.marks.size_cap);
  values.set("size_power", settings.marks.size_power);
  values.set("sweep", settings.marks.sweep);
  values.set("weight_funding", 0.0);
  values.set("weight_open_interest", 0.0);

  const auto error_of = [](double error) {
    return std::isfinite(error) ? std::optional{error} : std::nullopt;
  };
  const HawkesParameters& errors = found->standard_errors;
  fit.estimates = {
      {"alpha", "1/s", kernel.alpha, error_of(errors.alpha)},
      {"beta", "1/s", kernel.beta, error_of(errors.beta)},
      {"mu0", "1/s", mu,
       error_of(std::sqrt(errors.mu[0] * errors.mu[0] + errors.mu[1] * errors.mu[1]) / 2)},
      {"mu_bid", "1/s", found->parameters.mu[0], error_of(errors.mu[0])},
      {"mu_ask", "1/s", found->parameters.mu[1], error_of(errors.mu[1])},
      {"branching", "", branching_ratio(kernel, settings.marks, mean_mark), std::nullopt},
      {"prior_mark", "", mean_mark, std::nullopt}};
  fit.counts = {{"taker_orders", static_cast<std::int64_t>(whole.times.size())},
                {"fitted_orders", static_cast<std::int64_t>(part.times.size())}};

  // Constant rates of both sides together, as the fitted part has them.
  const double rate = static_cast<double>(part.times.size()) / split / 2;
  const HawkesParameters at = parameters_of(values);
  Scores scores;
  const Judged inside = judge(part, at, rate);
  score(scores, &FitScore::in_sample, inside.gain_beyond({}), residuals_after(part, at, -1));
  if (whole.times.size() > part.times.size())
    score(scores, &FitScore::out_of_sample, judge(whole, at, rate).gain_beyond(inside),
          residuals_after(whole, at, split));
  if (request.judge) {
    const HawkesParameters other = parameters_of(*request.judge);
    score(scores, &FitScore::judged,
          judge(whole, other, static_cast<double>(whole.times.size()) / end / 2).gain_beyond({}),
          residuals_after(whole, other, -1));
  }
  fit.scores = {scores.gain, scores.ks, scores.ks_p, scores.ljung_box_p};
  return fit;
}

}  // namespace mm::research
