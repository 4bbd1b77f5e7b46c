#pragma once

// The microprice table from observed transitions of the touch (models.md 7; Stoikov 2018).
//
// Between two book changes the state x (imbalance bucket, spread bucket) either moves while the mid
// stays (Q), or the mid moves by one of the amounts K (R1) and arrives in another state (R2):
//
//   G1 = (I - Q)^-1 R1 K        B = (I - Q)^-1 R2        G = sum over i >= 0 of B^i G1
//
// B is a stochastic matrix, so the sum converges only if the stationary average of G1 is 0. The
// counts see to that: every transition is counted together with its mirror image (imbalance 1 - I,
// the opposite move).

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <span>

#include "engine/models/microprice.hpp"
#include "engine/result.hpp"

namespace mm::research {

/// Shares of each state's visits: rows of Q and R1 sum to 1 together, those of R2 to those of R1.
struct MicropriceTransitions {
  Eigen::MatrixXd q;   // states x states
  Eigen::MatrixXd r1;  // states x moves
  Eigen::VectorXd k;   // moves, in steps
  Eigen::MatrixXd r2;  // states x states
};

struct MicropriceSolution {
  Eigen::VectorXd g1;
  Eigen::MatrixXd b;
  Eigen::VectorXd g;
  std::int64_t terms = 0;
};

/// Sums until the added term is below 1e-12 steps everywhere; an error when I - Q is singular or
/// after 10,000 terms.
Result<MicropriceSolution> solve_microprice(const MicropriceTransitions& transitions);

/// Transitions of a recording, counted.
class MicropriceCounts {
 public:
  static constexpr int states = microprice_imbalances * microprice_spreads;
  static constexpr std::array<double, 4> moves = {-1, -0.5, 0.5, 1};
  /// States seen less often have no entry of their own in the table.
  static constexpr double min_visits = 100;

  explicit MicropriceCounts(SpreadUnit unit) : unit_(unit) {}

  /// One book change: from where, how far the mid moved in steps (larger moves are clamped to one),
  /// to where.
  void add(MicropriceCell from, double mid_move_steps, MicropriceCell to);

  /// All of another count of the same unit.
  void add(const MicropriceCounts& other);

  std::int64_t transitions() const { return transitions_; }
  /// Visits of a state, its mirror image's included.
  double visits(MicropriceCell cell) const;
  /// Unvisited states are left out of the system; an error without any move or as above.
  Result<MicropriceTable> table() const;

 private:
  void count(int from, int move, int to);

  SpreadUnit unit_;
  std::int64_t transitions_ = 0;
  Eigen::MatrixXd stayed_ = Eigen::MatrixXd::Zero(states, states);
  Eigen::MatrixXd moved_ = Eigen::MatrixXd::Zero(states, static_cast<int>(moves.size()));
  Eigen::MatrixXd arrived_ = Eigen::MatrixXd::Zero(states, states);
};

}  // namespace mm::research
