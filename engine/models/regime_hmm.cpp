#include "engine/models/regime_hmm.hpp"

#include <algorithm>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"
#include "engine/models/decay.hpp"

namespace mm {

std::string_view name_of(Regime regime) {
  constexpr std::string_view names[regimes] = {"Quiet", "Trending", "Volatile", "Cascade"};
  return names[static_cast<std::size_t>(regime)];
}

RegimeModel default_regime_model() {
  RegimeModel model;
  model.transition_per_minute = {{{0.95, 0.03, 0.019, 0.001},
                                  {0.10, 0.85, 0.04, 0.01},
                                  {0.15, 0.10, 0.70, 0.05},
                                  {0.05, 0.05, 0.60, 0.30}}};
  model.initial = stationary_law(model.transition_per_minute);
  constexpr Emission off{0, 1};
  model.emission = {{{{{-0.90, 0.55}, {-0.15, 0.45}, {0.20, 0.18}, {0.3, 0.6}, off, off, off, off}},
                     {{{0.00, 0.45}, {0.35, 0.45}, {0.50, 0.20}, {0.8, 0.8}, off, off, off, off}},
                     {{{0.70, 0.45}, {0.60, 0.50}, {0.25, 0.18}, {0.7, 1.2}, off, off, off, off}},
                     {{{1.80, 0.60}, {1.60, 0.70}, {0.60, 0.20}, {2.5, 2.0}, off, off, off, off}}}};
  model.outlier_density = {0.1, 0.1, 1, 0.02, 0.1, 0.1, 0.1, 0.1};
  model.weight = {1, 1, 1, 1, 0, 0, 0, 0};
  return model;
}

TransitionMatrix step_transition(const TransitionMatrix& per_minute, double step_s) {
  MM_ASSERT(step_s >= 0 && step_s <= 60, "a longer step is taken in minutes");
  TransitionMatrix step{};
  for (std::size_t i = 0; i < regimes; ++i)
    for (std::size_t j = 0; j < regimes; ++j) {
      const double same = i == j ? 1 : 0;
      step[i][j] = same + step_s / 60 * (per_minute[i][j] - same);
    }
  return step;
}

Belief stationary_law(const TransitionMatrix& transition) {
  TransitionMatrix p = transition;
  for (std::size_t n = regimes - 1; n > 0; --n) {
    double leave = 0;
    for (std::size_t j = 0; j < n; ++j) leave += p[n][j];
    for (std::size_t i = 0; i < n; ++i) {
      p[i][n] /= leave;
      for (std::size_t j = 0; j < n; ++j) p[i][j] += p[i][n] * p[n][j];
    }
  }
  Belief law{1};
  double sum = 1;
  for (std::size_t n = 1; n < regimes; ++n) {
    for (std::size_t i = 0; i < n; ++i) law[n] += law[i] * p[i][n];
    sum += law[n];
  }
  for (double& share : law) share /= sum;
  return law;
}

namespace {

/// ln(e^a + e^b).
double log_add(double a, double b) {
  const double larger = std::max(a, b);
  return larger + det::log1p(det::exp(std::min(a, b) - larger));
}

}  // namespace

double contaminated_log_density(double y, Emission emission, double outlier_share,
                                double outlier_density, double weight) {
  constexpr double log_root_two_pi = 0.91893853320467274178;
  const double z = (y - emission.mean) / emission.sd;
  const double normal = -0.5 * z * z - det::log(emission.sd) - log_root_two_pi;
  if (!(outlier_share > 0)) return weight * normal;
  return weight *
         log_add(det::log1p(-outlier_share) + normal, det::log(outlier_share * outlier_density));
}

namespace {

Belief moved(const Belief& belief, const TransitionMatrix& transition) {
  Belief after{};
  for (std::size_t i = 0; i < regimes; ++i)
    for (std::size_t j = 0; j < regimes; ++j) after[j] += belief[i] * transition[i][j];
  return after;
}

/// Whole minutes and then the rest. After a day and a half the belief is the stationary law to the
/// last bit, so more minutes are not walked through.
Belief predicted(const RegimeModel& model, Belief belief, Duration elapsed) {
  constexpr std::int64_t minute_ns = 60'000'000'000;
  constexpr std::int64_t most_minutes = 2000;
  const std::int64_t minutes = elapsed.count() / minute_ns;
  for (std::int64_t i = 0; i < std::min(minutes, most_minutes); ++i)
    belief = moved(belief, model.transition_per_minute);
  const Duration rest{elapsed.count() - minutes * minute_ns};
  return moved(belief, step_transition(model.transition_per_minute, seconds_of(rest)));
}

}  // namespace

void RegimeFilter::update(const RegimeModel& model, Duration elapsed,
                          const RegimeObservation& observation) {
  const Belief prediction = started_ ? predicted(model, belief_, elapsed) : model.initial;
  started_ = true;
  bool informed = false;
  std::array<double, regimes> logs{};
  for (std::size_t j = 0; j < regimes; ++j) {
    logs[j] = det::log(prediction[j]);
    for (std::size_t d = 0; d < regime_dimensions; ++d) {
      if (!observation[d] || model.weight[d] == 0) continue;
      informed = true;
      logs[j] +=
          contaminated_log_density(*observation[d], model.emission[j][d], model.outlier_share,
                                   model.outlier_density[d], model.weight[d]);
    }
  }
  if (!informed) {
    belief_ = prediction;
  } else {
    const double largest = *std::max_element(logs.begin(), logs.end());
    double sum = 0;
    for (const double each : logs) sum += det::exp(each - largest);
    const double total = largest + det::log(sum);
    for (std::size_t j = 0; j < regimes; ++j) belief_[j] = det::exp(logs[j] - total);
    log_likelihood_ += total;
  }

  const Regime first = most_likely();
  double second = 0;
  for (std::size_t j = 0; j < regimes; ++j)
    if (j != static_cast<std::size_t>(first)) second = std::max(second, belief_[j]);
  const bool leads = belief_[static_cast<std::size_t>(first)] >= second + 0.1;
  led_for_ = !leads ? 0 : first == leading_ ? std::min(led_for_ + 1, 2u) : 1;
  leading_ = first;
  if (led_for_ >= 2) displayed_ = first;
}

Regime RegimeFilter::most_likely() const {
  return static_cast<Regime>(std::max_element(belief_.begin(), belief_.end()) - belief_.begin());
}

double RegimeFilter::entropy() const {
  double sum = 0;
  for (const double p : belief_) sum -= p > 0 ? p * det::log(p) : 0;
  return std::max(0.0, sum);
}

void RegimeFilter::save(ByteWriter& out) const {
  out.put_flag(started_);
  for (const double p : belief_) out.put_double(p);
  out.put_double(log_likelihood_);
  out.put_u64(static_cast<std::uint64_t>(displayed_));
  out.put_u64(static_cast<std::uint64_t>(leading_));
  out.put_u64(led_for_);
}

void RegimeFilter::restore(ByteReader& in) {
  started_ = in.get_flag();
  for (double& p : belief_) p = in.get_double();
  log_likelihood_ = in.get_double();
  const std::uint64_t displayed = in.get_u64();
  const std::uint64_t leading = in.get_u64();
  if (displayed >= regimes || leading >= regimes) in.fail();
  displayed_ = in.failed() ? Regime::quiet : static_cast<Regime>(displayed);
  leading_ = in.failed() ? Regime::quiet : static_cast<Regime>(leading);
  led_for_ = static_cast<std::uint32_t>(in.get_u64());
}

}  // namespace mm
