#pragma once

// Cloid: how our id of an order travels in the venue's 128-bit client order id.
//
//   cloid = "0x" + 16 hexadecimal digits of the session's tag + 16 of the ClientOrderId
//   tag   = 4 digits that mark orders of this program (6d6d) + 12 of the session's id
//
// Within a session the core never uses a ClientOrderId twice, and every session has a tag of its
// own, so no two orders ever share a cloid: a request that may or may not have arrived can be asked
// for by its cloid, and is never sent again. After a restart the mark tells orders an earlier
// session left behind from orders of somebody else on the same account.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace mm::venues::hyperliquid {

/// The first 12 of the session id's hexadecimal digits (the journal's are random) behind our mark.
/// Empty if it has fewer, or others.
std::optional<std::uint64_t> session_tag_of(std::string_view session_id);

struct Cloid {
  std::uint64_t session_tag = 0;
  ClientOrderId order;
  auto operator<=>(const Cloid&) const = default;

  std::string text() const;  ///< lower case, as the venue hashes it
  /// "0x" and 32 digits of either case.
  static std::optional<Cloid> parse(std::string_view text);

  /// Whether this program, in whatever session, gave the order its id.
  bool is_of_this_program() const;
};

std::string cloid_of(std::uint64_t session_tag, ClientOrderId order);
/// Empty if it is no cloid, or one of another session.
std::optional<ClientOrderId> order_of(std::string_view cloid, std::uint64_t session_tag);

}  // namespace mm::venues::hyperliquid
