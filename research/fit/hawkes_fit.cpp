#include "research/fit/hawkes_fit.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"
#include "engine/random.hpp"
#include "research/fit/minimize.hpp"

namespace mm::research {
namespace {

bool own(const HawkesStream& stream, std::size_t i) {
  return stream.own.empty() || stream.own[i] != 0;
}

/// The accumulator A and its derivative B by beta (with the sign turned), left limits.
struct Recursion {
  double a = 0;
  double b = 0;
  double last = 0;
  double waiting = 0;  // mark of the last event, not yet in

  void to(double time, double beta) {
    const double gap = time - last;
    const double left = gap > 0 ? det::exp(-beta * gap) : 1;
    b = left * (b + gap * (a + waiting));
    a = left * (a + waiting);
    waiting = 0;
    last = time;
  }
};

constexpr double largest_exponent = 3;

/// e^clamp(w . x) of each piece of the baseline, and how long it lasts.
class Baseline {
 public:
  Baseline(const HawkesSample& sample, const HawkesParameters& at) : sample_(sample) {
    if (sample.baseline.empty()) {
      factors_ = {1};
      lengths_ = {sample.end};
      moves_ = {1};
      return;
    }
    for (std::size_t p = 0; p < sample.baseline.size(); ++p) {
      const BaselinePiece& piece = sample.baseline[p];
      MM_ASSERT(piece.x.size() == at.weights.size(), "a weight for each covariate");
      double exponent = 0;
      for (std::size_t k = 0; k < piece.x.size(); ++k) exponent += at.weights[k] * piece.x[k];
      factors_.push_back(det::exp(std::clamp(exponent, -largest_exponent, largest_exponent)));
      moves_.push_back(std::fabs(exponent) < largest_exponent ? 1 : 0);
      const double next =
          p + 1 < sample.baseline.size() ? sample.baseline[p + 1].start : sample.end;
      lengths_.push_back(next - piece.start);
    }
  }
  std::size_t pieces() const { return factors_.size(); }
  double factor(std::size_t piece) const { return factors_[piece]; }
  double length(std::size_t piece) const { return lengths_[piece]; }
  /// How a weight moves the exponent: the covariate, 0 where it is clamped.
  double covariate(std::size_t piece, std::size_t k) const {
    return moves_[piece] * sample_.baseline[piece].x[k];
  }
  /// The piece that holds at `time`, from `piece` on.
  std::size_t at(double time, std::size_t piece) const {
    while (piece + 1 < pieces() && sample_.baseline[piece + 1].start <= time) ++piece;
    return piece;
  }
  double start(std::size_t piece) const {
    return sample_.baseline.empty() ? 0 : sample_.baseline[piece].start;
  }
  /// Integral of the factor from one time to a later one; moves `piece` on.
  double integral(double from, double to, std::size_t& piece) const {
    double sum = 0;
    piece = at(from, piece);
    while (piece + 1 < pieces() && start(piece + 1) < to) {
      sum += factors_[piece] * (start(piece + 1) - from);
      from = start(++piece);
    }
    return sum + factors_[piece] * (to - from);
  }

 private:
  const HawkesSample& sample_;
  std::vector<double> factors_;
  std::vector<double> lengths_;
  std::vector<double> moves_;
};

}  // namespace

HawkesSample unmarked_sample(std::vector<double> times, double end) {
  HawkesSample sample{.times = std::move(times), .end = end};
  sample.streams.push_back({std::vector<double>(sample.times.size(), 1.0), {}});
  return sample;
}

HawkesLikelihood hawkes_likelihood(const HawkesSample& sample, const HawkesParameters& at) {
  MM_ASSERT(at.mu.size() == sample.streams.size(), "a mu for each stream");
  HawkesLikelihood result;
  const double alpha = at.alpha;
  const double beta = at.beta;
  const Baseline baseline{sample, at};
  const std::size_t weights = at.weights.size();
  result.d_weights.assign(weights, 0.0);
  double exposure = 0;  // integral of e^(w . x)
  std::vector<double> covariate_exposure(weights, 0.0);
  for (std::size_t p = 0; p < baseline.pieces(); ++p) {
    exposure += baseline.factor(p) * baseline.length(p);
    for (std::size_t k = 0; k < weights; ++k)
      covariate_exposure[k] += baseline.factor(p) * baseline.length(p) * baseline.covariate(p, k);
  }
  for (std::size_t s = 0; s < sample.streams.size(); ++s) {
    const HawkesStream& stream = sample.streams[s];
    MM_ASSERT(stream.marks.size() == sample.times.size(), "a mark for each event");
    Recursion recursion;
    double log_sum = 0;
    double inverse_sum = 0;
    double a_sum = 0;
    double b_sum = 0;
    double reached = 0;  // sum of m (1 - e^(-beta (T - t)))
    double reached_slope = 0;
    std::size_t piece = 0;
    for (std::size_t i = 0; i < sample.times.size(); ++i) {
      recursion.to(sample.times[i], beta);
      if (own(stream, i)) {
        piece = baseline.at(sample.times[i], piece);
        const double factor = baseline.factor(piece);
        const double lambda = at.mu[s] * factor + alpha * recursion.a;
        log_sum += det::log(lambda);
        inverse_sum += factor / lambda;
        for (std::size_t k = 0; k < weights; ++k)
          result.d_weights[k] += baseline.covariate(piece, k) * at.mu[s] * factor / lambda;
        a_sum += recursion.a / lambda;
        b_sum += recursion.b / lambda;
      }
      recursion.waiting = stream.marks[i];
      const double rest = sample.end - sample.times[i];
      const double gone = -det::expm1(-beta * rest);
      reached += stream.marks[i] * gone;
      reached_slope += stream.marks[i] * (rest * (1 - gone) / beta - gone / (beta * beta));
    }
    result.log_likelihood += log_sum - at.mu[s] * exposure - alpha / beta * reached;
    result.d_mu.push_back(inverse_sum - exposure);
    for (std::size_t k = 0; k < weights; ++k)
      result.d_weights[k] -= at.mu[s] * covariate_exposure[k];
    result.d_alpha += a_sum - reached / beta;
    result.d_beta += -alpha * b_sum - alpha * reached_slope;
  }
  return result;
}

std::vector<double> hawkes_intensity(const HawkesSample& sample, std::size_t stream,
                                     const HawkesParameters& at, std::span<const double> times) {
  std::vector<double> result;
  Recursion recursion;
  std::size_t next = 0;
  const Baseline baseline{sample, at};
  std::size_t piece = 0;
  for (const double time : times) {
    while (next < sample.times.size() && sample.times[next] < time) {
      recursion.to(sample.times[next], at.beta);
      recursion.waiting = sample.streams[stream].marks[next];
      ++next;
    }
    Recursion here = recursion;
    here.to(time, at.beta);
    piece = baseline.at(time, piece);
    result.push_back(at.mu[stream] * baseline.factor(piece) + at.alpha * here.a);
  }
  return result;
}

std::vector<double> hawkes_residuals(const HawkesSample& sample, std::size_t stream,
                                     const HawkesParameters& at) {
  std::vector<double> result;
  const HawkesStream& of = sample.streams[stream];
  double excitation = 0;  // right limit of alpha A after the last event
  double last = 0;
  double sum = 0;
  const Baseline baseline{sample, at};
  std::size_t piece = 0;
  for (std::size_t i = 0; i < sample.times.size(); ++i) {
    const double gap = sample.times[i] - last;
    const double gone = -det::expm1(-at.beta * gap);
    sum += at.mu[stream] * baseline.integral(last, sample.times[i], piece) +
           excitation * gone / at.beta;
    excitation = excitation * (1 - gone) + at.alpha * of.marks[i];
    last = sample.times[i];
    if (!own(of, i)) continue;
    result.push_back(sum);
    sum = 0;
  }
  return result;
}

namespace {

/// What the search moves: the logarithms of mu of each stream, alpha and beta, then the weights as
/// they are.
HawkesParameters parameters_of(std::size_t streams, std::span<const double> x) {
  HawkesParameters at;
  for (std::size_t s = 0; s < streams; ++s) at.mu.push_back(det::exp(x[s]));
  at.alpha = det::exp(x[streams]);
  at.beta = det::exp(x[streams + 1]);
  at.weights.assign(x.begin() + static_cast<std::ptrdiff_t>(streams + 2), x.end());
  return at;
}

using Samples = std::span<const HawkesSample>;

std::size_t events_in(Samples samples) {
  std::size_t events = 0;
  for (const HawkesSample& sample : samples) events += sample.times.size();
  return events;
}

/// Minus the log likelihood, per event so that a step of one is a fair start.
double loss(Samples samples, std::span<const double> x, std::span<double> gradient) {
  for (const double each : x)
    if (!(std::fabs(each) < 30)) {  // far outside of anything: no likelihood worth having
      std::fill(gradient.begin(), gradient.end(), 0.0);
      return 1e100;
    }
  const std::size_t streams = samples.front().streams.size();
  const HawkesParameters at = parameters_of(streams, x);
  const auto n = static_cast<double>(events_in(samples));
  std::fill(gradient.begin(), gradient.end(), 0.0);
  double value = 0;
  for (const HawkesSample& sample : samples) {
    const HawkesLikelihood likelihood = hawkes_likelihood(sample, at);
    for (std::size_t s = 0; s < streams; ++s) gradient[s] -= likelihood.d_mu[s] * at.mu[s] / n;
    gradient[streams] -= likelihood.d_alpha * at.alpha / n;
    gradient[streams + 1] -= likelihood.d_beta * at.beta / n;
    for (std::size_t k = 0; k < at.weights.size(); ++k)
      gradient[streams + 2 + k] -= likelihood.d_weights[k] / n;
    value -= likelihood.log_likelihood / n;
  }
  return value;
}

/// Inverse of the numeric Hessian of minus the log likelihood, taken over what the search moves;
/// the delta method then multiplies by the parameter where that is a logarithm.
HawkesParameters standard_errors(Samples samples, std::span<const double> x) {
  const auto size = static_cast<Eigen::Index>(x.size());
  const auto n = static_cast<double>(events_in(samples));
  Eigen::MatrixXd hessian(size, size);
  constexpr double step = 1e-4;
  for (Eigen::Index i = 0; i < size; ++i) {
    std::vector<double> moved{x.begin(), x.end()};
    std::vector<double> up(x.size());
    std::vector<double> down(x.size());
    moved[static_cast<std::size_t>(i)] += step;
    loss(samples, moved, up);
    moved[static_cast<std::size_t>(i)] -= 2 * step;
    loss(samples, moved, down);
    for (Eigen::Index j = 0; j < size; ++j)
      hessian(i, j) =
          n * (up[static_cast<std::size_t>(j)] - down[static_cast<std::size_t>(j)]) / (2 * step);
  }
  hessian = ((hessian + hessian.transpose()) / 2).eval();
  const Eigen::LLT<Eigen::MatrixXd> factor{hessian};
  const bool positive = factor.info() == Eigen::Success;
  const Eigen::MatrixXd covariance =
      positive ? Eigen::MatrixXd{factor.solve(Eigen::MatrixXd::Identity(size, size))}
               : Eigen::MatrixXd::Constant(size, size, std::numeric_limits<double>::quiet_NaN());
  const auto sd = [&](std::size_t i) {
    return std::sqrt(covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i)));
  };
  const std::size_t streams = samples.front().streams.size();
  HawkesParameters errors = parameters_of(streams, x);
  for (std::size_t s = 0; s < streams; ++s) errors.mu[s] *= sd(s);
  errors.alpha *= sd(streams);
  errors.beta *= sd(streams + 1);
  for (std::size_t k = 0; k < errors.weights.size(); ++k) errors.weights[k] = sd(streams + 2 + k);
  return errors;
}

Error refused(const std::string& why) {
  return {ErrorKind::data, "fit hawkes: " + why};
}

}  // namespace

double hawkes_log_likelihood(std::span<const HawkesSample> samples, const HawkesParameters& at) {
  double sum = 0;
  for (const HawkesSample& sample : samples) sum += hawkes_likelihood(sample, at).log_likelihood;
  return sum;
}

Result<HawkesFit> fit_hawkes(const HawkesSample& sample) {
  return fit_hawkes({&sample, 1});
}

Result<HawkesFit> fit_hawkes(std::span<const HawkesSample> samples) {
  const std::size_t events = events_in(samples);
  if (events < hawkes_min_events)
    return refused("only " + std::to_string(events) + " taker orders, " +
                   std::to_string(hawkes_min_events) +
                   " are needed; take a longer window or keep the defaults");
  const std::size_t streams = samples.front().streams.size();
  const std::size_t covariates =
      samples.front().baseline.empty() ? 0 : samples.front().baseline[0].x.size();
  double seconds = 0;
  double mark_sum = 0;  // a mean order's marks in all streams
  for (const HawkesSample& sample : samples) {
    seconds += sample.end;
    for (const HawkesStream& stream : sample.streams)
      for (const double mark : stream.marks) mark_sum += mark;
  }
  const double rate = static_cast<double>(events) / seconds;
  const double mean_marks = mark_sum / static_cast<double>(events);

  std::optional<Minimum> best;
  for (const double beta : {0.1, 0.5, 2.0, 10.0}) {
    std::vector<double> start(streams, det::log(rate / (2 * static_cast<double>(streams))));
    start.push_back(det::log(beta / (2 * mean_marks)));
    start.push_back(det::log(beta));
    start.resize(start.size() + covariates, 0.0);
    Minimum found = minimize([&](std::span<const double> x,
                                 std::span<double> gradient) { return loss(samples, x, gradient); },
                             std::move(start), 1e-7);
    if (std::isfinite(found.value) && (!best || found.value < best->value)) best = found;
  }
  if (!best || !best->converged)
    return refused("the likelihood has no clear maximum; the orders may not excite each other");
  HawkesFit fit;
  fit.parameters = parameters_of(streams, best->x);
  fit.standard_errors = standard_errors(samples, best->x);
  fit.log_likelihood = -best->value * static_cast<double>(events);
  fit.branching = fit.parameters.alpha * mean_marks / fit.parameters.beta;
  fit.events = events;
  return fit;
}

KolmogorovSmirnov exponential_ks(std::span<const double> residuals) {
  std::vector<double> u;
  for (const double e : residuals) u.push_back(-det::expm1(-e));
  std::sort(u.begin(), u.end());
  const auto n = static_cast<double>(u.size());
  KolmogorovSmirnov result;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const auto rank = static_cast<double>(i);
    result.distance = std::max({result.distance, (rank + 1) / n - u[i], u[i] - rank / n});
  }
  const double x = result.distance * (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n));
  if (x < 0.2) return result;  // p is 1 to more digits than a double has, the series too slow
  double sum = 0;
  for (int j = 1; j <= 1000; ++j) {
    const double term = det::exp(-2.0 * j * j * x * x);
    sum += j % 2 != 0 ? term : -term;
    if (term < 1e-20) break;
  }
  result.p = std::clamp(2 * sum, 0.0, 1.0);
  return result;
}

LjungBox ljung_box(std::span<const double> values, int lags) {
  LjungBox result;
  const auto n = static_cast<double>(values.size());
  if (values.size() <= static_cast<std::size_t>(lags)) return result;
  double mean = 0;
  for (const double value : values) mean += value / n;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean);
  if (!(variance > 0)) return result;
  for (int lag = 1; lag <= lags; ++lag) {
    double covariance = 0;
    for (std::size_t i = static_cast<std::size_t>(lag); i < values.size(); ++i)
      covariance += (values[i] - mean) * (values[i - static_cast<std::size_t>(lag)] - mean);
    const double correlation = covariance / variance;
    result.statistic += n * (n + 2) * correlation * correlation / (n - lag);
  }
  result.p = boost::math::cdf(boost::math::complement(
      boost::math::chi_squared{static_cast<double>(lags)}, result.statistic));
  return result;
}

HawkesSample simulate_hawkes(const HawkesParameters& at, std::vector<BaselinePiece> baseline,
                             double end, std::uint64_t seed) {
  HawkesSample sample{.end = end, .baseline = std::move(baseline)};
  const Baseline of{sample, at};
  SplitMix64 random{seed};
  double time = 0;
  double excitation = 0;
  std::size_t piece = 0;
  for (;;) {
    // The bound holds until the piece ends; behind it the wait begins anew, without memory.
    const double bound = at.mu.at(0) * of.factor(piece) + excitation;
    const double piece_end = piece + 1 < of.pieces() ? of.start(piece + 1) : end;
    double wait = -det::log(random.uniform()) / bound;
    const bool beyond = time + wait > piece_end;
    if (beyond) wait = piece_end - time;
    time += wait;
    excitation *= det::exp(-at.beta * wait);
    if (beyond) {
      if (++piece == of.pieces()) break;
      continue;
    }
    if (random.uniform() * bound > at.mu[0] * of.factor(piece) + excitation) continue;
    sample.times.push_back(time);
    excitation += at.alpha;
  }
  sample.streams.push_back({std::vector<double>(sample.times.size(), 1.0), {}});
  return sample;
}

std::vector<double> simulate_hawkes(double mu, double alpha, double beta, double end,
                                    std::uint64_t seed) {
  SplitMix64 random{seed};
  std::vector<double> times;
  double time = 0;
  double excitation = 0;
  for (;;) {
    const double bound = mu + excitation;
    const double wait = -det::log(random.uniform()) / bound;
    if (time + wait > end) return times;
    time += wait;
    excitation *= det::exp(-beta * wait);
    if (random.uniform() * bound > mu + excitation) continue;
    times.push_back(time);
    excitation += alpha;
  }
}

}  // namespace mm::research
