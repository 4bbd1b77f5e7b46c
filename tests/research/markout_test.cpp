#include "research/analytics/markout.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/numeric.hpp"

namespace mm::research {
namespace {

using namespace std::chrono_literals;

Time at(Duration since_start) {
  return time_from_ns(1'000'000'000'000) + since_start;
}

/// A market whose mid moves in half ticks of 0.01.
class Path {
 public:
  Path() { apply(0s, definition_of(instrument_)); }
  /// Bid and ask in cents.
  void quote(Duration time, std::int64_t bid, std::int64_t ask) {
    const std::vector<Level> bids{{Price::from_units(bid), Qty::from_lots(1)}};
    const std::vector<Level> asks{{Price::from_units(ask), Qty::from_lots(1)}};
    apply(time, BookSnapshot{.bids = bids, .asks = asks});
  }
  void gap(Duration time) { apply(time, FeedStatus{.state = FeedState::gap}); }
  void trade(Duration time) {
    apply(time, Trade{.price = Price::from_units(10'000), .qty = Qty::from_lots(1)});
  }
  const MarkHistory& marks() const { return marks_; }
  const Instrument& instrument() const { return instrument_; }

 private:
  void apply(Duration time, const EventBody& body) {
    const Event event{.header = {.recv_time = at(time)}, .body = body};
    market_.apply(event);
    marks_.update(at(time), market_.quoted());
  }
  Instrument instrument_{.price_decimals = 2,
                         .tick = Price::from_units(1),
                         .qty_step = Qty::from_lots(1),
                         .settlement = "USDT"};
  Market market_;
  MarkHistory marks_;
};

/// P-MARK-1 as a feed; the feed says something every second so that it is not silent.
Path example() {
  Path path;
  path.quote(0s, 9'999, 10'001);
  for (int i = 1; i < 10; ++i) path.trade(std::chrono::seconds{i});
  path.quote(9900ms, 10'001, 10'003);
  path.quote(10000ms, 9'997, 9'999);
  path.quote(10050ms, 9'995, 9'997);
  path.quote(10800ms, 9'989, 9'991);
  for (int i = 12; i < 15; ++i) path.trade(std::chrono::seconds{i});
  path.quote(15000ms, 9'998, 10'000);
  for (int i = 16; i < 21; ++i) path.trade(std::chrono::seconds{i});
  path.quote(21000ms, 10'004, 10'006);
  return path;
}

std::pair<EventHeader, Fill> example_fill() {
  return {{.recv_time = at(10005ms), .exchange_time = at(10s)},
          {.side = Side::buy,
           .price = Price::from_units(9'995),
           .qty = Qty::from_lots(2),
           .cause = FillCause::queue}};
}

TEST(Markouts, FollowTheWorkedExample) {
  const Path path = example();
  MarkoutTracker tracker{path.marks(), standard_horizons()};
  const auto [header, fill] = example_fill();
  tracker.add(header, fill, path.instrument());
  EXPECT_TRUE(tracker.take_ready(at(20s)).empty());
  const std::vector<MarkedFill> done = tracker.finish(at(60s));
  ASSERT_EQ(done.size(), 1u);
  const MarkedFill& marked = done[0];
  EXPECT_EQ(marked.time, at(10s));
  EXPECT_DOUBLE_EQ(marked.mid_before_units.value(), 10'002);
  EXPECT_NEAR(marked.spread_capture_bps.value(), 6.99860027994, 1e-9);
  const double markouts[] = {0.999800039991, -4.99900019996, 3.99920015997};
  const double adverse[] = {5.99880023995, 11.9976004799, 2.99940011998};
  const char* pnl[] = {"0.02", "-0.1", "0.08"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(marked.markouts[i].bps->markout, markouts[i], 1e-9);
    EXPECT_NEAR(marked.markouts[i].bps->adverse_selection, adverse[i], 1e-9);
    EXPECT_NEAR(*marked.spread_capture_bps - marked.markouts[i].bps->adverse_selection,
                marked.markouts[i].bps->markout, 1e-9);
    EXPECT_EQ(marked.markouts[i].pnl, parse_money(pnl[i]));
  }
  EXPECT_FALSE(marked.markouts[3].bps.has_value());
  EXPECT_FALSE(marked.markouts[3].pnl.has_value());
}

TEST(Markouts, AreGivenOutOnceTheLastHorizonHasPassed) {
  const Path path = example();
  const Duration horizons[] = {100ms, 1s};
  MarkoutTracker tracker{path.marks(), horizons};
  const auto [header, fill] = example_fill();
  tracker.add(header, fill, path.instrument());
  EXPECT_TRUE(tracker.take_ready(at(11s)).empty());
  EXPECT_EQ(tracker.take_ready(at(11s) + 1ns).size(), 1u);
  EXPECT_TRUE(tracker.finish(at(60s)).empty());
}

TEST(MarkHistory, IsAbsentInAGapAndAfterTwoSilentSeconds) {
  Path path;
  path.quote(0s, 100, 102);
  path.gap(1s);
  path.quote(1500ms, 101, 103);
  path.quote(5s, 101, 103);
  const MarkHistory& marks = path.marks();
  EXPECT_EQ(marks.at(at(999ms))->bid, Price::from_units(100));
  EXPECT_EQ(marks.at(at(1s)), nullptr);
  EXPECT_EQ(marks.before(at(1s))->bid, Price::from_units(100));
  EXPECT_EQ(marks.last_present_before(at(1400ms))->bid, Price::from_units(100));
  EXPECT_NE(marks.at(at(3499ms)), nullptr);
  EXPECT_EQ(marks.at(at(3500ms)), nullptr);
  EXPECT_NE(marks.at(at(5s)), nullptr);
  EXPECT_NE(marks.at(at(7s)), nullptr);
  EXPECT_EQ(marks.at(at(7s) + 1ns), nullptr);
  EXPECT_EQ(marks.before(at(0s)), nullptr);
}

TEST(MarkHistory, ForgetsWhatNobodyCanAskFor) {
  Path path;
  for (int i = 0; i < 1000; ++i) path.quote(std::chrono::seconds{i}, 100 + i % 7, 110 + i % 7);
  EXPECT_NE(path.marks().at(at(999s)), nullptr);
  EXPECT_NE(path.marks().at(at(860s)), nullptr);
  EXPECT_EQ(path.marks().at(at(500s)), nullptr);
}

}  // namespace
}  // namespace mm::research
