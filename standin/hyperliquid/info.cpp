// POST /info of the Hyperliquid stand-in.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/numeric.hpp"
#include "standin/hyperliquid/venue.hpp"
#include "standin/text.hpp"

namespace mm::standin::hyperliquid {

namespace wire = venues::hyperliquid;

namespace {

using Json = nlohmann::ordered_json;

std::int64_t weight_of(std::string_view type) {
  for (const std::string_view light : {"l2Book", "allMids", "clearinghouseState", "orderStatus",
                                       "spotClearinghouseState", "exchangeStatus"}) {
    if (type == light) return 2;
  }
  return type == "userRole" ? 60 : 20;
}

std::string text_in(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char of) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(of)));
  });
  return text;
}

}  // namespace

std::string Venue::meta_json() const {
  std::string universe;
  for (const auto& coin : coins_) {
    if (!universe.empty()) universe += ',';
    universe += fmt::format(R"({{"szDecimals":{},"name":{},"maxLeverage":{},"marginTableId":{}}})",
                            coin->size_decimals(), json_text(coin->name()), coin->max_leverage(),
                            coin->max_leverage());
  }
  return fmt::format(R"({{"universe":[{}],"marginTables":[[{},{{"description":"","marginTiers":)"
                     R"([{{"lowerBound":"0.0","maxLeverage":{}}}]}}]],"collateralToken":0}})",
                     universe, settings_.desk.max_leverage, settings_.desk.max_leverage);
}

std::string Venue::open_orders_json(const Account& account, bool frontend) const {
  std::string rows;
  for (auto oid = account.orders.rbegin(); oid != account.orders.rend(); ++oid) {
    const OrderRecord& order = *desk_->order(*oid);
    if (!order.live()) continue;
    if (!rows.empty()) rows += ',';
    rows += frontend ? frontend_order_json(order, *coins_[order.coin])
                     : order_json(order, *coins_[order.coin]);
  }
  return "[" + rows + "]";
}

Venue::InfoReply Venue::info(std::string_view body, Time now) {
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return {400, std::string(wire::not_json_text)};
  const InfoReply wrong{422, std::string(wire::wrong_types_text)};
  if (!json.is_object()) return wrong;
  const std::string type = text_in(json, "type");
  if (type.empty()) return wrong;
  if (!charge(weight_of(type), now)) return {429, "null"};
  if (const std::string dex = text_in(json, "dex"); !dex.empty()) return {500, "null"};

  // ---- markets
  if (type == "meta") return {200, meta_json()};
  if (type == "metaAndAssetCtxs") {
    std::string contexts;
    for (const auto& coin : coins_) {
      if (!contexts.empty()) contexts += ',';
      contexts += coin->context_json();
    }
    return {200, fmt::format("[{},[{}]]", meta_json(), contexts)};
  }
  if (type == "allMids") return {200, mids_json(coins_)};
  if (type == "exchangeStatus") {
    return {200, fmt::format(R"({{"specialStatuses":null,"time":{}}})",
                             to_ms(stamp(now) - std::chrono::milliseconds{200}))};
  }
  if (type == "l2Book" || type == "recentTrades" || type == "fundingHistory") {
    const auto named = json.find("coin");
    if (named == json.end() || !named->is_string()) return wrong;
    const std::string name = named->get<std::string>();
    const auto coin = std::find_if(coins_.begin(), coins_.end(),
                                   [&](const auto& of) { return of->name() == name; });
    if (coin == coins_.end()) {
      return {static_cast<unsigned>(type == "fundingHistory" ? 500 : 200), "null"};
    }
    if (type == "l2Book") {
      BookView view;
      for (const auto& [key, value] : {std::pair{"nSigFigs", &view.significant_figures},
                                       std::pair{"mantissa", &view.mantissa}}) {
        const auto at = json.find(key);
        if (at == json.end() || at->is_null()) continue;
        if (!at->is_number_integer()) return wrong;
        *value = at->get<int>();
      }
      if (view.significant_figures &&
          (*view.significant_figures < 2 || *view.significant_figures > 5)) {
        return {500, "null"};
      }
      return {200, book_json(**coin, stamp(now), view)};
    }
    std::string rows;
    if (type == "recentTrades") {
      std::size_t count = 0;
      const auto& prints = (*coin)->prints();
      for (auto print = prints.rbegin(); print != prints.rend() && count < 100; ++print, ++count) {
        if (!rows.empty()) rows += ',';
        rows += print_json(**coin, *print);
      }
    }
    return {200, "[" + rows + "]"};
  }
  // ---- users
  for (const std::string_view known :
       {"openOrders", "frontendOpenOrders", "clearinghouseState", "userFills", "userFillsByTime",
        "orderStatus", "historicalOrders", "userRateLimit", "userRole", "userFunding", "userFees",
        "extraAgents", "subAccounts"}) {
    if (type != known) continue;
    const auto user = json.find("user");
    if (user == json.end() || !user->is_string()) return wrong;
    const std::string address = lower(user->get<std::string>());
    if (!wire::Address::parse(address)) return wrong;
    return info_of(type, address, body, now);
  }
  return wrong;
}

Venue::InfoReply Venue::info_of(std::string_view type, std::string_view user, std::string_view body,
                                Time now) {
  const Json json = Json::parse(body, nullptr, false);
  const InfoReply wrong{422, std::string(wire::wrong_types_text)};
  const Account* account = desk_->find(user);
  if (type == "userRole") {
    if (account != nullptr) return {200, R"({"role":"user"})"};
    if (const Account* master = desk_->master_of(user, now)) {
      return {200, fmt::format(R"({{"role":"agent","data":{{"user":"{}"}}}})", master->address)};
    }
    return {200, R"({"role":"missing"})"};
  }
  if (type == "clearinghouseState") {
    Account nobody;
    nobody.positions.resize(coins_.size());
    return {200, clearinghouse_json(account == nullptr ? nobody : *account, coins_, stamp(now))};
  }
  if (type == "openOrders" || type == "frontendOpenOrders") {
    return {200,
            account == nullptr ? "[]" : open_orders_json(*account, type == "frontendOpenOrders")};
  }
  if (type == "userRateLimit") {
    const Money volume = account == nullptr ? Money{} : account->volume;
    return {200, fmt::format(R"({{"cumVlm":"{}","nRequestsUsed":{},"nRequestsCap":{},)"
                             R"("nRequestsSurplus":0}})",
                             pointed_money(volume, 6), account == nullptr ? 0 : account->requests,
                             settings_.desk.request_budget +
                                 (account == nullptr ? 0 : account->extra_requests) +
                                 static_cast<std::int64_t>(volume.units() / Money::per_one))};
  }
  if (type == "userFees") {
    return {200, fmt::format(R"({{"userCrossRate":"{}","userAddRate":"{}"}})",
                             pointed_decimal(settings_.desk.fees.taker_e8, 8),
                             pointed_decimal(settings_.desk.fees.maker_e8, 8))};
  }
  if (type == "extraAgents") {
    std::string rows;
    if (account != nullptr) {
      for (const Agent& of : account->agents) {
        if (of.name.empty()) continue;
        if (!rows.empty()) rows += ',';
        rows += fmt::format(R"({{"name":{},"address":"{}","validUntil":{}}})", json_text(of.name),
                            of.address, to_ms(of.valid_until));
      }
    }
    return {200, "[" + rows + "]"};
  }
  if (type == "subAccounts") return {200, "null"};

  const auto bound = [&](const char* key) -> std::optional<std::int64_t> {
    const auto at = json.find(key);
    if (at == json.end() || !at->is_number_integer()) return std::nullopt;
    return at->get<std::int64_t>();
  };
  std::string rows;
  const auto add = [&rows](const std::string& row) {
    if (!rows.empty()) rows += ',';
    rows += row;
  };
  if (type == "userFills" || type == "userFillsByTime" || type == "userFunding") {
    const auto from = bound("startTime");
    if (type != "userFills" && !from) return wrong;
    const std::int64_t begin = from.value_or(0);
    const std::int64_t end = bound("endTime").value_or(INT64_MAX);
    if (account == nullptr) return {200, "[]"};
    if (type == "userFunding") {
      for (const FundingRecord& of : account->fundings) {
        if (to_ms(of.time) < begin || to_ms(of.time) > end) continue;
        const Coin& coin = *coins_[of.coin];
        add(fmt::format(R"({{"time":{},"hash":"0x{:064x}","delta":{{"type":"funding","coin":{},)"
                        R"("usdc":"{}","szi":"{}","fundingRate":"{}"}}}})",
                        to_ms(of.time), 0, json_text(coin.name()), pointed_money(of.cash, 6),
                        pointed_decimal(of.size.lots(), coin.instrument().lot_decimals), of.rate));
      }
      return {200, "[" + rows + "]"};
    }
    std::size_t count = 0;
    const auto take = [&](const FillRecord& of) {
      if (count == 2000 || of.time == Time{} || to_ms(of.time) < begin || to_ms(of.time) > end) {
        return;
      }
      ++count;
      add(fill_json(of, *coins_[of.coin]));
    };
    // By time the oldest come first, so that a reader can go on from the last one.
    if (type == "userFills") {
      std::for_each(account->fills.rbegin(), account->fills.rend(), take);
    } else {
      std::for_each(account->fills.begin(), account->fills.end(), take);
    }
    return {200, "[" + rows + "]"};
  }
  const auto order_row = [&](const OrderRecord& order) {
    return fmt::format(R"({{"order":{},"status":"{}","statusTimestamp":{}}})",
                       frontend_order_json(order, *coins_[order.coin]), order.status,
                       to_ms(order.status_time));
  };
  if (type == "historicalOrders") {
    if (account == nullptr) return {200, "[]"};
    for (auto oid = account->orders.rbegin(); oid != account->orders.rend(); ++oid) {
      add(order_row(*desk_->order(*oid)));
    }
    return {200, "[" + rows + "]"};
  }
  // orderStatus
  const auto oid = json.find("oid");
  if (oid == json.end() || !(oid->is_number_integer() || oid->is_string())) return wrong;
  const OrderRecord* order = nullptr;
  if (oid->is_number_integer()) {
    order = desk_->order(oid->get<std::int64_t>());
    if (order != nullptr &&
        (account == nullptr || desk_->accounts()[order->account].get() != account)) {
      order = nullptr;
    }
  } else if (account != nullptr) {
    order = desk_->order(*account, lower(oid->get<std::string>()));
  }
  if (order == nullptr) return {200, R"({"status":"unknownOid"})"};
  return {200, fmt::format(R"({{"status":"order","order":{}}})", order_row(*order))};
}

std::string Venue::state_json(Time now) const {
  std::string accounts;
  for (const auto& account : desk_->accounts()) {
    std::string positions;
    for (std::size_t at = 0; at < coins_.size(); ++at) {
      if (account->positions[at].size == Qty{}) continue;
      if (!positions.empty()) positions += ',';
      positions += fmt::format(R"({}:"{}")", json_text(coins_[at]->name()),
                               pointed_decimal(account->positions[at].size.lots(),
                                               coins_[at]->instrument().lot_decimals));
    }
    if (!accounts.empty()) accounts += ',';
    accounts += fmt::format(
        R"({{"address":"{}","balance":"{}","positions":{{{}}},"fills":{},"openOrders":{}}})",
        account->address, pointed_money(account->balance, 8), positions, account->fills.size(),
        open_orders_json(*account, false));
  }
  std::string books;
  for (const auto& coin : coins_) {
    if (!books.empty()) books += ',';
    books += book_json(*coin, stamp(now), {});
  }
  return fmt::format(R"({{"accounts":[{}],"books":[{}]}})", accounts, books);
}

}  // namespace mm::standin::hyperliquid
