#pragma once

// One side of the book near the mid, kept as sums that cost nothing of the depth to maintain.
//
// The window of Y bps around the mid is cut by edges at fixed distances d(p) = |2p - m2| / m2, with
// m2 = best bid + best ask, twice the mid (Models 3.1). Between two edges lies a *segment* with the
// sum of its quantities, of its quantities times their distance, and its number of levels. Setting
// a level adds to one segment; when the mid moves, only the prices that an edge passes over change
// their segment. So a level update costs the same in a deep book as in a shallow one, and a read
// costs as much as there are edges, plus how far the mid moved since the last.
//
// Edges are compared in integers: the same book and mid give the same sums, however they came
// about. Distances are in units of 0.02 bps ("fiftieths"), so that windows in 0.1 bps and fifths of
// them are whole numbers.
//
// Beside the segments stand the sums of *absolute* buckets of `bucket_units` price units,
// k = floor(p / bucket_units), for what follows a price through time (flicker, walls).
//
// All of it follows from the book: nothing here is saved, it is built again after a restore.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/book/l2_book.hpp"
#include "engine/types.hpp"

namespace mm {

/// The settings of Models 3.1, in tenths of a basis point. A feed that shows fewer levels than the
/// window needs a smaller one: its window features are absent otherwise.
struct WindowSettings {
  static constexpr int max_buckets = 64;

  std::int64_t window_tenth_bps = 500;  ///< Y: window_bps
  std::int64_t bucket_tenth_bps = 50;   ///< w: bucket_bps
  /// depth_at_k_bps for these k, each at most Y.
  std::array<std::int64_t, 3> depth_tenth_bps = {10, 50, 100};

  /// n = ceil(Y / w), buckets a side.
  int buckets() const {
    return static_cast<int>((window_tenth_bps + bucket_tenth_bps - 1) / bucket_tenth_bps);
  }
  /// 0 < w <= Y <= 10000 tenths (so that a price far below the mid stays positive), n <= 64.
  bool valid() const;
  bool operator==(const WindowSettings&) const = default;
};

/// The edges of a window: fixed distances, sorted. An edge is where the distances below it end: an
/// inclusive one keeps its own distance inside.
class WindowEdges {
 public:
  static constexpr int flush_buckets = 5;
  static constexpr int capacity = WindowSettings::max_buckets + flush_buckets + 3;

  WindowEdges() = default;
  /// Requires settings.valid().
  explicit WindowEdges(const WindowSettings& settings);

  int size() const { return size_; }
  int buckets() const { return buckets_; }
  /// Index of the edge that ends mid-relative bucket j, or fifth b of the window, or the depth of
  /// setting k.
  int bucket_end(int j) const { return bucket_end_[static_cast<std::size_t>(j)]; }
  int flush_end(int b) const { return flush_end_[static_cast<std::size_t>(b)]; }
  int depth_end(int k) const { return depth_end_[static_cast<std::size_t>(k)]; }
  int window_end() const { return bucket_end(buckets_ - 1); }
  std::int64_t window_fiftieths() const { return window_; }

  /// The smallest 2p - m2 that is outside of edge i.
  std::int64_t limit(int i, std::int64_t m2) const {
    const Edge& edge = edges_[static_cast<std::size_t>(i)];
    const std::int64_t product = m2 * edge.fiftieths;
    return edge.inclusive ? product / per_one + 1 : (product + per_one - 1) / per_one;
  }
  /// |2p - m2| >= this distance: |2p - m2| * 5e5 >= m2 * fiftieths.
  static constexpr std::int64_t per_one = 500'000;

 private:
  struct Edge {
    std::int64_t fiftieths = 0;
    bool inclusive = false;
    bool operator==(const Edge&) const = default;
  };
  int find_or_add(const Edge& edge);

  std::array<Edge, capacity> edges_{};
  std::array<int, WindowSettings::max_buckets> bucket_end_{};
  std::array<int, flush_buckets> flush_end_{};
  std::array<int, 3> depth_end_{};
  std::int64_t window_ = 0;
  int size_ = 0;
  int buckets_ = 0;
};

/// What lies within an edge, from the mid outwards.
struct WithinEdge {
  std::int64_t qty;       ///< lots
  std::int64_t distance;  ///< sum of lots times |2p - m2|
  std::int64_t levels;    ///< with a quantity
  std::int64_t above;     ///< of these, larger than the threshold
};

/// One side's sums. A book that is not crossed has no level beyond the mid; where one has (hidden
/// under a newer best quote) it counts as nearest while it is within a quarter of the window, and
/// the caller sets it to 0 for the time of reading.
class SideWindow {
 public:
  explicit SideWindow(Side side) : side_(side) {}

  /// Everything is forgotten; set() and apply() do nothing until the next rebuild().
  void clear() { size_ = 0; }
  bool built() const { return size_ != 0; }
  /// The width of absolute buckets, for bucket_of() before the first rebuild. Requires units > 0.
  void use_buckets(std::int64_t units) { bucket_units_ = units; }

  /// Takes the book's levels around the mid. False, and cleared, if the window would be wider than
  /// 2^19 price units. Requires m2 > 0, bucket_units > 0.
  bool rebuild(const WindowEdges& edges, std::int64_t bucket_units, std::int64_t m2,
               const L2Book& book);
  /// Moves the edges to another mid; false if the levels kept do not reach that far (rebuild then).
  bool move_to(const WindowEdges& edges, std::int64_t m2);

  /// The quantity at a price from now on; 0 = none. Negative ones count as 0, and at most max_lots.
  void set(Price price, std::int64_t lots) {
    const Level level{price, Qty::from_lots(lots)};
    apply({&level, 1});
  }
  void apply(std::span<const Level> levels);
  /// Counts of `above` compare with this one from now on. Looks at every price once.
  void set_threshold(std::int64_t lots);

  /// Sums within each edge, as of the last move, into `sums`. False if a book of absurd quantities
  /// makes them too large for exact sums.
  bool within(const WindowEdges& edges, std::array<WithinEdge, WindowEdges::capacity>& sums) const;
  /// |2p - m2| of the farthest level within `reach` times the window; -1 if there is none.
  std::int64_t farthest() const;

  std::int64_t qty_at(Price price) const;
  std::int64_t bucket_units() const { return bucket_units_; }
  std::int64_t bucket_of(Price price) const;
  /// Sum of an absolute bucket, 0 outside of what is kept.
  std::int64_t bucket_qty(std::int64_t bucket) const;
  /// The level with most in an absolute bucket (the nearest of equals); quantity 0 if none.
  Level largest_in(std::int64_t bucket) const;
  /// First and last absolute bucket with a price in the window, nearest first.
  struct Buckets {
    std::int64_t nearest = 0;
    std::int64_t step = 1;  ///< +1 outwards for asks, -1 for bids
    int count = 0;
    std::span<const std::int64_t> lots;  ///< of each, valid until the next rebuild

    std::int64_t at(int i) const { return nearest + i * step; }
  };
  Buckets buckets_in_window(const WindowEdges& edges) const;

  /// How far beyond the window levels are looked for: `farthest` and coverage end here.
  static constexpr std::int64_t reach_percent = 150;

 private:
  // Sums may pass the ends of their types on the way, within() says when they mean nothing.
  struct Segment {
    std::uint64_t qty = 0;
    std::uint64_t moment = 0;  // sum of lots times slot
    std::uint64_t counts = 0;  // levels, and above the threshold in the upper half
  };
  static std::uint64_t counts_of(std::int64_t lots, std::int64_t threshold) {
    return static_cast<std::uint64_t>(lots > 0) +
           (static_cast<std::uint64_t>(lots > threshold) << 32);
  }
  static constexpr std::size_t max_slots = std::size_t{1} << 19;
  static constexpr unsigned block_shift = 4;

  // Outward coordinate: u = p for asks, bucket_units - 1 - p for bids; absolute buckets then are
  // floor(u / bucket_units) on both sides, and |2p - m2| = 2u - centre.
  std::uint64_t outward(Price price) const;
  std::int64_t centre_of(std::int64_t m2) const;
  std::size_t bucket_slot(std::size_t slot) const;
  Price price_of(std::size_t slot) const;
  bool place(const WindowEdges& edges, std::int64_t m2,
             std::array<std::uint32_t, WindowEdges::capacity + 1>& ends, std::size_t& reach) const;
  Segment sum_of(std::size_t from, std::size_t to) const;
  void shift(std::size_t from, std::size_t to, Segment& source, Segment& target);
  void index_blocks();
  void count_all();

  Side side_;
  std::size_t size_ = 0;            // slots in use
  std::int64_t origin_ = 0;         // u of slot 0, a multiple of bucket_units
  std::int64_t origin_bucket_ = 0;  // origin_ / bucket_units
  std::int64_t centre_ = 0;         // u of the mid, doubled
  std::size_t reach_end_ = 0;       // first slot beyond what farthest() looks at
  std::int64_t bucket_units_ = 1;
  std::uint64_t bucket_factor_ = 0;  // ceil(2^40 / bucket_units)
  std::int64_t threshold_ = 0;
  int edge_count_ = 0;
  // ends_[i]: first slot outside of edge i; behind the last edge, the end of the slots.
  std::array<std::uint32_t, WindowEdges::capacity + 1> ends_{};
  std::array<Segment, WindowEdges::capacity + 1> segments_{};
  std::vector<std::int64_t> slots_;    // lots by outward distance, one a price unit
  std::vector<std::int64_t> buckets_;  // lots by absolute bucket
  std::vector<std::uint8_t> first_;    // segment of the first slot of each block
};

}  // namespace mm
