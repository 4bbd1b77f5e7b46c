#include "venues/hyperliquid/live_plan.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "venues/hyperliquid/info.hpp"

namespace mm::venues::hyperliquid {
namespace {

std::string subscribe(std::string_view type, std::string_view coin, bool fast = false) {
  nlohmann::ordered_json subscription{{"type", type}, {"coin", coin}};
  if (fast) subscription["fast"] = true;
  return nlohmann::ordered_json{{"method", "subscribe"}, {"subscription", subscription}}.dump();
}

bool same_but_for_case(std::string_view one, std::string_view other) {
  return std::equal(
      one.begin(), one.end(), other.begin(), other.end(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

}  // namespace

FeedPlan plan_feed(const Instrument& instrument, const venues::Network& network,
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
          .body = info_request("meta")};
}

Result<Listing> listing_of(std::string_view coin, std::string_view meta, const Instrument* known) {
  const Result<Meta> read = decode_meta(meta);
  if (read.has_error()) return read.error();
  for (const OddAsset& odd : read->odd)
    if (odd.name == coin) return Error(ErrorKind::data, odd.problem);
  std::string similar;
  for (const Asset& asset : read->assets) {
    Listing listing{asset.instrument, asset.index, read->odd.size()};
    Instrument& of = listing.instrument;
    if (of.symbol != coin) {
      if (same_but_for_case(of.symbol, coin)) similar = of.symbol;
      continue;
    }
    if (asset.delisted)
      return Error(ErrorKind::usage, "hyperliquid: " + of.symbol + " is delisted");
    if (known != nullptr) {
      of.maker_fee_e8 = known->maker_fee_e8;
      of.taker_fee_e8 = known->taker_fee_e8;
    }
    return listing;
  }
  std::string message = "hyperliquid: no coin \"" + std::string(coin) + "\"";
  if (!similar.empty()) message += "; did you mean " + similar + "?";
  if (!read->odd.empty())
    message += "; " + std::to_string(read->odd.size()) + " entries of meta could not be read";
  return Error(ErrorKind::usage, message);
}

}  // namespace mm::venues::hyperliquid
