#pragma once

// The instruments that fuzz targets of the venues decode: one of each dialect.

#include <cstdint>

#include "venues/instruments.hpp"

namespace mm {

inline const Instrument& fuzzed_instrument(std::uint8_t choice) {
  static const venues::Instruments table = venues::Instruments::built_in();
  switch (choice % 4) {
    case 0:
      return table.find("binance-usdm", "BTCUSDT", "");
    case 1:
      return table.find("binance-spot", "BTCUSDT", "");
    case 2:
      return table.find("binance-coinm", "BTCUSD_PERP", "");
    default:
      return table.find("hyperliquid", "BTC", "");
  }
}

}  // namespace mm
