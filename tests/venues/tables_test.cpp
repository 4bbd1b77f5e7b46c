// The instruments table and the flags that name feeds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/result.hpp"
#include "venues/feed_spec.hpp"
#include "venues/instruments.hpp"

namespace mm::venues {
namespace {

using ::testing::HasSubstr;

std::string usage_error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.message();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(Instruments, BuiltInTableHasTheUnitsOfTheVenues) {
  const Instruments table = Instruments::built_in();
  const Instrument& usdm = table.find("binance-usdm", "BTCUSDT", "--venue");
  EXPECT_EQ(usdm.price_decimals, 1);
  EXPECT_EQ(usdm.lot_decimals, 3);
  EXPECT_EQ(usdm.tick, Price::from_units(1));
  EXPECT_EQ(usdm.maker_fee_e8, 20000);
  EXPECT_EQ(usdm.taker_fee_e8, 50000);
  EXPECT_EQ(usdm.min_notional, Money::from_units(Int128{100} * Money::per_one));
  EXPECT_EQ(usdm.settlement, "USDT");

  const Instrument& inverse = table.find("binance-coinm", "BTCUSD_PERP", "--venue");
  EXPECT_EQ(inverse.contract, ContractKind::inverse);
  EXPECT_EQ(inverse.contract_size, 100);
  EXPECT_EQ(inverse.settlement, "BTC");
  EXPECT_EQ(table.find("binance-coinm", "ETHUSD_PERP", "").contract_size, 10);

  const Instrument& spot = table.find("binance-spot", "BTCUSDT", "--lead");
  EXPECT_EQ(spot.qty_step, Qty::from_lots(10));  // 1e-5 in lots of 1e-6
  const Instrument& sushi = table.find("binance-usdm", "SUSHIUSDT", "");
  EXPECT_EQ(sushi.tick, Price::from_units(10));

  for (const char* coin : {"BTC", "ETH", "SOL"}) {
    const Instrument& perp = table.find("hyperliquid", coin, "");
    EXPECT_EQ(perp.price_decimals, 6 - perp.lot_decimals);
    EXPECT_EQ(perp.significant_figures, 5);
    EXPECT_EQ(perp.min_notional, Money::from_units(Int128{10} * Money::per_one));
  }
}

TEST(Instruments, UnknownSymbolNamesTheFlagAndWhatIsKnown) {
  const Instruments table = Instruments::built_in();
  const std::string message = usage_error_of(
      [&] { table.find("binance-spot", "DOGEUSDT", "--lead binance-spot:DOGEUSDT"); });
  EXPECT_THAT(message, HasSubstr("--lead binance-spot:DOGEUSDT"));
  EXPECT_THAT(message, HasSubstr("BTCUSDT, ETHUSDT"));
}

TEST(Instruments, BadTablesSayWhichEntryAndWhichKey) {
  const auto text = [](const char* json) {
    return [=] { Instruments::from_text(json, "x.json"); };
  };
  EXPECT_THAT(usage_error_of(text("[")), HasSubstr("x.json"));
  EXPECT_THAT(usage_error_of(text(R"({"instruments":[{"venue":"nyse","symbol":"A"}]})")),
              HasSubstr("instrument 1: unknown venue \"nyse\""));
  EXPECT_THAT(usage_error_of(text(R"({"instruments":[{"venue":"hyperliquid","symbol":"A",
      "contract":"linear","price_decimals":1,"lot_decimals":1,"tick":"0.01"}]})")),
              HasSubstr("\"tick\": \"0.01\" is finer"));
  EXPECT_THAT(usage_error_of(text(R"({"instruments":[{"venue":"hyperliquid","symbol":"A",
      "contract":"linear","price_decimals":10}]})")),
              HasSubstr("\"price_decimals\" must be an integer from 0 to 9"));
  EXPECT_THROW(Instruments::from_file("/nonexistent/instruments.json"), Error);
}

TEST(FeedSpec, FilesAndRolesAreRead) {
  const FeedSpec lead = parse_feed_spec("--lead", "binance-spot:BTCUSDT=a.gz,b=c.gz");
  EXPECT_EQ(lead.venue, "binance-spot");
  EXPECT_EQ(lead.symbol, "BTCUSDT");
  EXPECT_EQ(lead.files, (std::vector<std::string>{"a.gz", "b=c.gz"}));
  EXPECT_EQ(lead.role, InstrumentRole::lead);
  const FeedSpec live = parse_feed_spec("--venue", "hyperliquid:BTC");
  EXPECT_TRUE(live.files.empty());
  EXPECT_EQ(live.role, InstrumentRole::quoted);
}

TEST(FeedSpec, ErrorsQuoteTheFlagAndSayWhatIsAllowed) {
  const auto spec = [](const char* value) {
    return usage_error_of([=] { parse_feed_spec("--venue", value); });
  };
  EXPECT_THAT(spec("bitmex:XBT=f"), HasSubstr("--venue bitmex:XBT=f: unknown venue \"bitmex\""));
  EXPECT_THAT(spec("bitmex:XBT=f"),
              HasSubstr("binance-usdm, binance-coinm, binance-spot, hyperliquid"));
  EXPECT_THAT(spec("BTCUSDT"), HasSubstr("expected VENUE:SYMBOL"));
  EXPECT_THAT(spec("BTCUSDT=a:b"), HasSubstr("expected VENUE:SYMBOL"));
  EXPECT_THAT(spec("binance-spot:=f"), HasSubstr("symbol is empty"));
  EXPECT_THAT(spec("binance-spot:A=f,"), HasSubstr("file name is empty"));
  EXPECT_THAT(spec("binance-spot:A="), HasSubstr("file name is empty"));
}

}  // namespace
}  // namespace mm::venues
