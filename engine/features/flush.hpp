#pragma once

// Flush: liquidity of a side withdrawn within half a second (Models 4.4), and the liquidity regime
// that follows from it, from density and from migration (4.5).
//
// Per side, mid-relative depth in five buckets; base = its decayed average one flush window ago,
// cur = now, traded = volume consumed on that side in between:
//
//   score   = max(0, sum base - sum cur - traded) / sum base
//   breadth = share of the buckets with base > 0 where cur <= base / 2
//   onset <=> score >= s_on and breadth >= 0.6;  over when score < s_on / 2 for a second
//
// Net depth, since market makers move quotes between levels all the time; relative to the mid,
// since a price step is no withdrawal; less what was traded, since consumed is not withdrawn.

#include <cstdint>
#include <optional>
#include <span>

#include "engine/bytes.hpp"
#include "engine/types.hpp"

namespace mm {

struct FlushScore {
  double score = 0;
  double breadth = 0;
};
/// Absent if the base is empty. Requires spans of one length.
std::optional<FlushScore> flush_score(std::span<const double> base, std::span<const double> cur,
                                      double traded);

/// How long a condition has held without a break. Judged at updates only.
class Hold {
 public:
  /// Whether `condition` holds now and has held for `needed` up to now.
  bool update(Time now, bool condition, Duration needed) {
    if (!condition) {
      since_.reset();
      return false;
    }
    if (!since_) since_ = now;
    return now - *since_ >= needed;
  }
  void save(ByteWriter& out) const {
    out.put_flag(since_.has_value());
    out.put_i64(since_ ? to_ns(*since_) : 0);
  }
  void restore(ByteReader& in) {
    const bool set = in.get_flag();
    const Time since = time_from_ns(in.get_i64());
    since_ = set ? std::optional{since} : std::nullopt;
  }

 private:
  std::optional<Time> since_;
};

struct FlushThresholds {
  double score_on = 0.5;
  double breadth_on = 0.6;
  Duration off_hold = std::chrono::seconds{1};
  bool triggered_by(const FlushScore& flush) const {
    return flush.score >= score_on && flush.breadth >= breadth_on;
  }
};

/// Whether a side is being flushed.
class FlushLatch {
 public:
  enum class Change : std::uint8_t { none, started, ended };
  /// An absent score leaves things as they are.
  Change update(const FlushThresholds& thresholds, Time now, std::optional<FlushScore> flush);
  bool active() const { return active_; }
  /// Of the last flush; meaningful once one started.
  Time started_at() const { return started_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  bool active_ = false;
  Time started_;
  Hold calm_;
};

enum class LiquidityState : std::uint8_t { thick = 0, thin = 1, migrating = 2, collapsing = 3 };

struct LiquidityThresholds {
  double flush_on = 0.5;
  double breadth_on = 0.6;
  double flush_off = 0.25;
  Duration flush_off_hold = std::chrono::seconds{2};
  double velocity_on = 2;  ///< z_velocity
  double velocity_off = 1;
  Duration velocity_on_hold = std::chrono::seconds{1};
  double density_on = 0.65;  ///< at or below
  double density_off = 0.80;
  Duration absent_after = std::chrono::seconds{2};
};

struct LiquidityInputs {
  std::optional<double> density;
  std::optional<double> z_velocity;
  std::optional<FlushScore> flush;
};

/// Three latches; the highest active one names the state: collapsing > migrating > thin > thick.
/// An absent input leaves its latch as it is; without any input for `absent_after` there is no
/// state.
class LiquidityRegime {
 public:
  void update(const LiquidityThresholds& thresholds, Time now, const LiquidityInputs& inputs);
  std::optional<LiquidityState> state() const { return state_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  bool collapsing_ = false;
  bool migrating_ = false;
  bool thin_ = false;
  Hold calm_;
  Hold fast_;
  std::optional<Time> heard_;
  std::optional<LiquidityState> state_;
};

}  // namespace mm
