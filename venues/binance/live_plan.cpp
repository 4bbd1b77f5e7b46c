#include "venues/binance/live_plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "venues/decimal.hpp"
#include "venues/excerpt.hpp"
#include "venues/hyperliquid/json_dom.hpp"

namespace mm::venues::binance {
namespace {

using Json = nlohmann::json;

std::string api(std::string_view venue) {
  if (venue == "binance-spot") return "/api/v3/";
  return venue == "binance-usdm" ? "/fapi/v1/" : "/dapi/v1/";
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& of : out) {
    if (of >= 'A' && of <= 'Z') of = static_cast<char>(of - 'A' + 'a');
  }
  return out;
}

/// Digits behind the point that count: "0.00100" has 3.
std::int64_t decimals_of(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return 0;
  const std::size_t last = text.find_last_not_of('0');
  return last <= point ? 0 : static_cast<std::int64_t>(last - point);
}

/// The text of a filter's key; empty if there is none.
std::string filter_text(const Json& symbol, std::string_view type, const char* key) {
  const auto filters = symbol.find("filters");
  if (filters == symbol.end() || !filters->is_array()) return {};
  for (const Json& filter : *filters) {
    if (filter.is_object() && filter.value("filterType", std::string{}) == type) {
      return filter.value(key, std::string{});
    }
  }
  return {};
}

Error no_use(std::string_view venue, std::string_view symbol, const std::string& what) {
  return {ErrorKind::data,
          std::string(venue) + ": exchangeInfo of " + std::string(symbol) + ": " + what};
}

Result<Instrument> read(std::string_view venue, const Json& symbol, const Instrument* known) {
  const std::string name = symbol.value("symbol", std::string{});
  const std::string tick = filter_text(symbol, "PRICE_FILTER", "tickSize");
  const std::string step = filter_text(symbol, "LOT_SIZE", "stepSize");
  const std::string least = filter_text(symbol, "LOT_SIZE", "minQty");
  std::string notional = filter_text(symbol, "MIN_NOTIONAL", "notional");
  if (notional.empty()) notional = filter_text(symbol, "NOTIONAL", "minNotional");
  if (notional.empty()) notional = "0";

  Instrument of;
  of.venue = venue;
  of.symbol = name;
  of.price_decimals = std::max(decimals_of(tick), known != nullptr ? known->price_decimals : 0);
  of.lot_decimals = std::max(decimals_of(step), known != nullptr ? known->lot_decimals : 0);
  if (of.price_decimals > 9 || of.lot_decimals > 9) return no_use(venue, name, "steps too fine");
  const auto tick_units = parse_decimal(tick, static_cast<int>(of.price_decimals));
  const auto step_lots = parse_decimal(step, static_cast<int>(of.lot_decimals));
  const auto least_lots = parse_decimal(least, static_cast<int>(of.lot_decimals));
  const auto value = parse_decimal<Int128>(notional, 12);
  if (!tick_units.ok() || tick_units.value <= 0) {
    return no_use(venue, name, "tickSize \"" + excerpt(tick) + "\" is no step");
  }
  if (!step_lots.ok() || step_lots.value <= 0) {
    return no_use(venue, name, "stepSize \"" + excerpt(step) + "\" is no step");
  }
  if (!least_lots.ok() || least_lots.value < 0) {
    return no_use(venue, name, "minQty \"" + excerpt(least) + "\" is no quantity");
  }
  if (!value.ok() || value.value < 0) {
    return no_use(venue, name, "notional \"" + excerpt(notional) + "\" is no value");
  }
  of.tick = Price::from_units(tick_units.value);
  of.qty_step = Qty::from_lots(step_lots.value);
  of.min_qty = Qty::from_lots(least_lots.value);
  of.min_notional = Money::from_units(value.value);
  const bool inverse = venue == "binance-coinm";
  of.contract = inverse ? ContractKind::inverse : ContractKind::linear;
  if (inverse) {
    const auto size = symbol.find("contractSize");
    const bool is_count = size != symbol.end() && size->is_number_unsigned() &&
                          size->get<std::uint64_t>() <= 1'000'000'000;
    of.contract_size = is_count ? size->get<std::int64_t>() : 0;
  }
  if (of.contract_size < 1) return no_use(venue, name, "no contractSize");
  of.settlement =
      symbol.value(venue == "binance-spot" ? "quoteAsset" : "marginAsset", std::string{});
  if (of.settlement.empty()) return no_use(venue, name, "no settlement currency");
  const bool spot = venue == "binance-spot";
  of.maker_fee_e8 = known != nullptr ? known->maker_fee_e8 : spot ? 100'000 : 20'000;
  of.taker_fee_e8 = known != nullptr ? known->taker_fee_e8 : spot ? 100'000 : 50'000;
  return of;
}

Result<Instrument> find(std::string_view venue, std::string_view symbol,
                        std::string_view exchange_info, const Instrument* known) {
  const Json json = hyperliquid::dom::parse(exchange_info);
  const auto unknown = [&](const std::string& what) {
    return Error(ErrorKind::usage, std::string(venue) + ": " + what);
  };
  // Spot answers a request for one unknown symbol with an error.
  if (json.is_object() && json.value("code", 0) == -1121) {
    return unknown("no symbol \"" + std::string(symbol) + "\"");
  }
  if (!json.is_object() || !json.contains("symbols") || !json["symbols"].is_array()) {
    return Error(ErrorKind::data, std::string(venue) + ": exchangeInfo has no symbols: " +
                                      excerpt(exchange_info, 120));
  }
  for (const Json& entry : json["symbols"]) {
    if (!entry.is_object() || entry.value("symbol", std::string{}) != symbol) continue;
    const std::string status =
        entry.value("status", entry.value("contractStatus", std::string{"TRADING"}));
    if (status != "TRADING") {
      return unknown(std::string(symbol) + " is not trading (status " + excerpt(status) + ")");
    }
    return read(venue, entry, known);
  }
  return unknown("no symbol \"" + std::string(symbol) + "\"; symbols are upper case, as BTCUSDT");
}

}  // namespace

FeedPlan plan_feed(const Instrument& instrument, const Network& network,
                   const LiveSettings& settings) {
  const Endpoints place = endpoints_of(instrument.venue, network);
  const bool spot = instrument.venue == "binance-spot";
  const std::string symbol = lower(instrument.symbol);
  const auto stream = [&](std::string_view kind) { return symbol + "@" + std::string(kind); };

  SocketPlan books;
  books.name = spot ? "stream" : "public";
  books.message_gap = std::chrono::milliseconds{250};
  books.silence = settings.binance_silence;
  books.life = settings.life;
  books.overlap = settings.overlap;
  SocketPlan market = books;

  const std::string book_streams =
      stream("depth@" + settings.depth_speed) + "/" + stream("bookTicker");
  FeedPlan plan;
  plan.rest = place.rest;
  if (spot) {
    books.url =
        place.sockets.websocket("/stream?streams=" + book_streams + "/" + stream("aggTrade"));
    plan.sockets = {std::move(books)};
  } else {
    books.url = place.sockets.websocket("/public/stream?streams=" + book_streams);
    market.name = "market";
    market.url = place.sockets.websocket("/market/stream?streams=" + stream("aggTrade") + "/" +
                                         stream("markPrice@1s") + "/" + stream("forceOrder"));
    market.watches = {{RecordKind::asset_context, settings.mark_silence, false}};
    plan.sockets = {std::move(books), std::move(market)};
    plan.polls.push_back(
        {.name = "open interest",
         .request = {.target = api(instrument.venue) + "openInterest?symbol=" + instrument.symbol},
         .every = settings.open_interest_every});
  }
  plan.snapshot = net::HttpRequest{.target = api(instrument.venue) +
                                             "depth?symbol=" + instrument.symbol + "&limit=1000"};
  return plan;
}

net::HttpRequest exchange_info_request(std::string_view venue, std::string_view symbol) {
  std::string target = api(venue) + "exchangeInfo";
  if (venue == "binance-spot") target += "?symbol=" + std::string(symbol);
  return {.target = std::move(target)};
}

net::HttpRequest time_request(std::string_view venue) {
  return {.target = api(venue) + "time"};
}

Result<Instrument> definition_of(std::string_view venue, std::string_view symbol,
                                 std::string_view exchange_info, const Instrument* known) {
  try {
    return find(venue, symbol, exchange_info, known);
  } catch (const Json::exception& error) {
    return Error(ErrorKind::data, std::string(venue) + ": exchangeInfo: " + error.what());
  }
}

}  // namespace mm::venues::binance
