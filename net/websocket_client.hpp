#pragma once

// WebSocketClient: one connection to a venue, from connecting to its end.
//
// A connection is used once; who wants another makes another. Reading is on demand: each receive()
// brings one message, so a slow reader holds back the venue (TCP) instead of filling memory. Pings
// of the server are answered while a receive() is under way. Text only: a binary message ends the
// connection.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace mm::net {

/// Bytes behind a received message that may be read (their values do not matter).
inline constexpr std::size_t message_padding = 64;

struct WebSocketOptions {
  Duration connect_timeout = std::chrono::seconds{10};  ///< name, TCP, TLS and upgrade together
  Duration close_timeout = std::chrono::seconds{2};     ///< for the polite end; then it is cut
  std::size_t max_message = 16 << 20;                   ///< bytes; a longer one is an error
  std::size_t max_unsent = 4 << 20;  ///< bytes waiting in send(); more is an error: the peer hangs
};

/// What a connection tells its owner. Never called from inside a call of the owner's.
class WebSocketListener {
 public:
  virtual ~WebSocketListener() = default;
  virtual void on_open() = 0;
  /// One for each receive(). `message_padding` bytes behind the text may be read. The text is valid
  /// until the next receive() or the end of the connection's life.
  virtual void on_message(std::string_view text) = 0;
  /// The end, exactly once unless the client is destroyed before: a failed connect, the peer's
  /// close, an error, or close(). `why` is one sentence naming the URL. Nothing follows.
  virtual void on_closed(const std::string& why) = 0;
};

class WebSocketClient {
 public:
  /// Starts connecting. `listener` must outlive the client; `tls` is needed for wss only.
  WebSocketClient(Loop& loop, const TlsClient* tls, const Url& url, WebSocketListener& listener,
                  const WebSocketOptions& options = {});
  /// Cuts the connection if it still stands; the listener hears nothing.
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  /// Asks for the next message; once at a time, from on_open() on.
  void receive();
  /// Sends in order; from on_open() on. Dropped once the connection is over.
  void send(std::string text);
  /// A ping frame of the protocol (not a venue's own).
  void ping();
  /// Says goodbye; on_closed() follows within close_timeout. Works while connecting, too.
  void close();
  /// Bytes that stand received in the kernel and wait for receive(); 0 if that cannot be told.
  std::size_t unread_bytes() const;

  class Session;

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace mm::net
