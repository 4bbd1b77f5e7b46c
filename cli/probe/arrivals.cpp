#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "cli/probe/family.hpp"
#include "engine/models/fill_probability.hpp"
#include "engine/models/hawkes.hpp"
#include "engine/models/hawkes_queue.hpp"
#include "research/fit/hawkes_fit.hpp"

namespace mm::probe {
namespace {

double positive(double value, const char* name) {
  if (!(value > 0)) throw BadInput{std::string{name} + " must be above 0"};
  return value;
}

double positive(const Json& input, const char* name) {
  return positive(input.at(name).get<double>(), name);
}

// ---------------------------------------------------------------- Hawkes

Json marks(const Json& input) {
  return {{"mark", answer_rows(input, [](const Row& row) -> Json {
             const double relative = positive(row.number("size"), "size") /
                                     positive(row.number("median_size"), "median_size");
             return hawkes_mark({}, relative, row["consumes_our_side"].get<bool>(),
                                row["sweep"].get<bool>());
           })}};
}

Json baseline(const Json& input) {
  return {
      {"mu", answer_rows(input, [](const Row& row) -> Json {
         const FundingPhase phase{
             .weight_cos = row.number("w_cos"),
             .weight_sin = row.number("w_sin"),
             .to_settlement = time_of_seconds(row.number("tau_s")).time_since_epoch(),
             .period =
                 time_of_seconds(positive(row.number("period_s"), "period_s")).time_since_epoch()};
         const HawkesBaseline settings{.mu0 = row.number("mu0"),
                                       .weight_funding = row.number("w_funding"),
                                       .weight_open_interest = row.number("w_oi")};
         return hawkes_baseline(settings, row.number("F_z"), row.number("dOI_z"), &phase, 1);
       })}};
}

research::HawkesParameters one_stream(const Json& mu, const Json& alpha, const Json& beta) {
  research::HawkesParameters parameters{.mu = {positive(mu.get<double>(), "mu")},
                                        .alpha = alpha.get<double>(),
                                        .beta = positive(beta.get<double>(), "beta")};
  if (parameters.alpha < 0) throw BadInput{"alpha must be at least 0"};
  return parameters;
}

std::vector<double> simulated(const Json& of, double end) {
  const research::HawkesParameters at = one_stream(of.at("mu"), of.at("alpha"), of.at("beta"));
  if (at.alpha >= at.beta) throw BadInput{"alpha must be below beta: the process explodes"};
  if (!(end > 0 && end * at.mu[0] < 1e7)) throw BadInput{"T is too long, or not above 0"};
  return research::simulate_hawkes(at.mu[0], at.alpha, at.beta, end,
                                   of.at("seed").get<std::uint64_t>());
}

/// `times` as an array, or made by the simulation that `simulation` describes.
research::HawkesSample sample_of(const Json& input, const Json& simulation) {
  const double end = positive(input, "T");
  std::vector<double> times =
      input.at("times").is_array() ? numbers(input.at("times")) : simulated(simulation, end);
  double last = 0;
  for (const double time : times) {
    if (time < last || time > end) throw BadInput{"times must be in order within (0, T]"};
    last = time;
  }
  return research::unmarked_sample(std::move(times), end);
}

Json likelihood(const Json& input) {
  research::HawkesSample sample = sample_of(input, input);
  sample.streams[0].marks = numbers(input.at("marks"));
  if (sample.streams[0].marks.size() != sample.times.size()) throw BadInput{"a mark for each time"};
  const auto at = one_stream(input.at("mu"), input.at("alpha"), input.at("beta"));
  const research::HawkesLikelihood found = research::hawkes_likelihood(sample, at);
  return {{"loglik", found.log_likelihood},
          {"grad_mu_alpha_beta", {found.d_mu[0], found.d_alpha, found.d_beta}},
          {"intensity_left_limit",
           research::hawkes_intensity(sample, 0, at, numbers(input.at("query")))},
          {"compensator_increments", research::hawkes_residuals(sample, 0, at)}};
}

Json simulation(const Json& input) {
  const auto times = simulated(input, positive(input, "T"));
  return {{"n", times.size()},
          {"first5", std::vector<double>(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(
                                                                            std::min<std::size_t>(
                                                                                5, times.size())))},
          {"last", times.empty() ? Json(nullptr) : Json(times.back())}};
}

Json maximum_likelihood(const Json& input) {
  const research::HawkesFit fit = research::fit_hawkes(sample_of(input, input)).value();
  return {{"mu", fit.parameters.mu[0]},
          {"alpha", fit.parameters.alpha},
          {"beta", fit.parameters.beta},
          {"loglik", fit.log_likelihood},
          {"branching", fit.branching},
          {"se_mu_alpha_beta",
           {fit.standard_errors.mu[0], fit.standard_errors.alpha, fit.standard_errors.beta}}};
}

/// A p-value too small for its digits to mean anything is 0.
double printed_p(double p) {
  return p < 1e-15 ? 0 : p;
}

Json goodness_of_fit(const Json& input) {
  const research::HawkesSample sample = sample_of(input, input.value("sim", Json::object()));
  if (sample.times.empty()) throw BadInput{"at least one time is needed"};
  const Json& truth = input.at("test_true");
  const auto at_truth = one_stream(truth.at(0), truth.at(1), truth.at(2));
  const double rate = static_cast<double>(sample.times.size()) / sample.end;
  const research::HawkesParameters poisson{.mu = {rate}, .alpha = 0, .beta = 1};
  const auto of_truth = research::exponential_ks(research::hawkes_residuals(sample, 0, at_truth));
  const auto of_poisson = research::exponential_ks(research::hawkes_residuals(sample, 0, poisson));
  return {{"D_true", of_truth.distance},
          {"p_true", printed_p(of_truth.p)},
          {"D_poisson", of_poisson.distance},
          {"p_poisson", printed_p(of_poisson.p)}};
}

Json counts_ahead(const Json& input) {
  return {{"count", answer_rows(input, [](const Row& row) -> Json {
             const HawkesKernel kernel{row.number("alpha"), positive(row.number("beta"), "beta")};
             return expected_orders(row.number("h"), row.number("mu"),
                                    row.number("lambda_t") - row.number("mu"), kernel,
                                    row.number("mean_mark"));
           })}};
}

Json counts_of_both_sides(const Json& input) {
  HawkesMarks marks;
  marks.same_side = input.value("same", marks.same_side);
  marks.other_side = input.value("other", marks.other_side);
  return {{"rows", answer_rows(input, [&](const Row& row) -> Json {
             const HawkesKernel kernel{row.number("alpha"), positive(row.number("beta"), "beta")};
             const double mark = row.number("mean_size_sweep_mark");
             const TwoSidedCounts counts =
                 two_sided_counts(row.number("h"), row.number("mu_bid"), row.number("mu_ask"),
                                  row.number("R_bid"), row.number("R_ask"), kernel, marks, mark);
             return {{"M_bid", counts.bid.expected},
                     {"M_ask", counts.ask.expected},
                     {"K_bid", counts.bid.quiet},
                     {"K_ask", counts.ask.quiet},
                     {"branching", branching_ratio(kernel, marks, mark)}};
           })}};
}

Json queue_kernel(const Json& input) {
  const HawkesQueueKernel::Settings settings{.beta = positive(input, "beta"),
                                             .sensitivity = input.at("sens").get<double>()};
  HawkesQueueKernel kernel{positive(input, "typ")};
  Time last = Time::min();
  const auto at = [&last](const Json& seconds) {
    const Time now = time_of_seconds(seconds.get<double>());
    if (now < last) throw BadInput{"times must not decrease"};
    return last = now;
  };
  for (const Json& op : input.at("ops")) {
    const auto kind = op.at(0).get<std::string>();
    const Time now = at(op.at(1));
    const auto amount = op.at(2).get<double>();
    if (!(amount >= 0)) throw BadInput{"weights and volumes must be at least 0"};
    if (kind == "event") {
      kernel.on_order(settings, now, amount);
    } else if (kind == "consume") {
      kernel.on_consumed(settings, now, amount);
    } else {
      throw BadInput{"an operation is event or consume"};
    }
  }
  return {{"intensity",
           input.at("mu").get<double>() + kernel.excitation(settings, at(input.at("query")))}};
}

// ---------------------------------------------------------------- fills

/// Taker sizes as a plain list instead of a histogram.
struct SizeList {
  std::vector<double> sizes;

  std::optional<double> share_above(double x) const {
    double above = 0;
    for (const double size : sizes) above += size > x ? 1 : 0;
    return above / static_cast<double>(sizes.size());
  }
  std::optional<double> mean_up_to(double x) const {
    double sum = 0;
    for (const double size : sizes) sum += size <= x ? size : 0;
    return sum / static_cast<double>(sizes.size());
  }
};

Json chances(const Json& input) {
  const SizeList sizes{numbers(input.at("taker_sizes"))};
  if (sizes.sizes.empty()) throw BadInput{"at least one taker size is needed"};
  return {
      {"rows", answer_rows(input, [&](const Row& row) -> Json {
         const double theta = clustering(row.number("M"), row.number("K"));
         const FillFlow flow{.horizon_s = positive(row.number("h"), "h"),
                             .expected = row.number("M"),
                             .theta = theta,
                             .reach = row.number("g"),
                             .queue_ahead = row.number("Q_ahead"),
                             .cancel_rate = row.number("cancel_rate")};
         const FillChance chance = fill_probability(flow, sizes, row.number("dist"),
                                                    row.number("half_spread"), row.number("sigma"));
         return {
             {"theta", theta},       {"Q_h", chance.queue_left}, {"Q_eff", chance.queue_effective},
             {"tail", chance.tail},  {"p_flow", chance.flow},    {"p_cross", chance.cross},
             {"p_fill", chance.fill}};
       })}};
}

Json any_of_flow(const Json& input) {
  Json thetas = Json::array();
  Json chances = Json::array();
  for (const Json& values : input.at("rows")) {
    const Row row{input.at("columns"), values};
    const double theta = clustering(row.number("M"), row.number("K"));
    thetas.push_back(theta);
    chances.push_back(any_order(row.number("M"), theta, row.number("thinning")));
  }
  return {{"theta", thetas}, {"p", chances}};
}

Json counts_at_horizons(const Json& input) {
  Json expected = Json::array();
  Json quiet = Json::array();
  for (const Json& values : input.at("rows")) {
    const Row row{input.at("columns"), values};
    const HawkesKernel kernel{row.number("alpha"), positive(row.number("beta"), "beta")};
    expected.push_back(
        expected_orders(row.number("h"), row.number("mu"), row.number("R"), kernel, 1));
    quiet.push_back(quiet_orders(row.number("h"), row.number("mu"), row.number("R"), kernel));
  }
  return {{"M", expected}, {"K", quiet}};
}

Json worth_of_a_fill(const Json& input) {
  return {{"bps", answer_rows(input, [](const Row& row) -> Json {
             return expected_fill_pnl_bps(row.number("depth_bps"), row.number("fee_bps"),
                                          row.number("p_adverse"), row.number("mean_adverse_bps"),
                                          row.number("mean_favourable_bps"));
           })}};
}

constexpr Function functions[] = {
    {"hawkes.mark", marks},
    {"hawkes.baseline", baseline},
    {"hawkes.loglik", likelihood},
    {"hawkes.simulate", simulation},
    {"hawkes.fit", maximum_likelihood},
    {"hawkes.residual_ks", goodness_of_fit},
    {"hawkes.expected_count", counts_ahead},
    {"hawkes.two_sided_counts", counts_of_both_sides},
    {"hawkes.queue_kernel", queue_kernel},
    {"fill.probability", chances},
    {"fill.flow_any", any_of_flow},
    {"fill.horizon_counts", counts_at_horizons},
    {"fill.expected_pnl", worth_of_a_fill},
};

}  // namespace

std::span<const Function> arrival_functions() {
  return functions;
}

}  // namespace mm::probe
