// The venue's side: every request we sign is accepted as what it is, and nothing else is.

#include "venues/hyperliquid/request_check.hpp"

#include <gtest/gtest.h>

#include "engine/numeric.hpp"
#include "engine/random.hpp"
#include "tests/venues/hyperliquid/vectors.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/hyperliquid/actions.hpp"

namespace mm::venues::hyperliquid {
namespace {

using Json = nlohmann::json;

CheckedRequest accepted(const std::string& body, Network network = Network::testnet) {
  auto result = check_request(body, network);
  const auto* const refusal = std::get_if<RequestRefusal>(&result);
  EXPECT_EQ(refusal, nullptr) << refusal->body << "\n" << body;
  return refusal == nullptr ? std::get<CheckedRequest>(result) : CheckedRequest{};
}

int status_of(const std::string& body) {
  const auto result = check_request(body, Network::testnet);
  const auto* const refusal = std::get_if<RequestRefusal>(&result);
  return refusal == nullptr ? 0 : refusal->http_status;
}

/// The request a vector describes, with the keys of objects sorted: their order does not matter.
std::string body_of(const Json& vector, const char* network) {
  return Json{{"action", vector.at("action")},
              {"nonce", vector.at("nonce")},
              {"signature", vector.at("signatures").at(network)},
              {"vaultAddress", vector.at("vault_address")},
              {"expiresAfter", vector.at("expires_after")}}
      .dump();
}

TEST(RequestCheck, RecoversTheSignerOfEveryVectorItKnows) {
  int recovered = 0;
  for (const Json& vector : test::vectors()) {
    if (vector.at("kind") != "l1_action" || !vector.contains("signatures")) continue;
    const auto id = vector.at("id").get<std::string>();
    const auto signer = test::text(vector, "signer");
    if (id == "py-dummy" || id == "py-subAccountTransfer" || id == "rs-claimRewards") {
      EXPECT_EQ(status_of(body_of(vector, "testnet")), 422) << id;
      continue;
    }
    const auto on_mainnet = accepted(body_of(vector, "mainnet"), Network::mainnet);
    const auto on_testnet = accepted(body_of(vector, "testnet"), Network::testnet);
    EXPECT_EQ(on_testnet.terms.nonce, vector.at("nonce").get<std::uint64_t>());
    if (id.starts_with("rs-order")) {
      // These hashed "2000.0", which the venue normalises: they recover to a stranger.
      EXPECT_NE(on_mainnet.signer.text(), signer) << id;
      EXPECT_NE(on_testnet.signer.text(), signer) << id;
      continue;
    }
    EXPECT_EQ(on_mainnet.signer.text(), signer) << id;
    EXPECT_EQ(on_testnet.signer.text(), signer) << id;
    EXPECT_NE(accepted(body_of(vector, "mainnet"), Network::testnet).signer.text(), signer) << id;
    ++recovered;
  }
  EXPECT_EQ(recovered, 15);
}

TEST(RequestCheck, RecoversTheSignersOfUserSignedVectors) {
  for (const auto& [id, type] :
       {std::pair{"py-usdSend-testnet", "usdSend"}, std::pair{"rs-withdraw-testnet", "withdraw3"},
        std::pair{"dv-approveAgent", "approveAgent"}}) {
    const Json vector = test::vector(id);
    Json action = vector.at("message");
    const Json nonce = action.contains("time") ? action["time"] : action["nonce"];
    action["type"] = type;
    action["signatureChainId"] = "0x66eee";
    Json body{{"action", action}, {"nonce", nonce}, {"signature", vector.at("signature")}};
    const CheckedRequest request = accepted(body.dump());
    EXPECT_EQ(request.signer.text(), test::text(vector, "signer")) << id;
    EXPECT_EQ(std::get<CheckedUserAction>(request.action).type, type);
    body["action"]["hyperliquidChain"] = "Mainnet";
    EXPECT_EQ(status_of(body.dump()), 200) << id;
    body["action"]["hyperliquidChain"] = "Testnet";
    body["nonce"] = nonce.get<std::uint64_t>() + 1;
    EXPECT_EQ(status_of(body.dump()), 200) << id;
  }
}

TEST(RequestCheck, TakesAnAgentWithAndWithoutAName) {
  const Address agent = *Address::parse("0xe5ca49fb3bd9a581f0d1ef9cb5d7177da08bf901");
  for (const char* name : {"", "mm1", "mm1 valid_until 1790000000000"}) {
    const auto request =
        accepted(approve_agent_request(test::key(), Network::testnet, agent, name, 5));
    EXPECT_EQ(request.signer, test::key().address());
    const auto& fields = std::get<CheckedUserAction>(request.action).fields;
    EXPECT_EQ(std::get<Address>(fields.at(0).value), agent);
    EXPECT_EQ(std::get<std::string>(fields.at(1).value), name);
  }
}

// ---------------------------------------------------------------- what our builders sign

constexpr std::uint64_t seed = 20'261'125;

/// Requests of every kind with random content, and what they mean.
class Builders : public ::testing::Test {
 protected:
  std::uint64_t roll(std::uint64_t sides) { return random_.next() % sides; }
  bool toss() { return roll(2) == 1; }

  /// Something on the grid, as the venue should understand it.
  std::pair<Order, CheckedOrder> some_order() {
    static const char* const coins[] = {"BTC", "ETH", "SOL"};
    const auto index = static_cast<std::uint32_t>(roll(3));
    const Instrument& of = mm::test::instrument("hyperliquid", coins[index]);
    const OrderRequest request{
        .asset = toss() ? index : 100'000 + index,
        .side = toss() ? Side::buy : Side::sell,
        .price = Price::from_units(static_cast<std::int64_t>(1 + roll(9'000'000))),
        .qty = Qty::from_lots(static_cast<std::int64_t>(1 + roll(10'000'000))),
        .time_in_force = static_cast<TimeInForce>(roll(3)),
        .reduce_only = toss(),
        .cloid = toss() ? std::optional(some_cloid()) : std::nullopt};
    const Price price = request.side == Side::buy ? floor_to_tick(of, request.price)
                                                  : ceil_to_tick(of, request.price);
    return {*make_order(of, request),
            CheckedOrder{.asset = request.asset,
                         .side = request.side,
                         .price_e8 = price.units() * power_of_ten(8 - of.price_decimals),
                         .size_e8 = request.qty.lots() * power_of_ten(8 - of.lot_decimals),
                         .reduce_only = request.reduce_only,
                         .time_in_force = request.time_in_force,
                         .trigger = {},
                         .cloid = request.cloid}};
  }
  Cloid some_cloid() { return {random_.next(), ClientOrderId{1 + roll(1000)}}; }
  std::int64_t some_oid() { return static_cast<std::int64_t>(roll(std::uint64_t{1} << 50)); }

  RequestTerms some_terms() {
    RequestTerms terms{.nonce = 1'790'000'000'000 + roll(1'000'000'000)};
    if (toss()) {
      terms.vault = Address{};
      for (auto& byte : terms.vault->bytes) byte = static_cast<std::uint8_t>(roll(256));
    }
    if (toss()) terms.expires_after = terms.nonce + roll(60'000);
    return terms;
  }
  CheckedRequest sent(const Action& action) {
    const RequestTerms terms = some_terms();
    const Network network = toss() ? Network::mainnet : Network::testnet;
    last_body_ = signed_request(key_, network, action, terms);
    last_network_ = network;
    const CheckedRequest request = accepted(last_body_, network);
    EXPECT_EQ(request.signer, key_.address()) << last_body_;
    EXPECT_EQ(request.terms, terms);
    return request;
  }

  SplitMix64 random_{seed};
  PrivateKey key_ = test::key();
  std::string last_body_;
  Network last_network_ = Network::testnet;
};

TEST_F(Builders, OrdersAreAcceptedAsTheyWereMeant) {
  for (int round = 0; round < 200; ++round) {
    std::vector<Order> orders;
    std::vector<CheckedOrder> meant;
    for (std::uint64_t i = 0, count = 1 + roll(round % 20 == 0 ? 200 : 20); i < count; ++i) {
      auto [order, checked] = some_order();
      orders.push_back(order);
      meant.push_back(checked);
    }
    const auto request = sent(order_action(orders));
    const auto& checked = std::get<CheckedOrders>(request.action);
    EXPECT_EQ(checked.orders, meant) << "seed " << seed;
    EXPECT_EQ(checked.grouping, "na");
  }
}

TEST_F(Builders, CancelsAreAccepted) {
  for (int round = 0; round < 100; ++round) {
    const bool fast = toss();
    std::vector<CancelRequest> by_oid;
    std::vector<CloidCancelRequest> by_cloid;
    for (std::uint64_t i = 0, count = 1 + roll(30); i < count; ++i) {
      by_oid.push_back({static_cast<AssetIndex>(roll(200)), some_oid()});
      by_cloid.push_back({static_cast<AssetIndex>(roll(200'000)), some_cloid()});
    }
    const auto first = sent(cancel_action(by_oid, fast));
    const auto& oids = std::get<CheckedCancels>(first.action);
    ASSERT_EQ(oids.items.size(), by_oid.size());
    EXPECT_EQ(oids.items.back().asset, by_oid.back().asset);
    EXPECT_EQ(std::get<std::int64_t>(oids.items.back().order), by_oid.back().oid);
    EXPECT_EQ(oids.fast, fast);
    const auto second = sent(cancel_by_cloid_action(by_cloid, fast));
    const auto& cloids = std::get<CheckedCancels>(second.action);
    ASSERT_EQ(cloids.items.size(), by_cloid.size());
    EXPECT_EQ(std::get<Cloid>(cloids.items.back().order), by_cloid.back().cloid);
    EXPECT_TRUE(cloids.by_cloid);
  }
}

TEST_F(Builders, ModifiesAreAccepted) {
  for (int round = 0; round < 100; ++round) {
    std::vector<ModifyRequest> modifies;
    std::vector<CheckedOrder> meant;
    for (std::uint64_t i = 0, count = 1 + roll(20); i < count; ++i) {
      auto [order, checked] = some_order();
      modifies.push_back({some_oid(), order});
      if (toss()) modifies.back().target = some_cloid();
      meant.push_back(checked);
    }
    const bool always = toss();
    const auto batch = sent(batch_modify_action(modifies, always));
    const auto& many = std::get<CheckedModifies>(batch.action);
    ASSERT_EQ(many.items.size(), modifies.size());
    for (std::size_t i = 0; i < meant.size(); ++i) {
      EXPECT_EQ(many.items[i].order, meant[i]);
      EXPECT_EQ(many.items[i].target, modifies[i].target);
    }
    EXPECT_EQ(many.always_place, always);
    EXPECT_TRUE(many.batch);
    const auto single = sent(modify_action(modifies[0], always));
    EXPECT_EQ(std::get<CheckedModifies>(single.action).items.at(0).order, meant[0]);
    EXPECT_FALSE(std::get<CheckedModifies>(single.action).batch);
  }
}

TEST_F(Builders, TheRestIsAccepted) {
  EXPECT_EQ(std::get<CheckedScheduleCancel>(sent(schedule_cancel_action(77)).action).time_ms, 77u);
  EXPECT_FALSE(
      std::get<CheckedScheduleCancel>(sent(schedule_cancel_action(std::nullopt)).action).time_ms);
  EXPECT_TRUE(std::holds_alternative<CheckedNoop>(sent(noop_action()).action));
}

// ---------------------------------------------------------------- what nobody signed

void collect_leaves(const Json& tree, const Json::json_pointer& at,
                    std::vector<Json::json_pointer>& leaves) {
  if (!tree.is_structured()) return leaves.push_back(at);
  if (tree.is_array()) {
    for (std::size_t i = 0; i < tree.size(); ++i) collect_leaves(tree[i], at / i, leaves);
  } else {
    for (const auto& [key, value] : tree.items()) collect_leaves(value, at / key, leaves);
  }
}

/// Another value of the same type that the venue could take.
Json flipped(const Json& value) {
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number()) return value.get<std::uint64_t>() + 1;
  if (value.is_null()) return "0x0000000000000000000000000000000000000001";
  std::string text = value.get<std::string>();
  if (text == "Alo") return "Gtc";
  if (text == "Ioc" || text == "Gtc") return "Alo";
  if (text == "na") return "normalTpsl";
  text.back() = text.back() == '1' ? '2' : '1';
  return text;
}

TEST_F(Builders, NoFlippedFieldIsAccepted) {
  std::vector<std::string> bodies;
  std::vector<Network> networks;
  const auto keep = [&](const Action& action) {
    sent(action);
    bodies.push_back(last_body_);
    networks.push_back(last_network_);
  };
  for (int round = 0; round < 10; ++round) {
    const Order orders[] = {some_order().first, some_order().first};
    keep(order_action(orders));
    keep(modify_action({some_oid(), orders[0]}, toss()));
    const ModifyRequest modify{some_cloid(), orders[1]};
    keep(batch_modify_action({&modify, 1}));
    const CancelRequest cancel{3, some_oid()};
    keep(cancel_action({&cancel, 1}, toss()));
    const CloidCancelRequest by_cloid{3, some_cloid()};
    keep(cancel_by_cloid_action({&by_cloid, 1}, toss()));
    keep(schedule_cancel_action(1'790'000'000'000));
  }
  int flips = 0;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const Json body = Json::parse(bodies[i]);
    std::vector<Json::json_pointer> leaves;
    collect_leaves(body, Json::json_pointer{}, leaves);
    for (const Json::json_pointer& leaf : leaves) {
      Json other = body;
      other[leaf] = flipped(body[leaf]);
      const auto result = check_request(other.dump(), networks[i]);
      const auto* const request = std::get_if<CheckedRequest>(&result);
      EXPECT_TRUE(request == nullptr || request->signer != key_.address())
          << leaf.to_string() << " of " << bodies[i];
      ++flips;
    }
    const Network other = networks[i] == Network::mainnet ? Network::testnet : Network::mainnet;
    EXPECT_NE(accepted(bodies[i], other).signer, key_.address());
  }
  EXPECT_GT(flips, 500);
}

// A cloid, an expiry or a flag that is taken away changes what was signed, as does one put in.
TEST_F(Builders, NoOptionalKeyMayAppearOrVanish) {
  const Order plain{.price = "63104", .size = "0.0125"};
  Order named = plain;
  named.cloid = some_cloid();
  const auto changed = [&](const Action& action, const RequestTerms& terms, auto&& change) {
    Json body = Json::parse(signed_request(key_, Network::testnet, action, terms));
    change(body);
    return accepted(body.dump()).signer != key_.address();
  };
  const RequestTerms plain_terms{.nonce = 5};
  const RequestTerms full{.nonce = 5, .vault = Address{}, .expires_after = 9};
  EXPECT_TRUE(changed(order_action({&named, 1}), full,
                      [](Json& body) { body["action"]["orders"][0].erase("c"); }));
  EXPECT_TRUE(changed(order_action({&plain, 1}), plain_terms, [](Json& body) {
    body["action"]["orders"][0]["c"] = "0x00000000000000000000000000000001";
  }));
  EXPECT_TRUE(changed(noop_action(), full, [](Json& body) { body.erase("expiresAfter"); }));
  EXPECT_TRUE(changed(noop_action(), full, [](Json& body) { body["vaultAddress"] = nullptr; }));
  EXPECT_TRUE(changed(noop_action(), plain_terms, [](Json& body) { body["expiresAfter"] = 9; }));
  const CancelRequest cancel{0, 1};
  EXPECT_TRUE(changed(cancel_action({&cancel, 1}, true), full,
                      [](Json& body) { body["action"].erase("f"); }));
  EXPECT_TRUE(changed(cancel_action({&cancel, 1}, false), full,
                      [](Json& body) { body["action"]["f"] = true; }));
  // What the venue leaves out before it hashes may be there.
  EXPECT_FALSE(changed(cancel_action({&cancel, 1}, false), full,
                       [](Json& body) { body["action"]["f"] = nullptr; }));
  EXPECT_FALSE(changed(order_action({&plain, 1}), plain_terms,
                       [](Json& body) { body["action"]["orders"][0]["p"] = "63104.0"; }));
  EXPECT_FALSE(changed(order_action({&named, 1}), full, [](Json& body) {
    std::string& cloid = body["action"]["orders"][0]["c"].get_ref<std::string&>();
    for (char& digit : cloid)
      if (digit >= 'a' && digit <= 'f') digit = static_cast<char>(digit - 'a' + 'A');
  }));
}

// An action hashed with a key that should have been left out.
TEST(RequestCheck, AFalseFlagThatWasHashedIsRefused) {
  const auto action = action_from_text(R"({"type":"cancel","cancels":[{"a":0,"o":1}],"f":false})");
  const std::string body =
      signed_request(test::key(), Network::testnet, *action, RequestTerms{.nonce = 1});
  EXPECT_NE(accepted(body).signer, test::key().address());
}

TEST(RequestCheck, SignaturesMayLeaveLeadingZerosOut) {
  const PrivateKey key = test::key();
  for (std::uint64_t nonce = 1; nonce < 2000; ++nonce) {
    const RequestTerms terms{.nonce = nonce};
    Json body = Json::parse(signed_request(key, Network::testnet, noop_action(), terms));
    const auto r = body["signature"]["r"].get<std::string>();
    if (!r.starts_with("0x0")) continue;
    body["signature"]["r"] = "0x" + r.substr(r.find_first_not_of('0', 2));
    EXPECT_EQ(accepted(body.dump()).signer, key.address());
    return;
  }
  FAIL() << "no signature of 2000 begins with a zero";
}

// ---------------------------------------------------------------- hostile bodies

const std::string good_body = [] {
  const Order order{.price = "63104", .size = "0.0125"};
  return signed_request(test::key(), Network::testnet, order_action({&order, 1}),
                        RequestTerms{.nonce = 1});
}();

std::string with(const char* pointer, Json value) {
  Json body = Json::parse(good_body);
  body[Json::json_pointer(pointer)] = std::move(value);
  return body.dump();
}

TEST(RequestCheck, WrongTypesAnswer422) {
  EXPECT_EQ(status_of(good_body), 0);
  const std::pair<const char*, Json> cases[] = {{"/action/orders/0/p", 63104},
                                                {"/action/orders/0/p", "6.3e4"},
                                                {"/action/orders/0/p", "-63104"},
                                                {"/action/orders/0/p", "+63104"},
                                                {"/action/orders/0/p", "NaN"},
                                                {"/action/orders/0/p", "0.123456789"},
                                                {"/action/orders/0/p", ""},
                                                {"/action/orders/0/p", "99999999999999999999"},
                                                {"/action/orders/0/s", nullptr},
                                                {"/action/orders/0/s", "-0"},
                                                {"/action/orders/0/a", -1},
                                                {"/action/orders/0/a", "0"},
                                                {"/action/orders/0/a", 4294967296},
                                                {"/action/orders/0/a", 1.5},
                                                {"/action/orders/0/b", 1},
                                                {"/action/orders/0/r", "false"},
                                                {"/action/orders/0/t", "limit"},
                                                {"/action/orders/0/t/limit/tif", "Fok"},
                                                {"/action/orders/0/t/trigger", 1},
                                                {"/action/orders/0/c", "0x1"},
                                                {"/action/orders/0/c", 7},
                                                {"/action/orders/0", Json::array()},
                                                {"/action/orders", Json::object()},
                                                {"/action/grouping", "all"},
                                                {"/action/grouping", 1},
                                                {"/action/type", "unheard"},
                                                {"/action/type", nullptr},
                                                {"/action", "order"},
                                                {"/nonce", "1"},
                                                {"/nonce", -1},
                                                {"/nonce", 1e30},
                                                {"/signature", nullptr},
                                                {"/signature/r", "0x"},
                                                {"/signature/r", "12"},
                                                {"/signature/r", std::string(80, '0')},
                                                {"/signature/s", "0xzz"},
                                                {"/signature/v", "27"},
                                                {"/vaultAddress", "0x12"},
                                                {"/vaultAddress", 5},
                                                {"/expiresAfter", "5"}};
  for (const auto& [pointer, value] : cases)
    EXPECT_EQ(status_of(with(pointer, value)), 422) << pointer << " " << value;
  EXPECT_EQ(std::get<RequestRefusal>(check_request("{}", Network::testnet)).body, wrong_types_text);
}

TEST(RequestCheck, WhatIsNoJsonAnswers400) {
  for (const std::string& bad :
       {std::string(), good_body.substr(0, good_body.size() / 2), good_body + "x",
        std::string("<html>"), std::string("{\"a\":\"\xff\xfe\"}"), std::string(1'000'000, '['),
        R"({"action":)" + std::string(1'000'000, '{')})
    EXPECT_EQ(status_of(bad), 400) << bad.substr(0, 50);
}

TEST(RequestCheck, ASignatureOfNobodyIsAnAnswerOfTheChain) {
  for (const std::string& body : {with("/signature/v", 29), with("/signature/r", "0x0"),
                                  with("/signature/s", "0x" + std::string(64, 'f'))}) {
    const auto result = check_request(body, Network::testnet);
    ASSERT_TRUE(std::holds_alternative<RequestRefusal>(result));
    EXPECT_EQ(std::get<RequestRefusal>(result).http_status, 200);
    EXPECT_EQ(std::get<RequestRefusal>(result).body,
              R"({"response":"Unable to recover signer.","status":"err"})");
  }
  EXPECT_EQ(unknown_signer_text(test::key().address()),
            "User or API Wallet 0x14791697260e4c9a71f18484c9f997b308e59325 does not exist.");
}

TEST(RequestCheck, DamagedBodiesNeverCrashAndAreNeverOurs) {
  SplitMix64 random{seed};
  constexpr std::string_view spice = "{}[]\",:.0123456789-eE\\ntruefalsnul \x01\x80\xff";
  for (int round = 0; round < 3000; ++round) {
    std::string body = good_body;
    for (std::uint64_t i = 0, count = 1 + random.next() % 4; i < count; ++i) {
      const std::size_t at = random.next() % body.size();
      if (random.next() % 2 == 0) {
        body[at] = spice[random.next() % spice.size()];
      } else {
        body.insert(at, 1, spice[random.next() % spice.size()]);
      }
    }
    const auto result = check_request(body, Network::testnet);
    const auto* const request = std::get_if<CheckedRequest>(&result);
    if (request == nullptr || request->signer != test::key().address()) continue;
    // Still ours: then it still says what was signed (blanks, zeros behind a decimal, unknown
    // keys).
    const auto& orders = std::get<CheckedOrders>(request->action).orders;
    ASSERT_EQ(orders.size(), 1u) << body;
    EXPECT_EQ(orders[0].price_e8, 6'310'400'000'000) << body;
    EXPECT_EQ(orders[0].size_e8, 1'250'000) << body;
    EXPECT_EQ(request->terms, RequestTerms{.nonce = 1}) << body;
  }
}

}  // namespace
}  // namespace mm::venues::hyperliquid
