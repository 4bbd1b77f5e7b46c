#pragma once

// By how much one price leads another, over a whole sample: the shifted Hayashi-Yoshida contrast
// (models.md 14.1; Hayashi & Yoshida 2005; Hoffmann, Rosenbaum & Yoshida 2013).
//
//   U(l) = sum over i, j of dX_i dY_j 1{ (s_(i-1), s_i] meets (t_(j-1) - l, t_j - l] }
//   rho(l) = U / sqrt(sum dX^2 sum dY^2);   beta(l) = U / sum dX^2;   lag = argmax |rho|
//   LLR = sum over l > 0 of rho^2 / sum over l < 0 of rho^2      (Huth & Abergel 2014)
//
// l > 0: X leads by l. Both series stand at their own change times; nothing is resampled, so
// neither the grid nor asynchrony biases it. Times and lags are integers of one unit.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mm::research {

struct TimedSeries {
  std::vector<std::int64_t> times;  ///< strictly ascending
  std::vector<double> values;       ///< log prices
};

/// Without values that repeat the one before, and of values at one time the last.
TimedSeries changes_only(const TimedSeries& series);

struct Contrast {
  std::int64_t lag = 0;
  double u = 0;
  double rho = 0;
  double beta = 0;
};

/// Both series of a time without a gap. Runs are apart: no increment leads from one to the next,
/// and sums of products and squares add up over them.
struct LeadLagRun {
  TimedSeries leader;
  TimedSeries follower;
};

/// At each lag. O(n + m) a lag. Zeros where a series has no increment that moved.
std::vector<Contrast> lead_lag_contrast(std::span<const LeadLagRun> runs,
                                        std::span<const std::int64_t> lags);
std::vector<Contrast> lead_lag_contrast(const TimedSeries& leader, const TimedSeries& follower,
                                        std::span<const std::int64_t> lags);

/// from, from + step, ..., to.
std::vector<std::int64_t> lag_grid(std::int64_t from, std::int64_t to, std::int64_t step);

/// The largest |rho|; ties to the smallest |lag|, then to the positive one. Requires an entry.
const Contrast& best_lag(std::span<const Contrast> contrasts);
/// Absent without a rho other than 0 on the side of the negative lags.
std::optional<double> lead_lag_ratio(std::span<const Contrast> contrasts);

struct LeadLagEstimate {
  Contrast best;
  double ratio = 0;       ///< LLR on the coarse grid; 0 = absent
  double beta_error = 0;  ///< delete-a-block jackknife
  double lag_error = 0;   ///< half the width of {l: |rho| >= rho_max - its jackknife error}
  std::int64_t blocks = 0;
};

/// A grid from..to by `coarse`, then a tenth of it as far as 1.5 `coarse` around the maximum.
/// Absent when the maximum lies on an edge of the coarse grid or nothing moved. Blocks of `block`
/// time units, assigned by the end of the leader's increment; each run has blocks of its own.
std::optional<LeadLagEstimate> estimate_lead_lag(std::span<const LeadLagRun> runs,
                                                 std::int64_t from, std::int64_t to,
                                                 std::int64_t coarse, std::int64_t block);
std::optional<LeadLagEstimate> estimate_lead_lag(const TimedSeries& leader,
                                                 const TimedSeries& follower, std::int64_t from,
                                                 std::int64_t to, std::int64_t coarse,
                                                 std::int64_t block);

/// The measured response: share of the follower's move that has come `lag` after the leader's.
///
///   G(u) = sum over 0 <= l <= u of max(U(l) - U0, 0) / the same to the last lag
///
/// U0: mean of U over lags below -50 ms. `contrasts` on an ascending grid; `noise_below` is that
/// -50 ms. Starts with lag 0; empty when nothing is above U0.
std::vector<double> response_kernel(std::span<const Contrast> contrasts, std::int64_t noise_below);

}  // namespace mm::research
