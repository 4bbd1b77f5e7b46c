#pragma once

// The walls of one side through time (Models 4.1, 4.3, 4.7).
//
// A bucket that is a candidate for a second is *confirmed*. A wall ends when its bucket holds less
// than half of what it held then, or z < 1.5. One that shows up again in its own or an adjacent
// bucket within 250 ms is the same wall; in an adjacent one it has moved. Otherwise it was pulled,
// filled or both, judged by the flow since its size was last at 80 % of its largest.
//
// Sizes are of the whole bucket, others' only. Trades and books change flows as they come; the rest
// happens at the decision clock, so holds are judged there.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/bytes.hpp"
#include "engine/features/changes.hpp"
#include "engine/features/depth_window.hpp"
#include "engine/features/flicker.hpp"
#include "engine/features/level_flow.hpp"
#include "engine/features/spoof.hpp"
#include "engine/features/wall_detect.hpp"
#include "engine/models/decay.hpp"
#include "engine/types.hpp"

namespace mm {

struct WallSettings {
  WallThresholds thresholds;
  double min_notional = 50'000;  ///< wall_min_notional, in quote currency
  Duration confirm_after = std::chrono::seconds{1};
  double end_share = 0.5;  ///< of the size when confirmed
  double end_z = 1.5;
  Duration move_within = std::chrono::milliseconds{250};
  double height_share = 0.8;  ///< of the largest size: attribution starts after it
  Duration flicker_tau = std::chrono::seconds{10};
  std::int64_t approach_tenth_bps = 30;  ///< the opposite best this near is an approach
  SpoofWeights spoof;
  Duration outcome_half_life = std::chrono::hours{24};
  double fake_on = 0.7;
  double fake_off = 0.5;
};

struct Wall {
  std::int64_t bucket = 0;
  Level largest;  ///< of its levels: where the wall is said to be
  std::int64_t lots = 0;
  std::int64_t lots_confirmed = 0;  ///< 0 = still a candidate
  std::int64_t lots_largest = 0;
  std::int64_t moves = 0;
  Time since;                   ///< first a candidate
  std::optional<Time> gone_at;  ///< ended, and may show up next door yet
  bool approached = false;      ///< by the opposite best
  bool fake = false;            ///< by spoof score, with hysteresis
  double ratio = 0;             ///< to the side's median, latest
  double z = 0;
  double theta = 0;  ///< of its flicker: the size that made it a candidate
  std::optional<double> spoof_score;
  LevelFlow flow;
  Flicker flicker;

  bool confirmed() const { return lots_confirmed > 0; }
  bool standing() const { return confirmed() && !gone_at; }
};

/// What walls are judged in at one decision clock.
struct WallScene {
  Time now;
  std::int64_t m2 = 0;
  Price tick;
  double value_per_lot = 0;  ///< quote currency, at the mid
  Price opposite_best;
  std::optional<double> opposite_flow;  ///< as in SpoofInputs
};

class SideWalls {
 public:
  static constexpr std::size_t capacity = 16;

  explicit SideWalls(Side side) : side_(side) {}

  /// A trade that consumed this side.
  void on_trade(const SideWindow& window, Price price, std::int64_t lots, Time stamp);
  /// A book. `ours` gives our own resting lots in a bucket.
  template <class Ours>
  void on_book(const WallSettings& settings, const SideWindow& window, Time stamp, Ours&& ours) {
    for (std::size_t i = 0; i < count_; ++i) {
      Wall& wall = walls_[i];
      if (!wall.gone_at)
        take_book(settings, wall, window.bucket_qty(wall.bucket) - ours(wall.bucket), stamp);
    }
  }
  bool empty() const { return count_ == 0; }

  /// The decision clock: `window` holds others' sizes only. Appends what changed.
  void decide(const WallSettings& settings, const WallScene& scene, const WindowEdges& edges,
              const SideWindow& window, Time book_stamp, ChangeList& changes);
  /// Nobody knows what happened meanwhile: forgets all walls, without outcomes.
  void clear() { count_ = 0; }

  /// Candidates too; see Wall::standing().
  std::span<const Wall> all() const { return {walls_.data(), count_}; }
  /// Confirmed walls and their sizes, for wall_context(); gives how many there are.
  std::size_t standing(std::span<Level, capacity> out) const;
  /// Decayed outcomes of approached walls of a size class.
  double pulls(Time now, Duration half_life, int size_class) const;
  double fills(Time now, Duration half_life, int size_class) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  void take_book(const WallSettings& settings, Wall& wall, std::int64_t lots, Time stamp);
  void judge(const WallSettings& settings, const WallScene& scene, const SideWindow& window,
             const UsualSize& usual, Wall& wall, ChangeList& changes);
  void meet(const WallSettings& settings, const WallScene& scene, const SideWindow& window,
            const UsualSize& usual, std::int64_t bucket, std::int64_t lots, Time book_stamp,
            ChangeList& changes);
  void finish(const WallSettings& settings, const WallScene& scene, const Wall& wall,
              ChangeList& changes);
  Change change_of(ChangeKind kind, const WallScene& scene, const Wall& wall) const;
  Wall* find(std::int64_t bucket);

  Side side_;
  std::array<Wall, capacity> walls_{};
  std::size_t count_ = 0;
  std::array<DecayedSum, spoof_size_classes> pulls_{};
  std::array<DecayedSum, spoof_size_classes> fills_{};
};

}  // namespace mm
