#pragma once

// The venue's side of POST /exchange: what a signed request asks for, and who signed it.
//
// For the stand-in venue, and independent of what sends (actions.hpp): the body is read into types,
// numbers are normalised, and the types are packed again in hash order by an encoder of this file's
// own. So the order of keys on the wire does not matter, nor do zeros behind a decimal; but who
// hashed another order, another number text or a key that is left out here recovers to a wrong
// address. Whether that address may trade, its nonces, expiry, limits and the market are the
// caller's business, in that order.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/event.hpp"
#include "venues/hyperliquid/cloid.hpp"
#include "venues/hyperliquid/signing.hpp"

namespace mm::venues::hyperliquid {

struct CheckedTrigger {
  bool is_market = false;
  std::int64_t price_e8 = 0;
  bool take_profit = false;  ///< else stop loss
  bool operator==(const CheckedTrigger&) const = default;
};

struct CheckedOrder {
  std::uint32_t asset = 0;
  Side side = Side::buy;
  std::int64_t price_e8 = 0;  ///< not negative; grid and range are not checked here
  std::int64_t size_e8 = 0;
  bool reduce_only = false;
  TimeInForce time_in_force = TimeInForce::post_only;  ///< of a limit order
  std::optional<CheckedTrigger> trigger;
  std::optional<Cloid> cloid;
  bool operator==(const CheckedOrder&) const = default;
};

/// The venue's id of an order, or the client's.
using OrderName = std::variant<std::int64_t, Cloid>;

struct CheckedOrders {
  std::vector<CheckedOrder> orders;
  std::string grouping;                       ///< "na", "normalTpsl", "positionTpsl"; or empty and
  std::optional<std::uint64_t> priority_fee;  ///< in 1e-8 of the notional
  std::optional<std::pair<Address, std::uint64_t>> builder;  ///< with its fee
};
struct CheckedCancels {
  struct Item {
    std::uint32_t asset = 0;
    OrderName order;
  };
  std::vector<Item> items;
  bool by_cloid = false;
  bool fast = false;
};
struct CheckedModifies {
  struct Item {
    OrderName target;
    CheckedOrder order;
  };
  std::vector<Item> items;
  bool batch = false;  ///< batchModify, which is answered item by item
  bool always_place = false;
};
struct CheckedScheduleCancel {
  std::optional<std::uint64_t> time_ms;
};
struct CheckedLeverage {
  std::uint32_t asset = 0;
  bool is_cross = false;
  std::uint32_t leverage = 0;
};
struct CheckedIsolatedMargin {
  std::uint32_t asset = 0;
  bool is_buy = false;
  std::int64_t micro_usd = 0;
};
struct CheckedNoop {};
struct CheckedReserveWeight {
  std::uint64_t weight = 0;
};
/// approveAgent, usdSend, ...: the fields of user_actions.hpp, without hyperliquidChain.
struct CheckedUserAction {
  std::string type;
  std::vector<TypedField> fields;
};

using CheckedAction = std::variant<CheckedOrders, CheckedCancels, CheckedModifies,
                                   CheckedScheduleCancel, CheckedLeverage, CheckedIsolatedMargin,
                                   CheckedNoop, CheckedReserveWeight, CheckedUserAction>;

struct CheckedRequest {
  CheckedAction action;
  RequestTerms terms;  ///< of a user-signed action only the nonce counts
  Address signer;      ///< whom the signature recovers to: a random address if anything is amiss
};

/// An answer instead of a request.
struct RequestRefusal {
  int http_status = 0;
  std::string body;
};

/// `body` as it came, or the payload of a `post` of type action.
///
///   no JSON                                           400
///   a field missing, of another type, out of range,
///   an unknown action                                 422
///   a signature that recovers to nobody, a user-
///   signed action of the other network or whose
///   nonce is not the outer one                        200 with status "err"
std::variant<CheckedRequest, RequestRefusal> check_request(std::string_view body, Network network);

/// {"status":"err","response":text}
std::string error_reply(std::string_view text);
/// What the venue answers to a signer that is neither an account nor an agent.
std::string unknown_signer_text(const Address& signer);

inline constexpr std::string_view not_json_text = "Failed to parse the request body as JSON";
inline constexpr std::string_view wrong_types_text =
    "Failed to deserialize the JSON body into the target type";

}  // namespace mm::venues::hyperliquid
