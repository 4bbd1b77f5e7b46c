#include "live/guards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "engine/event.hpp"
#include "engine/market.hpp"
#include "engine/numeric.hpp"

namespace mm::live {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr Time start = time_from_ns(1'770'000'000'000'000'000);

Money usd(std::int64_t whole) {
  return Money::from_units(Int128{Money::per_one} * whole);
}

// ETH at 1999 / 2001, lots of 1e-4: 1 lot is worth 0.2 at the mid, 5000 lots 1000.
class Door : public ::testing::Test {
 protected:
  Door() {
    Instrument eth;
    eth.venue = "hyperliquid";
    eth.symbol = "ETH";
    eth.price_decimals = 2;
    eth.lot_decimals = 4;
    eth.tick = Price::from_units(1);
    eth.qty_step = Qty::from_lots(1);
    eth.settlement = "USDC";
    tell(definition_of(eth));
    const Level bid{Price::from_units(199900), Qty::from_lots(100)};
    const Level ask{Price::from_units(200100), Qty::from_lots(100)};
    tell(BookSnapshot{.bids = {&bid, 1}, .asks = {&ask, 1}});
  }
  void tell(const EventBody& body, Time at = start) {
    market_.apply(Event{EventHeader{Seq{}, at, Time{}, InstrumentId{0}}, body});
  }
  std::optional<std::string> check(Side side, std::int64_t lots, std::int64_t price = 200000,
                                   Time now = start) {
    return guards_.check(now, side, Price::from_units(price), Qty::from_lots(lots), view());
  }
  GuardView view() const { return {market_.quoted(), ledger_, open_buy_, open_sell_}; }
  void hold(std::int64_t lots) {
    ledger_ = Ledger{};
    const Instrument& eth = market_.quoted().definition();
    ledger_.open(Qty::from_lots(lots),
                 position_value(eth, Price::from_units(200000), Qty::from_lots(lots)));
  }

  Market market_;
  Ledger ledger_;
  Qty open_buy_;
  Qty open_sell_;
  Guards guards_{GuardLimits{.max_position = usd(2000),
                             .max_order = usd(1000),
                             .max_notional = usd(3000),
                             .max_loss = usd(50),
                             .max_orders_per_minute = 3,
                             .price_band_bps = 50,
                             .stale = seconds{2}}};
};

TEST_F(Door, LetsAnOrderWithinAllLimitsPass) {
  EXPECT_EQ(check(Side::buy, 5000), std::nullopt);
  EXPECT_EQ(check(Side::sell, 5000), std::nullopt);
}

TEST_F(Door, OneOrderMayNotBeTooLarge) {
  EXPECT_THAT(*check(Side::buy, 5001), HasSubstr("the order would be worth 1000.2"));
}

TEST_F(Door, ThePositionCountsEveryOrderOfItsSide) {
  hold(5000);
  open_buy_ = Qty::from_lots(1);
  EXPECT_THAT(*check(Side::buy, 5000), HasSubstr("the position would be worth 2000.2"));
  EXPECT_EQ(check(Side::buy, 4999), std::nullopt);
}

// Beyond its limit a position must still be reducible.
TEST_F(Door, ReducingIsAlwaysAllowed) {
  hold(11000);
  EXPECT_TRUE(check(Side::buy, 1));
  EXPECT_EQ(check(Side::sell, 2000), std::nullopt);
  hold(-11000);
  EXPECT_TRUE(check(Side::sell, 1));
  EXPECT_EQ(check(Side::buy, 2000), std::nullopt);
}

TEST_F(Door, BothSidesTogetherAreLimitedToo) {
  open_buy_ = open_sell_ = Qty::from_lots(6000);
  EXPECT_THAT(*check(Side::buy, 3001), HasSubstr("position and orders would be worth 3000.2"));
}

// A partial fill that is told only after its order was replaced leaves more out than fits.
TEST_F(Door, OrdersThatFillsHaveLeftNoRoomForAreNamed) {
  hold(5000);
  open_buy_ = open_sell_ = Qty::from_lots(5100);  // 2020 if bought: a hundredth is let be
  EXPECT_EQ(guards_.overcommitted(view()), std::nullopt);
  open_buy_ = Qty::from_lots(5101);
  EXPECT_EQ(guards_.overcommitted(view()), Side::buy);
  open_buy_ = Qty{};
  hold(-5001);
  EXPECT_EQ(guards_.overcommitted(view()), Side::sell);
  open_sell_ = Qty{};
  hold(-20000);
  EXPECT_EQ(guards_.overcommitted(view()), std::nullopt) << "there is nothing to cancel";
}

TEST_F(Door, ThePriceStaysNearTheMid) {
  EXPECT_EQ(check(Side::buy, 10, 199010), std::nullopt);
  EXPECT_THAT(*check(Side::buy, 10, 198990), HasSubstr("bps from the mid"));
  EXPECT_THAT(*check(Side::sell, 10, 201010), HasSubstr("bps from the mid"));
}

TEST_F(Door, NothingGoesOutOnOldOrMissingData) {
  EXPECT_EQ(check(Side::buy, 10, 200000, start + seconds{2}), std::nullopt);
  EXPECT_THAT(*check(Side::buy, 10, 200000, start + seconds{3}), HasSubstr("is 3s old"));
  tell(FeedStatus{.state = FeedState::gap});
  EXPECT_THAT(*check(Side::buy, 10), HasSubstr("no valid book"));
}

TEST_F(Door, OrdersAMinuteAreCountedWhenTheyPass) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(check(Side::buy, 10), std::nullopt);
  EXPECT_THAT(*check(Side::buy, 10), HasSubstr("3 orders went out"));
  EXPECT_THAT(*check(Side::buy, 99999), HasSubstr("the order would be"));
  EXPECT_EQ(guards_.sent_last_minute(start), 3);
  tell(BestQuote{.bid = {Price::from_units(199900), Qty::from_lots(1)},
                 .ask = {Price::from_units(200100), Qty::from_lots(1)}},
       start + seconds{61});
  EXPECT_EQ(check(Side::buy, 10, 200000, start + seconds{61}), std::nullopt);
}

TEST_F(Door, ALossOrAPositionFarBeyondEndsTrading) {
  hold(10000);
  EXPECT_EQ(guards_.breach(view()), std::nullopt);
  const Instrument& eth = market_.quoted().definition();
  ledger_ = Ledger{};  // bought one at 2050, marked at 2000
  ledger_.open(Qty::from_lots(10000),
               position_value(eth, Price::from_units(205000), Qty::from_lots(10000)));
  EXPECT_THAT(*guards_.breach(view()), HasSubstr("has lost 50, the limit is 50"));
  hold(15001);
  EXPECT_THAT(*guards_.breach(view()), HasSubstr("beyond the limit of 2000"));
}

}  // namespace
}  // namespace mm::live
