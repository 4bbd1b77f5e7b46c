// Every vector of the fixture, and what an action may not be.

#include "venues/hyperliquid/signing.hpp"

#include <gtest/gtest.h>

#include "tests/venues/hyperliquid/vectors.hpp"

namespace mm::venues::hyperliquid {
namespace {

using Json = nlohmann::json;

void expect_signature(const PrivateKey& key, const Bytes32& digest, const Json& wanted) {
  const Signature signature = key.sign(digest);
  EXPECT_EQ(Json::parse(signature.json()), wanted);
  EXPECT_EQ(recover_signer(digest, signature), key.address());
}

TEST(SigningVectors, OfL1ActionsMatch) {
  int matched = 0;
  for (const Json& vector : test::vectors()) {
    if (vector.at("kind") != "l1_action") continue;
    SCOPED_TRACE(vector.at("id").get<std::string>());
    const auto key = PrivateKey::from_hex(vector.at("private_key").get<std::string>());
    EXPECT_EQ(key->address().text(), test::text(vector, "signer"));
    const auto action = action_from_text(test::text(vector, "action_text"));
    ASSERT_TRUE(action);
    EXPECT_EQ(action->json, test::text(vector, "action_text"));
    EXPECT_EQ(to_hex(action->msgpack), test::text(vector, "msgpack_hex"));
    RequestTerms terms{.nonce = vector.at("nonce").get<std::uint64_t>()};
    if (vector.at("vault_address").is_string())
      terms.vault = Address::parse(vector.at("vault_address").get<std::string>());
    if (vector.at("expires_after").is_number())
      terms.expires_after = vector.at("expires_after").get<std::uint64_t>();
    EXPECT_EQ(to_hex(connection_id(action->msgpack, terms)), test::text(vector, "connection_id"));
    if (vector.contains("signatures")) {
      expect_signature(*key, action_digest(Network::mainnet, action->msgpack, terms),
                       vector.at("signatures").at("mainnet"));
      expect_signature(*key, action_digest(Network::testnet, action->msgpack, terms),
                       vector.at("signatures").at("testnet"));
    }
    ++matched;
  }
  EXPECT_EQ(matched, 22);
}

TEST(SigningVectors, OfUserSignedActionsMatch) {
  int matched = 0;
  for (const Json& vector : test::vectors()) {
    if (vector.at("kind") != "user_signed") continue;
    SCOPED_TRACE(vector.at("id").get<std::string>());
    const Json& message = vector.at("message");
    const auto text = [&](const char* name) {
      return TypedField{name, message.at(name).get<std::string>()};
    };
    const auto number = [&](const char* name) {
      return TypedField{name, message.at(name).get<std::uint64_t>()};
    };
    const std::string type = vector.at("primary_type");
    const std::string name = type.substr(type.find(':') + 1);
    std::vector<TypedField> fields{text("hyperliquidChain")};
    if (name == "ApproveAgent") {
      fields.push_back(
          {"agentAddress", Address::parse(message.at("agentAddress").get<std::string>()).value()});
      fields.push_back(text("agentName"));
      fields.push_back(number("nonce"));
    } else {
      fields.push_back(text("destination"));
      fields.push_back(text("amount"));
      fields.push_back(number("time"));
    }
    EXPECT_EQ(encode_type(type, fields), test::text(vector, "encode_type"));
    const Bytes32 digest = user_digest(user_chain_id, name, fields);
    EXPECT_EQ(to_hex(digest), test::text(vector, "eip712_digest"));
    expect_signature(*PrivateKey::from_hex(vector.at("private_key").get<std::string>()), digest,
                     vector.at("signature"));
    ++matched;
  }
  EXPECT_EQ(matched, 3);
}

TEST(SigningVectors, OfTheAgentAloneMatch) {
  int matched = 0;
  for (const Json& vector : test::vectors()) {
    if (vector.at("kind") != "agent_only") continue;
    Bytes32 connection{};
    ASSERT_TRUE(parse_hex(test::text(vector, "connection_id"), connection));
    const auto key = PrivateKey::from_hex(vector.at("private_key").get<std::string>());
    for (const auto& [name, network] :
         {std::pair{"mainnet", Network::mainnet}, std::pair{"testnet", Network::testnet}}) {
      const Bytes32 digest = agent_digest(network, connection);
      EXPECT_EQ(to_hex(digest), test::text(vector.at("eip712_digest"), name));
      expect_signature(*key, digest, vector.at("signatures").at(name));
    }
    ++matched;
  }
  EXPECT_EQ(matched, 1);
}

// One byte decides between a vault and none, and an expiry is hashed only when there is one.
TEST(ConnectionId, EveryTermCounts) {
  const std::string msgpack = action_from_text(R"({"type":"noop"})")->msgpack;
  const RequestTerms plain{.nonce = 1};
  const Bytes32 base = connection_id(msgpack, plain);
  EXPECT_NE(base, connection_id(msgpack, {.nonce = 2}));
  EXPECT_NE(base, connection_id(msgpack, {.nonce = 1, .vault = Address{}}));
  EXPECT_NE(base, connection_id(msgpack, {.nonce = 1, .expires_after = 0}));
  EXPECT_EQ(base, connection_id(msgpack, plain));
}

TEST(Action, KeepsTheOrderOfItsKeys) {
  const auto action = action_from_text(R"({ "type" : "x", "b": 1, "a": [ true, -2 ] })");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->json, R"({"type":"x","b":1,"a":[true,-2]})");
  EXPECT_EQ(to_hex(action->msgpack), "0x83a474797065a178a16201a16192c3fe");
}

TEST(Action, RefusesWhatCannotBeSigned) {
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("null"), std::string(R"({"p":1.5})"),
        std::string(R"({"p":[1e3]})"), std::string(R"({"a":1)"), std::string("{\"a\":\"\xff\"}"),
        std::string("<html>"),
        R"({"a":)" + std::string(100000, '[') + std::string(100000, ']') + "}"})
    EXPECT_FALSE(action_from_text(bad)) << bad.substr(0, 40);
}

}  // namespace
}  // namespace mm::venues::hyperliquid
