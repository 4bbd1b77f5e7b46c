#pragma once

// Microprice: where the mid is expected to settle, given imbalance and spread (Models 7; Stoikov,
// Quantitative Finance 18, 2018).
//
//   microprice = mid + G(x) step,   |G step| <= 0.75 spread
//
// x is one of ten equal buckets of I = bid_qty / (bid_qty + ask_qty) and one of four of the spread.
// The table G comes from an offline fit (research/fit/microprice_fit.hpp); before the first one the
// weighted mid stands in: mid + (I - 1/2) spread. Prices are in any one unit, half units included.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/types.hpp"

namespace mm {

inline constexpr int microprice_imbalances = 10;
inline constexpr int microprice_spreads = 4;

/// What the spread is counted in, and with it the step G is a multiple of.
enum class SpreadUnit : std::uint8_t {
  ticks = 0,     ///< 1, 2, 3, 4 or more ticks; step = 1 tick
  half_bps = 1,  ///< up to 0.5, 1, 2 bps and more; step = half a bp of mid
};

/// A touch as the table sees it. `bid`, `ask` and `tick` in one price unit.
struct MicropriceView {
  double bid = 0;
  double ask = 0;
  double bid_qty = 0;
  double ask_qty = 0;
  double tick = 0;
};

struct MicropriceCell {
  int imbalance = 0;
  int spread = 0;
};

/// Requires a two-sided, uncrossed touch and quantities >= 0, not both 0.
///
/// A touch and its mirror image (bid and ask quantities swapped) fall into mirrored buckets; only
/// I = 1/2 exactly has no bucket of its own and counts as the first above.
MicropriceCell microprice_cell(SpreadUnit unit, const MicropriceView& view);
double microprice_step(SpreadUnit unit, const MicropriceView& view);

struct MicropriceTable {
  SpreadUnit unit = SpreadUnit::ticks;
  /// G in steps; negative below I = 1/2, mirrored above. Empty: too seldom seen, the weighted
  /// mid holds.
  std::array<std::array<std::optional<double>, microprice_spreads>, microprice_imbalances> g{};
};

double weighted_mid(const MicropriceView& view);
/// By the table, or the weighted mid without one (nullptr).
double microprice(const MicropriceTable* table, const MicropriceView& view);

/// How far the mid turns out from the microprice a second later: sqrt of a decayed mean per
/// imbalance bucket of (mid(t + 1 s) - microprice(t))^2, in price units. A predictive spread, which
/// is what uncertainty logic needs; the table's own sampling error is smaller.
class MicropriceResidual {
 public:
  struct Settings {
    Duration tau = std::chrono::seconds{1800};
    Duration horizon = std::chrono::seconds{1};
    Duration sampling = std::chrono::milliseconds{100};  ///< a prediction at most so often
  };

  /// The mid and microprice from `now` on. Requires horizon / sampling < capacity.
  void update(const Settings& settings, Time now, double mid, double microprice, int imbalance);
  /// Forgets predictions that wait for their outcome: a gap.
  void gap() {
    waiting_ = 0;
    mid_.reset();
  }
  /// Of that bucket; absent before its first outcome.
  std::optional<double> standard_deviation(int imbalance) const;

  static constexpr std::size_t capacity = 64;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  struct Prediction {
    Time due;
    double microprice = 0;
    int imbalance = 0;
  };
  struct Bucket {
    DecayedSum squares;
    DecayedSum weight;
  };

  std::array<Prediction, capacity> ring_{};
  std::size_t first_ = 0;
  std::size_t waiting_ = 0;
  std::optional<double> mid_;
  std::array<Bucket, microprice_imbalances> buckets_{};
};

}  // namespace mm
