#include "engine/features/walls.hpp"

#include <algorithm>

namespace mm {
namespace {

std::int64_t ms_between(Time from, Time to) {
  return (to - from).count() / 1'000'000;
}

}  // namespace

Wall* SideWalls::find(std::int64_t bucket) {
  for (std::size_t i = 0; i < count_; ++i)
    if (walls_[i].bucket == bucket) return &walls_[i];
  return nullptr;
}

void SideWalls::on_trade(const SideWindow& window, Price price, std::int64_t lots, Time stamp) {
  if (count_ == 0) return;
  Wall* wall = find(window.bucket_of(price));
  if (wall != nullptr && !wall->gone_at) wall->flow.on_trade(lots, stamp);
}

void SideWalls::take_book(const WallSettings& settings, Wall& wall, std::int64_t lots, Time stamp) {
  wall.lots = std::max(lots, std::int64_t{0});
  wall.flow.on_book(wall.lots, stamp);
  wall.lots_largest = std::max(wall.lots_largest, wall.lots);
  if (static_cast<double>(wall.lots) >=
      settings.height_share * static_cast<double>(wall.lots_largest))
    wall.flow.forget_past();
}

Change SideWalls::change_of(ChangeKind kind, const WallScene& scene, const Wall& wall) const {
  return {.kind = kind,
          .side = side_,
          .price = wall.largest.price,
          .qty = Qty::from_lots(wall.lots),
          .ratio = wall.ratio,
          .z = wall.z,
          .age_ms = ms_between(wall.since, scene.now)};
}

// A wall, or candidate, that is there: does it stay one?
void SideWalls::judge(const WallSettings& settings, const WallScene& scene,
                      const SideWindow& window, const UsualSize& usual, Wall& wall,
                      ChangeList& changes) {
  const double lots = static_cast<double>(wall.lots);
  wall.ratio = usual.ratio(lots);
  wall.z = wall.lots > 0 ? usual.z(lots) : -1e3;
  wall.flicker.sample(scene.now, lots, wall.theta, wall.theta / 2, settings.flicker_tau);
  if (wall.confirmed()) {
    if (lots < settings.end_share * static_cast<double>(wall.lots_confirmed) ||
        wall.z < settings.end_z)
      wall.gone_at = scene.now;
  } else if (wall.ratio < settings.thresholds.ratio_min || wall.z < settings.thresholds.z_min ||
             lots * scene.value_per_lot < settings.min_notional) {
    wall.gone_at = scene.now;
  } else if (scene.now - wall.since >= settings.confirm_after) {
    wall.lots_confirmed = wall.lots;
    wall.largest = window.largest_in(wall.bucket);
    changes.add(change_of(ChangeKind::wall_appeared, scene, wall));
  }
  if (!wall.standing()) return;

  if (window.qty_at(wall.largest.price) * 2 < wall.largest.qty.lots())
    wall.largest = window.largest_in(wall.bucket);
  // The opposite best within approach_tenth_bps: 2 |best - wall| 1e5 <= m2 tenths.
  const std::int64_t gap = sign(side_) * (scene.opposite_best.units() - wall.largest.price.units());
  if (Int128{2} * gap * 100'000 <= Int128{scene.m2} * settings.approach_tenth_bps)
    wall.approached = true;
  const int size_class = spoof_size_class(wall.ratio);
  const SpoofScore score = mm::spoof_score(
      settings.spoof,
      {.flicker_hz = wall.flicker.rate_hz(scene.now, settings.flicker_tau).value_or(0),
       .pulls = pulls(scene.now, settings.outcome_half_life, size_class),
       .fills = fills(scene.now, settings.outcome_half_life, size_class),
       .is_round = is_round_price(wall.largest.price, scene.tick),
       .opposite_flow = scene.opposite_flow.value_or(0),
       .size_ratio = wall.ratio,
       .age_s = seconds_of(scene.now - wall.since)});
  wall.spoof_score = score.score;
  wall.fake = wall.fake ? score.score >= settings.fake_off : score.score > settings.fake_on;
}

// A candidate that no wall stands for: one that has just left next door, or a new one.
void SideWalls::meet(const WallSettings& settings, const WallScene& scene, const SideWindow& window,
                     const UsualSize& usual, std::int64_t bucket, std::int64_t lots,
                     Time book_stamp, ChangeList& changes) {
  const Level largest = window.largest_in(bucket);
  for (std::size_t i = 0; i < count_; ++i) {
    Wall& wall = walls_[i];
    const std::int64_t steps = bucket - wall.bucket;
    if (!wall.gone_at || steps < -1 || steps > 1) continue;
    wall.gone_at.reset();
    wall.bucket = bucket;
    wall.largest = largest;
    wall.lots = lots;
    wall.lots_largest = lots;
    if (wall.confirmed()) wall.lots_confirmed = lots;
    wall.flow.start(lots, book_stamp);
    wall.ratio = usual.ratio(static_cast<double>(lots));
    wall.z = usual.z(static_cast<double>(lots));
    if (steps == 0) return;
    ++wall.moves;
    if (wall.confirmed()) {
      Change change = change_of(ChangeKind::wall_moved, scene, wall);
      change.steps = steps;
      changes.add(change);
    }
    return;
  }
  if (count_ == capacity) return;
  Wall& wall = walls_[count_++];
  wall = Wall{.bucket = bucket, .largest = largest, .lots = lots, .since = scene.now};
  wall.lots_largest = lots;
  wall.theta = settings.thresholds.ratio_min * usual.median;
  wall.ratio = usual.ratio(static_cast<double>(lots));
  wall.z = usual.z(static_cast<double>(lots));
  wall.flow.start(lots, book_stamp);
  wall.flicker.sample(scene.now, static_cast<double>(lots), wall.theta, wall.theta / 2,
                      settings.flicker_tau);
}

void SideWalls::finish(const WallSettings& settings, const WallScene& scene, const Wall& wall,
                       ChangeList& changes) {
  if (!wall.confirmed()) return;
  const std::optional<double> fraction =
      pulled_fraction(static_cast<double>(std::max(wall.flow.cancelled(), std::int64_t{0})),
                      static_cast<double>(wall.flow.filled()));
  const WallOutcome outcome = fraction ? outcome_of(*fraction) : WallOutcome::mixed;
  const ChangeKind kind = outcome == WallOutcome::pulled   ? ChangeKind::wall_pulled
                          : outcome == WallOutcome::filled ? ChangeKind::wall_filled
                                                           : ChangeKind::wall_gone;
  Change change = change_of(kind, scene, wall);
  change.pulled_fraction = fraction;
  changes.add(change);
  if (!wall.approached || !fraction) return;
  const Duration tau = tau_of_half_life(settings.outcome_half_life);
  const double ratio = wall.theta > 0 ? static_cast<double>(wall.lots_confirmed) / wall.theta *
                                            settings.thresholds.ratio_min
                                      : 0;
  auto& counters = outcome == WallOutcome::pulled ? pulls_ : fills_;
  counters[static_cast<std::size_t>(spoof_size_class(ratio))].add(scene.now, 1, tau);
}

void SideWalls::decide(const WallSettings& settings, const WallScene& scene,
                       const WindowEdges& edges, const SideWindow& window, Time book_stamp,
                       ChangeList& changes) {
  const SideWindow::Buckets buckets = window.buckets_in_window(edges);
  const int count = std::min(buckets.count, static_cast<int>(UsualSizeFinder::capacity));
  UsualSizeFinder finder;
  double largest = 0;
  for (int i = 0; i < count; ++i) {
    const double lots = static_cast<double>(buckets.lots[static_cast<std::size_t>(i)]);
    finder.add(lots);
    largest = std::max(largest, lots);
  }
  const std::optional<double> median = finder.median(settings.thresholds);
  // Nothing large and nothing known: no logarithms.
  const bool any_large = median && largest / *median >= settings.thresholds.ratio_min;
  if (median && (any_large || count_ != 0)) {
    const UsualSize usual = finder.usual(settings.thresholds);
    for (std::size_t i = 0; i < count_; ++i) {
      Wall& wall = walls_[i];
      if (wall.gone_at) continue;
      wall.lots = window.bucket_qty(wall.bucket);
      judge(settings, scene, window, usual, wall, changes);
    }
    for (int i = 0; any_large && i < count; ++i) {
      const std::int64_t bucket = buckets.at(i);
      const std::int64_t lots = buckets.lots[static_cast<std::size_t>(i)];
      const double size = static_cast<double>(lots);
      if (usual.ratio(size) < settings.thresholds.ratio_min ||
          size * scene.value_per_lot < settings.min_notional)
        continue;
      const Wall* known = find(bucket);
      if (known != nullptr && !known->gone_at) continue;
      if (is_large(usual, settings.thresholds, size))
        meet(settings, scene, window, usual, bucket, lots, book_stamp, changes);
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Wall& wall = walls_[i];
    if ((wall.bucket - buckets.nearest) * buckets.step >= buckets.count) {
      // The window moved away from it: nobody can say what becomes of it.
      if (wall.confirmed()) changes.add(change_of(ChangeKind::wall_gone, scene, wall));
      continue;
    }
    if (wall.gone_at && scene.now - *wall.gone_at >= settings.move_within) {
      finish(settings, scene, wall, changes);
      continue;
    }
    if (kept != i) walls_[kept] = wall;
    ++kept;
  }
  count_ = kept;
}

std::size_t SideWalls::standing(std::span<Level, capacity> out) const {
  std::size_t count = 0;
  for (const Wall& wall : all())
    if (wall.standing()) out[count++] = {wall.largest.price, Qty::from_lots(wall.lots)};
  return count;
}

double SideWalls::pulls(Time now, Duration half_life, int size_class) const {
  const DecayedSum& sum = pulls_[static_cast<std::size_t>(size_class)];
  return sum.last() ? sum.at(now, tau_of_half_life(half_life)) : 0;
}

double SideWalls::fills(Time now, Duration half_life, int size_class) const {
  const DecayedSum& sum = fills_[static_cast<std::size_t>(size_class)];
  return sum.last() ? sum.at(now, tau_of_half_life(half_life)) : 0;
}

void SideWalls::save(ByteWriter& out) const {
  out.put_u64(count_);
  for (const Wall& wall : all()) {
    for (const std::int64_t value :
         {wall.bucket, wall.largest.price.units(), wall.largest.qty.lots(), wall.lots,
          wall.lots_confirmed, wall.lots_largest, wall.moves, to_ns(wall.since)})
      out.put_i64(value);
    put_optional(out, wall.gone_at);
    out.put_flag(wall.approached);
    out.put_flag(wall.fake);
    out.put_double(wall.ratio);
    out.put_double(wall.z);
    out.put_double(wall.theta);
    put_optional(out, wall.spoof_score);
    wall.flow.save(out);
    wall.flicker.save(out);
  }
  for (const DecayedSum& sum : pulls_) sum.save(out);
  for (const DecayedSum& sum : fills_) sum.save(out);
}

void SideWalls::restore(ByteReader& in) {
  *this = SideWalls{side_};
  const std::uint64_t count = in.get_u64();
  if (count > capacity) in.fail();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
    Wall& wall = walls_[count_++];
    wall.bucket = in.get_i64();
    const std::int64_t price = in.get_i64();
    wall.largest = {Price::from_units(price), Qty::from_lots(in.get_i64())};
    for (std::int64_t* value : {&wall.lots, &wall.lots_confirmed, &wall.lots_largest, &wall.moves})
      *value = in.get_i64();
    wall.since = time_from_ns(in.get_i64());
    wall.gone_at = get_optional_time(in);
    wall.approached = in.get_flag();
    wall.fake = in.get_flag();
    for (double* value : {&wall.ratio, &wall.z, &wall.theta}) *value = in.get_double();
    wall.spoof_score = get_optional_double(in);
    wall.flow.restore(in);
    wall.flicker.restore(in);
  }
  for (DecayedSum& sum : pulls_) sum.restore(in);
  for (DecayedSum& sum : fills_) sum.restore(in);
}

}  // namespace mm
