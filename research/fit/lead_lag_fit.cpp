#include "research/fit/lead_lag_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/assert.hpp"

namespace mm::research {

TimedSeries changes_only(const TimedSeries& series) {
  TimedSeries result;
  for (std::size_t i = 0; i < series.times.size(); ++i) {
    if (i + 1 < series.times.size() && series.times[i + 1] == series.times[i]) continue;
    if (!result.values.empty() && series.values[i] == result.values.back()) continue;
    result.times.push_back(series.times[i]);
    result.values.push_back(series.values[i]);
  }
  return result;
}

namespace {

double sum_of_squares(const TimedSeries& series) {
  double sum = 0;
  for (std::size_t i = 1; i < series.values.size(); ++i) {
    const double step = series.values[i] - series.values[i - 1];
    sum += step * step;
  }
  return sum;
}

/// dX_i times the sum of the dY_j whose shifted intervals it meets, for each i from 1 on: these j
/// are neighbours, so the sum is a difference of two values of Y.
template <class F>
void for_each_product(const TimedSeries& x, const TimedSeries& y, std::int64_t lag, F&& f) {
  std::size_t first = 1;  // the first Y interval that ends after X's start
  std::size_t last = 1;   // one behind the last that starts before X's end
  for (std::size_t i = 1; i < x.times.size(); ++i) {
    const std::int64_t start = x.times[i - 1];
    const std::int64_t end = x.times[i];
    while (first < y.times.size() && y.times[first] - lag <= start) ++first;
    while (last < y.times.size() && y.times[last - 1] - lag < end) ++last;
    if (first >= last) continue;
    f(i, (x.values[i] - x.values[i - 1]) * (y.values[last - 1] - y.values[first - 1]));
  }
}

}  // namespace

std::vector<Contrast> lead_lag_contrast(std::span<const LeadLagRun> runs,
                                        std::span<const std::int64_t> lags) {
  double xx = 0;
  double yy = 0;
  for (const LeadLagRun& run : runs) {
    xx += sum_of_squares(run.leader);
    yy += sum_of_squares(run.follower);
  }
  std::vector<Contrast> result;
  for (const std::int64_t lag : lags) {
    Contrast at{.lag = lag};
    if (xx > 0 && yy > 0) {
      for (const LeadLagRun& run : runs)
        for_each_product(run.leader, run.follower, lag,
                         [&](std::size_t, double product) { at.u += product; });
      at.rho = at.u / std::sqrt(xx * yy);
      at.beta = at.u / xx;
    }
    result.push_back(at);
  }
  return result;
}

std::vector<Contrast> lead_lag_contrast(const TimedSeries& leader, const TimedSeries& follower,
                                        std::span<const std::int64_t> lags) {
  const LeadLagRun run{leader, follower};
  return lead_lag_contrast({&run, 1}, lags);
}

std::vector<std::int64_t> lag_grid(std::int64_t from, std::int64_t to, std::int64_t step) {
  MM_ASSERT(step > 0, "a grid goes forward");
  std::vector<std::int64_t> lags;
  for (std::int64_t lag = from; lag <= to; lag += step) lags.push_back(lag);
  return lags;
}

const Contrast& best_lag(std::span<const Contrast> contrasts) {
  MM_ASSERT(!contrasts.empty(), "a grid has a lag");
  const auto better = [](const Contrast& a, const Contrast& b) {
    const double rho_a = std::fabs(a.rho);
    const double rho_b = std::fabs(b.rho);
    if (rho_a != rho_b) return rho_a > rho_b;
    const std::int64_t far_a = std::abs(a.lag);
    const std::int64_t far_b = std::abs(b.lag);
    return far_a != far_b ? far_a < far_b : a.lag > b.lag;
  };
  const Contrast* best = &contrasts[0];
  for (const Contrast& each : contrasts)
    if (better(each, *best)) best = &each;
  return *best;
}

std::optional<double> lead_lag_ratio(std::span<const Contrast> contrasts) {
  double ahead = 0;
  double behind = 0;
  for (const Contrast& each : contrasts) {
    if (each.lag > 0) ahead += each.rho * each.rho;
    if (each.lag < 0) behind += each.rho * each.rho;
  }
  return behind > 0 ? std::optional{ahead / behind} : std::nullopt;
}

namespace {

/// sd = sqrt((B - 1)/B sum (value without a block - mean)^2).
double jackknife(const std::vector<double>& without) {
  const auto blocks = static_cast<double>(without.size());
  double mean = 0;
  for (const double value : without) mean += value / blocks;
  double sum = 0;
  for (const double value : without) sum += (value - mean) * (value - mean);
  return std::sqrt((blocks - 1) / blocks * sum);
}

/// What a block of time adds to the contrast.
struct BlockSums {
  double u = 0;
  double xx = 0;
  double yy = 0;
};

/// The blocks of a run at one lag, behind the others.
void add_blocks(const LeadLagRun& run, std::int64_t lag, std::int64_t block,
                std::vector<BlockSums>& blocks) {
  const TimedSeries& leader = run.leader;
  const TimedSeries& follower = run.follower;
  if (leader.times.empty()) return;
  const std::size_t first = blocks.size();
  const std::int64_t last = (leader.times.back() - leader.times.front()) / block;
  blocks.resize(first + static_cast<std::size_t>(last) + 1);
  const auto at = [&](std::int64_t time) -> BlockSums& {
    const std::int64_t i = std::clamp<std::int64_t>((time - leader.times.front()) / block, 0, last);
    return blocks[first + static_cast<std::size_t>(i)];
  };
  for_each_product(leader, follower, lag,
                   [&](std::size_t i, double product) { at(leader.times[i]).u += product; });
  for (std::size_t i = 1; i < leader.times.size(); ++i) {
    const double step = leader.values[i] - leader.values[i - 1];
    at(leader.times[i]).xx += step * step;
  }
  for (std::size_t j = 1; j < follower.times.size(); ++j) {
    const double step = follower.values[j] - follower.values[j - 1];
    at(follower.times[j] - lag).yy += step * step;
  }
}

}  // namespace

std::optional<LeadLagEstimate> estimate_lead_lag(const TimedSeries& leader,
                                                 const TimedSeries& follower, std::int64_t from,
                                                 std::int64_t to, std::int64_t coarse,
                                                 std::int64_t block) {
  const LeadLagRun run{leader, follower};
  return estimate_lead_lag({&run, 1}, from, to, coarse, block);
}

std::optional<LeadLagEstimate> estimate_lead_lag(std::span<const LeadLagRun> runs,
                                                 std::int64_t from, std::int64_t to,
                                                 std::int64_t coarse, std::int64_t block) {
  const auto rough = lead_lag_contrast(runs, lag_grid(from, to, coarse));
  const Contrast& around = best_lag(rough);
  if (around.rho == 0 || around.lag == rough.front().lag || around.lag == rough.back().lag)
    return std::nullopt;
  const std::int64_t fine_step = std::max<std::int64_t>(1, coarse / 10);
  const auto fine = lead_lag_contrast(
      runs, lag_grid(around.lag - coarse * 3 / 2, around.lag + coarse * 3 / 2, fine_step));
  LeadLagEstimate estimate{.best = best_lag(fine), .ratio = lead_lag_ratio(rough).value_or(0)};

  // Sums of each block at the chosen lag, then the estimates without it.
  std::vector<BlockSums> parts;
  for (const LeadLagRun& run : runs) add_blocks(run, estimate.best.lag, block, parts);
  BlockSums all;
  for (const BlockSums& part : parts) {
    all.u += part.u;
    all.xx += part.xx;
    all.yy += part.yy;
  }
  std::vector<double> betas;
  std::vector<double> rhos;
  for (const BlockSums& part : parts) {
    const double xx = all.xx - part.xx;
    const double yy = all.yy - part.yy;
    if (!(xx > 0 && yy > 0)) continue;
    betas.push_back((all.u - part.u) / xx);
    rhos.push_back(std::fabs(all.u - part.u) / std::sqrt(xx * yy));
  }
  estimate.blocks = static_cast<std::int64_t>(betas.size());
  if (betas.size() < 2) return estimate;
  estimate.beta_error = jackknife(betas);
  const double line = std::fabs(estimate.best.rho) - jackknife(rhos);
  std::int64_t lowest = estimate.best.lag;
  std::int64_t highest = estimate.best.lag;
  for (const auto* grid : {&rough, &fine})
    for (const Contrast& each : *grid) {
      if (std::fabs(each.rho) < line) continue;
      lowest = std::min(lowest, each.lag);
      highest = std::max(highest, each.lag);
    }
  estimate.lag_error = static_cast<double>(highest - lowest) / 2;
  return estimate;
}

std::vector<double> response_kernel(std::span<const Contrast> contrasts, std::int64_t noise_below) {
  double noise = 0;
  double count = 0;
  for (const Contrast& each : contrasts) {
    if (each.lag >= noise_below) continue;
    noise += each.u;
    count += 1;
  }
  noise = count > 0 ? noise / count : 0;
  std::vector<double> response;
  double sum = 0;
  for (const Contrast& each : contrasts) {
    if (each.lag < 0) continue;
    sum += std::max(each.u - noise, 0.0);
    response.push_back(sum);
  }
  if (!(sum > 0)) return {};
  for (double& share : response) share /= sum;
  return response;
}

}  // namespace mm::research
