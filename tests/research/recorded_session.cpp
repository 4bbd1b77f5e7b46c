#include "tests/research/recorded_session.hpp"

#include <algorithm>
#include <deque>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/random.hpp"
#include "sim/world.hpp"
#include "strategies/registry.hpp"

namespace mm::research::testing {
namespace {

Instrument instrument() {
  return {.venue = "test",
          .symbol = "XYUSDT",
          .price_decimals = 1,
          .lot_decimals = 3,
          .tick = Price::from_units(1),
          .qty_step = Qty::from_lots(1),
          .min_qty = Qty::from_lots(1),
          .maker_fee_e8 = 1'000,
          .taker_fee_e8 = 50'000,
          .settlement = "USDT"};
}

/// A book of ten levels a side around a random walk, with trades that eat into it.
class MadeUpMarket {
 public:
  explicit MadeUpMarket(const SessionPlan& plan) : plan_(plan), random_(plan.seed) {}

  const Event* next() {
    if (step_ > plan_.seconds * 20) return nullptr;
    event_.header = {.recv_time = now_};
    if (step_ == 1) {
      event_.body = definition_of(instrument_);
    } else {
      now_ += Duration{static_cast<std::int64_t>(random_.below(100'000'000))};
      event_.header.recv_time = now_;
      make_market();
    }
    ++step_;
    return &event_;
  }

 private:
  void make_market() {
    const std::int64_t second = (to_ns(now_) - RecordedSession::start_ns) / 1'000'000'000;
    const bool lost = plan_.gap_at_second >= 0 && second >= plan_.gap_at_second &&
                      second < plan_.gap_at_second + 3;
    if (lost && !lost_) {
      lost_ = true;
      event_.body = FeedStatus{.state = FeedState::gap};
      return;
    }
    if (lost_ && !lost) {
      lost_ = false;
      event_.body = snapshot();
      return;
    }
    if (step_ == 2 || random_.below(3) == 0) {
      mid_ += static_cast<std::int64_t>(random_.below(5)) - 2;
      event_.body = lost_ ? EventBody{Annotation{.text = "lost"}} : EventBody{snapshot()};
      return;
    }
    const bool sells = random_.below(2) == 0;
    const auto depth = static_cast<std::int64_t>(random_.below(4));
    event_.body = Trade{.price = Price::from_units(sells ? mid_ - 1 - depth : mid_ + 1 + depth),
                        .qty = Qty::from_lots(static_cast<std::int64_t>(random_.below(20'000)) + 1),
                        .aggressor = sells ? Side::sell : Side::buy};
  }
  BookSnapshot snapshot() {
    bids_.clear();
    asks_.clear();
    for (std::int64_t i = 1; i <= 10; ++i) {
      bids_.push_back({Price::from_units(mid_ - i), size()});
      asks_.push_back({Price::from_units(mid_ + i), size()});
    }
    return {.bids = bids_, .asks = asks_};
  }
  Qty size() { return Qty::from_lots(static_cast<std::int64_t>(random_.below(8'000)) + 1); }

  SessionPlan plan_;
  Instrument instrument_ = instrument();
  SplitMix64 random_;
  Time now_ = RecordedSession::at_second(0);
  int step_ = 1;
  std::int64_t mid_ = 10'000;  // 1000.0
  bool lost_ = false;
  std::vector<Level> bids_;
  std::vector<Level> asks_;
  Event event_;
};

/// The start of the session in front of its market, at the time of the first event.
class StartedMarket {
 public:
  StartedMarket(const SessionText& text, std::string_view execution, const EventStream& market)
      : market_(market), first_(market()) {
    MM_ASSERT(first_ != nullptr, "a market has events");
    start_ = {.header = {.recv_time = first_->header.recv_time},
              .body = SessionStart{.strategy = text.strategy,
                                   .parameters = text.parameters,
                                   .execution = execution,
                                   .settings = text.settings}};
  }
  const Event* next() {
    switch (given_++) {
      case 0:
        return &start_;
      case 1:
        return first_;
      default:
        return market_();
    }
  }

 private:
  const EventStream& market_;
  const Event* first_;
  Event start_;
  int given_ = 0;
};

struct Keeper {
  RecordMemory& records;

  void accept(const Event& event) { records.keep(event); }
  void decided(const Event&, std::span<const Output> outputs) {
    for (const Output& output : outputs) records.keep(output);
  }
};

}  // namespace

SessionText session_text(const SessionPlan& plan) {
  TraderSettings trader;
  trader.max_orders_per_minute = 0;
  trader.outlook = plan.outlook;
  return {.strategy = plan.strategy,
          .parameters = make_strategy(plan.strategy, plan.parameters).value()->parameters(),
          .settings = trader.format() + plan.simulator.format()};
}

RecordedSession RecordedSession::record(const SessionPlan& plan) {
  MadeUpMarket market{plan};
  return record(plan, [&] { return market.next(); });
}

RecordedSession RecordedSession::record(const SessionPlan& plan, const EventStream& stream) {
  const SessionText text = session_text(plan);
  TraderSettings settings;
  MM_ASSERT(!TraderSettings::parse(text.settings, settings), "settings are read back");
  settings.trading = plan.execution != "none";
  Engine engine{settings, make_strategy(text.strategy, text.parameters).value()};
  sim::SimWorld world{plan.simulator};
  StartedMarket market{text, plan.execution, stream};
  sim::WorldSource source{market, world, engine.market()};
  RecordedSession session;
  Keeper keeper{session.records_};
  drive(source, engine, keeper);
  return session;
}

std::vector<Event> RecordedSession::market_events() const {
  std::vector<Event> events;
  const EventStream stream = inputs();
  while (const Event* event = stream()) {
    if (!sim::is_simulated(event->kind())) events.push_back(*event);
  }
  return events;
}

std::vector<FillLine> RecordedSession::fills() const {
  std::vector<FillLine> fills;
  const EventStream stream = inputs();
  while (const Event* event = stream()) {
    if (const auto* fill = std::get_if<Fill>(&event->body))
      fills.push_back({event->header.recv_time, *fill});
  }
  return fills;
}

std::vector<Output> RecordedSession::outputs() const {
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record record = records_.at(i);
    if (const auto* output = std::get_if<Output>(&record)) outputs.push_back(*output);
  }
  return outputs;
}

}  // namespace mm::research::testing
