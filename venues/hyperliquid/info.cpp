#include "venues/hyperliquid/info.hpp"

#include <fmt/format.h>

#include "engine/numeric.hpp"
#include "venues/hyperliquid/json_dom.hpp"

namespace mm::venues::hyperliquid {
namespace {

using dom::Json;
using dom::Reader;

constexpr std::int64_t perpetual_price_decimals = 6;  // less szDecimals

Money money(const Reader& reader, const char* key) {
  return Money::from_units(reader.decimal<Int128>(key, 12, Excess::round_half_even));
}

std::int64_t e8(const Reader& reader, const char* key) {
  return reader.decimal(key, 8);
}

std::optional<std::int64_t> optional_e8(const Reader& reader, const char* key) {
  if (reader.optional(key) == nullptr) return std::nullopt;
  return reader.decimal(key, 8, Excess::round_half_even);
}

Asset asset_of(const Json& json, std::size_t index) {
  const Reader reader(json, "meta");
  const std::string& name = reader.text("name");
  if (name.empty() || name.size() > 64) reader.fail("has an asset without a proper name");
  const std::int64_t decimals = reader.integer("szDecimals");
  if (decimals > perpetual_price_decimals) {
    reader.fail("has szDecimals " + std::to_string(decimals) + " for " + dom::excerpt(name));
  }
  return Asset{static_cast<AssetIndex>(index), reader.flag_or("isDelisted", false),
               reader.optional("maxLeverage") == nullptr ? 0 : reader.integer("maxLeverage"),
               perpetual(name, decimals)};
}

OpenOrder order_in(const Json& json, std::string_view what) {
  const Reader reader(json, what);
  const std::string& side = reader.text("side");
  if (side != "A" && side != "B") reader.fail("has the side \"" + dom::excerpt(side) + "\"");
  OpenOrder order;
  order.coin = reader.text("coin");
  order.side = side == "B" ? Side::buy : Side::sell;
  order.limit_price_e8 = e8(reader, "limitPx");
  order.size_e8 = e8(reader, "sz");
  order.original_size_e8 =
      reader.optional("origSz") == nullptr ? order.size_e8 : e8(reader, "origSz");
  if (order.limit_price_e8 < 0 || order.size_e8 < 0 || order.original_size_e8 < 0) {
    reader.fail("has an order with a negative number: " + dom::excerpt(json.dump()));
  }
  order.oid = reader.integer("oid");
  order.time_ms = reader.integer("timestamp");
  order.cloid = reader.cloid("cloid");
  order.reduce_only = reader.flag_or("reduceOnly", false);
  order.is_trigger = reader.flag_or("isTrigger", false);
  order.time_in_force = reader.text_or("tif", {});
  return order;
}

AssetPosition position_in(const Json& json) {
  const Reader reader = Reader(json, "clearinghouseState").object("position");
  const Reader leverage = reader.object("leverage");
  return AssetPosition{reader.text("coin"),
                       e8(reader, "szi"),
                       optional_e8(reader, "entryPx"),
                       optional_e8(reader, "liquidationPx"),
                       money(reader, "unrealizedPnl"),
                       money(reader, "marginUsed"),
                       leverage.integer("value"),
                       leverage.text("type") == "isolated"};
}

/// A count of 1e-8 as one of 10^-decimals.
std::optional<std::int64_t> rescaled(std::int64_t e8, std::int64_t decimals) {
  if (decimals >= 8) {
    std::int64_t value = 0;
    if (__builtin_mul_overflow(e8, power_of_ten(decimals - 8), &value)) return std::nullopt;
    return value;
  }
  const std::int64_t divisor = power_of_ten(8 - decimals);
  if (e8 % divisor != 0) return std::nullopt;
  return e8 / divisor;
}

const Json& array_of(const Json& root, std::string_view what) {
  if (root.is_array()) return root;
  throw Error(ErrorKind::data, "hyperliquid: " + std::string(what) + " is no array but " +
                                   dom::excerpt(root.dump()));
}

}  // namespace

std::string info_request(std::string_view type) {
  return fmt::format(R"({{"type":"{}"}})", type);
}

std::string info_request(std::string_view type, const Address& user) {
  return fmt::format(R"({{"type":"{}","user":"{}"}})", type, user.text());
}

std::string order_status_request(const Address& user, const Cloid& cloid) {
  return fmt::format(R"({{"type":"orderStatus","user":"{}","oid":"{}"}})", user.text(),
                     cloid.text());
}

std::string order_status_request(const Address& user, std::int64_t oid) {
  return fmt::format(R"({{"type":"orderStatus","user":"{}","oid":{}}})", user.text(), oid);
}

std::string fills_request(const Address& user, std::int64_t start_ms) {
  return fmt::format(R"({{"type":"userFillsByTime","user":"{}","startTime":{}}})", user.text(),
                     start_ms);
}

Instrument perpetual(std::string_view coin, std::int64_t size_decimals) {
  Instrument of;
  of.venue = "hyperliquid";
  of.symbol = coin;
  of.price_decimals = perpetual_price_decimals - size_decimals;
  of.lot_decimals = size_decimals;
  of.tick = Price::from_units(1);
  of.qty_step = Qty::from_lots(1);
  of.significant_figures = 5;
  of.min_notional = Money::from_units(Int128{10} * Money::per_one);
  of.min_qty = Qty::from_lots(1);
  of.maker_fee_e8 = 15'000;
  of.taker_fee_e8 = 45'000;
  of.settlement = "USDC";
  return of;
}

Result<Meta> decode_meta(std::string_view body) {
  return dom::guarded<Meta>(body, "meta", [](const Json& root) {
    const Json& first = root.is_array() && !root.empty() ? root[0] : root;
    Meta meta;
    std::size_t index = 0;
    for (const Json& of : Reader(first, "meta").array("universe")) {
      try {
        meta.assets.push_back(asset_of(of, index));
      } catch (const Error& error) {
        const bool named = of.is_object() && of.contains("name") && of["name"].is_string();
        meta.odd.push_back({static_cast<AssetIndex>(index),
                            named ? of["name"].get<std::string>() : std::string{},
                            error.message()});
      }
      ++index;
    }
    if (meta.assets.empty() && !meta.odd.empty())
      throw Error(ErrorKind::data, meta.odd.front().problem);
    return meta;
  });
}

std::optional<Price> price_of(const Instrument& instrument, std::int64_t price_e8) {
  const auto units = rescaled(price_e8, instrument.price_decimals);
  if (!units) return std::nullopt;
  return Price::from_units(*units);
}

std::optional<Qty> qty_of(const Instrument& instrument, std::int64_t size_e8) {
  const auto lots = rescaled(size_e8, instrument.lot_decimals);
  if (!lots) return std::nullopt;
  return Qty::from_lots(*lots);
}

Result<std::vector<OpenOrder>> decode_open_orders(std::string_view body) {
  return dom::guarded<std::vector<OpenOrder>>(body, "openOrders reply", [](const Json& root) {
    std::vector<OpenOrder> orders;
    for (const Json& of : array_of(root, "openOrders reply")) {
      orders.push_back(order_in(of, "openOrders reply"));
    }
    return orders;
  });
}

Result<std::optional<OrderState>> decode_order_status(std::string_view body) {
  using Found = std::optional<OrderState>;
  constexpr std::string_view what = "orderStatus reply";
  return dom::guarded<Found>(body, what, [&](const Json& root) -> Found {
    const Reader reply(root, what);
    const std::string& found = reply.text("status");
    if (found == "unknownOid") return std::nullopt;
    if (found != "order") reply.fail("has the status \"" + dom::excerpt(found) + "\"");
    const Reader state = reply.object("order");
    const std::string& status = state.text("status");
    return OrderState{order_in(state.member("order"), what), phase_of(status), status,
                      state.integer("statusTimestamp")};
  });
}

Result<AccountState> decode_account_state(std::string_view body) {
  constexpr std::string_view what = "clearinghouseState";
  return dom::guarded<AccountState>(body, what, [&](const Json& root) {
    const Reader reply(root, what);
    const Reader margin = reply.object("marginSummary");
    AccountState account{money(margin, "accountValue"),
                         money(margin, "totalMarginUsed"),
                         money(reply, "withdrawable"),
                         reply.optional("time") == nullptr ? 0 : reply.integer("time"),
                         {}};
    for (const Json& of : reply.array("assetPositions")) {
      AssetPosition position = position_in(of);
      for (const AssetPosition& other : account.positions) {
        if (other.coin == position.coin) reply.fail("has two positions in one coin");
      }
      if (position.entry_price_e8.value_or(0) < 0) reply.fail("has a negative entry price");
      account.positions.push_back(std::move(position));
    }
    return account;
  });
}

std::optional<PositionReport> position_of(const AccountState& account,
                                          const Instrument& instrument) {
  for (const AssetPosition& of : account.positions) {
    if (of.coin != instrument.symbol) continue;
    const auto qty = qty_of(instrument, of.size_e8);
    if (!qty) return std::nullopt;
    const Int128 entry = *qty == Qty{} ? 0 : of.entry_price_e8.value_or(0);
    const Int128 units =
        divide_half_even(entry * power_of_ten(instrument.price_decimals), power_of_ten(8));
    return PositionReport{*qty, Price::from_units(static_cast<std::int64_t>(units))};
  }
  return PositionReport{};
}

Result<RequestBudget> decode_request_budget(std::string_view body) {
  return dom::guarded<RequestBudget>(body, "userRateLimit reply", [](const Json& root) {
    const Reader reply(root, "userRateLimit reply");
    return RequestBudget{
        money(reply, "cumVlm"), reply.integer("nRequestsUsed"), reply.integer("nRequestsCap"),
        reply.optional("nRequestsSurplus") == nullptr ? 0 : reply.integer("nRequestsSurplus")};
  });
}

Result<UserRoleReply> decode_user_role(std::string_view body) {
  return dom::guarded<UserRoleReply>(body, "userRole reply", [](const Json& root) {
    constexpr std::pair<std::string_view, UserRole> roles[] = {
        {"missing", UserRole::missing},
        {"user", UserRole::user},
        {"agent", UserRole::agent},
        {"vault", UserRole::vault},
        {"subAccount", UserRole::sub_account}};
    const Reader reply(root, "userRole reply");
    UserRoleReply result;
    for (const auto& [name, role] : roles) {
      if (reply.text("role") == name) result.role = role;
    }
    if (reply.optional("data") != nullptr) {
      const Reader data = reply.object("data");
      for (const char* key : {"user", "master"}) {
        if (data.optional(key) != nullptr) result.master = data.address(key);
      }
    }
    return result;
  });
}

Result<ExchangeStatus> decode_exchange_status(std::string_view body) {
  return dom::guarded<ExchangeStatus>(body, "exchangeStatus reply", [](const Json& root) {
    const Reader reply(root, "exchangeStatus reply");
    const Json* const special = reply.optional("specialStatuses");
    return ExchangeStatus{reply.integer("time"), special == nullptr ? "" : special->dump()};
  });
}

}  // namespace mm::venues::hyperliquid
