#include "research/fit/hmm_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/det/math.hpp"
#include "engine/random.hpp"
#include "research/fit/hmm_errors.hpp"

namespace mm::research {
namespace {

constexpr std::size_t regime_dimensions_fitted = 4;

double weight_of(const Hmm& model, std::size_t d) {
  return model.weight.empty() ? 1 : model.weight[d];
}

double outlier_of(const Hmm& model, std::size_t d) {
  return model.outlier_density.empty() ? 0 : model.outlier_density[d];
}

Matrix zeros(std::size_t rows, std::size_t columns) {
  return Matrix(rows, std::vector<double>(columns, 0.0));
}

/// ln of the sum of exponentials.
double log_sum(const std::vector<double>& logs) {
  const double largest = *std::max_element(logs.begin(), logs.end());
  if (!(largest > -std::numeric_limits<double>::infinity())) return largest;
  double sum = 0;
  for (const double each : logs) sum += det::exp(each - largest);
  return largest + det::log(sum);
}

/// contaminated_log_density of one state and dimension, its constants worked out once.
class EmissionLogs {
 public:
  EmissionLogs(const Hmm& model, std::size_t state, std::size_t d)
      : mean_(model.mean[state][d]),
        sd_(model.sd[state][d]),
        weight_(weight_of(model, d)),
        contaminated_(model.outlier_share > 0) {
    gaussian_ = contaminated_log_density(mean_, {mean_, sd_}, 0, 0, 1);
    if (!contaminated_) return;
    gaussian_ += det::log1p(-model.outlier_share);
    outlier_ = det::log(model.outlier_share * outlier_of(model, d));
  }
  /// weight * ln((1 - eps) N + eps c).
  double operator()(double y) const { return weight_ * all(y); }
  /// The probability that y came from the Gaussian, not from the contamination.
  double gaussian_share(double y) const {
    return contaminated_ ? det::exp(gaussian(y) - all(y)) : 1;
  }

 private:
  double gaussian(double y) const {
    const double z = (y - mean_) / sd_;
    return gaussian_ - 0.5 * z * z;
  }
  double all(double y) const {
    const double normal = gaussian(y);
    if (!contaminated_) return normal;
    const double larger = std::max(normal, outlier_);
    return larger + det::log1p(det::exp(std::min(normal, outlier_) - larger));
  }

  double mean_;
  double sd_;
  double weight_;
  bool contaminated_;
  double gaussian_ = 0;
  double outlier_ = 0;
};

/// ln f_j(y_t), T x K.
Matrix log_emissions(const Hmm& model, const Matrix& observations) {
  Matrix logs = zeros(observations.size(), model.states());
  for (std::size_t j = 0; j < model.states(); ++j)
    for (std::size_t d = 0; d < model.dimensions(); ++d) {
      if (weight_of(model, d) == 0) continue;
      const EmissionLogs of{model, j, d};
      for (std::size_t t = 0; t < observations.size(); ++t)
        if (!std::isnan(observations[t][d])) logs[t][j] += of(observations[t][d]);
    }
  return logs;
}

}  // namespace

std::size_t windows_in(const HmmRuns& runs) {
  std::size_t count = 0;
  for (const Matrix& run : runs) count += run.size();
  return count;
}

double log_likelihood(const Hmm& model, const HmmRuns& runs) {
  double sum = 0;
  for (const Matrix& run : runs) sum += smooth(model, run).log_likelihood;
  return sum;
}

Smoothed smooth(const Hmm& model, const Matrix& observations) {
  const std::size_t states = model.states();
  const std::size_t count = observations.size();
  const Matrix emissions = log_emissions(model, observations);
  Smoothed result{.filtered = zeros(count, states),
                  .smoothed = zeros(count, states),
                  .moves = zeros(states, states)};
  Matrix prediction = zeros(count, states);
  for (std::size_t t = 0; t < count; ++t) {
    if (t == 0) {
      prediction[0] = model.initial;
    } else {
      for (std::size_t i = 0; i < states; ++i)
        for (std::size_t j = 0; j < states; ++j)
          prediction[t][j] += result.filtered[t - 1][i] * model.transition[i][j];
    }
    std::vector<double> logs(states);
    for (std::size_t j = 0; j < states; ++j) logs[j] = det::log(prediction[t][j]) + emissions[t][j];
    const double total = log_sum(logs);
    for (std::size_t j = 0; j < states; ++j) result.filtered[t][j] = det::exp(logs[j] - total);
    result.log_likelihood += total;
  }
  // Backwards on the filtered beliefs (Rauch, Tung & Striebel's form), which cannot underflow.
  for (std::size_t t = count; t-- > 0;) {
    if (t + 1 == count) {
      result.smoothed[t] = result.filtered[t];
      continue;
    }
    for (std::size_t i = 0; i < states; ++i)
      for (std::size_t j = 0; j < states; ++j) {
        if (!(prediction[t + 1][j] > 0)) continue;
        const double move = result.filtered[t][i] * model.transition[i][j] *
                            result.smoothed[t + 1][j] / prediction[t + 1][j];
        result.smoothed[t][i] += move;
        result.moves[i][j] += move;
      }
  }
  return result;
}

std::vector<std::size_t> viterbi(const Hmm& model, const Matrix& observations) {
  const std::size_t states = model.states();
  const std::size_t count = observations.size();
  if (count == 0) return {};
  const Matrix emissions = log_emissions(model, observations);
  std::vector<double> best(states);
  std::vector<std::vector<std::size_t>> from(count, std::vector<std::size_t>(states, 0));
  for (std::size_t j = 0; j < states; ++j) best[j] = det::log(model.initial[j]) + emissions[0][j];
  for (std::size_t t = 1; t < count; ++t) {
    std::vector<double> next(states);
    for (std::size_t j = 0; j < states; ++j) {
      double highest = -std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < states; ++i) {
        const double through = best[i] + det::log(model.transition[i][j]);
        if (through > highest) {
          highest = through;
          from[t][j] = i;
        }
      }
      next[j] = highest + emissions[t][j];
    }
    best = next;
  }
  std::vector<std::size_t> path(count);
  path[count - 1] =
      static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  for (std::size_t t = count - 1; t > 0; --t) path[t - 1] = from[t][path[t]];
  return path;
}

namespace {

using Expected = std::vector<Smoothed>;  // of each run

Expected smooth_runs(const Hmm& model, const HmmRuns& runs) {
  Expected expected;
  for (const Matrix& run : runs) expected.push_back(smooth(model, run));
  return expected;
}

double log_likelihood_of(const Expected& expected) {
  double sum = 0;
  for (const Smoothed& run : expected) sum += run.log_likelihood;
  return sum;
}

/// The maximisation step, given what is expected of the runs under the model.
Hmm maximised(const Hmm& model, const HmmRuns& runs, const Expected& expected,
              const HmmPrior* prior, double variance_floor) {
  const std::size_t states = model.states();
  Hmm next = model;
  next.initial.assign(states, 0.0);
  Matrix moves = zeros(states, states);
  for (const Smoothed& run : expected)
    for (std::size_t i = 0; i < states; ++i) {
      next.initial[i] += run.smoothed.at(0)[i] / static_cast<double>(expected.size());
      for (std::size_t j = 0; j < states; ++j) moves[i][j] += run.moves[i][j];
    }
  for (std::size_t i = 0; i < states; ++i) {
    std::vector<double> row = moves[i];
    if (prior != nullptr)
      for (std::size_t j = 0; j < states; ++j) row[j] += prior->transition_counts[i][j];
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    if (sum > 0)
      for (std::size_t j = 0; j < states; ++j) next.transition[i][j] = row[j] / sum;
  }
  const double pull = prior != nullptr ? prior->observations : 0;
  struct Seen {
    double share;
    double y;
  };
  std::vector<Seen> seen;
  for (std::size_t j = 0; j < states; ++j)
    for (std::size_t d = 0; d < model.dimensions(); ++d) {
      const EmissionLogs of{model, j, d};
      double weight = pull;
      double sum = pull > 0 ? pull * prior->mean[j][d] : 0;
      seen.clear();
      for (std::size_t r = 0; r < runs.size(); ++r)
        for (std::size_t t = 0; t < runs[r].size(); ++t) {
          const double y = runs[r][t][d];
          const double share =
              std::isnan(y) ? 0 : expected[r].smoothed[t][j] * of.gaussian_share(y);
          if (share == 0) continue;
          seen.push_back({share, y});
          weight += share;
          sum += share * y;
        }
      if (!(weight > 0)) continue;
      const double mean = sum / weight;
      double squares = 0;
      for (const Seen& each : seen) squares += each.share * (each.y - mean) * (each.y - mean);
      if (pull > 0) {
        // The mode: the prior counts as so many observations of its own mean and variance.
        const double away = prior->mean[j][d] - mean;
        squares += pull * (prior->sd[j][d] * prior->sd[j][d] + away * away);
      }
      next.mean[j][d] = mean;
      next.sd[j][d] = std::sqrt(std::max(squares / weight, variance_floor));
    }
  return next;
}

}  // namespace

Hmm em_step(const Hmm& model, const Matrix& observations, const HmmPrior* prior,
            double variance_floor) {
  const HmmRuns runs{observations};
  return maximised(model, runs, smooth_runs(model, runs), prior, variance_floor);
}

double log_prior(const HmmPrior& prior, const Hmm& model) {
  double sum = 0;
  for (std::size_t i = 0; i < model.states(); ++i) {
    for (std::size_t j = 0; j < model.states(); ++j)
      sum += prior.transition_counts[i][j] * det::log(model.transition[i][j]);
    for (std::size_t d = 0; d < model.dimensions(); ++d) {
      const double away = prior.mean[i][d] - model.mean[i][d];
      const double variance = model.sd[i][d] * model.sd[i][d];
      sum -=
          prior.observations * (det::log(model.sd[i][d]) +
                                (prior.sd[i][d] * prior.sd[i][d] + away * away) / (2 * variance));
    }
  }
  return sum;
}

HmmFit baum_welch(const Hmm& start, const HmmRuns& runs, const HmmPrior* prior) {
  constexpr int most_rounds = 200;
  const double floor = prior != nullptr ? 0.05 * 0.05 : 1e-6;
  const double enough = 1e-6 * static_cast<double>(windows_in(runs));
  HmmFit fit{.model = start};
  Expected expected = smooth_runs(fit.model, runs);
  const auto objective = [&] {
    return log_likelihood_of(expected) + (prior != nullptr ? log_prior(*prior, fit.model) : 0);
  };
  fit.objective = objective();
  while (fit.rounds < most_rounds && !fit.converged) {
    fit.model = maximised(fit.model, runs, expected, prior, floor);
    expected = smooth_runs(fit.model, runs);
    const double reached = objective();
    fit.converged = reached - fit.objective < enough;
    fit.objective = reached;
    ++fit.rounds;
  }
  fit.log_likelihood = log_likelihood_of(expected);
  return fit;
}

std::vector<std::size_t> relabel(const Matrix& fitted_mean, const Matrix& reference_mean,
                                 const Matrix& reference_sd) {
  std::vector<std::size_t> labels(fitted_mean.size());
  std::iota(labels.begin(), labels.end(), std::size_t{0});
  std::vector<std::size_t> best = labels;
  double least = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i)
      for (std::size_t d = 0; d < fitted_mean[i].size(); ++d) {
        const double z =
            (fitted_mean[i][d] - reference_mean[labels[i]][d]) / reference_sd[labels[i]][d];
        sum += z * z;
      }
    if (sum < least) {
      least = sum;
      best = labels;
    }
  } while (std::next_permutation(labels.begin(), labels.end()));
  return best;
}

Hmm hmm_of(const RegimeModel& model, double step_s) {
  Hmm hmm;
  hmm.initial.assign(model.initial.begin(), model.initial.end());
  const TransitionMatrix step = step_transition(model.transition_per_minute, step_s);
  for (std::size_t i = 0; i < regimes; ++i) {
    hmm.transition.emplace_back(step[i].begin(), step[i].end());
    hmm.mean.emplace_back();
    hmm.sd.emplace_back();
    for (std::size_t d = 0; d < regime_dimensions_fitted; ++d) {
      hmm.mean.back().push_back(model.emission[i][d].mean);
      hmm.sd.back().push_back(model.emission[i][d].sd);
    }
  }
  hmm.outlier_share = model.outlier_share;
  for (std::size_t d = 0; d < regime_dimensions_fitted; ++d) {
    hmm.outlier_density.push_back(model.outlier_density[d]);
    hmm.weight.push_back(model.weight[d]);
  }
  return hmm;
}

namespace {

Error refused(const std::string& why) {
  return {ErrorKind::data, "fit hmm: " + why};
}

/// Two states that no dimension tells apart by a standard deviation.
std::optional<std::pair<std::size_t, std::size_t>> too_close(const Hmm& model) {
  for (std::size_t i = 0; i < model.states(); ++i)
    for (std::size_t j = i + 1; j < model.states(); ++j) {
      bool apart = false;
      for (std::size_t d = 0; d < model.dimensions(); ++d)
        apart = apart || std::fabs(model.mean[i][d] - model.mean[j][d]) >
                             std::min(model.sd[i][d], model.sd[j][d]);
      if (!apart) return std::pair{i, j};
    }
  return std::nullopt;
}

/// Minutes instead of steps; I + (60/dt)(P_dt - I) is the inverse of step_transition. A state left
/// faster than once a minute keeps a stay of zero and its exits' proportions.
TransitionMatrix per_minute(const Matrix& step, double step_s) {
  TransitionMatrix minute{};
  for (std::size_t i = 0; i < regimes; ++i) {
    const double leave = 1 - step[i][i];
    const double scale = leave > 0 ? std::min(60 / step_s, 1 / leave) : 0;
    minute[i][i] = 1 - scale * leave;
    for (std::size_t j = 0; j < regimes; ++j)
      if (j != i) minute[i][j] = scale * step[i][j];
  }
  return minute;
}

/// The states by their labels.
Hmm in_order(const Hmm& found, const std::vector<std::size_t>& labels) {
  Hmm ordered = found;
  for (std::size_t i = 0; i < regimes; ++i) {
    ordered.initial[labels[i]] = found.initial[i];
    ordered.mean[labels[i]] = found.mean[i];
    ordered.sd[labels[i]] = found.sd[i];
    for (std::size_t j = 0; j < regimes; ++j)
      ordered.transition[labels[i]][labels[j]] = found.transition[i][j];
  }
  return ordered;
}

RegimeModel regime_model_of(const Hmm& ordered, double step_s) {
  RegimeModel model = default_regime_model();
  model.transition_per_minute = per_minute(ordered.transition, step_s);
  model.initial = stationary_law(model.transition_per_minute);
  for (std::size_t i = 0; i < regimes; ++i)
    for (std::size_t d = 0; d < ordered.dimensions(); ++d)
      model.emission[i][d] = {ordered.mean[i][d], ordered.sd[i][d]};
  return model;
}

/// What RegimeErrors has errors of, regime by regime.
std::vector<double> figures_of(const RegimeModel& model) {
  std::vector<double> figures;
  for (std::size_t i = 0; i < regimes; ++i) {
    figures.push_back(model.initial[i]);
    figures.push_back(stay_minutes(model, i));
    for (std::size_t d = 0; d < regime_dimensions_fitted; ++d) {
      figures.push_back(model.emission[i][d].mean);
      figures.push_back(model.emission[i][d].sd);
    }
  }
  return figures;
}

RegimeErrors errors_of(const std::vector<double>& figures) {
  RegimeErrors errors;
  std::size_t next = 0;
  for (std::size_t i = 0; i < regimes; ++i) {
    errors.share[i] = figures[next++];
    errors.stay[i] = figures[next++];
    for (std::size_t d = 0; d < regime_dimensions_fitted; ++d) {
      errors.mean[i][d] = figures[next++];
      errors.sd[i][d] = figures[next++];
    }
  }
  return errors;
}

}  // namespace

double stay_minutes(const RegimeModel& model, std::size_t regime) {
  return 1 / std::max(1 - model.transition_per_minute[regime][regime], 1e-9);
}

Result<RegimeFit> fit_regimes(const HmmRuns& runs, double step_s, std::uint64_t seed) {
  constexpr std::size_t fewest = 360;  // an hour of ten-second windows
  if (windows_in(runs) < fewest)
    return refused("only " + std::to_string(windows_in(runs)) + " windows, " +
                   std::to_string(fewest) + " are needed; take a longer time");
  const Hmm reference = hmm_of(default_regime_model(), step_s);
  HmmPrior prior{
      .transition_counts = reference.transition, .mean = reference.mean, .sd = reference.sd};
  for (auto& row : prior.transition_counts)
    for (double& count : row) count *= 100;

  SplitMix64 random{seed};
  std::optional<HmmFit> best;
  for (int start = 0; start < 5; ++start) {
    Hmm from = reference;
    for (std::size_t j = 0; j < regimes; ++j)
      for (std::size_t d = 0; d < from.dimensions(); ++d)
        from.mean[j][d] += (2 * random.uniform() - 1) * 0.5 * from.sd[j][d];
    HmmFit fit = baum_welch(from, runs, &prior);
    if (!best || fit.objective > best->objective) best = std::move(fit);
  }
  const auto labels = relabel(best->model.mean, reference.mean, reference.sd);
  const Hmm ordered = in_order(best->model, labels);
  const auto cascade = static_cast<std::size_t>(Regime::cascade);
  for (std::size_t i = 0; i < regimes; ++i)
    if (ordered.mean[i][0] > ordered.mean[cascade][0])
      return refused(
          "Cascade is not the most volatile state found; take a longer time, with "
          "unrest in it, or keep the defaults");
  if (const auto pair = too_close(ordered))
    return refused(std::string{name_of(static_cast<Regime>(pair->first))} + " and " +
                   std::string{name_of(static_cast<Regime>(pair->second))} +
                   " cannot be told apart; take a longer time or keep the defaults");
  RegimeFit result{.best = *best};
  result.best.model = ordered;
  result.model = regime_model_of(ordered, step_s);
  const std::vector<double> errors = hmm_standard_errors(
      best->model, runs, &prior,
      [&](const Hmm& at) { return figures_of(regime_model_of(in_order(at, labels), step_s)); });
  if (!errors.empty()) result.errors = errors_of(errors);
  return result;
}

}  // namespace mm::research
