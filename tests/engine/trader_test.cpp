// The core's fold, step by step: a scripted strategy, a small market, and what is sent.

#include "engine/trader.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine/numeric.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

// Wants one quote a side, `width` ticks from the touch, and counts how often it was asked.
class Scripted final : public Strategy {
 public:
  std::string_view name() const override { return "scripted"; }
  Quotes quotes(const View& view) override {
    ++asked;
    Quotes quotes;
    const Touch& touch = view.touch;
    quotes.bids.add({touch.bid.price - units(width), lots(10)});
    quotes.asks.add({touch.ask.price + units(width), lots(10)});
    quotes.max_position = lots(100);
    return quotes;
  }
  std::unique_ptr<Strategy> clone() const override {
    auto copy = std::make_unique<Scripted>();
    copy->width = width;
    copy->asked = asked;
    return copy;
  }
  std::optional<std::string> set_parameter(std::string_view name, std::string_view value) override {
    if (name != "width") return "no such parameter";
    width = value == "0" ? 0 : 5;
    return std::nullopt;
  }
  std::string parameters() const override { return "width=" + std::to_string(width) + "\n"; }
  void save(ByteWriter& out) const override {
    out.put_i64(width);
    out.put_i64(asked);
  }
  bool restore(ByteReader& in) override {
    width = in.get_i64();
    asked = in.get_i64();
    return !in.failed();
  }

  std::int64_t width = 1;
  std::int64_t asked = 0;
};

class TraderTest : public testing::Test {
 protected:
  TraderTest() { start({}); }

  void start(const TraderSettings& settings) {
    auto strategy = std::make_unique<Scripted>();
    strategy_ = strategy.get();
    engine_ = std::make_unique<Engine>(settings, std::move(strategy));
    instrument_ = btc_usdt();
    instrument_.min_notional = Money{};
    send(define(instrument_));
  }
  std::vector<Output> send(const Event& event) {
    std::vector<Output> outputs;
    engine_->apply(event, outputs);
    return outputs;
  }
  std::vector<Output> send(std::int64_t ms, EventBody body) { return send(event_of(ms, body)); }
  std::vector<Output> book(std::int64_t ms, std::int64_t bid, std::int64_t ask) {
    const std::vector<Level> bids = {level(bid, 50)};
    const std::vector<Level> asks = {level(ask, 50)};
    return send(ms, BookSnapshot{.bids = bids, .asks = asks});
  }
  // A touch-neutral market event.
  std::vector<Output> tick(std::int64_t ms) {
    return send(ms, Trade{.price = units(1001), .qty = lots(1)});
  }
  // Starts quoting: orders 1 (bid) and 2 (ask) are live around 1000/1010.
  void quote(std::int64_t ms = 1000) {
    book(ms, 1000, 1010);
    send(ms, OrderAck{.order = {1}});
    send(ms, OrderAck{.order = {2}});
  }
  template <class Body>
  static std::vector<Body> only(const std::vector<Output>& outputs) {
    std::vector<Body> found;
    for (const Output& output : outputs)
      if (const Body* body = std::get_if<Body>(&output.body)) found.push_back(*body);
    return found;
  }
  static std::vector<AlertCode> alerts(const std::vector<Output>& outputs) {
    std::vector<AlertCode> codes;
    for (const Alert& alert : only<Alert>(outputs)) codes.push_back(alert.code);
    return codes;
  }
  static std::vector<DecisionReason> cancels(const std::vector<Output>& outputs) {
    std::vector<DecisionReason> reasons;
    for (const CancelOrder& cancel : only<CancelOrder>(outputs)) reasons.push_back(cancel.reason);
    return reasons;
  }
  const Trader& trader() const { return engine_->trader(); }

  Instrument instrument_;
  Scripted* strategy_ = nullptr;
  std::unique_ptr<Engine> engine_;
};

using Alerts = std::vector<AlertCode>;
using Reasons = std::vector<DecisionReason>;

TEST_F(TraderTest, QuotesWhenTheBookStands) {
  const std::vector<Output> outputs = book(1000, 1000, 1010);
  const std::vector<PlaceOrder> places = only<PlaceOrder>(outputs);
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].price, units(999));
  EXPECT_EQ(places[0].order, ClientOrderId{1});
  EXPECT_EQ(places[1].price, units(1011));
  EXPECT_EQ(places[1].time_in_force, TimeInForce::post_only);
  const std::vector<SetTimer> timers = only<SetTimer>(outputs);
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers[0].at, at_ms(3000));
  for (const Output& output : outputs) EXPECT_EQ(output.header.recv_time, at_ms(1000));
}

TEST_F(TraderTest, IsAskedAtTheClockAndWhenTheTouchMoves) {
  quote(1000);
  const std::int64_t before = strategy_->asked;
  tick(1050);
  EXPECT_EQ(strategy_->asked, before);
  tick(1100);
  EXPECT_EQ(strategy_->asked, before + 1);
  tick(1101);
  tick(1199);
  EXPECT_EQ(strategy_->asked, before + 1);
  book(1199, 1001, 1010);
  EXPECT_EQ(strategy_->asked, before + 2);
  tick(1250);
  EXPECT_EQ(strategy_->asked, before + 3);
}

TEST_F(TraderTest, WithoutTradingNothingIsSent) {
  start({.trading = false});
  EXPECT_TRUE(book(1000, 1000, 1010).empty());
  EXPECT_TRUE(tick(2000).empty());
  EXPECT_EQ(strategy_->asked, 0);
}

TEST_F(TraderTest, AScriptIsSentAsItIsAndBooked) {
  start({.trading = false, .scripted = true});
  const auto line = [&](std::int64_t ms, std::string_view text,
                        std::string_view author = "script") {
    return send(ms, Annotation{.author = author, .text = text});
  };
  book(1000, 1000, 1010);
  const std::vector<Output> outputs = line(1001, "N,1001000000,7,Buy,1000,0.002,GTC");
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(std::get<PlaceOrder>(outputs[0].body).order, ClientOrderId{7});
  EXPECT_TRUE(send(1002, OrderAck{.order = {7}}).empty());
  EXPECT_TRUE(send(1003, Fill{.order = {7}, .price = units(1000), .qty = lots(2)}).empty());
  EXPECT_EQ(trader().ledger().position(), lots(2));
  EXPECT_TRUE(book(5000, 1001, 1010).empty());
  EXPECT_EQ(only<CancelOrder>(line(5001, "C,5001000000,7")).size(), 1u);
  EXPECT_TRUE(line(5002, "N,5002000000,8,Buy,1000,0.002,GTC", "operator").empty());
  EXPECT_EQ(alerts(line(5003, "N,5003000000,8,Buy")), Alerts{AlertCode::order_rejected});
  EXPECT_EQ(strategy_->asked, 0);
}

TEST_F(TraderTest, FollowsTheTouch) {
  quote();
  const std::vector<ReplaceOrder> moves = only<ReplaceOrder>(book(1010, 1005, 1010));
  ASSERT_EQ(moves.size(), 1u);
  EXPECT_EQ(moves[0].order, ClientOrderId{1});
  EXPECT_EQ(moves[0].replacement, ClientOrderId{3});
  EXPECT_EQ(moves[0].price, units(1004));
}

TEST_F(TraderTest, WithdrawsInAGapAndReturnsWhenTheBookIsWhole) {
  quote();
  const std::vector<Output> gap = send(1010, FeedStatus{.state = FeedState::gap});
  EXPECT_EQ(cancels(gap), (Reasons{DecisionReason::book_invalid, DecisionReason::book_invalid}));
  EXPECT_EQ(alerts(gap), Alerts{AlertCode::feed_gap});
  send(1020, OrderDone{.order = {1}});
  send(1020, OrderDone{.order = {2}});
  EXPECT_TRUE(tick(1200).empty());
  EXPECT_EQ(only<PlaceOrder>(book(1300, 1000, 1010)).size(), 2u);
}

TEST_F(TraderTest, WithdrawsFromACrossedTouch) {
  quote();
  const std::vector<Output> outputs =
      send(1010, BestQuote{.bid = level(1012, 1), .ask = level(1010, 1)});
  EXPECT_EQ(cancels(outputs).size(), 2u);
}

TEST_F(TraderTest, CancelsEverythingWhenTheFeedIsSilent) {
  quote(1000);
  // Silent until the timer comes: it is not moved by what is heard in between, only when it fires.
  tick(2500);
  const std::vector<Output> early = send(3000, Timer{.id = Trader::stale_timer});
  EXPECT_EQ(cancels(early), Reasons{});
  ASSERT_EQ(only<SetTimer>(early).size(), 1u);
  EXPECT_EQ(only<SetTimer>(early)[0].at, at_ms(4500));
  const std::vector<Output> late = send(4500, Timer{.id = Trader::stale_timer});
  EXPECT_EQ(cancels(late), (Reasons{DecisionReason::stale_feed, DecisionReason::stale_feed}));
  EXPECT_EQ(alerts(late), Alerts{AlertCode::stale_feed});
  EXPECT_TRUE(only<SetTimer>(late).empty());
  // Once told is told; quotes return with the feed.
  EXPECT_EQ(alerts(send(4600, OrderDone{.order = {1}})), Alerts{});
  send(4600, OrderDone{.order = {2}});
  EXPECT_EQ(only<PlaceOrder>(tick(4700)).size(), 2u);
}

TEST_F(TraderTest, AFeedReportedStaleIsStale) {
  quote();
  EXPECT_EQ(cancels(send(1010, FeedStatus{.state = FeedState::stale})).size(), 2u);
}

TEST_F(TraderTest, TheKillSwitchHoldsUntilReleased) {
  quote();
  const std::vector<Output> outputs = send(1010, KillSwitch{.engaged = true});
  EXPECT_EQ(cancels(outputs), (Reasons{DecisionReason::kill_switch, DecisionReason::kill_switch}));
  send(1020, OrderDone{.order = {1}});
  send(1020, OrderDone{.order = {2}});
  EXPECT_TRUE(tick(1500).empty());
  EXPECT_EQ(only<PlaceOrder>(send(1600, KillSwitch{.engaged = false})).size(), 2u);
}

TEST_F(TraderTest, TheSessionsEndCancelsEvenOrdersOnTheirWay) {
  book(1000, 1000, 1010);
  const std::vector<Output> outputs = send(1010, SessionEnd{});
  EXPECT_EQ(cancels(outputs), (Reasons{DecisionReason::session_end, DecisionReason::session_end}));
}

TEST_F(TraderTest, BooksFillsAndAttributesThem) {
  quote();
  send(1010, Fill{.order = {1},
                  .side = Side::buy,
                  .price = units(999),
                  .qty = lots(10),
                  .fee = Money::from_units(7)});
  EXPECT_EQ(trader().ledger().position(), lots(10));
  EXPECT_EQ(trader().ledger().fees(), Money::from_units(7));
  // Bought at 99.9 against a mid of 100.5: 0.6 on 0.01 BTC.
  EXPECT_EQ(trader().attribution().spread_capture(), Int128{6'000'000'000});
  EXPECT_EQ(trader().orders().find({1}), nullptr);
  EXPECT_EQ(trader().max_position_seen(), lots(10));
  book(1020, 980, 990);
  EXPECT_EQ(trader().attribution().adverse_selection(), Int128{-20'000'000'000});
}

TEST_F(TraderTest, AFillOfAnUnknownOrderIsBookedAndTold) {
  const std::vector<Output> outputs =
      send(10, Fill{.order = {44}, .side = Side::sell, .price = units(1000), .qty = lots(3)});
  EXPECT_EQ(alerts(outputs), Alerts{AlertCode::unknown_order});
  EXPECT_EQ(trader().ledger().position(), lots(-3));
}

TEST_F(TraderTest, AFillThatCannotBeTrueIsRefused) {
  for (const Fill& fill :
       {Fill{.price = units(1000), .qty = lots(0)}, Fill{.price = units(0), .qty = lots(1)},
        Fill{.price = units(1000), .qty = lots(INT64_MAX)},
        Fill{.price = units(INT64_MAX), .qty = lots(1)}})
    EXPECT_EQ(alerts(send(10, fill)), Alerts{AlertCode::fill_refused});
  EXPECT_EQ(trader().ledger().fill_count(), 0);
}

TEST_F(TraderTest, WordsOnOrdersThatWereNeverOursAreTold) {
  EXPECT_EQ(alerts(send(1, OrderAck{.order = {9}})), Alerts{AlertCode::unknown_order});
  EXPECT_EQ(alerts(send(1, OrderDone{.order = {9}})), Alerts{AlertCode::unknown_order});
  EXPECT_EQ(alerts(send(1, OrderReject{.order = {9}})), Alerts{AlertCode::unknown_order});
  EXPECT_EQ(alerts(send(1, CancelReject{.order = {9}})), Alerts{AlertCode::unknown_order});
  quote();
  send(1001, OrderDone{.order = {1}});
  EXPECT_EQ(alerts(send(1002, CancelReject{.order = {1}})), Alerts{});  // late, not strange
}

TEST_F(TraderTest, ARejectPausesItsSide) {
  book(1000, 1000, 1010);
  const std::vector<Output> outputs =
      send(1001, OrderReject{.order = {1}, .reason = RejectReason::insufficient_margin});
  EXPECT_EQ(alerts(outputs), Alerts{AlertCode::order_rejected});
  EXPECT_TRUE(only<PlaceOrder>(tick(1200)).empty());
  EXPECT_EQ(only<PlaceOrder>(tick(2002)).size(), 1u);
}

TEST_F(TraderTest, APostOnlyRejectIsTriedAgainAtOnce) {
  book(1000, 1000, 1010);
  const std::vector<Output> outputs =
      send(1001, OrderReject{.order = {1}, .reason = RejectReason::post_only_would_cross});
  EXPECT_EQ(alerts(outputs), Alerts{});
  EXPECT_EQ(only<PlaceOrder>(tick(1100)).size(), 1u);
}

TEST_F(TraderTest, TheRateLimitIsToldOnce) {
  start({.max_orders_per_minute = 3});
  quote();
  EXPECT_EQ(alerts(book(1100, 1001, 1011)), Alerts{AlertCode::order_rate_limit});
  EXPECT_EQ(alerts(book(1200, 1002, 1012)), Alerts{});
  EXPECT_EQ(trader().orders().find({4}), nullptr);
}

TEST_F(TraderTest, TheLossLimitStopsTradingUntilTheSwitchIsReleased) {
  start({.max_loss = *parse_money("1")});
  quote();
  send(1010, Fill{.order = {1}, .side = Side::buy, .price = units(999), .qty = lots(10)});
  EXPECT_EQ(alerts(book(1020, 900, 910)), Alerts{});  // 0.01 BTC lost 0.09 USDT at most
  const std::vector<Output> outputs =
      send(1030, Fill{.order = {2}, .side = Side::buy, .price = units(5000), .qty = lots(30)});
  EXPECT_EQ(alerts(outputs), Alerts{AlertCode::loss_limit});
  const std::vector<Output> after = book(1140, 900, 911);
  EXPECT_EQ(alerts(after), Alerts{});
  EXPECT_TRUE(only<PlaceOrder>(after).empty());
  for (const Order& order : trader().orders().all())
    EXPECT_EQ(order.state, OrderState::pending_cancel);
}

TEST_F(TraderTest, APositionBeyondTheLimitIsToldOnce) {
  quote();
  const auto buy = [&](std::int64_t ms, std::int64_t qty) {
    return alerts(
        send(ms, Fill{.order = {1}, .side = Side::buy, .price = units(1000), .qty = lots(qty)}));
  };
  EXPECT_EQ(buy(1001, 100), Alerts{});
  EXPECT_EQ(buy(1002, 1), (Alerts{AlertCode::unknown_order, AlertCode::position_limit}));
  EXPECT_EQ(buy(1003, 1), Alerts{AlertCode::unknown_order});
}

TEST_F(TraderTest, AdoptsAPositionHeldBeforeAndTellsOfALaterMismatch) {
  EXPECT_EQ(alerts(send(1, PositionReport{lots(-5), units(1000)})), Alerts{});
  EXPECT_EQ(trader().ledger().position(), lots(-5));
  EXPECT_EQ(alerts(send(2, PositionReport{lots(-5), units(1000)})), Alerts{});
  EXPECT_EQ(alerts(send(3, PositionReport{lots(-6), units(1000)})),
            Alerts{AlertCode::position_mismatch});
  EXPECT_EQ(alerts(send(4, PositionReport{lots(-6), units(1000)})), Alerts{});
}

TEST_F(TraderTest, ParametersChangeBetweenDecisions) {
  quote();
  EXPECT_EQ(alerts(send(1001, ParameterChange{"width", "0"})), Alerts{});
  EXPECT_EQ(only<ReplaceOrder>(tick(1100)).size(), 2u);
  EXPECT_EQ(alerts(send(1101, ParameterChange{"colour", "blue"})),
            Alerts{AlertCode::parameter_refused});
}

// Orders 1 (999 x10) and 2 (1011 x10) stand in the book we are shown.
TEST_F(TraderTest, DecidesByTheTouchOfOthersWhereOursShow) {
  const auto shown = [&](std::int64_t ms, const std::vector<Level>& bids, std::int64_t ask) {
    const std::vector<Level> asks = {level(1011, 10), level(ask, 50)};
    return send(ms, BookSnapshot{.bids = bids, .asks = asks});
  };
  start({.own_displayed = true});
  quote(1000);
  EXPECT_EQ(trader().touch(engine_->market()), (Touch{level(1000, 50), level(1010, 50)}));
  // Others fall back: we stand alone in front, and follow them, not ourselves.
  const std::vector<Level> bids = {level(999, 10), level(995, 50)};
  const auto moves = only<ReplaceOrder>(shown(1010, bids, 1020));
  ASSERT_EQ(moves.size(), 2u);
  EXPECT_EQ(moves[0].price, units(994));
  EXPECT_EQ(moves[1].price, units(1021));
  EXPECT_EQ(trader().touch(engine_->market()), (Touch{level(995, 50), level(1020, 50)}));
  ASSERT_EQ(trader().own_levels().size(), 4u);
  EXPECT_EQ(trader().own_levels()[0].ours, lots(10));
  // Where orders do not show, a level at our price is somebody else's.
  start({});
  quote(1000);
  EXPECT_EQ(only<ReplaceOrder>(shown(1010, bids, 1020))[0].price, units(998));
}

TEST_F(TraderTest, WithdrawsWhereOnlyOursAreLeft) {
  start({.own_displayed = true});
  quote(1000);
  const std::vector<Level> bids = {level(999, 10)};
  const std::vector<Level> asks = {level(1010, 50)};
  EXPECT_EQ(cancels(send(1010, BookSnapshot{.bids = bids, .asks = asks})),
            (Reasons{DecisionReason::book_invalid, DecisionReason::book_invalid}));
}

TEST_F(TraderTest, LeadInstrumentsDriveTheClockOnly) {
  quote(1000);
  const std::int64_t before = strategy_->asked;
  const std::vector<Level> bids = {level(5, 1)};
  const std::vector<Level> asks = {level(6, 1)};
  send(event_of(1001, BookSnapshot{.bids = bids, .asks = asks}, 1));
  EXPECT_EQ(strategy_->asked, before);
  send(event_of(1100, BookSnapshot{.bids = bids, .asks = asks}, 1));
  EXPECT_EQ(strategy_->asked, before + 1);
}

TEST(TraderSettings, ReadsItsNamesAndLeavesOthers) {
  TraderSettings settings;
  EXPECT_EQ(TraderSettings::parse("stale=5s\nmax_loss=12.5\nreplace=off\nlatency=5ms\n"
                                  "max_orders_per_minute=7\ndecision_interval=50ms\n"
                                  "max_position_value=1e4\n",
                                  settings),
            std::nullopt);
  EXPECT_EQ(settings.stale, std::chrono::seconds{5});
  EXPECT_EQ(settings.max_loss, *parse_money("12.5"));
  EXPECT_FALSE(settings.replace);
  EXPECT_EQ(settings.max_orders_per_minute, 7);
  EXPECT_EQ(settings.decision_interval, std::chrono::milliseconds{50});
  EXPECT_EQ(settings.max_position_value, 1e4);
  TraderSettings again;
  EXPECT_EQ(TraderSettings::parse(settings.format(), again), std::nullopt);
  EXPECT_EQ(again, settings);
}

TEST(TraderSettings, ABadValueIsNamedAndChangesNothing) {
  TraderSettings settings;
  const std::optional<std::string> error =
      TraderSettings::parse("stale=5s\ndecision_interval=0s\n", settings);
  ASSERT_TRUE(error);
  EXPECT_NE(error->find("decision_interval"), std::string::npos);
  EXPECT_EQ(settings, TraderSettings{});
  for (const char* bad : {"stale=5", "max_loss=-1", "max_orders_per_minute=x", "replace=maybe",
                          "max_position_value=nan"})
    EXPECT_TRUE(TraderSettings::parse(bad, settings)) << bad;
}

}  // namespace
}  // namespace mm
