// Sessions with an outlook: engine, saved state and lanes make the same of them.

#include <gtest/gtest.h>

#include <vector>

#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/numeric.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/random.hpp"
#include "engine/record.hpp"
#include "research/what_if/lanes.hpp"
#include "sim/world.hpp"
#include "strategies/adapter.hpp"
#include "strategies/fixed_spread.hpp"
#include "strategies/quoting.hpp"
#include "tests/engine/outlook/two_markets.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

/// Quotes that depend on everything an outlook says, so that any difference in it is seen in them.
struct Follower {
  struct Params : Ladder {
    double width = 1;
  };
  struct State {
    std::uint64_t orders_seen = 0;
    void save(ByteWriter& out) const { out.put_u64(orders_seen); }
    void restore(ByteReader& in) { orders_seen = in.get_u64(); }
  };
  static constexpr std::string_view name = "follower";
  static constexpr bool wants_to_be_asked = true;
  static constexpr bool needs_outlook = true;
  static constexpr std::array parameters = {shared::level_step,
                                            shared::levels,
                                            shared::max_position,
                                            shared::requote_threshold,
                                            shared::size,
                                            ParameterInfo{.name = "width",
                                                          .unit = ParameterUnit::ratio,
                                                          .default_value = 1,
                                                          .minimum = 0,
                                                          .maximum = 100,
                                                          .doc = "of the quotes"}};
  static constexpr std::array<double Params::*, parameters.size()> fields = {
      &Params::level_step_bps,        &Params::levels, &Params::max_position,
      &Params::requote_threshold_bps, &Params::size,   &Params::width};

  static Quotes quotes(const Params& params, State& state, const View& view) {
    const Outlook& outlook = *view.outlook;
    const Reading& reading = outlook.reading();
    if (!reading.microprice) return {};
    state.orders_seen = outlook.order_count();
    double half = 0.3e-4 + params.width * reading.sigma.value_or(1e-4) + 0.1 / reading.kappa.kappa;
    half *= 1 + reading.belief[2] + 2 * reading.belief[3] +
            reading.features.flush_score.value_or(0) + reading.features.z_velocity.value_or(0) / 50;
    double shift = reading.imbalance_1s.value_or(0) * 1e-6 * (1 + reading.bid_flow.intensity);
    if (reading.lead)
      shift += reading.lead->predicted.value_or(0) + reading.lead->gap.value_or(0) / 20;
    const double fair = *reading.microprice * (1 + shift);
    const Price bid = Price::from_units(static_cast<std::int64_t>(fair * (1 - half)));
    if (const auto walls = outlook.wall_context(Side::buy, bid, view.instrument))
      if (walls->front) half *= 1.25;
    if (const auto chance = outlook.fill_chance(
            {.depth = half,
             .queue_ahead =
                 static_cast<double>(outlook.displayed(Side::buy, bid, view.instrument).lots()),
             .kappa = reading.kappa.kappa},
            2))
      half *= 1 + 0.1 * chance->fill;
    if (outlook.flicker_hz(Side::sell, bid).value_or(0) > 2) half *= 1.01;
    const Sizes sizes = sizes_of(view.instrument.definition(), params, fair);
    return lay_quotes(view, params, fair, sizes, {.bid = half, .ask = half});
  }
};
static_assert(Policy<Follower>);

std::unique_ptr<Strategy> follower(double width = 1) {
  auto strategy = std::make_unique<PolicyStrategy<Follower>>();
  EXPECT_FALSE(strategy->set_parameter("width", format_double(width)));
  EXPECT_FALSE(strategy->set_parameter("requote_threshold", "0.1bps"));
  return strategy;
}

struct Upstream {
  const std::vector<Event>& events;
  std::size_t position = 0;
  const Event* next() { return position < events.size() ? &events[position++] : nullptr; }
};

struct Keep {
  ByteWriter scratch;
  std::vector<std::vector<std::byte>> inputs;  // canonical: they own what they view
  std::vector<std::size_t> outputs_at;         // number of outputs before each input
  std::vector<Output> outputs;
  RollingDigest decided_digest;  // of the trader's own
  std::size_t fills = 0;

  void accept(const Event& event) {
    scratch.clear();
    write_record(scratch, event);
    inputs.emplace_back(scratch.bytes().begin(), scratch.bytes().end());
    outputs_at.push_back(outputs.size());
    if (std::holds_alternative<Fill>(event.body)) ++fills;
  }
  void decided(const Event&, std::span<const Output> now) {
    for (const Output& output : now) {
      outputs.push_back(output);
      if (output.kind() >= RecordKind::wall_appeared && output.kind() <= RecordKind::regime_state)
        continue;
      scratch.clear();
      write_record(scratch, output);
      decided_digest.add(scratch.bytes());
    }
  }
};

Keep recorded(Engine& engine, const std::vector<Event>& events = test::two_markets().events()) {
  Upstream upstream{events};
  sim::SimWorld world{sim::Settings{}};
  sim::WorldSource source{upstream, world, engine.market()};
  Keep keep;
  drive(source, engine, keep);
  return keep;
}

TEST(OutlookSession, IsReplayedFromAnySavedState) {
  Engine first{TraderSettings{}, follower()};
  const Keep keep = recorded(first);
  ASSERT_GT(keep.fills, 0u);
  ASSERT_GT(keep.outputs.size(), 500u);
  const StateDigests end = first.digests();
  EXPECT_NE(end.of(StateModule::outlook), Digest128{});

  SplitMix64 random{17};
  for (int window = 0; window < 10; ++window) {
    const std::size_t cut = random.below(keep.inputs.size());
    Engine engine{TraderSettings{}, follower()};
    std::vector<Output> outputs;
    const auto replay = [&](Engine& core, std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i)
        core.apply(std::get<Event>(*read_record(keep.inputs[i])), outputs);
    };
    replay(engine, 0, cut);
    ByteWriter state;
    engine.save(state);
    const std::vector<std::byte> bytes{state.bytes().begin(), state.bytes().end()};
    Engine resumed{TraderSettings{}, follower()};
    ByteReader in{bytes};
    ASSERT_TRUE(resumed.restore(in));
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(resumed.digests(), engine.digests());
    EXPECT_EQ(resumed.fields(), engine.fields());
    outputs.clear();
    replay(resumed, cut, keep.inputs.size());
    const std::vector<Output> expected{
        keep.outputs.begin() + static_cast<std::ptrdiff_t>(cut < keep.outputs_at.size()
                                                               ? keep.outputs_at[cut]
                                                               : keep.outputs.size()),
        keep.outputs.end()};
    EXPECT_EQ(outputs, expected) << "from event " << cut;
    EXPECT_EQ(resumed.digests(), end) << "from event " << cut;
  }
}

TEST(OutlookSession, ACopyGoesOnAlone) {
  const std::vector<Event>& events = test::two_markets().events();
  Engine one{TraderSettings{}, follower()};
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < 5000; ++i) one.apply(events[i], outputs);
  Engine copy = one;
  EXPECT_EQ(copy.digests(), one.digests());
  copy.apply(events[5000], outputs);
  for (std::size_t i = 5001; i < 6000; ++i) copy.apply(events[i], outputs);
  EXPECT_FALSE(copy.digests().of(StateModule::outlook) == one.digests().of(StateModule::outlook));
  for (std::size_t i = 5000; i < 6000; ++i) one.apply(events[i], outputs);
  EXPECT_EQ(copy.digests(), one.digests());
}

// Many lanes over one outlook decide what each of them would have decided alone.
TEST(OutlookSession, LanesShareOneOutlook) {
  const std::vector<Event>& events = test::two_markets().events();
  const std::vector<double> widths = {0.5, 1, 2, 4};
  std::vector<std::uint64_t> alone;
  for (const double width : widths) {
    Engine engine{TraderSettings{}, follower(width)};
    const Keep keep = recorded(engine);
    alone.push_back(keep.decided_digest.value());
  }
  EXPECT_NE(alone[0], alone[1]);

  const TraderSettings settings;
  Market market;
  const auto outlook = make_outlook(settings, *follower());
  ASSERT_NE(outlook, nullptr);
  research::Lanes lanes{settings.decision_interval, settings.stale};
  static const research::MarkHistory marks;
  static const Instrument instrument;
  for (const double width : widths) {
    research::Lane lane{Trader{settings, follower(width)}, sim::SimWorld{sim::Settings{}},
                        outlook.get()};
    lanes.add(std::move(lane));
  }
  for (std::size_t i = 0; i < lanes.size(); ++i)
    lanes[i].open_account(marks, instrument, Time{}, {});
  std::vector<Output> seen;
  for (const Event& event : events) {
    lanes.advance(event.header.recv_time, market);
    lanes.before(market);
    market.apply(event);
    seen.clear();
    outlook->apply(event, market, seen);
    lanes.after(event, market);
  }
  for (std::size_t i = 0; i < widths.size(); ++i)
    EXPECT_EQ(lanes[i].output_digest(), alone[i]) << widths[i];
}

// With real orders the displayed book contains ours: the outlook reads what others show.
TEST(OutlookSession, LeavesOurDisplayedOrdersOut) {
  using testing_samples::level;
  TraderSettings settings;
  settings.own_displayed = true;
  settings.outlook = true;
  auto strategy = std::make_unique<PolicyStrategy<FixedSpread>>();
  ASSERT_FALSE(strategy->set_parameter("spread", "0.1bps"));
  Engine engine{settings, std::move(strategy)};
  std::vector<Output> outputs;
  const auto at = [](std::int64_t ms) {
    return time_from_ns((1'700'000'000'000 + ms) * 1'000'000);
  };
  const auto apply = [&](std::int64_t ms, EventBody body) {
    outputs.clear();
    engine.apply({{.recv_time = at(ms), .exchange_time = at(ms)}, body}, outputs);
  };
  const Instrument instrument = testing_samples::btc_usdt();
  apply(0, definition_of(instrument));
  const std::vector<Level> bids = {level(600'000, 900)};
  const std::vector<Level> asks = {level(600'010, 900)};
  apply(1, BookSnapshot{.bids = bids, .asks = asks});
  std::vector<PlaceOrder> placed;
  for (const Output& output : outputs)
    if (const auto* order = std::get_if<PlaceOrder>(&output.body)) placed.push_back(*order);
  ASSERT_EQ(placed.size(), 2u);
  ASSERT_GT(placed[0].price, bids[0].price);
  for (const PlaceOrder& order : placed)
    apply(2, OrderAck{.order = order.order, .price = order.price, .remaining = order.qty});
  const std::vector<Level> our_bid = {{placed[0].price, placed[0].qty}};
  const std::vector<Level> our_ask = {{placed[1].price, placed[1].qty}};
  apply(150, BookDelta{.bids = our_bid, .asks = our_ask});
  EXPECT_EQ(engine.market().quoted().touch().bid.price, placed[0].price);
  const Reading& reading = engine.outlook()->reading();
  EXPECT_EQ(reading.at, at(150));
  EXPECT_EQ(reading.touch.bid, bids[0]);
  EXPECT_EQ(reading.touch.ask, asks[0]);
  EXPECT_EQ(reading.mid, 600'005.0);
  EXPECT_EQ(engine.outlook()->displayed(Side::buy, placed[0].price, engine.market().quoted()),
            Qty{});
  EXPECT_EQ(engine.outlook()->displayed(Side::buy, bids[0].price, engine.market().quoted()),
            bids[0].qty);
}

// Without the setting and without the need for it there is no outlook and no trace of one; with it,
// the strategy's decisions are the same and the market's notes come on top.
TEST(OutlookSession, IsThereWhenAskedFor) {
  TraderSettings with;
  with.outlook = true;
  Engine plain{TraderSettings{}, std::make_unique<PolicyStrategy<FixedSpread>>()};
  Engine seeing{with, std::make_unique<PolicyStrategy<FixedSpread>>()};
  EXPECT_EQ(plain.outlook(), nullptr);
  ASSERT_NE(seeing.outlook(), nullptr);
  const Keep blind = recorded(plain);
  const Keep seen = recorded(seeing);
  EXPECT_EQ(blind.decided_digest, seen.decided_digest);
  EXPECT_GT(seen.outputs.size(), blind.outputs.size());
  EXPECT_EQ(plain.digests().of(StateModule::outlook), Digest128{});
  EXPECT_EQ(plain.digests().of(StateModule::book), seeing.digests().of(StateModule::book));
  EXPECT_EQ(plain.digests().of(StateModule::account), seeing.digests().of(StateModule::account));
}

TEST(OutlookSession, SettingsAreText) {
  TraderSettings settings;
  EXPECT_FALSE(TraderSettings::parse("outlook=on\nwindow=5.7bps\nbucket=0.6bps\n", settings));
  EXPECT_TRUE(settings.outlook);
  EXPECT_EQ(settings.window_tenth_bps, 57);
  EXPECT_EQ(settings.bucket_tenth_bps, 6);
  TraderSettings again;
  EXPECT_FALSE(TraderSettings::parse(settings.format(), again));
  EXPECT_EQ(again, settings);
  EXPECT_EQ(TraderSettings{}.format().find("outlook"), std::string::npos);
  for (const char* wrong :
       {"outlook=maybe", "window=0", "window=5.75bps", "window=2000bps", "bucket=5bps",
        "window=5bps\nbucket=6bps", "window=500bps\nbucket=1bps"}) {
    TraderSettings fresh;
    EXPECT_TRUE(TraderSettings::parse(wrong, fresh)) << wrong;
    EXPECT_EQ(fresh, TraderSettings{}) << wrong;
  }
}

TEST(OutlookSession, UnknownModelParametersAreRefusedAloud) {
  Engine engine{TraderSettings{}, follower()};
  std::vector<Output> outputs;
  engine.apply(test::two_markets().events().front(), outputs);
  engine.apply({{}, ParameterChange{"model.nonsense", "1"}}, outputs);
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(std::get<Alert>(outputs[0].body).code, AlertCode::parameter_refused);
  // Without an outlook there is nobody to take it.
  outputs.clear();
  Engine plain{TraderSettings{}, std::make_unique<PolicyStrategy<FixedSpread>>()};
  plain.apply({{}, ParameterChange{"model.nonsense", "1"}}, outputs);
  ASSERT_EQ(outputs.size(), 1u);
}

}  // namespace
}  // namespace mm
