#pragma once

// A stand-in venue without sockets: time moves when a test says so.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "standin/stand_in.hpp"
#include "venues/hyperliquid/actions.hpp"

namespace mm::test {

using Json = nlohmann::ordered_json;

class Stage {
 public:
  explicit Stage(const standin::Options& options);

  standin::ConnectionId connect(const std::string& target = "/ws");
  void send(standin::ConnectionId to, const std::string& text);
  /// Lets time pass, stopping at everything that is due.
  void advance(Duration span);
  /// Texts received since the last call.
  std::vector<std::string> take(standin::ConnectionId from);
  /// Of them those of a Hyperliquid channel, parsed: the `data`.
  std::vector<Json> take(standin::ConnectionId from, std::string_view channel);
  bool alive(standin::ConnectionId of) const { return !ended_.contains(of); }
  const standin::Deed* end_of(standin::ConnectionId of) const {
    const auto at = ended_.find(of);
    return at == ended_.end() ? nullptr : &at->second;
  }
  std::size_t pings(standin::ConnectionId of) { return pings_[of]; }

  struct Answer {
    unsigned status = 0;
    std::string body;
    net::HttpHeaders headers;
    Duration after{};  ///< the request
  };
  /// Waits at most `patience`; status 0 if there was no answer.
  Answer get(const std::string& target, Duration patience = std::chrono::seconds{5});
  Answer post(const std::string& path, const std::string& body,
              Duration patience = std::chrono::seconds{5});
  Json info(const std::string& body) { return Json::parse(post("/info", body).body); }
  /// Signs with the agent's key and sends; the nonce is the clock's.
  Answer act(const venues::hyperliquid::Action& action,
             std::optional<std::uint64_t> expires_after = {});
  std::string signed_body(const venues::hyperliquid::Action& action,
                          std::optional<std::uint64_t> nonce = {},
                          std::optional<std::uint64_t> expires_after = {});

  Time now() const { return now_; }
  std::uint64_t now_ms() const;
  standin::StandIn& venue() { return *venue_; }

 private:
  void step_to(Time to);
  void carry_out();
  Answer wait_for(standin::RequestId id, Duration patience);

  Time now_;
  std::optional<standin::StandIn> venue_;
  std::multimap<Time, standin::Deed> waiting_;
  std::map<standin::ConnectionId, std::vector<std::string>> received_;
  std::map<standin::ConnectionId, standin::Deed> ended_;
  std::map<standin::ConnectionId, std::size_t> pings_;
  std::map<standin::RequestId, Answer> answers_;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_nonce_ = 0;
};

/// Public test keys of the signing vectors: never fund them.
inline constexpr const char* account_key =
    "0x0123456789012345678901234567890123456789012345678901234567890123";
inline constexpr const char* account_address = "0x14791697260e4c9a71f18484c9f997b308e59325";

/// The recorded BTC market of the fixtures, from which nothing more comes after half a minute.
standin::Options recorded_btc();
/// A seeded BTC market that goes on for ever.
standin::Options synthetic_btc(std::uint64_t seed);

venues::hyperliquid::Order order(Side side, const std::string& price, const std::string& size,
                                 TimeInForce tif = TimeInForce::post_only);

}  // namespace mm::test
