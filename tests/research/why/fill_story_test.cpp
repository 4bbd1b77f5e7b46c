// The story of a fill on a market of which every number is known.

#include "research/why/fill_story.hpp"

#include <gtest/gtest.h>

#include "engine/numeric.hpp"
#include "research/why/causes.hpp"
#include "research/why/losses.hpp"
#include "research/why/moment_story.hpp"
#include "tests/research/why/plotted_market.hpp"
#include "tests/research/why/told_session.hpp"

namespace mm::research::why {
namespace {

using namespace std::chrono_literals;
using testing::PlottedMarket;
using testing::RecordedSession;
using testing::SessionPlan;
using testing::ToldSession;

Time at(double second) {
  return RecordedSession::at_second(second);
}

Money usdt(const char* text) {
  return parse_money(text).value();
}

/// One clip of 1.000 at the touch on either side, 5 ms there and 5 ms back.
SessionPlan plan() {
  SessionPlan plan;
  plan.parameters =
      "spread=4bps\nsize=1000\nskew=0bps\nmax_position=3000\nrequote_threshold=0bps\n";
  plan.simulator.queue = *sim::QueueModel::parse("risk_averse");
  return plan;
}

/// Three orders in a row, the last of them filled by a taker that sweeps two prices.
PlottedMarket story_market() {
  PlottedMarket market;
  market.lead(0, 10'000);
  market.book(0.001, 10'000);             // order 1 bids 999.8
  market.parameter(0.5, "size", "1000");  // the same again: known, and changes nothing
  market.book(0.6, 9'997);                // order 3 bids 999.5
  market.book(0.8, 10'000, 1'000);        // order 5 bids 999.8 behind 1.000
  market.sells(0.9, 9'998, 300, 900);     // 0.700 ahead
  market.book(1.0, 10'000, 500);          // 0.200 were cancelled: 0.500 ahead
  market.lead(1.2, 9'997);                // -3 bps
  market.sells(2.0, 9'998, 1'500, 2'000);
  market.sells(2.0, 9'997, 100, 2'000);
  market.book(2.05, 9'998);
  market.book(2.5, 9'996);
  for (int i = 1; i <= 5; ++i) market.book(3 + i * 0.25, 9'996 + 2 * i);
  market.quiet(5, 64, 10'006);
  return market;
}

class StoryOfAFill : public ::testing::Test {
 protected:
  PlottedMarket market_ = story_market();
  RecordedSession recorded_ = RecordedSession::record(plan(), market_.stream());
  ToldSession told_{recorded_};

  FillStory story(const TrailLimits& limits = {}) {
    const std::vector<Seq> fills = told_.fills();
    EXPECT_FALSE(fills.empty());
    return explain_fill(told_.session(), {.seq = fills.front(), .trail = limits});
  }
};

TEST_F(StoryOfAFill, TellsTheFillItself) {
  const FillStory story = this->story();
  EXPECT_EQ(story.fill.side, Side::buy);
  EXPECT_EQ(story.fill.price, Price::from_units(9'998));
  EXPECT_EQ(story.fill.qty, Qty::from_lots(1'000));
  EXPECT_EQ(story.fill.cause, FillCause::queue);
  EXPECT_EQ(story.happened, at(2.0));
  EXPECT_EQ(story.header.recv_time, at(2.0) + 5ms);
  EXPECT_FALSE(story.diverged);
}

TEST_F(StoryOfAFill, FollowsTheChainOfOrders) {
  const OrderTrail& trail = story().trail;
  ASSERT_EQ(trail.steps.size(), 3U);
  EXPECT_TRUE(trail.complete);
  EXPECT_EQ(trail.steps[0].order, ClientOrderId{5});
  EXPECT_EQ(trail.steps[0].replaces, ClientOrderId{3});
  EXPECT_EQ(trail.steps[1].order, ClientOrderId{3});
  EXPECT_EQ(trail.steps[2].order, ClientOrderId{1});
  EXPECT_EQ(trail.steps[2].replaces, ClientOrderId{});
  EXPECT_EQ(trail.steps[0].message(), RecordKind::replace_order);
  EXPECT_EQ(trail.steps[2].message(), RecordKind::place_order);
  EXPECT_EQ(trail.steps[0].reason, DecisionReason::requote);
  EXPECT_EQ(trail.steps[2].reason, DecisionReason::new_quote);
  EXPECT_EQ(trail.steps[0].decided, at(0.8));
  EXPECT_EQ(trail.steps[0].cause, RecordKind::book_snapshot);
  EXPECT_EQ(trail.steps[1].ended->heard, at(0.8) + 10ms);
  EXPECT_EQ(trail.steps[1].done_reason, DoneReason::replaced);
  EXPECT_EQ(trail.steps[0].fills, (std::vector<Seq>{told_.fills().front()}));
}

TEST_F(StoryOfAFill, EndsTheChainAtTheLimit) {
  const OrderTrail trail = story({.back = 1h, .orders = 2}).trail;
  EXPECT_EQ(trail.steps.size(), 2U);
  EXPECT_FALSE(trail.complete);
}

TEST_F(StoryOfAFill, ShowsTheDecision) {
  const FillStory story = this->story();
  ASSERT_TRUE(story.decision);
  EXPECT_EQ(story.decision->book.mid(), 10'000);
  EXPECT_EQ(story.decision->book.bids.front().qty, Qty::from_lots(1'000));
  ASSERT_EQ(story.decision->wanted.bids.size(), 1U);
  EXPECT_EQ(story.decision->wanted.bids.all()[0],
            (Quote{Price::from_units(9'998), Qty::from_lots(1'000)}));
  ASSERT_TRUE(story.decision->before);
  EXPECT_EQ(story.decision->before->order, ClientOrderId{3});
  EXPECT_EQ(story.decision->before->price, Price::from_units(9'995));
  EXPECT_EQ(story.decision->before->mid, 9'997);
  EXPECT_EQ(story.decision->before->position, Qty{});
  ASSERT_EQ(story.parameter_changes.size(), 1U);
  EXPECT_EQ(story.parameter_changes[0].name, "size");
  EXPECT_EQ(story.parameter_changes[0].time, at(0.5));
  EXPECT_NE(story.decision->parameters.find("spread=4bps\n"), std::string::npos);
}

TEST_F(StoryOfAFill, MeasuresLatency) {
  const FillStory story = this->story();
  ASSERT_TRUE(story.latency);
  EXPECT_EQ(story.latency->sent, at(0.8));
  EXPECT_EQ(story.latency->arrived, at(0.8) + 5ms);
  EXPECT_EQ(story.latency->heard, at(0.8) + 10ms);
  ASSERT_TRUE(story.at_arrival);
  EXPECT_EQ(story.at_arrival->bids.front().qty, Qty::from_lots(1'000));
}

TEST_F(StoryOfAFill, FollowsTheQueue) {
  const FillStory story = this->story();
  ASSERT_TRUE(story.queue);
  const QueuePath& path = *story.queue;
  EXPECT_EQ(path.model, "risk_averse");
  EXPECT_EQ(path.accepted, at(0.8) + 5ms);
  ASSERT_EQ(path.points.size(), 3U);
  EXPECT_EQ(path.points[0].ahead, 1'000);
  EXPECT_EQ(path.points[1].ahead, 700);
  EXPECT_EQ(path.points[1].time, at(0.9));
  EXPECT_EQ(path.points[2].ahead, 500);
  EXPECT_EQ(path.points[2].estimate, 500);
  EXPECT_EQ(path.points[2].displayed, 500);
  EXPECT_EQ(path.traded, 300);
  EXPECT_EQ(path.cancelled, 200);
  EXPECT_EQ(path.added, 0);
}

TEST_F(StoryOfAFill, NamesTheTaker) {
  const FillStory story = this->story();
  ASSERT_TRUE(story.taker);
  EXPECT_EQ(story.taker->side, Side::sell);
  EXPECT_EQ(story.taker->prints.size(), 2U);
  EXPECT_EQ(story.taker->qty, Qty::from_lots(1'600));
  EXPECT_EQ(story.taker->nearest, Price::from_units(9'998));
  EXPECT_EQ(story.taker->farthest, Price::from_units(9'997));
  EXPECT_EQ(story.taker->prices, 2);
  EXPECT_TRUE(story.taker->sweep());
  EXPECT_EQ(story.before_fill.mid(), 10'000);
  EXPECT_EQ(story.before_fill.bids.front().qty, Qty::from_lots(500));
  ASSERT_EQ(story.leads.size(), 1U);
  ASSERT_TRUE(story.leads[0].last_1s);
  EXPECT_NEAR(*story.leads[0].last_1s, -3, 1e-9);
  EXPECT_EQ(story.leads[0].last_100ms, 0.0);
  EXPECT_EQ(story.own_move_bps, 0.0);
}

TEST_F(StoryOfAFill, MarksItOut) {
  const FillStory story = this->story();
  EXPECT_EQ(story.marked.mid_before_units, 10'000);
  EXPECT_NEAR(*story.marked.spread_capture_bps, 2, 1e-9);
  const double bps[] = {0, -2, 8, 8};
  const char* pnl[] = {"0", "-0.2", "0.8", "0.8"};
  ASSERT_EQ(story.marked.markouts.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(story.marked.markouts[i].bps->markout, bps[i], 1e-9) << i;
    EXPECT_EQ(story.marked.markouts[i].pnl, usdt(pnl[i])) << i;
  }
  EXPECT_EQ(story.money.spread, usdt("0.2"));
  EXPECT_EQ(story.money.adverse, usdt("0.6"));
  EXPECT_EQ(story.money.inventory, usdt("0"));
  EXPECT_EQ(story.money.fee, usdt("0.009998"));
  EXPECT_EQ(story.money.after_10s(), usdt("0.790002"));
}

TEST_F(StoryOfAFill, ShowsTheAccount) {
  const FillStory story = this->story();
  EXPECT_EQ(story.account_before.position, Qty{});
  EXPECT_EQ(story.account_after.position, Qty::from_lots(1'000));
  ASSERT_TRUE(story.over_10s);
  ASSERT_TRUE(story.over_60s);
  EXPECT_EQ(story.over_10s->pnl() + story.money.fee,
            Money::from_units(story.over_10s->spread_capture + story.over_10s->adverse_selection +
                              story.over_10s->inventory));
}

// Whatever the fold starts from, it tells the same.
TEST_F(StoryOfAFill, IsTheSameFromACheckpoint) {
  const FillStory whole = this->story();
  for (const std::size_t every : {3U, 7U, 20U}) {
    const ToldSession other{recorded_, every};
    const FillStory story = explain_fill(other.session(), {.seq = whole.header.seq, .trail = {}});
    EXPECT_EQ(story.trail.steps.size(), whole.trail.steps.size());
    EXPECT_EQ(story.trail.steps[0].ended.has_value(), whole.trail.steps[0].ended.has_value());
    EXPECT_EQ(story.queue->traded, whole.queue->traded);
    EXPECT_EQ(story.queue->points.size(), whole.queue->points.size());
    EXPECT_EQ(story.account_before.pnl(), whole.account_before.pnl());
    EXPECT_EQ(story.over_60s->pnl(), whole.over_60s->pnl());
    EXPECT_EQ(story.decision->wanted, whole.decision->wanted);
    EXPECT_EQ(story.decision->parameters, whole.decision->parameters);
    EXPECT_EQ(story.money.after_10s(), whole.money.after_10s());
    EXPECT_FALSE(story.diverged);
  }
}

// The session ends 8 s after the fill: what lies behind is unknown, not zero.
TEST(FillAtTheEnd, HasNoLateMarkouts) {
  PlottedMarket market;
  market.book(0.001, 10'000, 100);
  market.quiet(1, 3, 10'000);
  market.sells(3.5, 9'998, 6'000, 3'500);
  market.quiet(4, 12, 10'000);
  const RecordedSession recorded = RecordedSession::record(plan(), market.stream());
  const ToldSession told{recorded};
  ASSERT_FALSE(told.fills().empty());
  const FillStory story = explain_fill(told.session(), {.seq = told.fills().front(), .trail = {}});
  EXPECT_TRUE(story.marked.markouts[1].pnl);
  EXPECT_FALSE(story.marked.markouts[2].pnl);
  EXPECT_FALSE(story.marked.markouts[3].bps);
  EXPECT_FALSE(story.money.after_10s());
  EXPECT_FALSE(story.over_10s);
}

// Our replace is on its way when the taker comes: said, with how long.
TEST(FillOfALeavingOrder, SaysThatTheReplaceCameTooLate) {
  PlottedMarket market;
  market.book(0.001, 10'000, 100);
  market.quiet(1, 3, 10'000);
  market.book(3.498, 9'998, 100);
  market.sells(3.5, 9'998, 6'000, 3'500);
  market.quiet(4, 70, 9'998);
  const RecordedSession recorded = RecordedSession::record(plan(), market.stream());
  const ToldSession told{recorded};
  ASSERT_FALSE(told.fills().empty());
  const FillStory story = explain_fill(told.session(), {.seq = told.fills().front(), .trail = {}});
  ASSERT_EQ(story.trail.steps.front().asked.size(), 1U);
  EXPECT_TRUE(story.trail.steps.front().asked[0].replace);
  EXPECT_EQ(story.happened - story.trail.steps.front().asked[0].at, 2ms);

  const LossReport report = find_losses(
      told.session(), {.from = told.session().first_time, .to = told.session().last_time + 1ns});
  ASSERT_EQ(report.fills, 1U);
  ASSERT_EQ(report.losing_fills, 1U);
  ASSERT_EQ(report.worst_fills.size(), 1U);
  EXPECT_EQ(report.worst_fills[0].facts.leaving_since, 2ms);
  EXPECT_NE(report.worst_fills[0].cause.find("sent 2.0 ms before and came too late"),
            std::string::npos)
      << report.worst_fills[0].cause;
}

TEST_F(StoryOfAFill, LossesAddUpToTheWindow) {
  const Session& session = told_.session();
  const LossReport report = find_losses(
      session,
      {.from = session.first_time, .to = session.last_time + 1ns, .worst = 1000, .bucket = 5s});
  EXPECT_GE(report.fills, 1U);
  Money lost;
  for (const MinuteLoss& minute : report.worst_minutes) {
    EXPECT_LT(minute.change.pnl(), Money{});
    EXPECT_FALSE(minute.cause.empty());
    lost += minute.change.pnl();
  }
  EXPECT_EQ(report.losing_minutes, report.worst_minutes.size());
  EXPECT_LE(report.losing_minutes, report.minutes);
  // The rest of the minutes gained or stood still.
  EXPECT_GE(report.change.pnl(), lost);
  EXPECT_EQ(report.minutes, 13U);
}

TEST_F(StoryOfAFill, TheMomentKnowsOrdersAndPnl) {
  const MomentStory moment = explain_moment(told_.session(), {.at = at(2.2), .around = 500ms});
  EXPECT_EQ(moment.book.mid(), 9'998);
  EXPECT_EQ(moment.account.position, Qty::from_lots(1'000));
  EXPECT_EQ(moment.account.fills, 1);
  // 0.2 captured, and the mid fell by 0.2.
  EXPECT_EQ(moment.account.pnl(), usdt("-0.009998"));
  EXPECT_FALSE(moment.last_minute);
  EXPECT_FALSE(moment.guards.engaged());
  ASSERT_TRUE(moment.last_message);
  EXPECT_EQ(moment.last_message->time, at(2.05));
  ASSERT_EQ(moment.nearest.size(), 1U);
  EXPECT_EQ(moment.nearest[0].seq, told_.fills().front());
  bool fill_told = false;
  for (const Happening& happening : moment.happenings) fill_told |= happening.kind == "fill";
  EXPECT_TRUE(fill_told);
}

TEST_F(StoryOfAFill, TheMomentSeesASilentFeed) {
  const MomentStory moment =
      explain_moment(told_.session(), {.at = told_.session().last_time, .around = 1s});
  EXPECT_FALSE(moment.guards.stale);
  EXPECT_EQ(moment.parameter_changes.size(), 1U);
}

}  // namespace
}  // namespace mm::research::why
