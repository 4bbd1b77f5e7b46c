#include "research/fit/recalibrate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"
#include "engine/models/softmax.hpp"

namespace mm::research {

double IsotonicMap::operator()(double score) const {
  const auto above = std::lower_bound(x.begin(), x.end(), score);
  double value = 0;
  if (above == x.begin()) {
    value = y.front();
  } else if (above == x.end()) {
    value = y.back();
  } else {
    const auto i = static_cast<std::size_t>(above - x.begin());
    value = y[i - 1] + (y[i] - y[i - 1]) * ((score - x[i - 1]) / (x[i] - x[i - 1]));
  }
  const double edge = 1 / (2 * outcomes);
  return std::clamp(value, edge, 1 - edge);
}

IsotonicMap fit_isotonic(std::span<const double> scores, std::span<const double> outcomes) {
  MM_ASSERT(scores.size() == outcomes.size(), "an outcome for each score");
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  struct Pool {
    double sum;
    double weight;
    std::size_t knots;
    double mean() const { return sum / weight; }
  };
  IsotonicMap map{.outcomes = static_cast<double>(scores.size())};
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < order.size();) {
    Pool pool{0, 0, 1};
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) {
      pool.sum += outcomes[order[i]];
      pool.weight += 1;
    }
    map.x.push_back(score);
    pools.push_back(pool);
    while (pools.size() > 1 && pools[pools.size() - 2].mean() >= pools.back().mean()) {
      Pool last = pools.back();
      pools.pop_back();
      pools.back().sum += last.sum;
      pools.back().weight += last.weight;
      pools.back().knots += last.knots;
    }
  }
  for (const Pool& pool : pools) map.y.insert(map.y.end(), pool.knots, pool.mean());
  return map;
}

double PlattMap::operator()(double score) const {
  return logistic(slope * score + intercept);
}

PlattMap fit_platt(std::span<const double> scores, std::span<const double> outcomes) {
  MM_ASSERT(scores.size() == outcomes.size(), "an outcome for each score");
  double positives = 0;
  for (const double outcome : outcomes) positives += outcome;
  const double negatives = static_cast<double>(outcomes.size()) - positives;
  MM_ASSERT(positives > 0 && negatives > 0, "outcomes of both kinds");
  const double high = (positives + 1) / (positives + 2);
  const double low = 1 / (negatives + 2);
  PlattMap map{.slope = 0, .intercept = det::log((positives + 1) / (negatives + 1))};
  const auto loss = [&](double slope, double intercept) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double z = slope * scores[i] + intercept;
      // ln(1 + e^z) - target z, without overflow.
      sum += std::max(z, 0.0) + det::log1p(det::exp(-std::fabs(z))) -
             (outcomes[i] > 0.5 ? high : low) * z;
    }
    return sum;
  };
  for (int round = 0; round < 100; ++round) {
    double g_slope = 0;
    double g_intercept = 0;
    double h_ss = 1e-12;
    double h_si = 0;
    double h_ii = 1e-12;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double p = map(scores[i]);
      const double error = p - (outcomes[i] > 0.5 ? high : low);
      const double curve = p * (1 - p);
      g_slope += error * scores[i];
      g_intercept += error;
      h_ss += curve * scores[i] * scores[i];
      h_si += curve * scores[i];
      h_ii += curve;
    }
    const double determinant = h_ss * h_ii - h_si * h_si;
    const double d_slope = (h_ii * g_slope - h_si * g_intercept) / determinant;
    const double d_intercept = (h_ss * g_intercept - h_si * g_slope) / determinant;
    const double before = loss(map.slope, map.intercept);
    // So near that the loss can no longer tell: the last step is taken whole.
    const bool last = g_slope * d_slope + g_intercept * d_intercept < 1e-13 * before;
    double step = 1;
    while (!last && step > 1e-10 &&
           loss(map.slope - step * d_slope, map.intercept - step * d_intercept) > before)
      step /= 2;
    map.slope -= step * d_slope;
    map.intercept -= step * d_intercept;
    if (last || step <= 1e-10) break;
  }
  return map;
}

TemperatureMap fit_temperature(const std::vector<std::vector<double>>& logits,
                               std::span<const std::size_t> labels) {
  MM_ASSERT(logits.size() == labels.size(), "a label for each row");
  // The loss is convex in 1/T: its slope, the mean logit under the model less that of the label,
  // rises.
  const auto slope = [&](double inverse) {
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      std::vector<double> p = logits[i];
      for (double& each : p) each *= inverse;
      softmax(p);
      for (std::size_t k = 0; k < p.size(); ++k) sum += p[k] * logits[i][k];
      sum -= logits[i][labels[i]];
    }
    return sum;
  };
  double low = det::exp(-4);
  double high = det::exp(4);
  for (int halving = 0; halving < 200; ++halving) {
    const double middle = (low + high) / 2;
    if (!(low < middle && middle < high)) break;
    (slope(middle) < 0 ? low : high) = middle;
  }
  TemperatureMap map{.temperature = 2 / (low + high)};
  for (std::size_t i = 0; i < logits.size(); ++i) {
    std::vector<double> p = logits[i];
    softmax(p, map.temperature);
    map.log_loss -= det::log(p[labels[i]]);
  }
  return map;
}

}  // namespace mm::research
