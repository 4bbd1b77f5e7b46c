#pragma once

// Server: HTTP and WebSocket on one port, with means to misbehave for those who test clients.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"

namespace mm::net {

/// Answers one request, now or later. Destroyed without an answer, it closes the connection.
class HttpReply {
 public:
  class Channel;
  explicit HttpReply(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  HttpReply(HttpReply&&) noexcept = default;
  HttpReply& operator=(HttpReply&&) noexcept = default;
  ~HttpReply();

  void send(HttpResponse response);

 private:
  std::shared_ptr<Channel> channel_;
};

/// What a WebSocket connection tells the server's owner.
class PeerListener {
 public:
  virtual ~PeerListener() = default;
  virtual void on_message(std::string_view text) = 0;
  virtual void on_pong() {}
  /// The end, once. The Peer is gone after it.
  virtual void on_closed() = 0;
};

/// The server's end of a WebSocket connection. Calls after the end do nothing.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Whom messages go to; set while the upgrade is being accepted.
  virtual void listen(std::shared_ptr<PeerListener> listener) = 0;
  virtual void send(std::string text) = 0;
  virtual void ping() = 0;
  /// A close frame with this code (1000, 1001, 1008, ...).
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  /// Cuts the TCP connection with a reset and without a close frame.
  virtual void cut() = 0;
  /// From now on nothing is read or written, and the connection stays open: a half-open socket.
  virtual void freeze() = 0;
  /// Writes the head of a text frame of `announced` payload bytes and then only `text`, which is
  /// shorter; then cuts: a connection that dies in the middle of a frame.
  virtual void send_torn(std::string_view text, std::size_t announced) = 0;
  /// Bytes given to send() that are not written yet.
  virtual std::size_t unsent_bytes() const = 0;
  /// Address and port of the client.
  virtual std::string remote() const = 0;
};

class ServerHandler {
 public:
  virtual ~ServerHandler() = default;
  virtual void on_request(const HttpRequest& request, HttpReply reply) = 0;
  /// A client asks for a WebSocket at `target`. Returns whether it gets one (else it is answered
  /// 404); `peer` lives until on_closed().
  virtual bool on_upgrade(const HttpRequest& request, const std::shared_ptr<Peer>& peer) = 0;
};

class Server {
 public:
  /// Listens at once. `address` is an IP address; port 0 takes a free one. Throws Error(venue)
  /// naming both where that is refused. `handler` must outlive the server; `tls` may be null.
  Server(Loop& loop, const std::string& address, std::uint16_t port, const TlsServer* tls,
         ServerHandler& handler);
  /// Closes the listener and cuts every connection; the handler hears nothing more.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace mm::net
