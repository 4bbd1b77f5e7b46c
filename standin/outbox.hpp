#pragma once

// Outbox: what the protocol halves want done to connections and requests, and when.
//
// The halves are pure: a message and the time go in, deeds come out. Whoever owns the sockets (or a
// test) carries them out in the order of `due`, ties in the order they were put in.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/types.hpp"
#include "net/http.hpp"

namespace mm::standin {

/// A WebSocket connection, for as long as it lives.
using ConnectionId = StrongId<struct ConnectionTag, std::uint64_t>;
/// An HTTP request that waits for its answer.
using RequestId = StrongId<struct RequestTag, std::uint64_t>;

/// What a text is, so that faults can pick their victims.
enum class Topic : std::uint8_t { control, book, quote, trade, context, user, answer };

struct Deed {
  enum class Kind : std::uint8_t {
    text,    ///< send `text` on `connection`
    ping,    ///< a protocol-level ping
    close,   ///< a close frame with `code` and `text` as its reason
    cut,     ///< end the TCP connection without a word
    answer,  ///< answer `request` with status `code`, `headers` and body `text`
    freeze,  ///< a fault: nothing is read or written any more, and the connection stays open
    torn,    ///< a fault: the head of a frame of `code` bytes, then only `text`, then the cut
  };
  Kind kind = Kind::text;
  Time due;
  ConnectionId connection;
  RequestId request;
  Topic topic = Topic::control;
  unsigned code = 0;
  std::string text;
  net::HttpHeaders headers;
};

class Outbox {
 public:
  void send(ConnectionId to, Time due, Topic topic, std::string text) {
    deeds_.push_back({Deed::Kind::text, due, to, {}, topic, 0, std::move(text), {}});
  }
  void ping(ConnectionId to, Time due) {
    deeds_.push_back({Deed::Kind::ping, due, to, {}, Topic::control, 0, {}, {}});
  }
  void close(ConnectionId to, Time due, unsigned code, std::string reason) {
    deeds_.push_back({Deed::Kind::close, due, to, {}, Topic::control, code, std::move(reason), {}});
  }
  void cut(ConnectionId to, Time due) {
    deeds_.push_back({Deed::Kind::cut, due, to, {}, Topic::control, 0, {}, {}});
  }
  void answer(RequestId to, Time due, unsigned status, std::string body,
              net::HttpHeaders headers = {}) {
    deeds_.push_back({Deed::Kind::answer,
                      due,
                      {},
                      to,
                      Topic::answer,
                      status,
                      std::move(body),
                      std::move(headers)});
  }

  std::vector<Deed> take() { return std::exchange(deeds_, {}); }

 private:
  std::vector<Deed> deeds_;
};

}  // namespace mm::standin
