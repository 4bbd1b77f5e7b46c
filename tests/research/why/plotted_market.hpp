#pragma once

// A market written down by hand, so that every number of an explanation is known.
//
// Prices are in tenths, the mid begins at 1000.0, the touch is 2 tenths away on either side and
// deeper levels follow at every tenth. Lots are thousandths. Instrument 1 is a lead.

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "engine/event.hpp"
#include "tests/research/recorded_session.hpp"

namespace mm::research::testing {

class PlottedMarket {
 public:
  PlottedMarket() {
    add(0, definition_of(quoted_));
    add(0, definition_of(lead_), 1);
  }

  /// The book around `mid` (in tenths): `front` lots at the touch's bid, 5000 elsewhere.
  void book(double second, std::int64_t mid, std::int64_t front = 5000) {
    std::vector<Level>& bids = levels_.emplace_back();
    std::vector<Level>& asks = levels_.emplace_back();
    for (std::int64_t i = 2; i <= 12; ++i) {
      bids.push_back({Price::from_units(mid - i), Qty::from_lots(i == 2 ? front : 5000)});
      asks.push_back({Price::from_units(mid + i), Qty::from_lots(5000)});
    }
    add(second, BookSnapshot{.bids = bids, .asks = asks});
  }
  /// A taker that sells, one print; prints of one `stamp_ms` are one taker's.
  void sells(double second, std::int64_t price, std::int64_t lots, std::int64_t stamp_ms) {
    add(second, Trade{.trade_id = next_trade_++,
                      .price = Price::from_units(price),
                      .qty = Qty::from_lots(lots),
                      .aggressor = Side::sell});
    events_.back().header.exchange_time = time_from_ns(stamp_ms * 1'000'000);
  }
  /// The lead's book: one tenth on either side of its mid.
  void lead(double second, std::int64_t mid) {
    std::vector<Level>& bids = levels_.emplace_back();
    std::vector<Level>& asks = levels_.emplace_back();
    bids.push_back({Price::from_units(mid - 1), Qty::from_lots(1000)});
    asks.push_back({Price::from_units(mid + 1), Qty::from_lots(1000)});
    add(second, BookSnapshot{.bids = bids, .asks = asks}, 1);
  }
  void parameter(double second, std::string_view name, std::string_view value) {
    add(second, ParameterChange{.name = name, .value = value});
  }
  /// The same book again each second of [from, to), so that the feed is not silent.
  void quiet(int from, int to, std::int64_t mid) {
    for (int second = from; second < to; ++second) book(second, mid);
  }

  EventStream stream() const {
    return [this, index = std::size_t{0}]() mutable -> const Event* {
      return index < events_.size() ? &events_[index++] : nullptr;
    };
  }

 private:
  void add(double second, EventBody body, std::uint16_t instrument = 0) {
    events_.push_back({.header = {.recv_time = RecordedSession::at_second(second),
                                  .instrument = InstrumentId{instrument}},
                       .body = std::move(body)});
  }

  Instrument quoted_{.venue = "test",
                     .symbol = "XYUSDT",
                     .price_decimals = 1,
                     .lot_decimals = 3,
                     .tick = Price::from_units(1),
                     .qty_step = Qty::from_lots(1),
                     .min_qty = Qty::from_lots(1),
                     .maker_fee_e8 = 1'000,
                     .taker_fee_e8 = 50'000,
                     .settlement = "USDT"};
  Instrument lead_{.venue = "lead",
                   .symbol = "XYUSDT",
                   .role = InstrumentRole::lead,
                   .price_decimals = 1,
                   .lot_decimals = 3,
                   .tick = Price::from_units(1),
                   .qty_step = Qty::from_lots(1),
                   .settlement = "USDT"};
  std::deque<Event> events_;
  std::deque<std::vector<Level>> levels_;
  std::int64_t next_trade_ = 501;
};

}  // namespace mm::research::testing
