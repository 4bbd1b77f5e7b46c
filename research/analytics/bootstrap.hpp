#pragma once

// How sure a total over dependent time blocks is: the stationary bootstrap.
//
// Politis & Romano (1994): a resample strings together runs of consecutive values (cyclic) whose
// lengths are geometric with mean `mean_block`, so that dependence between neighbours survives. The
// mean block length is the automatic choice of Politis & White (2004) as corrected by Patton,
// Politis & White (2009). models.md 19.6 fixes the order of the draws.

#include <cstdint>
#include <span>
#include <vector>

namespace mm::research {

struct BlockLength {
  std::int64_t significant_lags = 0;  ///< m: the last lag whose autocorrelation is outside the band
  std::int64_t window = 1;            ///< M: lags that enter the estimate
  double mean_block = 1;              ///< b, clipped to [1, ceil(min(3 sqrt(n), n / 3))]
};

/// Requires at least two values. A series without variation has mean_block 1.
BlockLength block_length(std::span<const double> values);

struct BootstrapResult {
  std::vector<double> means;  ///< of each resample, in the order drawn
  double mean = 0;            ///< of `means`
  double standard_error = 0;
  double low = 0;  ///< 2.5 % and 97.5 % percentiles of `means`
  double high = 0;
};

/// Requires a value, mean_block >= 1 and two resamples. Equal seeds, lengths and mean blocks give
/// equal indices, which makes intervals of several series paired.
BootstrapResult stationary_bootstrap(std::span<const double> values, double mean_block,
                                     std::int64_t resamples, std::uint64_t seed);

/// The same for several series of one length: each as it would be alone, but the indices, which are
/// the same for all, are drawn once.
std::vector<BootstrapResult> stationary_bootstrap(std::span<const std::vector<double>> series,
                                                  double mean_block, std::int64_t resamples,
                                                  std::uint64_t seed);

/// Two-sided p of a mean of 0 (models.md 21.4): (1 + 2 min(#{<= 0}, #{>= 0})) / (1 + B), at most 1.
double bootstrap_p(const BootstrapResult& result);

/// Linear interpolation at h = (n - 1) q ("type 7"); sorts `values`. Requires a value.
double quantile(std::vector<double>& values, double q);

}  // namespace mm::research
