#include "sim/synthetic/flow.hpp"

#include <algorithm>
#include <functional>

#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr Duration flush_time = std::chrono::milliseconds{100};  // mean

/// cos(2 pi turns) by its series around the nearest multiple of a quarter turn; error < 1e-12.
double cos_of_turns(double turns) {
  const auto quarters = static_cast<std::int64_t>(turns * 4 + (turns < 0 ? -0.5 : 0.5));
  const double x = 2 * pi * (turns - static_cast<double>(quarters) / 4);
  const double z = x * x;
  const double c = 1 - z / 2 * (1 - z / 12 * (1 - z / 30 * (1 - z / 56 * (1 - z / 90))));
  const double s = x * (1 - z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110)))));
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return c;
    case 1:
      return -s;
    case 2:
      return -c;
    default:
      return s;
  }
}

Time after(Time now, SplitMix64& random, double mean_s) {
  return now + duration_of(std::min(-det::log(random.uniform()) * mean_s, 1e9)) + Duration{1};
}

}  // namespace

SyntheticFlow::SyntheticFlow(const Instrument& instrument, const SyntheticSettings& settings,
                             Time start)
    : held_(std::make_shared<const Held>(Held{instrument, settings})),
      instrument_(held_->instrument),
      settings_(held_->settings),
      flow_(instrument.role == InstrumentRole::lead ? settings_.lead : settings_.quoted),
      lags_(instrument.role != InstrumentRole::lead && settings_.lag_s > 0),
      units_per_one_(static_cast<double>(power_of_ten(instrument.price_decimals))),
      path_(settings_, start),
      takers_(flow_,
              random_stream(settings_.seed, "takers", static_cast<std::uint64_t>(instrument.role)),
              start),
      walls_(flow_,
             random_stream(settings_.seed, "walls", static_cast<std::uint64_t>(instrument.role)),
             start),
      lag_random_(random_stream(settings_.seed, "lag")),
      maker_random_(
          random_stream(settings_.seed, "makers", static_cast<std::uint64_t>(instrument.role))),
      touch_random_(
          random_stream(settings_.seed, "touch", static_cast<std::uint64_t>(instrument.role))),
      taker_random_(
          random_stream(settings_.seed, "sizes", static_cast<std::uint64_t>(instrument.role))),
      flush_random_(
          random_stream(settings_.seed, "flush", static_cast<std::uint64_t>(instrument.role))),
      seen_(settings_.value),
      next_maker_(start),
      next_(find_next()) {}

Time SyntheticFlow::find_next() const {
  Time soonest = std::min({path_.next(), takers_.next(), next_maker_, walls_.next()});
  if (!news_.empty()) soonest = std::min(soonest, news_.front().at);
  return expiries_.empty() ? soonest : std::min(soonest, expiries_.front().at);
}

void SyntheticFlow::step(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = next_;
  actions_.clear();
  wall_notes_.clear();
  taker_.reset();
  moved_ = false;
  if (!expiries_.empty() && expiries_.front().at == now) {
    const OrderRef order = expiries_.front().order;
    std::pop_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
    expiries_.pop_back();
    withdraw(book, order);
  } else if (path_.next() == now) {
    follow_path(book, reports);
  } else if (!news_.empty() && news_.front().at == now) {
    const News news = news_.front();
    news_.pop_front();
    hear(book, reports, now, news.value);
  } else if (walls_.next() == now) {
    change_walls(book, reports);
  } else if (next_maker_ == now) {
    make(book, reports);
  } else {
    take(book, reports);
  }
  next_ = find_next();
}

AddOutcome SyntheticFlow::place(MatchingBook& book, const NewOrder& order,
                                std::vector<MatchReport>& reports) {
  const AddOutcome outcome = book.add(order, reports);
  if (outcome.status != AddStatus::would_match)
    actions_.push_back({FlowAction::Kind::add, order, outcome.ref});
  return outcome;
}

void SyntheticFlow::withdraw(MatchingBook& book, OrderRef order) {
  if (book.cancel(order)) actions_.push_back({FlowAction::Kind::withdraw, {}, order});
}

// ---------------------------------------------------------------- the value

void SyntheticFlow::follow_path(MatchingBook& book, std::vector<MatchReport>& reports) {
  path_.step();
  moved_ = true;
  const Time now = path_.now();
  if (path_.entered() && path_.regime() == Regime::cascade) flush();
  if (lags_) {
    const double drawn = std::clamp(lag_random_.normal(), -3.0, 3.0) * settings_.lag_sd_s;
    const Time at = now + duration_of(std::max(settings_.lag_s + drawn, 0.0));
    news_.push_back({news_.empty() ? at : std::max(at, news_.back().at), path_.value()});
  } else {
    hear(book, reports, now, path_.value());
  }
  set_baseline(book);
}

void SyntheticFlow::set_baseline(const MatchingBook& book) {
  const RegimeSettings& regime = settings_.of(path_.regime());
  const double base = flow_.takers_per_s * regime.intensity;
  double common = 0;
  if (flow_.settlement_weight != 0) {
    const auto interval = duration_of(settings_.funding_interval_s);
    const Duration since = path_.now().time_since_epoch() % interval;
    common = flow_.settlement_weight * cos_of_turns(seconds_of(since) / seconds_of(interval));
  }
  double gap = 0;
  const auto bid = book.best(Side::buy);
  const auto ask = book.best(Side::sell);
  if (flow_.gap_weight != 0 && bid && ask) {
    const double mid = 0.5 * static_cast<double>(bid->price.units() + ask->price.units());
    gap = flow_.gap_weight * (path_.value() * units_per_one_ / mid - 1) * 1e4;
  }
  const double bias = path_.direction() * regime.bias;
  const auto times = [](double exponent) { return det::exp(std::clamp(exponent, -3.0, 3.0)); };
  // Buyers take from the asks.
  takers_.set_baseline(path_.now(), base * (1 - bias) * times(common - gap),
                       base * (1 + bias) * times(common + gap));
}

void SyntheticFlow::flush() {
  const Time now = path_.now();
  for (Expiry& expiry : expiries_) {
    if (flush_random_.uniform() >= settings_.flush_share) continue;
    expiry.at = std::min(expiry.at, after(now, flush_random_, seconds_of(flush_time)));
  }
  std::make_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
}

double SyntheticFlow::edge() const {
  return flow_.spread_bps * settings_.of(path_.regime()).spread * 0.5e-4;
}

/// The nearest price at least `distance`, a fraction, away from the value.
Price SyntheticFlow::price_at(Side side, double distance) const {
  const double units = value_units();
  return side == Side::buy ? floor_to_tick(instrument_, units * (1 - distance))
                           : ceil_to_tick(instrument_, units * (1 + distance));
}

/// Behind the other side's best where a wall stands in the way.
Price SyntheticFlow::not_crossing(const MatchingBook& book, Side side, Price price) const {
  const auto other = book.best(opposite(side));
  if (!other) return price;
  return side == Side::buy ? std::min(price, next_below(instrument_, other->price))
                           : std::max(price, next_above(instrument_, other->price));
}

void SyntheticFlow::hear(MatchingBook& book, std::vector<MatchReport>& reports, Time now,
                         double value) {
  seen_ = value;
  flee(book, now);
  for (const Side side : {Side::buy, Side::sell}) pull_stale(book, side);
  for (const Side side : {Side::buy, Side::sell}) make_touch(book, side, now, reports);
}

/// Who stands too near the value, or on its other side, goes; but a wall stays.
void SyntheticFlow::pull_stale(MatchingBook& book, Side side) {
  const double limit = value_units() * (1 - static_cast<double>(sign(side)) * 0.5 * edge());
  const auto is_stale = [&](Price price) {
    const auto units = static_cast<double>(price.units());
    return side == Side::buy ? units > limit : units < limit;
  };
  const auto best = book.best(side);
  if (!best || !is_stale(best->price)) return;
  book.depth(side, book.level_count(side), depth_);
  for (const DepthLevel& level : depth_) {
    if (!is_stale(level.price)) break;
    book.orders_at(side, level.price, level_);
    for (const BookOrder& order : level_) {
      if (order.account.value == 0 && order.tag == 0) withdraw(book, order.ref);
    }
  }
}

void SyntheticFlow::make_touch(MatchingBook& book, Side side, Time now,
                               std::vector<MatchReport>& reports) {
  const Price wanted = not_crossing(book, side, price_at(side, edge()));
  const auto best = book.best(side);
  if (best && (side == Side::buy ? best->price >= wanted : best->price <= wanted)) return;
  NewOrder order;
  order.side = side;
  order.price = wanted;
  order.tif = TimeInForce::post_only;
  const double depth = settings_.of(path_.regime()).depth;
  order.qty = draw_qty(touch_random_, flow_.order_value * depth, flow_.order_sigma);
  if (wanted <= Price{} || order.qty <= Qty{}) return;
  const AddOutcome outcome = place(book, order, reports);
  if (outcome.status == AddStatus::resting) keep(outcome.ref, now);
}

// ---------------------------------------------------------------- makers and takers

/// Draws how long an order of a maker stays.
void SyntheticFlow::keep(OrderRef order, Time now) {
  const double life = flow_.lifetime_s / settings_.of(path_.regime()).cancel;
  expiries_.push_back({after(now, maker_random_, life), order});
  std::push_heap(expiries_.begin(), expiries_.end(), std::greater<>{});
}

void SyntheticFlow::make(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = next_maker_;
  next_maker_ = after(now, maker_random_, 1 / flow_.makers_per_s);
  NewOrder order;
  order.side = (maker_random_.next() >> 63) == 0 ? Side::buy : Side::sell;
  order.tif = TimeInForce::post_only;
  const double behind = -det::log(maker_random_.uniform()) * flow_.depth_bps * 1e-4;
  order.price = not_crossing(book, order.side, price_at(order.side, edge() + behind));
  const double depth = settings_.of(path_.regime()).depth;
  order.qty = draw_qty(maker_random_, flow_.order_value * depth, flow_.order_sigma);
  if (order.price <= Price{} || order.qty <= Qty{}) return;
  const AddOutcome outcome = place(book, order, reports);
  if (outcome.status == AddStatus::resting) keep(outcome.ref, now);
}

void SyntheticFlow::take(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = takers_.next();
  const auto side = takers_.arrive();
  if (!side) return;
  NewOrder order;
  order.side = *side;
  order.tif = TimeInForce::ioc;
  const double relative = det::exp(flow_.taker_sigma * taker_random_.normal());
  const bool walks = taker_random_.uniform() < flow_.walk_share;
  const double coin = taker_random_.uniform();
  order.qty = qty_for_value(instrument_, flow_.taker_value * relative,
                            Price::from_units(static_cast<std::int64_t>(value_units())));
  const std::size_t first = reports.size();
  AddOutcome outcome;
  if (const auto touch = book.best(opposite(order.side)); touch && order.qty > Qty{}) {
    const double beyond = walks ? edge() * value_units() : 0;
    const double limit =
        static_cast<double>(touch->price.units()) + static_cast<double>(sign(order.side)) * beyond;
    order.price = order.side == Side::buy
                      ? std::max(touch->price, floor_to_tick(instrument_, limit))
                      : std::min(touch->price, ceil_to_tick(instrument_, limit));
    outcome = place(book, order, reports);
  }
  const std::span<const MatchReport> trades = std::span{reports}.subspan(first);
  const bool sweeps = !trades.empty() && trades.front().price != trades.back().price;
  const double mark = takers_.size_mark(relative) * (sweeps ? flow_.mark_sweep : 1);
  takers_.excite(order.side, mark);
  const bool forced = path_.regime() == Regime::cascade && sign(order.side) == path_.direction() &&
                      coin < settings_.liquidation_share;
  taker_ = TakerNote{now, order.side, order.qty, outcome.filled, order.price, mark, forced};
  note_eaten_walls(trades, now);
}

Qty SyntheticFlow::draw_qty(SplitMix64& random, double median, double sigma) {
  return qty_for_value(instrument_, median * det::exp(sigma * random.normal()),
                       Price::from_units(static_cast<std::int64_t>(value_units())));
}

// ---------------------------------------------------------------- walls

void SyntheticFlow::note_eaten_walls(std::span<const MatchReport> reports, Time now) {
  for (const MatchReport& report : reports) {
    if (report.maker_account.value != 0 || report.maker_tag == 0) continue;
    Wall* wall = walls_.find(report.maker_tag);
    if (wall == nullptr) continue;
    wall->filled += report.qty;
    if (report.maker_left > Qty{}) continue;
    wall_notes_.push_back({now, WallFate::filled, *wall, {}});
    walls_.erase(wall->id);
  }
}

void SyntheticFlow::change_walls(MatchingBook& book, std::vector<MatchReport>& reports) {
  const Time now = walls_.next();
  if (walls_.next_arrival() == now) {
    Walls::Draft draft = walls_.arrive();
    Wall& wall = draft.wall;
    wall.price = price_at(wall.side, draft.distance_bps * 1e-4);
    wall.size = qty_for_value(instrument_, draft.value, wall.price);
    if (wall.price <= Price{} || wall.size <= Qty{}) return;
    if (!place_wall(book, wall, wall.size, reports)) return;
    walls_.standing().push_back(wall);
    wall_notes_.push_back({now, WallFate::standing, wall, {}});
    return;
  }
  const auto over =
      std::find_if(walls_.standing().begin(), walls_.standing().end(),
                   [now](const Wall& wall) { return wall.ends == now || wall.flickers == now; });
  if (over->ends != now) {
    flicker(book, *over, now, reports);
    return;
  }
  const std::optional<int> ticks = over->fake ? std::nullopt : walls_.move();
  if (ticks) {
    move_wall(book, *over, *ticks, now, reports);
  } else {
    end_wall(book, *over, now);
  }
}

/// Whether it rests now.
bool SyntheticFlow::place_wall(MatchingBook& book, Wall& wall, Qty qty,
                               std::vector<MatchReport>& reports) {
  const NewOrder order{.side = wall.side,
                       .price = wall.price,
                       .qty = qty,
                       .tif = TimeInForce::post_only,
                       .tag = wall.id};
  const AddOutcome outcome = place(book, order, reports);
  wall.order = outcome.ref;
  return outcome.status == AddStatus::resting;
}

void SyntheticFlow::flicker(MatchingBook& book, Wall& wall, Time now,
                            std::vector<MatchReport>& reports) {
  if (!wall.hidden) {
    withdraw(book, wall.order);
    wall.hidden = true;
    wall.flickers = now + Walls::flicker_time;
    return;
  }
  wall.hidden = false;
  wall.flickers = walls_.draw_flicker(now);
  // Where it would match by now it does not come back.
  if (!place_wall(book, wall, wall.size - wall.filled, reports)) end_wall(book, wall, now);
}

void SyntheticFlow::end_wall(MatchingBook& book, Wall& wall, Time now) {
  const auto resting = book.find(wall.order);
  withdraw(book, wall.order);
  wall_notes_.push_back({now, WallFate::pulled, wall, resting ? resting->left : Qty{}});
  walls_.erase(wall.id);
}

/// What is left of it goes to another price; where it would match there, it is pulled.
void SyntheticFlow::move_wall(MatchingBook& book, Wall& wall, int ticks, Time now,
                              std::vector<MatchReport>& reports) {
  const auto resting = book.find(wall.order);
  MM_ASSERT(resting.has_value(), "a standing wall has an order");
  Price price = wall.price;
  for (int i = 0; i < (ticks < 0 ? -ticks : ticks); ++i) {
    const bool up = (ticks > 0) == (wall.side == Side::buy);
    price = up ? next_above(instrument_, price) : next_below(instrument_, price);
  }
  if (price <= Price{} || book.would_match(wall.side, price)) {
    end_wall(book, wall, now);
    return;
  }
  withdraw(book, wall.order);
  wall.price = price;
  place_wall(book, wall, resting->left, reports);
  wall.ends = walls_.draw_end(now);
  ++wall.moves;
  wall_notes_.push_back({now, WallFate::moved, wall, {}});
}

/// Fakes that the value came near to vanish.
void SyntheticFlow::flee(MatchingBook& book, Time now) {
  for (std::size_t at = 0; at < walls_.standing().size();) {
    Wall& wall = walls_.standing()[at];
    const double away = static_cast<double>(sign(wall.side)) *
                        (1 - static_cast<double>(wall.price.units()) / value_units()) * 1e4;
    if (wall.fake && away < flow_.wall_flee_bps) {
      end_wall(book, wall, now);
    } else {
      ++at;
    }
  }
}

}  // namespace mm::sim
