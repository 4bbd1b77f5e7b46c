#include "venues/hyperliquid/actions.hpp"

#include <fmt/format.h>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"
#include "venues/hyperliquid/action_json.hpp"
#include "venues/hyperliquid/user_actions.hpp"

namespace mm::venues::hyperliquid {
namespace {

using Json = nlohmann::ordered_json;

std::string_view tif_of(TimeInForce time_in_force) {
  switch (time_in_force) {
    case TimeInForce::post_only:
      return "Alo";
    case TimeInForce::gtc:
      return "Gtc";
    case TimeInForce::ioc:
      return "Ioc";
    case TimeInForce::fok:
      break;
  }
  MM_ASSERT(false, "make_order lets no fok through");
}

Json json_of(const Order& order) {
  Json json;
  json["a"] = order.asset;
  json["b"] = order.side == Side::buy;
  json["p"] = order.price;
  json["s"] = order.size;
  json["r"] = order.reduce_only;
  json["t"]["limit"]["tif"] = tif_of(order.time_in_force);
  if (order.cloid) json["c"] = order.cloid->text();
  return json;
}

Json json_of(const std::variant<std::int64_t, Cloid>& target) {
  if (const auto* const oid = std::get_if<std::int64_t>(&target)) return *oid;
  return std::get<Cloid>(target).text();
}

/// {"type": type, key: [items...]}
template <class Item, class F>
Json batch(std::string_view type, const char* key, std::span<const Item> items, F&& json) {
  MM_ASSERT(!items.empty() && items.size() <= max_batch, "a batch holds 1 to 200 items");
  Json action;
  action["type"] = type;
  for (const Item& item : items) action[key].push_back(json(item));
  return action;
}

Json json_of(const TypedValue& value) {
  struct Visit {
    Json operator()(const Address& address) const { return address.text(); }
    Json operator()(const Bytes32& bytes) const { return to_hex(bytes); }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(std::uint64_t number) const { return number; }
    Json operator()(bool flag) const { return flag; }
  };
  return std::visit(Visit{}, value);
}

bool is_of(UserFieldType type, const TypedValue& value) {
  switch (type) {
    case UserFieldType::text:
      return std::holds_alternative<std::string>(value);
    case UserFieldType::number:
      return std::holds_alternative<std::uint64_t>(value);
    case UserFieldType::flag:
      return std::holds_alternative<bool>(value);
    case UserFieldType::address:
      return std::holds_alternative<Address>(value);
  }
  return false;
}

}  // namespace

Result<Order> make_order(const Instrument& instrument, const OrderRequest& request) {
  const bool buys = request.side == Side::buy;
  const Price price =
      buys ? floor_to_tick(instrument, request.price) : ceil_to_tick(instrument, request.price);
  const Qty qty = floor_to_step(instrument, request.qty);
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorKind::data,
                 fmt::format("hyperliquid: cannot order {} {} {} at {}: {}", buys ? "buy" : "sell",
                             format_qty(instrument, request.qty), instrument.symbol,
                             format_price(instrument, request.price), why));
  };
  if (price <= Price{}) return refuse("no allowed price is there");
  if (qty <= Qty{}) return refuse("the size is below the smallest step");
  if (request.time_in_force == TimeInForce::fok) return refuse("the venue has no fill-or-kill");
  return Order{request.asset,
               request.side,
               format_price(instrument, price),
               format_qty(instrument, qty),
               request.time_in_force,
               request.reduce_only,
               request.cloid};
}

Action order_action(std::span<const Order> orders) {
  Json action = batch("order", "orders", orders, [](const Order& of) { return json_of(of); });
  action["grouping"] = "na";
  return action_of(action);
}

Action cancel_action(std::span<const CancelRequest> cancels, bool fast) {
  Json action = batch("cancel", "cancels", cancels, [](const CancelRequest& of) {
    return Json{{"a", of.asset}, {"o", of.oid}};
  });
  if (fast) action["f"] = true;
  return action_of(action);
}

Action cancel_by_cloid_action(std::span<const CloidCancelRequest> cancels, bool fast) {
  Json action = batch("cancelByCloid", "cancels", cancels, [](const CloidCancelRequest& of) {
    return Json{{"asset", of.asset}, {"cloid", of.cloid.text()}};
  });
  if (fast) action["f"] = true;
  return action_of(action);
}

Action modify_action(const ModifyRequest& modify, bool always_place) {
  Json action;
  action["type"] = "modify";
  action["oid"] = json_of(modify.target);
  action["order"] = json_of(modify.order);
  if (always_place) action["a"] = true;
  return action_of(action);
}

Action batch_modify_action(std::span<const ModifyRequest> modifies, bool always_place) {
  Json action = batch("batchModify", "modifies", modifies, [](const ModifyRequest& of) {
    return Json{{"oid", json_of(of.target)}, {"order", json_of(of.order)}};
  });
  if (always_place) action["a"] = true;
  return action_of(action);
}

Action schedule_cancel_action(std::optional<std::uint64_t> time_ms) {
  Json action;
  action["type"] = "scheduleCancel";
  if (time_ms) action["time"] = *time_ms;
  return action_of(action);
}

Action noop_action() {
  Json action;
  action["type"] = "noop";
  return action_of(action);
}

std::string signed_request(const PrivateKey& key, Network network, const Action& action,
                           const RequestTerms& terms) {
  const Signature signature = key.sign(action_digest(network, action.msgpack, terms));
  std::string body = fmt::format(R"({{"action":{},"nonce":{},"signature":{},"vaultAddress":{})",
                                 action.json, terms.nonce, signature.json(),
                                 terms.vault ? '"' + terms.vault->text() + '"' : "null");
  if (terms.expires_after) body += fmt::format(R"(,"expiresAfter":{})", *terms.expires_after);
  return body + "}";
}

Result<std::string> signed_user_request(const PrivateKey& key, Network network,
                                        std::string_view type, std::span<const TypedField> fields) {
  const UserActionType* const of = find_user_action(type);
  bool fits = of != nullptr && of->fields.size() == fields.size();
  for (std::size_t i = 0; fits && i < fields.size(); ++i) {
    fits = of->fields[i].name == fields[i].name && is_of(of->fields[i].type, fields[i].value);
  }
  if (!fits) {
    return Error(ErrorKind::usage, fmt::format("hyperliquid: no user-signed action is {}",
                                               encode_type(type, fields)));
  }
  std::vector<TypedField> message{{"hyperliquidChain", std::string(name_of(network))}};
  Json action;
  action["type"] = type;
  action["signatureChainId"] = fmt::format("{:#x}", user_chain_id);
  action["hyperliquidChain"] = name_of(network);
  for (const TypedField& field : fields) {
    message.push_back(field);
    // An agent without a name signs an empty one and sends none.
    if (field.name == "agentName" && std::get<std::string>(field.value).empty()) continue;
    action[field.name] = json_of(field.value);
  }
  const Signature signature = key.sign(user_digest(user_chain_id, of->name, message));
  return fmt::format(R"({{"action":{},"nonce":{},"signature":{},"vaultAddress":null}})",
                     action.dump(), std::get<std::uint64_t>(fields.back().value), signature.json());
}

std::string approve_agent_request(const PrivateKey& master, Network network, const Address& agent,
                                  std::string_view name, std::uint64_t nonce) {
  const TypedField fields[] = {
      {"agentAddress", agent}, {"agentName", std::string(name)}, {"nonce", nonce}};
  return signed_user_request(master, network, "approveAgent", fields).value();
}

std::string post_action_frame(std::uint64_t id, std::string_view body) {
  return fmt::format(R"({{"method":"post","id":{},"request":{{"type":"action","payload":{}}}}})",
                     id, body);
}

std::string post_info_frame(std::uint64_t id, std::string_view body) {
  return fmt::format(R"({{"method":"post","id":{},"request":{{"type":"info","payload":{}}}}})", id,
                     body);
}

}  // namespace mm::venues::hyperliquid
