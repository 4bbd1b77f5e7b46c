#include "venues/hyperliquid/live_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace mm::venues::hyperliquid {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t most_price_decimals = 6;

std::string subscribe(std::string_view type, std::string_view coin, bool fast = false) {
  nlohmann::ordered_json subscription{{"type", type}, {"coin", coin}};
  if (fast) subscription["fast"] = true;
  return nlohmann::ordered_json{{"method", "subscribe"}, {"subscription", subscription}}.dump();
}

Result<Instrument> find(std::string_view coin, std::string_view meta, const Instrument* known) {
  const Json json = Json::parse(meta, nullptr, false);
  if (!json.is_object() || !json.contains("universe") || !json["universe"].is_array()) {
    return Error(ErrorKind::data,
                 "hyperliquid: /info meta has no universe: " + std::string(meta.substr(0, 120)));
  }
  std::string similar;
  for (const Json& asset : json["universe"]) {
    if (!asset.is_object()) continue;
    const std::string name = asset.value("name", std::string{});
    if (name != coin) {
      const bool same = std::equal(
          name.begin(), name.end(), coin.begin(), coin.end(),
          [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
      if (same) similar = name;
      continue;
    }
    if (asset.value("isDelisted", false)) {
      return Error(ErrorKind::usage, "hyperliquid: " + name + " is delisted");
    }
    const std::int64_t size_decimals = asset.value("szDecimals", std::int64_t{-1});
    if (size_decimals < 0 || size_decimals > most_price_decimals) {
      return Error(ErrorKind::data, "hyperliquid: meta gives " + name + " no usable szDecimals");
    }
    Instrument of;
    of.venue = "hyperliquid";
    of.symbol = name;
    of.price_decimals = most_price_decimals - size_decimals;
    of.lot_decimals = size_decimals;
    of.tick = Price::from_units(1);
    of.qty_step = Qty::from_lots(1);
    of.significant_figures = 5;
    of.min_notional = Money::from_units(Int128{10} * Money::per_one);
    of.min_qty = Qty::from_lots(1);
    of.maker_fee_e8 = known != nullptr ? known->maker_fee_e8 : 15'000;
    of.taker_fee_e8 = known != nullptr ? known->taker_fee_e8 : 45'000;
    of.settlement = "USDC";
    return of;
  }
  return Error(ErrorKind::usage, "hyperliquid: no coin \"" + std::string(coin) + "\"" +
                                     (similar.empty() ? "" : "; did you mean " + similar + "?"));
}

}  // namespace

FeedPlan plan_feed(const Instrument& instrument, const Network& network,
                   const LiveSettings& settings) {
  const Endpoints place = endpoints_of(instrument.venue, network);
  const std::string& coin = instrument.symbol;

  SocketPlan market;
  market.name = "market";
  market.url = place.sockets.websocket("/ws");
  market.hello = {subscribe("l2Book", coin), subscribe("bbo", coin), subscribe("trades", coin),
                  subscribe("activeAssetCtx", coin)};
  market.ping = R"({"method":"ping"})";
  market.ping_every = settings.ping_every;
  market.message_gap = std::chrono::milliseconds{20};
  market.silence = 3 * settings.hl_book_cadence;
  market.watches = {{RecordKind::best_quote, settings.hl_quote_silence, false},
                    {RecordKind::book_snapshot, 3 * settings.hl_book_cadence, false}};

  FeedPlan plan;
  plan.together = true;
  plan.rest = place.rest;
  if (settings.hl_fast_book) {
    SocketPlan fast = market;
    fast.name = "fast";
    fast.hello = {subscribe("l2Book", coin, true)};
    fast.watches = {{RecordKind::book_snapshot, 3 * settings.hl_fast_cadence, false}};
    plan.sockets = {std::move(market), std::move(fast)};
  } else {
    plan.sockets = {std::move(market)};
  }
  return plan;
}

net::HttpRequest meta_request() {
  return {.method = "POST",
          .target = "/info",
          .headers = {{"Content-Type", "application/json"}},
          .body = R"({"type":"meta"})"};
}

Result<Instrument> definition_of(std::string_view coin, std::string_view meta,
                                 const Instrument* known) {
  try {
    return find(coin, meta, known);
  } catch (const Json::exception& error) {
    return Error(ErrorKind::data, std::string("hyperliquid: /info meta: ") + error.what());
  }
}

}  // namespace mm::venues::hyperliquid
