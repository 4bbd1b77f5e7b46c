#include "engine/models/log_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/assert.hpp"

namespace mm {
namespace {

/// 2^(j/16), rounded to nearest.
constexpr double edges[DecayedLogHistogram::bins_per_octave + 1] = {
    1.0,
    1.0442737824274138,
    1.0905077326652577,
    1.1387886347566916,
    1.189207115002721,
    1.241857812073484,
    1.2968395546510096,
    1.3542555469368927,
    1.4142135623730951,
    1.4768261459394993,
    1.5422108254079407,
    1.6104903319492543,
    1.681792830507429,
    1.7562521603732995,
    1.8340080864093424,
    1.9152065613971474,
    2.0,
};

struct Place {
  int octave;
  int bin;        // inside the octave
  double scaled;  // the value over its octave's lower edge, in [1, 2)
};

constexpr int bias = 1023;
constexpr int fraction_bits = 52;

/// Values outside the range take the place of its ends. Requires value > 0.
Place place_of(double value) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  const int octave =
      static_cast<int>(bits >> fraction_bits) - bias - DecayedLogHistogram::lowest_exponent;
  constexpr std::uint64_t fraction = (std::uint64_t{1} << fraction_bits) - 1;
  const double scaled =
      std::bit_cast<double>((bits & fraction) | (std::uint64_t{bias} << fraction_bits));
  if (octave < 0) return {0, 0, 1};
  if (octave >= DecayedLogHistogram::octaves)
    return {DecayedLogHistogram::octaves - 1, DecayedLogHistogram::bins_per_octave - 1, 2};
  int bin = 0;
  for (int step = DecayedLogHistogram::bins_per_octave / 2; step > 0; step /= 2)
    if (scaled >= edges[bin + step]) bin += step;
  return {octave, bin, scaled};
}

std::size_t index_of(int octave, int bin) {
  return static_cast<std::size_t>(octave * DecayedLogHistogram::bins_per_octave + bin);
}

double lower_edge_of_octave(int octave) {
  return std::bit_cast<double>(
      static_cast<std::uint64_t>(octave + DecayedLogHistogram::lowest_exponent + bias)
      << fraction_bits);
}

/// Sums of the edges of each bin of an octave: twice its middle.
constexpr std::array<double, DecayedLogHistogram::bins_per_octave> edge_sums = [] {
  std::array<double, DecayedLogHistogram::bins_per_octave> sums{};
  for (std::size_t bin = 0; bin < sums.size(); ++bin) sums[bin] = edges[bin] + edges[bin + 1];
  return sums;
}();

/// Above this the counts are divided by the weight: far from overflow, seldom reached.
constexpr double largest_unit = 1e120;

}  // namespace

void DecayedLogHistogram::add(Time now, double value, Duration tau) {
  add_by(last_ ? decay_factor(now - *last_, tau) : 0, now, value);
}

void DecayedLogHistogram::add_by(double left, Time now, double value) {
  MM_ASSERT(value > 0 && std::isfinite(value), "a log histogram takes positive numbers");
  if (last_) unit_ = left > 0 ? unit_ / left : 2 * largest_unit;
  last_ = now;
  if (!(unit_ <= largest_unit)) {
    const double down = std::isfinite(unit_) ? 1 / unit_ : 0;
    for (double& count : octave_counts_) count *= down;
    for (double& mass : octave_masses_) mass *= down;
    for (double& count : counts_) count *= down;
    total_ *= down;
    unit_ = 1;
  }
  const Place place = place_of(value);
  lowest_ = std::min(lowest_, place.octave);
  total_ += unit_;
  counts_[index_of(place.octave, place.bin)] += unit_;
  octave_counts_[static_cast<std::size_t>(place.octave)] += unit_;
  octave_masses_[static_cast<std::size_t>(place.octave)] +=
      unit_ * lower_edge_of_octave(place.octave) * edge_sums[static_cast<std::size_t>(place.bin)] /
      2;
}

double DecayedLogHistogram::weight() const {
  return total_ / unit_;
}

double DecayedLogHistogram::weight(Time now, Duration tau) const {
  return last_ ? weight() * decay_factor(now - *last_, tau) : 0;
}

double DecayedLogHistogram::count_below(double x) const {
  if (!(x > 0)) return 0;
  const Place place = place_of(x);
  double sum = 0;
  for (int octave = lowest_; octave < place.octave; ++octave)
    sum += octave_counts_[static_cast<std::size_t>(octave)];
  const double* const counts = &counts_[index_of(place.octave, 0)];
  for (int bin = 0; bin < place.bin; ++bin) sum += counts[bin];
  const double low = edges[place.bin];
  const double part = (place.scaled - low) / (edges[place.bin + 1] - low);
  return sum + counts[place.bin] * part;
}

double DecayedLogHistogram::mass_below(double x) const {
  if (!(x > 0)) return 0;
  const Place place = place_of(x);
  double sum = 0;
  for (int octave = lowest_; octave < place.octave; ++octave)
    sum += octave_masses_[static_cast<std::size_t>(octave)];
  const double base = lower_edge_of_octave(place.octave);
  const double* const counts = &counts_[index_of(place.octave, 0)];
  for (int bin = 0; bin < place.bin; ++bin)
    sum += counts[bin] * base * edge_sums[static_cast<std::size_t>(bin)] / 2;
  const double low = edges[place.bin];
  const double part = (place.scaled - low) / (edges[place.bin + 1] - low);
  return sum + counts[place.bin] * part * base * (low + place.scaled) / 2;
}

std::optional<double> DecayedLogHistogram::share_above(double x) const {
  if (!(total_ > 0)) return std::nullopt;
  const double share = 1 - count_below(x) / total_;
  return share < 0 ? 0.0 : share;
}

std::optional<double> DecayedLogHistogram::mean_up_to(double x) const {
  if (!(total_ > 0)) return std::nullopt;
  return mass_below(x) / total_;
}

std::optional<double> DecayedLogHistogram::quantile(double q) const {
  if (!(total_ > 0)) return std::nullopt;
  double wanted = q * total_;
  std::optional<double> highest;  // the upper edge of the last bin passed that holds anything
  for (int octave = lowest_; octave < octaves; ++octave) {
    const double in_octave = octave_counts_[static_cast<std::size_t>(octave)];
    if (in_octave == 0) continue;
    const double base = lower_edge_of_octave(octave);
    if (wanted > in_octave) {
      wanted -= in_octave;
      highest = 2 * base;
      continue;
    }
    int last = -1;  // of the bins passed
    for (int bin = 0; bin < bins_per_octave; ++bin) {
      const double count = counts_[index_of(octave, bin)];
      if (count == 0) continue;
      if (wanted <= count)
        return base * (edges[bin] + (edges[bin + 1] - edges[bin]) * (wanted / count));
      wanted -= count;
      last = bin;
    }
    return last >= 0 ? base * edges[last + 1] : highest;  // rounding ate the rest
  }
  return highest;
}

void DecayedLogHistogram::save(ByteWriter& out) const {
  put_optional(out, last_);
  out.put_double(unit_);
  out.put_double(total_);
  out.put_i64(lowest_);
  for (const double mass : octave_masses_) out.put_double(mass);
  std::uint64_t used = 0;
  for (const double count : counts_) used += count != 0 ? 1 : 0;
  out.put_u64(used);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    out.put_u64(i);
    out.put_double(counts_[i]);
  }
  for (const double count : octave_counts_) out.put_double(count);
}

void DecayedLogHistogram::restore(ByteReader& in) {
  *this = DecayedLogHistogram{};
  last_ = get_optional_time(in);
  unit_ = in.get_double();
  total_ = in.get_double();
  const std::int64_t lowest = in.get_i64();
  if (lowest < 0 || lowest > octaves) in.fail();
  lowest_ = in.failed() ? octaves : static_cast<int>(lowest);
  for (double& mass : octave_masses_) mass = in.get_double();
  const std::uint64_t used = in.get_u64();
  if (used > counts_.size()) in.fail();
  for (std::uint64_t i = 0; i < used && !in.failed(); ++i) {
    const std::uint64_t at = in.get_u64();
    if (at >= counts_.size()) {
      in.fail();
      break;
    }
    counts_[at] = in.get_double();
  }
  for (double& count : octave_counts_) count = in.get_double();
}

}  // namespace mm
