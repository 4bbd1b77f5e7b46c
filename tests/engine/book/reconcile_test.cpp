// Wanted quotes against orders, as scenarios: what is out, what is wanted, which messages follow.

#include "engine/book/reconcile.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/numeric.hpp"
#include "engine/random.hpp"
#include "tests/engine/samples.hpp"

namespace mm {
namespace {

using namespace testing_samples;

// The touch is 1000/1002 with ticks of 1; the smallest order is 1 lot.
class ReconcileTest : public testing::Test {
 protected:
  ReconcileTest() {
    instrument_ = btc_usdt();
    instrument_.min_notional = Money{};
    rules_.may_place = 1000;
  }

  ClientOrderId live(Side side, std::int64_t price, std::int64_t qty) {
    const ClientOrderId id = in_flight(side, price, qty);
    orders_.acknowledged({.order = id});
    return id;
  }
  ClientOrderId in_flight(Side side, std::int64_t price, std::int64_t qty) {
    const ClientOrderId id = orders_.next_id();
    orders_.sent({.id = id, .side = side, .price = units(price), .remaining = lots(qty)});
    return id;
  }
  void want(Side side, std::int64_t price, std::int64_t qty) {
    wanted_.of(side).add({units(price), lots(qty)});
  }

  // The messages, one a line: "place buy 999 x5", "cancel 3 requote", "replace 3 with 4 998 x5".
  std::string run() {
    std::vector<Output> outputs;
    result_ = reconcile(wanted_, instrument_, {level(1000, 1), level(1002, 1)}, position_, rules_,
                        at_ms(1), orders_, outputs);
    std::string text;
    for (const Output& output : outputs) {
      EXPECT_EQ(output.header.recv_time, at_ms(1));
      text += describe(output) + "\n";
    }
    return text;
  }
  static std::string describe(const Output& output) {
    const auto quote = [](Price price, Qty qty) {
      return std::to_string(price.units()) + " x" + std::to_string(qty.lots());
    };
    if (const auto* place = std::get_if<PlaceOrder>(&output.body))
      return std::string{"place "} + (place->side == Side::buy ? "buy " : "sell ") +
             quote(place->price, place->qty);
    if (const auto* replace = std::get_if<ReplaceOrder>(&output.body))
      return "replace " + std::to_string(replace->order.value) + " with " +
             std::to_string(replace->replacement.value) + " " + quote(replace->price, replace->qty);
    const auto& cancel = std::get<CancelOrder>(output.body);
    std::string reason = "?";
    if (cancel.reason == DecisionReason::requote) reason = "requote";
    if (cancel.reason == DecisionReason::quote_withdrawn) reason = "withdrawn";
    if (cancel.reason == DecisionReason::inventory_limit) reason = "limit";
    return "cancel " + std::to_string(cancel.order.value) + " " + reason;
  }

  Instrument instrument_;
  Orders orders_;
  Quotes wanted_;
  Qty position_;
  ReconcileRules rules_;
  ReconcileResult result_;
};

TEST_F(ReconcileTest, PlacesWhatIsMissing) {
  want(Side::buy, 999, 5);
  want(Side::buy, 997, 5);
  want(Side::sell, 1003, 5);
  EXPECT_EQ(run(), "place buy 999 x5\nplace buy 997 x5\nplace sell 1003 x5\n");
  EXPECT_EQ(result_.placed, 3);
}

TEST_F(ReconcileTest, SendsNothingTwiceWhileItIsInFlight) {
  want(Side::buy, 999, 5);
  run();
  EXPECT_EQ(run(), "");
  // Not even when the wanted price moves: the order on its way counts.
  wanted_ = {};
  want(Side::buy, 990, 5);
  EXPECT_EQ(run(), "");
}

TEST_F(ReconcileTest, KeepsAnOrderWithinTheThreshold) {
  live(Side::buy, 999, 5);
  wanted_.requote_threshold = units(2);
  want(Side::buy, 997, 5);
  EXPECT_EQ(run(), "");
}

TEST_F(ReconcileTest, MovesAnOrderBeyondTheThreshold) {
  live(Side::buy, 999, 5);
  wanted_.requote_threshold = units(2);
  want(Side::buy, 996, 5);
  EXPECT_EQ(run(), "replace 1 with 2 996 x5\n");
  EXPECT_EQ(orders_.find({1})->state, OrderState::pending_replace);
  EXPECT_EQ(orders_.find({2})->replaces, ClientOrderId{1});
  EXPECT_EQ(run(), "");
}

TEST_F(ReconcileTest, WithoutReplaceItCancelsAndPlacesOnceTheOrderIsGone) {
  rules_.replace = false;
  live(Side::sell, 1005, 5);
  want(Side::sell, 1003, 5);
  EXPECT_EQ(run(), "cancel 1 requote\n");
  EXPECT_EQ(run(), "");
  orders_.done({.order = {1}});
  EXPECT_EQ(run(), "place sell 1003 x5\n");
}

TEST_F(ReconcileTest, ServesLevelsByPriceSoThatAShiftByOneLevelMovesOneOrder) {
  live(Side::buy, 999, 5);
  live(Side::buy, 997, 5);
  want(Side::buy, 997, 5);
  want(Side::buy, 995, 5);
  EXPECT_EQ(run(), "replace 1 with 3 995 x5\n");
}

TEST_F(ReconcileTest, WithdrawsWhatIsNotWanted) {
  live(Side::buy, 999, 5);
  live(Side::buy, 997, 5);
  live(Side::sell, 1003, 5);
  want(Side::buy, 999, 5);
  EXPECT_EQ(run(), "cancel 2 withdrawn\ncancel 3 withdrawn\n");
}

TEST_F(ReconcileTest, NeverQuotesThroughTheTouch) {
  want(Side::buy, 1007, 5);
  want(Side::sell, 900, 5);
  EXPECT_EQ(run(), "place buy 1001 x5\nplace sell 1001 x5\n");
}

TEST_F(ReconcileTest, OneOrderIsEnoughWhereQuotesArePushedOntoOnePrice) {
  want(Side::buy, 1007, 5);
  want(Side::buy, 1004, 5);
  EXPECT_EQ(run(), "place buy 1001 x5\n");
}

TEST_F(ReconcileTest, PutsPricesAndQuantitiesOnTheVenuesGrid) {
  instrument_.tick = units(10);
  instrument_.qty_step = lots(4);
  want(Side::buy, 987, 11);
  want(Side::sell, 1023, 11);
  EXPECT_EQ(run(), "place buy 980 x8\nplace sell 1030 x8\n");
}

TEST_F(ReconcileTest, DropsWhatTheVenueWouldRefuse) {
  instrument_.min_qty = lots(6);
  want(Side::buy, 999, 5);
  want(Side::sell, 1003, 6);
  EXPECT_EQ(run(), "place sell 1003 x6\n");
}

TEST_F(ReconcileTest, AQuantityMatters) {
  live(Side::buy, 999, 5);
  want(Side::buy, 999, 10);
  EXPECT_EQ(run(), "");  // half of it is left: the place in the queue is worth more
  wanted_ = {};
  want(Side::buy, 999, 12);
  EXPECT_EQ(run(), "replace 1 with 2 999 x12\n");
}

TEST_F(ReconcileTest, CutsToThePositionLimitAndOnlyOnTheAddingSide) {
  rules_.max_position = lots(10);
  position_ = lots(7);
  want(Side::buy, 999, 5);
  want(Side::buy, 998, 5);
  want(Side::sell, 1003, 5);
  EXPECT_EQ(run(), "place buy 999 x3\nplace sell 1003 x5\n");
}

TEST_F(ReconcileTest, ACutOrderStaysAsLongAsTheLimitDoes) {
  rules_.max_position = lots(10);
  position_ = lots(9);
  live(Side::buy, 999, 1);
  want(Side::buy, 999, 5);
  EXPECT_EQ(run(), "");
}

// A cancel on its way may still lose the race: its order counts until it is gone.
TEST_F(ReconcileTest, OrdersInFlightCountAgainstTheLimit) {
  rules_.max_position = lots(10);
  orders_.cancel_sent(live(Side::buy, 999, 8));
  want(Side::buy, 990, 8);
  want(Side::buy, 980, 8);
  EXPECT_EQ(run(), "place buy 990 x2\n");
}

TEST_F(ReconcileTest, CancelsWhatNoLongerFitsTheLimit) {
  rules_.max_position = lots(10);
  position_ = lots(8);
  live(Side::buy, 999, 5);
  want(Side::buy, 999, 5);
  EXPECT_EQ(run(), "cancel 1 limit\n");
}

TEST_F(ReconcileTest, TheStricterLimitHolds) {
  rules_.max_position = lots(10);
  wanted_.max_position = lots(4);
  want(Side::buy, 999, 8);
  EXPECT_EQ(run(), "place buy 999 x4\n");
}

TEST_F(ReconcileTest, TheRateLimitHoldsBackPlacesNeverCancels) {
  rules_.may_place = 1;
  live(Side::sell, 1010, 5);
  want(Side::buy, 999, 5);
  want(Side::sell, 1003, 5);
  EXPECT_EQ(run(), "place buy 999 x5\ncancel 1 requote\n");
  EXPECT_TRUE(result_.rate_limited);
}

TEST_F(ReconcileTest, APausedSidePlacesNothing) {
  rules_.buy_paused = true;
  want(Side::buy, 999, 5);
  want(Side::sell, 1003, 5);
  EXPECT_EQ(run(), "place sell 1003 x5\n");
  EXPECT_FALSE(result_.rate_limited);
}

TEST_F(ReconcileTest, CancelAllLeavesNothingUncancelled) {
  live(Side::buy, 999, 5);
  in_flight(Side::sell, 1003, 5);
  orders_.cancel_sent(live(Side::buy, 998, 5));
  std::vector<Output> outputs;
  EXPECT_EQ(cancel_all(DecisionReason::kill_switch, at_ms(1), orders_, outputs), 2);
  EXPECT_EQ(cancel_all(DecisionReason::kill_switch, at_ms(1), orders_, outputs), 0);
  EXPECT_EQ(outputs.size(), 2u);
}

// Whatever fills, the position stays within the limit, and no side has more orders than quotes.
TEST_F(ReconcileTest, HoldsTheLimitWhateverFillsAndInWhateverOrder) {
  SplitMix64 random{17};
  rules_.max_position = lots(20);
  for (int i = 0; i < 20'000; ++i) {
    wanted_ = {};
    for (const Side side : {Side::buy, Side::sell}) {
      std::int64_t price = side == Side::buy ? 1001 : 1001;
      for (std::uint64_t n = random.below(4); n > 0; --n) {
        price -= sign(side) * static_cast<std::int64_t>(1 + random.below(4));
        want(side, price, static_cast<std::int64_t>(1 + random.below(9)));
      }
    }
    rules_.replace = random.below(2) == 0;
    run();
    ASSERT_LE(position_ + orders_.exposure(Side::buy), lots(20));
    ASSERT_GE(position_ - orders_.exposure(Side::sell), lots(-20));
    // The venue answers some of it, in any order.
    const std::vector<Order> out{orders_.all().begin(), orders_.all().end()};
    for (const Order& order : out) {
      switch (random.below(6)) {
        case 0:
          orders_.acknowledged({.order = order.id});
          break;
        case 1:
          if (order.state == OrderState::pending_new) {
            orders_.rejected({.order = order.id});
          } else if (order.state != OrderState::live) {
            orders_.done({.order = order.id});
          }
          break;
        case 2:
          if (order.state != OrderState::live) orders_.cancel_rejected({.order = order.id});
          break;
        case 3: {
          const auto part = static_cast<std::int64_t>(
              1 + random.below(static_cast<std::uint64_t>(order.remaining.lots())));
          orders_.filled({.order = order.id, .qty = lots(part)});
          position_ += Qty::from_lots(sign(order.side) * part);
          break;
        }
        default:
          break;
      }
    }
    ASSERT_LE(position_, lots(20));
    ASSERT_GE(position_, lots(-20));
  }
}

// ---------------------------------------------------------------- keep apart

TEST_F(ReconcileTest, WhatWouldMeetOneOfOursWaitsUntilItIsGone) {
  rules_.keep_apart = true;
  const ClientOrderId ask = live(Side::sell, 1001, 5);
  want(Side::buy, 1001, 5);
  want(Side::sell, 1005, 5);
  EXPECT_EQ(run(), "replace 1 with 2 1005 x5\n");
  // The old one may still be there.
  EXPECT_EQ(run(), "");
  orders_.done({.order = ask, .reason = DoneReason::replaced});
  EXPECT_EQ(run(), "place buy 1001 x5\n");
}

TEST_F(ReconcileTest, AnOrderThatWouldMoveIntoOneOfOursStays) {
  live(Side::buy, 990, 5);
  live(Side::sell, 1001, 5);
  want(Side::buy, 1001, 5);
  want(Side::sell, 1005, 5);
  rules_.keep_apart = true;
  EXPECT_EQ(run(), "replace 2 with 3 1005 x5\n");
}

TEST_F(ReconcileTest, NeitherMayWantedQuotesMeetEachOther) {
  rules_.keep_apart = true;
  want(Side::buy, 1001, 5);
  want(Side::sell, 1001, 5);
  EXPECT_EQ(run(), "place buy 1001 x5\n");
}

TEST_F(ReconcileTest, BeyondTheLimitAnOrderGoesEvenIfItsPlaceIsTaken) {
  rules_.keep_apart = true;
  rules_.max_position = lots(4);
  live(Side::buy, 990, 5);
  live(Side::sell, 1001, 3);
  want(Side::buy, 1001, 5);
  want(Side::sell, 1001, 3);
  EXPECT_EQ(run(), "cancel 1 limit\n");
}

// Whatever the instrument, an order goes out exactly where the venue's smallest is reached.
TEST_F(ReconcileTest, SendsFromTheVenuesSmallestOrderOn) {
  SplitMix64 random{11};
  const auto draw = [&](std::uint64_t below) {
    return static_cast<std::int64_t>(random.below(below));
  };
  int sent = 0;
  constexpr int rounds = 20'000;
  for (int round = 0; round < rounds; ++round) {
    Instrument of = btc_usdt();
    of.contract = draw(4) == 0 ? ContractKind::inverse : ContractKind::linear;
    of.contract_size = of.contract == ContractKind::inverse ? 100 : 1;
    of.price_decimals = draw(9);
    of.lot_decimals = draw(9);
    of.qty_step = lots(1 + draw(5));
    of.min_qty = lots(draw(30));
    of.min_notional = draw(5) == 0 ? Money{} : quote_value(of, units(1 + draw(2000)), lots(50));
    Orders orders;
    Quotes wanted;
    const Qty qty = lots(1 + draw(100));
    const Price price = units(1 + draw(1000));
    wanted.bids.add({price, qty});
    ReconcileRules rules;
    rules.may_place = 1;
    std::vector<Output> outputs;
    reconcile(wanted, of, {level(1000, 1), level(1002, 1)}, {}, rules, at_ms(1), orders, outputs);
    const Qty whole = floor_to_step(of, qty);
    EXPECT_EQ(!outputs.empty(), whole > Qty{} && whole >= min_order_qty(of, price)) << round;
    sent += outputs.empty() ? 0 : 1;
  }
  EXPECT_GT(sent, rounds / 10);
  EXPECT_LT(sent, rounds - rounds / 10);
}

TEST_F(ReconcileTest, SendsNothingOnASideWhoseAnswersAreAwaited) {
  SplitMix64 random{26};
  int waited = 0;
  int went_on = 0;
  for (int round = 0; round < 20'000; ++round) {
    orders_ = {};
    wanted_ = {};
    wanted_.requote_threshold = units(static_cast<std::int64_t>(random.below(4)));
    position_ = lots(static_cast<std::int64_t>(random.below(21)) - 10);
    rules_.max_position = lots(static_cast<std::int64_t>(random.below(20)));
    rules_.replace = random.below(2) == 0;
    const auto price = [&] { return 990 + static_cast<std::int64_t>(random.below(10)); };
    for (std::uint64_t left = random.below(4); left > 0; --left) {
      const ClientOrderId id = in_flight(Side::buy, price(), 5);
      const std::uint64_t state = random.below(8);
      if (state == 0) orders_.acknowledged({.order = id});
      if (state == 1 || state == 2) orders_.cancel_sent(id);
      if (state == 3 || state == 4) {
        orders_.acknowledged({.order = id});
        orders_.replace_sent(id);
      }
    }
    const std::uint64_t quotes = random.below(4);
    for (std::uint64_t i = 0; i < quotes; ++i) want(Side::buy, price(), 5);
    const bool awaits = awaits_answers(Side::buy, quotes, orders_);
    const std::string sent = run();
    if (!awaits) {
      went_on += sent.empty() ? 0 : 1;
      continue;
    }
    ++waited;
    EXPECT_EQ(sent, "");
    EXPECT_FALSE(result_.rate_limited);
  }
  EXPECT_GT(waited, 2'000);
  EXPECT_GT(went_on, 2'000);
}

}  // namespace
}  // namespace mm
