#include "research/fit/softmax_fit.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"
#include "engine/models/softmax.hpp"
#include "research/fit/minimize.hpp"

namespace mm::research {
namespace {

Error refused(const char* why) {
  return {ErrorKind::data, std::string{"fit softmax: "} + why};
}

}  // namespace

Result<SoftmaxFit> fit_softmax(const LabelledSample& sample, std::size_t classes, double l2) {
  const std::size_t count = sample.features.size();
  if (count == 0 || classes < 2) return refused("there is nothing to learn from");
  const std::size_t row = 1 + sample.features[0].size();
  std::vector<double> scores(classes);
  // Per unit of weight, so that rounding of the sum does not end the search before its slope does.
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += sample.weights.empty() ? 1 : sample.weights[i];
  if (!(total > 0)) return refused("no observation has a weight");
  const auto loss = [&](std::span<const double> w, std::span<double> gradient) {
    double sum = 0;
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<double>& x = sample.features[i];
      const double weight = sample.weights.empty() ? 1 : sample.weights[i];
      for (std::size_t k = 0; k < classes; ++k) {
        scores[k] = w[k * row];
        for (std::size_t j = 1; j < row; ++j) scores[k] += w[k * row + j] * x[j - 1];
      }
      const double largest = *std::max_element(scores.begin(), scores.end());
      double exponentials = 0;
      for (const double score : scores) exponentials += det::exp(score - largest);
      const std::size_t y = sample.labels[i];
      sum += weight * (largest + det::log(exponentials) - scores[y]);
      for (std::size_t k = 0; k < classes; ++k) {
        const double slope =
            weight * (det::exp(scores[k] - largest) / exponentials - (k == y ? 1 : 0));
        gradient[k * row] += slope;
        for (std::size_t j = 1; j < row; ++j) gradient[k * row + j] += slope * x[j - 1];
      }
    }
    for (std::size_t k = 0; k < classes; ++k)
      for (std::size_t j = 1; j < row; ++j) {
        sum += l2 / 2 * w[k * row + j] * w[k * row + j];
        gradient[k * row + j] += l2 * w[k * row + j];
      }
    for (double& slope : gradient) slope /= total;
    return sum / total;
  };
  const Minimum found = minimize(loss, std::vector<double>(classes * row, 0.0), 1e-7);
  if (!found.converged)
    return refused("no minimum: a class may be missing or told apart perfectly; raise l2");
  SoftmaxFit fit{.weights = found.x, .loss = found.value * total};
  for (std::size_t j = 0; j < row; ++j) {
    double mean = 0;
    for (std::size_t k = 0; k < classes; ++k)
      mean += fit.weights[k * row + j] / static_cast<double>(classes);
    for (std::size_t k = 0; k < classes; ++k) fit.weights[k * row + j] -= mean;
  }
  return fit;
}

Scaler scaler_of(const std::vector<std::vector<double>>& features) {
  Scaler scaler;
  if (features.empty()) return scaler;
  const std::size_t columns = features[0].size();
  const auto n = static_cast<double>(features.size());
  for (std::size_t j = 0; j < columns; ++j) {
    double mean = 0;
    for (const auto& row : features) mean += row[j] / n;
    double squares = 0;
    for (const auto& row : features) squares += (row[j] - mean) * (row[j] - mean);
    const double sd = std::sqrt(squares / n);
    scaler.mean.push_back(mean);
    scaler.sd.push_back(sd > 0 ? sd : 1);
  }
  return scaler;
}

std::vector<Block> time_split(std::span<const double> times, double label_window, double embargo) {
  const std::size_t count = times.size();
  std::vector<Block> blocks(count, Block::test);
  const std::size_t first = count * 6 / 10;
  const std::size_t second = count * 8 / 10;
  for (std::size_t i = 0; i < count; ++i) {
    const Block block = i < first ? Block::train : i < second ? Block::calibrate : Block::test;
    const std::size_t start = block == Block::train       ? 0
                              : block == Block::calibrate ? first
                                                          : second;
    const std::size_t next = block == Block::train ? first : second;
    const bool looks_ahead =
        block != Block::test && next < count && times[i] + label_window >= times[next];
    const bool too_close = block != Block::train && times[i] < times[start] + embargo;
    blocks[i] = looks_ahead || too_close ? Block::left_out : block;
  }
  return blocks;
}

}  // namespace mm::research
