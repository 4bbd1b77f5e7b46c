#pragma once

// What a client may ask of Hyperliquid's WebSocket, read and written.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "standin/hyperliquid/frames.hpp"

namespace mm::standin::hyperliquid {

enum class Channel : std::uint8_t {
  book,
  quote,
  trades,
  context,
  mids,
  candle,
  user_fills,
  order_updates,
  user_events,
  user_fundings,
  notification,
  open_orders,
  clearinghouse_state,
};

/// Whether it is about a user rather than a market.
constexpr bool is_user(Channel channel) {
  return channel >= Channel::user_fills;
}

struct Subscription {
  Channel channel = Channel::book;
  std::string coin;
  BookView view;         ///< book
  std::string interval;  ///< candle
  std::string user;      ///< lower case
  std::string text;      ///< as the acknowledgement repeats it, defaults filled in; its identity
};

/// A client's frame.
struct ClientFrame {
  enum class Method : std::uint8_t { ping, subscribe, unsubscribe, post };
  Method method = Method::ping;
  Subscription subscription;
  std::uint64_t post_id = 0;
  std::string post_type;     ///< "info" or "action"
  std::string post_payload;  ///< JSON text
};

struct FrameProblem {
  std::string error;         ///< text for the error channel; empty: none is sent
  bool drop_socket = false;  ///< what the venue does with arguments it trips over
};

/// Empty if the frame is not understood: then `problem` says what the venue does about it. Whether
/// the coin exists is not looked at.
std::optional<ClientFrame> read_frame(std::string_view text, FrameProblem& problem);

}  // namespace mm::standin::hyperliquid
