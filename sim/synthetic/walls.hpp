#pragma once

// Walls of a synthetic market: large orders that stand, are eaten, pulled or moved; and fakes.
//
//   appear   as a Poisson process, side by coin, at a uniform distance wall_near..wall_far from the
//            value, log-normal size, post-only
//   genuine  stays until it is eaten (the flow does not pull it when the value comes near) or its
//            time is over: then it is pulled, or moved by one to three ticks with a new time
//   fake     is pulled at the step at which the value comes within wall_flee, or when its time is
//            over, never moved; meanwhile it flickers: withdrawn wall_flicker times a second for
//            0.2 s
//
// This holds the list and the draws; SyntheticFlow does what they say to the book.

#include <vector>

#include "engine/random.hpp"
#include "sim/matching.hpp"
#include "sim/synthetic/settings.hpp"

namespace mm::sim {

enum class WallFate : std::uint8_t { standing, filled, pulled, moved };
std::string_view name_of(WallFate fate);

struct Wall {
  std::uint64_t id = 0;  ///< from 1; the tag of its order
  Side side = Side::buy;
  bool fake = false;
  Price price;
  Qty size;    ///< at the start
  Qty filled;  ///< so far
  Time born;
  Time ends;                    ///< pulled or moved then, if it still stands
  Time flickers = Time::max();  ///< a fake: withdrawn, or back, then
  bool hidden = false;          ///< withdrawn for a moment
  OrderRef order;
  std::uint32_t moves = 0;
};

/// What happened to a wall at `time`. `moved`: it stands at `wall.price` from now on.
struct WallNote {
  Time time;
  WallFate fate = WallFate::standing;  ///< standing: it appeared
  Wall wall;
  Qty cancelled;  ///< when pulled
};

class Walls {
 public:
  /// `settings` is borrowed.
  Walls(const FlowSettings& settings, SplitMix64 random, Time start);

  /// The next arrival or end.
  Time next() const;
  Time next_arrival() const { return next_arrival_; }

  /// Draws the wall that arrives now, without price, size in lots and order, and goes on to the
  /// next arrival. `distance_bps` and `value` say where and how large.
  struct Draft {
    Wall wall;
    double distance_bps = 0;
    double value = 0;
  };
  Draft arrive();
  /// A wall whose time is over: whether it moves, and by how many ticks (towards the value if > 0).
  std::optional<int> move();
  Time draw_end(Time now);
  /// When a wall that is shown now is next withdrawn for `flicker_time`; never without flicker.
  Time draw_flicker(Time now);
  static constexpr Duration flicker_time = std::chrono::milliseconds{200};

  std::vector<Wall>& standing() { return standing_; }
  const std::vector<Wall>& standing() const { return standing_; }
  Wall* find(std::uint64_t id);
  void erase(std::uint64_t id);

 private:
  void draw_arrival(Time from);

  const FlowSettings* settings_;
  SplitMix64 random_;
  Time next_arrival_;
  std::uint64_t last_id_ = 0;
  std::vector<Wall> standing_;  // by id
};

}  // namespace mm::sim
