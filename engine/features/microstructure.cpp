#include "engine/features/microstructure.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "engine/features/queue_position.hpp"
#include "engine/numeric.hpp"

namespace mm {
namespace {

constexpr Side sides[] = {Side::buy, Side::sell};

/// Twice the mid.
std::int64_t doubled_mid(const Touch& touch) {
  return touch.bid.price.units() + touch.ask.price.units();
}

bool is_better(Side side, Price a, Price b) {
  return side == Side::buy ? a > b : a < b;
}

double value_of_a_lot(const Instrument& definition, std::int64_t m2) {
  if (definition.contract == ContractKind::inverse)
    return static_cast<double>(definition.contract_size);
  const std::int64_t decimals = std::clamp(definition.price_decimals + definition.lot_decimals,
                                           std::int64_t{0}, std::int64_t{18});
  return static_cast<double>(m2) / 2 / static_cast<double>(power_of_ten(decimals));
}

}  // namespace

void Microstructure::Dynamics::restart_velocities() {
  for (Velocity* velocity : {&centroid, &centroid_rel, &bid_centroid, &ask_centroid})
    velocity->restart();
}

Microstructure::Microstructure(const MicrostructureSettings& settings)
    : settings_(settings),
      edges_(settings.window),
      reader_(settings.window, settings.pressure_d0_bps),
      flush_on_(settings.flush.score_on) {
  for (std::vector<Level>* levels : {&hidden_[0], &hidden_[1], &shown_}) levels->reserve(256);
}

// ---------------------------------------------------------------- events

void Microstructure::on_event(const Event& event, const InstrumentState& instrument) {
  // The book holds this event already, so a window built now holds it, too.
  const bool just_built = restored_ && rebuild_after_restore(instrument);
  if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
    book_stamp_ = event.header.exchange_time;
    if (!bid_window_.built()) {
      book_is_new_ = true;
      return;
    }
    if (!just_built) {
      bid_window_.apply(delta->bids);
      ask_window_.apply(delta->asks);
    }
    if (!bid_walls_.empty() || !ask_walls_.empty()) books_to_walls(instrument);
  } else if (const auto* trade = std::get_if<Trade>(&event.body)) {
    const std::int64_t lots = std::clamp(trade->qty.lots(), std::int64_t{0}, max_lots);
    const Side consumed = opposite(trade->aggressor);
    (trade->aggressor == Side::buy ? bought_ : sold_) += static_cast<std::uint64_t>(lots);
    walls_of(consumed).on_trade(window_of(consumed), trade->price, lots,
                                event.header.exchange_time);
  } else if (std::holds_alternative<BookSnapshot>(event.body)) {
    book_stamp_ = event.header.exchange_time;
    book_is_new_ = true;
    forget_book();
  } else if (const auto* status = std::get_if<FeedStatus>(&event.body)) {
    if (status->state != FeedState::gap && status->state != FeedState::lost) return;
    forget_book();
    dynamics_.restart_velocities();
    past_count_ = 0;
    bid_walls_.clear();
    ask_walls_.clear();
    bid_flicker_.clear();
    ask_flicker_.clear();
  }
}

void Microstructure::forget_book() {
  bid_window_.clear();
  ask_window_.clear();
  built_m2_ = 0;
}

bool Microstructure::rebuild_after_restore(const InstrumentState& instrument) {
  restored_ = false;
  if (built_m2_ == 0) return false;
  const bool built = bid_window_.rebuild(edges_, bucket_units_, built_m2_, instrument.book()) &&
                     ask_window_.rebuild(edges_, bucket_units_, built_m2_, instrument.book());
  if (!built) forget_book();
  return built;
}

void Microstructure::books_to_walls(const InstrumentState&) {
  for (const Side side : sides)
    walls_of(side).on_book(settings_.walls, window_of(side), book_stamp_,
                           [&](std::int64_t bucket) { return own_in_bucket(side, bucket); });
}

void Microstructure::set_own(std::span<const OwnLevel> own) {
  own_count_ = std::min(own.size(), own_capacity);
  std::copy_n(own.begin(), own_count_, own_.begin());
}

std::int64_t Microstructure::own_at(Side side, Price price) const {
  std::int64_t lots = 0;
  for (std::size_t i = 0; i < own_count_; ++i)
    if (own_[i].side == side && own_[i].price == price) lots += own_[i].qty.lots();
  return lots;
}

std::int64_t Microstructure::own_in_bucket(Side side, std::int64_t bucket) const {
  std::int64_t lots = 0;
  for (std::size_t i = 0; i < own_count_; ++i)
    if (own_[i].side == side && window_of(side).bucket_of(own_[i].price) == bucket)
      lots += own_[i].qty.lots();
  return lots;
}

// ---------------------------------------------------------------- the others-only book

Level Microstructure::others_best(Side side, const InstrumentState& instrument) const {
  const Level shown = side == Side::buy ? instrument.touch().bid : instrument.touch().ask;
  if (own_count_ == 0) return shown;
  Level best;
  instrument.for_each_level(side, [&](const Level& level) {
    const std::int64_t others = level.qty.lots() - own_at(side, level.price);
    if (others <= 0) return true;
    best = {level.price, Qty::from_lots(others)};
    return false;
  });
  return best;
}

bool Microstructure::readable(Time now, const InstrumentState& instrument, Touch& others) const {
  if (instrument.book_state() != BookState::valid || instrument.reported_stale() ||
      now - instrument.last_update() > settings_.stale || !instrument.touch().two_sided())
    return false;
  others = {others_best(Side::buy, instrument), others_best(Side::sell, instrument)};
  return others.two_sided() && others.bid.price.units() > 0 &&
         others.ask.price.units() <= max_price_units;
}

bool Microstructure::place_windows(std::int64_t m2, const InstrumentState& instrument) {
  if (restored_) rebuild_after_restore(instrument);
  if (bucket_units_ == 0) {
    // Fixed for the session: the bucket's width at the first mid, whole ticks.
    const std::int64_t tick = std::max<std::int64_t>(
        tick_at(instrument.definition(), instrument.touch().bid.price).units(), 1);
    const std::int64_t width = m2 * settings_.window.bucket_tenth_bps / 200'000;
    bucket_units_ = std::max<std::int64_t>((width + tick - 1) / tick, 1) * tick;
  }
  if (!bid_window_.move_to(edges_, m2) || !ask_window_.move_to(edges_, m2)) {
    if (!bid_window_.rebuild(edges_, bucket_units_, m2, instrument.book()) ||
        !ask_window_.rebuild(edges_, bucket_units_, m2, instrument.book())) {
      forget_book();
      return false;
    }
    built_m2_ = m2;
  }
  bid_window_.set_threshold(threshold_);
  ask_window_.set_threshold(threshold_);
  return true;
}

// Levels under a newer best quote are hidden, its own are shown; our sizes leave.
void Microstructure::hide_what_is_not_there(const InstrumentState& instrument) {
  for (const Side side : sides) {
    const Level& front = side == Side::buy ? instrument.touch().bid : instrument.touch().ask;
    if (instrument.book().best(side) == front) continue;
    SideWindow& window = window_of(side);
    std::vector<Level>& before = hidden_[static_cast<std::size_t>(side)];
    shown_.clear();
    instrument.book().for_each_level(side, [&](const Level& level) {
      if (!is_better(side, level.price, front.price)) return false;
      before.push_back(level);
      shown_.push_back({level.price, Qty{}});
      return true;
    });
    before.push_back({front.price, Qty::from_lots(window.qty_at(front.price))});
    shown_.push_back(front);
    window.apply(shown_);
  }
  for (std::size_t i = 0; i < own_count_; ++i) {
    const OwnLevel& own = own_[i];
    SideWindow& window = window_of(own.side);
    const std::int64_t lots = window.qty_at(own.price);
    own_shown_[i] = lots;
    window.set(own.price, lots - own.qty.lots());
  }
}

void Microstructure::show_the_book_again() {
  for (std::size_t i = own_count_; i-- > 0;)
    window_of(own_[i].side).set(own_[i].price, own_shown_[i]);
  for (const Side side : sides) {
    std::vector<Level>& before = hidden_[static_cast<std::size_t>(side)];
    window_of(side).apply(before);
    before.clear();
  }
}

// ---------------------------------------------------------------- decisions

const Features& Microstructure::decide(Time now, const InstrumentState& instrument,
                                       ChangeList& changes) {
  features_ = Features{};
  features_.at = now;
  if (last_decision_) step_ = now - *last_decision_;
  last_decision_ = now;
  Touch others;
  if (readable(now, instrument, others)) {
    features_.touch = others;
    features_.touch_features = touch_features(others);
    if (place_windows(doubled_mid(others), instrument)) {
      if (book_is_new_) books_to_walls(instrument);
      book_is_new_ = false;
      hide_what_is_not_there(instrument);
      read_window(now, instrument, others, changes);
      show_the_book_again();
    }
    remember(now);
  }
  read_liquidity(now, changes);
  return features_;
}

void Microstructure::read_window(Time now, const InstrumentState& instrument, const Touch& others,
                                 ChangeList& changes) {
  const std::int64_t m2 = doubled_mid(others);
  const auto coverage = [&](const SideWindow& window, std::optional<double>& bps) {
    const std::int64_t farthest = window.farthest();
    if (farthest < 0) return false;
    bps = static_cast<double>(farthest) / static_cast<double>(m2) * 1e4;
    return Int128{farthest} * WindowEdges::per_one >= Int128{m2} * edges_.window_fiftieths();
  };
  const bool bids_cover = coverage(bid_window_, features_.bid_coverage_bps);
  const bool asks_cover = coverage(ask_window_, features_.ask_coverage_bps);
  if (!bids_cover || !asks_cover) return;

  WindowSums sums;
  if (!window_sums(edges_, m2, bid_window_, ask_window_, sums)) return;
  if (sums.bids.window.qty + sums.asks.window.qty == 0) return;
  if (!started_) started_ = now;
  read_dynamics(now, sums);
  if (!next_threshold_ || now >= *next_threshold_) {
    next_threshold_ = now + settings_.threshold_step;
    threshold_ = static_cast<std::int64_t>(settings_.band_theta_mult *
                                           dynamics_.reference.value().value_or(0));
    bid_window_.set_threshold(threshold_);
    ask_window_.set_threshold(threshold_);
    window_sums(edges_, m2, bid_window_, ask_window_, sums);
  }
  features_.band_threshold = static_cast<double>(threshold_);
  features_.window = reader_.read(sums, threshold_);
  const Duration passed = dynamics_.last ? now - *dynamics_.last : Duration{};
  const double fades = settings_.density_tau == settings_.velocity.tau_slow
                           ? dynamics_.fades_slow
                           : decay_factor(passed, settings_.density_tau);
  dynamics_.density.update_by(fades, now, *features_.window.band_density);
  dynamics_.last = now;
  read_flicker(now);
  read_walls(now, instrument, others, changes);
  read_flushes(now, sums, changes);
}

void Microstructure::read_dynamics(Time now, const WindowSums& sums) {
  Dynamics& d = dynamics_;
  const VelocitySettings& velocity = settings_.velocity;
  const Duration passed = d.last ? now - *d.last : Duration{};
  const double fast = decay_factor(passed, velocity.tau_fast);
  const double slow = decay_factor(passed, velocity.tau_slow);
  d.fades_slow = slow;
  const double base = decay_factor(passed, settings_.flush_tau);
  d.fades_flicker = settings_.flicker_tau == settings_.flush_tau
                        ? base
                        : decay_factor(passed, settings_.flicker_tau);
  const double reference = decay_factor(passed, settings_.tau_reference);

  const WithinEdge& bids = sums.bids.window;
  const WithinEdge& asks = sums.asks.window;
  const double total = static_cast<double>(bids.qty + asks.qty);
  d.reference.update_by(reference, now, total / (2.0 * sums.buckets));
  for (std::size_t b = 0; b < d.bid_base.size(); ++b) {
    d.bid_base[b].update_by(base, now, static_cast<double>(sums.bids.fifths[b]));
    d.ask_base[b].update_by(base, now, static_cast<double>(sums.asks.fifths[b]));
  }
  const double coverage = std::min(*features_.bid_coverage_bps, *features_.ask_coverage_bps);
  if (d.coverage_bps &&
      std::fabs(coverage - *d.coverage_bps) > settings_.coverage_change * *d.coverage_bps)
    d.restart_velocities();
  d.coverage_bps = coverage;
  if (bids.qty <= 0 || asks.qty <= 0) {
    d.restart_velocities();
    return;
  }

  const double m2 = static_cast<double>(sums.m2);
  const double offset = static_cast<double>(asks.distance - bids.distance) / total;
  const auto bps = [&](const WithinEdge& side) {
    return static_cast<double>(side.distance) / (static_cast<double>(side.qty) * m2) * 1e4;
  };
  d.centroid.update_by(fast, slow, now, (m2 + offset) / 2);
  d.centroid_rel.update_by(fast, slow, now, offset / m2 * 1e4);
  d.bid_centroid.update_by(fast, slow, now, bps(bids));
  d.ask_centroid.update_by(fast, slow, now, bps(asks));
  const double moved = *d.centroid.per_second(velocity);
  features_.migration_velocity = moved / (m2 / 2) * 1e4;
  features_.migration_velocity_rel = d.centroid_rel.per_second(velocity);
  features_.retreat_velocity_bid = d.bid_centroid.per_second(velocity);
  features_.retreat_velocity_ask = d.ask_centroid.per_second(velocity);
  const double square = d.score.last() == d.last && velocity.tau_square == settings_.tau_reference
                            ? reference
                            : decay_factor(now - d.score.last().value_or(now), velocity.tau_square);
  d.score.update_by(square, velocity, now, *features_.migration_velocity_rel);
  features_.z_velocity = d.score.z();
}

void Microstructure::read_flicker(Time now) {
  const double theta = static_cast<double>(threshold_);
  int buckets = 0;
  int changed = 0;
  for (const Side side : sides) {
    FlickerMap& map = side == Side::buy ? bid_flicker_ : ask_flicker_;
    const SideWindow::Buckets in_window = window_of(side).buckets_in_window(edges_);
    map.begin();
    for (int i = 0; i < in_window.count; ++i)
      changed += map.sample(now, in_window.at(i),
                            static_cast<double>(in_window.lots[static_cast<std::size_t>(i)]), theta,
                            settings_.flicker_tau);
    buckets += in_window.count;
  }
  // As DecayedRate, with the step the other averages share: count / (tau (1 - e^(-elapsed/tau))).
  Dynamics& d = dynamics_;
  d.flicker_count = d.fades_flicker * d.flicker_count + changed;
  d.flicker_seen = d.fades_flicker * d.flicker_seen + (1 - d.fades_flicker);
  if (d.flicker_seen > 0)
    features_.flicker_hz =
        d.flicker_count / (seconds_of(settings_.flicker_tau) * d.flicker_seen) / buckets;
}

void Microstructure::read_walls(Time now, const InstrumentState& instrument, const Touch& others,
                                ChangeList& changes) {
  const std::int64_t m2 = doubled_mid(others);
  std::optional<double> flow;  // + = buyers
  if (const Past* past = past_before(now - settings_.flow_window)) {
    const double bought = static_cast<double>(bought_ - past->bought);
    const double sold = static_cast<double>(sold_ - past->sold);
    if (bought + sold > 0) flow = (bought - sold) / (bought + sold);
  }
  const Instrument& definition = instrument.definition();
  for (const Side side : sides) {
    WallScene scene{.now = now, .m2 = m2, .tick = tick_at(definition, others.bid.price)};
    scene.value_per_lot = value_of_a_lot(definition, m2);
    scene.opposite_best = side == Side::buy ? others.ask.price : others.bid.price;
    if (flow) scene.opposite_flow = side == Side::buy ? *flow : -*flow;
    walls_of(side).decide(settings_.walls, scene, edges_, window_of(side), book_stamp_, changes);
  }
}

void Microstructure::read_flushes(Time now, const WindowSums& sums, ChangeList& changes) {
  const Past* past = past_before(now - settings_.flush_window);
  FlushThresholds thresholds = settings_.flush;
  thresholds.score_on = flush_on_;
  for (const Side side : sides) {
    FlushLatch& latch = side == Side::buy ? bid_flush_ : ask_flush_;
    FlushReading& reading = side == Side::buy ? features_.bid_flush : features_.ask_flush;
    if (past != nullptr && past->has_base) {
      const std::uint64_t traded = side == Side::buy ? sold_ - past->sold : bought_ - past->bought;
      std::array<double, WindowEdges::flush_buckets> cur{};
      for (std::size_t b = 0; b < cur.size(); ++b)
        cur[b] = static_cast<double>(sums.of(side).fifths[b]);
      reading.score = flush_score(side == Side::buy ? past->bid_base : past->ask_base, cur,
                                  static_cast<double>(traded));
    }
    const FlushLatch::Change change = latch.update(thresholds, now, reading.score);
    reading.active = latch.active();
    if (latch.active()) reading.started = latch.started_at();
    if (change == FlushLatch::Change::none) continue;
    const bool started = change == FlushLatch::Change::started;
    changes.add({.kind = started ? ChangeKind::flush_started : ChangeKind::flush_ended,
                 .side = side,
                 .age_ms = (now - latch.started_at()).count() / 1'000'000,
                 .score = reading.score->score,
                 .breadth = reading.score->breadth});
  }
  for (const FlushReading* reading : {&features_.bid_flush, &features_.ask_flush})
    if (reading->score &&
        (!features_.flush_score || reading->score->score > *features_.flush_score))
      features_.flush_score = reading->score->score;
}

void Microstructure::read_liquidity(Time now, ChangeList& changes) {
  LiquidityInputs inputs;
  LiquidityThresholds thresholds = settings_.liquidity;
  thresholds.flush_on = flush_on_;
  thresholds.flush_off = flush_on_ / 2;
  if (features_.window.band_density) {
    const double density = *dynamics_.density.value();
    if (!next_history_ || now >= *next_history_) {
      next_history_ = now + std::chrono::seconds{1};
      constexpr double least = 0x1p-30;  // a histogram holds what is above 0
      const bool seasoned = now - *started_ >= settings_.history_needed;
      if (seasoned) {
        median_density_ = density_history_.quantile(0.5);
        flush_on_ = std::max(settings_.flush.score_on,
                             flush_history_.quantile(settings_.flush_quantile).value_or(0));
      }
      density_history_.add(now, std::max(density, least), settings_.history_tau);
      if (features_.flush_score)
        flush_history_.add(now, std::max(*features_.flush_score, least), settings_.history_tau);
    }
    if (median_density_ && *median_density_ > 0) {
      features_.relative_density = density / *median_density_;
      inputs.density = features_.relative_density;
    } else {
      inputs.density = density;
      thresholds.density_on = settings_.absolute_density_on;
      thresholds.density_off = settings_.absolute_density_off;
    }
    inputs.z_velocity = features_.z_velocity;
    const FlushReading& bid = features_.bid_flush;
    const FlushReading& ask = features_.ask_flush;
    const bool bids_more = bid.score && (!ask.score || bid.score->score >= ask.score->score);
    inputs.flush = bids_more ? bid.score : ask.score;
  }
  const std::optional<LiquidityState> before = regime_.state();
  regime_.update(thresholds, now, inputs);
  features_.liquidity = regime_.state();
  if (regime_.state() == before) return;
  Change change{.kind = ChangeKind::liquidity_changed, .from = before, .to = regime_.state()};
  if (inputs.flush) {
    change.score = inputs.flush->score;
    change.breadth = inputs.flush->breadth;
  }
  change.density = inputs.density;
  change.z_velocity = inputs.z_velocity;
  changes.add(change);
}

// ---------------------------------------------------------------- the past

void Microstructure::remember(Time now) {
  constexpr Duration spacing = std::chrono::milliseconds{20};
  if (past_count_ != 0 && now - past_[(past_count_ - 1) % past_capacity].at < spacing) return;
  Past& past = past_[past_count_++ % past_capacity];
  past = {.at = now, .bought = bought_, .sold = sold_};
  past.has_base = features_.window.band_density.has_value();
  if (!past.has_base) return;
  for (std::size_t b = 0; b < past.bid_base.size(); ++b) {
    past.bid_base[b] = *dynamics_.bid_base[b].value();
    past.ask_base[b] = *dynamics_.ask_base[b].value();
  }
}

const Microstructure::Past* Microstructure::past_before(Time instant) const {
  const std::uint64_t first = past_count_ > past_capacity ? past_count_ - past_capacity : 0;
  for (std::uint64_t i = past_count_; i-- > first;)
    if (past_[i % past_capacity].at <= instant) return &past_[i % past_capacity];
  return nullptr;
}

// ---------------------------------------------------------------- questions

std::optional<WallContext> Microstructure::wall_context(Side side, Price quote,
                                                        const InstrumentState& instrument) const {
  if (!features_.present()) return std::nullopt;
  std::array<Level, SideWalls::capacity> walls;
  const std::size_t count = walls_of(side).standing(walls);
  return mm::wall_context(settings_.wall_position, side, quote, {walls.data(), count},
                          doubled_mid(features_.touch), tick_at(instrument.definition(), quote));
}

const Wall* Microstructure::wall_at(Side side, Price price) const {
  if (bucket_units_ == 0) return nullptr;
  const std::int64_t bucket = window_of(side).bucket_of(price);
  for (const Wall& wall : walls(side))
    if (wall.bucket == bucket && !wall.gone_at) return &wall;
  return nullptr;
}

Qty Microstructure::displayed(Side side, Price price, const InstrumentState& instrument) const {
  const Level& front = side == Side::buy ? instrument.touch().bid : instrument.touch().ask;
  if (front.qty == Qty{} || is_better(side, price, front.price)) return Qty{};
  const Qty shown = price == front.price ? front.qty : instrument.book().qty_at(side, price);
  return Qty::from_lots(std::max<std::int64_t>(shown.lots() - own_at(side, price), 0));
}

std::optional<double> Microstructure::flicker_hz(Side side, Price price) const {
  if (!last_decision_ || bucket_units_ == 0) return std::nullopt;
  const FlickerMap& map = side == Side::buy ? bid_flicker_ : ask_flicker_;
  return map.rate_hz(*last_decision_, window_of(side).bucket_of(price), settings_.flicker_tau);
}

std::optional<double> Microstructure::relative_visibility(Side side, Price price,
                                                          const InstrumentState& instrument) const {
  const std::int64_t ours = own_at(side, price);
  const std::int64_t shown = instrument.book().qty_at(side, price).lots();
  return mm::relative_visibility(ours, shown - ours);
}

}  // namespace mm
