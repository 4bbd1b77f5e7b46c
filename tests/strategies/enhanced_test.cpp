// What `enhanced` and `wall_aware` want at a real moment of a real market, and of what they know
// nothing.

#include "strategies/enhanced.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/det/math.hpp"
#include "engine/engine.hpp"
#include "engine/random.hpp"
#include "strategies/adapter.hpp"
#include "strategies/registry.hpp"
#include "strategies/wall_aware.hpp"
#include "tests/engine/outlook/two_markets.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

/// A market and its outlook, as they stand after a number of events.
class Moment {
 public:
  explicit Moment(std::size_t count) {
    std::vector<Output> outputs;
    for (const Event& event : test::two_markets().events()) {
      if (count-- == 0) break;
      market_.apply(event);
      outlook_->apply(event, market_, outputs);
      now_ = event.header.recv_time;
    }
  }
  View view(std::int64_t position_lots = 0) const {
    return {.now = now_,
            .market = market_,
            .instrument = market_.quoted(),
            .touch = market_.quoted().touch(),
            .position = Qty::from_lots(position_lots),
            .average_cost = {},
            .outlook = outlook_.get()};
  }
  Outlook& outlook() { return *outlook_; }
  const Instrument& instrument() const { return market_.quoted().definition(); }

 private:
  Market market_;
  std::unique_ptr<Outlook> outlook_ = std::make_unique<Outlook>();
  Time now_;
};

const Moment& late() {
  static const Moment moment{test::two_markets().events().size()};
  return moment;
}

Quotes ask(const Moment& moment, std::string_view name, std::string_view lines,
           std::int64_t position_lots = 0) {
  auto strategy = make_strategy(name, lines);
  EXPECT_TRUE(strategy.has_value());
  return (*strategy)->quotes(moment.view(position_lots));
}

double width_bps(const Quotes& quotes) {
  const double bid = static_cast<double>(quotes.bids.all().front().price.units());
  const double ask_price = static_cast<double>(quotes.asks.all().front().price.units());
  return (ask_price - bid) / (ask_price + bid) * 2e4;
}

double middle(const Quotes& quotes) {
  return (static_cast<double>(quotes.bids.all().front().price.units()) +
          static_cast<double>(quotes.asks.all().front().price.units())) /
         2;
}

TEST(Enhanced, QuotesBothSidesAroundTheTouchAndNeverCrosses) {
  const Moment& moment = late();
  const Touch& touch = moment.view().touch;
  for (const std::string_view name : {"enhanced", "wall_aware"}) {
    for (const std::string_view lines : {"levels=3", "spread=0.01bps\nmin_depth=0bps\nlevels=3"}) {
      const Quotes quotes = ask(moment, name, lines);
      ASSERT_EQ(quotes.bids.size(), 3u) << name;
      ASSERT_EQ(quotes.asks.size(), 3u) << name;
      for (const Quote& quote : quotes.bids.all()) EXPECT_LT(quote.price, touch.ask.price);
      for (const Quote& quote : quotes.asks.all()) EXPECT_GT(quote.price, touch.bid.price);
      for (std::size_t i = 1; i < 3; ++i) {
        EXPECT_LT(quotes.bids.all()[i].price, quotes.bids.all()[i - 1].price);
        EXPECT_GT(quotes.asks.all()[i].price, quotes.asks.all()[i - 1].price);
      }
    }
  }
}

// The same full width for each strategy, whatever the engine would have quoted.
TEST(Enhanced, ASpreadIsTheFullWidthAsInTheOtherStrategies) {
  const double tick_bps = 2.0 / middle(ask(late(), "enhanced", "")) * 1e4;
  for (const std::string_view spread : {"spread=8bps", "spread=30bps"}) {
    const double wanted = width_bps(ask(late(), "fixed_spread", spread));
    EXPECT_NEAR(width_bps(ask(late(), "glft", spread)), wanted, tick_bps);
    EXPECT_NEAR(width_bps(ask(late(), "enhanced", spread)), wanted, tick_bps);
    EXPECT_NEAR(width_bps(ask(late(), "wall_aware", std::string{spread} + "\nuse_walls=off")),
                wanted, tick_bps);
  }
}

// Skew: long quotes lower, short quotes higher, never the other way round.
TEST(Enhanced, SkewsAgainstItsInventory) {
  const double flat = middle(ask(late(), "enhanced", ""));
  double before = flat;
  for (const std::int64_t lots : {10, 30, 60}) {
    const double longs = middle(ask(late(), "enhanced", "", lots));
    const double shorts = middle(ask(late(), "enhanced", "", -lots));
    EXPECT_LE(longs, before);
    EXPECT_GE(shorts, flat);
    before = longs;
  }
  EXPECT_LT(before, flat);
  // Sizes: what adds to the position shrinks, what reduces it stays whole.
  const Quotes longs = ask(late(), "enhanced", "", 60);
  ASSERT_FALSE(longs.asks.all().empty());
  const Qty whole = ask(late(), "enhanced", "").asks.all().front().qty;
  EXPECT_EQ(longs.asks.all().front().qty, whole);
  if (!longs.bids.all().empty()) {
    EXPECT_LT(longs.bids.all().front().qty, whole);
  }
}

// With a market that says nothing yet, priors stand in: nothing is quoted as if a rate, a
// volatility or a depth were 0.
TEST(Enhanced, ReplacesWhatIsNotKnownByItsPriors) {
  Moment early{4};
  while (!early.view().instrument.quotable()) {
    static std::size_t count = 4;
    early = Moment{++count};
    ASSERT_LT(count, 1000u);
  }
  const Reading& reading = early.outlook().reading();
  ASSERT_FALSE(reading.sigma);
  ASSERT_FALSE(reading.kappa_book);
  PolicyStrategy<Enhanced> strategy;
  Enhanced::State state;
  const EnhancedDecision decision = Enhanced::decide(strategy.params(), state, early.view());
  EXPECT_EQ(decision.inputs.sigma, 1e-4);  // `volatility`
  EXPECT_GT(decision.inputs.kappa, 0);
  EXPECT_GT(decision.inputs.intensity, 0);
  EXPECT_EQ(decision.inputs.premium_bps, 0.5);  // `premium_prior`
  EXPECT_EQ(decision.inputs.predicted_move, 0);
  EXPECT_GT(decision.widths.half, 5e-4);
  EXPECT_GT(decision.inputs.microprice, 0);
  // Everything switched off: the same priors, whatever the market says.
  for (const Moment* moment : {&late(), static_cast<const Moment*>(&early)}) {
    auto blind = PolicyStrategy<Enhanced>{};
    for (const char* name :
         {"use_adverse", "use_hawkes", "use_kappa", "use_lead_lag", "use_liquidation",
          "use_microprice", "use_queue", "use_regime", "use_volatility"})
      ASSERT_FALSE(blind.set_parameter(name, "off")) << name;
    Enhanced::State other;
    const EnhancedDecision off = Enhanced::decide(blind.params(), other, moment->view());
    EXPECT_EQ(off.inputs.sigma, 1e-4);
    EXPECT_NEAR(off.inputs.kappa, 3000, 1e-9);
    EXPECT_EQ(off.inputs.intensity, 0.5);
    EXPECT_EQ(off.inputs.premium_bps, 0.5);
    EXPECT_EQ(off.inputs.microprice, off.mid);
    EXPECT_EQ(off.inputs.belief, (Belief{1, 0, 0, 0}));
    EXPECT_FALSE(off.widths.defensive);
  }
}

TEST(Enhanced, EverySwitchMatters) {
  // On the late moment each component says something else than its prior.
  PolicyStrategy<Enhanced> on;
  Enhanced::State state;
  state.half = 5e-4;
  const QuoteInputs all = Enhanced::decide(on.params(), state, late().view()).inputs;
  const auto without = [&](const char* name) {
    PolicyStrategy<Enhanced> strategy;
    EXPECT_FALSE(strategy.set_parameter(name, "off"));
    Enhanced::State fresh;
    fresh.half = 5e-4;
    return Enhanced::decide(strategy.params(), fresh, late().view()).inputs;
  };
  EXPECT_NE(without("use_volatility").sigma, all.sigma);
  EXPECT_NE(without("use_kappa").kappa, all.kappa);
  EXPECT_NE(without("use_hawkes").intensity, all.intensity);
  EXPECT_NE(without("use_regime").belief, all.belief);
  EXPECT_NE(without("use_microprice").microprice, all.microprice);
}

// Widths with equal inputs rise with the regime, before the floor and after it.
TEST(Enhanced, WidensFromQuietToCascade) {
  PolicyStrategy<Enhanced> strategy;
  QuoteSettings settings = quote_settings(strategy.params());
  Enhanced::State state;
  QuoteInputs inputs = Enhanced::decide(strategy.params(), state, late().view()).inputs;
  for (const bool floored : {true, false}) {
    if (!floored) settings.half_spread_floor_bps = {0.001, 0.001, 0.001, 0.001};
    settings.defensive_half_bps = 0.001;
    double before = 0;
    for (std::size_t regime = 0; regime < regimes; ++regime) {
      inputs.belief = {};
      inputs.belief[regime] = 1;
      const double half = quote_widths(settings, inputs).half;
      EXPECT_GT(half, before) << regime;
      before = half;
    }
  }
}

TEST(Enhanced, WithoutAnOutlookItWantsNothing) {
  View view = late().view();
  view.outlook = nullptr;
  PolicyStrategy<Enhanced> strategy;
  EXPECT_EQ(strategy.quotes(view).bids.size(), 0u);
  EXPECT_TRUE(strategy.needs_outlook());
  EXPECT_TRUE(strategy.needs_own());
  EXPECT_TRUE(strategy.predicts());
}

// Chances lie in [0, 1] and fall with depth and rise with time, for every order of a deep ladder.
TEST(Enhanced, PredictsChancesThatAreMonotone) {
  PolicyStrategy<Enhanced> strategy;
  const View view = late().view();
  strategy.quotes(view);
  for (const Side side : {Side::buy, Side::sell}) {
    std::vector<Order> orders;
    const Level best = side == Side::buy ? view.touch.bid : view.touch.ask;
    for (std::int64_t i = 0; i < 32; ++i)
      orders.push_back({.id = ClientOrderId{static_cast<std::uint64_t>(i + 1)},
                        .side = side,
                        // Behind the displayed sizes every one is at the end of a queue of its own;
                        // inside the spread queues are empty, so only depth counts there.
                        .price = Price::from_units(best.price.units() + sign(side) * (31 - i)),
                        .remaining = Qty::from_lots(5)});
    PredictedCycle cycle;
    strategy.predict(view, orders, cycle);
    ASSERT_EQ(cycle.count, orders.size());
    for (std::size_t i = 0; i < cycle.count; ++i) {
      const PredictedLevel& level = cycle.levels[i];
      EXPECT_GE(level.p_fill_100ms_e6, 0);
      EXPECT_LE(level.p_fill_100ms_e6, level.p_fill_1s_e6);
      EXPECT_LE(level.p_fill_1s_e6, level.p_fill_10s_e6);
      EXPECT_LE(level.p_fill_10s_e6, 1'000'000);
      EXPECT_GT(level.p_adverse_e6, 0);
      EXPECT_LT(level.p_adverse_e6, 1'000'000);
      if (i > 0 && cycle.levels[i - 1].queue_ahead == 0 && level.queue_ahead == 0) {
        EXPECT_GE(cycle.levels[i - 1].p_fill_1s_e6, level.p_fill_1s_e6);
        EXPECT_LT(cycle.levels[i - 1].depth_e8, level.depth_e8);
      }
    }
  }
}

TEST(WallAware, GoesBehindTheNearestWall) {
  const WallRule rule{.gap = 2, .reach = 50, .bare = 3};
  const auto bid = [&](std::vector<double> walls) {
    return placed_by_walls(rule, Side::buy, 1000, walls);
  };
  EXPECT_EQ(bid({}), 997);            // nothing shields: further out
  EXPECT_EQ(bid({1010}), 1000);       // a wall in front: protected
  EXPECT_EQ(bid({1000}), 998);        // at the wall: behind it
  EXPECT_EQ(bid({990, 970}), 988);    // behind the nearest
  EXPECT_EQ(bid({1010, 990}), 1000);  // one in front is enough
  EXPECT_EQ(bid({949}), 997);         // out of reach
  EXPECT_EQ(placed_by_walls(rule, Side::sell, 1000, std::vector<double>{1010}), 1012);
  EXPECT_EQ(placed_by_walls(rule, Side::sell, 1000, std::vector<double>{990}), 1000);
}

// A treatment of the same engine: never nearer than `enhanced`, and equal to it without walls.
TEST(WallAware, OnlyEverMovesQuotesAway) {
  std::size_t moved = 0;
  for (std::size_t count = 2000; count < test::two_markets().events().size(); count += 2500) {
    const Moment moment{count};
    if (!moment.view().instrument.quotable()) continue;
    const std::string_view lines = "spread=2bps\nlevels=2\nflush_withdraw=off";
    const Quotes plain = ask(moment, "enhanced", "spread=2bps\nlevels=2");
    const Quotes treated =
        ask(moment, "wall_aware", std::string{lines} + "\nwall_age=0\nwall_reach=25bps");
    const Quotes off = ask(moment, "wall_aware", std::string{lines} + "\nuse_walls=off");
    EXPECT_EQ(off, plain);
    ASSERT_EQ(treated.bids.size(), plain.bids.size());
    for (std::size_t i = 0; i < plain.bids.size(); ++i) {
      EXPECT_LE(treated.bids.all()[i].price, plain.bids.all()[i].price);
      EXPECT_GE(treated.asks.all()[i].price, plain.asks.all()[i].price);
      moved += treated.bids.all()[i].price != plain.bids.all()[i].price;
      moved += treated.asks.all()[i].price != plain.asks.all()[i].price;
    }
  }
  EXPECT_GT(moved, 0u);
}

}  // namespace
}  // namespace mm
