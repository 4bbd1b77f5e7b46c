// Whole captures of real markets, where they are at hand ($MM_DATA, else ../shared/data beside the
// repository): recorded, replayed whole and in windows. Without them the samples of the repository
// are what the other tests run on, and this one says that it did not run.

#include <gtest/gtest.h>

#include <random>

#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

struct Capture {
  std::string name;
  std::vector<std::string> arguments;  ///< of `mmctl record`, files written as {name}
  std::vector<std::string> files;
};

class RealData : public testing::TestWithParam<Capture> {};

TEST_P(RealData, RecordsAndReplaysBitExactlyWholeAndInTenWindows) {
  const fs::path data = data_directory();
  const Capture& capture = GetParam();
  for (const std::string& file : capture.files) {
    if (!fs::exists(data / file)) {
      std::printf("did not run: there is no %s\n", (data / file).c_str());
      return;
    }
  }
  const TempDir directory;
  const std::string journal = directory / "journal";
  std::vector<std::string> arguments{"record", "--json", "--journal", journal};
  for (std::string argument : capture.arguments) {
    for (std::size_t at = 0; (at = argument.find('@', at)) != std::string::npos;)
      argument.replace(at, 1, data.string() + "/");
    arguments.push_back(argument);
  }
  const Outcome record = mmctl(arguments);
  ASSERT_EQ(record.exit_code, 0) << record.err;
  const Json recorded = record.json();
  const Outcome whole = mmctl({"replay", "--json", "--journal", journal});
  ASSERT_EQ(whole.exit_code, 0) << whole.out << whole.err;
  EXPECT_EQ(whole.json()["digest"], recorded["output_digest"]);
  EXPECT_EQ(whole.json()["events"], recorded["events"]);
  EXPECT_EQ(mmctl({"verify", "--journal", journal}).exit_code, 0);

  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  std::printf("%s: %s events, %s outputs, %s fills; windows with seed %u\n", capture.name.c_str(),
              recorded["events"].dump().c_str(), recorded["outputs"].dump().c_str(),
              recorded["fills"].dump().c_str(), seed);
  const Json info = mmctl({"info", "--json", "--journal", journal}).json();
  for (int i = 0; i < 10; ++i) {
    const int before_end = static_cast<int>(random() % 300);
    const int length = 1 + static_cast<int>(random() % 40);
    const Outcome window =
        mmctl({"replay", "--json", "--journal", journal, "--from",
               "-" + std::to_string(before_end + length) + "s", "--to",
               before_end == 0 ? "end" : "-" + std::to_string(before_end) + "s"});
    if (window.exit_code == 2) {  // a short capture: the window lies before its start
      EXPECT_NE(window.err.find("outside"), std::string::npos) << window.err;
      continue;
    }
    EXPECT_EQ(window.exit_code, 0) << window.out << window.err;
    EXPECT_EQ(window.json()["bit_exact"], true);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Captures, RealData,
    testing::Values(
        Capture{"usdm_with_leads",
                {"--venue", "binance-usdm:BTCUSDT=@binance/usdm/btcusdt_20240808.gz", "--lead",
                 "binance-spot:BTCUSDT=@binance/spot/btcusdt_20240808.gz", "--lead",
                 "binance-coinm:BTCUSD_PERP=@binance/coinm/btcusd_perp_20240808.gz", "--spread",
                 "1bps"},
                {"binance/usdm/btcusdt_20240808.gz", "binance/spot/btcusdt_20240808.gz",
                 "binance/coinm/btcusd_perp_20240808.gz"}},
        Capture{"coinm_two_days",
                {"--venue",
                 "binance-coinm:ETHUSD_PERP=@binance/coinm/ethusd_perp_20240808.gz,@binance/coinm/"
                 "ethusd_perp_20240809.gz",
                 "--strategy", "glft", "--spread", "2bps"},
                {"binance/coinm/ethusd_perp_20240808.gz", "binance/coinm/ethusd_perp_20240809.gz"}},
        Capture{"spot_two_days",
                {"--venue",
                 "binance-spot:ETHUSDT=@binance/spot/ethusdt_20240808.gz,@binance/spot/"
                 "ethusdt_20240809.gz",
                 "--spread", "2bps"},
                {"binance/spot/ethusdt_20240808.gz", "binance/spot/ethusdt_20240809.gz"}},
        Capture{"hyperliquid_archive_hour",
                {"--venue", "hyperliquid:BTC=@hyperliquid/archive/BTC_20240101_12.lz4",
                 "--strategy", "glft"},
                {"hyperliquid/archive/BTC_20240101_12.lz4"}}),
    [](const auto& parameters) { return parameters.param.name; });

}  // namespace
}  // namespace mm::test
