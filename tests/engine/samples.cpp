#include "tests/engine/samples.hpp"

#include <algorithm>

namespace mm::testing_samples {

Instrument btc_usdt() {
  return {.venue = "binance-usdm",
          .symbol = "BTCUSDT",
          .price_decimals = 1,
          .lot_decimals = 3,
          .tick = units(1),
          .qty_step = lots(1),
          .min_notional = Money::from_units(Int128{100} * Money::per_one),
          .min_qty = lots(1),
          .maker_fee_e8 = 20'000,
          .taker_fee_e8 = 50'000,
          .settlement = "USDT"};
}

Instrument btc_usd_inverse() {
  return {.venue = "binance-coinm",
          .symbol = "BTCUSD_PERP",
          .contract = ContractKind::inverse,
          .price_decimals = 1,
          .tick = units(1),
          .qty_step = lots(1),
          .contract_size = 100,
          .min_qty = lots(1),
          .maker_fee_e8 = 20'000,
          .taker_fee_e8 = 50'000,
          .settlement = "BTC"};
}

Instrument hyperliquid_btc() {
  return {.venue = "hyperliquid",
          .symbol = "BTC",
          .price_decimals = 1,
          .lot_decimals = 5,
          .tick = units(1),
          .qty_step = lots(1),
          .significant_figures = 5,
          .min_notional = Money::from_units(Int128{10} * Money::per_one),
          .min_qty = lots(1),
          .maker_fee_e8 = 15'000,
          .taker_fee_e8 = 45'000,
          .settlement = "USDC"};
}

Event event_of(std::int64_t ms, EventBody body, std::uint16_t instrument) {
  return {{.recv_time = at_ms(ms), .exchange_time = at_ms(ms), .instrument = {instrument}}, body};
}

Event define(const Instrument& instrument, std::uint16_t id) {
  return event_of(0, definition_of(instrument), id);
}

std::vector<EventBody> every_kind() {
  static const Instrument instrument = btc_usdt();
  static const std::vector<Level> bids = {level(99, 5), level(98, 7)};
  static const std::vector<Level> asks = {level(101, 4)};
  static const std::vector<std::uint32_t> counts = {3, 1};
  static const std::vector<std::uint32_t> one_count = {2};
  return {BookSnapshot{7, 8, bids, asks, counts, one_count},
          BookDelta{8, 9, 7, 10, bids, asks},
          BestQuote{10, 11, level(99, 5), level(101, 4), 2, 3},
          Trade{12, 13, units(101), lots(2), Side::sell, 14, 15},
          AssetContext{1, 2, 3, -4, 5, 6, absent_e, 8, 9},
          Liquidation{Side::sell, units(90), units(91), lots(3), 14},
          FeedStatus{FeedState::gap, 15, 16, "missing"},
          ClockStep{-17},
          RateLimit{18, 19, 20, "slow down"},
          OrderAck{{21}, 22, units(23), lots(24)},
          OrderReject{{25}, RejectReason::off_tick, "tick"},
          OrderDone{{26}, DoneReason::expired, lots(27), "gone"},
          CancelReject{{28}, RejectReason::unknown_order, "late"},
          Fill{{29},
               30,
               Side::sell,
               units(31),
               lots(32),
               lots(33),
               false,
               Money::from_units(-34),
               FillCause::through},
          PositionReport{lots(-35), units(36)},
          BalanceReport{Money::from_units(Int128{37} << 70), "USDT"},
          FundingPayment{Money::from_units(-38), 39},
          SessionStart{"glft", "a=1\n", "paper", "b=2\n"},
          definition_of(instrument),
          ParameterChange{"spread", "8bps"},
          Timer{40},
          Annotation{"me", "something odd\nhere"},
          KillSwitch{true, "enough"},
          SessionEnd{"done"}};
}

std::vector<Level> RandomStream::side_of_book(Side side, std::int64_t count, bool with_deletes) {
  std::vector<Level> levels;
  std::int64_t price = side == Side::buy ? mid_ - 1 : mid_ + 1;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool deletes = with_deletes && draw(3) == 0;
    levels.push_back(level(price, deletes ? 0 : 1 + draw(50'000)));
    price -= sign(side) * (1 + draw(draw(20) == 0 ? 400'000 : 6));
    if (price <= 0) break;
  }
  return levels;
}

EventBody RandomStream::body(std::uint16_t instrument) {
  const std::int64_t kind = draw(1000);
  if (instrument != 0 || kind < 900) {
    if (draw(4) == 0) mid_ += draw(21) - 10;
    if (draw(2000) == 0) mid_ += draw(200'001) - 100'000;
    mid_ = std::clamp<std::int64_t>(mid_, 100'000, 5'000'000);
    switch (draw(8)) {
      case 0:
        return Trade{.trade_id = update_id_,
                     .price = units(mid_),
                     .qty = lots(1 + draw(3000)),
                     .aggressor = static_cast<Side>(draw(2))};
      case 1:
      case 2: {
        // Sometimes newer than the book, sometimes not, sometimes one-sided.
        const bool empty = draw(50) == 0;
        return BestQuote{.update_id = update_id_ + draw(3) - 1,
                         .bid = level(mid_ - 1, 1 + draw(900)),
                         .ask = empty ? Level{} : level(mid_ + 1 + draw(3), 1 + draw(900))};
      }
      case 3:
        if (draw(20) == 0) {
          bids_ = side_of_book(Side::buy, 50, false);
          asks_ = side_of_book(Side::sell, 50, false);
          return BookSnapshot{.update_id = ++update_id_, .bids = bids_, .asks = asks_};
        }
        [[fallthrough]];
      default:
        bids_ = side_of_book(Side::buy, draw(12), true);
        asks_ = side_of_book(Side::sell, draw(12), true);
        return BookDelta{
            .first_id = update_id_ + 1, .last_id = ++update_id_, .bids = bids_, .asks = asks_};
    }
  }
  const ClientOrderId order{order_ + static_cast<std::uint64_t>(draw(8))};
  if (draw(3) == 0) ++order_;
  switch (draw(40)) {
    case 0:
      return FeedStatus{.state = static_cast<FeedState>(draw(7))};
    case 1:
      return KillSwitch{.engaged = draw(4) == 0};
    case 2:
      return PositionReport{lots(draw(100) - 50), units(mid_)};
    case 3:
      return FundingPayment{Money::from_units(draw(1'000'000) - 500'000), 1};
    case 4:
      return ParameterChange{"spread", draw(2) == 0 ? "7bps" : "nonsense"};
    case 5:
      return OrderReject{order, static_cast<RejectReason>(draw(10))};
    case 6:
      return Timer{draw(3)};
    case 7:
      return every_kind()[static_cast<std::size_t>(4 + draw(5))];
    case 8:
    case 9:
      return CancelReject{order, RejectReason::unknown_order};
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
      return Fill{.order = order,
                  .side = static_cast<Side>(draw(2)),
                  .price = units(mid_ + draw(21) - 10),
                  .qty = lots(1 + draw(20)),
                  .fee = Money::from_units(draw(3'000'000'000) - 300'000'000)};
    case 16:
    case 17:
    case 18:
    case 19:
    case 20:
      return OrderDone{order, static_cast<DoneReason>(draw(5))};
    default:
      return OrderAck{order, draw(1'000'000), units(mid_), lots(5)};
  }
}

const Event& RandomStream::next() {
  static const Instrument quoted = btc_usdt();
  static const Instrument lead = btc_usd_inverse();
  if (count_ < 2) {
    event_ = define(count_ == 0 ? quoted : lead, static_cast<std::uint16_t>(count_));
    event_.header.recv_time = at_ms(now_ms_);
  } else {
    if (draw(3) == 0) now_ms_ += draw(draw(5000) == 0 ? 5000 : 40);
    const auto instrument = static_cast<std::uint16_t>(draw(3) == 0);
    event_ = event_of(now_ms_, body(instrument), instrument);
    if (draw(2) == 0) event_.header.exchange_time = Time{};
  }
  ++count_;
  return event_;
}

}  // namespace mm::testing_samples
