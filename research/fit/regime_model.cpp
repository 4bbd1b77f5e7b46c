#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/models/regime_window.hpp"
#include "research/fit/hmm_fit.hpp"
#include "research/fit/model_fit.hpp"
#include "research/fit/tape.hpp"

namespace mm::research {
namespace {

constexpr std::size_t dimensions = 4;
constexpr double step_s = 10;
/// Between two windows; beyond it one is missing.
constexpr Duration longest_step = std::chrono::seconds{15};

/// What is ordinary in the part that is fitted.
class OrdinaryReader final : public TapeReader {
 public:
  void on_session(const FitSession& session) override {
    from_ = session.from;
    next_ = Time{};
    log_mid_.reset();
  }
  void on_gap(Time, InstrumentId instrument) override {
    if (instrument == InstrumentId{}) log_mid_.reset();
  }

  void on_order(const TakerOrder& order, const TradeFeatures&) override {
    if (order.at >= from_) ++orders_;
  }

  void on_event(const Event& event, const Market&, const Outlook& outlook) override {
    const Time now = event.header.recv_time;
    const std::optional<double>& mid = outlook.reading().mid;
    if (now < from_ || now < next_) return;
    next_ = std::chrono::ceil<std::chrono::seconds>(now + Duration{1});
    const std::optional<double> value = mid ? std::optional{det::log(*mid)} : std::nullopt;
    if (value && log_mid_) {
      squares_ += (*value - *log_mid_) * (*value - *log_mid_);
      ++steps_;
    }
    log_mid_ = value;
  }

  /// Fraction per root second; 0 if nothing moved.
  double sigma() const {
    return steps_ == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(steps_));
  }
  std::int64_t orders() const { return orders_; }

 private:
  Time from_;
  std::int64_t orders_ = 0;
  Time next_;
  std::optional<double> log_mid_;
  double squares_ = 0;
  std::int64_t steps_ = 0;
};

/// The windows' observations, as the online model is shown them, in runs of windows that follow on
/// each other.
class WindowReader final : public TapeReader {
 public:
  explicit WindowReader(Time split) : split_(split) {}

  void on_session(const FitSession& session) override {
    from_ = session.from;
    steps_ = 0;
    last_.reset();
  }

  void on_event(const Event& event, const Market&, const Outlook& outlook) override {
    const Reading& reading = outlook.reading();
    if (reading.regime_steps == steps_) return;
    steps_ = reading.regime_steps;
    const Time now = event.header.recv_time;
    if (now < from_) return;
    if (!last_ || now - *last_ > longest_step) runs_.emplace_back();
    last_ = now;
    std::vector<double> row;
    for (std::size_t d = 0; d < dimensions; ++d)
      row.push_back(reading.observation[d].value_or(std::numeric_limits<double>::quiet_NaN()));
    runs_.back().push_back(std::move(row));
    if (now >= split_) return;
    fitted_runs_ = runs_.size();
    fitted_ = runs_.back().size();
  }

  const HmmRuns& runs() const { return runs_; }
  /// The part that is fitted.
  HmmRuns fitted() const {
    HmmRuns runs{runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(fitted_runs_)};
    if (!runs.empty()) runs.back().resize(fitted_);
    return runs;
  }

 private:
  Time split_;
  Time from_;
  std::int64_t steps_ = 0;
  std::optional<Time> last_;
  HmmRuns runs_;
  std::size_t fitted_runs_ = 0;
  std::size_t fitted_ = 0;  // of the last of them
};

RegimeModel regime_of(const ModelValues& values) {
  RegimeModel model = default_regime_model();
  const auto number = [&](const char* name, std::size_t index) {
    return *(*values.find(name))[index];
  };
  for (std::size_t i = 0; i < regimes; ++i) {
    model.initial[i] = number("initial", i);
    for (std::size_t j = 0; j < regimes; ++j)
      model.transition_per_minute[i][j] = number("transition", i * regimes + j);
    for (std::size_t d = 0; d < regime_dimensions; ++d)
      model.emission[i][d] = {number("mean", i * regime_dimensions + d),
                              number("sd", i * regime_dimensions + d)};
  }
  for (std::size_t d = 0; d < regime_dimensions; ++d) {
    model.outlier_density[d] = number("outlier_density", d);
    model.weight[d] = number("weight", d);
  }
  model.outlier_share = number("outlier_share", 0);
  return model;
}

ModelValues values_of(const RegimeModel& model) {
  std::vector<double> initial, transition, mean, sd;
  for (std::size_t i = 0; i < regimes; ++i) {
    initial.push_back(model.initial[i]);
    for (const double share : model.transition_per_minute[i]) transition.push_back(share);
    for (const Emission& emission : model.emission[i]) {
      mean.push_back(emission.mean);
      sd.push_back(emission.sd);
    }
  }
  ModelValues values;
  const auto set = [&](const char* name, std::span<const double> numbers) {
    values.set(name, numbers);
  };
  set("initial", initial);
  set("transition", transition);
  set("mean", mean);
  set("sd", sd);
  set("outlier_density", model.outlier_density);
  set("weight", model.weight);
  values.set("outlier_share", model.outlier_share);
  return values;
}

/// One state with the moments of the part that is fitted: what regimes must beat.
Hmm one_state(const HmmRuns& runs) {
  const Hmm reference = hmm_of(default_regime_model(), step_s);
  Hmm model{.transition = {{1}},
            .initial = {1},
            .mean = {std::vector<double>(dimensions, 0.0)},
            .sd = {std::vector<double>(dimensions, 1.0)},
            .outlier_share = reference.outlier_share,
            .outlier_density = reference.outlier_density,
            .weight = reference.weight};
  for (std::size_t d = 0; d < dimensions; ++d) {
    double n = 0, sum = 0, squares = 0;
    for (const Matrix& run : runs)
      for (const auto& row : run) {
        if (std::isnan(row[d])) continue;
        n += 1;
        sum += row[d];
        squares += row[d] * row[d];
      }
    if (n < 2) continue;
    model.mean[0][d] = sum / n;
    model.sd[0][d] = std::sqrt(std::max(squares / n - sum / n * sum / n, 0.0025));
  }
  return model;
}

struct Rows {
  HmmRuns fitted;
  HmmRuns all;
};

FitScore density(std::string name, std::string doc, const Hmm& model, const Rows& rows) {
  FitScore score{.name = std::move(name), .doc = std::move(doc)};
  const double inside = log_likelihood(model, rows.fitted);
  score.in_sample = inside / static_cast<double>(windows_in(rows.fitted));
  const std::size_t rest = windows_in(rows.all) - windows_in(rows.fitted);
  if (rest > 0)
    score.out_of_sample = (log_likelihood(model, rows.all) - inside) / static_cast<double>(rest);
  return score;
}

}  // namespace

Result<ModelFit> fit_regime_model(const FitRequest& request) {
  // A session's first hour is measured by references that are settings, so they are found first.
  Tape tape{.until = request.split()};
  OrdinaryReader ordinary;
  if (const auto error = read_tape(request.sessions, tape, ordinary)) return *error;
  const double rate = static_cast<double>(ordinary.orders()) /
                      (seconds_of(request.covered()) * (1 - request.holdout));
  if (!(ordinary.sigma() > 0) || !(rate > 0))
    return refused_fit("regime",
                       "in the part that is fitted nothing was traded or the mid never moved; "
                       "take another window");
  tape.until = Time::max();
  tape.settings.regime_window.sigma_reference = ordinary.sigma();
  tape.settings.regime_window.rate_reference = rate;
  WindowReader reader{request.split()};
  if (const auto error = read_tape(request.sessions, tape, reader)) return *error;
  const Rows rows{.fitted = reader.fitted(), .all = reader.runs()};
  const Result<RegimeFit> found = fit_regimes(rows.fitted, step_s, request.seed);
  if (found.has_error()) return refused_fit("regime", found.error().message());

  ModelFit fit;
  fit.model = "regime";
  fit.values = values_of(found->model);
  fit.values.set("rate_reference", rate);
  fit.values.set("sigma_reference", ordinary.sigma());
  constexpr std::array<const char*, dimensions> names = {"volatility", "trade_intensity",
                                                         "imbalance", "adverse_selection"};
  for (std::size_t i = 0; i < regimes; ++i) {
    const std::string state{name_of(static_cast<Regime>(i))};
    const auto error = [&](auto&& of) {
      return found->errors ? std::optional{of(*found->errors)} : std::nullopt;
    };
    fit.estimates.push_back({state + " share", "", found->model.initial[i],
                             error([&](const RegimeErrors& all) { return all.share[i]; })});
    fit.estimates.push_back({state + " stay", "min", stay_minutes(found->model, i),
                             error([&](const RegimeErrors& all) { return all.stay[i]; })});
    for (std::size_t d = 0; d < dimensions; ++d) {
      const Emission& emission = found->model.emission[i][d];
      fit.estimates.push_back({state + ' ' + names[d], "", emission.mean,
                               error([&](const RegimeErrors& all) { return all.mean[i][d]; })});
      fit.estimates.push_back({state + ' ' + names[d] + " sd", "", emission.sd,
                               error([&](const RegimeErrors& all) { return all.sd[i][d]; })});
    }
  }
  fit.counts = {{"windows", static_cast<std::int64_t>(windows_in(rows.all))},
                {"fitted_windows", static_cast<std::int64_t>(windows_in(rows.fitted))},
                {"rounds", found->best.rounds}};
  if (!found->best.converged)
    fit.notes.push_back("The fit stopped before it had settled; a longer window may help.");
  if (!found->errors)
    fit.notes.push_back("There are no errors: the fit is no clear maximum of the likelihood.");
  FitScore score = density("density", "mean log density of the next window; more is better",
                           hmm_of(found->model, step_s), rows);
  if (request.judge)
    score.judged = log_likelihood(hmm_of(regime_of(*request.judge), step_s), rows.all) /
                   static_cast<double>(windows_in(rows.all));
  fit.scores = {score,
                density("density_one_state", "the same of one state without regimes",
                        one_state(rows.fitted), rows),
                density("density_default", "the same of the built-in parameters",
                        hmm_of(default_regime_model(), step_s), rows)};
  return fit;
}

}  // namespace mm::research
