// What we send is what the venue's own clients would send and sign.

#include "venues/hyperliquid/actions.hpp"

#include <gtest/gtest.h>

#include "engine/numeric.hpp"
#include "tests/venues/hyperliquid/vectors.hpp"
#include "tests/venues/market_data.hpp"
#include "venues/hyperliquid/nonces.hpp"

namespace mm::venues::hyperliquid {
namespace {

using Json = nlohmann::json;

const Instrument& btc() {
  return mm::test::instrument("hyperliquid", "BTC");
}

Order order(Side side, std::string price, std::string size, std::uint64_t cloid = 0) {
  Order of{.asset = 0, .side = side, .price = std::move(price), .size = std::move(size)};
  if (cloid != 0) of.cloid = Cloid{0, ClientOrderId{cloid}};
  return of;
}

void expect_text(const Action& action, const std::string& id) {
  const Json vector = test::vector(id);
  EXPECT_EQ(action.json, test::text(vector, "action_text")) << id;
  EXPECT_EQ(to_hex(action.msgpack), test::text(vector, "msgpack_hex")) << id;
}

TEST(Actions, AreTheVectorsLetterByLetter) {
  const Order pair[] = {order(Side::buy, "63104", "0.0125", 0xabc1),
                        order(Side::sell, "63106", "0.0125", 0xabc2)};
  expect_text(order_action(pair), "dv-orders-alo-pair-expires");

  Order gtc = order(Side::buy, "100", "100", 1);
  gtc.asset = 1;
  gtc.time_in_force = TimeInForce::gtc;
  expect_text(order_action({&gtc, 1}), "py-order-cloid");

  const CancelRequest cancels[] = {{0, 123456789012}, {5, 77738308}};
  expect_text(cancel_action(cancels, false), "dv-cancel-two");

  const CloidCancelRequest by_cloid[] = {
      {5, {0x1a2b3c4d5e6f7081, ClientOrderId{0x92a3b4c5d6e7f809}}}};
  expect_text(cancel_by_cloid_action(by_cloid, false), "dv-cancelByCloid-one");

  expect_text(modify_action({512907741186, order(Side::sell, "63105", "0.0125", 0x2a)}),
              "dv-modify-by-oid");
  const ModifyRequest modify{512907741186, order(Side::buy, "63104", "0.0125")};
  expect_text(batch_modify_action({&modify, 1}), "dv-batchModify-one");
  Order ioc = order(Side::buy, "63104", "0.0125");
  ioc.time_in_force = TimeInForce::ioc;
  expect_text(modify_action({512907741186, ioc}, true), "dv-modify-always-place");
  expect_text(schedule_cancel_action(std::nullopt), "py-scheduleCancel-clear");
  expect_text(noop_action(), "dv-noop");
}

TEST(Actions, LeaveOptionalKeysOutOrSetThemTrue) {
  const CancelRequest cancel{0, 5};
  EXPECT_EQ(cancel_action({&cancel, 1}).json,
            R"({"type":"cancel","cancels":[{"a":0,"o":5}],"f":true})");
  const CloidCancelRequest cloid{0, {1, ClientOrderId{2}}};
  EXPECT_EQ(cancel_by_cloid_action({&cloid, 1}).json,
            R"({"type":"cancelByCloid","cancels":[{"asset":0,"cloid":)"
            R"("0x00000000000000010000000000000002"}],"f":true})");
  EXPECT_EQ(schedule_cancel_action(1790234567890).json,
            R"({"type":"scheduleCancel","time":1790234567890})");
  const ModifyRequest modify{Cloid{1, ClientOrderId{2}}, order(Side::buy, "1", "2")};
  EXPECT_EQ(batch_modify_action({&modify, 1}, true).json,
            R"({"type":"batchModify","modifies":[{"oid":"0x00000000000000010000000000000002",)"
            R"("order":{"a":0,"b":true,"p":"1","s":"2","r":false,"t":{"limit":{"tif":"Alo"}}}}],)"
            R"("a":true})");
}

struct GridCase {
  const char* coin;
  Side side;
  const char* price;
  const char* size;
  const char* sent_price;
  const char* sent_size;
};

// The price rule of the venue's documentation, and the direction of rounding.
TEST(MakeOrder, PutsNumbersOnTheGrid) {
  const GridCase cases[] = {
      {"BTC", Side::buy, "63104.5", "0.0125", "63104", "0.0125"},
      {"BTC", Side::sell, "63104.5", "0.01250", "63105", "0.0125"},
      {"BTC", Side::buy, "63104", "1", "63104", "1"},
      {"BTC", Side::buy, "9512.3", "0.00001", "9512.3", "0.00001"},
      {"BTC", Side::sell, "99999.1", "2", "100000", "2"},
      {"BTC", Side::buy, "105055", "100", "105055", "100"},
      {"BTC", Side::sell, "105055.1", "100", "105056", "100"},
      {"ETH", Side::buy, "1870.75", "0.1", "1870.7", "0.1"},
      {"ETH", Side::sell, "1870.75", "0.1", "1870.8", "0.1"},
      {"ETH", Side::sell, "999.99", "0.0001", "999.99", "0.0001"},
      {"SOL", Side::buy, "73.6889", "10.5", "73.688", "10.5"},
      {"SOL", Side::sell, "73.6889", "10.5", "73.689", "10.5"},
      {"SOL", Side::buy, "0.1234", "1", "0.1234", "1"},
  };
  for (const GridCase& of : cases) {
    const Instrument& instrument = mm::test::instrument("hyperliquid", of.coin);
    const auto made =
        make_order(instrument,
                   {.side = of.side,
                    .price = Price::from_units(*parse_decimal(of.price, instrument.price_decimals)),
                    .qty = Qty::from_lots(*parse_decimal(of.size, instrument.lot_decimals))});
    ASSERT_TRUE(made) << of.coin << of.price;
    EXPECT_EQ(made->price, of.sent_price) << of.coin << " " << of.price;
    EXPECT_EQ(made->size, of.sent_size) << of.coin << " " << of.price;
  }
}

TEST(MakeOrder, RefusesWhatNothingIsLeftOf) {
  const OrderRequest good{.price = Price::from_units(631040), .qty = Qty::from_lots(1)};
  EXPECT_TRUE(make_order(btc(), good));
  OrderRequest bad = good;
  bad.price = Price{};
  EXPECT_FALSE(make_order(btc(), bad));
  bad = good;
  bad.qty = Qty{};
  EXPECT_FALSE(make_order(btc(), bad));
  bad = good;
  bad.qty = Qty::from_lots(-1);
  EXPECT_FALSE(make_order(btc(), bad));
  bad = good;
  bad.time_in_force = TimeInForce::fok;
  EXPECT_NE(make_order(btc(), bad).error().message().find("fill-or-kill"), std::string::npos);
}

TEST(SignedRequest, IsTheWholeBody) {
  const Json vector = test::vector("dv-orders-alo-pair-expires");
  const Order pair[] = {order(Side::buy, "63104", "0.0125", 0xabc1),
                        order(Side::sell, "63106", "0.0125", 0xabc2)};
  const RequestTerms terms{.nonce = vector.at("nonce").get<std::uint64_t>(),
                           .expires_after = vector.at("expires_after").get<std::uint64_t>()};
  const std::string body = signed_request(test::key(), Network::testnet, order_action(pair), terms);
  EXPECT_EQ(Json::parse(body), (Json{{"action", vector.at("action")},
                                     {"nonce", vector.at("nonce")},
                                     {"signature", vector.at("signatures").at("testnet")},
                                     {"vaultAddress", nullptr},
                                     {"expiresAfter", vector.at("expires_after")}}));
}

TEST(SignedRequest, NamesItsVaultInLowerCase) {
  const auto vault = Address::parse("0x0D1d9635D0640821d15e323ac8AdADfA9c111414");
  const std::string body =
      signed_request(test::key(), Network::mainnet, noop_action(), {.nonce = 1, .vault = vault});
  const Json json = Json::parse(body);
  EXPECT_EQ(json.at("vaultAddress"), "0x0d1d9635d0640821d15e323ac8adadfa9c111414");
  EXPECT_FALSE(json.contains("expiresAfter"));
}

TEST(ApproveAgent, SignsWhatTheVectorSigns) {
  const Json vector = test::vector("dv-approveAgent");
  const Json& message = vector.at("message");
  const std::string body = approve_agent_request(
      test::key(), Network::testnet, *Address::parse(message.at("agentAddress").get<std::string>()),
      message.at("agentName").get<std::string>(), message.at("nonce"));
  Json action = message;
  action["type"] = "approveAgent";
  action["signatureChainId"] = "0x66eee";
  EXPECT_EQ(Json::parse(body), (Json{{"action", action},
                                     {"nonce", message.at("nonce")},
                                     {"signature", vector.at("signature")},
                                     {"vaultAddress", nullptr}}));
}

TEST(ApproveAgent, WithoutANameSendsNone) {
  const Json body =
      Json::parse(approve_agent_request(test::key(), Network::mainnet, Address{}, "", 5));
  EXPECT_FALSE(body.at("action").contains("agentName"));
  EXPECT_EQ(body.at("action").at("hyperliquidChain"), "Mainnet");
}

TEST(UserAction, SignsUsdSendLikeTheVector) {
  const Json vector = test::vector("py-usdSend-testnet");
  const Json& message = vector.at("message");
  const TypedField fields[] = {{"destination", message.at("destination").get<std::string>()},
                               {"amount", message.at("amount").get<std::string>()},
                               {"time", message.at("time").get<std::uint64_t>()}};
  const auto body = signed_user_request(test::key(), Network::testnet, "usdSend", fields);
  ASSERT_TRUE(body);
  EXPECT_EQ(Json::parse(*body).at("signature"), vector.at("signature"));
  EXPECT_FALSE(signed_user_request(test::key(), Network::testnet, "spotSend", fields));
  EXPECT_FALSE(signed_user_request(test::key(), Network::testnet, "order", fields));
}

TEST(PostFrame, WrapsABody) {
  EXPECT_EQ(post_action_frame(42, R"({"x":1})"),
            R"({"method":"post","id":42,"request":{"type":"action","payload":{"x":1}}})");
  EXPECT_EQ(post_info_frame(41, R"({"type":"meta"})"),
            R"({"method":"post","id":41,"request":{"type":"info","payload":{"type":"meta"}}})");
}

}  // namespace
}  // namespace mm::venues::hyperliquid
