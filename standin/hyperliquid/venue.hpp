#pragma once

// Venue: the Hyperliquid stand-in as a whole: coins, sockets, /info, /exchange and the block clock.
//
// The market's events and everybody's orders meet in each coin's MatchingBook when they come. What
// came of it is announced when a block ends: trades, quotes that changed, fills and order updates,
// all with the block's time. Replies to actions follow some time after the block that held them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/random.hpp"
#include "standin/hyperliquid/desk.hpp"
#include "standin/hyperliquid/sockets.hpp"
#include "standin/outbox.hpp"

namespace mm::standin::hyperliquid {

struct Settings {
  SocketSettings sockets;
  DeskSettings desk;
  venues::hyperliquid::Network network = venues::hyperliquid::Network::testnet;
  // Of the market, in wall time (the caller scales them by the speed).
  Duration block = std::chrono::milliseconds{70};
  Duration block_jitter = std::chrono::milliseconds{10};
  Duration reply_delay = std::chrono::milliseconds{200};  ///< median; the tail reaches 4.5 times it
  // Of the venue.
  Duration funding_every = std::chrono::hours{1};
  std::int64_t rest_weight_per_minute = 1200;
  std::size_t most_connections = 10;
  std::uint64_t seed = 1;
};

/// Faults that change what the venue says rather than how it reaches the client.
struct Faults {
  bool lose_replies = false;      ///< committed, and never answered
  bool fill_before_open = false;  ///< user fills overtake order updates, replies come last
  bool silent = false;            ///< a network upgrade: no blocks, only pongs
  bool rate_limited = false;      ///< REST answers 429
  Duration clock_offset{};        ///< of every stamp
  Duration slow{};                ///< added to every reply
};

class Venue final : public SocketHost {
 public:
  Venue(const Settings& settings, Outbox& out);

  // ---- wiring
  /// Asset ids are the order of the calls.
  std::size_t add_coin(Instrument instrument);
  /// After the last coin.
  void begin(Time now);
  Desk& desk() { return *desk_; }
  Coin& coin(std::size_t at) { return *coins_[at]; }
  const std::vector<std::unique_ptr<Coin>>& coins() const { return coins_; }

  // ---- the market
  /// An event of a recorded market, in the coin's units.
  void on_recorded(std::size_t coin, const Event& event, Time now);
  /// The recorded frame that held the last events is complete.
  void end_of_frame(Time now);
  /// What a synthetic market did to the book.
  void on_flow(std::size_t coin, std::span<const sim::MatchReport> reports, Time now);

  // ---- clients
  bool may_connect() const { return sockets_->connections() < settings_.most_connections; }
  void on_open(ConnectionId id, Time now) { sockets_->on_open(id, now); }
  void on_message(ConnectionId id, std::string_view text, Time now);
  void on_closed(ConnectionId id) { sockets_->on_closed(id); }
  void on_request(RequestId id, std::string_view method, std::string_view path,
                  std::string_view content_type, std::string_view body, Time now);

  /// Begins or ends a network upgrade.
  void set_silent(bool silent, Time now);
  Time next_due() const;
  void on_time(Time now);

  std::string user_snapshot(const Subscription& subscription, Time now) override;
  void on_post(ConnectionId from, std::uint64_t id, std::string_view type, std::string_view payload,
               Time now) override;

  void ban(std::string_view coin, bool banned, Time now) { sockets_->ban(coin, banned, now); }
  std::uint64_t subscriptions_made() const { return sockets_->subscriptions_made(); }
  /// Accounts with position, balance and open orders, and books: for tests to compare with.
  std::string state_json(Time now) const;

  Faults faults;

 private:
  struct InfoReply {
    unsigned status = 200;
    std::string body;
  };

  Time stamp(Time now) const { return now + faults.clock_offset; }
  void end_block(Time now);
  void announce(Time now);
  InfoReply info(std::string_view body, Time now);
  InfoReply info_of(std::string_view type, std::string_view user, std::string_view body, Time now);
  Duration draw_reply_delay();
  bool charge(std::int64_t weight, Time now);
  std::string meta_json() const;
  std::string open_orders_json(const Account& account, bool frontend) const;

  Settings settings_;
  Outbox& out_;
  SplitMix64 random_;
  std::vector<std::unique_ptr<Coin>> coins_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<Sockets> sockets_;
  std::vector<std::vector<Print>> recorded_prints_;  // of the block under way, by coin
  std::uint64_t print_seed_ = 0;
  Time next_block_ = Time::max();
  Time block_time_;  ///< of the last one
  struct Asked {
    RequestId id;
    std::string body;
  };
  std::vector<Asked> asked_;  // of accounts, to be answered as of the end of this block
  std::int64_t funding_period_ = 0;
  std::int64_t minute_ = 0;
  std::int64_t weight_used_ = 0;
  std::vector<sim::MatchReport> reports_;
  bool frame_has_trades_ = false;
};

}  // namespace mm::standin::hyperliquid
