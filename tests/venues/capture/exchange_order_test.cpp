#include "venues/capture/exchange_order.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "engine/result.hpp"
#include "tests/venues/market_data.hpp"

namespace mm::venues {
namespace {

class ExchangeOrderTest : public testing::Test {
 protected:
  ~ExchangeOrderTest() override {
    for (const std::string& path : files_) std::remove(path.c_str());
  }
  std::string file(const std::string& text) {
    files_.push_back(testing::TempDir() + "exchange_order_" + std::to_string(getpid()) + "_" +
                     std::to_string(files_.size()));
    std::ofstream(files_.back()) << text;
    return files_.back();
  }
  static std::string trade(std::int64_t recv_ms, std::int64_t at_ms, int id,
                           const char* how = "MARKET") {
    return std::to_string(recv_ms * 1'000'000) + R"( {"e":"trade","E":)" + std::to_string(at_ms) +
           R"(,"T":)" + std::to_string(at_ms) + R"(,"s":"BTCUSDT","t":)" + std::to_string(id) +
           R"(,"p":"100.0","q":"0.00)" + std::to_string(id) + R"(","X":")" + how +
           "\",\"m\":true}\n";
  }
  /// Sizes of the trades in the order in which they come.
  static std::string sizes(ExchangeOrder& order) {
    std::string text;
    while (const ExchangeFrame* frame = order.next()) text += std::to_string(frame->qty.lots());
    return text;
  }
  static const Instrument& btc() { return test::instrument("binance-usdm", "BTCUSDT"); }

 private:
  std::vector<std::string> files_;
};

// Receive time, exchange time, id.
constexpr std::int64_t t0 = 1'700'000'000'000;

TEST_F(ExchangeOrderTest, GivesFramesByTheExchangesStampAndTiesAsTheyCame) {
  const std::string first = file(trade(t0, t0 + 40, 1) + trade(t0 + 1, t0 + 10, 2) +
                                 trade(t0 + 2, t0 + 40, 3) + trade(t0 + 3, t0 + 5, 4, "ADL"));
  const std::string second = file(trade(t0 + 4, t0 + 30, 5) + trade(t0 + 5, t0 + 60'000, 6));
  ExchangeOrder order(btc(), {first, second});
  EXPECT_EQ(sizes(order), "25136");
  EXPECT_EQ(order.clock_shift(), std::chrono::milliseconds{59'995});
  EXPECT_EQ(order.anomalies(), 0u);
}

TEST_F(ExchangeOrderTest, CountsWhatItCannotRead) {
  ExchangeOrder order(btc(), {file(trade(t0, t0, 1) + std::to_string(t0) + " {\"e\":\"trade\"\n" +
                                   "nonsense\n" + trade(t0 + 1, t0 + 1, 2))});
  EXPECT_EQ(sizes(order), "12");
  EXPECT_EQ(order.anomalies(), 2u);
  EXPECT_EQ(order.clock_shift(), Duration{});
}

TEST_F(ExchangeOrderTest, RefusesFilesInTheWrongOrder) {
  const std::string late = file(trade(t0, t0 + 60'000, 1) + trade(t0 + 1, t0 + 90'000, 2));
  const std::string early = file(trade(t0 + 2, t0, 3));
  ExchangeOrder order(btc(), {late, early});
  try {
    sizes(order);
    FAIL() << "frames of a minute ago were taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(error.message().find("are the files in order?"), std::string::npos);
  }
}

TEST_F(ExchangeOrderTest, TellsAWrongFileBeforeAnythingIsRead) {
  const std::string good = file(trade(t0, t0, 1));
  EXPECT_THROW(ExchangeOrder(btc(), {good, good + ".absent"}), Error);
}

}  // namespace
}  // namespace mm::venues
