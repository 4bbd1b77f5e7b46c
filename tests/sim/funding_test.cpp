#include "sim/funding.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "engine/numeric.hpp"
#include "sim/exchange.hpp"
#include "tests/sim/stage.hpp"

namespace mm::sim {
namespace {

using namespace std::chrono_literals;

Instrument linear(std::string venue) {
  Instrument of;
  of.venue = std::move(venue);
  of.lot_decimals = 3;
  of.settlement = "USDT";
  return of;
}

constexpr std::int64_t e8 = 100'000'000;

// Worked by hand: 10 BTC at 10000 and 0.0095 / 8 a whole hour cost 118.75.
TEST(FundingCash, IsPositionTimesPriceTimesRate) {
  const Instrument btc = linear("hyperliquid");
  const auto cash = [&](std::int64_t lots, std::int64_t price, std::int64_t rate_e12) {
    return format_money(*funding_cash(btc, Qty::from_lots(lots), price * e8, rate_e12));
  };
  EXPECT_EQ(cash(10'000, 10'000, 1'187'500'000), "-118.75");
  EXPECT_EQ(cash(-10'000, 10'000, 1'187'500'000), "118.75");
  EXPECT_EQ(cash(-2'500, 2'000, -50'000'000), "-0.25");
  EXPECT_EQ(cash(0, 2'000, 50'000'000), "0");
}

// 500 contracts of 100 USD at 50000 are 1 BTC; 0.01 % of it.
TEST(FundingCash, OfInverseContractsIsInCoin) {
  Instrument coin = linear("binance-coinm");
  coin.contract = ContractKind::inverse;
  coin.lot_decimals = 0;
  coin.contract_size = 100;
  EXPECT_EQ(format_money(*funding_cash(coin, Qty::from_lots(500), 50'000 * e8, 100'000'000)),
            "-0.0001");
}

TEST(FundingCash, RefusesWhatNoVenueSays) {
  const Instrument btc = linear("hyperliquid");
  const Qty one = Qty::from_lots(1);
  EXPECT_FALSE(funding_cash(btc, one, 0, 1).has_value());
  EXPECT_FALSE(funding_cash(btc, one, absent_e, 1).has_value());
  EXPECT_FALSE(funding_cash(btc, one, INT64_MAX, 1).has_value());
  EXPECT_FALSE(funding_cash(btc, one, e8, 1'000'000'000'001).has_value());
  EXPECT_FALSE(funding_cash(btc, Qty::from_lots(INT64_MAX), e8, 1).has_value());
}

class Clock : public ::testing::TestWithParam<const char*> {
 protected:
  std::string at(Time time, EventBody body = Trade{}) {
    const auto paid = clock_.on_market({.header = {.exchange_time = time}, .body = body},
                                       linear(venue_), Qty::from_lots(1000));
    return paid ? format_money(paid->cash) : "";
  }
  static AssetContext context(std::int64_t mark, std::int64_t oracle, std::int64_t rate_bps,
                              Time next = {}) {
    return {.mark_e8 = mark * e8,
            .oracle_e8 = oracle * e8,
            .funding_e12 = rate_bps * 100'000'000,
            .next_funding_ns = to_ns(next)};
  }

  std::string venue_ = "hyperliquid";
  FundingClock clock_;
  const Time hour_ = time_from_ns(1'700'006'400'000'000'000);  // 2023-11-15 00:00 UTC
};

// Contexts of this venue carry no stamp; the events around them tell the hour.
TEST_F(Clock, HyperliquidPaysAtEveryWholeHourOnTheOraclePrice) {
  EXPECT_EQ(at(hour_ - 90min), "");
  EXPECT_EQ(at({}, context(90, 100, 10)), "");
  EXPECT_EQ(at(hour_ - 61min), "");
  EXPECT_EQ(at(hour_ - 60min), "-0.1");
  EXPECT_EQ(at(hour_ - 59min), "");
  EXPECT_EQ(at({}, context(90, 100, -20)), "");
  EXPECT_EQ(at(hour_ + 1ms), "0.2");
  EXPECT_EQ(at(hour_ + 2ms), "");
  EXPECT_EQ(at(hour_ + 5h), "0.2");  // a gap over several hours: once
}

TEST_F(Clock, BinancePaysAtTheAnnouncedTimeOnTheMarkPrice) {
  venue_ = "binance-usdm";
  EXPECT_EQ(at(hour_ - 60min, context(90, 100, 10, hour_)), "");
  EXPECT_EQ(at(hour_ - 1ms), "");
  // The context that announces the next time has the next rate.
  EXPECT_EQ(at(hour_, context(95, 100, 30, hour_ + 8h)), "-0.09");
  EXPECT_EQ(at(hour_ + 4h), "");
  EXPECT_EQ(at(hour_ + 8h), "-0.285");
  EXPECT_EQ(at(hour_ + 16h), "");  // nothing was announced
}

TEST_F(Clock, NothingIsPaidBeforeTheVenueHasSpoken) {
  EXPECT_EQ(at(hour_ - 1min), "");
  EXPECT_EQ(at(hour_ + 1min), "");
  EXPECT_EQ(at({}, AssetContext{.mark_e8 = e8}), "");
  EXPECT_EQ(at(hour_ + 60min), "");
  EXPECT_EQ(at(hour_ + 120min), "");
}

// Through the exchange: what was filled by then counts, and the payment is heard like a fill.
TEST(ExchangeFunding, IsPaidOnWhatWeHold) {
  Instrument instrument = testing::plain_instrument();
  instrument.venue = "hyperliquid";
  Market market;
  Exchange exchange(testing::prompt());
  Time now = time_from_ns(1'700'006'399'000'000'000);
  const auto hear = [&](EventBody body, Duration later) {
    now += later;
    while (exchange.next_arrival() < now) exchange.arrive(market.quoted());
    const Event event{.header = {.recv_time = now, .exchange_time = now}, .body = body};
    market.apply(event);
    exchange.on_market(event, market.quoted());
  };
  const std::vector<Level> bids{{Price::from_units(100), Qty::from_lots(5)}};
  const std::vector<Level> asks{{Price::from_units(101), Qty::from_lots(5)}};
  hear(definition_of(instrument), 1ms);
  hear(AssetContext{.oracle_e8 = 100 * e8, .funding_e12 = 1'000'000'000}, 1ms);
  hear(BookSnapshot{.bids = bids, .asks = asks}, 1ms);
  exchange.send(now, {.body = PlaceOrder{.order = {1},
                                         .side = Side::buy,
                                         .price = Price::from_units(101),
                                         .qty = Qty::from_lots(3),
                                         .time_in_force = TimeInForce::ioc}});
  hear(BookSnapshot{.bids = bids, .asks = asks}, 1ms);
  EXPECT_EQ(exchange.position(), Qty::from_lots(3));
  hear(BookSnapshot{.bids = bids, .asks = asks}, 1s);
  std::string heard;
  while (exchange.next_answer() <= now) {
    const Event answer = exchange.take_answer();
    heard += testing::line_of(answer) + "\n";
    if (const auto* paid = std::get_if<FundingPayment>(&answer.body)) {
      EXPECT_EQ(format_money(paid->cash), "-0.3");
      EXPECT_EQ(answer.header.exchange_time, now);
    }
  }
  EXPECT_EQ(heard, "ack 1 101x3\nfill 1 3@101 taker left 0\nfunding_payment\n");
}

}  // namespace
}  // namespace mm::sim
