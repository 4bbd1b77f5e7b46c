// Paper sessions on recorded minutes of real markets, re-run.

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "engine/numeric.hpp"
#include "research/counterfactual.hpp"
#include "tests/research/recorded_session.hpp"
#include "venues/capture/capture_feed.hpp"
#include "venues/instruments.hpp"

namespace mm::research {
namespace {

using testing::RecordedSession;
using testing::SessionPlan;

struct Capture {
  const char* venue;
  const char* symbol;
  const char* file;
};

RecordedSession paper_session(const Capture& capture, const SessionPlan& plan) {
  const std::vector<venues::FeedSpec> specs = {
      {.venue = capture.venue,
       .symbol = capture.symbol,
       .files = {std::string{MM_SOURCE_DIR "/tests/fixtures/market/"} + capture.file}}};
  const auto instruments = venues::instruments_of(specs, venues::Instruments::built_in());
  const auto market = venues::open_captures(specs, instruments);
  const Event* waiting = market->next();
  const Event definition{.header = {.recv_time = waiting->header.recv_time},
                         .body = definition_of(instruments.front())};
  bool defined = false;
  return RecordedSession::record(plan, [&]() -> const Event* {
    if (!defined) {
      defined = true;
      return &definition;
    }
    if (waiting != nullptr) return std::exchange(waiting, nullptr);
    return market->next();
  });
}

class RealMarkets : public ::testing::TestWithParam<Capture> {};

TEST_P(RealMarkets, APaperSessionIsReproducedAndCompared) {
  const RecordedSession session =
      paper_session(GetParam(), {.parameters = "spread=0.5bps\nsize=1000\nmax_position=20000\n"});
  const EventStream inputs = session.inputs();
  const Time start = inputs()->header.recv_time;
  Time end = start;
  while (const Event* event = inputs()) end = event->header.recv_time;
  for (const Time from : {start, start + (end - start) / 5}) {
    const CounterfactualRequest request{
        .from = from,
        .to = end,
        .variants = {{"1bps", {{"spread", "1bps"}}}, {"3bps", {{"spread", "3bps"}}}}};
    const CounterfactualResult result = run_counterfactual(request, session.recording()).value();
    const CounterfactualRow& actual = result.rows[0];
    const CounterfactualRow& simulated = result.rows[1];
    EXPECT_GT(actual.fills, 0);
    EXPECT_EQ(simulated.fills, actual.fills);
    EXPECT_EQ(simulated.pnl, actual.pnl);
    EXPECT_EQ(simulated.spread_capture, actual.spread_capture);
    EXPECT_EQ(result.calibration->precision, 1);
    EXPECT_EQ(result.calibration->recall, 1);
    EXPECT_EQ(result.calibration->time_error_ms, 0);
    EXPECT_EQ(result.calibration->pnl_error, Money{});
    for (const CounterfactualRow& row : result.rows) {
      EXPECT_EQ(row.pnl, row.spread_capture + row.adverse_selection + row.inventory + row.fees +
                             row.funding);
      // A fill of 1000 in quote currency earns or costs a few basis points of it.
      const double worth = static_cast<double>(row.pnl.units()) / 1e12;
      const double volume = static_cast<double>(row.volume.units()) / 1e12;
      EXPECT_LE(std::abs(worth), volume * 0.01) << row.name;
    }
    EXPECT_FALSE(result.insight.empty());
  }
}

const Capture captures[] = {
    {"binance-usdm", "BTCUSDT", "binance_usdm_btcusdt.zst"},
    {"binance-coinm", "BTCUSD_PERP", "binance_coinm_btcusd_perp.zst"},
    {"binance-spot", "BTCUSDT", "binance_spot_btcusdt.zst"},
    {"hyperliquid", "BTC", "hyperliquid_btc.gz"},
};
INSTANTIATE_TEST_SUITE_P(Captures, RealMarkets, ::testing::ValuesIn(captures));

}  // namespace
}  // namespace mm::research
