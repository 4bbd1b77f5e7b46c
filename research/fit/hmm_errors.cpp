#include "research/fit/hmm_errors.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <numeric>

#include "engine/det/math.hpp"

namespace mm::research {

std::vector<double> hmm_gradient(const Hmm& model, const HmmRuns& runs, const HmmPrior* prior) {
  const std::size_t states = model.states();
  const std::size_t dimensions = model.dimensions();
  std::vector<double> means(states * dimensions, 0.0);
  std::vector<double> deviations(states * dimensions, 0.0);
  Matrix moves(states, std::vector<double>(states, 0.0));
  for (const Matrix& run : runs) {
    const Smoothed expected = smooth(model, run);
    for (std::size_t i = 0; i < states; ++i)
      for (std::size_t j = 0; j < states; ++j) moves[i][j] += expected.moves[i][j];
    for (std::size_t j = 0; j < states; ++j)
      for (std::size_t d = 0; d < dimensions; ++d) {
        const Emission emission{model.mean[j][d], model.sd[j][d]};
        const double weight = model.weight.empty() ? 1 : model.weight[d];
        const double outlier = model.outlier_density.empty() ? 0 : model.outlier_density[d];
        for (std::size_t t = 0; t < run.size(); ++t) {
          const double y = run[t][d];
          if (std::isnan(y)) continue;
          const double z = (y - emission.mean) / emission.sd;
          double share = weight * expected.smoothed[t][j];
          if (model.outlier_share > 0)
            share *=
                (1 - model.outlier_share) *
                det::exp(contaminated_log_density(y, emission, 0, 0, 1) -
                         contaminated_log_density(y, emission, model.outlier_share, outlier, 1));
          means[j * dimensions + d] += share * z / emission.sd;
          deviations[j * dimensions + d] += share * (z * z - 1);
        }
      }
  }
  if (prior != nullptr)
    for (std::size_t j = 0; j < states; ++j) {
      for (std::size_t k = 0; k < states; ++k) moves[j][k] += prior->transition_counts[j][k];
      for (std::size_t d = 0; d < dimensions; ++d) {
        const double away = prior->mean[j][d] - model.mean[j][d];
        const double variance = model.sd[j][d] * model.sd[j][d];
        means[j * dimensions + d] += prior->observations * away / variance;
        deviations[j * dimensions + d] +=
            prior->observations *
            ((prior->sd[j][d] * prior->sd[j][d] + away * away) / variance - 1);
      }
    }
  std::vector<double> gradient = std::move(means);
  gradient.insert(gradient.end(), deviations.begin(), deviations.end());
  for (std::size_t i = 0; i < states; ++i) {
    const double sum = std::accumulate(moves[i].begin(), moves[i].end(), 0.0);
    for (std::size_t j = 0; j < states; ++j)
      if (j != i) gradient.push_back(moves[i][j] - model.transition[i][j] * sum);
  }
  return gradient;
}

Hmm hmm_moved(const Hmm& model, const std::vector<double>& by) {
  const std::size_t states = model.states();
  const std::size_t dimensions = model.dimensions();
  Hmm moved = model;
  std::size_t next = 0;
  for (auto& row : moved.mean)
    for (double& mean : row) mean += by[next++];
  for (auto& row : moved.sd)
    for (double& sd : row) sd *= det::exp(by[next++]);
  next = 2 * states * dimensions;
  for (std::size_t i = 0; i < states; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < states; ++j) {
      if (j != i) moved.transition[i][j] *= det::exp(by[next++]);
      sum += moved.transition[i][j];
    }
    for (double& p : moved.transition[i]) p /= sum;
  }
  return moved;
}

std::vector<double> hmm_standard_errors(const Hmm& model, const HmmRuns& runs,
                                        const HmmPrior* prior, const HmmQuantities& quantities) {
  const std::size_t states = model.states();
  const std::size_t emissions = states * model.dimensions();
  const std::size_t size = 2 * emissions + states * (states - 1);
  const auto step_of = [&](std::size_t i) {
    return i < emissions ? 1e-4 * model.sd[i / model.dimensions()][i % model.dimensions()] : 1e-4;
  };
  const auto moved = [&](std::size_t i, double step) {
    std::vector<double> by(size, 0.0);
    by[i] = step;
    return hmm_moved(model, by);
  };
  const auto n = static_cast<Eigen::Index>(size);
  Eigen::MatrixXd information(n, n);
  const std::size_t count = quantities(model).size();
  Eigen::MatrixXd slopes(static_cast<Eigen::Index>(count), n);
  for (std::size_t i = 0; i < size; ++i) {
    const double step = step_of(i);
    const Hmm above = moved(i, step);
    const Hmm below = moved(i, -step);
    const std::vector<double> up = hmm_gradient(above, runs, prior);
    const std::vector<double> down = hmm_gradient(below, runs, prior);
    const auto column = static_cast<Eigen::Index>(i);
    for (std::size_t j = 0; j < size; ++j)
      information(static_cast<Eigen::Index>(j), column) = -(up[j] - down[j]) / (2 * step);
    const std::vector<double> high = quantities(above);
    const std::vector<double> low = quantities(below);
    for (std::size_t q = 0; q < count; ++q)
      slopes(static_cast<Eigen::Index>(q), column) = (high[q] - low[q]) / (2 * step);
  }
  information = ((information + information.transpose()) / 2).eval();
  const Eigen::LLT<Eigen::MatrixXd> factor{information};
  if (factor.info() != Eigen::Success) return {};
  std::vector<double> errors;
  for (Eigen::Index q = 0; q < slopes.rows(); ++q) {
    const Eigen::VectorXd slope = slopes.row(q).transpose();
    errors.push_back(std::sqrt(slope.dot(factor.solve(slope))));
  }
  return errors;
}

}  // namespace mm::research
