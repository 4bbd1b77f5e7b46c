#include "tests/sim/synthetic/rig.hpp"

#include "engine/record.hpp"

namespace mm::sim::testing {

Instrument quoted_btc() {
  Instrument of;
  of.venue = "hyperliquid";
  of.symbol = "BTC";
  of.price_decimals = 1;
  of.lot_decimals = 5;
  of.tick = Price::from_units(1);
  of.qty_step = Qty::from_lots(1);
  of.significant_figures = 5;
  of.min_qty = Qty::from_lots(1);
  of.min_notional = Money::from_units(Int128{10} * Money::per_one);
  of.maker_fee_e8 = 15'000;
  of.taker_fee_e8 = 45'000;
  of.settlement = "USDC";
  return of;
}

Instrument lead_btc() {
  Instrument of = quoted_btc();
  of.venue = "binance-usdm";
  of.symbol = "BTCUSDT";
  of.role = InstrumentRole::lead;
  of.lot_decimals = 3;
  of.significant_figures = 0;
  of.settlement = "USDT";
  return of;
}

SyntheticSettings settings_of(std::uint64_t seed, std::string_view lines) {
  SyntheticSettings settings;
  settings.seed = seed;
  const auto wrong = settings.set_all(lines);
  MM_ASSERT(!wrong, wrong ? wrong->c_str() : "");
  MM_ASSERT(!settings.problem(), "settings go together");
  return settings;
}

std::uint64_t synthetic_digest() {
  SyntheticMarket market(quoted_btc(), lead_btc(),
                         settings_of(1,
                                     "regime_speed=120\nwalls_per_min=20\nfeed_jitter=1ms\n"
                                     "settlement_weight=0.5\nfunding_interval=30s\n"),
                         synthetic_start, Settings{});
  RollingDigest digest;
  ByteWriter bytes;
  std::uint64_t orders = 0;
  while (const Event* event = market.next(synthetic_start + std::chrono::minutes{2})) {
    bytes.clear();
    write_record(bytes, *event);
    digest.add(bytes.bytes());
    if (event->kind() != RecordKind::book_delta || event->header.instrument.value != 0) continue;
    // By turns an order at the best bid and at the best ask, each replaced by the next.
    const Side side = orders % 2 == 0 ? Side::buy : Side::sell;
    market.send(event->header.recv_time,
                {.header = event->header,
                 .body = CancelOrder{.order = ClientOrderId{orders > 1 ? orders - 1 : 99}}});
    market.send(event->header.recv_time,
                {.header = event->header,
                 .body = PlaceOrder{.order = ClientOrderId{++orders},
                                    .side = side,
                                    .price = market.book(0).best(side)->price,
                                    .qty = Qty::from_lots(1000)}});
  }
  return digest.value();
}

}  // namespace mm::sim::testing
