#pragma once

// Everything this folder measures of one instrument, as a fold over its market events and a reading
// at the decision clock.
//
//   on_event()  a level update adds to sums, a trade to volumes; nothing looks at the book
//   decide()    at the decision clock (and whenever else the caller wants to see): reads the sums,
//               moves averages, walls, flushes and the regime on, says what changed
//
// The book meant is the *others-only* book: what the venue displays, levels hidden under a newer
// best quote left out, less our own resting size where it stands in it. Paper orders never stand in
// the book, so their sessions name no own levels.
//
// All features are absent while the book is invalid, one-sided, crossed, or nothing was heard of
// the instrument for `stale`. Those of the window are also absent while a side displays less than
// the window needs; `coverage_bps` says how much it displays. Nothing absent is ever 0.
//
// Departures from Models 3 and 4, all for the cost of a reading: flows and presence are sampled at
// the decision clock; band_threshold follows its average once a minute; the trailing quantiles take
// one sample a second; averages that move together use one time step.
//
// After warm-up (a minute, or a jump of the price out of the window) nothing allocates.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/event.hpp"
#include "engine/features/book_features.hpp"
#include "engine/features/changes.hpp"
#include "engine/features/depth_window.hpp"
#include "engine/features/flicker.hpp"
#include "engine/features/flush.hpp"
#include "engine/features/velocity.hpp"
#include "engine/features/walls.hpp"
#include "engine/market.hpp"
#include "engine/models/decay.hpp"
#include "engine/models/log_histogram.hpp"
#include "engine/types.hpp"

namespace mm {

struct MicrostructureSettings {
  WindowSettings window;
  Duration stale = std::chrono::milliseconds{2000};
  double pressure_d0_bps = 10;
  double band_theta_mult = 0.5;
  Duration tau_reference = std::chrono::seconds{600};  ///< of S_ref
  Duration threshold_step = std::chrono::seconds{60};
  VelocitySettings velocity;
  double coverage_change = 0.2;  ///< restarts the velocities
  Duration flicker_tau = std::chrono::seconds{10};
  WallSettings walls;
  WallPositionSettings wall_position;
  Duration flush_window = std::chrono::milliseconds{500};
  Duration flush_tau = std::chrono::seconds{10};
  FlushThresholds flush;
  double flush_quantile = 0.995;
  LiquidityThresholds liquidity;
  Duration density_tau = std::chrono::seconds{5};
  double absolute_density_on = 0.35;  ///< before there is a history to compare with
  double absolute_density_off = 0.45;
  Duration history_tau = std::chrono::hours{24};
  Duration history_needed = std::chrono::hours{1};
  Duration flow_window = std::chrono::seconds{1};  ///< of opposite flow
};

/// Our own resting size at one price, where it stands in the displayed book.
struct OwnLevel {
  Side side = Side::buy;
  Price price;
  Qty qty;
  bool operator==(const OwnLevel&) const = default;
};

/// One side's flush.
struct FlushReading {
  std::optional<FlushScore> score;
  bool active = false;
  std::optional<Time> started;  ///< while active
};

struct Features {
  Time at;
  Touch touch;  ///< others only; empty while `touch_features` are absent
  TouchFeatures touch_features;
  std::optional<double> bid_coverage_bps;  ///< at most 1.5 times the window
  std::optional<double> ask_coverage_bps;
  WindowFeatures window;
  std::optional<double> band_threshold;          ///< theta, lots
  std::optional<double> migration_velocity;      ///< bps/s, of the centroid
  std::optional<double> migration_velocity_rel;  ///< bps/s, of the centroid less the mid
  std::optional<double> retreat_velocity_bid;    ///< bps/s, + = backing away
  std::optional<double> retreat_velocity_ask;
  std::optional<double> z_velocity;  ///< of migration_velocity_rel
  std::optional<double> flicker_hz;  ///< changes of presence a second, mean over the buckets
  FlushReading bid_flush;
  FlushReading ask_flush;
  std::optional<double> flush_score;       ///< the larger of the sides
  std::optional<double> relative_density;  ///< to its own day; absent in the first hour
  std::optional<LiquidityState> liquidity;

  const FlushReading& flush(Side side) const { return side == Side::buy ? bid_flush : ask_flush; }
  /// The book could be read at all.
  bool present() const { return touch_features.mid.has_value(); }
};

class Microstructure {
 public:
  /// Requires settings.window.valid().
  explicit Microstructure(const MicrostructureSettings& settings = {});

  /// One event of this instrument, `instrument` as it stands after it.
  void on_event(const Event& event, const InstrumentState& instrument);
  /// Our resting sizes in the displayed book from now on, at most 64; the rest is ignored.
  void set_own(std::span<const OwnLevel> own);

  /// Reads the features and appends what changed. Times must not decrease.
  const Features& decide(Time now, const InstrumentState& instrument, ChangeList& changes);
  /// As of the last decision. Not saved here: who keeps them gives them back after a restore.
  const Features& features() const { return features_; }
  void resume(const Features& features) { features_ = features; }

  /// Confirmed walls and candidates as of the last decision.
  std::span<const Wall> walls(Side side) const { return walls_of(side).all(); }
  /// A quote's place among the walls of its side; absent without features.
  std::optional<WallContext> wall_context(Side side, Price quote,
                                          const InstrumentState& instrument) const;
  /// The wall or candidate in whose bucket a price is; null if there is none.
  const Wall* wall_at(Side side, Price price) const;
  /// Best bid and ask of others now; empty sides have quantity 0.
  Touch others_touch(const InstrumentState& instrument) const {
    return {others_best(Side::buy, instrument), others_best(Side::sell, instrument)};
  }
  /// Others' quantity displayed at a price now; levels under a newer best quote are not displayed.
  Qty displayed(Side side, Price price, const InstrumentState& instrument) const;
  /// Changes a second of the presence of the bucket a price is in; absent outside of the window.
  std::optional<double> flicker_hz(Side side, Price price) const;
  /// Time between the last two decisions: flicker beyond half its inverse is not seen.
  std::optional<Duration> sample_step() const { return step_; }
  /// Our share of a level: own / (others + own). Absent where we do not rest.
  std::optional<double> relative_visibility(Side side, Price price,
                                            const InstrumentState& instrument) const;

  const MicrostructureSettings& settings() const { return settings_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  /// Averages that are moved on together, with the book and its window present.
  struct Dynamics {
    std::optional<Time> last;
    HeldAverage reference;  // S_ref
    HeldAverage density;
    Velocity centroid;
    Velocity centroid_rel;
    Velocity bid_centroid;
    Velocity ask_centroid;
    VelocityScore score;
    std::array<HeldAverage, WindowEdges::flush_buckets> bid_base;
    std::array<HeldAverage, WindowEdges::flush_buckets> ask_base;
    std::optional<double> coverage_bps;
    double flicker_count = 0;  // changes of presence, decayed
    double flicker_seen = 0;   // 1 - e^(-elapsed/tau)
    // By how much averages of these times faded at this reading; not saved.
    double fades_slow = 1;
    double fades_flicker = 1;
    void restart_velocities();
  };
  /// What was, up to a second or more ago.
  struct Past {
    Time at;
    bool has_base = false;
    std::array<double, WindowEdges::flush_buckets> bid_base{};
    std::array<double, WindowEdges::flush_buckets> ask_base{};
    std::uint64_t bought = 0;  // taker volume since the start, lots, modulo 2^64
    std::uint64_t sold = 0;
  };
  static constexpr std::size_t past_capacity = 64;
  static constexpr std::size_t own_capacity = 64;

  SideWindow& window_of(Side side) { return side == Side::buy ? bid_window_ : ask_window_; }
  const SideWindow& window_of(Side side) const {
    return side == Side::buy ? bid_window_ : ask_window_;
  }
  SideWalls& walls_of(Side side) { return side == Side::buy ? bid_walls_ : ask_walls_; }
  const SideWalls& walls_of(Side side) const { return side == Side::buy ? bid_walls_ : ask_walls_; }

  std::int64_t own_at(Side side, Price price) const;
  std::int64_t own_in_bucket(Side side, std::int64_t bucket) const;
  Level others_best(Side side, const InstrumentState& instrument) const;
  bool readable(Time now, const InstrumentState& instrument, Touch& others) const;
  bool place_windows(std::int64_t m2, const InstrumentState& instrument);
  void hide_what_is_not_there(const InstrumentState& instrument);
  void show_the_book_again();
  void books_to_walls(const InstrumentState& instrument);
  void forget_book();
  bool rebuild_after_restore(const InstrumentState& instrument);

  void read_window(Time now, const InstrumentState& instrument, const Touch& others,
                   ChangeList& changes);
  void read_dynamics(Time now, const WindowSums& sums);
  void read_flicker(Time now);
  void read_walls(Time now, const InstrumentState& instrument, const Touch& others,
                  ChangeList& changes);
  void read_flushes(Time now, const WindowSums& sums, ChangeList& changes);
  void read_liquidity(Time now, ChangeList& changes);
  void remember(Time now);
  const Past* past_before(Time instant) const;

  MicrostructureSettings settings_;
  WindowEdges edges_;
  BookFeatureReader reader_;

  // From the book, never saved.
  SideWindow bid_window_{Side::buy};
  SideWindow ask_window_{Side::sell};
  // While the window holds what others show: what the book says of the levels changed for that.
  std::array<std::vector<Level>, 2> hidden_;
  std::vector<Level> shown_;
  std::array<std::int64_t, own_capacity> own_shown_{};
  bool restored_ = false;  // the windows are to be built as they stood when saved
  Features features_;

  // State.
  std::int64_t built_m2_ = 0;      // mid the windows were built around, doubled; 0 = not built
  std::int64_t bucket_units_ = 0;  // of absolute buckets; 0 = no book was read yet
  std::array<OwnLevel, own_capacity> own_{};
  std::size_t own_count_ = 0;
  bool book_is_new_ = false;  // a snapshot came that walls have not seen
  Time book_stamp_;
  std::uint64_t bought_ = 0;
  std::uint64_t sold_ = 0;
  Dynamics dynamics_;
  std::array<Past, past_capacity> past_{};
  std::uint64_t past_count_ = 0;
  std::optional<Time> next_threshold_;
  std::int64_t threshold_ = 0;
  std::optional<Time> started_;  // first reading of the window
  std::optional<Time> next_history_;
  DecayedLogHistogram density_history_;
  DecayedLogHistogram flush_history_;
  std::optional<double> median_density_;
  double flush_on_ = 0.5;
  FlickerMap bid_flicker_;
  FlickerMap ask_flicker_;
  SideWalls bid_walls_{Side::buy};
  SideWalls ask_walls_{Side::sell};
  FlushLatch bid_flush_;
  FlushLatch ask_flush_;
  LiquidityRegime regime_;
  std::optional<Time> last_decision_;
  std::optional<Duration> step_;
};

}  // namespace mm
