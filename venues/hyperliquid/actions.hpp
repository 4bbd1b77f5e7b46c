#pragma once

// What we send: actions from typed requests, signed bodies of POST /exchange, and frames that carry
// them over the WebSocket. Pure; when and whether to send is the caller's business.
//
// Numbers are written once, as the shortest plain decimal ("63104", "0.0125"), and the same text is
// hashed and sent. Optional keys are left out, never null or false: an action hashed with
// `"f":false` is another action.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "engine/event.hpp"
#include "engine/result.hpp"
#include "venues/hyperliquid/cloid.hpp"
#include "venues/hyperliquid/signing.hpp"

namespace mm::venues::hyperliquid {

/// Index of an asset in `meta`: another one on testnet than on mainnet, so never a constant.
using AssetIndex = std::uint32_t;

struct OrderRequest {
  AssetIndex asset = 0;
  Side side = Side::buy;
  Price price;
  Qty qty;
  TimeInForce time_in_force = TimeInForce::post_only;  ///< the venue has no fok
  bool reduce_only = false;
  std::optional<Cloid> cloid;
};

/// An order whose numbers are on the venue's grid.
struct Order {
  AssetIndex asset = 0;
  Side side = Side::buy;
  std::string price;
  std::string size;
  TimeInForce time_in_force = TimeInForce::post_only;
  bool reduce_only = false;
  std::optional<Cloid> cloid;
};

/// Puts the request on the instrument's grid (engine/numeric.hpp): a buy's price rounds down, a
/// sell's up, a size down, so that rounding never pays more or trades more than was asked. An error
/// if nothing is left of price or size, or the order is fok.
Result<Order> make_order(const Instrument& instrument, const OrderRequest& request);

struct CancelRequest {
  AssetIndex asset = 0;
  std::int64_t oid = 0;
};

struct CloidCancelRequest {
  AssetIndex asset = 0;
  Cloid cloid;
};

struct ModifyRequest {
  std::variant<std::int64_t, Cloid> target;  ///< the venue's id or ours
  Order order;
};

/// Most items of one action: above, the venue refuses the whole.
inline constexpr std::size_t max_batch = 200;

// A batch holds 1 to max_batch items. `fast` marks cancels of plain limit orders, which the venue
// prefers; a fast cancel of a trigger order is refused.
Action order_action(std::span<const Order> orders);
Action cancel_action(std::span<const CancelRequest> cancels, bool fast = true);
Action cancel_by_cloid_action(std::span<const CloidCancelRequest> cancels, bool fast = true);

// A modify is a cancel and a new order with a new oid. As it stands the new order must be post-only
// (or a gtc that does not execute) and is placed only if the cancel worked; with `always_place` it
// may be any, and is placed even if the old one was filled: twice the exposure is then possible.
Action modify_action(const ModifyRequest& modify, bool always_place = false);
Action batch_modify_action(std::span<const ModifyRequest> modifies, bool always_place = false);

/// All open orders are cancelled at `time_ms`, at least 5 s ahead; without a time that is called
/// off. Only accounts with enough volume may.
Action schedule_cancel_action(std::optional<std::uint64_t> time_ms);
/// With the nonce of a request in flight it takes that one's place, if it arrives first.
Action noop_action();

// ---------------------------------------------------------------- requests

/// Body of POST /exchange.
std::string signed_request(const PrivateKey& key, Network network, const Action& action,
                           const RequestTerms& terms);

/// Body of a user-signed action of user_actions.hpp. `fields` are exactly its fields in order,
/// without `hyperliquidChain`; the last one is the nonce. An error if they are not.
Result<std::string> signed_user_request(const PrivateKey& key, Network network,
                                        std::string_view type, std::span<const TypedField> fields);

/// Lets `agent` trade for the master. A name may end in " valid_until <ms>"; a new agent without a
/// name, or of the same name, replaces the old one.
std::string approve_agent_request(const PrivateKey& master, Network network, const Address& agent,
                                  std::string_view name, std::uint64_t nonce);

/// A frame with a body of POST /exchange, or of POST /info, as WebSocket `post` request `id`.
std::string post_action_frame(std::uint64_t id, std::string_view body);
std::string post_info_frame(std::uint64_t id, std::string_view body);

}  // namespace mm::venues::hyperliquid
