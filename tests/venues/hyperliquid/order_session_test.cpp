// One story per order, whatever the order in which the venue's channels tell it.

#include "venues/hyperliquid/order_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/venues/market_data.hpp"

namespace mm::venues::hyperliquid {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t tag = 0x6d6d0050c6301a2b;

Time at(Duration since) {
  return time_from_ns(1'770'000'000'000'000'000) + since;
}

class Session : public ::testing::Test {
 protected:
  static OrderSessionSettings settings() {
    OrderSessionSettings of;
    of.asset = 4;
    of.session_tag = tag;
    return of;
  }

  // What the core wants. ETH: price in 0.01, lots of 1e-4.
  void place(std::uint64_t id, std::int64_t lots = 100,
             TimeInForce lives = TimeInForce::post_only) {
    session_.place(now_,
                   PlaceOrder{ClientOrderId{id}, Side::buy, price, Qty::from_lots(lots), lives});
    session_.flush(now_);
  }
  void cancel(std::uint64_t id) {
    session_.cancel(now_, ClientOrderId{id});
    session_.flush(now_);
  }
  void replace(std::uint64_t old, std::uint64_t replacement,
               TimeInForce lives = TimeInForce::post_only) {
    session_.replace(now_, ReplaceOrder{.order = ClientOrderId{old},
                                        .replacement = ClientOrderId{replacement},
                                        .side = Side::buy,
                                        .price = price,
                                        .qty = Qty::from_lots(100),
                                        .time_in_force = lives});
    session_.flush(now_);
  }

  // What the venue says.
  void reply(std::uint64_t request, const std::string& type, const std::string& statuses) {
    session_.on_reply(now_, request,
                      R"({"status":"ok","response":{"type":")" + type +
                          R"(","data":{"statuses":[)" + statuses + "]}}}");
  }
  void user(const EventBody& body) {
    session_.on_user_event(Event{EventHeader{Seq{}, now_, now_, InstrumentId{0}}, body});
  }
  void fill(std::uint64_t id, std::int64_t lots, std::int64_t trade = 1) {
    user(Fill{.order = ClientOrderId{id},
              .trade_id = trade,
              .price = price,
              .qty = Qty::from_lots(lots),
              .cause = FillCause::venue});
  }
  void done(std::uint64_t id, std::int64_t rest, DoneReason reason = DoneReason::cancelled) {
    user(OrderDone{ClientOrderId{id}, reason, Qty::from_lots(rest), {}});
  }
  void status(std::uint64_t id, OrderPhase phase, std::int64_t rest_e8 = 0) {
    OrderState state;
    state.phase = phase;
    state.order.oid = 7000 + static_cast<std::int64_t>(id);
    state.order.size_e8 = rest_e8;
    session_.on_order_status(now_, ClientOrderId{id}, state);
  }

  /// Everything told since the last call, as short words.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (; !told_.empty(); told_.pop())
      words.push_back(std::visit([](const auto& body) { return word(body); }, told_.front().body));
    return words;
  }
  static std::string word(const OrderAck& of) {
    return "ack " + std::to_string(of.order.value) + " left " + std::to_string(of.remaining.lots());
  }
  static std::string word(const OrderReject& of) {
    return "reject " + std::to_string(of.order.value) + " " + std::string(of.detail);
  }
  static std::string word(const OrderDone& of) {
    return "done " + std::to_string(of.order.value) + " left " +
           std::to_string(of.remaining.lots()) + " reason " +
           std::to_string(static_cast<int>(of.reason));
  }
  static std::string word(const CancelReject& of) {
    return "cancel reject " + std::to_string(of.order.value);
  }
  static std::string word(const Fill& of) {
    return "fill " + std::to_string(of.order.value) + " " + std::to_string(of.qty.lots()) +
           " left " + std::to_string(of.remaining.lots());
  }
  static std::string word(const FeedStatus& of) { return "anomaly: " + std::string(of.detail); }
  static std::string word(const RateLimit& of) { return "rate limit: " + std::string(of.detail); }
  template <class Body>
  static std::string word(const Body&) {
    return "something else";
  }

  std::vector<std::string> sent() {
    std::vector<std::string> actions;
    for (const ActionRequest& request : session_.take_requests())
      actions.push_back(request.action.json);
    return actions;
  }
  std::vector<std::uint64_t> lookups_at(Duration since) {
    now_ = at(since);
    session_.check(now_);
    std::vector<std::uint64_t> ids;
    for (const ClientOrderId id : session_.take_lookups()) ids.push_back(id.value);
    return ids;
  }

  static constexpr Price price = Price::from_units(150000);
  static constexpr const char* resting1 = R"({"resting":{"oid":7001}})";
  Time now_ = at({});
  EventQueue told_;
  OrderSession session_{mm::test::instrument("hyperliquid", "ETH"), InstrumentId{0}, settings(),
                        told_};
};

TEST_F(Session, OneRequestForEachKindOfWord) {
  place(1);
  place(2);
  EXPECT_EQ(sent().size(), 2u);
  session_.place(now_, PlaceOrder{ClientOrderId{3}, Side::buy, price, Qty::from_lots(100),
                                  TimeInForce::post_only});
  session_.place(now_, PlaceOrder{ClientOrderId{4}, Side::sell, price, Qty::from_lots(100),
                                  TimeInForce::post_only});
  session_.cancel(now_, ClientOrderId{1});
  session_.cancel(now_, ClientOrderId{2});
  session_.cancel(now_, ClientOrderId{2});
  session_.flush(now_);
  const auto actions = sent();
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_THAT(actions[0], HasSubstr(R"("type":"cancelByCloid")"));
  EXPECT_THAT(actions[1], HasSubstr(R"({"a":4,"b":false,"p":"1500","s":"0.01")"));
}

TEST_F(Session, RestsAndIsCancelled) {
  place(1);
  reply(1, "order", resting1);
  user(OrderAck{ClientOrderId{1}, 7001, price, Qty::from_lots(100)});
  EXPECT_THAT(told(), ElementsAre("ack 1 left 100"));
  cancel(1);
  reply(2, "cancel", R"("success")");
  EXPECT_THAT(told(), IsEmpty());
  done(1, 100);
  EXPECT_THAT(told(), ElementsAre("done 1 left 100 reason 1"));
  EXPECT_EQ(session_.open(), 0u);
}

TEST_F(Session, AFillMayComeBeforeEverythingElse) {
  place(1);
  fill(1, 40);
  user(OrderAck{ClientOrderId{1}, 7001, price, Qty::from_lots(100)});
  reply(1, "order", resting1);
  fill(1, 60, 2);
  EXPECT_THAT(told(), ElementsAre("fill 1 40 left 60", "ack 1 left 60", "fill 1 60 left 0"));
  EXPECT_EQ(session_.open(), 0u);
  done(1, 0);
  EXPECT_THAT(told(), IsEmpty());
}

// The cancel's word comes first, the fill that preceded it afterwards: the order must not be told
// as ended with quantity that was in truth bought.
TEST_F(Session, AnEndWaitsForTheFillsBeforeIt) {
  place(1);
  reply(1, "order", resting1);
  cancel(1);
  done(1, 60);
  EXPECT_THAT(told(), ElementsAre("ack 1 left 100"));
  fill(1, 40);
  EXPECT_THAT(told(), ElementsAre("fill 1 40 left 60", "done 1 left 60 reason 1"));
}

// When an order left the book is what the book is compared with, not when we could tell of it.
TEST_F(Session, AnEndThatWaitedCarriesTheVenuesStamp) {
  place(1);
  reply(1, "order", resting1);
  cancel(1);
  told();
  now_ = at(milliseconds{70});
  done(1, 60);
  now_ = at(milliseconds{90});
  fill(1, 40);
  ASSERT_FALSE(told_.empty());
  EXPECT_EQ(told_.front().header.exchange_time, at(milliseconds{90}));
  told_.pop();
  ASSERT_FALSE(told_.empty());
  EXPECT_TRUE(std::holds_alternative<OrderDone>(told_.front().body));
  EXPECT_EQ(told_.front().header.recv_time, at(milliseconds{90}));
  EXPECT_EQ(told_.front().header.exchange_time, at(milliseconds{70}));
}

TEST_F(Session, FillsThatDoNotComeAreAskedForAndThenCount) {
  place(1);
  reply(1, "order", resting1);
  told();
  done(1, 60);
  EXPECT_FALSE(session_.wants_fills());
  EXPECT_EQ(session_.next_check(), at(seconds{2}));
  lookups_at(seconds{2});
  EXPECT_TRUE(session_.wants_fills());
  session_.on_fills_complete(now_, at(milliseconds{1900}));  // asked too early to be final
  EXPECT_THAT(told(), IsEmpty());
  session_.on_fills_complete(now_, now_);
  const auto words = told();
  ASSERT_EQ(words.size(), 2u);
  EXPECT_THAT(words[0], HasSubstr("ended with a rest of 0.006, its fills leave 0.01"));
  EXPECT_EQ(words[1], "done 1 left 100 reason 1");
}

TEST_F(Session, RefusedOrdersAreToldOnce) {
  place(1);
  reply(1, "order", R"({"error":"Order must have minimum value of $10. asset=4"})");
  user(OrderReject{ClientOrderId{1}, RejectReason::below_min_notional, "minTradeNtlRejected"});
  place(2);
  user(OrderReject{ClientOrderId{2}, RejectReason::post_only_would_cross, "badAloPxRejected"});
  reply(2, "order", R"({"error":"Post only order would have immediately matched, bbo was 1@2."})");
  EXPECT_THAT(told(), ElementsAre("reject 1 Order must have minimum value of $10. asset=4",
                                  "reject 2 badAloPxRejected"));
}

TEST_F(Session, OffTheGridNothingIsSent) {
  session_.place(now_, PlaceOrder{ClientOrderId{1}, Side::buy, Price::from_units(1500001),
                                  Qty::from_lots(100), TimeInForce::post_only});
  session_.place(now_,
                 PlaceOrder{ClientOrderId{2}, Side::buy, price, Qty{}, TimeInForce::post_only});
  session_.flush(now_);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(told().size(), 2u);
}

TEST_F(Session, AnIocEndsWithWhatItDidNotGet) {
  place(1, 100, TimeInForce::ioc);
  reply(1, "order", R"({"filled":{"totalSz":"0.004","avgPx":"1500.0","oid":7001}})");
  EXPECT_THAT(told(), ElementsAre("ack 1 left 100"));
  fill(1, 40);
  EXPECT_THAT(told(), ElementsAre("fill 1 40 left 60", "done 1 left 60 reason 2"));
  place(2, 100, TimeInForce::ioc);
  reply(2, "order",
        R"({"error":"Order could not immediately match against any resting orders. asset=4"})");
  EXPECT_THAT(told(), ElementsAre("done 2 left 100 reason 2"));
}

// A reply that is lost leaves the outcome open. Whatever the venue then says, the order went out
// once.
TEST_F(Session, ALostReplyIsLookedUpAndNothingIsSentTwice) {
  place(1);
  EXPECT_EQ(sent().size(), 1u);
  session_.on_connection_lost(now_);
  EXPECT_THAT(lookups_at(milliseconds{0}), ElementsAre(1));
  session_.on_order_status(now_, ClientOrderId{1}, {});
  EXPECT_THAT(lookups_at(milliseconds{500}), IsEmpty());
  EXPECT_THAT(lookups_at(seconds{1}), ElementsAre(1));
  status(1, OrderPhase::live);
  EXPECT_THAT(told(), ElementsAre("ack 1 left 100"));
  EXPECT_THAT(lookups_at(seconds{60}), IsEmpty());
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Session, AnOrderTheVenueNeverGotIsRejectedOnceItCannotArriveAnyMore) {
  place(1);
  EXPECT_EQ(session_.next_check(), at(seconds{3}));
  EXPECT_THAT(lookups_at(seconds{3}), ElementsAre(1));
  session_.on_order_status(now_, ClientOrderId{1}, {});
  now_ = at(milliseconds{6900});
  session_.on_order_status(now_, ClientOrderId{1}, {});
  EXPECT_THAT(told(), IsEmpty());
  now_ = at(seconds{7});
  session_.on_order_status(now_, ClientOrderId{1}, {});
  EXPECT_THAT(told(), ElementsAre("reject 1 the venue never received it"));
}

TEST_F(Session, AnUnreadableReplyIsAnUnknownOutcome) {
  place(1);
  session_.on_reply(now_, 1, std::string("<html>502</html>"));
  EXPECT_THAT(lookups_at({}), ElementsAre(1));
  EXPECT_THAT(told(), ElementsAre(HasSubstr("anomaly")));
}

TEST_F(Session, ACancelThatCameTooLateWaitsForTheFill) {
  place(1);
  reply(1, "order", resting1);
  told();
  cancel(1);
  reply(2, "cancel", R"({"error":"Order was never placed, already canceled, or filled. asset=4"})");
  EXPECT_THAT(lookups_at({}), ElementsAre(1));
  status(1, OrderPhase::filled);
  EXPECT_THAT(told(), IsEmpty());
  fill(1, 100);
  EXPECT_THAT(told(), ElementsAre("fill 1 100 left 0"));
}

TEST_F(Session, ARefusedCancelOfAnOrderThatStandsIsTold) {
  place(1);
  reply(1, "order", resting1);
  told();
  cancel(1);
  session_.on_connection_lost(now_);
  EXPECT_THAT(lookups_at({}), ElementsAre(1));
  status(1, OrderPhase::live);
  EXPECT_THAT(told(), ElementsAre("cancel reject 1"));
  sent();
  cancel(1);
  EXPECT_EQ(sent().size(), 1u);
}

TEST_F(Session, AModifyEndsTheOldAndAcknowledgesTheNew) {
  place(1);
  reply(1, "order", resting1);
  told();
  sent();
  replace(1, 2);
  EXPECT_THAT(sent(), ElementsAre(HasSubstr(R"("type":"batchModify")")));
  reply(2, "order", R"({"resting":{"oid":7002}})");
  done(1, 100);
  EXPECT_THAT(told(), ElementsAre("ack 2 left 100", "done 1 left 100 reason 4"));
}

TEST_F(Session, AModifyOfAFilledOrderPlacesNothing) {
  place(1);
  reply(1, "order", resting1);
  replace(1, 2);
  fill(1, 100);
  reply(2, "order", R"({"error":"Cannot modify canceled or filled order"})");
  EXPECT_THAT(told(), ElementsAre("ack 1 left 100", "fill 1 100 left 0",
                                  "reject 2 Cannot modify canceled or filled order"));
  EXPECT_EQ(session_.open(), 0u);
  replace(1, 3);
  EXPECT_THAT(told(), ElementsAre("reject 3 the order it was to replace is gone"));
}

TEST_F(Session, AModifyThatWouldCrossLeavesTheOldToBeLookedUp) {
  place(1);
  reply(1, "order", resting1);
  replace(1, 2);
  reply(2, "order", R"({"error":"Post only order would have immediately matched, bbo was 1@2."})");
  EXPECT_THAT(lookups_at({}), ElementsAre(1));
  status(1, OrderPhase::cancelled, 1'000'000);
  EXPECT_THAT(told(), ElementsAre("ack 1 left 100", HasSubstr("reject 2 Post only"),
                                  "done 1 left 100 reason 4"));
}

TEST_F(Session, AnOrderThatMayTradeAtOnceReplacesByCancelAndPlace) {
  place(1);
  reply(1, "order", resting1);
  sent();
  replace(1, 2, TimeInForce::gtc);
  EXPECT_THAT(sent(), ElementsAre(HasSubstr("cancelByCloid"), HasSubstr(R"("tif":"Gtc")")));
}

TEST_F(Session, ExposureIsWhatMayStillFill) {
  place(1);
  place(2, 50);
  fill(1, 40);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(110));
  EXPECT_EQ(session_.exposure().sell, Qty{});
  EXPECT_EQ(session_.exposure().gross, Money::from_units(Int128{Money::per_one} * 33 / 2));
  session_.cancel_everything(now_);
  session_.flush(now_);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(110));  // until the venue has said so
}

// A modify is one step at the venue: either order may fill, never both in full.
TEST_F(Session, OfAnOrderAndItsModifyTheLargerCounts) {
  place(1, 60);
  reply(1, "order", resting1);
  const ReplaceOrder modify{.order = ClientOrderId{1},
                            .replacement = ClientOrderId{2},
                            .side = Side::buy,
                            .price = price,
                            .qty = Qty::from_lots(100),
                            .time_in_force = TimeInForce::post_only};
  EXPECT_EQ(session_.gives_way(modify), Qty::from_lots(60));
  replace(1, 2);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(100));
  EXPECT_EQ(session_.exposure().gross, Money::from_units(Int128{Money::per_one} * 15));
  // A part that the old one filled first comes on top of the new one.
  fill(1, 20);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(100));
  reply(2, "order", R"({"resting":{"oid":7002}})");
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(100));
  // The venue says what was left of it: nothing more can come of it.
  done(1, 40);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(100));
  EXPECT_EQ(session_.open(), 1u);
}

TEST_F(Session, AModifyThatFailsBecauseTheOldOrderFilledLeavesNothingOut) {
  place(1);
  reply(1, "order", resting1);
  replace(1, 2);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(100));
  reply(2, "order", R"({"error":"Cannot modify canceled or filled order asset=4"})");
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(100));  // of the old one, until it is told
  fill(1, 100);
  EXPECT_EQ(session_.exposure().buy, Qty{});
  EXPECT_EQ(session_.exposure().gross, Money{});
}

TEST_F(Session, FillsStillToComeOfAnOrderThatEndedCount) {
  place(1);
  reply(1, "order", resting1);
  done(1, 70);  // 30 filled, not told yet
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(30));
  fill(1, 30);
  EXPECT_EQ(session_.exposure().buy, Qty{});
}

// Two steps: the new order may come while the old one still stands.
TEST_F(Session, ACancelAndAPlaceCountInFull) {
  place(1);
  reply(1, "order", resting1);
  ReplaceOrder crossing{.order = ClientOrderId{1},
                        .replacement = ClientOrderId{2},
                        .side = Side::buy,
                        .price = price,
                        .qty = Qty::from_lots(100),
                        .time_in_force = TimeInForce::gtc};
  EXPECT_EQ(session_.gives_way(crossing), Qty{});
  replace(1, 2, TimeInForce::gtc);
  EXPECT_EQ(session_.exposure().buy, Qty::from_lots(200));
  crossing.time_in_force = TimeInForce::post_only;
  EXPECT_EQ(session_.gives_way(crossing), Qty{}) << "it is being cancelled already";
}

TEST_F(Session, OpenOrdersThatShouldNotStandAreCancelledAndTold) {
  const auto open = [](std::int64_t oid, std::optional<Cloid> cloid) {
    OpenOrder of;
    of.coin = "ETH";
    of.oid = oid;
    of.cloid = cloid;
    return of;
  };
  place(1);
  sent();
  const std::vector<OpenOrder> orders{open(7001, Cloid{tag, ClientOrderId{1}}),
                                      open(50, Cloid{0x6d6d000000000001, ClientOrderId{9}}),
                                      open(51, std::nullopt),
                                      open(52, Cloid{tag, ClientOrderId{77}})};
  session_.on_open_orders(now_, now_, orders);
  session_.on_open_orders(now_, now_, orders);
  EXPECT_THAT(told(),
              ElementsAre("ack 1 left 100", HasSubstr("50 of an earlier session"),
                          HasSubstr("51 of somebody else"), HasSubstr("52 of this session")));
  EXPECT_THAT(sent(), ElementsAre(HasSubstr(R"("o":50)"), HasSubstr(R"("o":52)")));
}

TEST_F(Session, AnOrderMissingFromTheOpenOnesIsLookedUp) {
  place(1);
  reply(1, "order", resting1);
  told();
  now_ = at(seconds{10});
  session_.on_open_orders(now_, at({}), {});  // asked before it was acknowledged
  EXPECT_THAT(lookups_at(seconds{10}), IsEmpty());
  session_.on_open_orders(now_, now_, {});
  EXPECT_THAT(lookups_at(seconds{10}), ElementsAre(1));
  session_.on_order_status(now_, ClientOrderId{1}, {});  // forgotten by the venue
  EXPECT_THAT(told(), IsEmpty());
  now_ = at(seconds{13});
  session_.on_fills_complete(now_, now_);
  EXPECT_THAT(told(), ElementsAre("done 1 left 100 reason 3"));
}

TEST_F(Session, AWrongSignerIsFatalAndARateLimitIsTold) {
  place(1);
  session_.on_reply(now_, 1,
                    std::string(R"({"status":"err","response":"Too many cumulative )"
                                R"(requests sent (2 > 1) for cumulative volume"})"));
  EXPECT_THAT(told(), ElementsAre(HasSubstr("rate limit"), HasSubstr("reject 1 Too many")));
  EXPECT_EQ(session_.fatal(), "");
  place(2);
  session_.on_reply(now_, 2,
                    std::string(R"({"status":"err","response":"User or API Wallet )"
                                R"(0x12 does not exist."})"));
  EXPECT_THAT(session_.fatal(), HasSubstr("does not exist"));
}

TEST_F(Session, ARefusedDecisionGoesNowhereAndTakesItsOldOrderOut) {
  place(1);
  reply(1, "order", resting1);
  told();
  sent();
  session_.refuse(now_, PlaceOrder{.order = ClientOrderId{2}}, RejectReason::other, "guard");
  session_.refuse(now_, ReplaceOrder{.order = ClientOrderId{1}, .replacement = ClientOrderId{3}},
                  RejectReason::other, "guard");
  session_.flush(now_);
  EXPECT_THAT(told(), ElementsAre("reject 2 guard", "reject 3 guard"));
  EXPECT_THAT(sent(), ElementsAre(HasSubstr("cancelByCloid")));
}

}  // namespace
}  // namespace mm::venues::hyperliquid
