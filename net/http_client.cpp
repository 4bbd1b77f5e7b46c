#include "net/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "net/dial.hpp"

namespace mm::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

class HttpClient::Session {
 public:
  Session() = default;
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual void request(HttpRequest request, Done done, bool repeatable) = 0;
  virtual void abandon() = 0;
  virtual std::size_t pending() const = 0;
};

namespace {

using Options = HttpClient::Options;
using Done = HttpClient::Done;

/// One connection of an HttpClient. A new one is made for each attempt to connect, so that what is
/// left over of an old one cannot disturb it.
template <class Stream>
class SessionOf final : public HttpClient::Session,
                        public std::enable_shared_from_this<SessionOf<Stream>> {
  struct Job {
    http::request<http::string_body> message;
    Done done;
    bool repeatable = false;
  };

  // Holds what its operations work on, so that these may end after the session has turned away.
  struct Connection {
    template <class... Context>
    explicit Connection(asio::io_context& loop, Context&... context) : stream(loop, context...) {}
    bool over() const { return dead; }
    void dialled(const std::string& trouble) {
      if (const auto session = owner.lock()) session->dialled(*this, trouble);
    }
    void close() {
      dead = true;
      error_code ignored;
      beast::get_lowest_layer(stream).socket().close(ignored);
    }

    std::weak_ptr<SessionOf> owner;
    Stream stream;
    beast::flat_buffer buffer;
    std::shared_ptr<Job> job;
    std::optional<http::response_parser<http::string_body>> parser;
    bool ready = false;  // dialled
    bool used = false;   // has answered before
    bool dead = false;
  };

 public:
  SessionOf(asio::io_context& loop, const TlsClient* tls, const Url& origin, const Options& options)
      : loop_(loop), origin_(origin), options_(options), deadline_(loop) {
    if (tls != nullptr) tls_.emplace(*tls);
  }

  void request(HttpRequest request, Done done, bool repeatable) override {
    auto made = std::make_shared<Job>();
    Job& job = *made;
    job.message.version(11);
    job.message.method_string(request.method);
    job.message.target(request.target);
    job.message.set(http::field::host, origin_.authority());
    job.message.set(http::field::user_agent, "mmctl");
    for (const auto& [name, value] : request.headers) job.message.set(name, value);
    job.message.body() = std::move(request.body);
    job.message.prepare_payload();
    job.done = std::move(done);
    job.repeatable = repeatable || request.method == "GET";
    jobs_.push_back(std::move(made));
    if (jobs_.size() == 1) asio::post(loop_, [me = this->shared_from_this()] { me->begin(); });
  }

  void abandon() override {
    jobs_.clear();
    deadline_.expires_at(std::chrono::steady_clock::time_point::max());
    drop();
  }

  std::size_t pending() const override { return jobs_.size(); }

 private:
  // The job in front: takes a connection, sends, reads.
  void begin() {
    if (jobs_.empty() || busy_) return;
    busy_ = true;
    deadline_.expires_after(options_.timeout);
    deadline_.async_wait([me = this->shared_from_this()](const error_code& error) {
      const bool due = me->deadline_.expiry() <= std::chrono::steady_clock::now();
      if (!error && due && me->busy_) me->fail("no answer within the time allowed");
    });
    attempt();
  }

  void attempt() {
    if (connection_) return write();
    if constexpr (is_tls<Stream>) {
      connection_ = std::make_shared<Connection>(loop_, tls_->context());
    } else {
      connection_ = std::make_shared<Connection>(loop_);
    }
    connection_->owner = this->weak_from_this();
    dial(connection_->stream, origin_, connection_);
  }

  void dialled(Connection& connection, const std::string& trouble) {
    if (&connection != connection_.get() || !busy_) return;
    if (!trouble.empty()) return fail(trouble);
    write();
  }

  void write() {
    connection_->job = jobs_.front();
    http::async_write(connection_->stream, connection_->job->message,
                      [me = this->shared_from_this(), connection = connection_](
                          const error_code& error, std::size_t) {
                        if (connection->dead) return;
                        if (error) return me->broken(error);
                        me->read();
                      });
  }

  void read() {
    auto& parser = connection_->parser.emplace();
    parser.body_limit(options_.max_body);
    if (connection_->job->message.method() == http::verb::head) parser.skip(true);
    http::async_read(connection_->stream, connection_->buffer, parser,
                     [me = this->shared_from_this(), connection = connection_](
                         const error_code& error, std::size_t) {
                       if (connection->dead) return;
                       if (error) return me->broken(error);
                       me->answered();
                     });
  }

  void broken(const error_code& error) {
    // The server had closed the kept-alive connection before it saw this request.
    const auto& parser = connection_->parser;
    const bool never_seen = connection_->used && (!parser || !parser->got_some());
    if (never_seen && jobs_.front()->repeatable) {
      drop();
      jobs_.front()->repeatable = false;
      return attempt();
    }
    fail(error.message());
  }

  void answered() {
    auto& parser = *connection_->parser;
    auto& message = parser.get();
    HttpResponse response;
    response.status = message.result_int();
    for (const auto& field : message)
      response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(message.body());
    if (parser.keep_alive()) {
      connection_->used = true;
      connection_->parser.reset();
    } else {
      drop();
    }
    end(std::move(response));
  }

  void fail(const std::string& why) {
    drop();
    const std::string target{jobs_.front()->message.target()};
    end(Error(ErrorKind::venue, origin_.http(target).text() + ": " + why));
  }

  void end(Result<HttpResponse> result) {
    deadline_.expires_at(std::chrono::steady_clock::time_point::max());
    busy_ = false;
    const Done done = std::move(jobs_.front()->done);
    jobs_.pop_front();
    if (!jobs_.empty()) asio::post(loop_, [me = this->shared_from_this()] { me->begin(); });
    if (done) done(std::move(result));
  }

  void drop() {
    if (connection_) connection_->close();
    connection_.reset();
  }

  asio::io_context& loop_;
  std::optional<TlsClient> tls_;
  const Url origin_;
  const Options options_;
  asio::steady_timer deadline_;
  std::deque<std::shared_ptr<Job>> jobs_;  // the first is under way if busy_
  std::shared_ptr<Connection> connection_;
  bool busy_ = false;
};

}  // namespace

HttpClient::HttpClient(Loop& loop, const TlsClient* tls, const Url& origin)
    : HttpClient(loop, tls, origin, Options{}) {}

HttpClient::HttpClient(Loop& loop, const TlsClient* tls, const Url& origin,
                       const Options& options) {
  if (origin.secure()) {
    if (tls == nullptr) throw Error(ErrorKind::usage, origin.text() + " needs TLS");
    session_ = std::make_shared<SessionOf<TlsStream>>(loop.context(), tls, origin, options);
  } else {
    session_ = std::make_shared<SessionOf<PlainStream>>(loop.context(), nullptr, origin, options);
  }
}

HttpClient::~HttpClient() {
  session_->abandon();
}

void HttpClient::request(HttpRequest request, Done done, bool repeatable) {
  session_->request(std::move(request), std::move(done), repeatable);
}

std::size_t HttpClient::pending() const {
  return session_->pending();
}

}  // namespace mm::net
