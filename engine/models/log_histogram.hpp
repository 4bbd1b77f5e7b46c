#pragma once

// Quantiles, ranks and tails of a stream of positive numbers that forgets (Models 0.2).
//
// Bins have edges 2^(j/16) from 2^-32 to 2^32; smaller and larger values count in the end bins, so
// whoever uses it picks a unit in which its values fit. Inside a bin values are taken as spread
// evenly: quantiles are off by at most 4.5 %. Counts fade with the e-folding time tau: they are
// kept relative to a weight that grows instead, which costs one multiplication an addition.
//
// Updating is O(1); a look-up adds up to 64 octaves and 16 bins, always in index order, so its bits
// do not depend on history. Nothing allocates.

#include <array>
#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/models/decay.hpp"
#include "engine/types.hpp"

namespace mm {

class DecayedLogHistogram {
 public:
  static constexpr int lowest_exponent = -32;
  static constexpr int octaves = 64;
  static constexpr int bins_per_octave = 16;

  /// Requires value > 0 and finite.
  void add(Time now, double value, Duration tau);
  /// The same where decay_factor(now - last(), tau) is known; the first value needs none.
  void add_by(double left, Time now, double value);
  std::optional<Time> last() const { return last_; }

  /// Sum of the weights, each 1 when added and fading since, as of the last addition.
  double weight() const;
  /// weight() as of `now`.
  double weight(Time now, Duration tau) const;
  /// Share of the weight of values above x, in [0, 1], not increasing in x; absent while empty.
  std::optional<double> share_above(double x) const;
  /// Mean over all values of v 1{v <= x}: share of values up to x times their mean.
  std::optional<double> mean_up_to(double x) const;
  /// The value below which a share q in [0, 1] lies; absent while empty.
  std::optional<double> quantile(double q) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  double count_below(double x) const;  // of values <= x
  double mass_below(double x) const;   // and their sum

  std::optional<Time> last_;
  double unit_ = 1;       // weight of one value added now
  double total_ = 0;      // of all counts
  int lowest_ = octaves;  // the first octave that ever held anything
  std::array<double, octaves> octave_counts_{};
  std::array<double, octaves> octave_masses_{};  // every value as the middle of its bin
  std::array<double, octaves * bins_per_octave> counts_{};
};

}  // namespace mm
