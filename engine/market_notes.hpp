#pragma once

// What the core says of the market itself: walls, flushes, liquidity, regimes (engine/outlook).
//
// Outputs like a decision, each with the figures that are its reason. Figures are counts of a
// fixed unit, so that equal means equal and columns stay small: `_e3` thousandths, `_e6`
// millionths, `_e9`, rounded to the nearest; absent_e where a figure is absent.

#include <cstdint>

#include "engine/event.hpp"
#include "engine/types.hpp"

namespace mm {

/// A wall (engine/features/walls.hpp) at a moment of its life.
template <RecordKind K>
struct WallNote {
  static constexpr RecordKind kind = K;
  Side side = Side::buy;
  Price price;                        ///< of its largest level
  Qty qty;                            ///< of its bucket
  std::int64_t ratio_e3 = 0;          ///< to the median bucket of its side
  std::int64_t z_e3 = 0;              ///< of ln size, robust
  std::int64_t age_ms = 0;            ///< since it was first large
  std::int64_t steps = 0;             ///< moved: by so many buckets, + = up in price
  std::int64_t pulled_e6 = absent_e;  ///< ended: share of what left that was cancelled
  bool operator==(const WallNote&) const = default;
};
using WallAppeared = WallNote<RecordKind::wall_appeared>;
using WallMoved = WallNote<RecordKind::wall_moved>;
using WallPulled = WallNote<RecordKind::wall_pulled>;
using WallFilled = WallNote<RecordKind::wall_filled>;
using WallGone = WallNote<RecordKind::wall_gone>;

/// A side's depth is being withdrawn (engine/features/flush.hpp), or no longer.
template <RecordKind K>
struct FlushNote {
  static constexpr RecordKind kind = K;
  Side side = Side::buy;
  std::int64_t score_e6 = 0;    ///< share of the side's depth that left untraded within 500 ms
  std::int64_t breadth_e6 = 0;  ///< share of its five bands that lost half
  std::int64_t lasted_ms = 0;   ///< ended: since it started
  bool operator==(const FlushNote&) const = default;
};
using FlushStarted = FlushNote<RecordKind::flush_started>;
using FlushEnded = FlushNote<RecordKind::flush_ended>;

enum class LiquidityName : std::uint8_t {
  unknown = 0,
  thick = 1,
  thin = 2,
  migrating = 3,
  collapsing = 4,
};

/// The liquidity regime changed; the figures are those its latches were given.
struct LiquidityChanged {
  static constexpr RecordKind kind = RecordKind::liquidity_changed;
  LiquidityName from = LiquidityName::unknown;
  LiquidityName to = LiquidityName::unknown;
  std::int64_t score_e6 = 0;  ///< of the stronger flush
  std::int64_t breadth_e6 = 0;
  std::int64_t density_e6 = absent_e;
  std::int64_t z_velocity_e3 = absent_e;
  bool operator==(const LiquidityChanged&) const = default;
};

enum class RegimeName : std::uint8_t {
  unspecified = 0,
  quiet = 1,
  trending = 2,
  volatile_ = 3,
  cascade = 4,
};

/// The displayed regime changed, with the belief that moved it.
struct RegimeChanged {
  static constexpr RecordKind kind = RecordKind::regime_changed;
  RegimeName from = RegimeName::unspecified;
  RegimeName to = RegimeName::unspecified;
  std::int64_t quiet_e6 = 0;
  std::int64_t trending_e6 = 0;
  std::int64_t volatile_e6 = 0;
  std::int64_t cascade_e6 = 0;
  bool operator==(const RegimeChanged&) const = default;
};

/// What is believed, once a minute.
struct RegimeState {
  static constexpr RecordKind kind = RecordKind::regime_state;
  RegimeName most_likely = RegimeName::unspecified;
  std::int64_t quiet_e6 = 0;
  std::int64_t trending_e6 = 0;
  std::int64_t volatile_e6 = 0;
  std::int64_t cascade_e6 = 0;
  std::int64_t entropy_e6 = 0;             ///< nats
  std::int64_t sigma_e9 = absent_e;        ///< per root second
  std::int64_t liquidation_e6 = absent_e;  ///< probability
  bool operator==(const RegimeState&) const = default;
};

}  // namespace mm
