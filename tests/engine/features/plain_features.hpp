#pragma once

// The features the slow way: every level walked at every decision, averages as the formulas say.
// What the incremental fold must agree with.

#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/features/microstructure.hpp"

namespace mm::test {

class PlainFeatures {
 public:
  explicit PlainFeatures(const MicrostructureSettings& settings) : settings_(settings) {}

  struct Reading {
    bool present = false;
    bool window = false;
    double mid = 0;
    std::array<double, 2> coverage{};  // bids, asks
    double asymmetry = 0, density = 0, density_levels = 0, centroid = 0, centroid_rel = 0;
    std::optional<double> entropy;
    double pressure = 0;
    std::array<std::array<std::int64_t, 3>, 2> depth{};
    double theta = 0;
    std::optional<double> velocity, velocity_rel, retreat_bid, retreat_ask, z;
    std::array<std::optional<FlushScore>, 2> flush;
    std::map<std::int64_t, std::int64_t> buckets[2];  // absolute, in the window
  };

  void on_event(const Event& event) {
    if (const auto* trade = std::get_if<Trade>(&event.body))
      volume_[trade->aggressor == Side::buy ? 0 : 1] += trade->qty.lots();
    if (const auto* status = std::get_if<FeedStatus>(&event.body)) {
      if (status->state != FeedState::gap && status->state != FeedState::lost) return;
      for (Average& average : slopes_) average = {};
      past_.clear();
    }
  }

  Reading decide(Time now, const InstrumentState& instrument, const std::vector<OwnLevel>& own) {
    Reading out;
    if (instrument.book_state() != BookState::valid || instrument.reported_stale() ||
        now - instrument.last_update() > std::chrono::milliseconds{2000})
      return out;
    std::vector<Level> levels[2];
    for (const Side side : {Side::buy, Side::sell})
      instrument.for_each_level(side, [&](const Level& level) {
        std::int64_t lots = level.qty.lots();
        for (const OwnLevel& each : own)
          if (each.side == side && each.price == level.price) lots -= each.qty.lots();
        if (lots > 0) levels[static_cast<int>(side)].push_back({level.price, Qty::from_lots(lots)});
      });
    if (levels[0].empty() || levels[1].empty() || levels[0][0].price >= levels[1][0].price)
      return out;
    if (!instrument.touch().two_sided()) return out;
    out.present = true;
    const std::int64_t m2 = levels[0][0].price.units() + levels[1][0].price.units();
    out.mid = static_cast<double>(m2) / 2;
    read_window(now, m2, levels, out);
    remember(now, out);
    return out;
  }

  std::int64_t bucket_units = 0;  ///< taken from the first mid, as the fold does; tick 1

 private:
  struct Average {
    bool started = false;
    double e = 0, held = 0;
    Time last;
    void update(Time now, double x, double tau) {
      if (started) {
        const double d = std::exp(-static_cast<double>((now - last).count()) / 1e9 / tau);
        e = d * e + (1 - d) * held;
      } else {
        e = x;
      }
      held = x;
      last = now;
      started = true;
    }
  };
  struct Past {
    Time at;
    bool has = false;
    std::array<std::array<double, 5>, 2> base{};
    std::array<std::int64_t, 2> volume{};
  };

  static bool within(std::int64_t distance, std::int64_t m2, std::int64_t tenths) {
    return Int128{distance} * 100'000 <= Int128{m2} * tenths;
  }

  void read_window(Time now, std::int64_t m2, const std::vector<Level> (&levels)[2], Reading& out) {
    const std::int64_t y = settings_.window.window_tenth_bps;
    const std::int64_t w = settings_.window.bucket_tenth_bps;
    const int n = settings_.window.buckets();
    if (bucket_units == 0) bucket_units = std::max<std::int64_t>(m2 * w / 200'000, 1);
    bool covered = true;
    std::vector<std::int64_t> sums(static_cast<std::size_t>(2 * n));
    std::array<std::array<std::int64_t, 5>, 2> fifths{};
    std::array<double, 2> qty{};
    std::array<double, 2> moment{};
    Int128 weighted = 0;
    Int128 total = 0;
    std::vector<std::int64_t> sizes;
    double up = 0, down = 0;
    for (int side = 0; side < 2; ++side) {
      std::int64_t farthest = 0;
      std::int64_t side_total = 0;
      Int128 side_moment = 0;
      for (const Level& level : levels[side]) {
        const std::int64_t lots = level.qty.lots();
        const std::int64_t signed_distance = 2 * level.price.units() - m2;
        const std::int64_t distance = side == 0 ? -signed_distance : signed_distance;
        if (Int128{distance} * 500'000 <= Int128{m2} * (y * 5 * 3 / 2)) farthest = distance;
        if (!within(distance, m2, y)) continue;
        const auto j = std::min<std::int64_t>(
            static_cast<std::int64_t>(Int128{distance} * 100'000 / (Int128{m2} * w)), n - 1);
        sums[static_cast<std::size_t>(side * n + j)] += lots;
        const auto b = std::min<std::int64_t>(
            static_cast<std::int64_t>(Int128{distance} * 500'000 / (Int128{m2} * y)), 4);
        fifths[static_cast<std::size_t>(side)][static_cast<std::size_t>(b)] += lots;
        side_total += lots;
        side_moment += Int128{distance} * lots;
        weighted += Int128{level.price.units()} * lots;
        total += lots;
        sizes.push_back(lots);
        for (std::size_t k = 0; k < 3; ++k)
          if (within(distance, m2, std::min(settings_.window.depth_tenth_bps[k], y)))
            out.depth[static_cast<std::size_t>(side)][k] += lots;
        const double weight = std::exp(-static_cast<double>(distance) / static_cast<double>(m2) *
                                       1e4 / settings_.pressure_d0_bps) *
                              static_cast<double>(lots);
        (side == 0 ? up : down) += weight;
      }
      const double bps = static_cast<double>(farthest) / static_cast<double>(m2) * 1e4;
      out.coverage[static_cast<std::size_t>(side)] = bps;
      if (Int128{farthest} * 100'000 < Int128{m2} * y) covered = false;
      qty[static_cast<std::size_t>(side)] = static_cast<double>(side_total);
      moment[static_cast<std::size_t>(side)] = static_cast<double>(side_moment);
    }
    if (!covered || total == 0) return;
    out.window = true;
    const double all = static_cast<double>(total);
    reference_.update(now, all / (2 * n), 600);
    if (!next_threshold_ || now >= *next_threshold_) {
      next_threshold_ = now + std::chrono::seconds{60};
      theta_ = static_cast<std::int64_t>(settings_.band_theta_mult * reference_.e);
    }
    out.theta = static_cast<double>(theta_);
    out.asymmetry = (qty[1] - qty[0]) / all;
    int dense = 0, filled = 0;
    double entropy = 0;
    for (const std::int64_t sum : sums) {
      dense += sum > theta_;
      filled += sum > 0;
      if (sum > 0) {
        const double share = static_cast<double>(sum) / all;
        entropy -= share * std::log(share);
      }
    }
    out.density = dense / (2.0 * n);
    if (filled >= 2) out.entropy = entropy / std::log(2.0 * n);
    int above = 0;
    for (const std::int64_t size : sizes) above += size > theta_;
    out.density_levels = static_cast<double>(above) / static_cast<double>(sizes.size());
    out.centroid = static_cast<double>(weighted) / all;
    out.centroid_rel = (out.centroid - out.mid) / out.mid * 1e4;
    out.pressure = (up - down) / (up + down);

    for (int side = 0; side < 2; ++side)
      for (std::size_t b = 0; b < 5; ++b)
        base_[side][b].update(now, static_cast<double>(fifths[static_cast<std::size_t>(side)][b]),
                              10);
    const double coverage = std::min(out.coverage[0], out.coverage[1]);
    if (coverage_ && std::abs(coverage - *coverage_) > 0.2 * *coverage_)
      for (Average& average : slopes_) average = {};
    coverage_ = coverage;
    if (qty[0] > 0 && qty[1] > 0) {
      const double series[4] = {out.centroid, out.centroid_rel,
                                moment[0] / qty[0] / static_cast<double>(m2) * 1e4,
                                moment[1] / qty[1] / static_cast<double>(m2) * 1e4};
      double slope[4];
      for (std::size_t i = 0; i < 4; ++i) {
        slopes_[2 * i].update(now, series[i], 1);
        slopes_[2 * i + 1].update(now, series[i], 5);
        slope[i] = (slopes_[2 * i].e - slopes_[2 * i + 1].e) / 4;
      }
      out.velocity = slope[0] / out.mid * 1e4;
      out.velocity_rel = slope[1];
      out.retreat_bid = slope[2];
      out.retreat_ask = slope[3];
      if (!squares_since_) squares_since_ = now;
      squares_.update(now, squares_.started ? slope[1] * slope[1] : 0, 600);
      const double elapsed = static_cast<double>((now - *squares_since_).count()) / 1e9;
      if (elapsed >= 5) {
        const double mean = squares_.e / (1 - std::exp(-elapsed / 600));
        if (mean > 1e-18) out.z = std::abs(slope[1]) / std::sqrt(mean);
      }
    }
    for (auto it = past_.rbegin(); it != past_.rend(); ++it) {
      if (it->at > now - std::chrono::milliseconds{500}) continue;
      if (it->has) {
        for (std::size_t side = 0; side < 2; ++side) {
          double cur = 0, before = 0;
          int count = 0, halved = 0;
          for (std::size_t b = 0; b < 5; ++b) {
            const double base = it->base[side][b];
            cur += static_cast<double>(fifths[side][b]);
            before += base;
            count += base > 0;
            halved += base > 0 && static_cast<double>(fifths[side][b]) <= base / 2;
          }
          const std::size_t taker = 1 - side;  // bids are consumed by sellers
          const double traded = static_cast<double>(volume_[taker] - it->volume[taker]);
          if (before > 0)
            out.flush[side] = FlushScore{std::max(0.0, before - cur - traded) / before,
                                         static_cast<double>(halved) / count};
        }
      }
      break;
    }
  }

  void remember(Time now, const Reading& out) {
    if (!past_.empty() && now - past_.back().at < std::chrono::milliseconds{20}) return;
    Past past{.at = now, .has = out.window, .volume = volume_};
    for (std::size_t side = 0; side < 2; ++side)
      for (std::size_t b = 0; b < 5; ++b) past.base[side][b] = base_[side][b].e;
    past_.push_back(past);
    if (past_.size() > 64) past_.pop_front();
  }

  MicrostructureSettings settings_;
  std::array<std::int64_t, 2> volume_{};  // taker buys, sells
  Average reference_, squares_;
  std::optional<Time> squares_since_;
  std::array<Average, 8> slopes_;
  std::array<Average, 5> base_[2];
  std::optional<Time> next_threshold_;
  std::int64_t theta_ = 0;
  std::optional<double> coverage_;
  std::deque<Past> past_;
};

}  // namespace mm::test
