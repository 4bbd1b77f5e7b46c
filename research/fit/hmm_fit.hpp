#pragma once

// Hidden Markov models with diagonal Gaussian emissions over a whole sample: smoothing, the most
// likely path, Baum-Welch with priors, and which fitted state is which (models.md 13; Rabiner
// 1989).
//
// Emissions are contaminated like the filter's (engine/models/regime_hmm.hpp), so an observation
// alien to every state says nothing; the contamination stays fixed in a fit, and moments are
// weighted by the Gaussian part's responsibility. NaN in an observation is an absent dimension.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/models/regime_hmm.hpp"
#include "engine/result.hpp"

namespace mm::research {

using Matrix = std::vector<std::vector<double>>;
/// Observations in runs: rows of one follow on each other, runs are apart in time, and each begins
/// anew with the initial probabilities. Likelihoods add.
using HmmRuns = std::vector<Matrix>;
std::size_t windows_in(const HmmRuns& runs);

struct Hmm {
  Matrix transition;                    ///< K x K, rows sum to 1
  std::vector<double> initial;          ///< K
  Matrix mean;                          ///< K x D
  Matrix sd;                            ///< K x D, > 0
  double outlier_share = 0;             ///< eps
  std::vector<double> outlier_density;  ///< D; may be empty when eps = 0
  std::vector<double> weight;           ///< D; empty: 1 each

  std::size_t states() const { return initial.size(); }
  std::size_t dimensions() const { return mean.empty() ? 0 : mean[0].size(); }
};

struct Smoothed {
  Matrix filtered;  ///< P(state | observations so far), T x K
  Matrix smoothed;  ///< P(state | all observations)
  Matrix moves;     ///< expected transitions, K x K
  double log_likelihood = 0;
};
Smoothed smooth(const Hmm& model, const Matrix& observations);
double log_likelihood(const Hmm& model, const HmmRuns& runs);

/// The most likely path of states; ties to the lower state.
std::vector<std::size_t> viterbi(const Hmm& model, const Matrix& observations);

/// What a fit leans on, so that few data do not swap or collapse states.
struct HmmPrior {
  Matrix transition_counts;  ///< Dirichlet pseudo-counts: 100 P
  Matrix mean;               ///< of the Gaussian-inverse-gamma prior, the defaults
  Matrix sd;
  double observations = 50;  ///< its weight
};

/// Sum of the logarithms of the prior's densities at the model, up to a constant.
double log_prior(const HmmPrior& prior, const Hmm& model);

/// One expectation-maximisation step. Without a prior: the maximum likelihood update, variances
/// from the new means; the likelihood never falls.
Hmm em_step(const Hmm& model, const Matrix& observations, const HmmPrior* prior,
            double variance_floor);

struct HmmFit {
  Hmm model;
  double log_likelihood = 0;
  double objective = 0;  ///< with the prior
  int rounds = 0;
  bool converged = false;  ///< the objective rose by less than 1e-6 an observation
};
/// Baum-Welch from `start` to convergence, at most 200 rounds; sd at least 0.05 under a prior.
HmmFit baum_welch(const Hmm& start, const HmmRuns& runs, const HmmPrior* prior);

/// Which reference state each fitted one is: the permutation with the least
/// sum of ((mean_fit - mean_ref)/sd_ref)^2.
std::vector<std::size_t> relabel(const Matrix& fitted_mean, const Matrix& reference_mean,
                                 const Matrix& reference_sd);

/// Errors of a regime model's figures, by regime (hmm_errors.hpp).
struct RegimeErrors {
  std::array<double, regimes> share{};  ///< of the long-run share
  std::array<double, regimes> stay{};   ///< of the mean stay, minutes
  std::array<std::array<double, 4>, regimes> mean{};
  std::array<std::array<double, 4>, regimes> sd{};
};

struct RegimeFit {
  RegimeModel model;
  HmmFit best;
  std::optional<RegimeErrors> errors;  ///< absent: the fit is no clear maximum
};
/// Mean stay in a regime, minutes.
double stay_minutes(const RegimeModel& model, std::size_t regime);

/// The regime model from observations of the first four dimensions, `step_s` apart: five starts
/// with means jittered by half a sd, the best kept, states put in order. Refused when Cascade's
/// mean volatility is not the largest or two states are closer than one sd in every dimension.
Result<RegimeFit> fit_regimes(const HmmRuns& runs, double step_s, std::uint64_t seed);

/// The first four dimensions of a regime model at a step of dt.
Hmm hmm_of(const RegimeModel& model, double step_s);

}  // namespace mm::research
