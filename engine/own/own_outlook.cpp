#include "engine/own/own_outlook.hpp"

#include <algorithm>
#include <cmath>

#include "engine/det/math.hpp"
#include "engine/features/wall_detect.hpp"
#include "engine/numeric.hpp"

namespace mm {
namespace {

double signed_mid_move(Side side, double from, double to) {
  return static_cast<double>(sign(side)) * (to - from);
}

constexpr double own_kappa_limit = 99'999;

std::optional<std::int64_t> lots_of(std::optional<double> lots) {
  if (!lots) return std::nullopt;
  return static_cast<std::int64_t>(*lots);
}

WallPlace place_of(const WallContext& context) {
  return static_cast<WallPlace>(static_cast<int>(context.position()) + 1);
}

}  // namespace

void FillShare::add(bool yes, double half_life) {
  const double left = det::exp(-0.69314718055994530942 / half_life);
  yes_ = yes_ * left + (yes ? 1 : 0);
  all_ = all_ * left + 1;
}

// ---------------------------------------------------------------- what happens

OwnOutlook::Resting* OwnOutlook::find(ClientOrderId order) {
  for (std::size_t i = 0; i < resting_count_; ++i)
    if (resting_[i].order == order) return &resting_[i];
  return nullptr;
}

void OwnOutlook::on_ack(Time now, const Order& order, const InstrumentState& instrument) {
  queues_.accept(now, order.id, order.side, order.price, order.remaining, instrument);
  Resting* resting = find(order.id);
  if (resting == nullptr) {
    if (resting_count_ == resting_capacity) return;
    resting = &resting_[resting_count_++];
  }
  *resting = {.order = order.id, .side = order.side, .price = order.price, .since = now};
  if (const TrackedOrder* tracked = queues_.find(order.id))
    resting->ahead = tracked->queue.ahead().value_or(0);
}

// The depth holds from the decision before until now.
void OwnOutlook::book_exposure(Time now, Resting& order) {
  if (order.depth_bps >= 0 && now > order.since)
    fills_.on_exposure(fill_settings_, now, order.depth_bps, now - order.since);
  order.since = now;
}

void OwnOutlook::on_end(Time now, ClientOrderId order) {
  queues_.end(order);
  Resting* resting = find(order);
  if (resting == nullptr) return;
  book_exposure(now, *resting);
  *resting = resting_[--resting_count_];
}

// Paper fills carry the moment of the match on our clock, a venue's stamp is on its own.
Time OwnOutlook::match_time(const EventHeader& header) const {
  if (header.exchange_time == Time{}) return header.recv_time;
  const Time at = in_book_ ? header.exchange_time + feed_lag_ : header.exchange_time;
  return std::min(at, header.recv_time);
}

FillNote OwnOutlook::on_fill(const EventHeader& header, const Fill& fill, Qty position_before,
                             const Outlook& outlook, const InstrumentState& instrument) {
  const Time now = header.recv_time;
  const std::int64_t after = position_before.lots() + sign(fill.side) * fill.qty.lots();
  const std::int64_t after_sign = after > 0 ? 1 : after < 0 ? -1 : 0;
  if (after_sign != position_sign_) opened_at_ = now;
  position_sign_ = after_sign;

  FillNote note{.order = fill.order, .trade_id = fill.trade_id};
  Resting* resting = find(fill.order);
  if (fill.maker) {
    if (resting != nullptr && resting->depth_bps >= 0) {
      book_exposure(now, *resting);
      fills_.on_fill(fill_settings_, now, resting->depth_bps);
    }
    if (mid_) {
      if (pending_end_ - pending_first_ == pending_capacity) ++pending_first_;
      pending_[pending_end_++ % pending_capacity] = {
          .at = now,
          .side = fill.side,
          .price = static_cast<double>(fill.price.units()),
          .mid = *mid_,
          .regime = regime_};
    }
    const Time match = match_time(header);
    if (const auto around = queues_.surroundings(fill.order, fill.qty, match)) {
      note.shelter = static_cast<FillShelter>(static_cast<int>(fill_context(*around)) + 1);
      note.others_1s_ago = static_cast<std::int64_t>(around->others_1s_ago);
      note.others_before = static_cast<std::int64_t>(around->others_before);
      note.others_after = static_cast<std::int64_t>(around->others_after);
      note.pulled_1s = static_cast<std::int64_t>(around->pulled_1s);
      const auto seen =
          relative_visibility(fill.qty.lots() + fill.remaining.lots(), note.others_before);
      note.visibility_e6 = quantised(seen, 1e6);
    }
    if (const TrackedOrder* tracked = queues_.find(fill.order))
      note.queue_ahead = lots_of(tracked->queue.ahead()).value_or(absent_e);
    const auto place = [&](Time instant, WallPlace& wall, std::int64_t& distance,
                           std::int64_t& lots) {
      const WallMoment* moment = walls_before(instant);
      if (moment == nullptr || moment->m2 == 0) return;
      const std::size_t side = index(fill.side);
      std::array<Level, WallMoment::kept> levels;
      for (std::size_t i = 0; i < moment->count[side]; ++i)
        levels[i] = moment->walls[side][i].largest;
      const WallContext context =
          wall_context(outlook.settings().features.wall_position, fill.side, fill.price,
                       {levels.data(), moment->count[side]}, moment->m2,
                       tick_at(instrument.definition(), fill.price));
      wall = place_of(context);
      if (!context.nearest_distance_bps) return;
      distance = quantised(*context.nearest_distance_bps, 1e4);
      lots = context.nearest_lots;
    };
    place(match - Duration{1}, note.wall, note.wall_distance_e8, note.wall_lots);
    place(match - std::chrono::seconds{1}, note.wall_1s, note.wall_1s_distance_e8,
          note.wall_1s_lots);
  }
  if (fill.remaining > Qty{})
    queues_.set_remaining(fill.order, fill.remaining);
  else
    on_end(now, fill.order);
  return note;
}

// ---------------------------------------------------------------- decisions

void OwnOutlook::on_decision(Time now, const Outlook& outlook, const Touch& touch, Qty position) {
  const Reading& reading = outlook.reading();
  fill_settings_ = outlook.settings().own_fills;
  const std::int64_t position_sign = position > Qty{} ? 1 : position < Qty{} ? -1 : 0;
  if (position_sign != position_sign_) opened_at_ = now;
  position_sign_ = position_sign;

  // While the outlook's cannot be read, the touch stands in.
  const double mid = reading.mid.value_or((static_cast<double>(touch.bid.price.units()) +
                                           static_cast<double>(touch.ask.price.units())) /
                                          2);
  mid_ = mid;
  regime_ = reading.volatility_regime ? static_cast<std::uint8_t>(*reading.volatility_regime)
                                      : static_cast<std::uint8_t>(volatility_regimes);
  judge(now, outlook, mid);
  observe_queues(now, outlook);
  for (std::size_t i = 0; i < resting_count_; ++i) {
    Resting& order = resting_[i];
    book_exposure(now, order);
    const double price = static_cast<double>(order.price.units());
    order.depth_bps = std::max(signed_mid_move(order.side, price, mid) / mid * 1e4, 0.0);
  }
  if (now >= estimate_at_) {
    kappa_ = fills_.estimate(fill_settings_, now);
    // Fills at the nearest depth alone tell no decay: the likelihood rises to its bracket's end.
    if (kappa_ && kappa_->kappa >= own_kappa_limit) kappa_.reset();
    estimate_at_ = time_from_ns((to_ns(now) / 1'000'000'000 + 1) * 1'000'000'000);
  }
  note_walls(now, outlook);
  chase_.advance(now);
}

void OwnOutlook::judge(Time now, const Outlook& outlook, double mid) {
  const FillMoves::Settings& settings = outlook.settings().fill_moves;
  while (pending_first_ != pending_end_) {
    const Pending& fill = pending_[pending_first_ % pending_capacity];
    if (now - fill.at < horizon) return;
    ++pending_first_;
    if (now - fill.at > horizon + horizon_late) continue;
    const double against_bps = -signed_mid_move(fill.side, fill.mid, mid) / fill.mid * 1e4;
    adverse_[index(fill.side)].add(signed_mid_move(fill.side, fill.price, mid) < 0,
                                   settings.half_life_fills);
    against_[index(fill.side)].add(against_bps > 0, settings.half_life_fills);
    // Without a volatility regime yet the fill counts in the middle one.
    const auto regime = fill.regime < volatility_regimes
                            ? static_cast<VolatilityRegime>(fill.regime)
                            : VolatilityRegime::mid;
    moves_.on_outcome(settings, fill.side, regime, against_bps);
  }
}

void OwnOutlook::observe_queues(Time now, const Outlook& outlook) {
  const Duration elapsed = observed_at_ ? now - *observed_at_ : Duration{};
  for (std::size_t i = 0; i < resting_count_; ++i) {
    Resting& order = resting_[i];
    const TrackedOrder* tracked = queues_.find(order.order);
    if (tracked == nullptr || !tracked->queue.known()) continue;
    const double ahead = *tracked->queue.ahead();
    const double behind = *tracked->queue.behind();
    const double cancelled = static_cast<double>(tracked->flow.cancelled());
    if (order.ahead > 0 && elapsed > Duration{} && cancelled >= order.cancelled) {
      // Of the level's cancels the share that was ahead, as the estimate of the queue has it.
      const double share = ahead + behind > 0 ? ahead / (ahead + behind) : 1;
      cancels_.observe(outlook.settings().cancel_rate, now, elapsed, order.ahead,
                       std::min((cancelled - order.cancelled) * share, order.ahead));
    }
    order.cancelled = cancelled;
    order.ahead = ahead;
  }
  observed_at_ = now;
}

void OwnOutlook::note_walls(Time now, const Outlook& outlook) {
  const WallMoment* last = wall_count_ > 0 ? &walls_[(wall_count_ - 1) % moments] : nullptr;
  if (last != nullptr && now - last->at < moment_spacing) return;
  const Reading& reading = outlook.reading();
  WallMoment moment{.at = now};
  if (reading.features.present()) {
    const Touch& touch = reading.features.touch;
    moment.m2 = touch.bid.price.units() + touch.ask.price.units();
    for (const Side side : {Side::buy, Side::sell}) {
      std::uint8_t& count = moment.count[index(side)];
      for (const Wall& wall : outlook.walls(side)) {
        if (!wall.standing() || count == WallMoment::kept) continue;
        moment.walls[index(side)][count++] = {wall.largest, wall.bucket, wall.moves};
      }
    }
  }
  if (last != nullptr) hear_wall_moves(now, *last, moment);
  walls_[wall_count_++ % moments] = moment;
}

// A wall keeps its identity in the next bucket, with one move more.
void OwnOutlook::hear_wall_moves(Time now, const WallMoment& before, const WallMoment& after) {
  for (const Side side : {Side::buy, Side::sell}) {
    for (std::size_t i = 0; i < after.count[index(side)]; ++i) {
      const SeenWall& wall = after.walls[index(side)][i];
      for (std::size_t k = 0; k < before.count[index(side)]; ++k) {
        const SeenWall& was = before.walls[index(side)][k];
        const std::int64_t steps = wall.bucket - was.bucket;
        if (wall.moves == was.moves + 1 && (steps == 1 || steps == -1))
          chase_.wall_moved(now, side, static_cast<int>(steps));
      }
    }
  }
}

const OwnOutlook::WallMoment* OwnOutlook::walls_before(Time instant) const {
  const std::uint64_t first = wall_count_ > moments ? wall_count_ - moments : 0;
  for (std::uint64_t i = wall_count_; i-- > first;)
    if (walls_[i % moments].at <= instant) return &walls_[i % moments];
  return nullptr;
}

void OwnOutlook::on_quotes(Time now, std::span<const Order> orders) {
  for (const Side side : {Side::buy, Side::sell}) {
    Price best;
    for (const Order& order : orders) {
      const bool goes =
          order.state == OrderState::pending_cancel || order.state == OrderState::pending_replace;
      if (order.side != side || goes) continue;
      if (best == Price{} || (side == Side::buy ? order.price > best : order.price < best))
        best = order.price;
    }
    Price& known = side == Side::buy ? best_bid_ : best_ask_;
    if (best > Price{} && known > Price{} && best != known)
      chase_.quote_moved(now, side, best > known ? 1 : -1);
    if (best > Price{}) known = best;
  }
}

// ---------------------------------------------------------------- what is known

MeanMoves OwnOutlook::moves(const FillMoves::Settings& settings, Side side,
                            std::optional<VolatilityRegime> regime, double prior_bps) const {
  const double count = judged_fills(side);
  const double known = count / (count + prior_fills);
  const MeanMoves seen = count > 0
                             ? moves_.moves(settings, side, regime.value_or(VolatilityRegime::mid))
                             : MeanMoves{};
  return {.adverse_bps = known * seen.adverse_bps + (1 - known) * prior_bps,
          .favourable_bps = known * seen.favourable_bps + (1 - known) * prior_bps};
}

std::optional<Duration> OwnOutlook::inventory_age(Time now) const {
  if (position_sign_ == 0) return std::nullopt;
  return now - opened_at_;
}

}  // namespace mm
