#pragma once

// What a venue says of an instrument, in integers: units, grid, contract, fees.
//
// It reaches the core as an event (event.hpp: InstrumentDefined), so a replay needs nothing else.
// Values are the venue's own; where a capture carries none they come from instruments.json.

#include <cstdint>
#include <string>

#include "engine/types.hpp"

namespace mm {

enum class ContractKind : std::uint8_t {
  linear = 0,   ///< a lot is an amount of the base asset; P&L in quote currency
  inverse = 1,  ///< a lot is a contract of a fixed quote-currency value; P&L in the base coin
};

/// What the session does with an instrument.
enum class InstrumentRole : std::uint8_t { quoted = 0, lead = 1 };

struct Instrument {
  std::string venue;   ///< "binance-usdm", "binance-coinm", "binance-spot", "hyperliquid"
  std::string symbol;  ///< the venue's own spelling
  InstrumentRole role = InstrumentRole::quoted;
  ContractKind contract = ContractKind::linear;
  std::int64_t price_decimals = 0;  ///< price unit = 10^-this of the quote currency, 0..9
  std::int64_t lot_decimals = 0;    ///< lot = 10^-lot_decimals of the base asset (linear), 0..9
  Price tick;                       ///< today's price step in price units, > 0
  Qty qty_step;                     ///< today's quantity step in lots, > 0
  std::int64_t significant_figures = 0;  ///< most of them in a price (Hyperliquid: 5); 0 = no limit
  std::int64_t contract_size = 1;  ///< inverse: quote currency each (BTCUSD_PERP: 100); linear: 1
  Money min_notional;              ///< smallest order value in quote currency (1e-12); 0 = none
  Qty min_qty;                     ///< smallest order quantity in lots
  std::int64_t maker_fee_e8 = 0;   ///< fee as a fraction of the value, in 1e-8; negative = rebate
  std::int64_t taker_fee_e8 = 0;   ///< likewise when we take
  std::string settlement;          ///< currency of P&L and fees: "USDT", "USDC", "BTC", ...

  bool operator==(const Instrument&) const = default;
};

}  // namespace mm
