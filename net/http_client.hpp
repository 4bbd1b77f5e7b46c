#pragma once

// HttpClient: requests to one place over one kept-alive connection, one at a time, in order.

#include <chrono>
#include <functional>
#include <memory>

#include "engine/result.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace mm::net {

class HttpClient {
 public:
  using Done = std::function<void(Result<HttpResponse>)>;

  struct Options {
    Duration timeout = std::chrono::seconds{10};  ///< from being first in line to the whole answer
    std::size_t max_body = 64 << 20;              ///< bytes of an answer
  };

  /// Connects when first asked. Only scheme, host and port of `origin` are used.
  HttpClient(Loop& loop, const TlsClient* tls, const Url& origin);
  HttpClient(Loop& loop, const TlsClient* tls, const Url& origin, const Options& options);
  /// Forgets all requests; their `done` is not called.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `done` gets any complete answer, whatever its status, or Error(venue) in one sentence naming
  /// the URL. A request is never sent twice, except: a GET, or one with `repeatable`, whose
  /// kept-alive connection had been closed by the server meanwhile goes out once more on a new one.
  void request(HttpRequest request, Done done, bool repeatable = false);
  /// Waiting and under way.
  std::size_t pending() const;

  class Session;

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace mm::net
