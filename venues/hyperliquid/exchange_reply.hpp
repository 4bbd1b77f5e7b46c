#pragma once

// Answers to signed requests, over POST /exchange or the WebSocket's `post`.
//
// An answer is told item by item, in the order of the request. Where the venue gives one error for
// the whole of it, or one word for success, every item gets that. What cannot be read is an error,
// and then the outcome of the request is unknown: ask orderStatus by cloid, never send it again.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/event.hpp"
#include "engine/result.hpp"
#include "venues/hyperliquid/cloid.hpp"

namespace mm::venues::hyperliquid {

/// Done as asked: a cancel, a modify, a leverage change.
struct Accepted {
  bool operator==(const Accepted&) const = default;
};
/// The order rests.
struct Resting {
  std::int64_t oid = 0;
  std::optional<Cloid> cloid;  ///< if the order had one
  bool operator==(const Resting&) const = default;
};
/// The order traded at once; an Ioc perhaps not to its end. Quantities are told by fills, not here.
struct Filled {
  std::int64_t oid = 0;
  std::int64_t total_size_e8 = 0;
  std::int64_t average_price_e8 = 0;
  std::optional<Cloid> cloid;
  bool operator==(const Filled&) const = default;
};
/// A trigger order waits, for its price or for the order it belongs to.
struct Waiting {
  bool for_fill = false;
  bool operator==(const Waiting&) const = default;
};
struct Refused {
  std::string text;
  RejectReason reason = RejectReason::other;  ///< error_text.hpp
  bool operator==(const Refused&) const = default;
};

using ItemStatus = std::variant<Accepted, Resting, Filled, Waiting, Refused>;

struct ExchangeReply {
  std::string error;                 ///< why the whole was refused; empty if it was not
  std::vector<ItemStatus> statuses;  ///< as many as the request had items
};

/// `body` answers a request of `items` items (1 for actions that are no batch).
Result<ExchangeReply> decode_exchange_reply(std::string_view body, std::size_t items);

// ---------------------------------------------------------------- WebSocket

enum class PostKind : std::uint8_t { info, action, error };

struct PostReply {
  std::uint64_t id = 0;
  PostKind kind = PostKind::error;
  /// info: the answer as POST /info would give it, "null" included; action: what
  /// decode_exchange_reply takes; error: a text, the request was not carried out.
  std::string payload;
};

/// Empty for frames of other channels. The error channel's "too many pending post requests id=N" is
/// the answer to N.
Result<std::optional<PostReply>> decode_post_reply(std::string_view frame);

}  // namespace mm::venues::hyperliquid
