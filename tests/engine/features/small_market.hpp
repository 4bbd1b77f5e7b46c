#pragma once

// A market of one instrument for tests: verbs that make events, feed both folds and decide.

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/features/microstructure.hpp"
#include "engine/market.hpp"

namespace mm::test {

class SmallMarket {
 public:
  explicit SmallMarket(const MicrostructureSettings& settings = {}) : fold(settings) {
    Instrument instrument;
    instrument.venue = "test";
    instrument.symbol = "TEST";
    instrument.price_decimals = 2;
    instrument.lot_decimals = 0;
    instrument.tick = Price::from_units(1);
    instrument.qty_step = Qty::from_lots(1);
    feed(definition_of(instrument));
  }

  static Level level(std::int64_t price, std::int64_t lots) {
    return {Price::from_units(price), Qty::from_lots(lots)};
  }
  /// Levels of `lots` at each price from the mid (100,000) to 1.6 times the default window away.
  void even_book(std::int64_t lots) {
    std::vector<Level> bids, asks;
    for (std::int64_t away = 1; away <= 800; ++away) {
      bids.push_back(level(100'000 - away, lots));
      asks.push_back(level(100'000 + away, lots));
    }
    feed(BookSnapshot{.update_id = ++id, .bids = bids, .asks = asks});
  }
  void set(Side side, std::int64_t price, std::int64_t lots) {
    const Level one = level(price, lots);
    BookDelta delta{.first_id = id + 1, .last_id = id + 1, .prev_id = id};
    ++id;
    (side == Side::buy ? delta.bids : delta.asks) = {&one, 1};
    feed(delta);
  }
  void quote(const Level& bid, const Level& ask) {
    feed(BestQuote{.update_id = ++id, .bid = bid, .ask = ask});
  }
  void trade(Side aggressor, std::int64_t price, std::int64_t lots) {
    feed(Trade{
        .price = Price::from_units(price), .qty = Qty::from_lots(lots), .aggressor = aggressor});
  }
  void status(FeedState state) { feed(FeedStatus{.state = state}); }

  template <class Body>
  void feed(const Body& body) {
    const Event event{{.recv_time = now, .exchange_time = now}, body};
    market.apply(event);
    fold.on_event(event, market.quoted());
  }
  const Features& decide() {
    changes.clear();
    return fold.decide(now, market.quoted(), changes);
  }
  /// Decides every 100 ms until `ms` have passed; all changes on the way.
  std::vector<Change> run(std::int64_t ms, bool heard = true) {
    std::vector<Change> all;
    for (std::int64_t passed = 0; passed < ms; passed += 100) {
      wait(100);
      if (heard) trade(Side::buy, 100'001, 0);
      decide();
      all.insert(all.end(), changes.all().begin(), changes.all().end());
    }
    return all;
  }
  void wait(std::int64_t ms) { now += std::chrono::milliseconds{ms}; }

  Market market;
  Microstructure fold;
  ChangeList changes;
  Time now = time_from_ns(1'700'000'000'000'000'000);
  std::int64_t id = 0;
};

}  // namespace mm::test
