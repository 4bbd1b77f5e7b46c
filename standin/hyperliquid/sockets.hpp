#pragma once

// Sockets: the WebSocket side of the Hyperliquid stand-in.
//
// Subscriptions with acknowledgement, duplicate and error texts, the first frame of each channel,
// push clocks (one per socket for default books and one for fast ones, so all coins of a socket
// come together), per-block quotes and trades, user channels, heartbeat and the drop of idle
// sockets.
//
// Two cadences. `venue`: as the real one, by clocks and blocks. `recorded`: every recorded book,
// quote and trade goes out when it comes in, so that a client hears what the recording heard.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "standin/hyperliquid/coin.hpp"
#include "standin/hyperliquid/subscription.hpp"
#include "standin/outbox.hpp"

namespace mm::standin::hyperliquid {

enum class Cadence : std::uint8_t { venue, recorded };

struct SocketSettings {
  Cadence cadence = Cadence::venue;
  // Of the market, in wall time (the caller scales them by the speed).
  Duration book_every = std::chrono::milliseconds{5400};
  Duration fast_book_every = std::chrono::milliseconds{540};
  Duration context_every = std::chrono::seconds{1};
  Duration mids_every = std::chrono::milliseconds{5400};
  Duration trade_history = std::chrono::seconds{20};
  // Of the connection.
  Duration idle_drop = std::chrono::seconds{60};
  Duration bad_coin_delay = std::chrono::milliseconds{100};
  std::size_t most_users = 10;
  std::size_t most_posts = 100;
  std::size_t most_subscriptions = 1000;   ///< over all sockets
  std::size_t messages_per_minute = 2000;  ///< likewise
};

/// What the sockets do not know themselves.
class SocketHost {
 public:
  virtual ~SocketHost() = default;
  /// JSON of the first frame's `data` of a user channel; empty: there is none.
  virtual std::string user_snapshot(const Subscription& subscription, Time now) = 0;
  /// A `post` request: answered through Sockets::answer_post, now or later.
  virtual void on_post(ConnectionId from, std::uint64_t id, std::string_view type,
                       std::string_view payload, Time now) = 0;
};

class Sockets {
 public:
  Sockets(const SocketSettings& settings, const std::vector<std::unique_ptr<Coin>>& coins,
          SocketHost& host, Outbox& out)
      : settings_(settings), coins_(coins), host_(host), out_(out), markets_(coins.size()) {}

  void on_open(ConnectionId id, Time now);
  void on_message(ConnectionId id, std::string_view text, Time now);
  void on_closed(ConnectionId id);
  void answer_post(ConnectionId id, std::uint64_t post_id, std::string_view type,
                   std::string_view payload, Time due);

  // ---- the market
  void add_print(std::size_t coin, const Print& print) { markets_[coin].prints.push_back(print); }
  /// A block ends: trades and changed quotes go out (cadence venue).
  void on_block(Time block_time);
  /// A recorded event was applied (cadence recorded).
  enum class Recorded : std::uint8_t { book, quote, trades, context };
  void on_recorded(std::size_t coin, Recorded what, Time now);
  /// The first book of a coin: subscribers that wait for their first frame get it.
  void on_coin_open(std::size_t coin, Time now);

  // ---- users
  void to_user(Channel channel, std::string_view user, std::string_view data, Time due);
  bool watched(Channel channel, std::string_view user) const;

  /// When on_time is next needed; the end of time if there is nothing to wait for.
  Time next_due() const;
  void on_time(Time now);

  /// Of the times in frames; everything else goes by `now`.
  void set_clock_offset(Duration offset) { clock_offset_ = offset; }
  /// From now on the coin is one the venue does not know (or knows again).
  void ban(std::string_view coin, bool banned, Time now);
  /// Market subscriptions made so far, of all connections.
  std::uint64_t subscriptions_made() const { return subscriptions_made_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection {
    std::vector<Subscription> subscriptions;
    Time last_sent;
    Time next_book = Time::max();
    Time next_fast_book = Time::max();
    Time next_context = Time::max();
    Time next_mids = Time::max();
    std::vector<std::uint64_t> posts;  // unanswered
    bool doomed = false;               // to be cut: nothing more is said
  };
  struct Market {
    std::vector<Print> prints;  // of the block under way
    sim::DepthLevel bid, ask;   // as last sent
    bool banned = false;
  };

  void send(Connection& to, ConnectionId id, Topic topic, std::string text, Time due);
  void error(ConnectionId id, std::string_view text, Time now);
  void doom(ConnectionId id, Time now);
  void subscribe(ConnectionId id, const Subscription& wanted, Time now);
  void unsubscribe(ConnectionId id, const Subscription& wanted, Time now);
  void first_frame(ConnectionId id, const Subscription& of, Time now);
  void start_clock(Connection& connection, const Subscription& of, Time now);
  void stop_clocks(Connection& connection);
  void push(ConnectionId id, Connection& connection, Channel channel, bool fast, Time now);
  std::size_t coin_at(std::string_view name) const;  ///< coins_.size() if there is none
  Time stamp(Time now) const { return (block_time_ == Time{} ? now : block_time_) + clock_offset_; }
  template <class Frame>
  void broadcast(std::size_t coin, Channel channel, Topic topic, Time now, const Frame& frame);

  SocketSettings settings_;
  const std::vector<std::unique_ptr<Coin>>& coins_;
  SocketHost& host_;
  Outbox& out_;
  std::vector<Market> markets_;
  std::map<ConnectionId, Connection> connections_;
  Time block_time_;
  Duration clock_offset_{};
  std::uint64_t subscriptions_made_ = 0;
  std::vector<Time> messages_;  // of the last minute, over all sockets
};

}  // namespace mm::standin::hyperliquid
