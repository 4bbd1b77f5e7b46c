#include "venues/hyperliquid/signing.hpp"

#include <algorithm>
#include <array>

#include "venues/hyperliquid/action_json.hpp"
#include "venues/hyperliquid/json_dom.hpp"

namespace mm::venues::hyperliquid {
namespace {

using OrderedJson = nlohmann::ordered_json;

void append(std::string& out, std::span<const std::uint8_t> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void append_be64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
}

/// A value of at most 32 bytes, right-aligned in its word.
Bytes32 word_of(std::span<const std::uint8_t> bytes) {
  Bytes32 word{};
  std::copy(bytes.begin(), bytes.end(), word.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  return word;
}

Bytes32 word_of(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return word_of(bytes);
}

struct Encode {
  Bytes32 operator()(const std::string& text) const { return keccak256(text); }
  Bytes32 operator()(std::uint64_t number) const { return word_of(number); }
  Bytes32 operator()(bool flag) const { return word_of(std::uint64_t{flag ? 1u : 0u}); }
  Bytes32 operator()(const Address& address) const { return word_of(address.bytes); }
  Bytes32 operator()(const Bytes32& bytes) const { return bytes; }
};

std::string_view type_of(const TypedValue& value) {
  constexpr std::string_view names[] = {"string", "uint64", "bool", "address", "bytes32"};
  return names[value.index()];
}

/// hashStruct of a type whose text is given.
template <class Words>
Bytes32 hash_struct(std::string_view type, const Words& words) {
  std::string encoded;
  append(encoded, keccak256(type));
  for (const Bytes32& word : words) append(encoded, word);
  return keccak256(encoded);
}

Bytes32 hash_domain(const Domain& domain) {
  return hash_struct(
      "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
      std::array{keccak256(domain.name), keccak256(domain.version), word_of(domain.chain_id),
                 Bytes32{}});
}

bool has_fraction(const OrderedJson& value) {
  if (!value.is_structured()) return value.is_number_float();
  return std::any_of(value.begin(), value.end(), has_fraction);
}

}  // namespace

std::string_view name_of(Network network) {
  return network == Network::mainnet ? "Mainnet" : "Testnet";
}

Result<Action> action_from_text(std::string_view text) {
  const auto json = dom::parse<OrderedJson>(text);
  if (!json.is_object()) {
    return Error(ErrorKind::data,
                 "hyperliquid: an action is a JSON object, not " + dom::excerpt(text));
  }
  if (has_fraction(json)) {
    return Error(ErrorKind::data,
                 "hyperliquid: an action holds a number with a fraction or an exponent, where the "
                 "venue takes texts: " +
                     dom::excerpt(text));
  }
  return action_of(json);
}

Action action_of(const OrderedJson& json) {
  Action action{json.dump(), {}};
  OrderedJson::to_msgpack(json, nlohmann::detail::output_adapter<char>(action.msgpack));
  return action;
}

Bytes32 connection_id(std::string_view msgpack, const RequestTerms& terms) {
  std::string hashed(msgpack);
  append_be64(hashed, terms.nonce);
  hashed += terms.vault ? '\1' : '\0';
  if (terms.vault) append(hashed, terms.vault->bytes);
  if (terms.expires_after) {
    hashed += '\0';
    append_be64(hashed, *terms.expires_after);
  }
  return keccak256(hashed);
}

Bytes32 agent_digest(Network network, const Bytes32& connection_id) {
  const std::array fields{
      TypedField{"source", std::string(network == Network::mainnet ? "a" : "b")},
      TypedField{"connectionId", connection_id}};
  return typed_data_digest({"Exchange", "1", 1337}, "Agent", fields);
}

Bytes32 action_digest(Network network, std::string_view msgpack, const RequestTerms& terms) {
  return agent_digest(network, connection_id(msgpack, terms));
}

std::string encode_type(std::string_view primary_type, std::span<const TypedField> fields) {
  std::string type = std::string(primary_type) + "(";
  for (const TypedField& field : fields) {
    if (&field != fields.data()) type += ',';
    type += std::string(type_of(field.value)) + " " + field.name;
  }
  return type + ")";
}

Bytes32 typed_data_digest(const Domain& domain, std::string_view primary_type,
                          std::span<const TypedField> fields) {
  std::vector<Bytes32> words;
  for (const TypedField& field : fields) words.push_back(std::visit(Encode{}, field.value));
  std::string hashed = "\x19\x01";
  append(hashed, hash_domain(domain));
  append(hashed, hash_struct(encode_type(primary_type, fields), words));
  return keccak256(hashed);
}

Bytes32 user_digest(std::uint64_t chain_id, std::string_view name,
                    std::span<const TypedField> fields) {
  return typed_data_digest({user_domain_name, "1", chain_id},
                           "HyperliquidTransaction:" + std::string(name), fields);
}

}  // namespace mm::venues::hyperliquid
