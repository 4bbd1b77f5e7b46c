// The outlook as a fold: what it reads when, what it must never say, that it can be saved anywhere.

#include "engine/outlook/outlook.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <vector>

#include "engine/hash.hpp"
#include "engine/outlook/fields_io.hpp"
#include "engine/outlook/reading_fields.hpp"
#include "tests/engine/outlook/two_markets.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

std::vector<std::byte> saved(const Outlook& outlook) {
  ByteWriter out;
  outlook.save(out);
  return {out.bytes().begin(), out.bytes().end()};
}

/// Calls f for every double in a reading, absent ones left out.
template <class F>
struct EachDouble {
  F f;
  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (std::is_same_v<T, double>) {
      f(name, value);
    } else if constexpr (IsOptional<T>::value) {
      if (value) (*this)(name, *value);
    } else if constexpr (IsArray<T>::value) {
      for (const auto& item : value) (*this)(name, item);
    } else if constexpr (requires { visit_fields(value, *this); }) {
      visit_fields(value, *this);
    }
  }
};

void expect_sane(const Reading& reading) {
  visit_fields(reading, EachDouble{[&](const char* name, double value) {
                 EXPECT_TRUE(std::isfinite(value)) << name;
               }});
  double sum = 0;
  for (const double p : reading.belief) {
    EXPECT_GE(p, 0);
    sum += p;
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  for (const Side side : {Side::buy, Side::sell}) {
    const FlowReading& flow = reading.flow(side);
    if (reading.at) {
      EXPECT_GT(flow.intensity, 0);
    }
    for (std::size_t h = 0; h < flow.counts.size(); ++h) {
      EXPECT_LE(flow.counts[h].quiet, flow.counts[h].expected * (1 + 1e-12));
      if (h > 0) {
        EXPECT_GE(flow.counts[h].expected, flow.counts[h - 1].expected);
      }
    }
    if (flow.informed) {
      EXPECT_GE(*flow.informed, 0);
      EXPECT_LE(*flow.informed, 1);
    }
  }
  if (reading.mid) {
    EXPECT_TRUE(reading.touch.two_sided());
    EXPECT_TRUE(reading.microprice.has_value());
  }
}

struct Folded {
  Market market;
  Outlook outlook;
  std::vector<Output> outputs;
  void apply(const Event& event) {
    market.apply(event);
    outlook.apply(event, market, outputs);
  }
};

TEST(Outlook, KnowsNothingBeforeItHasSeenIt) {
  Folded fold;
  const Reading& reading = fold.outlook.reading();
  EXPECT_FALSE(reading.at);
  EXPECT_FALSE(reading.mid);
  EXPECT_FALSE(reading.sigma);
  EXPECT_FALSE(reading.lead);
  EXPECT_FALSE(reading.last_order);
  EXPECT_FALSE(fold.outlook.fill_chance({.kappa = 3000}, 0));
  EXPECT_FALSE(fold.outlook.predicted_move(Time{}));
  EXPECT_EQ(fold.outlook.order(1), nullptr);
  fold.apply(test::two_markets().events().front());  // a definition is not a market event
  EXPECT_FALSE(reading.at);
}

TEST(Outlook, ReadsAtTheClockOfMarketEvents) {
  Folded fold;
  std::int64_t next_tick = 0;
  std::size_t ticks = 0;
  std::optional<Time> before;
  for (const Event& event : test::two_markets().events()) {
    fold.apply(event);
    const std::int64_t now = to_ns(event.header.recv_time);
    if (std::holds_alternative<InstrumentDefined>(event.body)) continue;
    const Reading& reading = fold.outlook.reading();
    ASSERT_TRUE(reading.at);
    if (now >= next_tick) {
      EXPECT_EQ(*reading.at, event.header.recv_time);
      next_tick = (now / 100'000'000 + 1) * 100'000'000;
      ++ticks;
      expect_sane(reading);
    } else {
      EXPECT_EQ(reading.at, before);
    }
    before = reading.at;
  }
  EXPECT_GT(ticks, 300u);
}

TEST(Outlook, TellsMostThingsOfARealMinute) {
  Folded fold;
  std::map<std::string_view, int> kinds;
  bool predicted = false;
  for (const Event& event : test::two_markets().events()) {
    fold.apply(event);
    predicted = predicted || (fold.outlook.reading().lead && fold.outlook.reading().lead->estimate);
    for (const Output& output : fold.outputs) ++kinds[name_of(output.kind())];
    fold.outputs.clear();
  }
  const Reading& reading = fold.outlook.reading();
  EXPECT_TRUE(reading.features.present());
  EXPECT_TRUE(reading.features.window.band_density);
  EXPECT_TRUE(reading.sigma);
  EXPECT_TRUE(reading.kappa_robust);
  EXPECT_TRUE(reading.kappa_book);
  EXPECT_GT(reading.kappa.kappa, 0);
  EXPECT_TRUE(reading.last_order);
  EXPECT_GT(fold.outlook.order_count(), 50u);
  EXPECT_NE(fold.outlook.order(fold.outlook.order_count()), nullptr);
  EXPECT_EQ(fold.outlook.order(fold.outlook.order_count() + 1), nullptr);
  EXPECT_EQ(fold.outlook.order(1), nullptr);  // long ago
  EXPECT_GT(reading.regime_steps, 2);
  ASSERT_TRUE(reading.lead);
  EXPECT_TRUE(reading.lead->mid);
  EXPECT_TRUE(reading.lead->moved_at);
  EXPECT_TRUE(reading.microprice_std);
  EXPECT_GT(kinds["regime_state"], 0);
  EXPECT_GT(kinds["liquidity_changed"], 0);
  // Longer horizons fill more, deeper quotes less.
  double last = 0;
  for (std::size_t h = 0; h < fill_horizons_s.size(); ++h) {
    const auto near = fold.outlook.fill_chance({.depth = 1e-4, .kappa = 3000}, h);
    const auto far = fold.outlook.fill_chance({.depth = 8e-4, .kappa = 3000}, h);
    ASSERT_TRUE(near && far);
    EXPECT_GE(near->fill, last);
    EXPECT_LE(far->fill, near->fill);
    EXPECT_LE(near->fill, 1);
    last = near->fill;
  }
}

TEST(Outlook, GoesOnFromASavedStateBitForBit) {
  const std::vector<Event>& events = test::two_markets().events();
  for (const std::size_t share : {1u, 7u, 23u, 50u, 51u, 77u, 99u}) {
    const std::size_t cut = events.size() * share / 100 + share;
    Folded whole;
    for (std::size_t i = 0; i < cut; ++i) whole.apply(events[i]);
    const std::vector<std::byte> bytes = saved(whole.outlook);
    Folded resumed;
    resumed.market = whole.market;
    ByteReader in{bytes};
    ASSERT_TRUE(resumed.outlook.restore(in)) << share;
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(saved(resumed.outlook), bytes);
    whole.outputs.clear();
    for (std::size_t i = cut; i < events.size(); ++i) {
      whole.apply(events[i]);
      resumed.apply(events[i]);
    }
    EXPECT_EQ(whole.outputs, resumed.outputs) << share;
    EXPECT_EQ(saved(whole.outlook), saved(resumed.outlook)) << share;
  }
}

TEST(Outlook, RefusesDamagedStates) {
  Folded fold;
  const std::vector<Event>& events = test::two_markets().events();
  for (std::size_t i = 0; i < 4000; ++i) fold.apply(events[i]);
  const std::vector<std::byte> bytes = saved(fold.outlook);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{8}, bytes.size() / 2, bytes.size() - 8}) {
    ByteReader in{std::span{bytes}.first(size)};
    Outlook outlook;
    EXPECT_FALSE(outlook.restore(in)) << size;
  }
}

TEST(Outlook, HearsNothingOfOurOwnEvents) {
  Folded alone;
  Folded disturbed;
  const std::vector<Event>& events = test::two_markets().events();
  for (std::size_t i = 0; i < 20'000 && i < events.size(); ++i) {
    alone.apply(events[i]);
    disturbed.apply(events[i]);
    const Time now = events[i].header.recv_time;
    disturbed.apply({{.recv_time = now}, Timer{1}});
    disturbed.apply({{.recv_time = now}, Fill{.order = {1}}});
    disturbed.apply({{.recv_time = now}, ParameterChange{"spread", "3bps"}});
  }
  EXPECT_EQ(saved(alone.outlook), saved(disturbed.outlook));
  EXPECT_EQ(alone.outputs, disturbed.outputs);
}

TEST(Outlook, ForgetsPricesInAGap) {
  Folded fold;
  const std::vector<Event>& events = test::two_markets().events();
  std::size_t i = 0;
  for (; i < 20'000; ++i) fold.apply(events[i]);
  ASSERT_TRUE(fold.outlook.reading().mid);
  const Time now = events[i].header.recv_time;
  fold.apply({{.recv_time = now}, FeedStatus{.state = FeedState::gap}});
  EXPECT_FALSE(fold.outlook.reading().mid);
  EXPECT_FALSE(fold.outlook.reading().microprice);
  EXPECT_FALSE(fold.outlook.fill_chance({.kappa = 3000}, 1));
  EXPECT_TRUE(fold.outlook.reading().sigma);  // an estimate, not a price
  fold.apply({{.recv_time = now + std::chrono::milliseconds{200}},
              FeedStatus{.state = FeedState::connected}});
  EXPECT_FALSE(fold.outlook.reading().features.present());
  EXPECT_FALSE(fold.outlook.wall_context(Side::buy, Price::from_units(1), fold.market.quoted()));
}

// Books that are one-sided or crossed, gaps, jumps, contexts of any size: nothing leaves a NaN
// behind, and the state can be saved anywhere. MM_OUTLOOK_EVENTS sets how many; a session's worth
// by default.
TEST(Outlook, StaysSaneOnRandomEvents) {
  const char* const asked = std::getenv("MM_OUTLOOK_EVENTS");
  const std::int64_t count = asked != nullptr ? std::atoll(asked) : 60'000;
  for (const std::uint64_t seed : {11u, 12u}) {
    testing_samples::RandomStream random{seed};
    Folded fold;
    std::optional<Time> read;
    std::size_t readings = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      fold.apply(random.next());
      fold.outputs.clear();
      if (fold.outlook.reading().at == read) continue;
      read = fold.outlook.reading().at;
      ++readings;
      expect_sane(fold.outlook.reading());
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(readings, static_cast<std::size_t>(count / 100));
    const std::vector<std::byte> bytes = saved(fold.outlook);
    Outlook again;
    ByteReader in{bytes};
    ASSERT_TRUE(again.restore(in));
    EXPECT_EQ(saved(again), bytes);
  }
}

// Prints of one side and stamp are one order; sizes add up, the worst price and a sweep are seen.
TEST(Outlook, JoinsPrintsToTakerOrders) {
  Folded fold;
  const Instrument instrument = testing_samples::btc_usdt();
  fold.apply({{}, definition_of(instrument)});
  const auto at = [](std::int64_t ms) { return time_from_ns(ms * 1'000'000); };
  const std::vector<Level> bids = {testing_samples::level(1000, 5), testing_samples::level(999, 9)};
  const std::vector<Level> asks = {testing_samples::level(1002, 5),
                                   testing_samples::level(1003, 9)};
  fold.apply({{.recv_time = at(1000)}, BookSnapshot{.bids = bids, .asks = asks}});
  const auto print = [&](std::int64_t ms, std::int64_t stamp, std::int64_t price, std::int64_t lots,
                         Side taker) {
    fold.apply(
        {{.recv_time = at(ms), .exchange_time = at(stamp)},
         Trade{
             .price = Price::from_units(price), .qty = Qty::from_lots(lots), .aggressor = taker}});
  };
  print(1010, 1005, 1002, 5, Side::buy);
  print(1011, 1005, 1003, 2, Side::buy);
  EXPECT_EQ(fold.outlook.order_count(), 0u);
  print(1012, 1006, 1000, 1, Side::sell);
  ASSERT_EQ(fold.outlook.order_count(), 1u);
  const TakerOrder& first = *fold.outlook.order(1);
  EXPECT_EQ(first.qty, Qty::from_lots(7));
  EXPECT_EQ(first.worst, Price::from_units(1003));
  EXPECT_TRUE(first.sweep);
  EXPECT_EQ(first.taker, Side::buy);
  EXPECT_EQ(first.consumed(), Side::sell);
  EXPECT_NEAR(*first.reach_bps, 2.0 / 1001 * 1e4, 1e-9);
  // Silence completes it at the next market event.
  fold.apply({{.recv_time = at(1030)}, BestQuote{.bid = bids[0], .ask = asks[0]}});
  ASSERT_EQ(fold.outlook.order_count(), 2u);
  EXPECT_FALSE(fold.outlook.order(2)->sweep);
  EXPECT_EQ(fold.outlook.order(2)->qty, Qty::from_lots(1));
}

TEST(Outlook, WindowsFitTheFeed) {
  Instrument instrument = testing_samples::btc_usdt();
  EXPECT_EQ(default_window(instrument), WindowSettings{});
  instrument.venue = "hyperliquid";
  for (const auto& [symbol, window] : {std::pair{"BTC", 17}, {"ETH", 57}, {"SOL", 90}, {"X", 50}}) {
    instrument.symbol = symbol;
    EXPECT_EQ(default_window(instrument).window_tenth_bps, window);
    EXPECT_TRUE(default_window(instrument).valid());
    for (const std::int64_t depth : default_window(instrument).depth_tenth_bps)
      EXPECT_LE(depth, window);
  }
}

}  // namespace
}  // namespace mm
