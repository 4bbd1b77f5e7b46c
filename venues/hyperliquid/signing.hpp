#pragma once

// What Hyperliquid's signatures are made over.
//
// L1 actions (orders, cancels, ...):
//
//   connection id = keccak256( msgpack(action) || be64(nonce) || V || E )
//     V = 0x00 without a vault, else 0x01 || its 20 bytes
//     E = nothing without an expiry, else 0x00 || be64(expires_after)
//   digest = EIP-712 digest of Agent(string source, bytes32 connectionId), source "a" on mainnet
//            and "b" on testnet, in the domain Exchange / 1 / chain 1337 / verifying contract 0
//
// User-signed actions (approveAgent, usdSend, ...) are EIP-712 data themselves: primary type
// "HyperliquidTransaction:<Name>" in the domain HyperliquidSignTransaction / 1 / the chain id the
// action names / 0.
//
//   EIP-712 digest = keccak256( 0x1901 || hashStruct(domain) || hashStruct(message) )
//   hashStruct     = keccak256( keccak256(type) || the fields, 32 bytes each )
//
// The order of keys in an action is part of what is signed. Actions therefore travel as text whose
// keys stand in that order, together with their msgpack.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "engine/result.hpp"
#include "venues/hyperliquid/keys.hpp"

namespace mm::venues::hyperliquid {

enum class Network : std::uint8_t { mainnet = 0, testnet = 1 };

/// "Mainnet" or "Testnet", as user-signed actions name it.
std::string_view name_of(Network network);

/// An L1 action, ready to be signed and sent.
struct Action {
  std::string json;     ///< compact, keys in hash order
  std::string msgpack;  ///< of the same
};

/// Takes any JSON object, keeping the order of its keys; of a key that stands twice the last value
/// counts. Refused: what is no object, fractions (the venue's numbers are texts), nesting
/// beyond 32.
Result<Action> action_from_text(std::string_view json);

/// What is hashed beside the action.
struct RequestTerms {
  std::uint64_t nonce = 0;  ///< milliseconds since the epoch, more or less: nonces.hpp
  std::optional<Address> vault;
  std::optional<std::uint64_t> expires_after;  ///< ms; later the venue refuses the action
  bool operator==(const RequestTerms&) const = default;
};

Bytes32 connection_id(std::string_view msgpack, const RequestTerms& terms);
Bytes32 agent_digest(Network network, const Bytes32& connection_id);
/// agent_digest of the action's connection id: what the signature of an L1 action is over.
Bytes32 action_digest(Network network, std::string_view msgpack, const RequestTerms& terms);

// ---------------------------------------------------------------- EIP-712

/// The alternative names the field's type: string, uint64, bool, address, bytes32.
using TypedValue = std::variant<std::string, std::uint64_t, bool, Address, Bytes32>;

struct TypedField {
  std::string name;
  TypedValue value;
};

struct Domain {
  std::string_view name;
  std::string_view version;
  std::uint64_t chain_id = 0;  ///< the verifying contract is always 0
};

/// "Primary(string a,uint64 b)".
std::string encode_type(std::string_view primary_type, std::span<const TypedField> fields);
Bytes32 typed_data_digest(const Domain& domain, std::string_view primary_type,
                          std::span<const TypedField> fields);

/// The domain of user-signed actions.
inline constexpr std::string_view user_domain_name = "HyperliquidSignTransaction";
/// The chain id official clients sign with; the venue takes whatever `signatureChainId` says.
inline constexpr std::uint64_t user_chain_id = 0x66eee;

/// Digest of a user-signed action; `fields` with `hyperliquidChain` first.
Bytes32 user_digest(std::uint64_t chain_id, std::string_view name,
                    std::span<const TypedField> fields);

}  // namespace mm::venues::hyperliquid
