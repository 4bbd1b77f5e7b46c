#pragma once

// RestGate: requests to one venue, and what it says of its limits.
//
// 429 and 418 close the gate for as long as `Retry-After` says, or for a time of our own where the
// venue does not say. Nothing is asked while it is closed; feeds look at closed_for() first, for
// sockets as well, since a ban (418) covers them.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/http_client.hpp"
#include "venues/live/plan.hpp"

namespace mm::venues {

/// A venue's word about our use of it.
struct LimitNotice {
  std::int64_t used = 0;   ///< weight used in the last minute, 0 = not told
  std::int64_t limit = 0;  ///< 0 = not known
  Duration retry_after{};  ///< 0 = a warning only
  std::string detail;
};

/// What is to be made of an answer's status and headers; pure.
std::optional<LimitNotice> limit_notice(const net::HttpResponse& response);

class RestGate {
 public:
  struct Answer {
    std::string body;                   ///< of status 200
    std::string problem;                ///< else: what went wrong, in words
    std::optional<LimitNotice> notice;  ///< with either
  };
  using Done = std::function<void(Answer)>;

  RestGate(net::Loop& loop, const net::TlsClient* tls, const net::Url& origin, Duration timeout);

  /// Asks, whether or not the gate is closed.
  void ask(const net::HttpRequest& request, Done done);
  /// Until the gate opens; 0 if it is open.
  Duration closed_for() const;
  /// Likewise of a ban, which concerns sockets too.
  Duration banned_for() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct State {
    Instant open_at;
    Instant unbanned_at;
    bool warned = false;  // of heavy use
  };
  static Answer judge(State& state, const net::HttpRequest& request,
                      Result<net::HttpResponse> result);

  std::shared_ptr<State> state_ = std::make_shared<State>();
  net::HttpClient client_;
};

/// One gate a place: feeds of one venue share its allowance.
class RestGates {
 public:
  RestGates(net::Loop& loop, const net::TlsClient* tls, Duration timeout)
      : loop_(loop), tls_(tls), timeout_(timeout) {}

  std::shared_ptr<RestGate> at(const net::Url& origin);

 private:
  net::Loop& loop_;
  const net::TlsClient* tls_;
  Duration timeout_;
  std::map<std::string, std::shared_ptr<RestGate>> gates_;
};

}  // namespace mm::venues
