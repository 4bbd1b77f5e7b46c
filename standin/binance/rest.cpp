#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/numeric.hpp"
#include "standin/binance/venue.hpp"
#include "standin/query.hpp"
#include "standin/text.hpp"

namespace mm::standin::binance {
namespace {

std::optional<std::int64_t> integer(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size()) return std::nullopt;
  return value;
}

std::int64_t depth_weight(Kind kind, std::int64_t limit) {
  if (kind == Kind::spot) return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
  return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
}

bool depth_limit_allowed(Kind kind, std::int64_t limit) {
  if (kind == Kind::spot) return limit >= 1 && limit <= 5000;
  for (const std::int64_t of : {5, 10, 20, 50, 100, 500, 1000}) {
    if (of == limit) return true;
  }
  return false;
}

}  // namespace

Settings default_settings(Kind kind) {
  Settings settings;
  if (kind == Kind::spot) {
    settings.ping_every = std::chrono::seconds{20};
    settings.pong_within = std::chrono::seconds{60};
    settings.messages_per_second = 5;
    settings.weight_per_minute = 6000;
  }
  return settings;
}

Venue::Venue(Kind kind, const Settings& settings, Outbox& out)
    : kind_(kind), settings_(settings), out_(out), random_(settings.seed) {}

std::size_t Venue::add_symbol(Instrument instrument) {
  const std::size_t at = symbols_.size();
  symbols_.push_back(std::make_unique<Symbol>(std::move(instrument), kind_, random_.next(),
                                              settings_.market_second, settings_.one_to_one));
  symbols_.back()->set_sink([this, at](std::string_view stream, std::string text, Time now) {
    on_payload(at, stream, std::move(text), now);
  });
  banned_.push_back(false);
  return at;
}

std::size_t Venue::find_symbol(std::string_view name) const {
  for (std::size_t at = 0; at < symbols_.size(); ++at) {
    if (symbols_[at]->instrument().symbol == name && !banned_[at]) return at;
  }
  return symbols_.size();
}

void Venue::ban(std::string_view symbol, bool banned) {
  for (std::size_t at = 0; at < symbols_.size(); ++at) {
    if (symbols_[at]->instrument().symbol == symbol) banned_[at] = banned;
  }
}

bool Venue::owns_path(std::string_view path) const {
  return path.starts_with(kind_ == Kind::usdm ? "/fapi/" : "/api/");
}

void Venue::answer(RequestId id, Time due, unsigned status, std::string body) {
  out_.answer(id, due, status, std::move(body),
              {{"Content-Type", "application/json"},
               {"X-MBX-USED-WEIGHT-1M", std::to_string(weight_used_)}});
}

void Venue::error(RequestId id, Time now, unsigned status, int code, std::string_view message) {
  answer(id, now, status, fmt::format(R"({{"code":{},"msg":{}}})", code, json_text(message)));
}

/// Whether the request may go on; else it has been answered.
bool Venue::charge(RequestId id, std::int64_t weight, Time now) {
  const std::int64_t minute = to_ms(now) / 60'000;
  if (minute != minute_) {
    minute_ = minute;
    weight_used_ = 0;
    if (now >= limited_until_) refused_ = 0;
  }
  weight_used_ += weight;
  if (weight_used_ > settings_.weight_per_minute && now >= limited_until_) {
    limited_until_ = time_from_ns((minute + 1) * 60'000'000'000);
    limited_status_ = 429;
  }
  if (now >= limited_until_) return true;
  // Who does not listen to 429 is banned.
  if (++refused_ > 10 && limited_status_ == 429) {
    limited_status_ = 418;
    limited_until_ = std::max(limited_until_, now + std::chrono::minutes{2});
  }
  const auto wait = std::chrono::ceil<std::chrono::seconds>(limited_until_ - now).count();
  const std::string body =
      limited_status_ == 418
          ? fmt::format(R"({{"code":-1003,"msg":"Way too many requests; IP banned until {}. )"
                        R"(Please use the websocket for live updates to avoid bans."}})",
                        to_ms(limited_until_))
          : fmt::format(
                R"({{"code":-1003,"msg":"Too many requests; current limit is {} request )"
                R"(weight per 1 MINUTE. Please use the websocket for live updates to avoid )"
                R"(polling the API."}})",
                settings_.weight_per_minute);
  out_.answer(id, now, limited_status_, body,
              {{"Content-Type", "application/json"},
               {"X-MBX-USED-WEIGHT-1M", std::to_string(weight_used_)},
               {"Retry-After", std::to_string(wait)}});
  return false;
}

void Venue::on_request(RequestId id, std::string_view method, std::string_view target, Time now) {
  const std::string_view path = path_of(target);
  if (method != "GET") {
    return error(id, now, 405, -5000, fmt::format("Path {}, Method {} is invalid", path, method));
  }
  rest(id, path, target, now);
}

void Venue::answer_depth(RequestId id, std::size_t symbol, std::size_t limit, Time now, Time due) {
  const bool stale =
      settings_.stale_depth_one_in != 0 && random_.below(settings_.stale_depth_one_in) == 0;
  if (const auto text = symbols_[symbol]->depth_json(limit, now, stale)) {
    answer(id, due, 200, *text);
  } else {
    waiting_.push_back({id, symbol, limit});
  }
}

void Venue::on_symbol_open(std::size_t at, Time now) {
  const std::vector<Waiting> waiting = std::exchange(waiting_, {});
  for (const Waiting& of : waiting) {
    if (of.symbol == at) {
      answer_depth(of.request, at, of.limit, now, now);
    } else {
      waiting_.push_back(of);
    }
  }
}

void Venue::rest(RequestId id, std::string_view path, std::string_view target, Time now) {
  const std::string_view base = kind_ == Kind::usdm ? "/fapi/v1/" : "/api/v3/";
  const std::string_view name =
      path.starts_with(base) ? path.substr(base.size()) : std::string_view{};
  const auto symbol_name = query_value(target, "symbol");
  const auto limit = integer(query_value(target, "limit"));
  const bool futures = kind_ == Kind::usdm;

  std::int64_t weight = 1;
  if (name == "depth") {
    weight = depth_weight(kind_, limit.value_or(futures ? 500 : 100));
  } else if (name == "premiumIndex" && futures) {
    weight = symbol_name ? 1 : 10;
  } else if (name == "aggTrades") {
    weight = futures ? 20 : 4;
  } else if (name == "exchangeInfo") {
    weight = futures ? 1 : 20;
  } else if (name != "time" && name != "ping" && !(futures && name == "openInterest")) {
    return error(id, now, 404, -5000, fmt::format("Path {}, Method GET is invalid", path));
  }
  if (!charge(id, weight, now)) return;

  if (name == "ping") return answer(id, now, 200, "{}");
  if (name == "time") {
    return answer(id, now, 200, fmt::format(R"({{"serverTime":{}}})", to_ms(now + clock_offset_)));
  }
  if (name == "exchangeInfo") return answer(id, now, 200, exchange_info(now));
  if (name == "premiumIndex" && !symbol_name) {
    std::string all;
    for (const auto& symbol : symbols_) {
      if (!all.empty()) all += ',';
      all += symbol->premium_json(now);
    }
    return answer(id, now, 200, "[" + all + "]");
  }
  if (!symbol_name) {
    return error(id, now, 400, -1102,
                 "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  }
  const std::size_t symbol = find_symbol(*symbol_name);
  if (symbol == symbols_.size()) return error(id, now, 400, -1121, "Invalid symbol.");
  if (name == "depth") {
    const std::int64_t levels = limit.value_or(futures ? 500 : 100);
    if (!depth_limit_allowed(kind_, levels)) {
      return error(id, now, 400, -4021, fmt::format("{} is not valid depth limit.", levels));
    }
    const Duration span = settings_.depth_delay_most - settings_.depth_delay_least;
    const Duration delay =
        settings_.depth_delay_least + depth_extra_ +
        Duration{static_cast<std::int64_t>(random_.uniform() * static_cast<double>(span.count()))};
    return answer_depth(id, symbol, static_cast<std::size_t>(levels), now, now + delay);
  }
  if (name == "openInterest")
    return answer(id, now, 200, symbols_[symbol]->open_interest_json(now));
  if (name == "premiumIndex") return answer(id, now, 200, symbols_[symbol]->premium_json(now));
  const auto from = integer(query_value(target, "fromId"));
  answer(id, now, 200,
         symbols_[symbol]->aggregates_json(
             from.value_or(0),
             static_cast<std::size_t>(std::clamp<std::int64_t>(limit.value_or(500), 1, 1000))));
}

std::string Venue::exchange_info(Time now) const {
  std::string symbols;
  for (const auto& symbol : symbols_) {
    const Instrument& of = symbol->instrument();
    const std::string base = of.symbol.substr(0, of.symbol.size() - of.settlement.size());
    const auto price = [&](Price p) { return fixed_decimal(p.units(), of.price_decimals); };
    const auto qty = [&](Qty q) { return fixed_decimal(q.lots(), of.lot_decimals); };
    if (!symbols.empty()) symbols += ',';
    if (kind_ == Kind::usdm) {
      symbols += fmt::format(
          R"({{"symbol":"{0}","pair":"{0}","contractType":"PERPETUAL","deliveryDate":4133404800000,)"
          R"("onboardDate":1569398400000,"status":"TRADING","baseAsset":"{1}","quoteAsset":"{2}",)"
          R"("marginAsset":"{2}","pricePrecision":{3},"quantityPrecision":{4},)"
          R"("underlyingType":"COIN","filters":[)"
          R"({{"filterType":"PRICE_FILTER","minPrice":"{5}","maxPrice":"4529764","tickSize":"{5}"}},)"
          R"({{"filterType":"LOT_SIZE","minQty":"{6}","maxQty":"1000","stepSize":"{7}"}},)"
          R"({{"filterType":"MARKET_LOT_SIZE","minQty":"{6}","maxQty":"120","stepSize":"{7}"}},)"
          R"({{"filterType":"MAX_NUM_ORDERS","limit":200}},)"
          R"({{"filterType":"MIN_NOTIONAL","notional":"{8}"}},)"
          R"({{"filterType":"PERCENT_PRICE","multiplierUp":"1.0500","multiplierDown":"0.9500",)"
          R"("multiplierDecimal":"4"}}],"orderTypes":["LIMIT","MARKET"],)"
          R"("timeInForce":["GTC","IOC","FOK","GTX"]}})",
          of.symbol, base, of.settlement, of.price_decimals, of.lot_decimals, price(of.tick),
          qty(of.min_qty), qty(of.qty_step), format_money(of.min_notional));
    } else {
      symbols += fmt::format(
          R"({{"symbol":"{0}","status":"TRADING","baseAsset":"{1}","baseAssetPrecision":8,)"
          R"("quoteAsset":"{2}","quotePrecision":8,"orderTypes":["LIMIT","LIMIT_MAKER","MARKET"],)"
          R"("filters":[)"
          R"({{"filterType":"PRICE_FILTER","minPrice":"{3}","maxPrice":"1000000.00","tickSize":"{3}"}},)"
          R"({{"filterType":"LOT_SIZE","minQty":"{4}","maxQty":"9000.00","stepSize":"{5}"}},)"
          R"({{"filterType":"NOTIONAL","minNotional":"{6}"}}]}})",
          of.symbol, base, of.settlement, price(of.tick), qty(of.min_qty), qty(of.qty_step),
          format_money(of.min_notional));
    }
  }
  return fmt::format(
      R"({{"timezone":"UTC","serverTime":{},"rateLimits":[{{"rateLimitType":"REQUEST_WEIGHT",)"
      R"("interval":"MINUTE","intervalNum":1,"limit":{}}}],"exchangeFilters":[],"symbols":[{}]}})",
      to_ms(now + clock_offset_), settings_.weight_per_minute, symbols);
}

std::string Venue::state_json() const {
  std::string out = "[";
  for (const auto& symbol : symbols_) {
    if (out.size() > 1) out += ',';
    out += symbol->state_json();
  }
  return out + "]";
}

}  // namespace mm::standin::binance
