#include "engine/book/order_script.hpp"

#include <gtest/gtest.h>

#include "tests/engine/samples.hpp"

namespace mm {
namespace {

/// Tick 0.1 at two decimals (ten price units), lot 0.001.
Instrument instrument() {
  Instrument of;
  of.price_decimals = 2;
  of.lot_decimals = 3;
  of.tick = Price::from_units(10);
  of.qty_step = Qty::from_lots(1);
  return of;
}

OrderRequest parsed(std::string_view line) {
  std::optional<OrderRequest> request;
  const auto error = parse_order_line(line, instrument(), request);
  EXPECT_EQ(error, std::nullopt) << *error;
  EXPECT_TRUE(request.has_value());
  return request.value_or(OrderRequest{});
}

TEST(OrderScript, ReadsTheThreeRequests) {
  const OrderRequest placed = parsed("N,1723161256348000000,617999,Buy,617999,0.01,GTX");
  EXPECT_EQ(placed.at, time_from_ns(1723161256348000000));
  EXPECT_EQ(std::get<PlaceOrder>(placed.message),
            (PlaceOrder{.order = ClientOrderId{617999},
                        .side = Side::buy,
                        .price = Price::from_units(6179990),
                        .qty = Qty::from_lots(10),
                        .time_in_force = TimeInForce::post_only}));
  EXPECT_EQ(std::get<CancelOrder>(parsed("C,5,7").message),
            (CancelOrder{.order = ClientOrderId{7}}));
  EXPECT_EQ(std::get<ReplaceOrder>(parsed("M,5,7,8,Sell,3,2.5,FOK").message),
            (ReplaceOrder{.order = ClientOrderId{7},
                          .replacement = ClientOrderId{8},
                          .side = Side::sell,
                          .price = Price::from_units(30),
                          .qty = Qty::from_lots(2500),
                          .time_in_force = TimeInForce::fok}));
}

TEST(OrderScript, PassesOverWhatIsNoRequest) {
  for (const char* line : {"", "# grid of three", "R,1,1,New,None,1,0,0,0.01,1,0"}) {
    std::optional<OrderRequest> request = parsed("C,5,7");
    EXPECT_EQ(parse_order_line(line, instrument(), request), std::nullopt) << line;
    EXPECT_FALSE(request.has_value()) << line;
  }
}

TEST(OrderScript, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"n,5,7,Buy,3,1,GTX", "a line must be N,"},
      {"C,5", "a line C has 3 fields (C,ts,id), not 2"},
      {"C,5,7,8,9,10,11,12,13,14", "not more than 8"},
      {"C,-5,7", "ts must be a time"},
      {"C,5.0,7", "ts must be a time"},
      {"C,5,-7", "id must be a whole number from 1, not '-7'"},
      {"C,5,18446744073709551616", "id must be"},
      {"N,5,7,Buy,0,1,GTX", "tick must be a whole number of ticks from 1 to 879609302220"},
      {"N,5,7,Buy,879609302221,1,GTX", "tick must be"},
      {"N,5,7,Buy,3,1e3,GTX", "qty must be a decimal above 0 with at most 3 digits"},
      {"N,5,7,Buy,3,-1,GTX", "qty must be"},
      {"N,5,7,Buy,3,1,gtx", "tif must be GTX, GTC, IOC or FOK, not 'gtx'"},
      {"M,5,7,7,Buy,3,1,GTX", "new_id must be another id"}};
  for (const auto& [line, words] : cases) {
    std::optional<OrderRequest> request;
    const auto error = parse_order_line(line, instrument(), request);
    ASSERT_TRUE(error.has_value()) << line;
    EXPECT_NE(error->find(words), std::string::npos) << line << ": " << *error;
    EXPECT_FALSE(request.has_value()) << line;
  }
}

}  // namespace
}  // namespace mm
