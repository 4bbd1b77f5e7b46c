#include "sim/world.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/drive.hpp"
#include "engine/record.hpp"
#include "tests/sim/stage.hpp"

namespace mm::sim {
namespace {

using namespace std::chrono_literals;

Time at(Duration since_start) {
  return time_from_ns(1'000'000'000) + since_start;
}

Price price(std::int64_t units) {
  return Price::from_units(units);
}
Qty lots(std::int64_t count) {
  return Qty::from_lots(count);
}

/// A market recorded by hand: owns the levels its events point to.
class Tape {
 public:
  Tape() {
    instrument_ = testing::plain_instrument();
    add(0ms, definition_of(instrument_));
    add(0ms, BookSnapshot{.bids = bids_, .asks = asks_});
  }
  Tape& add(Duration time, const EventBody& body) {
    events_.push_back({.header = {.recv_time = at(time)}, .body = body});
    return *this;
  }
  Tape& trade(Duration time, Side aggressor, std::int64_t units, std::int64_t qty) {
    return add(time, Trade{.price = price(units), .qty = lots(qty), .aggressor = aggressor});
  }
  const Event* next() { return position_ < events_.size() ? &events_[position_++] : nullptr; }

 private:
  Instrument instrument_;
  std::vector<Level> bids_{{price(100), lots(5)}};
  std::vector<Level> asks_{{price(102), lots(4)}};
  std::vector<Event> events_;
  std::size_t position_ = 0;
};

/// Takes the decisions it was told to, each at the first event at or after its time.
class Puppet {
 public:
  Puppet& decide(Duration time, const OutputBody& body) {
    decisions_.push_back({at(time), body});
    return *this;
  }
  Puppet& buy(Duration time, std::uint64_t id, std::int64_t units, std::int64_t qty) {
    return decide(time, PlaceOrder{.order = {id}, .price = price(units), .qty = lots(qty)});
  }
  void apply(const Event& event, std::vector<Output>& outputs) {
    market_.apply(event);
    while (next_ < decisions_.size() && decisions_[next_].time <= event.header.recv_time)
      outputs.push_back(
          {.header = {.recv_time = event.header.recv_time}, .body = decisions_[next_++].body});
  }
  const Market& market() const { return market_; }

 private:
  struct Decision {
    Time time;
    OutputBody body;
  };
  std::vector<Decision> decisions_;
  std::size_t next_ = 0;
  Market market_;
};

/// What the core saw, a line an event, with the digest of it.
struct Log {
  void accept(const Event& event) {
    const Duration since = event.header.recv_time - at(0ms);
    lines.push_back(fmt::format("{}us {}", since / 1us, testing::line_of(event)));
    ByteWriter bytes;
    write_record(bytes, event);
    digest.add(bytes.bytes());
  }
  void decided(const Event&, std::span<const Output>) {}
  std::vector<std::string> lines;
  RollingDigest digest;
};

Log run(Tape tape, Puppet puppet, Settings settings) {
  SimWorld world{settings};
  WorldSource source{tape, world, puppet.market()};
  Log log;
  drive(source, puppet, log);
  // The definition and the first book are the same everywhere.
  log.lines.erase(log.lines.begin(), log.lines.begin() + 2);
  return log;
}

Settings latency(Duration entry, Duration response) {
  Settings settings = testing::prompt();
  settings.latency = {entry, response};
  return settings;
}

using Lines = std::vector<std::string>;

TEST(SimWorld, OrdersTravelAndSoDoTheirAnswers) {
  Tape tape;
  tape.trade(4ms, Side::sell, 100, 50);  // before the order is there
  tape.trade(5ms, Side::sell, 100, 50);  // at the moment it arrives: market data is first
  tape.trade(6ms, Side::sell, 100, 6);   // five are ahead of it
  tape.trade(30ms, Side::buy, 102, 1);
  EXPECT_EQ(run(tape, Puppet{}.buy(0ms, 1, 100, 3), latency(5ms, 7ms)).lines,
            (Lines{"4000us trade", "5000us trade", "6000us trade", "12000us ack 1 100x3",
                   "13000us fill 1 1@100 queue left 2", "30000us trade"}));
}

TEST(SimWorld, ACancelInFlightDoesNotStopAFill) {
  Tape tape;
  tape.trade(1ms, Side::buy, 102, 1);
  tape.trade(20ms, Side::buy, 102, 1);
  tape.trade(24ms, Side::sell, 99, 2);
  tape.trade(60ms, Side::buy, 102, 1);
  EXPECT_EQ(run(tape, Puppet{}.buy(1ms, 1, 100, 3).decide(20ms, CancelOrder{.order = {1}}),
                latency(5ms, 5ms))
                .lines,
            (Lines{"1000us trade", "11000us ack 1 100x3", "20000us trade", "24000us trade",
                   "29000us fill 1 2@100 through left 1", "30000us done 1 cancelled 1",
                   "60000us trade"}));
}

TEST(SimWorld, AtOneInstantTheMarketSpeaksFirstThenTheExchangeThenTimers) {
  Tape tape;
  tape.trade(10ms, Side::buy, 102, 1);
  tape.trade(11ms, Side::buy, 102, 1);
  Puppet puppet;
  puppet.decide(0ms, SetTimer{.id = 9, .at = at(10ms)});
  puppet.buy(0ms, 1, 100, 3);
  EXPECT_EQ(run(tape, puppet, latency(5ms, 5ms)).lines,
            (Lines{"10000us trade", "10000us ack 1 100x3", "10000us timer", "11000us trade"}));
}

TEST(SimWorld, ATimerSetAgainMoves) {
  Tape tape;
  tape.trade(1ms, Side::buy, 102, 1);
  tape.trade(20ms, Side::buy, 102, 1);
  Puppet puppet;
  puppet.decide(0ms, SetTimer{.id = 1, .at = at(5ms)});
  puppet.decide(0ms, SetTimer{.id = 2, .at = at(7ms)});
  puppet.decide(1ms, SetTimer{.id = 1, .at = at(8ms)});
  puppet.decide(7ms, SetTimer{.id = 3, .at = at(2ms)});  // already past: at once
  EXPECT_EQ(
      run(tape, puppet, latency(5ms, 5ms)).lines,
      (Lines{"1000us trade", "7000us timer", "7000us timer", "8000us timer", "20000us trade"}));
}

TEST(SimWorld, WithoutLatencyTheAnswerFollowsTheDecision) {
  Tape tape;
  tape.trade(1ms, Side::sell, 100, 6);
  tape.trade(2ms, Side::sell, 100, 1);
  tape.trade(3ms, Side::buy, 102, 1);
  EXPECT_EQ(run(tape, Puppet{}.buy(0ms, 1, 100, 3), latency(0ms, 0ms)).lines,
            (Lines{"0us ack 1 100x3", "1000us trade", "1000us fill 1 1@100 queue left 2",
                   "2000us trade", "2000us fill 1 1@100 queue left 1", "3000us trade"}));
}

TEST(SimWorld, TheSameTapeIsHeardBitForBitTheSame) {
  Tape tape;
  for (int i = 1; i < 500; ++i)
    tape.trade(std::chrono::milliseconds{i}, i % 3 == 0 ? Side::buy : Side::sell, 99 + i % 5,
               i % 4);
  Puppet puppet;
  for (int i = 1; i < 100; ++i)
    puppet.buy(std::chrono::milliseconds{3 * i}, static_cast<std::uint64_t>(i), 98 + i % 4, 3);
  const Log first = run(tape, puppet, latency(3ms, 2ms));
  const Log second = run(tape, puppet, latency(3ms, 2ms));
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.lines, second.lines);
}

// A fork of core and world that is not interfered with is the original going on.
TEST(SimWorld, AForkHearsWhatTheOriginalHears) {
  const auto go_on = [](Tape tape, Puppet puppet, SimWorld world) {
    WorldSource source{tape, world, puppet.market()};
    Log log;
    drive(source, puppet, log);
    return log.lines;
  };
  Tape tape;
  tape.trade(1ms, Side::sell, 100, 1);
  Puppet puppet;
  puppet.buy(0ms, 1, 100, 3).buy(7ms, 2, 99, 3);
  SimWorld world{latency(5ms, 5ms)};
  WorldSource source{tape, world, puppet.market()};
  Log log;
  drive(source, puppet, log);

  Tape rest;
  while (rest.next() != nullptr) {
  }
  rest.trade(6ms, Side::sell, 100, 5).trade(8ms, Side::sell, 97, 4).trade(40ms, Side::sell, 97, 9);
  const Lines once = go_on(rest, puppet, world);
  EXPECT_EQ(once, go_on(rest, puppet, world));
  EXPECT_EQ(once.back(), "40000us trade");
  EXPECT_EQ(once[1], "8000us trade");
  EXPECT_EQ(once[2], "10000us ack 1 100x3");
}

TEST(Lane, NothingOvertakes) {
  Lane lane;
  EXPECT_EQ(lane.deliver(at(0ms), 9ms), at(9ms));
  EXPECT_EQ(lane.deliver(at(1ms), 2ms), at(9ms));
  EXPECT_EQ(lane.deliver(at(8ms), 2ms), at(10ms));
}

TEST(Settings, AreWrittenIntoASessionAndReadBack) {
  Settings settings;
  settings.latency = {2ms, 750us};
  settings.queue = QueueModel::parse("power2:4").value();
  EXPECT_EQ(settings.format(), "latency=2ms,750us\nqueue=power2:4\n");
  Settings read;
  EXPECT_FALSE(Settings::parse("seed=1\n" + settings.format() + "stale=2s\n", read).has_value());
  EXPECT_EQ(read, settings);
  settings.latency = LatencyModel::parse("rows:17:0,5,6;3,7,8").value();
  settings.venue_orders_per_minute = 300;
  settings.replace_queue = ReplaceQueue::back;
  settings.seed = 7;
  EXPECT_EQ(settings.format(),
            "latency=rows:17:0,5,6;3,7,8\nqueue=power2:4\nreplace_queue=back\nseed=7\n"
            "venue_orders_per_minute=300\n");
  EXPECT_FALSE(Settings::parse(settings.format(), read).has_value());
  EXPECT_EQ(read, settings);
  Settings untouched;
  EXPECT_FALSE(Settings::parse("", untouched).has_value());
  EXPECT_EQ(untouched, Settings{});
  EXPECT_EQ(LatencyModel::parse("5ms"), (LatencyModel{5ms, 5ms}));
}

TEST(Settings, SayWhatIsAllowed) {
  Settings settings;
  EXPECT_THAT(Settings::parse("latency=5\n", settings).value_or(""),
              ::testing::HasSubstr("5ms,7ms"));
  EXPECT_THAT(Settings::parse("queue=prob\n", settings).value_or(""),
              ::testing::HasSubstr("power2:N"));
  EXPECT_TRUE(Settings::parse("latency=2m\n", settings).has_value());
  EXPECT_TRUE(Settings::parse("latency=5ms,\n", settings).has_value());
  EXPECT_TRUE(Settings::parse("replace_queue=front\n", settings).has_value());
  EXPECT_TRUE(Settings::parse("venue_orders_per_minute=-1\n", settings).has_value());
  EXPECT_TRUE(Settings::parse("seed=x\n", settings).has_value());
}

}  // namespace
}  // namespace mm::sim
