#include "engine/event.hpp"

namespace mm {

InstrumentDefined definition_of(const Instrument& of) {
  return {.venue = of.venue,
          .symbol = of.symbol,
          .role = of.role,
          .contract = of.contract,
          .price_decimals = of.price_decimals,
          .lot_decimals = of.lot_decimals,
          .tick = of.tick,
          .qty_step = of.qty_step,
          .significant_figures = of.significant_figures,
          .contract_size = of.contract_size,
          .min_notional = of.min_notional,
          .min_qty = of.min_qty,
          .maker_fee_e8 = of.maker_fee_e8,
          .taker_fee_e8 = of.taker_fee_e8,
          .settlement = of.settlement};
}

Instrument instrument_of(const InstrumentDefined& of) {
  return {.venue = std::string(of.venue),
          .symbol = std::string(of.symbol),
          .role = of.role,
          .contract = of.contract,
          .price_decimals = of.price_decimals,
          .lot_decimals = of.lot_decimals,
          .tick = of.tick,
          .qty_step = of.qty_step,
          .significant_figures = of.significant_figures,
          .contract_size = of.contract_size,
          .min_notional = of.min_notional,
          .min_qty = of.min_qty,
          .maker_fee_e8 = of.maker_fee_e8,
          .taker_fee_e8 = of.taker_fee_e8,
          .settlement = std::string(of.settlement)};
}

}  // namespace mm
