#include "engine/models/softmax.hpp"

#include <algorithm>
#include <cstddef>

#include "engine/assert.hpp"
#include "engine/det/math.hpp"

namespace mm {
namespace {

void normalize(std::span<double> weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
}

}  // namespace

void softmax(std::span<double> scores, double temperature) {
  MM_ASSERT(!scores.empty() && temperature > 0, "a class and a temperature above 0");
  const double largest = *std::max_element(scores.begin(), scores.end());
  for (double& score : scores) score = det::exp((score - largest) / temperature);
  normalize(scores);
}

void softmax(std::span<const double> weights, std::span<const double> features,
             std::span<double> probabilities, double temperature) {
  const std::size_t row = 1 + features.size();
  MM_ASSERT(weights.size() == row * probabilities.size(), "a bias and the weights of each class");
  for (std::size_t k = 0; k < probabilities.size(); ++k) {
    double score = weights[k * row];
    for (std::size_t j = 0; j < features.size(); ++j)
      score += weights[k * row + 1 + j] * features[j];
    probabilities[k] = score;
  }
  softmax(probabilities, temperature);
}

void correct_prior(std::span<double> probabilities, std::span<const double> truth,
                   std::span<const double> training) {
  for (std::size_t k = 0; k < probabilities.size(); ++k) probabilities[k] *= truth[k] / training[k];
  normalize(probabilities);
}

double logistic(double x) {
  if (x >= 0) return 1 / (1 + det::exp(-x));
  const double e = det::exp(x);
  return e / (1 + e);
}

}  // namespace mm
