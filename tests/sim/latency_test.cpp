#include "sim/latency.hpp"

#include <gtest/gtest.h>

#include "sim/round_trips.hpp"
#include "tests/sim/stage.hpp"

namespace mm::sim {
namespace {

using namespace std::chrono_literals;

Time at(std::int64_t ns) {
  return time_from_ns(ns);
}

LatencyModel parsed(std::string_view text) {
  const auto model = LatencyModel::parse(text);
  EXPECT_TRUE(model.has_value()) << text;
  return model.value_or(LatencyModel{});
}

TEST(LatencyModel, EveryFormReadsBackWhatItWrites) {
  for (const char* text : {"5ms,5ms", "5ms,7ms;cancel=3ms;fill=0s", "rows:1000:0,5,6;10,7,8;0,7,9",
                           "empirical:5,6;7,8"})
    EXPECT_EQ(parsed(text).name(), text);
  EXPECT_EQ(parsed("4ms").name(), "4ms,4ms");
  EXPECT_EQ(parsed("rows:1000:0,5,6;10,7,8").short_name(), "interpolated between 2 round trips");
  EXPECT_EQ(parsed("empirical:5,6").short_name(), "drawn from 1 round trips");
  EXPECT_EQ(parsed("rows:9:0,5,6"), parsed("rows:9:0,5,6"));
  EXPECT_NE(parsed("rows:9:0,5,6"), parsed("rows:9:0,5,7"));
}

TEST(LatencyModel, RefusesWhatItCannotMean) {
  for (const char* text :
       {"", "5", "5ms,", "5ms,6ms,7ms", "61s", "5ms;send=3ms", "5ms;cancel", "5ms;ack=1ms;ack=2ms",
        "rows:", "rows:5", "rows:5:", "rows:5:1,2", "rows:5:-1,2,3", "rows:5:1,2,60000000001",
        "rows:x:0,1,1", "empirical:", "empirical:5", "empirical:5,6,7", "recorded"})
    EXPECT_FALSE(LatencyModel::parse(text).has_value()) << text;
}

TEST(LatencyModel, KindsMayDifferFromTheirLane) {
  const LatencyModel model = parsed("5ms,7ms;cancel=3ms;fill=2ms");
  SplitMix64 random{1};
  EXPECT_EQ(model.entry_of(RecordKind::place_order, at(0), random), 5ms);
  EXPECT_EQ(model.entry_of(RecordKind::replace_order, at(0), random), 5ms);
  EXPECT_EQ(model.entry_of(RecordKind::cancel_order, at(0), random), 3ms);
  EXPECT_EQ(model.response_of(RecordKind::order_ack, at(0), random), 7ms);
  EXPECT_EQ(model.response_of(RecordKind::fill, at(0), random), 2ms);
  EXPECT_EQ(random, SplitMix64{1});
}

// Sent at 100 and 200: there at 110 and 250, heard at 130 and 260.
TEST(LatencyModel, InterpolatesByTheTimeAtWhichAMessageLeaves) {
  const LatencyModel model = parsed("rows:100:0,10,20;100,50,10");
  SplitMix64 random{1};
  const auto entry = [&](std::int64_t ns) {
    return model.entry_of(RecordKind::place_order, at(ns), random).count();
  };
  const auto response = [&](std::int64_t ns) {
    return model.response_of(RecordKind::fill, at(ns), random).count();
  };
  EXPECT_EQ(entry(0), 10);
  EXPECT_EQ(entry(100), 10);
  EXPECT_EQ(entry(150), 30);
  EXPECT_EQ(entry(200), 50);
  EXPECT_EQ(entry(999), 50);
  EXPECT_EQ(response(110), 20);
  EXPECT_EQ(response(180), 15);
  EXPECT_EQ(response(250), 10);
}

TEST(LatencyModel, DrawsEveryRowEquallyOftenAndTheSameWithOneSeed) {
  const LatencyModel model = parsed("empirical:1,10;2,20;3,30;4,40");
  const auto draw = [&](std::uint64_t seed) {
    SplitMix64 random{seed};
    std::vector<std::int64_t> counts(5);
    for (int i = 0; i < 4000; ++i)
      ++counts[static_cast<std::size_t>(
          model.entry_of(RecordKind::place_order, at(i), random).count())];
    return counts;
  };
  const auto counts = draw(3);
  for (int i = 1; i <= 4; ++i)
    EXPECT_LE(std::abs(counts[static_cast<std::size_t>(i)] - 1000), 120) << i;
  EXPECT_EQ(counts, draw(3));
  EXPECT_NE(counts, draw(4));
}

// A cancel that is quicker than its order waits for it.
TEST(LatencyModel, AQuickKindDoesNotOvertake) {
  Settings settings;
  settings.latency = parsed("5ms,1ms;cancel=1ms");
  testing::Stage stage(settings);
  EXPECT_EQ(stage.run("book 100x5|102x4; buy 1 100x1; cancel 1; trade buy 102x1; trade buy "
                      "102x1; trade buy 102x1; trade buy 102x1; trade buy 102x1; trade buy 102x1"),
            "ack 1 100x1\ndone 1 cancelled 1\n");
  EXPECT_EQ(stage.heard()[0].header.exchange_time, stage.heard()[1].header.exchange_time);
}

TEST(RoundTrips, AreToldByOurOrdersAndTheFeedsDelay) {
  RoundTrips trips;
  const auto market = [&](std::int64_t recv, std::int64_t stamp) {
    trips.on_event(
        {.header = {.recv_time = at(recv), .exchange_time = at(stamp)}, .body = Trade{}});
  };
  const auto send = [&](std::uint64_t id, std::int64_t ns) {
    trips.on_output({.header = {.recv_time = at(ns)}, .body = PlaceOrder{.order = {id}}});
  };
  const auto ack = [&](std::uint64_t id, std::int64_t recv, std::int64_t stamp) {
    trips.on_event({.header = {.recv_time = at(recv), .exchange_time = at(stamp)},
                    .body = OrderAck{.order = {id}}});
  };
  send(1, 1000);
  ack(1, 1500, 900);  // nothing is known of the clocks yet
  market(2000, 1700);
  send(2, 2000);
  send(3, 2001);
  send(4, 2002);
  ack(2, 2600, 1900);  // there at 2200 on our clock
  trips.on_event({.header = {.recv_time = at(2601)}, .body = OrderReject{.order = {3}}});
  ack(3, 2700, 1900);
  ack(4, 2300, 2200);  // would be there at 2500, after it was heard: at 2300
  ack(9, 2800, 2200);  // none of ours
  EXPECT_EQ(trips.trips(), (std::vector<RoundTrip>{{at(2000), Duration{200}, Duration{400}},
                                                   {at(2002), Duration{298}, Duration{0}}}));
  EXPECT_EQ(trips.thinned(), trips.trips());
}

// A simulated exchange stamps on our receive clock, so how late the feed is does not matter there.
TEST(RoundTrips, OfASimulatedExchangeNeedNoDelay) {
  RoundTrips trips;
  trips.on_event({.header = {.recv_time = at(1)}, .body = SessionStart{.execution = "paper"}});
  trips.on_event({.header = {.recv_time = at(2000), .exchange_time = at(1700)}, .body = Trade{}});
  trips.on_output({.header = {.recv_time = at(2000)}, .body = PlaceOrder{.order = {1}}});
  trips.on_event({.header = {.recv_time = at(2600), .exchange_time = at(2150)},
                  .body = OrderAck{.order = {1}}});
  EXPECT_EQ(trips.trips(), (std::vector<RoundTrip>{{at(2000), Duration{150}, Duration{450}}}));
}

}  // namespace
}  // namespace mm::sim
