#include "net/websocket_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstring>
#include <deque>
#include <utility>

#include "net/dial.hpp"

namespace mm::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

class WebSocketClient::Session : public std::enable_shared_from_this<Session> {
 public:
  Session() = default;
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual void start() = 0;
  virtual void abandon() = 0;
  virtual void receive() = 0;
  virtual void send(std::string text) = 0;
  virtual void ping() = 0;
  virtual void close() = 0;
  virtual std::size_t unread_bytes() = 0;
};

namespace {

template <class Stream>
class SessionOf final : public WebSocketClient::Session {
 public:
  template <class... Context>
  SessionOf(asio::io_context& loop, const Url& url, WebSocketListener& listener,
            const WebSocketOptions& options, Context&... context)
      : url_(url),
        listener_(&listener),
        options_(options),
        deadline_(loop),
        stream_(loop, context...) {
    // Deadlines are our own; Beast only adds none of its own to them.
    stream_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(),
                                                       /*keep_alive_pings=*/false});
    stream_.read_message_max(options.max_message);
    stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "mmctl");
    }));
  }

  void start() override {
    set_deadline(options_.connect_timeout, "no connection within the time allowed");
    dial(stream_.next_layer(), url_, self());
  }

  // What dial() asks of its owner.
  bool over() const { return over_; }
  void dialled(const std::string& trouble) {
    if (!trouble.empty()) return finish(trouble);
    stream_.async_handshake(url_.authority(), url_.target,
                            [me = self()](const error_code& error) { me->opened(error); });
  }

  void abandon() override {
    listener_ = nullptr;
    finish({});
  }

  void receive() override {
    if (over_) return;
    buffer_.consume(buffer_.size());
    stream_.async_read(buffer_, [me = self()](const error_code& error, std::size_t) {
      if (me->over_) return;
      if (error) return me->failed(error);
      me->received();
    });
  }

  void send(std::string text) override {
    if (over_ || closing_) return;
    unsent_ += text.size();
    if (unsent_ > options_.max_unsent) return finish("the peer does not read what is sent");
    outbox_.push_back(std::move(text));
    if (outbox_.size() == 1) write();
  }

  void ping() override {
    if (over_ || !open_ || std::exchange(pinging_, true)) return;
    stream_.async_ping({}, [me = self()](const error_code& error) {
      me->pinging_ = false;
      if (error && !me->over_) me->failed(error);
    });
  }

  void close() override {
    if (over_ || std::exchange(closing_, true)) return;
    if (!open_) return finish("closed by us before it was open");
    set_deadline(options_.close_timeout, "closed by us; the peer did not answer");
    if (outbox_.empty()) say_goodbye();  // else write() does
  }

  std::size_t unread_bytes() override {
    error_code ignored;
    return over_ ? 0 : beast::get_lowest_layer(stream_).socket().available(ignored);
  }

 private:
  std::shared_ptr<SessionOf> self() {
    return std::static_pointer_cast<SessionOf>(this->shared_from_this());
  }

  void opened(const error_code& error) {
    if (over_) return;
    if (error) return finish("WebSocket upgrade refused: " + error.message());
    deadline_.expires_at(std::chrono::steady_clock::time_point::max());
    open_ = true;
    stream_.text(true);
    if (listener_ != nullptr) listener_->on_open();
  }

  void received() {
    if (!stream_.got_text()) return finish("a binary message came; the protocol is text");
    const std::size_t size = buffer_.size();
    std::memset(buffer_.prepare(message_padding).data(), 0, message_padding);
    const auto* text = static_cast<const char*>(buffer_.data().data());
    if (listener_ != nullptr) listener_->on_message({text, size});
  }

  void write() {
    stream_.async_write(asio::buffer(outbox_.front()),
                        [me = self()](const error_code& error, std::size_t) {
                          if (me->over_) return;
                          if (error) return me->failed(error);
                          me->unsent_ -= me->outbox_.front().size();
                          me->outbox_.pop_front();
                          if (!me->outbox_.empty()) return me->write();
                          if (me->closing_) me->say_goodbye();
                        });
  }

  void say_goodbye() {
    stream_.async_close(websocket::close_code::normal,
                        [me = self()](const error_code&) { me->finish("closed by us"); });
  }

  void failed(const error_code& error) {
    if (closing_) return finish("closed by us");
    if (error != websocket::error::closed) return finish(error.message());
    const auto& reason = stream_.reason();
    finish("closed by the peer with code " + std::to_string(reason.code) +
           (reason.reason.empty() ? "" : " (" + std::string(reason.reason.c_str()) + ")"));
  }

  void set_deadline(Duration length, const char* why) {
    deadline_.expires_after(length);
    deadline_.async_wait([me = self(), why](const error_code& error) {
      const bool due = me->deadline_.expiry() <= std::chrono::steady_clock::now();
      if (!error && due) me->finish(why);
    });
  }

  void finish(const std::string& why) {
    if (std::exchange(over_, true)) return;
    deadline_.expires_at(std::chrono::steady_clock::time_point::max());
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    if (listener_ == nullptr) return;
    asio::post(stream_.get_executor(), [me = self(), sentence = url_.text() + ": " + why] {
      if (me->listener_ != nullptr) me->listener_->on_closed(sentence);
    });
  }

  const Url url_;
  WebSocketListener* listener_;  // null once abandoned
  const WebSocketOptions options_;
  asio::steady_timer deadline_;
  websocket::stream<Stream> stream_;
  beast::flat_buffer buffer_;
  std::deque<std::string> outbox_;  // the first is being written
  std::size_t unsent_ = 0;
  bool open_ = false;
  bool closing_ = false;
  bool pinging_ = false;
  bool over_ = false;
};

}  // namespace

WebSocketClient::WebSocketClient(Loop& loop, const TlsClient* tls, const Url& url,
                                 WebSocketListener& listener, const WebSocketOptions& options) {
  if (url.secure()) {
    if (tls == nullptr) throw Error(ErrorKind::usage, url.text() + " needs TLS");
    session_ = std::make_shared<SessionOf<TlsStream>>(loop.context(), url, listener, options,
                                                      tls->context());
  } else {
    session_ = std::make_shared<SessionOf<PlainStream>>(loop.context(), url, listener, options);
  }
  session_->start();
}

WebSocketClient::~WebSocketClient() {
  session_->abandon();
}
void WebSocketClient::receive() {
  session_->receive();
}
void WebSocketClient::send(std::string text) {
  session_->send(std::move(text));
}
void WebSocketClient::ping() {
  session_->ping();
}
void WebSocketClient::close() {
  session_->close();
}
std::size_t WebSocketClient::unread_bytes() const {
  return session_->unread_bytes();
}

}  // namespace mm::net
