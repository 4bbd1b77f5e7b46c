#pragma once

// Which of four regimes the market is in: a hidden Markov model, filtered online (Models 13).
//
//   first observation: pred = initial;   later: pred_j = sum over i of b_i P_ij
//   l_j = ln pred_j + sum over d of w_d ln f_jd(y_d);   Z = ln sum over j of e^(l_j)
//   b_j = e^(l_j - Z);   log likelihood += Z
//
//   f_jd(y) = (1 - eps) N(y; m_jd, s_jd) + eps c_d
//
// The contamination eps c_d is the same for all states, so a value alien to every state carries no
// information instead of leaving 0/0. Absent dimensions are skipped; with none left the belief is
// the prediction. The matrix is per minute; a step of dt uses I + (dt/60)(P - I), which has the
// same mean stays and the same stationary law.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

enum class Regime : std::uint8_t { quiet = 0, trending = 1, volatile_ = 2, cascade = 3 };
inline constexpr std::size_t regimes = 4;
/// "Quiet", "Trending", "Volatile", "Cascade".
std::string_view name_of(Regime regime);

using Belief = std::array<double, regimes>;
using TransitionMatrix = std::array<std::array<double, regimes>, regimes>;

/// What a window is judged by: four dimensions, and four of the liquidity that are off by default.
enum class RegimeDimension : std::uint8_t {
  volatility,         ///< ln(max(sigma_w, sigma_ref/4)/sigma_ref)
  trade_intensity,    ///< ln((1 + rate_w)/(1 + rate_ref)), taker orders per s
  imbalance,          ///< |sum s w|/(sum w + 5), w = min(sqrt(size/median), 3)
  adverse_selection,  ///< weighted taker-signed mid move of 1 s, over sigma_ref
  liquidity_entropy,
  relative_density,
  log_depth,  ///< ln(depth / its median of 24 h)
  migration,  ///< |migration_velocity_rel| / its root mean square
};
inline constexpr std::size_t regime_dimensions = 8;
using RegimeObservation = std::array<std::optional<double>, regime_dimensions>;

struct Emission {
  double mean = 0;
  double sd = 1;
};

struct RegimeModel {
  TransitionMatrix transition_per_minute{};
  Belief initial{};  ///< its stationary law
  std::array<std::array<Emission, regime_dimensions>, regimes> emission{};
  std::array<double, regime_dimensions> outlier_density{};  ///< c
  std::array<double, regime_dimensions> weight{};           ///< w; 0 = off
  double outlier_share = 1e-3;                              ///< eps
};

/// The defaults of Models 13: four dimensions, liquidity off.
RegimeModel default_regime_model();

/// Of a step of 0 to 60 seconds.
TransitionMatrix step_transition(const TransitionMatrix& per_minute, double step_s);

/// The law that one step leaves as it is, by state reduction without subtractions (Grassmann,
/// Taksar & Heyman 1985). Requires that every state can be reached from every other.
Belief stationary_law(const TransitionMatrix& transition);

/// weight * ln((1 - eps) N(y; mean, sd) + eps c).
double contaminated_log_density(double y, Emission emission, double outlier_share,
                                double outlier_density, double weight);

class RegimeFilter {
 public:
  /// One observation, `elapsed` after the one before (ignored for the first). O(16 + 4 D) a minute
  /// of `elapsed`.
  void update(const RegimeModel& model, Duration elapsed, const RegimeObservation& observation);

  /// Each in [0, 1], together 1; the stationary law of the defaults before the first update.
  const Belief& belief() const { return belief_; }
  Regime most_likely() const;  ///< ties to the first
  double log_likelihood() const { return log_likelihood_; }
  /// What to show: follows most_likely() once it has led by 0.1 for two steps.
  Regime displayed() const { return displayed_; }
  /// Shannon entropy of the belief in nats, 0 to ln 4.
  double entropy() const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  bool started_ = false;
  Belief belief_ = default_regime_model().initial;
  double log_likelihood_ = 0;
  Regime displayed_ = Regime::quiet;
  Regime leading_ = Regime::quiet;
  std::uint32_t led_for_ = 0;
};

}  // namespace mm
