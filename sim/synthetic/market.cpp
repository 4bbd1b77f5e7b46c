#include "sim/synthetic/market.hpp"

#include <algorithm>

#include "engine/numeric.hpp"

namespace mm::sim {
namespace {

constexpr std::uint64_t role_of(InstrumentId id) {
  return id.value;
}

std::int64_t fixed(double value, double units) {
  const double scaled = value * units;
  return static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
}

}  // namespace

SyntheticMarket::Venue::Venue(const Instrument& of, const SyntheticSettings& settings, Time begin,
                              InstrumentId id)
    : instrument(of),
      flow(of, settings, begin),
      feed(id, id.value == 0 ? settings.quoted : settings.lead,
           random_stream(settings.seed, "feed", role_of(id))) {
  book.track_touched();
}

SyntheticMarket::SyntheticMarket(const Instrument& quoted, const Instrument& lead,
                                 const SyntheticSettings& settings, Time start,
                                 std::optional<Settings> orders)
    : settings_(settings),
      start_(start),
      least_latency_(
          duration_of(std::min(settings.quoted.feed_latency_s, settings.lead.feed_latency_s))),
      next_sample_(start) {
  MM_ASSERT(quoted.role == InstrumentRole::quoted && lead.role == InstrumentRole::lead,
            "the first instrument is quoted, the second leads");
  if (orders) exchange_.emplace(quoted, *orders, duration_of(settings.quoted.feed_latency_s));
  const Time begin_of_flow = start - duration_of(settings.warmup_s);
  for (const Instrument* of : {&quoted, &lead}) {
    const InstrumentId id{static_cast<std::uint16_t>(venues_.size())};
    venues_.push_back(std::make_unique<Venue>(*of, settings_, begin_of_flow, id));
  }
  const Duration interval = duration_of(settings.funding_interval_s);
  next_settlement_ = start + interval - start.time_since_epoch() % interval;
  for (std::size_t at = 0; at < venues_.size(); ++at) {
    venues_[at]->next_context = start;
    while (venues_[at]->flow.next() < start) step_flow(at);
    begin(at);
  }
}

void SyntheticMarket::begin(std::size_t at) {
  venues_[at]->feed.begin(shown(at), start_);
}

void SyntheticMarket::set_truth(TruthSink sink) {
  truth_ = std::move(sink);
  if (!truth_) return;
  const auto name = [](const Instrument& of) { return of.venue + ":" + of.symbol; };
  truth_(TruthHead{.seed = settings_.seed,
                   .start = start_,
                   .settings = settings_.format(),
                   .quoted = name(venues_[0]->instrument),
                   .lead = name(venues_[1]->instrument)});
  const MarketPath& path = venues_[0]->flow.path();
  truth_(TruthRegime{start_, path.regime(), path.direction()});
  for (const Wall& wall : venues_[0]->flow.walls()) {
    truth_(TruthWall{.time = start_,
                     .id = wall.id,
                     .side = wall.side,
                     .fake = wall.fake,
                     .price = wall.price,
                     .size = wall.size,
                     .filled = wall.filled,
                     .born = wall.born});
  }
}

Time SyntheticMarket::next_step() const {
  Time soonest = exchange_ ? exchange_->next_arrival() : Time::max();
  for (const auto& venue : venues_)
    soonest =
        std::min({soonest, venue->flow.next(), venue->feed.next_delta(), venue->next_context});
  return std::min(soonest, next_settlement_);
}

const Event* SyntheticMarket::next(Time limit) {
  for (;;) {
    SyntheticFeed& quoted = venues_[0]->feed;
    SyntheticFeed& lead = venues_[1]->feed;
    const Time market = std::min(quoted.next_arrival(), lead.next_arrival());
    const Time answer = exchange_ ? exchange_->next_answer() : Time::max();
    const Time soonest = std::min({market, answer, limit});
    // What happens at the venue until then may reach us no later.
    const Time until = soonest == Time::max() ? soonest : soonest - least_latency_;
    if (next_step() <= until) {
      step();
      continue;
    }
    if (std::min(market, answer) > limit) return nullptr;
    if (answer < market) {
      answer_ = exchange_->take_answer();
      return &answer_;
    }
    return quoted.next_arrival() <= lead.next_arrival() ? quoted.take() : lead.take();
  }
}

void SyntheticMarket::step() {
  const Time now = next_step();
  for (std::size_t at = 0; at < venues_.size(); ++at) {
    if (venues_[at]->flow.next() == now) return step_flow(at);
  }
  if (truth_ && now >= next_sample_) tell_sample(now);
  if (next_settlement_ == now) {
    next_settlement_ += duration_of(settings_.funding_interval_s);
    const SyntheticFlow& flow = venues_[0]->flow;
    // Where Hyperliquid settles on the oracle price, others do on the mark.
    const bool on_oracle = venues_[0]->instrument.venue == "hyperliquid";
    const double price = on_oracle ? flow.path().value() : flow.seen_value();
    if (exchange_)
      exchange_->settle_funding(now, fixed(price, 1e8), fixed(flow.path().funding_rate(), 1e12));
    return;
  }
  for (auto& venue : venues_) {
    if (venue->next_context == now) return send_context(*venue, now);
  }
  for (std::size_t at = 0; at < venues_.size(); ++at) {
    if (venues_[at]->feed.next_delta() == now) return venues_[at]->feed.send_delta(shown(at), now);
  }
  reports_.clear();
  exchange_->arrive(reports_);
  ++actions_;
  venues_[0]->feed.on_change(shown(0), reports_, now);
  if (truth_) exchange_->tell_places(now, truth_);
}

void SyntheticMarket::step_flow(std::size_t at) {
  Venue& venue = *venues_[at];
  const Time now = venue.flow.next();
  flow_reports_.clear();
  venue.flow.step(venue.book, flow_reports_);
  actions_ += venue.flow.actions().size();
  std::span<const MatchReport> trades = flow_reports_;
  if (at == 0 && exchange_) {
    reports_.clear();
    exchange_->follow(venue.flow.actions(), flow_reports_, now, reports_);
    trades = reports_;
    if (truth_) exchange_->tell_places(now, truth_);
  }
  if (!venue.flow.actions().empty()) venue.feed.on_change(shown(at), trades, now);
  if (const auto& taker = venue.flow.taker(); taker && taker->liquidation && now >= start_) {
    Int128 paid = 0;
    Qty filled;
    for (const MatchReport& report : trades) {
      paid += Int128{report.price.units()} * report.qty.lots();
      filled += report.qty;
    }
    if (filled > Qty{}) {
      venue.feed.on_liquidation(
          {.side = taker->side,
           .price = taker->limit,
           .average_price =
               Price::from_units(static_cast<std::int64_t>(divide_half_even(paid, filled.lots()))),
           .qty = filled},
          now);
    }
  }
  if (truth_) tell_flow(at, venue.flow, now);
}

void SyntheticMarket::send_context(Venue& venue, Time now) {
  venue.next_context = now + duration_of(settings_.context_s);
  const MarketPath& path = venue.flow.path();
  const double mark = venue.flow.seen_value();
  const auto bid = venue.book.best(Side::buy);
  const auto ask = venue.book.best(Side::sell);
  AssetContext context;
  context.mark_e8 = fixed(mark, 1e8);
  context.oracle_e8 = fixed(path.value(), 1e8);
  if (bid && ask) {
    // Half price units in 1e-8.
    context.mid_e8 = (bid->price.units() + ask->price.units()) *
                     power_of_ten(8 - venue.instrument.price_decimals) / 2;
  }
  context.funding_e12 = fixed(path.funding_rate(), 1e12);
  context.premium_e12 = fixed(mark / path.value() - 1, 1e12);
  context.open_interest_e8 = fixed(path.open_interest() / settings_.value, 1e8);
  context.next_funding_ns = to_ns(next_settlement_);
  venue.feed.on_context(context, now);
}

// ---------------------------------------------------------------- truth

void SyntheticMarket::tell_flow(std::size_t at, const SyntheticFlow& flow, Time now) {
  if (at == 0 && flow.moved() && flow.path().entered())
    truth_(TruthRegime{now, flow.path().regime(), flow.path().direction()});
  if (const auto& taker = flow.taker()) {
    truth_(TruthTaker{.time = now,
                      .instrument = at == 0 ? InstrumentRole::quoted : InstrumentRole::lead,
                      .side = taker->side,
                      .qty = taker->qty,
                      .filled = taker->filled,
                      .mark = taker->mark,
                      .liquidation = taker->liquidation});
  }
  if (at != 0) return;
  for (const WallNote& note : flow.wall_notes()) {
    truth_(TruthWall{.time = note.time,
                     .id = note.wall.id,
                     .fate = note.fate,
                     .side = note.wall.side,
                     .fake = note.wall.fake,
                     .price = note.wall.price,
                     .size = note.wall.size,
                     .filled = note.wall.filled,
                     .cancelled = note.cancelled,
                     .born = note.wall.born});
  }
}

void SyntheticMarket::tell_sample(Time now) {
  next_sample_ = now + std::chrono::seconds{1};
  const SyntheticFlow& flow = venues_[0]->flow;
  truth_(TruthSample{.time = now,
                     .value = flow.path().value(),
                     .seen_value = flow.seen_value(),
                     .mu_bid = flow.takers().baseline(Side::buy),
                     .mu_ask = flow.takers().baseline(Side::sell),
                     .excitation_bid = flow.takers().excitation(Side::buy),
                     .excitation_ask = flow.takers().excitation(Side::sell),
                     .funding_rate = flow.path().funding_rate(),
                     .open_interest = flow.path().open_interest()});
}

}  // namespace mm::sim
