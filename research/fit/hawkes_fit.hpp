#pragma once

// Hawkes processes with one exponential kernel over a whole sample: likelihood, maximum, goodness
// of fit, simulation (models.md 9.5, 9.6, 9.8; Ozaki 1979, Ogata 1981, Brown et al. 2002).
//
//   lambda_s(t) = mu_s e^clamp(w . x(t), -3, 3) + alpha sum over t_i < t of m_i^s e^(-beta (t -
//   t_i))
//
// x: covariates of the baseline (funding, open interest, the phase of settlement), constant in
// pieces; by default there are none and the baseline is mu_s. Inside of the clamp, which is the
// online model's, the likelihood is concave in the mu e^(w . x).
//
// Several samples are times that do not follow on each other (sessions, what lies between two
// gaps): each begins without excitation, and their log likelihoods add.
//
// A stream s is one accumulator: one for pooled orders, two for the sides of the book, which share
// alpha and beta and the events, each with marks of its own. Times are seconds from the start of
// the sample, in order; equal ones stand in the order they are given in.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/result.hpp"

namespace mm::research {

struct HawkesStream {
  std::vector<double> marks;  ///< of every event in this stream's accumulator
  std::vector<char> own;      ///< 1 where the event is one of this stream's; empty: all are
};

/// The covariates of the baseline from `start` to the next piece's. The first starts at 0.
struct BaselinePiece {
  double start = 0;
  std::vector<double> x;  ///< as many in each piece
};

struct HawkesSample {
  std::vector<double> times;  ///< in (0, end], not decreasing
  double end = 0;
  std::vector<HawkesStream> streams;    ///< at least one
  std::vector<BaselinePiece> baseline;  ///< empty: constant
};

/// A sample of one stream with unit marks.
HawkesSample unmarked_sample(std::vector<double> times, double end);

struct HawkesParameters {
  std::vector<double> mu;       ///< of each stream, 1/s, > 0
  double alpha = 0;             ///< 1/s
  double beta = 0;              ///< 1/s
  std::vector<double> weights;  ///< w, of each covariate
};

struct HawkesLikelihood {
  double log_likelihood = 0;
  std::vector<double> d_mu;
  double d_alpha = 0;
  double d_beta = 0;
  std::vector<double> d_weights;
};
HawkesLikelihood hawkes_likelihood(const HawkesSample& sample, const HawkesParameters& at);
/// Of several.
double hawkes_log_likelihood(std::span<const HawkesSample> samples, const HawkesParameters& at);

/// Of one stream, at each time asked for (in order, within the sample): the left limit.
std::vector<double> hawkes_intensity(const HawkesSample& sample, std::size_t stream,
                                     const HawkesParameters& at, std::span<const double> times);

/// Integral of a stream's intensity between its own neighbouring events, from 0 to the first on:
/// independent unit exponentials if the model is right.
std::vector<double> hawkes_residuals(const HawkesSample& sample, std::size_t stream,
                                     const HawkesParameters& at);

struct HawkesFit {
  HawkesParameters parameters;
  HawkesParameters standard_errors;  ///< of the same, from the observed information; NaN if it is
                                     ///< not positive definite
  double log_likelihood = 0;
  double branching = 0;  ///< expected orders an order brings about, mean over the sample
  std::size_t events = 0;
};

/// Fewer events than this leave the defaults in place: alpha and beta are not identified.
inline constexpr std::size_t hawkes_min_events = 500;

/// Maximum likelihood over the logarithms of the parameters, the best of starts at beta = 0.1, 0.5,
/// 2 and 10 per second. An error says why there is none.
/// Requires samples of as many streams and covariates each.
Result<HawkesFit> fit_hawkes(std::span<const HawkesSample> samples);
Result<HawkesFit> fit_hawkes(const HawkesSample& sample);

struct KolmogorovSmirnov {
  double distance = 0;  ///< D: below 0.02 a good model, below 0.05 a usable one
  double p = 1;         ///< Stephens' form; too kind on the data the model was fitted on
};
/// Of residuals against the unit exponential. Requires one.
KolmogorovSmirnov exponential_ks(std::span<const double> residuals);

/// Ljung-Box statistic of the first `lags` autocorrelations, chi-squared with `lags` degrees of
/// freedom if the residuals are independent.
struct LjungBox {
  double statistic = 0;
  double p = 1;
};
LjungBox ljung_box(std::span<const double> values, int lags = 10);

/// One stream of unit marks whose baseline follows covariates, likewise by thinning.
HawkesSample simulate_hawkes(const HawkesParameters& at, std::vector<BaselinePiece> baseline,
                             double end, std::uint64_t seed);
/// Ogata's thinning with unit marks; the order of the draws is part of what it promises.
std::vector<double> simulate_hawkes(double mu, double alpha, double beta, double end,
                                    std::uint64_t seed);

}  // namespace mm::research
