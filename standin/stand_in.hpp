#pragma once

// StandIn: the whole local venue without its sockets.
//
// Connections and requests go in with the wall time, deeds come out (outbox.hpp). Which protocol a
// connection speaks is told by its path:
//
//   Hyperliquid   /ws  /info  /exchange
//   USD-M         /public/ws|stream  /market/ws|stream  /fapi/v1/...   and the unrouted /stream,
//   /ws/x spot          /stream  /ws/NAME  /api/v3/...
//
// Where several claim a path, exactly /ws is Hyperliquid's if that is served; /stream and /ws/NAME
// are spot's if that is served. /control/... belongs to the stand-in itself (control.hpp).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"
#include "standin/binance/venue.hpp"
#include "standin/faults.hpp"
#include "standin/hyperliquid/venue.hpp"
#include "standin/market_clock.hpp"
#include "standin/market_driver.hpp"
#include "standin/outbox.hpp"

namespace mm::standin {

struct AccountSpec {
  std::string address;  ///< lower case
  std::string agent;    ///< empty: none
};

struct Options {
  bool hyperliquid = true;
  bool usdm = true;
  bool spot = false;
  std::vector<venues::FeedSpec> captures;           ///< empty: a synthetic market
  std::uint64_t seed = 1;                           ///< of it, and of everything drawn
  std::vector<std::string> coins = {"BTC", "ETH"};  ///< of a synthetic market
  double speed = 1;
  hyperliquid::Cadence cadence = hyperliquid::Cadence::venue;
  /// The market stands still until so many market subscriptions were made.
  std::uint64_t start_after = 0;
  // Market time: the speed shortens them.
  Duration block = std::chrono::milliseconds{70};
  Duration reply_delay = std::chrono::milliseconds{200};
  Duration book_every = std::chrono::milliseconds{5400};
  Duration fast_book_every = std::chrono::milliseconds{540};
  // Wall time.
  Duration ping_every{};  ///< of Binance; 0: the venue's own
  Duration idle_drop = std::chrono::seconds{60};
  Duration funding_every = std::chrono::hours{1};
  std::uint64_t stale_depth_one_in = 0;
  bool mainnet = false;  ///< whether L1 signatures are made for mainnet
  std::vector<AccountSpec> accounts;
  Money deposit = Money::from_units(Int128{100'000} * Money::per_one);
  Money prior_volume;
  std::vector<FaultSpec> faults;
  std::size_t keep_books = 0;  ///< how many of each book GET /control/books gives out
};

class StandIn {
 public:
  /// Throws Error(usage) or Error(data) where the market cannot be had.
  StandIn(const Options& options, const venues::Instruments& table, Time now);

  /// Whether a WebSocket is served at this target, and whether the venue takes another connection.
  bool accepts_socket(std::string_view target) const;
  void on_open(ConnectionId id, std::string_view target, Time now);
  void on_message(ConnectionId id, std::string_view text, Time now);
  void on_pong(ConnectionId id, Time now);
  void on_closed(ConnectionId id);
  void on_request(RequestId id, const net::HttpRequest& request, Time now);

  /// When on_time is next needed.
  Time next_due() const;
  void on_time(Time now);
  std::vector<Deed> take_deeds() { return saboteur_.pass(out_.take()); }

  /// Whether the market has nothing more to tell.
  bool market_finished() const { return driver_->finished(); }
  Saboteur& saboteur() { return saboteur_; }
  std::string state_json(Time now) const;

 private:
  enum class Protocol : std::uint8_t { hyperliquid, usdm, spot };
  std::optional<Protocol> protocol_of(std::string_view target) const;
  binance::Venue* binance_of(Protocol protocol);
  void control(RequestId id, const net::HttpRequest& request, Time now);
  void apply_faults(Time now);
  void start_market(Time now);
  std::uint64_t subscriptions_made() const;
  /// What is wrong with the request, or empty.
  std::string shift_position(const std::string& body);
  /// The book of a symbol of a venue; null if it is not served.
  BookLog* book_log(std::string_view venue, std::string_view symbol);

  Options options_;
  Outbox out_;
  Saboteur saboteur_;
  std::unique_ptr<hyperliquid::Venue> hyperliquid_;
  std::unique_ptr<binance::Venue> usdm_;
  std::unique_ptr<binance::Venue> spot_;
  std::unique_ptr<MarketDriver> driver_;
  std::unique_ptr<MarketClock> clock_;
  std::map<ConnectionId, Protocol> connections_;
};

}  // namespace mm::standin
