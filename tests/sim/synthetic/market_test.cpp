// SyntheticMarket: what is sent is what a venue would send, in order, and tells the true book.

#include "sim/synthetic/market.hpp"

#include <gtest/gtest.h>

#include <array>

#include "engine/market.hpp"
#include "engine/record.hpp"
#include "sim/synthetic/truth_text.hpp"
#include "tests/sim/synthetic/rig.hpp"

namespace mm::sim {
namespace {

using testing::lead_btc;
using testing::of_kind;
using testing::quoted_btc;
using testing::run_market;
using testing::settings_of;

const Time start = testing::synthetic_start;

std::vector<Level> levels_of(const MatchingBook& book, Side side) {
  std::vector<DepthLevel> depth;
  book.depth(side, book.level_count(side), depth);
  std::vector<Level> levels;
  for (const DepthLevel& level : depth) levels.push_back({level.price, level.qty});
  return levels;
}

std::vector<Level> levels_of(const InstrumentState& state, Side side) {
  std::vector<Level> levels;
  state.book().for_each_level(side, [&](const Level& level) { levels.push_back(level); });
  return levels;
}

// With a delta at every change and no latency a folded book is the matching's own, at every event;
// without spread of the lag nothing happens twice at one moment.
TEST(SyntheticMarket, DeltasTellTheTrueBook) {
  const SyntheticSettings settings =
      settings_of(11,
                  "depth_interval=0s\nlead.depth_interval=0s\nfeed_latency=0s\n"
                  "lead.feed_latency=0s\nlag_sd=0s\nregime_speed=60\nwalls_per_min=20\n");
  SyntheticMarket market(quoted_btc(), lead_btc(), settings, start);
  Market folded;
  std::array<int, 2> compared{};
  run_market(market, std::chrono::minutes{3}, [&](const Event& event) {
    folded.apply(event);
    const std::size_t at = event.header.instrument.value;
    if (event.kind() != RecordKind::book_delta) return;
    const InstrumentState& state = folded.instrument(event.header.instrument);
    for (const Side side : {Side::buy, Side::sell})
      ASSERT_TRUE(levels_of(state, side) == levels_of(market.book(at), side));
    ASSERT_TRUE(state.quotable());
    ++compared[at];
  });
  EXPECT_GT(compared[0], 10'000);
  EXPECT_GT(compared[1], 10'000);
}

TEST(SyntheticMarket, EventsComeInOrderAndFollowTheirFeeds) {
  const SyntheticSettings settings =
      settings_of(12, "feed_latency=3ms\nfeed_jitter=2ms\nlead.feed_latency=1ms\n");
  SyntheticMarket market(quoted_btc(), lead_btc(), settings, start);
  Market folded;
  Time last;
  std::array<std::int64_t, 2> last_id{}, last_trade{};
  std::array<std::array<int, 8>, 2> kinds{};
  double jitter = 0;
  int stamped = 0;
  run_market(market, std::chrono::minutes{5}, [&](const Event& event) {
    const std::size_t at = event.header.instrument.value;
    ASSERT_GE(event.header.recv_time, last);
    last = event.header.recv_time;
    const Duration way = event.header.recv_time - event.header.exchange_time;
    if (at == 1) {
      ASSERT_EQ(way, std::chrono::milliseconds{1});
    }
    if (at == 0) {
      ASSERT_GE(way, std::chrono::milliseconds{3});
      jitter += seconds_of(way) - 0.003;
      ++stamped;
    }
    ++kinds[at][static_cast<std::size_t>(event.kind())];
    if (const auto* delta = std::get_if<BookDelta>(&event.body)) {
      ASSERT_EQ(delta->prev_id, last_id[at]);
      ASSERT_GT(delta->last_id, delta->prev_id);
      last_id[at] = delta->last_id;
    }
    if (const auto* snapshot = std::get_if<BookSnapshot>(&event.body))
      last_id[at] = snapshot->update_id;
    if (const auto* trade = std::get_if<Trade>(&event.body)) {
      ASSERT_EQ(trade->trade_id, ++last_trade[at]);
    }
    if (const auto* quote = std::get_if<BestQuote>(&event.body)) {
      ASSERT_LT(quote->bid.price, quote->ask.price);
    }
    folded.apply(event);
    ASSERT_TRUE(folded.instrument(event.header.instrument).quotable());
  });
  EXPECT_GT(jitter / stamped, 0.0015);
  for (const auto& of : kinds) {
    EXPECT_EQ(of[static_cast<std::size_t>(RecordKind::book_snapshot)], 1);
    EXPECT_GT(of[static_cast<std::size_t>(RecordKind::trade)], 100);
    EXPECT_GT(of[static_cast<std::size_t>(RecordKind::best_quote)], 500);
    EXPECT_GE(of[static_cast<std::size_t>(RecordKind::asset_context)], 299);
  }
}

// Two minutes of it, for ever. A change of the market's laws or draws changes this number, and the
// commit says why.
TEST(SyntheticMarket, IsWhatItWas) {
  EXPECT_EQ(testing::synthetic_digest(), 17487252709036411582u);
}

// What trades is what taker orders took: no lot of a print comes from nowhere.
TEST(SyntheticMarket, PrintsAreTheTakersFills) {
  SyntheticMarket market(quoted_btc(), lead_btc(),
                         settings_of(13, "feed_latency=0s\nlead.feed_latency=0s\n"), start);
  std::vector<Truth> truth;
  market.set_truth([&](const Truth& of) { truth.push_back(of); });
  std::array<std::int64_t, 2> printed{};
  run_market(market, std::chrono::minutes{5}, [&](const Event& event) {
    if (const auto* trade = std::get_if<Trade>(&event.body))
      printed[event.header.instrument.value] += trade->qty.lots();
  });
  std::array<std::int64_t, 2> taken{};
  for (const TruthTaker& taker : of_kind<TruthTaker>(truth)) {
    if (taker.time > start + std::chrono::minutes{5}) continue;
    EXPECT_LE(taker.filled, taker.qty);
    taken[taker.instrument == InstrumentRole::lead ? 1 : 0] += taker.filled.lots();
  }
  EXPECT_EQ(printed, taken);
  EXPECT_GT(printed[0], 0);
}

TEST(SyntheticMarket, ContextsAndLiquidationsTellOfACascade) {
  const SyntheticSettings settings =
      settings_of(3, "first_regime=3\nregime_speed=0\nfunding=1bps\nfunding_sd=0bps\n");
  SyntheticMarket market(quoted_btc(), lead_btc(), settings, start);
  std::vector<AssetContext> contexts;
  int liquidations = 0;
  run_market(market, std::chrono::minutes{2}, [&](const Event& event) {
    if (event.header.instrument.value != 0) return;
    if (const auto* context = std::get_if<AssetContext>(&event.body)) contexts.push_back(*context);
    if (const auto* forced = std::get_if<Liquidation>(&event.body)) {
      ++liquidations;
      // Who is long pays, and falls.
      EXPECT_EQ(forced->side, Side::sell);
      EXPECT_GE(forced->average_price, forced->price);
      EXPECT_GT(forced->qty, Qty{});
    }
  });
  ASSERT_GE(contexts.size(), 119u);
  EXPECT_GT(liquidations, 50);
  const double fell = static_cast<double>(contexts.back().open_interest_e8) /
                      static_cast<double>(contexts.front().open_interest_e8);
  EXPECT_NEAR(fell, 0.94, 0.01);  // 3 % a minute
  EXPECT_EQ(contexts.front().funding_e12, 100'000'000);
  EXPECT_EQ(contexts.front().next_funding_ns % 3'600'000'000'000, 0);
  EXPECT_LT(contexts.back().mark_e8, contexts.front().mark_e8);
}

TEST(SyntheticMarket, TruthIsTextAndBack) {
  SyntheticMarket market(quoted_btc(), lead_btc(),
                         settings_of(21, "regime_speed=100\nwalls_per_min=30\n"), start);
  std::array<int, std::variant_size_v<Truth>> seen{};
  market.set_truth([&](const Truth& of) {
    ++seen[of.index()];
    const auto back = parse_truth(truth_line(of));
    ASSERT_TRUE(back.has_value()) << back.error().message();
    EXPECT_EQ(truth_line(*back), truth_line(of));
    EXPECT_TRUE(*back == of) << truth_line(of);
  });
  run_market(market, std::chrono::minutes{1}, [](const Event&) {});
  for (std::size_t kind = 0; kind + 1 < seen.size(); ++kind) {
    EXPECT_GT(seen[kind], 0) << kind;
  }
  EXPECT_TRUE(parse_truth("{\"t\": \"wall\"}").has_error());
  EXPECT_TRUE(parse_truth("no json").has_error());
  EXPECT_TRUE(parse_truth("{\"t\": \"regime\", \"ns\": 1, \"regime\": \"calm\", \"direction\": 0}")
                  .has_error());
}

}  // namespace
}  // namespace mm::sim
