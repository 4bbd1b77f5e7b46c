#pragma once

// Where the tests find market data: the repository's fixtures, and the larger captures of $MM_DATA
// (else ../shared/data beside the repository) where they are present.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/instrument.hpp"
#include "venues/feed_decoder.hpp"
#include "venues/instruments.hpp"

namespace mm::test {

inline std::string fixture(const std::string& name) {
  return std::string(MM_SOURCE_DIR) + "/tests/fixtures/market/" + name;
}

inline std::string data_root() {
  const char* const set = std::getenv("MM_DATA");
  return set != nullptr ? set : std::string(MM_SOURCE_DIR) + "/../shared/data";
}

inline const Instrument& instrument(const std::string& venue, const std::string& symbol) {
  static const venues::Instruments table = venues::Instruments::built_in();
  return table.find(venue, symbol, "test");
}

struct Capture {
  std::string venue;
  std::string symbol;
  std::vector<std::string> files;
};

inline std::vector<Capture> fixture_captures() {
  return {{"binance-usdm", "BTCUSDT", {fixture("binance_usdm_btcusdt.zst")}},
          {"binance-spot", "BTCUSDT", {fixture("binance_spot_btcusdt.zst")}},
          {"binance-coinm", "BTCUSD_PERP", {fixture("binance_coinm_btcusd_perp.zst")}},
          {"binance-spot", "ETHUSDT", {fixture("binance_spot_ethusdt.zst")}},
          {"hyperliquid", "BTC", {fixture("hyperliquid_btc.gz")}}};
}

/// Raw captures of the data folder, present or not.
inline std::vector<Capture> data_captures() {
  const std::string binance = data_root() + "/binance/";
  const std::string hyper = data_root() + "/hyperliquid/";
  const std::string eth = hyper + "eth_20251210/";
  const std::string pair = hyper + "btc_sol_20250903/";
  const std::string multi = binance + "multi_symbol/BINANCE_FUTURES_20210722.jsonl.zst";
  return {
      {"binance-usdm", "BTCUSDT", {binance + "usdm/btcusdt_20240808.gz"}},
      {"binance-usdm", "ETHUSDT", {binance + "usdm/ethusdt_20240808.gz"}},
      {"binance-spot",
       "BTCUSDT",
       {binance + "spot/btcusdt_20240808.gz", binance + "spot/btcusdt_20240809.gz"}},
      {"binance-spot",
       "ETHUSDT",
       {binance + "spot/ethusdt_20240808.gz", binance + "spot/ethusdt_20240809.gz"}},
      {"binance-coinm",
       "BTCUSD_PERP",
       {binance + "coinm/btcusd_perp_20240808.gz", binance + "coinm/btcusd_perp_20240809.gz"}},
      {"binance-coinm",
       "ETHUSD_PERP",
       {binance + "coinm/ethusd_perp_20240808.gz", binance + "coinm/ethusd_perp_20240809.gz"}},
      {"binance-usdm", "SUSHIUSDT", {multi}},
      {"binance-usdm", "AKROUSDT", {multi}},
      {"binance-usdm", "KEEPUSDT", {multi}},
      {"binance-usdm", "CTKUSDT", {multi}},
      {"hyperliquid", "BTC", {hyper + "archive/BTC_20240101_12.lz4"}},
      {"hyperliquid", "BTC", {hyper + "ws_raw/btcusd_20250126.gz"}},
      {"hyperliquid",
       "ETH",
       {eth + "orderbooks.csv.zst", eth + "trades.csv.zst", eth + "prices.csv.zst"}},
      {"hyperliquid",
       "BTC",
       {pair + "orderbooks_BTC.csv.gz", pair + "trades_BTC.csv.gz", pair + "prices_BTC.csv.gz"}},
      {"hyperliquid",
       "SOL",
       {pair + "orderbooks_SOL.csv.gz", pair + "trades_SOL.csv.gz", pair + "prices_SOL.csv.gz"}},
  };
}

inline bool present(const Capture& capture) {
  for (const std::string& file : capture.files) {
    if (!std::filesystem::exists(file)) return false;
  }
  return true;
}

/// A frame with the padding that decoders ask for.
class Padded {
 public:
  explicit Padded(std::string_view text) : bytes_(text), size_(text.size()) {
    bytes_.append(venues::frame_padding, ' ');
  }
  operator std::string_view() const { return {bytes_.data(), size_}; }

 private:
  std::string bytes_;
  std::size_t size_;
};

}  // namespace mm::test
