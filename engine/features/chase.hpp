#pragma once

// Do our quotes follow the walls (Models 4.6)?
//
// For each move of a wall: *chase* = our quote of the same side moved the same way within 500 ms
// after it, *lead* = within 500 ms before. How often that happens by chance is counted around one
// time drawn at random from the same minute for each wall move, on the same side and in the same
// direction: a rate means something only against that baseline.
//
// A move counts once 500 ms have passed, the baseline half a second into the next minute. Between
// two calls nothing happens by itself.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

class ChaseMetric {
 public:
  static constexpr Duration reach = std::chrono::milliseconds{500};

  /// `seed` draws the baseline's times.
  explicit ChaseMetric(std::uint64_t seed = 1) : seed_(seed) {}

  /// A wall moved; `direction` > 0 is up in price. Times must not decrease, over all calls.
  void wall_moved(Time now, Side side, int direction);
  /// Our best quote of a side moved.
  void quote_moved(Time now, Side side, int direction);
  /// Lets time pass: settles what can be judged.
  void advance(Time now);

  struct Rates {
    std::int64_t walls = 0;  ///< wall moves judged
    std::optional<double> chase;
    std::optional<double> lead;
    std::optional<double> baseline_chase;  ///< the same around random times
    std::optional<double> baseline_lead;
  };
  Rates rates() const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  static constexpr std::size_t capacity = 256;  // moves a minute; more of them replace the oldest

  struct Move {
    Time at;
    Side side = Side::buy;
    std::int8_t direction = 0;
  };
  struct Ring {
    std::array<Move, capacity> moves{};
    std::uint64_t count = 0;  // ever
    void add(const Move& move) { moves[count++ % capacity] = move; }
    std::uint64_t first() const { return count > capacity ? count - capacity : 0; }
    const Move& at(std::uint64_t i) const { return moves[i % capacity]; }
  };
  bool quote_moved_between(const Move& like, Time from, Time to) const;
  void close_minute();

  Ring quotes_;
  Ring walls_;
  std::uint64_t judged_ = 0;     // wall moves settled against our quotes
  std::uint64_t baselined_ = 0;  // wall moves whose minute is over
  std::optional<std::int64_t> minute_;
  std::int64_t walls_seen_ = 0;
  std::int64_t chases_ = 0;
  std::int64_t leads_ = 0;
  std::int64_t draws_ = 0;
  std::int64_t baseline_chases_ = 0;
  std::int64_t baseline_leads_ = 0;
  std::uint64_t seed_;
};

}  // namespace mm
