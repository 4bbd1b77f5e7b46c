#pragma once

// Venue: the Binance stand-in, USD-M futures or spot: streams and REST of its symbols.
//
// USD-M streams are split by category, each with its own path: /public carries books and quotes,
// /market the rest; the unrouted /ws and /stream deliver book data only. A stream of the wrong
// category, or one that does not exist, is acknowledged and silent. Raw sockets (/ws) get payloads,
// combined ones (/stream) wrapped ones.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/random.hpp"
#include "standin/binance/symbol.hpp"
#include "standin/outbox.hpp"

namespace mm::standin::binance {

struct Settings {
  Duration market_second = std::chrono::seconds{1};  ///< of wall time: a second over the speed
  Duration ping_every = std::chrono::seconds{180};
  Duration pong_within = std::chrono::seconds{600};
  Duration life = std::chrono::hours{24};
  std::size_t messages_per_second = 10;
  std::size_t streams_per_connection = 1024;
  std::int64_t weight_per_minute = 2400;
  /// GET depth is answered so much later, drawn between the two.
  Duration depth_delay_least = std::chrono::milliseconds{20};
  Duration depth_delay_most = std::chrono::milliseconds{200};
  /// One in so many depth snapshots is some seconds old, to test refetching; 0: none.
  std::uint64_t stale_depth_one_in = 0;
  bool one_to_one = false;  ///< symbol.hpp
  std::uint64_t seed = 1;
};

/// The limits of the real venue of this kind.
Settings default_settings(Kind kind);

class Venue {
 public:
  Venue(Kind kind, const Settings& settings, Outbox& out);

  /// `market_seed` draws ids. Returns its position.
  std::size_t add_symbol(Instrument instrument);
  Symbol& symbol(std::size_t at) { return *symbols_[at]; }
  std::size_t size() const { return symbols_.size(); }

  /// Whether a WebSocket at this target (path and query) belongs here; `bare_ws` says whether
  /// exactly "/ws" does.
  bool owns_socket(std::string_view target, bool bare_ws) const;
  void on_open(ConnectionId id, std::string_view target, Time now);
  void on_message(ConnectionId id, std::string_view text, Time now);
  void on_pong(ConnectionId id, Time now);
  void on_closed(ConnectionId id);

  /// Whether a request at this path belongs here.
  bool owns_path(std::string_view path) const;
  void on_request(RequestId id, std::string_view method, std::string_view target, Time now);

  /// A market event went into this symbol's book for the first time, perhaps.
  void on_symbol_open(std::size_t at, Time now);
  Time next_due() const;
  void on_time(Time now);

  /// The REST side answers 429 (or 418) until then.
  void limit_until(Time until, unsigned status) {
    limited_until_ = until;
    limited_status_ = status;
  }
  void ban(std::string_view symbol, bool banned);
  void set_slow_depth(Duration extra) { depth_extra_ = extra; }
  /// The clock that /time shows and messages do not: wall time plus this.
  void set_clock_offset(Duration offset) { clock_offset_ = offset; }
  std::uint64_t subscriptions_made() const { return subscriptions_made_; }
  std::string state_json() const;

 private:
  enum class Category : std::uint8_t { any, book, market };
  struct Connection {
    bool combined = false;
    Category category = Category::any;
    std::vector<std::string> streams;  // "btcusdt@depth@100ms", in order of subscription
    Time opened;
    Time next_ping;
    Time last_pong;
    std::vector<Time> messages;  // of the last second
    bool doomed = false;
  };
  struct Waiting {
    RequestId request;
    std::size_t symbol;
    std::size_t limit;
  };

  void on_payload(std::size_t symbol, std::string_view stream, std::string text, Time now);
  void change(Connection& connection, const std::string& name, bool add);
  void reply(ConnectionId id, std::string text, Time now);
  void answer(RequestId id, Time due, unsigned status, std::string body);
  void answer_depth(RequestId id, std::size_t symbol, std::size_t limit, Time now, Time due);
  bool charge(RequestId id, std::int64_t weight, Time now);
  void error(RequestId id, Time now, unsigned status, int code, std::string_view message);
  std::string exchange_info(Time now) const;
  void rest(RequestId id, std::string_view path, std::string_view query, Time now);
  std::size_t find_symbol(std::string_view name) const;  ///< size() if unknown

  Kind kind_;
  Settings settings_;
  Outbox& out_;
  SplitMix64 random_;
  std::vector<std::unique_ptr<Symbol>> symbols_;
  std::vector<bool> banned_;
  std::map<ConnectionId, Connection> connections_;
  std::vector<Waiting> waiting_;
  std::int64_t minute_ = 0;
  std::int64_t weight_used_ = 0;
  int refused_ = 0;  // requests since the limit was reached
  Time limited_until_;
  unsigned limited_status_ = 429;
  Duration depth_extra_{};
  Duration clock_offset_{};
  std::uint64_t subscriptions_made_ = 0;
};

}  // namespace mm::standin::binance
