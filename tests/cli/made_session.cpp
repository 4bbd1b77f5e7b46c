#include "tests/cli/made_session.hpp"

#include <array>

#include "engine/trader.hpp"
#include "sim/settings.hpp"
#include "venues/instruments.hpp"

namespace mm::test {

MadeSession::MadeSession(const std::string& directory, double offset_s)
    : offset_s_(offset_s),
      writer_(journal::JournalWriter::open(directory,
                                           {.sync = {.mode = journal::SyncPolicy::Mode::none}})) {
  const std::string settings = TraderSettings{}.format() + sim::Settings{}.format();
  writer_.append(
      Event{at(0, quoted),
            SessionStart{
                .strategy = "null", .parameters = "", .execution = "none", .settings = settings}});
  const auto table = venues::Instruments::built_in();
  Instrument instrument = table.find("binance-usdm", "BTCUSDT", "a test");
  writer_.append(Event{at(0, quoted), definition_of(instrument)});
  instrument = table.find("binance-usdm", "ETHUSDT", "a test");
  instrument.role = InstrumentRole::lead;
  writer_.append(Event{at(0, lead), definition_of(instrument)});
}

EventHeader MadeSession::at(double second, InstrumentId instrument) const {
  const Time time =
      time_from_ns(start_ns + static_cast<std::int64_t>((offset_s_ + second) * 1e9 + 0.5));
  return {.recv_time = time, .exchange_time = time, .instrument = instrument};
}

void MadeSession::book(double second, std::int64_t bid, std::int64_t ask, std::int64_t bid_lots,
                       std::int64_t ask_lots, InstrumentId instrument) {
  const std::array bids = {Level{Price::from_units(bid), Qty::from_lots(bid_lots)}};
  const std::array asks = {Level{Price::from_units(ask), Qty::from_lots(ask_lots)}};
  writer_.append(Event{at(second, instrument), BookSnapshot{.bids = bids, .asks = asks}});
}

void MadeSession::trade(double second, Side taker, std::int64_t price, std::int64_t lots) {
  writer_.append(Event{
      at(second, quoted),
      Trade{.price = Price::from_units(price), .qty = Qty::from_lots(lots), .aggressor = taker}});
}

void MadeSession::context(double second, double funding, double open_interest) {
  AssetContext context;
  context.funding_e12 = static_cast<std::int64_t>(funding * 1e12);
  context.open_interest_e8 = static_cast<std::int64_t>(open_interest * 1e8);
  writer_.append(Event{at(second, quoted), context});
}

void MadeSession::liquidation(double second, Side side, std::int64_t price, std::int64_t lots) {
  writer_.append(Event{
      at(second, quoted),
      Liquidation{.side = side, .price = Price::from_units(price), .qty = Qty::from_lots(lots)}});
}

void MadeSession::gap(double second, InstrumentId instrument) {
  writer_.append(Event{at(second, instrument), FeedStatus{.state = FeedState::gap}});
}

void MadeSession::end(double second) {
  writer_.append(Event{at(second, quoted), SessionEnd{"made up"}});
  writer_.close();
}

}  // namespace mm::test
