#pragma once

// Symbol: one Binance instrument of the stand-in: its book with ids, and what its streams say.
//
// Market events go in, payloads of streams come out through a sink. The book changes by whole
// updates, each with a first and last id (U, u); ids jump by random steps where they are not
// recorded. Every diff stream has a chain of its own: pu is the u of the event before on that
// stream.
//
//   depth@0ms      an event per update, as it comes
//   depth@N ms     what changed in N ms as one event; nothing if nothing did
//   depth5/10/20   the top of the book, complete
//   bookTicker     on every change of the best price or quantity
//   trade          each trade
//   aggTrade       trades of one side and price within 100 ms as one, ids without holes
//   markPrice      each 3 s, or each whole second
//   forceOrder     the latest liquidation, at most one a second
//
// A market that was recorded as aggregates has those as its aggTrade events, 1:1.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.hpp"
#include "engine/instrument.hpp"
#include "engine/random.hpp"
#include "standin/book_log.hpp"

namespace mm::standin::binance {

enum class Kind : std::uint8_t { usdm, spot };

class Symbol {
 public:
  /// Takes the payload of a stream; called for every stream that is `wanted`.
  using Sink = std::function<void(std::string_view stream, std::string text, Time now)>;

  /// `one_to_one`: every update is an event of every diff stream and every trade an aggregate, so
  /// that a capture is heard as it was recorded, whichever speed of a stream it was taken at.
  Symbol(Instrument instrument, Kind kind, std::uint64_t seed, Duration market_second,
         bool one_to_one);

  const Instrument& instrument() const { return instrument_; }
  /// Lower case, as streams name it.
  const std::string& stream_symbol() const { return stream_symbol_; }
  bool open() const { return open_; }
  std::int64_t last_id() const { return last_id_; }
  /// By update id.
  BookLog& book_log() { return book_log_; }

  void set_sink(Sink sink) { sink_ = std::move(sink); }
  /// How often somebody listens; payloads nobody wants are not written.
  void want(std::string_view stream, int change);
  /// Whether the venue has a stream of this name.
  static bool is_stream(std::string_view stream, Kind kind);

  // ---- the market, `now` in wall time
  /// A recorded event; its ids are kept.
  void on_recorded(const Event& event, Time now);
  /// Changes of a market that has no ids: they get some.
  void on_changes(std::span<const Level> bids, std::span<const Level> asks, Time now);
  /// A whole book without ids: what differs becomes an update.
  void on_whole_book(std::span<const Level> bids, std::span<const Level> asks, Time now);
  void on_trade(Price price, Qty qty, Side aggressor, Time now);

  Time next_due() const;
  void on_time(Time now);

  /// GET depth: at most `limit` levels a side; empty while there is no book. `stale`: the book of
  /// some seconds ago, if one is kept.
  std::optional<std::string> depth_json(std::size_t limit, Time now, bool stale);
  std::string open_interest_json(Time now) const;
  std::string premium_json(Time now) const;
  /// The newest `limit` aggregates from id `from` on (0: the newest of all).
  std::string aggregates_json(std::int64_t from, std::size_t limit) const;
  /// The best prices and the id they belong to, as an object for /control/state.
  std::string state_json() const;

 private:
  using Levels = std::map<Price, Qty>;
  struct Diff {  // one diff stream
    std::string name;
    Duration period{};  ///< 0: an event per update
    std::int64_t first_id = 0;
    std::int64_t previous_id = 0;  ///< u of the last event
    bool pending = false;
    Time transaction;  ///< of the newest change
    Time due = Time::max();
    std::vector<Price> bids, asks;
  };
  struct Partial {
    std::string name;
    std::size_t levels = 5;
    Duration period{};
    Time due = Time::max();
  };
  struct Aggregate {
    std::int64_t id = 0, first = 0, last = 0;
    Price price;
    Qty qty;
    Side aggressor = Side::buy;
    Time time;
  };
  struct Book {
    std::int64_t id = 0;
    Time time;
    Levels bids, asks;
  };

  bool wanted(std::string_view stream) const;
  void emit(std::string_view stream, std::string text, Time now);
  void update(std::int64_t first, std::int64_t last, std::int64_t previous,
              std::span<const Level> bids, std::span<const Level> asks, Time now);
  void flush(Diff& diff, std::int64_t previous, Time now);
  void check_touch(Time now);
  void quote(const Level& bid, const Level& ask, std::int64_t id, Time now);
  void trade(Price price, Qty qty, Side aggressor, std::int64_t id, Time now);
  void aggregate(Price price, Qty qty, Side aggressor, std::int64_t id, Time now);
  void flush_aggregate(Time now);
  void liquidation(const Liquidation& of, Time now);
  std::string aggregate_payload(const Aggregate& of, Time now) const;
  std::string mark_payload(Time now) const;
  std::string levels_json(const Levels& levels, Side side, std::size_t most) const;
  /// Sorts the prices, each once.
  std::string changes_json(const Levels& levels, std::vector<Price>& prices, Side side) const;
  std::string price_text(Price price) const;
  std::string qty_text(Qty qty) const;
  double mark() const;
  Duration window() const { return market_second_ / 10; }  ///< of one aggregate
  void keep_copy(Time now);
  void note_shown(const Book& book, std::int64_t id);

  Instrument instrument_;
  Kind kind_;
  std::string stream_symbol_;
  Duration market_second_;
  bool one_to_one_;
  Sink sink_;
  std::map<std::string, int, std::less<>> listeners_;
  SplitMix64 random_;
  Book book_;
  std::vector<Book> copies_;  // of some seconds ago, oldest first
  bool open_ = false;
  std::int64_t last_id_ = 0;
  BookLog book_log_;
  std::vector<Diff> diffs_;
  std::vector<Partial> partials_;
  Level bid_, ask_;          // as bookTicker told
  bool own_quotes_ = false;  // the market was recorded with quotes of its own
  std::int64_t last_trade_id_ = 0;
  std::optional<Aggregate> pending_;
  std::vector<Aggregate> aggregates_;  // the newest ones
  std::int64_t last_aggregate_id_ = 0;
  AssetContext context_;
  Price last_price_;
  Time mark_due_ = Time::max();
  Time slow_mark_due_ = Time::max();
  Time liquidation_free_;
};

}  // namespace mm::standin::binance
