#pragma once

// What a fit of one model to a recording gives: values for the model, how sure they are, how good.
//
// A window may span several sessions. What they tell is added up (likelihoods, counts, sums); no
// move, wait or transition is taken across the border of two sessions or a gap of a feed.
//
// The time covered is cut in two. The first part is what is fitted; the second judges it, with
// parameters and standardisation that have seen nothing of it. Values of another set can be judged
// on the whole window besides (`judged`).

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/model_values.hpp"
#include "engine/result.hpp"
#include "engine/types.hpp"
#include "research/fit/tape.hpp"
#include "research/what_if/recording.hpp"

namespace mm::research {

struct FitRequest {
  std::vector<FitSession> sessions;  ///< at least one, by time; they do not overlap
  double holdout = 0.25;  ///< share of the time covered, at its end, not fitted; in [0, 0.9]
  std::optional<ModelValues> judge;  ///< values of the same model
  std::uint64_t seed = 1;            ///< of starts and resamples
  double clips = 0;                  ///< gamma: the largest inventory, in orders' sizes

  Time from() const { return sessions.front().from; }
  Time to() const { return sessions.back().to; }
  /// Of the sessions together, without what lies between them.
  Duration covered() const;
  /// Where the part that judges begins.
  Time split() const;
};

struct FitEstimate {
  std::string name;  ///< "beta" or "mean[3]"
  std::string unit;
  double value = 0;
  std::optional<double> standard_error;
};

struct FitScore {
  std::string name;
  std::string doc;  ///< what it is and which way is better
  std::optional<double> in_sample;
  std::optional<double> out_of_sample;
  std::optional<double> judged;
};

struct ModelFit {
  std::string model;
  ModelValues values;
  std::vector<FitEstimate> estimates;
  std::vector<FitScore> scores;
  std::vector<std::pair<std::string, std::int64_t>> counts;
  std::vector<std::string> notes;  ///< whole sentences
  std::string refusal;             ///< why nothing was fitted; then `values` is empty

  bool fitted() const { return refusal.empty(); }
};

/// Of that model, nothing was fitted.
inline ModelFit refused_fit(std::string model, std::string why) {
  ModelFit fit;
  fit.model = std::move(model);
  fit.refusal = std::move(why);
  return fit;
}

// Each reads the sessions from their starts (regime: twice). Errors are the recordings' own (data);
// too little data is a refusal.

/// Two sides, marks of size, side and sweep; alpha, beta, baseline by maximum likelihood.
/// Keeps 32 bytes a taker order.
Result<ModelFit> fit_hawkes_model(const FitRequest& request);
/// The table of expected mid moves; errors by resampling blocks of time. Keeps the counts of a
/// hundred blocks and 100 bytes a second.
Result<ModelFit> fit_microprice_model(const FitRequest& request);
/// What kappa was by book, taker orders and our own fills. Keeps 16 bytes a taker order.
Result<ModelFit> fit_kappa_model(const FitRequest& request);
/// The hidden Markov model of regimes. Keeps four numbers every ten seconds.
Result<ModelFit> fit_regime_model(const FitRequest& request);
/// Lag, slope and response of `instrument` to `lead`. Keeps 16 bytes a change of either mid.
Result<ModelFit> fit_lead_lag_model(const FitRequest& request);
/// What orders turn out to be, labelled by the ten seconds behind them. Keeps 250 bytes an order.
Result<ModelFit> fit_trades_model(const FitRequest& request);
/// Weights of the liquidation detector, by what the venue tells of forced orders. Keeps 40 bytes a
/// second.
Result<ModelFit> fit_liquidation_model(const FitRequest& request);
/// The exponent by which cancels are shared along our queue, by our recorded fills.
Result<ModelFit> fit_queue_model(const FitRequest& request);
/// gamma_base by the rule of gamma_base.hpp; requires request.clips > 0.
Result<ModelFit> fit_gamma_model(const FitRequest& request);

}  // namespace mm::research
