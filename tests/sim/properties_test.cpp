// What holds whatever happens: a random market and random orders of ours, seed by seed.
//
// The driver keeps its own account of what was displayed and printed, independent of the exchange,
// and checks every answer against it. MM_SIM_SEEDS sets how many seeds run (300); the long run of
// the sanitizer stage takes 10,000.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/numeric.hpp"
#include "engine/policy.hpp"
#include "engine/random.hpp"
#include "sim/world.hpp"
#include "tests/sim/stage.hpp"

namespace mm::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t window = 8;  // levels a side

/// A book that moves at random, in whole lots, as snapshots, deltas and prints.
class RandomMarket {
 public:
  explicit RandomMarket(SplitMix64& random) : random_(random) {}

  std::vector<Level> side(Side side) const {
    std::vector<Level> levels;
    for (std::int64_t i = 0; i < window; ++i) {
      const std::int64_t at = side == Side::buy ? best_ - i : best_ + spread_ + i;
      const auto found = sizes_.find({side, at});
      const std::int64_t lots = found == sizes_.end() ? 0 : found->second;
      if (lots > 0) levels.push_back({Price::from_units(at), Qty::from_lots(lots)});
    }
    return levels;
  }
  void move() {
    const auto step = static_cast<std::int64_t>(random_.below(3)) - 1;
    best_ = std::clamp<std::int64_t>(best_ + step, 950, 1050);
    spread_ = 1 + static_cast<std::int64_t>(random_.below(3));
    for (const Side side : {Side::buy, Side::sell}) {
      for (std::int64_t i = 0; i < window; ++i) {
        if (random_.below(3) != 0) continue;
        const std::int64_t at = side == Side::buy ? best_ - i : best_ + spread_ + i;
        // The best stays: a one-sided market is another matter.
        sizes_[{side, at}] = static_cast<std::int64_t>(random_.below(20)) + (i == 0 ? 1 : 0);
      }
      auto& top = sizes_[{side, side == Side::buy ? best_ : best_ + spread_}];
      top = std::max<std::int64_t>(top, 1);
    }
  }
  Trade print() {
    const Side aggressor = random_.below(2) == 0 ? Side::buy : Side::sell;
    const auto depth = static_cast<std::int64_t>(random_.below(3));
    const std::int64_t at = aggressor == Side::sell ? best_ - depth : best_ + spread_ + depth;
    return {.price = Price::from_units(at),
            .qty = Qty::from_lots(static_cast<std::int64_t>(1 + random_.below(12))),
            .aggressor = aggressor};
  }
  std::int64_t best() const { return best_; }

 private:
  SplitMix64& random_;
  std::map<std::pair<Side, std::int64_t>, std::int64_t> sizes_;
  std::int64_t best_ = 1000;
  std::int64_t spread_ = 1;
};

/// Our side's account of one order.
struct Ours {
  Side side = Side::buy;
  Price price;
  std::int64_t qty = 0;
  TimeInForce time_in_force = TimeInForce::post_only;
  Time arrives;  // when it was sent, until it is acknowledged
  std::int64_t filled = 0;
  bool acked = false;
  bool over = false;
};

class Driver {
 public:
  explicit Driver(std::uint64_t seed)
      : random_(seed), shocks_(seed + 1'000'000), market_(shocks_), exchange_(settings(seed)) {
    Instrument instrument = testing::plain_instrument();
    instrument.venue = seed % 2 == 0 ? "binance-usdm" : "hyperliquid";
    instrument_ = instrument;
    hear(definition_of(instrument_));
  }

  void run() {
    for (int i = 0; i < 400 && !::testing::Test::HasFailure(); ++i) {
      now_ += Duration{static_cast<std::int64_t>(random_.below(2'000'000))};
      deliver(now_);
      switch (random_.below(8)) {
        case 0:
        case 1:
          send_order();
          break;
        case 2:
          send_cancel();
          break;
        case 3:
          send_replace();
          break;
        case 4:
        case 5:
          print();
          break;
        case 6:
          market_.move();
          book();
          break;
        default:
          if (random_.below(20) == 0) {
            hear(FeedStatus{.state = FeedState::gap});
          } else {
            book();
          }
      }
    }
    // Whatever rests is taken out; then nothing may be left.
    for (const auto& [id, order] : ours_)
      if (!order.over) exchange_.send(now_, {.body = CancelOrder{.order = {id}}});
    now_ += 10s;
    deliver(now_);
    listen();
    for (const auto& [id, order] : ours_) EXPECT_TRUE(order.over) << "order " << id;
    EXPECT_EQ(exchange_.totals().resting, 0);
    EXPECT_EQ(exchange_.totals().ordered, acknowledged_);
    EXPECT_EQ(exchange_.totals().filled, filled_);
    EXPECT_EQ(exchange_.position(), Qty::from_lots(position_));
    // Cash: every fill's value and fee, once.
    EXPECT_EQ(cash_, expected_cash_);
  }

  std::int64_t fills() const { return fill_count_; }
  std::int64_t races() const { return races_; }

 private:
  static Settings settings(std::uint64_t seed) {
    static constexpr std::string_view queues[] = {"risk_averse", "power:1", "power2:2",
                                                  "power3:3",    "log",     "log2"};
    Settings of;
    of.queue = *QueueModel::parse(queues[seed % std::size(queues)]);
    const std::string_view latencies[] = {"0s", "3ms,1ms", "4ms,2ms;cancel=0s;fill=5ms",
                                          "empirical:1000000,2000000;5000000,100000;0,0"};
    of.latency = *LatencyModel::parse(latencies[seed % std::size(latencies)]);
    of.seed = seed;
    return of;
  }

  void hear(const EventBody& body) {
    const Event event{.header = {.recv_time = now_}, .body = body};
    state_.apply(event);
    exchange_.on_market(event, state_.quoted());
    check_places();
    listen();
  }
  void book() {
    const auto bids = market_.side(Side::buy);
    const auto asks = market_.side(Side::sell);
    hear(BookSnapshot{.bids = bids, .asks = asks});
  }
  void print() {
    const Trade trade = market_.print();
    const std::int64_t before = filled_at_exchange();
    hear(trade);
    // No fill beyond a trade's size.
    EXPECT_LE(filled_at_exchange() - before, trade.qty.lots());
  }
  std::int64_t filled_at_exchange() const { return exchange_.totals().filled; }

  void deliver(Time limit) {
    while (exchange_.next_arrival() < limit) {
      const Time arrival = exchange_.next_arrival();
      EXPECT_GE(arrival, last_arrival_);  // nothing overtakes
      last_arrival_ = arrival;
      exchange_.arrive(state_.quoted());
      EXPECT_TRUE(exchange_.totals().holds());
    }
    check_places();
  }

  /// Own orders stand best first and, at a price, in the order of their places in the queue.
  void check_places() {
    for (const Side side : {Side::buy, Side::sell}) {
      const RestingOrder* before = nullptr;
      for (const RestingOrder& order : exchange_.resting(side)) {
        EXPECT_GT(order.remaining, Qty{});
        EXPECT_EQ(order.filled + order.remaining, order.ordered);
        if (before != nullptr) {
          EXPECT_TRUE(side == Side::buy ? before->price >= order.price
                                        : before->price <= order.price);
          if (before->price == order.price && before->position.known() && order.position.known()) {
            EXPECT_LE(before->position.lots_ahead(), order.position.lots_ahead() + 1e-6);
          }
        }
        before = &order;
      }
    }
  }

  void send_order() {
    const std::uint64_t id = ++last_id_;
    const Side side = random_.below(2) == 0 ? Side::buy : Side::sell;
    const auto distance = static_cast<std::int64_t>(random_.below(9)) - 2;
    const std::int64_t at =
        side == Side::buy ? market_.best() - distance : market_.best() + 1 + distance;
    Ours order{.side = side,
               .price = Price::from_units(at),
               .qty = static_cast<std::int64_t>(1 + random_.below(9)),
               .time_in_force = static_cast<TimeInForce>(random_.below(4)),
               .arrives = now_};
    exchange_.send(now_, {.body = PlaceOrder{.order = {id},
                                             .side = order.side,
                                             .price = order.price,
                                             .qty = Qty::from_lots(order.qty),
                                             .time_in_force = order.time_in_force}});
    ours_[id] = order;
  }
  /// An order of ours, over or not: cancelling twice and too late must do no harm.
  std::uint64_t any_order() { return last_id_ == 0 ? 0 : 1 + random_.below(last_id_); }
  std::uint64_t recent_order() {
    return last_id_ == 0 ? 0 : last_id_ - random_.below(std::min<std::uint64_t>(last_id_, 6));
  }
  void send_cancel() {
    const std::uint64_t id = random_.below(4) == 0 ? any_order() : recent_order();
    if (id == 0) return;
    const int times = 1 + static_cast<int>(random_.below(2));
    for (int i = 0; i < times; ++i) {
      exchange_.send(now_, {.body = CancelOrder{.order = {id}}});
      ++cancels_;
    }
  }
  void send_replace() {
    const std::uint64_t old = recent_order();
    if (old == 0) return;
    const Ours& from = ours_.at(old);
    const std::uint64_t id = ++last_id_;
    Ours order = from;
    order.filled = 0;
    order.acked = order.over = false;
    order.arrives = now_;
    order.time_in_force = TimeInForce::post_only;
    order.qty = static_cast<std::int64_t>(1 + random_.below(9));
    if (random_.below(2) == 0)
      order.price =
          Price::from_units(from.price.units() + static_cast<std::int64_t>(random_.below(5)) - 2);
    exchange_.send(now_, {.body = ReplaceOrder{.order = {old},
                                               .replacement = {id},
                                               .side = order.side,
                                               .price = order.price,
                                               .qty = Qty::from_lots(order.qty)}});
    ++cancels_;
    ours_[id] = order;
  }

  void listen() {
    while (exchange_.next_answer() <= now_) {
      const Event answer = exchange_.take_answer();
      EXPECT_GE(answer.header.recv_time, last_heard_);
      EXPECT_GE(answer.header.recv_time, answer.header.exchange_time);
      last_heard_ = answer.header.recv_time;
      std::visit([&](const auto& body) { on(answer.header, body); }, answer.body);
    }
  }
  template <class Body>
  void on(const EventHeader&, const Body&) {
    ADD_FAILURE() << "an exchange does not say " << name_of(Body::kind);
  }
  void on(const EventHeader& header, const OrderAck& ack) {
    Ours& order = ours_.at(ack.order.value);
    EXPECT_GE(header.exchange_time, order.arrives);
    order.arrives = header.exchange_time;
    EXPECT_FALSE(order.acked || order.over);
    order.acked = true;
    EXPECT_EQ(ack.remaining.lots(), order.qty);
    acknowledged_ += order.qty;
  }
  void on(const EventHeader&, const OrderReject& reject) {
    Ours& order = ours_.at(reject.order.value);
    EXPECT_FALSE(order.acked || order.over);
    order.over = true;
  }
  void on(const EventHeader&, const OrderDone& done) {
    Ours& order = ours_.at(done.order.value);
    EXPECT_TRUE(order.acked && !order.over);
    EXPECT_EQ(order.filled + done.remaining.lots(), order.qty);
    EXPECT_GT(done.remaining, Qty{});
    order.over = true;
    if (order.time_in_force == TimeInForce::fok && done.reason == DoneReason::expired) {
      EXPECT_EQ(order.filled, 0);
    }
  }
  void on(const EventHeader&, const CancelReject& reject) {
    EXPECT_EQ(reject.reason, RejectReason::unknown_order);
    ++races_;
    EXPECT_LE(races_, cancels_);
    // Its end is told before the word that it is not there; or it never came to be.
    EXPECT_TRUE(ours_.at(reject.order.value).over) << "order " << reject.order.value;
  }
  void on(const EventHeader& header, const Fill& fill) {
    Ours& order = ours_.at(fill.order.value);
    EXPECT_TRUE(order.acked && !order.over);
    EXPECT_GT(fill.qty, Qty{});
    EXPECT_EQ(fill.side, order.side);
    EXPECT_GE(header.exchange_time, order.arrives);  // no fill before arrival
    order.filled += fill.qty.lots();
    EXPECT_EQ(order.filled + fill.remaining.lots(), order.qty);
    if (fill.maker) {
      EXPECT_EQ(fill.price, order.price);
      EXPECT_TRUE(order.time_in_force == TimeInForce::post_only ||
                  order.time_in_force == TimeInForce::gtc);
    } else {
      EXPECT_NE(order.time_in_force, TimeInForce::post_only);
      EXPECT_TRUE(order.side == Side::buy ? fill.price <= order.price : fill.price >= order.price);
    }
    order.over = fill.remaining == Qty{};
    ++fill_count_;
    filled_ += fill.qty.lots();
    position_ += sign(fill.side) * fill.qty.lots();
    cash_ += -sign(fill.side) * position_value(instrument_, fill.price, fill.qty).units() -
             fill.fee.units();
    // The plain instrument: value is price times lots, fees 2 and 5 bps.
    const Int128 value = Int128{fill.price.units()} * fill.qty.lots() * Money::per_one;
    expected_cash_ += -sign(fill.side) * value - value * (fill.maker ? 2 : 5) / 10'000;
  }

  SplitMix64 random_;
  SplitMix64 shocks_;
  RandomMarket market_;
  Instrument instrument_;
  Market state_;
  Exchange exchange_;
  Time now_ = time_from_ns(1'000'000'000);
  Time last_arrival_;
  Time last_heard_;
  std::map<std::uint64_t, Ours> ours_;
  std::uint64_t last_id_ = 0;
  std::int64_t acknowledged_ = 0;
  std::int64_t filled_ = 0;
  std::int64_t fill_count_ = 0;
  std::int64_t position_ = 0;
  std::int64_t cancels_ = 0;
  std::int64_t races_ = 0;
  Int128 cash_ = 0;
  Int128 expected_cash_ = 0;
};

TEST(Properties, HoldOnEverySeed) {
  const char* given = std::getenv("MM_SIM_SEEDS");
  const std::uint64_t seeds = given != nullptr ? std::strtoull(given, nullptr, 10) : 300;
  ASSERT_GT(seeds, 0u);
  std::int64_t fills = 0;
  std::int64_t races = 0;
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Driver driver(seed);
    driver.run();
    fills += driver.fills();
    races += driver.races();
  }
  std::printf("%llu seeds: %lld fills, %lld cancels that came too late\n",
              static_cast<unsigned long long>(seeds), static_cast<long long>(fills),
              static_cast<long long>(races));
  EXPECT_GT(fills, static_cast<std::int64_t>(seeds) * 10);
  EXPECT_GT(races, static_cast<std::int64_t>(seeds) * 2);
}

// ---------------------------------------------------------------- in-flight exposure

/// Wants random quotes near the touch on both sides, up to a limit.
class RandomQuotes final : public Strategy {
 public:
  RandomQuotes(std::uint64_t seed, Qty most) : random_(seed), most_(most) {}
  std::string_view name() const override { return "random"; }
  Quotes quotes(const View& view) override {
    Quotes quotes;
    const Touch& touch = view.touch;
    for (int i = 0; i < 2; ++i) {
      const Price away = Price::from_units(static_cast<std::int64_t>(random_.below(3)));
      const Qty qty = Qty::from_lots(static_cast<std::int64_t>(1 + random_.below(6)));
      quotes.bids.add({touch.bid.price - away, qty});
      quotes.asks.add({touch.ask.price + away, qty});
    }
    quotes.max_position = most_;
    return quotes;
  }
  std::unique_ptr<Strategy> clone() const override { return std::make_unique<RandomQuotes>(*this); }
  std::optional<std::string> set_parameter(std::string_view, std::string_view) override {
    return "none";
  }
  std::string parameters() const override { return ""; }
  void save(ByteWriter& out) const override { out.put_u64(random_.state()); }
  bool restore(ByteReader& in) override {
    random_ = SplitMix64{in.get_u64()};
    return !in.failed();
  }
  RandomQuotes(const RandomQuotes& other)
      : Strategy(), random_(other.random_), most_(other.most_) {}

 private:
  SplitMix64 random_;
  Qty most_;
};

/// The market alone, as events.
class Tape {
 public:
  Tape(std::uint64_t seed, const Instrument& instrument) : random_(seed), market_(random_) {
    event_ = {.header = {.recv_time = time_from_ns(1'000'000'000)},
              .body = definition_of(instrument)};
  }
  const Event* next() {
    if (count_++ == 0) return &event_;
    if (count_ == 3000) return nullptr;
    event_.header.recv_time += Duration{static_cast<std::int64_t>(random_.below(4'000'000))};
    if (random_.below(2) == 0) {
      event_.body = market_.print();
    } else {
      market_.move();
      bids_ = market_.side(Side::buy);
      asks_ = market_.side(Side::sell);
      event_.body = BookSnapshot{.bids = bids_, .asks = asks_};
    }
    return &event_;
  }

 private:
  SplitMix64 random_;
  RandomMarket market_;
  std::vector<Level> bids_;
  std::vector<Level> asks_;
  Event event_;
  int count_ = 0;
};

/// Remembers the largest position, as the exchange has it: we hear of it later.
struct Watch {
  const Exchange* exchange = nullptr;
  Qty most;
  std::int64_t replaces = 0;
  void accept(const Event&) {
    const Qty now = exchange->position();
    most = std::max(most, now < Qty{} ? -now : now);
  }
  void decided(const Event&, std::span<const Output> outputs) {
    for (const Output& output : outputs)
      replaces += std::holds_alternative<ReplaceOrder>(output.body) ? 1 : 0;
  }
};

// Whatever is under way, cancelled, moved or filled in the meantime: the position stays within the
// limit. One order too many would show here, as the limit is hit all the time.
TEST(Exposure, StaysWithinTheLimitWhileMessagesTravel) {
  std::int64_t at_limit = 0;
  std::int64_t replaces = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Qty limit = Qty::from_lots(static_cast<std::int64_t>(1 + seed % 12));
    Instrument instrument = testing::plain_instrument();
    instrument.venue = seed % 2 == 0 ? "binance-usdm" : "hyperliquid";
    Settings settings;
    settings.latency =
        *LatencyModel::parse(seed % 3 == 0 ? "empirical:1000000,20000000;30000000,100000" : "12ms");
    TraderSettings trading;
    trading.replace = seed % 4 != 0;
    trading.decision_interval = 5ms;
    trading.max_orders_per_minute = 0;
    Engine engine(trading, std::make_unique<RandomQuotes>(seed, limit));
    Tape tape(seed, instrument);
    SimWorld world(settings);
    WorldSource<Tape> source(tape, world, engine.market());
    Watch watch{.exchange = &world.exchange()};
    drive(source, engine, watch);
    EXPECT_LE(watch.most, limit);
    at_limit += watch.most == limit ? 1 : 0;
    replaces += watch.replaces;
  }
  EXPECT_GT(at_limit, 30);
  EXPECT_GT(replaces, 1000);
}

// ---------------------------------------------------------------- at the boundary, to the lot

TEST(Boundary, ATradeThatJustClearsTheQueueFillsNothingAndOneLotMoreFillsOne) {
  for (const std::int64_t ahead : {1, 2, 7, 1'000'000}) {
    const std::string size = std::to_string(ahead);
    testing::Stage stage(testing::prompt("risk_averse"));
    EXPECT_EQ(stage.run("book 100x" + size + "|102x4; buy 1 100x3; trade sell 100x" + size),
              "ack 1 100x3\n");
    EXPECT_EQ(stage.run("trade sell 100x1"), "fill 1 1@100 queue left 2\n");
    testing::Stage more(testing::prompt("risk_averse"));
    EXPECT_EQ(more.run("book 100x" + size + "|102x4; buy 1 100x3; trade sell 100x" +
                       std::to_string(ahead + 3)),
              "ack 1 100x3\nfill 1 3@100 queue left 0\n");
  }
}

TEST(Boundary, AFokTakesExactlyWhatIsShownAndNotALotMore) {
  testing::Stage stage;
  EXPECT_EQ(stage.run("book 100x5|102x4,103x6; buy 1 103x10 fok"),
            "ack 1 103x10\nfill 1 4@102 taker left 6\nfill 1 6@103 taker left 0\n");
  testing::Stage more;
  EXPECT_EQ(more.run("book 100x5|102x4,103x6; buy 1 103x11 fok"),
            "ack 1 103x11\ndone 1 expired 11\n");
}

TEST(Boundary, AReplaceOfWhatWasFilledToTheLastLotIsRefused) {
  testing::Stage stage;
  EXPECT_EQ(stage.run("book 100x5|102x4; buy 1 100x2; trade sell 100x7; replace 1 2 buy 100x1; "
                      "cancel 1; cancel 1"),
            "ack 1 100x2\nfill 1 2@100 queue left 0\ncancel_reject 1\nreject 2 unknown_order\n"
            "cancel_reject 1\ncancel_reject 1\n");
}

}  // namespace
}  // namespace mm::sim
