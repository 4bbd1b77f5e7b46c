#include "research/fit/clustered_errors.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>

#include "engine/assert.hpp"
#include "engine/models/softmax.hpp"

namespace mm::research {

std::vector<double> clustered_logit_errors(const LabelledSample& sample,
                                           std::span<const std::size_t> clusters,
                                           std::span<const double> weights, double l2) {
  MM_ASSERT(clusters.size() == sample.labels.size(), "a cluster for each observation");
  const auto size = static_cast<Eigen::Index>(weights.size());
  Eigen::MatrixXd curvature = Eigen::MatrixXd::Zero(size, size);
  // Two classes share the penalty of a feature, each with half of the weight.
  for (Eigen::Index j = 1; j < size; ++j) curvature(j, j) = l2 / 2;
  Eigen::MatrixXd scores = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd of_cluster = Eigen::VectorXd::Zero(size);
  Eigen::VectorXd x(size);
  double count = 0;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    x(0) = 1;
    double logit = weights[0];
    for (std::size_t j = 1; j < weights.size(); ++j) {
      x(static_cast<Eigen::Index>(j)) = sample.features[i][j - 1];
      logit += weights[j] * sample.features[i][j - 1];
    }
    const double p = logistic(logit);
    curvature += p * (1 - p) * x * x.transpose();
    of_cluster += x * ((sample.labels[i] == 1 ? 1.0 : 0.0) - p);
    if (i + 1 < clusters.size() && clusters[i + 1] == clusters[i]) continue;
    scores += of_cluster * of_cluster.transpose();
    of_cluster.setZero();
    count += 1;
  }
  const Eigen::LLT<Eigen::MatrixXd> factor{curvature};
  if (count < 2 || factor.info() != Eigen::Success) return {};
  const Eigen::MatrixXd half = factor.solve(scores * (count / (count - 1)));
  const Eigen::MatrixXd covariance = factor.solve(half.transpose());
  std::vector<double> errors;
  for (Eigen::Index j = 0; j < size; ++j) errors.push_back(std::sqrt(covariance(j, j)));
  return errors;
}

}  // namespace mm::research
