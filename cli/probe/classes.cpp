#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "cli/probe/family.hpp"
#include "engine/models/adverse.hpp"
#include "engine/models/liquidation.hpp"
#include "engine/models/regime_hmm.hpp"
#include "engine/models/softmax.hpp"
#include "research/fit/hmm_fit.hpp"
#include "research/fit/recalibrate.hpp"
#include "research/fit/softmax_fit.hpp"
#include "research/fit/trade_labels.hpp"

namespace mm::probe {
namespace {

using research::Matrix;

/// Rows of one length; null is NaN, an absent dimension.
Matrix matrix_with_gaps(const Json& rows) {
  constexpr double absent = std::numeric_limits<double>::quiet_NaN();
  Matrix matrix;
  for (const Json& row : rows) {
    std::vector<double> values;
    for (const Json& value : row) values.push_back(value.is_null() ? absent : value.get<double>());
    if (!matrix.empty() && matrix[0].size() != values.size())
      throw BadInput{"rows of one matrix differ in length"};
    matrix.push_back(std::move(values));
  }
  if (matrix.empty() || matrix[0].empty()) throw BadInput{"a matrix is empty"};
  return matrix;
}

Matrix matrix(const Json& rows) {
  Matrix values = matrix_with_gaps(rows);
  for (const auto& row : values)
    for (const double value : row)
      if (!std::isfinite(value)) throw BadInput{"a number is missing or not finite"};
  return values;
}

std::vector<std::size_t> labels_of(const Json& array, std::size_t count, std::size_t classes) {
  std::vector<std::size_t> labels;
  for (const Json& label : array) {
    const auto value = label.get<std::int64_t>();
    if (value < 0 || value >= static_cast<std::int64_t>(classes))
      throw BadInput{"a label is no class"};
    labels.push_back(static_cast<std::size_t>(value));
  }
  if (labels.size() != count) throw BadInput{"a label for each row"};
  return labels;
}

// ---------------------------------------------------------------- adverse

Json labels(const Json& input) {
  return {{"rows", answer_rows(input, [](const Row& row) -> Json {
             const research::LabelledOrder order = research::label_order(
                 {.taker = row.number("taker_side") > 0 ? Side::buy : Side::sell,
                  .mid_before = row.number("mid_t"),
                  .mid_after = row.number("mid_t_plus_10s"),
                  .open_interest_fell = row["oi_drop"].get<bool>(),
                  .funding_extreme = row["funding_extreme"].get<bool>(),
                  .gap_closed = row["arb_closed"].get<bool>(),
                  .sigma_bps = row.number("sigma_bps_sqrt_s")});
             return {{"signed_move_bps", order.signed_move_bps},
                     {"threshold_bps", order.threshold_bps},
                     {"label", name_of(order.label)}};
           })}};
}

Json softmax_weights(const Json& input) {
  research::LabelledSample sample{.features = matrix(input.at("X"))};
  const auto classes = input.at("classes").get<std::size_t>();
  if (classes < 2 || classes > 1000) throw BadInput{"classes must be 2 to 1000"};
  sample.labels = labels_of(input.at("y"), sample.features.size(), classes);
  const auto fit = research::fit_softmax(sample, classes, input.at("l2").get<double>()).value();
  const std::size_t row = 1 + sample.features[0].size();
  Json weights = Json::array();
  for (std::size_t k = 0; k < classes; ++k)
    weights.push_back(
        std::vector<double>(fit.weights.begin() + static_cast<std::ptrdiff_t>(k * row),
                            fit.weights.begin() + static_cast<std::ptrdiff_t>((k + 1) * row)));
  Json probabilities = Json::array();
  for (const auto& features : matrix(input.at("query"))) {
    if (features.size() + 1 != row) throw BadInput{"a query has as many features as X"};
    std::vector<double> p(classes);
    softmax(fit.weights, features, p);
    probabilities.push_back(p);
  }
  return {{"loss", fit.loss}, {"prob", probabilities}, {"W_bias_first_centred", weights}};
}

Json prior_corrected(const Json& input) {
  auto p = numbers(input.at("p"));
  const auto truth = numbers(input.at("pi_true"));
  const auto training = numbers(input.at("pi_train"));
  if (p.empty() || p.size() != truth.size() || p.size() != training.size())
    throw BadInput{"p, pi_true and pi_train must be equally long"};
  for (const double share : training)
    if (!(share > 0)) throw BadInput{"pi_train must be above 0"};
  correct_prior(p, truth, training);
  return {{"p", p}};
}

Json adjustments(const Json& input) {
  const AdverseSelectionAdjuster::Settings settings{
      .alpha = input.at("alpha").get<double>(),
      .kappa_discount_per_informed_pct = input.at("kappa_discount_per_pct").get<double>(),
      .spread_premium_per_informed_pct = input.at("spread_premium_per_pct").get<double>()};
  AdverseSelectionAdjuster adjuster;
  const Time now{};
  for (const double p : numbers(input.at("informed_prob"))) adjuster.on_order(settings, now, p);
  const auto intensity = adjuster.informed_intensity(settings, now);
  if (!intensity) throw BadInput{"informed_prob is empty"};
  return {{"ema", *intensity},
          {"kappa_adjustment", kappa_adjustment(settings, *intensity)},
          {"spread_adjustment_bps", spread_adjustment_bps(settings, *intensity)}};
}

// ---------------------------------------------------------------- calibration

struct Scored {
  std::vector<double> scores;
  std::vector<double> outcomes;
};

Scored scored(const Json& scores, const Json& outcomes) {
  Scored result{numbers(scores), numbers(outcomes)};
  if (result.scores.empty() || result.scores.size() != result.outcomes.size())
    throw BadInput{"an outcome for each of at least one score"};
  for (const double outcome : result.outcomes)
    if (outcome != 0 && outcome != 1) throw BadInput{"an outcome is 0 or 1"};
  return result;
}

Json isotonic(const Json& input) {
  const Scored sample = scored(input.at("x"), input.at("y"));
  const research::IsotonicMap map = research::fit_isotonic(sample.scores, sample.outcomes);
  Json fitted = Json::array();
  for (const double score : sample.scores) {
    std::size_t knot = 0;
    while (map.x[knot] != score) ++knot;
    fitted.push_back(map.y[knot]);  // the fit itself, before the ends are cut off
  }
  return {{"fitted", fitted}};
}

Json platt(const Json& input) {
  const Scored sample = scored(input.at("score"), input.at("y"));
  double positives = 0;
  for (const double outcome : sample.outcomes) positives += outcome;
  if (positives == 0 || positives == static_cast<double>(sample.outcomes.size()))
    throw BadInput{"outcomes of both kinds are needed"};
  const research::PlattMap map = research::fit_platt(sample.scores, sample.outcomes);
  return {{"slope", map.slope}, {"intercept", map.intercept}};
}

Json temperature(const Json& input) {
  const Matrix logits = matrix(input.at("logits"));
  const auto labels = labels_of(input.at("y"), logits.size(), logits[0].size());
  const research::TemperatureMap map = research::fit_temperature(logits, labels);
  return {{"temperature", map.temperature}, {"nll", map.log_loss}};
}

// ---------------------------------------------------------------- liquidation

Json liquidations(const Json& input) {
  return {{"rows", answer_rows(input, [](const Row& row) -> Json {
             const LiquidationScore score =
                 liquidation_score({},
                                   {.open_interest_change_pct = row.number("oi_change_pct_1m"),
                                    .funding_percentile = row.number("funding_percentile"),
                                    .funding = row.number("funding"),
                                    .move_sigmas = row.number("r1m_over_sigma")},
                                   LiquidationDetector::Settings{}.threshold_pct);
             return {{"x", score.x}, {"logit", score.logit}, {"p", score.probability}};
           })}};
}

// ---------------------------------------------------------------- hidden Markov model

research::Hmm hmm(const Json& input) {
  research::Hmm model{.transition = matrix(input.at("P")),
                      .initial = numbers(input.at("pi")),
                      .mean = matrix(input.at("mean")),
                      .sd = matrix(input.at("sd")),
                      .outlier_share = input.value("eps", 0.0)};
  const std::size_t states = model.initial.size();
  if (model.transition.size() != states || model.transition[0].size() != states ||
      model.mean.size() != states || model.sd.size() != states ||
      model.sd[0].size() != model.mean[0].size())
    throw BadInput{"P, pi, mean and sd do not fit together"};
  for (const auto& row : model.sd)
    for (const double sd : row)
      if (!(sd > 0)) throw BadInput{"sd must be above 0"};
  if (model.outlier_share > 0) {
    model.outlier_density = numbers(input.at("outlier_density"));
    if (model.outlier_density.size() != model.dimensions())
      throw BadInput{"an outlier_density for each dimension"};
  }
  return model;
}

Matrix observations(const Json& input, std::size_t dimensions) {
  Matrix y = matrix_with_gaps(input.at("Y"));
  if (y[0].size() != dimensions) throw BadInput{"Y does not have the model's dimensions"};
  return y;
}

Json filter(const Json& input) {
  const research::Hmm model = hmm(input);
  const Matrix y = observations(input, model.dimensions());
  const research::Smoothed result = research::smooth(model, y);
  return {{"filtered", result.filtered},
          {"loglik", result.log_likelihood},
          {"smoothed", result.smoothed},
          {"viterbi", research::viterbi(model, y)}};
}

Json expectation_maximisation(const Json& input) {
  if (input.at("prior") != "none") throw BadInput{"prior is \"none\""};
  const research::Hmm model = hmm(input);
  const Matrix y = observations(input, model.dimensions());
  const research::Hmm next =
      research::em_step(model, y, nullptr, input.at("var_floor").get<double>());
  return {{"loglik_before", research::smooth(model, y).log_likelihood},
          {"P", next.transition},
          {"pi", next.initial},
          {"mean", next.mean},
          {"sd", next.sd},
          {"loglik_after", research::smooth(next, y).log_likelihood}};
}

Json default_filter(const Json& input) {
  RegimeModel model = default_regime_model();
  model.outlier_share = input.at("eps").get<double>();
  const auto densities = numbers(input.at("outlier_density"));
  if (densities.size() > regime_dimensions || !(model.outlier_share >= 0))
    throw BadInput{"eps must be at least 0, with a density for each dimension"};
  std::copy(densities.begin(), densities.end(), model.outlier_density.begin());
  const Duration step = time_of_seconds(input.at("step_s").get<double>()).time_since_epoch();
  if (step < Duration{}) throw BadInput{"step_s must be at least 0"};
  RegimeFilter filter;
  Json beliefs = Json::array();
  for (const auto& row : matrix_with_gaps(input.at("Y"))) {
    if (row.size() > regime_dimensions) throw BadInput{"an observation has 8 dimensions at most"};
    RegimeObservation observation;
    for (std::size_t d = 0; d < row.size(); ++d)
      if (!std::isnan(row[d])) observation[d] = row[d];
    filter.update(model, step, observation);
    beliefs.push_back(filter.belief());
  }
  return {{"filtered", beliefs}, {"loglik", filter.log_likelihood()}};
}

Json step(const Json& input) {
  TransitionMatrix per_minute = default_regime_model().transition_per_minute;
  if (input.at("P").is_array()) {
    const Matrix given = matrix(input.at("P"));
    if (given.size() != regimes || given[0].size() != regimes) throw BadInput{"P must be 4 by 4"};
    for (std::size_t i = 0; i < regimes; ++i)
      std::copy(given[i].begin(), given[i].end(), per_minute[i].begin());
  }
  const auto dt = input.at("dt").get<double>();
  if (!(dt >= 0 && dt <= 60)) throw BadInput{"dt must be 0 to 60"};
  return {{"P", step_transition(per_minute, dt)}, {"stationary", stationary_law(per_minute)}};
}

Json relabelled(const Json& input) {
  const research::Hmm reference = research::hmm_of(default_regime_model(), 10);
  const Matrix fitted = matrix(input.at("fitted_mean"));
  if (fitted.size() != regimes || fitted[0].size() != reference.dimensions())
    throw BadInput{"fitted_mean must be 4 by 4"};
  Json names = Json::array();
  for (const std::size_t state : research::relabel(fitted, reference.mean, reference.sd))
    names.push_back(name_of(static_cast<Regime>(state)));
  return {{"state_of_fitted", names}};
}

constexpr Function functions[] = {
    {"adverse.label_trade", labels},
    {"adverse.softmax_fit", softmax_weights},
    {"adverse.prior_correct", prior_corrected},
    {"adverse.adjuster", adjustments},
    {"calib.pav", isotonic},
    {"calib.platt", platt},
    {"calib.temperature", temperature},
    {"liquidation.probability", liquidations},
    {"hmm.filter", filter},
    {"hmm.em_step", expectation_maximisation},
    {"hmm.default_filter", default_filter},
    {"hmm.step_transition", step},
    {"hmm.relabel", relabelled},
};

}  // namespace

std::span<const Function> class_functions() {
  return functions;
}

}  // namespace mm::probe
