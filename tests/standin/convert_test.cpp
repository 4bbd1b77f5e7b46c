// One venue's market in another's units.

#include "standin/convert.hpp"

#include <gtest/gtest.h>

#include "tests/venues/market_data.hpp"

namespace mm::standin {
namespace {

Level level(std::int64_t price, std::int64_t lots) {
  return {Price::from_units(price), Qty::from_lots(lots)};
}

class Convert : public testing::Test {
 protected:
  Converter converter_{test::instrument("binance-usdm", "BTCUSDT"),
                       test::instrument("hyperliquid", "BTC")};
};

// BTC stands on whole dollars at Hyperliquid: 61807.9 and 61807.2 are one bid at 61807.
TEST_F(Convert, LevelsMeetOnTheCoarserGrid) {
  const std::vector<Level> bids{level(618079, 1000), level(618072, 500), level(618060, 2)};
  const std::vector<Level> asks{level(618080, 100), level(618081, 100)};
  BookSnapshot of;
  of.bids = bids;
  of.asks = asks;
  const auto event = converter_.convert({{}, of});
  const auto& out = std::get<BookSnapshot>(event->body);
  ASSERT_EQ(out.bids.size(), 2u);
  EXPECT_EQ(out.bids[0], level(618070, 150'000));
  EXPECT_EQ(out.bids[1], level(618060, 200));
  EXPECT_EQ(out.bid_orders[0], 2u);
  ASSERT_EQ(out.asks.size(), 2u);
  EXPECT_EQ(out.asks[0], level(618080, 10'000));
  EXPECT_EQ(out.asks[1], level(618090, 10'000));
}

TEST_F(Convert, ADeltaGivesTheNewTotalOfTheTargetLevel) {
  const std::vector<Level> bids{level(618079, 1000), level(618072, 500)};
  BookSnapshot of;
  of.bids = bids;
  converter_.convert({{}, of});
  const std::vector<Level> gone{level(618079, 0)};
  BookDelta delta;
  delta.bids = gone;
  const auto event = converter_.convert({{}, delta});
  const auto& out = std::get<BookDelta>(event->body);
  ASSERT_EQ(out.bids.size(), 1u);
  EXPECT_EQ(out.bids[0], level(618070, 50'000));
}

TEST_F(Convert, TradesHitTheLevelTheyTook) {
  Trade trade;
  trade.price = Price::from_units(618081);
  trade.qty = Qty::from_lots(3);
  trade.aggressor = Side::buy;
  EXPECT_EQ(std::get<Trade>(converter_.convert({{}, trade})->body).price.units(), 618090);
  trade.aggressor = Side::sell;
  EXPECT_EQ(std::get<Trade>(converter_.convert({{}, trade})->body).price.units(), 618080);
}

}  // namespace
}  // namespace mm::standin
