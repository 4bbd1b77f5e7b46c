#pragma once

// How sure a fitted hidden Markov model is: errors of anything computed from it.
//
// The curvature of the objective at its maximum (observed information; with a prior, the Laplace
// approximation of the posterior). The gradient is exact, by Fisher's identity from the smoothed
// beliefs, and is differentiated once numerically; errors of quantities come by the delta method.
// A bootstrap would fit hundreds of times over, and cannot draw what a state seen for a few minutes
// is like; the curvature allows for states that are not observed and for what the prior holds.
// It is right if the model is: dependence within a state, which the model has none of, is left out.
//
// What moves: means, logarithms of the deviations, and the logits of each row of the transition
// matrix against its diagonal. The initial probabilities are taken as given.

#include <functional>
#include <vector>

#include "research/fit/hmm_fit.hpp"

namespace mm::research {

/// Quantities computed from a model, always as many.
using HmmQuantities = std::function<std::vector<double>(const Hmm&)>;

/// Standard errors of the quantities at `model`, which is to be a maximum for the runs and the
/// prior (null: none). Empty if it is none: the information is not positive definite.
std::vector<double> hmm_standard_errors(const Hmm& model, const HmmRuns& runs,
                                        const HmmPrior* prior, const HmmQuantities& quantities);

/// The objective's gradient (log likelihood, and log_prior with a prior): means state by state,
/// then log deviations, then logits of the rows without the diagonal.
std::vector<double> hmm_gradient(const Hmm& model, const HmmRuns& runs, const HmmPrior* prior);
/// The model so far away along the same coordinates.
Hmm hmm_moved(const Hmm& model, const std::vector<double>& by);

}  // namespace mm::research
