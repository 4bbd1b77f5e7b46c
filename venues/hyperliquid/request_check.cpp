#include "venues/hyperliquid/request_check.hpp"

#include <array>

#include "engine/numeric.hpp"
#include "venues/hyperliquid/json_dom.hpp"
#include "venues/hyperliquid/msgpack_writer.hpp"
#include "venues/hyperliquid/user_actions.hpp"

namespace mm::venues::hyperliquid {
namespace {

using dom::Json;
using dom::Reader;

constexpr std::string_view what = "request";

// ---------------------------------------------------------------- types of the wire

std::uint32_t u32(const Reader& reader, const char* key) {
  const std::int64_t value = reader.integer(key);
  if (value > std::numeric_limits<std::uint32_t>::max()) reader.fail("has a number too large");
  return static_cast<std::uint32_t>(value);
}

std::uint64_t u64(const Reader& reader, const char* key) {
  const Json& value = reader.member(key);
  if (!value.is_number_unsigned()) reader.fail("has something else than an unsigned integer");
  return value.get<std::uint64_t>();
}

/// A text of digits with at most eight decimals, no sign and no exponent.
std::int64_t amount_e8(const Reader& reader, const char* key) {
  if (reader.text(key).starts_with('-')) reader.fail("has a number with a sign");
  return reader.decimal(key, 8);
}

Cloid cloid(const Reader& reader, const Json& value) {
  const auto parsed = value.is_string() ? Cloid::parse(value.get_ref<const std::string&>())
                                        : std::optional<Cloid>{};
  if (!parsed) reader.fail("has something else than a cloid");
  return *parsed;
}

OrderName order_name(const Reader& reader, const char* key) {
  const Json& value = reader.member(key);
  if (value.is_string()) return cloid(reader, value);
  return reader.integer(key);
}

CheckedOrder order(const Json& json) {
  const Reader reader(json, what);
  CheckedOrder of{.asset = u32(reader, "a"),
                  .side = reader.flag("b") ? Side::buy : Side::sell,
                  .price_e8 = amount_e8(reader, "p"),
                  .size_e8 = amount_e8(reader, "s"),
                  .reduce_only = reader.flag("r")};
  const Reader type = reader.object("t");
  if (type.optional("limit") != nullptr && type.optional("trigger") == nullptr) {
    const Reader limit = type.object("limit");
    const std::string& tif = limit.text("tif");
    if (tif == "Alo") {
      of.time_in_force = TimeInForce::post_only;
    } else if (tif == "Gtc") {
      of.time_in_force = TimeInForce::gtc;
    } else if (tif == "Ioc") {
      of.time_in_force = TimeInForce::ioc;
    } else {
      reader.fail("has an unknown tif");
    }
  } else if (type.optional("trigger") != nullptr && type.optional("limit") == nullptr) {
    const Reader trigger = type.object("trigger");
    const std::string& kind = trigger.text("tpsl");
    if (kind != "tp" && kind != "sl") reader.fail("has an unknown tpsl");
    of.trigger =
        CheckedTrigger{trigger.flag("isMarket"), amount_e8(trigger, "triggerPx"), kind == "tp"};
  } else {
    reader.fail("has an order that is neither limit nor trigger");
  }
  if (const Json* const named = reader.optional("c")) of.cloid = cloid(reader, *named);
  return of;
}

CheckedOrders orders(const Reader& action) {
  CheckedOrders result;
  for (const Json& of : action.array("orders")) result.orders.push_back(order(of));
  if (action.member("grouping").is_object()) {
    result.priority_fee = u64(action.object("grouping"), "p");
  } else {
    result.grouping = action.text("grouping");
    if (result.grouping != "na" && result.grouping != "normalTpsl" &&
        result.grouping != "positionTpsl") {
      action.fail("has an unknown grouping");
    }
  }
  if (action.optional("builder") != nullptr) {
    const Reader builder = action.object("builder");
    result.builder = {builder.address("b"), u64(builder, "f")};
  }
  return result;
}

CheckedCancels cancels(const Reader& action, bool by_cloid) {
  CheckedCancels result{.by_cloid = by_cloid, .fast = action.flag_or("f", false)};
  for (const Json& of : action.array("cancels")) {
    const Reader item(of, what);
    if (by_cloid) {
      result.items.push_back({u32(item, "asset"), cloid(item, item.member("cloid"))});
    } else {
      result.items.push_back({u32(item, "a"), item.integer("o")});
    }
  }
  return result;
}

CheckedModifies modifies(const Reader& action, bool batch) {
  CheckedModifies result{.batch = batch, .always_place = action.flag_or("a", false)};
  if (!batch) {
    result.items.push_back({order_name(action, "oid"), order(action.member("order"))});
    return result;
  }
  for (const Json& of : action.array("modifies")) {
    const Reader item(of, what);
    result.items.push_back({order_name(item, "oid"), order(item.member("order"))});
  }
  return result;
}

std::optional<CheckedAction> l1_action(const Reader& action) {
  const std::string& type = action.text("type");
  if (type == "order") return orders(action);
  if (type == "cancel") return cancels(action, false);
  if (type == "cancelByCloid") return cancels(action, true);
  if (type == "modify") return modifies(action, false);
  if (type == "batchModify") return modifies(action, true);
  if (type == "noop") return CheckedNoop{};
  if (type == "scheduleCancel") {
    CheckedScheduleCancel result;
    if (action.optional("time") != nullptr) result.time_ms = u64(action, "time");
    return result;
  }
  if (type == "updateLeverage") {
    return CheckedLeverage{u32(action, "asset"), action.flag("isCross"), u32(action, "leverage")};
  }
  if (type == "updateIsolatedMargin") {
    return CheckedIsolatedMargin{u32(action, "asset"), action.flag("isBuy"),
                                 action.signed_integer("ntli")};
  }
  if (type == "reserveRequestWeight") return CheckedReserveWeight{u64(action, "weight")};
  return std::nullopt;
}

// ---------------------------------------------------------------- hash order

std::string amount(std::int64_t e8) {
  return format_decimal(e8, 8);
}

/// Packs an action in the order in which it is hashed; optional keys only where they are set.
struct Pack {
  MsgpackWriter& out;

  void order_body(const CheckedOrder& of) const {
    out.map(of.cloid ? 7 : 6);
    out.number("a", of.asset);
    out.flag("b", of.side == Side::buy);
    out.text("p", amount(of.price_e8));
    out.text("s", amount(of.size_e8));
    out.flag("r", of.reduce_only);
    out.text("t");
    out.map(1);
    if (of.trigger) {
      out.text("trigger");
      out.map(3);
      out.flag("isMarket", of.trigger->is_market);
      out.text("triggerPx", amount(of.trigger->price_e8));
      out.text("tpsl", of.trigger->take_profit ? "tp" : "sl");
    } else {
      constexpr std::string_view names[] = {"Alo", "Gtc", "Ioc"};
      out.text("limit");
      out.map(1);
      out.text("tif", names[static_cast<std::size_t>(of.time_in_force)]);
    }
    if (of.cloid) out.text("c", of.cloid->text());
  }
  void name(std::string_view key, const OrderName& order) const {
    if (const auto* const oid = std::get_if<std::int64_t>(&order)) {
      out.number(key, static_cast<std::uint64_t>(*oid));
    } else {
      out.text(key, std::get<Cloid>(order).text());
    }
  }
  void begin(std::string_view type, std::size_t other_keys) const {
    out.map(1 + other_keys);
    out.text("type", type);
  }

  void operator()(const CheckedOrders& of) const {
    begin("order", of.builder ? 3 : 2);
    out.text("orders");
    out.array(of.orders.size());
    for (const CheckedOrder& each : of.orders) order_body(each);
    if (of.priority_fee) {
      out.text("grouping");
      out.map(1);
      out.number("p", *of.priority_fee);
    } else {
      out.text("grouping", of.grouping);
    }
    if (of.builder) {
      out.text("builder");
      out.map(2);
      out.text("b", of.builder->first.text());
      out.number("f", of.builder->second);
    }
  }
  void operator()(const CheckedCancels& of) const {
    begin(of.by_cloid ? "cancelByCloid" : "cancel", of.fast ? 2 : 1);
    out.text("cancels");
    out.array(of.items.size());
    for (const auto& item : of.items) {
      out.map(2);
      out.number(of.by_cloid ? "asset" : "a", item.asset);
      name(of.by_cloid ? "cloid" : "o", item.order);
    }
    if (of.fast) out.flag("f", true);
  }
  void operator()(const CheckedModifies& of) const {
    const std::size_t flag_keys = of.always_place ? 1 : 0;
    if (of.batch) {
      begin("batchModify", 1 + flag_keys);
      out.text("modifies");
      out.array(of.items.size());
    } else {
      begin("modify", 2 + flag_keys);
    }
    for (const auto& item : of.items) {
      if (of.batch) out.map(2);
      name("oid", item.target);
      out.text("order");
      order_body(item.order);
    }
    if (of.always_place) out.flag("a", true);
  }
  void operator()(const CheckedScheduleCancel& of) const {
    begin("scheduleCancel", of.time_ms ? 1 : 0);
    if (of.time_ms) out.number("time", *of.time_ms);
  }
  void operator()(const CheckedLeverage& of) const {
    begin("updateLeverage", 3);
    out.number("asset", of.asset);
    out.flag("isCross", of.is_cross);
    out.number("leverage", of.leverage);
  }
  void operator()(const CheckedIsolatedMargin& of) const {
    begin("updateIsolatedMargin", 3);
    out.number("asset", of.asset);
    out.flag("isBuy", of.is_buy);
    out.text("ntli");
    out.signed_number(of.micro_usd);
  }
  void operator()(const CheckedNoop&) const { begin("noop", 0); }
  void operator()(const CheckedReserveWeight& of) const {
    begin("reserveRequestWeight", 1);
    out.number("weight", of.weight);
  }
  void operator()(const CheckedUserAction&) const {
    MM_ASSERT(false, "user-signed actions are not packed");
  }
};

// ---------------------------------------------------------------- user-signed actions

struct UserSigned {
  CheckedUserAction action;
  std::uint64_t chain_id = 0;
  std::string network;
  std::string_view name;
};

std::uint64_t chain_id(const Reader& action) {
  const std::string& text = action.text("signatureChainId");
  std::array<std::uint8_t, 8> bytes{};
  if (!text.starts_with("0x") || text.size() < 3 || text.size() > 18 ||
      !parse_hex(std::string(18 - text.size(), '0') + text.substr(2), bytes)) {
    action.fail("has a signatureChainId that is no hexadecimal number");
  }
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

TypedValue field_value(const Reader& action, const UserField& field) {
  const std::string key(field.name);
  switch (field.type) {
    case UserFieldType::text:
      // An agent without a name sends none and signs an empty one.
      return key == "agentName" ? action.text_or(key.c_str(), {}) : action.text(key.c_str());
    case UserFieldType::number:
      return u64(action, key.c_str());
    case UserFieldType::flag:
      return action.flag(key.c_str());
    case UserFieldType::address:
      return action.address(key.c_str());
  }
  action.fail("has a field of an unknown type");
}

UserSigned user_signed(const Reader& action, const UserActionType& type) {
  UserSigned result{
      {std::string(type.type), {}}, chain_id(action), action.text("hyperliquidChain"), type.name};
  for (const UserField& field : type.fields) {
    result.action.fields.push_back({std::string(field.name), field_value(action, field)});
  }
  return result;
}

// ---------------------------------------------------------------- signature

/// 1 to 64 digits behind "0x", leading zeros left out or not.
Bytes32 word(const Reader& signature, const char* key) {
  const std::string& text = signature.text(key);
  Bytes32 bytes{};
  if (!text.starts_with("0x") || text.size() < 3 || text.size() > 66 ||
      !parse_hex(std::string(66 - text.size(), '0') + text.substr(2), bytes)) {
    signature.fail("has a signature that is not hexadecimal");
  }
  return bytes;
}

RequestRefusal refused(std::string_view text) {
  return {200, error_reply(text)};
}

std::variant<CheckedRequest, RequestRefusal> check(const Json& root, Network network) {
  const Reader request(root, what);
  CheckedRequest result;
  result.terms.nonce = u64(request, "nonce");
  if (request.optional("vaultAddress") != nullptr) {
    result.terms.vault = request.address("vaultAddress");
  }
  if (request.optional("expiresAfter") != nullptr) {
    result.terms.expires_after = u64(request, "expiresAfter");
  }
  const Reader signed_by = request.object("signature");
  const std::int64_t v = signed_by.integer("v");
  const Signature signature{word(signed_by, "r"), word(signed_by, "s"),
                            v == 27 || v == 28 ? static_cast<int>(v) : 0};

  const Reader action = request.object("action");
  Bytes32 digest{};
  if (const UserActionType* const type = find_user_action(action.text("type"))) {
    UserSigned user = user_signed(action, *type);
    if (user.network != name_of(network)) {
      return refused("Action is for " + dom::excerpt(user.network));
    }
    if (std::get<std::uint64_t>(user.action.fields.back().value) != result.terms.nonce) {
      return refused("Nonce of the action is not the nonce of the request");
    }
    std::vector<TypedField> message{{"hyperliquidChain", user.network}};
    message.insert(message.end(), user.action.fields.begin(), user.action.fields.end());
    digest = user_digest(user.chain_id, user.name, message);
    result.action = std::move(user.action);
  } else if (auto l1 = l1_action(action)) {
    MsgpackWriter packed;
    std::visit(Pack{packed}, *l1);
    digest = action_digest(network, packed.bytes(), result.terms);
    result.action = std::move(*l1);
  } else {
    request.fail("has an unknown action");
  }
  const auto signer = recover_signer(digest, signature);
  if (!signer) return refused("Unable to recover signer.");
  result.signer = *signer;
  return result;
}

}  // namespace

std::variant<CheckedRequest, RequestRefusal> check_request(std::string_view body, Network network) {
  const Json root = dom::parse(body);
  if (root.is_discarded()) return RequestRefusal{400, std::string(not_json_text)};
  try {
    return check(root, network);
  } catch (const Error&) {
    return RequestRefusal{422, std::string(wrong_types_text)};
  }
}

std::string error_reply(std::string_view text) {
  return Json{{"status", "err"}, {"response", text}}.dump(-1, ' ', true,
                                                          Json::error_handler_t::replace);
}

std::string unknown_signer_text(const Address& signer) {
  return "User or API Wallet " + signer.text() + " does not exist.";
}

}  // namespace mm::venues::hyperliquid
