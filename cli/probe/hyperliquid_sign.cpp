#include "cli/probe/hyperliquid_sign.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "venues/hyperliquid/signing.hpp"

namespace mm::probe {
namespace {

using namespace venues::hyperliquid;
using Json = nlohmann::json;

constexpr std::pair<const char*, Network> networks[] = {{"mainnet", Network::mainnet},
                                                        {"testnet", Network::testnet}};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::usage, why);
}

Json json_of(const Signature& signature) {
  return Json::parse(signature.json());
}

Address address_of(const Json& value) {
  const auto address = Address::parse(value.get<std::string>());
  if (!address) refuse("'" + value.dump() + "' is no address");
  return *address;
}

Json sign_both(const PrivateKey& key, const Bytes32& connection) {
  Json signatures;
  for (const auto& [name, network] : networks)
    signatures[name] = json_of(key.sign(agent_digest(network, connection)));
  return signatures;
}

Json l1_action(const PrivateKey& key, const Json& vector) {
  const Action action = action_from_text(vector.at("action_text").get<std::string>()).value();
  RequestTerms terms{.nonce = vector.at("nonce").get<std::uint64_t>()};
  if (vector.contains("vault_address") && !vector["vault_address"].is_null())
    terms.vault = address_of(vector["vault_address"]);
  if (vector.contains("expires_after") && !vector["expires_after"].is_null())
    terms.expires_after = vector["expires_after"].get<std::uint64_t>();
  const Bytes32 connection = connection_id(action.msgpack, terms);
  return {{"msgpack_hex", to_hex(action.msgpack)},
          {"connection_id", to_hex(connection)},
          {"signatures", sign_both(key, connection)}};
}

Json agent_only(const PrivateKey& key, const Json& vector) {
  Bytes32 connection{};
  if (!parse_hex(vector.at("connection_id").get<std::string>(), connection))
    refuse("connection_id is not 32 bytes of hexadecimal");
  Json digests;
  for (const auto& [name, network] : networks)
    digests[name] = to_hex(agent_digest(network, connection));
  return {{"connection_id", to_hex(connection)},
          {"eip712_digest", digests},
          {"signatures", sign_both(key, connection)}};
}

TypedValue value_of(std::string_view type, const Json& value) {
  if (type == "string") return value.get<std::string>();
  if (type == "uint64") return value.get<std::uint64_t>();
  if (type == "bool") return value.get<bool>();
  if (type == "address") return address_of(value);
  refuse("fields of type '" + std::string(type) + "' are not known");
}

/// The fields an encoded type names, with the values of the message.
std::vector<TypedField> fields_of(std::string_view encoded_type, const Json& message) {
  const std::size_t open = encoded_type.find('(');
  if (open == std::string_view::npos || !encoded_type.ends_with(')'))
    refuse("encode_type is not of the form Name(type name,...)");
  std::string_view rest = encoded_type.substr(open + 1);
  std::vector<TypedField> fields;
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find_first_of(",)"));
    rest.remove_prefix(field.size() + 1);
    const std::size_t space = field.find(' ');
    if (space == std::string_view::npos) refuse("encode_type has a field without a name");
    const std::string name(field.substr(space + 1));
    fields.push_back({name, value_of(field.substr(0, space), message.at(name))});
  }
  return fields;
}

Json user_signed(const PrivateKey& key, const Json& vector) {
  const auto primary_type = vector.at("primary_type").get<std::string>();
  const Json& domain = vector.at("domain");
  const auto name = domain.at("name").get<std::string>();
  const auto version = domain.at("version").get<std::string>();
  const auto fields = fields_of(vector.at("encode_type").get<std::string>(), vector.at("message"));
  const Bytes32 digest = typed_data_digest(
      {name, version, domain.at("chainId").get<std::uint64_t>()}, primary_type, fields);
  return {{"eip712_digest", to_hex(digest)}, {"signature", json_of(key.sign(digest))}};
}

}  // namespace

std::string hyperliquid_sign(std::string_view text) {
  const Json vector = Json::parse(text);
  const auto kind = vector.at("kind").get<std::string>();
  const PrivateKey key = PrivateKey::from_hex(vector.at("private_key").get<std::string>()).value();
  if (kind == "l1_action") return l1_action(key, vector).dump();
  if (kind == "agent_only") return agent_only(key, vector).dump();
  if (kind == "user_signed") return user_signed(key, vector).dump();
  refuse("kind must be l1_action, agent_only or user_signed");
}

}  // namespace mm::probe
