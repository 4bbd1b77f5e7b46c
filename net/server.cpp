#include "net/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "engine/result.hpp"
#include "net/dial.hpp"

namespace mm::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

class HttpReply::Channel {
 public:
  Channel() = default;
  virtual ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  virtual void answer(std::optional<HttpResponse> response) = 0;  // empty: close
};

HttpReply::~HttpReply() {
  if (channel_) channel_->answer({});
}

void HttpReply::send(HttpResponse response) {
  if (const auto channel = std::move(channel_)) channel->answer(std::move(response));
}

namespace {

constexpr std::size_t max_request_body = 8 << 20;

/// Whatever the server has to cut when it goes.
class Cuttable {
 public:
  Cuttable() = default;
  virtual ~Cuttable() = default;
  Cuttable(const Cuttable&) = delete;
  Cuttable& operator=(const Cuttable&) = delete;
  virtual void abandon() = 0;
};

void reset(Tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

std::string name_of(const Tcp::socket& socket) {
  error_code error;
  const auto place = socket.remote_endpoint(error);
  return error ? "?" : place.address().to_string() + ":" + std::to_string(place.port());
}

/// Head of an unmasked text frame that is the last of its message (RFC 6455, 5.2).
std::string frame_head(std::size_t payload) {
  std::string head{'\x81'};
  const auto byte = [payload](unsigned shift) {
    return static_cast<char>(payload >> shift & 0xff);
  };
  if (payload < 126) return head + byte(0);
  if (payload < 65536) return head + '\x7e' + byte(8) + byte(0);
  head += '\x7f';
  for (unsigned shift = 64; shift > 0; shift -= 8) head += byte(shift - 8);
  return head;
}

template <class Stream>
class PeerOf final : public Peer,
                     public Cuttable,
                     public std::enable_shared_from_this<PeerOf<Stream>> {
 public:
  explicit PeerOf(Stream&& stream)
      : remote_(name_of(beast::get_lowest_layer(stream).socket())), stream_(std::move(stream)) {
    beast::get_lowest_layer(stream_).expires_never();
    stream_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(),
                                                       /*keep_alive_pings=*/false});
    stream_.set_option(websocket::stream_base::decorator(
        [](websocket::response_type& answer) { answer.set(http::field::server, "mmctl"); }));
    stream_.read_message_max(max_request_body);
  }

  void accept(const http::request<http::string_body>& request) {
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::pong && listener_ && !over_) listener_->on_pong();
    });
    stream_.async_accept(request, [me = this->shared_from_this()](const error_code& error) {
      if (me->over_ || me->frozen_) return;
      if (error) return me->finish();
      me->stream_.text(true);
      me->open_ = true;
      if (!me->outbox_.empty()) me->write();
      if (me->pinging_) me->send_ping();
      me->read();
    });
  }

  /// Instead of accept().
  void refuse() {
    write_last(
        "HTTP/1.1 404 Not Found\r\nServer: mmctl\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n");
  }

  void abandon() override {
    listener_.reset();
    cut();
  }

  void listen(std::shared_ptr<PeerListener> listener) override { listener_ = std::move(listener); }

  void send(std::string text) override {
    if (over_ || closing_) return;
    unsent_ += text.size();
    outbox_.push_back(std::move(text));
    if (open_ && !frozen_ && outbox_.size() == 1) write();
  }

  void ping() override {
    if (over_ || frozen_ || std::exchange(pinging_, true) || !open_) return;
    send_ping();
  }

  void close(std::uint16_t code, std::string_view reason) override {
    if (over_ || frozen_ || std::exchange(closing_, true)) return;
    goodbye_ = websocket::close_reason{static_cast<websocket::close_code>(code),
                                       beast::string_view{reason.data(), reason.size()}};
    if (!open_) return cut();
    if (outbox_.empty()) say_goodbye();
  }

  void cut() override {
    if (over_) return;
    reset(beast::get_lowest_layer(stream_).socket());
    finish();
  }

  void freeze() override {
    if (over_ || std::exchange(frozen_, true)) return;
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().cancel(ignored);
  }

  void send_torn(std::string_view text, std::size_t announced) override {
    if (over_ || frozen_ || closing_) return;
    torn_ = frame_head(announced) + std::string(text);
    closing_ = true;
    if (outbox_.empty() && open_) write_last(torn_);
  }

  std::size_t unsent_bytes() const override { return unsent_; }
  std::string remote() const override { return remote_; }

 private:
  void read() {
    buffer_.consume(buffer_.size());
    stream_.async_read(
        buffer_, [me = this->shared_from_this()](const error_code& error, std::size_t size) {
          if (me->over_ || me->frozen_) return;
          if (error) return me->finish();
          const auto listener = me->listener_;
          if (listener)
            listener->on_message({static_cast<const char*>(me->buffer_.data().data()), size});
          if (!me->over_ && !me->frozen_) me->read();
        });
  }

  void write() {
    stream_.async_write(asio::buffer(outbox_.front()),
                        [me = this->shared_from_this()](const error_code& error, std::size_t) {
                          if (me->over_ || me->frozen_) return;
                          if (error) return me->finish();
                          me->unsent_ -= me->outbox_.front().size();
                          me->outbox_.pop_front();
                          if (!me->outbox_.empty()) return me->write();
                          if (!me->torn_.empty()) return me->write_last(me->torn_);
                          if (me->closing_) me->say_goodbye();
                        });
  }

  // Past the WebSocket layer; then an orderly end of TCP, so that these bytes are read and not
  // lost.
  void write_last(std::string_view bytes) {
    asio::async_write(
        stream_.next_layer(), asio::buffer(bytes),
        [me = this->shared_from_this()](const error_code&, std::size_t) { me->finish(); });
  }

  void send_ping() {
    stream_.async_ping({}, [me = this->shared_from_this()](const error_code& error) {
      me->pinging_ = false;
      if (error && !me->over_ && !me->frozen_) me->finish();
    });
  }

  void say_goodbye() {
    stream_.async_close(goodbye_, [me = this->shared_from_this()](const error_code&) {
      if (!me->frozen_) me->finish();
    });
  }

  void finish() {
    if (std::exchange(over_, true)) return;
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    if (!listener_) return;
    asio::post(stream_.get_executor(), [me = this->shared_from_this()] {
      if (const auto listener = std::move(me->listener_)) listener->on_closed();
    });
  }

  const std::string remote_;
  websocket::stream<Stream> stream_;
  std::shared_ptr<PeerListener> listener_;
  beast::flat_buffer buffer_;
  std::deque<std::string> outbox_;  // the first is being written, once open
  std::size_t unsent_ = 0;
  std::string torn_;
  websocket::close_reason goodbye_;
  bool open_ = false;
  bool pinging_ = false;
  bool closing_ = false;  // nothing more is taken by send()
  bool frozen_ = false;
  bool over_ = false;
};

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, const TlsServer* tls, ServerHandler& handler)
      : handler_(&handler), acceptor_(loop.context()), pause_(loop.context()) {
    if (tls != nullptr) tls_.emplace(*tls);
  }

  void listen(const std::string& address, std::uint16_t port) {
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    const Tcp::endpoint place{ip, port};
    if (!error) acceptor_.open(place.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(place, error);
    if (!error) acceptor_.listen(Tcp::acceptor::max_listen_connections, error);
    if (error)
      throw Error(ErrorKind::venue, "cannot listen on " + address + " port " +
                                        std::to_string(port) + ": " + error.message());
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  ServerHandler* handler() const { return handler_; }

  void keep(std::weak_ptr<Cuttable> connection) {
    std::erase_if(connections_, [](const auto& other) { return other.expired(); });
    connections_.push_back(std::move(connection));
  }

  void abandon() {
    handler_ = nullptr;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& connection : std::exchange(connections_, {}))
      if (const auto alive = connection.lock()) alive->abandon();
  }

 private:
  void accept();
  // Out of file descriptors, most likely: some may be free in a moment.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds{100});
    pause_.async_wait([me = shared_from_this()](const error_code& error) {
      if (!error) me->accept();
    });
  }

  ServerHandler* handler_;  // null once abandoned
  std::optional<TlsServer> tls_;
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::vector<std::weak_ptr<Cuttable>> connections_;
};

namespace {

template <class Stream>
class HttpConnection final : public HttpReply::Channel,
                             public Cuttable,
                             public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  template <class... Context>
  HttpConnection(std::shared_ptr<Server::Impl> server, Tcp::socket socket, Context&... context)
      : server_(std::move(server)), stream_(std::move(socket), context...) {}

  void start() {
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().set_option(Tcp::no_delay(true), ignored);
    if constexpr (is_tls<Stream>) {
      beast::get_lowest_layer(stream_).expires_after(std::chrono::seconds{10});
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [me = this->shared_from_this()](const error_code& error) {
                                beast::get_lowest_layer(me->stream_).expires_never();
                                if (!error) me->read();
                              });
    } else {
      read();
    }
  }

  void abandon() override {
    over_ = true;
    if (!upgraded_) reset(beast::get_lowest_layer(stream_).socket());
  }

  void answer(std::optional<HttpResponse> response) override {
    if (over_ || upgraded_) return;
    if (!response) return abandon();
    http::response<http::string_body> message{http::int_to_status(response->status), 11};
    message.result(response->status);
    message.set(http::field::server, "mmctl");
    for (const auto& [name, value] : response->headers) message.set(name, value);
    message.keep_alive(keep_alive_);
    message.body() = std::move(response->body);
    message.prepare_payload();
    outgoing_ = std::move(message);
    http::async_write(stream_, outgoing_,
                      [me = this->shared_from_this()](const error_code& error, std::size_t) {
                        if (me->over_) return;
                        if (error || !me->keep_alive_) return me->shut();
                        me->read();
                      });
  }

 private:
  void read() {
    parser_.emplace();
    parser_->body_limit(max_request_body);
    http::async_read(stream_, buffer_, *parser_,
                     [me = this->shared_from_this()](const error_code& error, std::size_t) {
                       if (me->over_) return;
                       if (error) return me->shut();
                       me->serve();
                     });
  }

  void serve() {
    ServerHandler* handler = server_->handler();
    if (handler == nullptr) return;
    http::request<http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    HttpRequest request;
    request.method = message.method_string();
    request.target = message.target();
    for (const auto& field : message)
      request.headers.emplace_back(field.name_string(), field.value());
    if (websocket::is_upgrade(message)) return upgrade(*handler, request, message);
    request.body = std::move(message.body());
    handler->on_request(request, HttpReply{this->shared_from_this()});
  }

  void upgrade(ServerHandler& handler, const HttpRequest& request,
               const http::request<http::string_body>& message) {
    upgraded_ = true;
    const auto peer = std::make_shared<PeerOf<Stream>>(std::move(stream_));
    if (!handler.on_upgrade(request, peer)) {
      peer->refuse();
      return;
    }
    server_->keep(peer);
    peer->accept(message);
  }

  void shut() {
    over_ = true;
    error_code ignored;
    auto& socket = beast::get_lowest_layer(stream_).socket();
    socket.shutdown(Tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

  std::shared_ptr<Server::Impl> server_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> outgoing_;
  bool keep_alive_ = true;
  bool upgraded_ = false;
  bool over_ = false;
};

}  // namespace

void Server::Impl::accept() {
  acceptor_.async_accept([me = shared_from_this()](const error_code& error, Tcp::socket socket) {
    if (!me->acceptor_.is_open()) return;
    if (error) return me->accept_later();
    if (me->tls_) {
      const auto connection =
          std::make_shared<HttpConnection<TlsStream>>(me, std::move(socket), me->tls_->context());
      me->keep(connection);
      connection->start();
    } else {
      const auto connection = std::make_shared<HttpConnection<PlainStream>>(me, std::move(socket));
      me->keep(connection);
      connection->start();
    }
    me->accept();
  });
}

Server::Server(Loop& loop, const std::string& address, std::uint16_t port, const TlsServer* tls,
               ServerHandler& handler)
    : impl_(std::make_shared<Impl>(loop, tls, handler)) {
  impl_->listen(address, port);
}

Server::~Server() {
  impl_->abandon();
}

std::uint16_t Server::port() const {
  return impl_->port();
}

}  // namespace mm::net
