#pragma once

// What changed in the market's structure at a decision, with the figures that are the reason.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/features/flush.hpp"
#include "engine/instrument.hpp"
#include "engine/types.hpp"

namespace mm {

enum class ChangeKind : std::uint8_t {
  wall_appeared = 0,  ///< confirmed
  wall_moved = 1,
  wall_pulled = 2,
  wall_filled = 3,
  wall_gone = 4,  ///< partly pulled, partly filled, or nobody can say
  flush_started = 5,
  flush_ended = 6,
  liquidity_changed = 7,
};

/// Stable snake_case name.
std::string_view name_of(ChangeKind kind);
/// "thick", "thin", "migrating", "collapsing".
std::string_view name_of(LiquidityState state);

/// One change. Fields that its kind does not name are 0 or absent.
struct Change {
  ChangeKind kind = ChangeKind::wall_appeared;
  Side side = Side::buy;  ///< walls and flushes
  Price price;            ///< walls: the largest level
  Qty qty;                ///< walls: of the bucket, latest
  double ratio = 0;       ///< walls: size over the side's median
  double z = 0;
  std::int64_t age_ms = 0;  ///< walls: since first a candidate; flush ended: how long it lasted
  std::int64_t steps = 0;   ///< wall moved: buckets, + = up in price
  std::optional<double> pulled_fraction;  ///< walls that ended
  double score = 0;                       ///< flushes
  double breadth = 0;                     ///< flushes
  std::optional<LiquidityState> from;     ///< liquidity changed; absent = unknown
  std::optional<LiquidityState> to;       ///< likewise
  std::optional<double> density;          ///< liquidity changed: as compared
  std::optional<double> z_velocity;       ///< liquidity changed
  bool operator==(const Change&) const = default;
};

/// The change in words: "wall pulled: buy 61800.0, 12.4 lots ... pulled 91 % after 8.2 s".
std::string describe(const Change& change, const Instrument& instrument);

/// The changes of one decision, in order. Beyond the capacity they are counted, not kept.
class ChangeList {
 public:
  static constexpr std::size_t capacity = 48;

  void add(const Change& change) {
    if (size_ < capacity)
      changes_[size_++] = change;
    else
      ++dropped_;
  }
  void clear() { size_ = dropped_ = 0; }
  std::span<const Change> all() const { return {changes_.data(), size_}; }
  std::size_t dropped() const { return dropped_; }

 private:
  std::array<Change, capacity> changes_{};
  std::size_t size_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace mm
