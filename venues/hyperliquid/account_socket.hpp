#pragma once

// AccountSocket: one WebSocket to the venue that is brought back whenever it goes.
//
// For the streams of an account and for the requests we send: little traffic, so a ping of the
// venue's own and its pong show whether the socket still stands. Reading is immediate.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/websocket_client.hpp"
#include "venues/live/rules.hpp"

namespace mm::venues::hyperliquid {

struct AccountSocketSettings {
  Duration connect_timeout = std::chrono::seconds{10};
  Duration ping_every = std::chrono::seconds{3};
  Duration silence = std::chrono::seconds{8};  ///< without any message, pongs included: given up
  Duration retry_first = std::chrono::milliseconds{500};
  Duration retry_most = std::chrono::seconds{30};
};

class AccountSocket final : private net::WebSocketListener {
 public:
  struct Owner {
    std::function<void()> up;                       ///< open, the hello is on its way
    std::function<void(std::string_view)> message;  ///< with net::message_padding behind it
    std::function<void(const std::string&)> down;   ///< each end and each failed try; one sentence
  };

  /// `hello` is sent after each opening.
  AccountSocket(net::Loop& loop, const net::TlsClient* tls, const net::Url& url,
                std::vector<std::string> hello, const AccountSocketSettings& settings,
                std::uint64_t seed, Owner owner);

  void open();
  bool up() const { return up_; }
  /// Ends a connection that seems dead and begins anew.
  void give_up(const std::string& why);
  /// Dropped if the socket is not up.
  void send(std::string text);

 private:
  void on_open() override;
  void on_message(std::string_view text) override;
  void on_closed(const std::string& why) override;
  void tick();
  void end(const std::string& why);

  net::Loop& loop_;
  const net::TlsClient* tls_;
  const net::Url url_;
  const std::vector<std::string> hello_;
  const AccountSocketSettings settings_;
  Backoff backoff_;
  Owner owner_;
  std::unique_ptr<net::WebSocketClient> client_;
  net::Timer retry_;
  net::Timer tick_;
  net::Loop::Instant heard_;
  bool up_ = false;
};

}  // namespace mm::venues::hyperliquid
