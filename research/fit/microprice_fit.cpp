#include "research/fit/microprice_fit.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/assert.hpp"

namespace mm::research {
namespace {

constexpr double converged = 1e-12;  // steps
constexpr std::int64_t most_terms = 10'000;
constexpr int no_move = -1;

Error refused(const char* why) {
  return {ErrorKind::data, std::string{"fit microprice: "} + why};
}

int index_of(MicropriceCell cell) {
  return cell.imbalance * microprice_spreads + cell.spread;
}

int mirrored(int state) {
  const int imbalance = state / microprice_spreads;
  return (microprice_imbalances - 1 - imbalance) * microprice_spreads + state % microprice_spreads;
}

}  // namespace

Result<MicropriceSolution> solve_microprice(const MicropriceTransitions& transitions) {
  const Eigen::Index states = transitions.q.rows();
  const Eigen::MatrixXd leave = Eigen::MatrixXd::Identity(states, states) - transitions.q;
  const Eigen::FullPivLU<Eigen::MatrixXd> inverse{leave};
  if (!inverse.isInvertible())
    return refused("a state is never left by a move of the mid; record a longer window");
  MicropriceSolution solution;
  solution.g1 = inverse.solve(transitions.r1 * transitions.k);
  solution.b = inverse.solve(transitions.r2);
  solution.g = Eigen::VectorXd::Zero(states);
  Eigen::VectorXd term = solution.g1;
  for (; solution.terms < most_terms; ++solution.terms) {
    solution.g += term;
    if (term.cwiseAbs().maxCoeff() < converged) return solution;
    term = solution.b * term;
  }
  return refused(
      "the expected moves do not die out: the transitions are not symmetric, or their states fall "
      "apart into sets that never meet");
}

void MicropriceCounts::count(int from, int move, int to) {
  if (move == no_move) {
    stayed_(from, to) += 1;
  } else {
    moved_(from, move) += 1;
    arrived_(from, to) += 1;
  }
}

void MicropriceCounts::add(MicropriceCell from, double mid_move_steps, MicropriceCell to) {
  int move = no_move;
  if (mid_move_steps != 0) {
    // The nearest of the moves, of two equally near ones the smaller, never across zero.
    const double size = std::min(std::fabs(mid_move_steps), 1.0);
    const bool whole = size > 0.75;
    move = mid_move_steps < 0 ? (whole ? 0 : 1) : (whole ? 3 : 2);
  }
  const int mirrored_move = move == no_move ? no_move : static_cast<int>(moves.size()) - 1 - move;
  count(index_of(from), move, index_of(to));
  count(mirrored(index_of(from)), mirrored_move, mirrored(index_of(to)));
  ++transitions_;
}

void MicropriceCounts::add(const MicropriceCounts& other) {
  MM_ASSERT(unit_ == other.unit_, "counts of one unit");
  transitions_ += other.transitions_;
  stayed_ += other.stayed_;
  moved_ += other.moved_;
  arrived_ += other.arrived_;
}

double MicropriceCounts::visits(MicropriceCell cell) const {
  const int state = index_of(cell);
  return stayed_.row(state).sum() + moved_.row(state).sum();
}

Result<MicropriceTable> MicropriceCounts::table() const {
  // A state that was arrived at but never left again has no row: arrivals there end the sum, which
  // is as if its expected move were 0.
  std::vector<int> seen;
  for (int state = 0; state < states; ++state)
    if (stayed_.row(state).sum() + moved_.row(state).sum() > 0) seen.push_back(state);
  if (moved_.sum() == 0) return refused("the mid never moved; record a longer window");
  const auto n = static_cast<Eigen::Index>(seen.size());
  MicropriceTransitions shares{
      .q = Eigen::MatrixXd::Zero(n, n),
      .r1 = Eigen::MatrixXd::Zero(n, static_cast<Eigen::Index>(moves.size())),
      .k = Eigen::Map<const Eigen::VectorXd>(moves.data(), static_cast<Eigen::Index>(moves.size())),
      .r2 = Eigen::MatrixXd::Zero(n, n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    const int from = seen[static_cast<std::size_t>(i)];
    const double all = stayed_.row(from).sum() + moved_.row(from).sum();
    shares.r1.row(i) = moved_.row(from) / all;
    for (Eigen::Index j = 0; j < n; ++j) {
      const int to = seen[static_cast<std::size_t>(j)];
      shares.q(i, j) = stayed_(from, to) / all;
      shares.r2(i, j) = arrived_(from, to) / all;
    }
  }
  const Result<MicropriceSolution> solution = solve_microprice(shares);
  if (solution.has_error()) return solution.error();
  MicropriceTable table;
  table.unit = unit_;
  for (Eigen::Index i = 0; i < n; ++i) {
    const int state = seen[static_cast<std::size_t>(i)];
    const MicropriceCell cell{state / microprice_spreads, state % microprice_spreads};
    if (visits(cell) < min_visits) continue;
    // Exactly antisymmetric, which the sum is only to rounding.
    const auto mirror = std::find(seen.begin(), seen.end(), mirrored(state));
    const double opposite = solution->g(mirror - seen.begin());
    table.g[static_cast<std::size_t>(cell.imbalance)][static_cast<std::size_t>(cell.spread)] =
        (solution->g(i) - opposite) / 2;
  }
  return table;
}

}  // namespace mm::research
