#include "research/analytics/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/assert.hpp"
#include "engine/random.hpp"

namespace mm::research {
namespace {

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Autocovariance at `lag`, divided by n.
double autocovariance(std::span<const double> values, double mean, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < values.size(); ++i)
    sum += (values[i] - mean) * (values[i - lag] - mean);
  return sum / static_cast<double>(values.size());
}

/// The smallest m after which `run` autocorrelations in a row lie inside the band, else the last
/// one outside it.
std::size_t last_significant_lag(std::span<const double> autocovariances, std::size_t run,
                                 double band) {
  const auto inside = [&](std::size_t lag) {
    return std::fabs(autocovariances[lag] / autocovariances[0]) < band;
  };
  const std::size_t longest = autocovariances.size() - 1;
  for (std::size_t m = 0; m + run <= longest; ++m) {
    bool quiet = true;
    for (std::size_t k = 1; k <= run && quiet; ++k) quiet = inside(m + k);
    if (quiet) return m;
  }
  for (std::size_t lag = longest; lag > 0; --lag) {
    if (!inside(lag)) return lag;
  }
  return 0;
}

}  // namespace

BlockLength block_length(std::span<const double> values) {
  MM_ASSERT(values.size() >= 2, "a block length needs two values");
  const auto n = static_cast<double>(values.size());
  const auto root = static_cast<std::size_t>(std::ceil(std::sqrt(n)));
  const auto run = static_cast<std::size_t>(std::max(5.0, std::floor(std::log10(n))));
  const std::size_t longest = std::min(root + run, values.size() - 1);
  const double mean = mean_of(values);
  std::vector<double> gamma(longest + 1);
  for (std::size_t lag = 0; lag <= longest; ++lag) gamma[lag] = autocovariance(values, mean, lag);

  BlockLength result;
  if (!(gamma[0] > 0)) return result;
  const double band = 2 * std::sqrt(std::log10(n) / n);
  const std::size_t m = last_significant_lag(gamma, run, band);
  const std::size_t window = std::min(std::max<std::size_t>(2 * m, 1), longest);
  double g = 0;
  double v = gamma[0];
  for (std::size_t k = 1; k <= window; ++k) {
    const double s = static_cast<double>(k) / static_cast<double>(window);
    const double weight = std::min(1.0, 2 * (1 - s));
    g += 2 * weight * static_cast<double>(k) * gamma[k];
    v += 2 * weight * gamma[k];
  }
  result.significant_lags = static_cast<std::int64_t>(m);
  result.window = static_cast<std::int64_t>(window);
  const double largest = std::ceil(std::min(3 * std::sqrt(n), n / 3));
  // A vanishing spectrum at zero asks for the longest blocks there are.
  const double b = v == 0 ? largest : std::cbrt(2 * g * g * n / (2 * v * v));
  result.mean_block = std::clamp(b, 1.0, std::max(1.0, largest));
  return result;
}

double bootstrap_p(const BootstrapResult& result) {
  std::size_t below = 0;
  std::size_t above = 0;
  for (const double mean : result.means) {
    below += mean <= 0 ? 1 : 0;
    above += mean >= 0 ? 1 : 0;
  }
  const auto resamples = static_cast<double>(result.means.size());
  return std::min(1.0, (1 + 2 * static_cast<double>(std::min(below, above))) / (1 + resamples));
}

double quantile(std::vector<double>& values, double q) {
  MM_ASSERT(!values.empty(), "a quantile needs a value");
  std::sort(values.begin(), values.end());
  const double h = static_cast<double>(values.size() - 1) * q;
  const auto below = static_cast<std::size_t>(h);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (h - static_cast<double>(below)) * (values[above] - values[below]);
}

std::vector<BootstrapResult> stationary_bootstrap(std::span<const std::vector<double>> series,
                                                  double mean_block, std::int64_t resamples,
                                                  std::uint64_t seed) {
  std::vector<BootstrapResult> results(series.size());
  if (series.empty()) return results;
  const std::size_t length = series.front().size();
  MM_ASSERT(length > 0 && mean_block >= 1 && resamples >= 2, "bootstrap needs data and draws");
  // By value first, then by series: what is added up for an index lies side by side.
  std::vector<double> values(length * series.size());
  for (std::size_t k = 0; k < series.size(); ++k) {
    MM_ASSERT(series[k].size() == length, "paired series have one length");
    for (std::size_t i = 0; i < length; ++i) values[i * series.size() + k] = series[k][i];
    results[k].means.reserve(static_cast<std::size_t>(resamples));
  }
  SplitMix64 random{seed};
  const auto n = static_cast<double>(length);
  const double new_run = 1 / mean_block;
  const auto draw_index = [&] {
    return std::min(static_cast<std::size_t>(random.uniform() * n), length - 1);
  };
  std::vector<double> sums(series.size());
  for (std::int64_t resample = 0; resample < resamples; ++resample) {
    std::size_t index = draw_index();
    std::copy_n(&values[index * sums.size()], sums.size(), sums.begin());
    for (std::size_t i = 1; i < length; ++i) {
      if (random.uniform() < new_run) {
        index = draw_index();
      } else {
        index = index + 1 == length ? 0 : index + 1;
      }
      const double* at = &values[index * sums.size()];
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += at[k];
    }
    for (std::size_t k = 0; k < sums.size(); ++k) results[k].means.push_back(sums[k] / n);
  }
  for (BootstrapResult& result : results) {
    result.mean = mean_of(result.means);
    double squares = 0;
    for (const double value : result.means)
      squares += (value - result.mean) * (value - result.mean);
    result.standard_error = std::sqrt(squares / static_cast<double>(resamples - 1));
    std::vector<double> sorted = result.means;
    result.low = quantile(sorted, 0.025);
    result.high = quantile(sorted, 0.975);
  }
  return results;
}

BootstrapResult stationary_bootstrap(std::span<const double> values, double mean_block,
                                     std::int64_t resamples, std::uint64_t seed) {
  const std::vector<double> alone(values.begin(), values.end());
  return std::move(stationary_bootstrap({&alone, 1}, mean_block, resamples, seed).front());
}

}  // namespace mm::research
