#include "standin/stand_in.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/numeric.hpp"
#include "standin/query.hpp"
#include "standin/text.hpp"

namespace mm::standin {
namespace {

constexpr std::string_view venue_names[] = {"hyperliquid", "binance-usdm", "binance-spot"};

std::string json_answer(std::string_view key, std::string_view value) {
  return fmt::format(R"({{"{}":{}}})", key, json_text(value));
}

}  // namespace

StandIn::StandIn(const Options& options, const venues::Instruments& table, Time now)
    : options_(options), saboteur_(options.faults, now, options.seed) {
  const MarketClock scale(Time{}, options.speed);
  Venues places;
  if (options.hyperliquid) {
    hyperliquid::Settings settings;
    settings.sockets.cadence = options.cadence;
    settings.sockets.book_every = scale.scaled(options.book_every);
    settings.sockets.fast_book_every = scale.scaled(options.fast_book_every);
    settings.sockets.context_every = scale.scaled(std::chrono::seconds{1});
    settings.sockets.mids_every = scale.scaled(options.book_every);
    settings.sockets.trade_history = scale.scaled(std::chrono::seconds{20});
    settings.sockets.idle_drop = options.idle_drop;
    settings.block = std::max<Duration>(scale.scaled(options.block), std::chrono::milliseconds{2});
    settings.block_jitter = settings.block / 7;
    settings.reply_delay = scale.scaled(options.reply_delay);
    settings.funding_every = options.funding_every;
    settings.desk.deposit = options.deposit;
    settings.desk.prior_volume = options.prior_volume;
    settings.network = options.mainnet ? venues::hyperliquid::Network::mainnet
                                       : venues::hyperliquid::Network::testnet;
    settings.seed = options.seed;
    hyperliquid_ = std::make_unique<hyperliquid::Venue>(settings, out_);
    places.hyperliquid = hyperliquid_.get();
  }
  const auto make_binance = [&](binance::Kind kind) {
    binance::Settings settings = binance::default_settings(kind);
    settings.market_second = scale.scaled(std::chrono::seconds{1});
    settings.stale_depth_one_in = options.stale_depth_one_in;
    settings.one_to_one = options.cadence == hyperliquid::Cadence::recorded;
    settings.seed = options.seed + static_cast<std::uint64_t>(kind);
    if (options.ping_every > Duration{}) settings.ping_every = options.ping_every;
    return std::make_unique<binance::Venue>(kind, settings, out_);
  };
  if (options.usdm) usdm_ = make_binance(binance::Kind::usdm);
  if (options.spot) spot_ = make_binance(binance::Kind::spot);
  places.usdm = usdm_.get();
  places.spot = spot_.get();
  driver_ = options.captures.empty()
                ? synthetic_market(options.seed, options.coins, table, places, now)
                : replay_captures(options.captures, table, places);
  clock_ = std::make_unique<MarketClock>(driver_->begin(), options.speed);
  if (hyperliquid_)
    for (const auto& coin : hyperliquid_->coins()) coin->book_log().keep(options.keep_books);
  for (binance::Venue* venue : {usdm_.get(), spot_.get()})
    for (std::size_t at = 0; venue != nullptr && at < venue->size(); ++at)
      venue->symbol(at).book_log().keep(options.keep_books);
  if (hyperliquid_) {
    hyperliquid_->begin(now);
    for (const AccountSpec& of : options.accounts) {
      hyperliquid::Account& account = hyperliquid_->desk().open_account(of.address);
      if (!of.agent.empty()) {
        hyperliquid_->desk().add_agent(account, of.agent, "", now + std::chrono::hours{24 * 90});
      }
    }
  }
  if (options.start_after == 0) clock_->start(now);
}

// ---------------------------------------------------------------- routes

std::optional<StandIn::Protocol> StandIn::protocol_of(std::string_view target) const {
  if (hyperliquid_ && path_of(target) == "/ws") return Protocol::hyperliquid;
  const bool bare_ws = !hyperliquid_;
  if (usdm_ && (target.starts_with("/public") || target.starts_with("/market") || !spot_) &&
      usdm_->owns_socket(target, bare_ws)) {
    return Protocol::usdm;
  }
  if (spot_ && spot_->owns_socket(target, bare_ws)) return Protocol::spot;
  return std::nullopt;
}

binance::Venue* StandIn::binance_of(Protocol protocol) {
  return protocol == Protocol::usdm ? usdm_.get() : spot_.get();
}

bool StandIn::accepts_socket(std::string_view target) const {
  const auto protocol = protocol_of(target);
  return protocol && (*protocol != Protocol::hyperliquid || hyperliquid_->may_connect());
}

void StandIn::on_open(ConnectionId id, std::string_view target, Time now) {
  const Protocol protocol = protocol_of(target).value();
  connections_[id] = protocol;
  saboteur_.on_open(id, venue_names[static_cast<std::size_t>(protocol)]);
  if (protocol == Protocol::hyperliquid) {
    hyperliquid_->on_open(id, now);
  } else {
    binance_of(protocol)->on_open(id, target, now);
  }
  start_market(now);
}

void StandIn::on_message(ConnectionId id, std::string_view text, Time now) {
  const auto at = connections_.find(id);
  if (at == connections_.end()) return;
  if (at->second == Protocol::hyperliquid) {
    hyperliquid_->on_message(id, text, now);
  } else {
    binance_of(at->second)->on_message(id, text, now);
  }
  start_market(now);
}

void StandIn::on_pong(ConnectionId id, Time now) {
  const auto at = connections_.find(id);
  if (at != connections_.end() && at->second != Protocol::hyperliquid) {
    binance_of(at->second)->on_pong(id, now);
  }
}

void StandIn::on_closed(ConnectionId id) {
  const auto at = connections_.find(id);
  if (at == connections_.end()) return;
  if (at->second == Protocol::hyperliquid) {
    hyperliquid_->on_closed(id);
  } else {
    binance_of(at->second)->on_closed(id);
  }
  saboteur_.on_closed(id);
  connections_.erase(at);
}

std::uint64_t StandIn::subscriptions_made() const {
  return (hyperliquid_ ? hyperliquid_->subscriptions_made() : 0) +
         (usdm_ ? usdm_->subscriptions_made() : 0) + (spot_ ? spot_->subscriptions_made() : 0);
}

void StandIn::start_market(Time now) {
  if (!clock_->running() && subscriptions_made() >= options_.start_after) clock_->start(now);
}

void StandIn::on_request(RequestId id, const net::HttpRequest& request, Time now) {
  const std::string_view path = path_of(request.target);
  if (path.starts_with("/control/")) return control(id, request, now);
  if (hyperliquid_ && (path == "/info" || path == "/exchange")) {
    const auto type = net::find_header(request.headers, "Content-Type").value_or("");
    return hyperliquid_->on_request(id, request.method, path, type, request.body, now);
  }
  for (binance::Venue* venue : {usdm_.get(), spot_.get()}) {
    if (venue != nullptr && venue->owns_path(path)) {
      return venue->on_request(id, request.method, request.target, now);
    }
  }
  out_.answer(id, now, 404, "<html><body><h1>404 Not Found</h1></body></html>",
              {{"Content-Type", "text/html"}});
}

void StandIn::control(RequestId id, const net::HttpRequest& request, Time now) {
  const auto answer = [&](unsigned status, std::string body) {
    out_.answer(id, now, status, std::move(body), {{"Content-Type", "application/json"}});
  };
  const std::string_view path = path_of(request.target);
  if (path == "/control/state" && request.method == "GET") return answer(200, state_json(now));
  if (path == "/control/books" && request.method == "GET") {
    const BookLog* const log = book_log(query_value(request.target, "venue").value_or(""),
                                        query_value(request.target, "symbol").value_or(""));
    if (log != nullptr) return answer(200, log->json());
    return answer(404,
                  json_answer("error", "?venue=NAME&symbol=NAME names no book that is served"));
  }
  if (path == "/control/position" && request.method == "POST") {
    const std::string problem = shift_position(request.body);
    if (problem.empty()) return answer(200, R"({"ok":true})");
    return answer(400, json_answer("error", problem));
  }
  if (path == "/control/fault" && request.method == "POST") {
    const auto json = nlohmann::json::parse(request.body, nullptr, false);
    const auto fault = json.is_object() ? json.find("fault") : json.end();
    if (!json.is_object() || fault == json.end() || !fault->is_string()) {
      return answer(400, json_answer("error", R"(expected {"fault":"KIND@TIME[,for=..]"})"));
    }
    Result<FaultSpec> spec = parse_fault(fault->get<std::string>());
    if (spec.has_error()) return answer(400, json_answer("error", spec.error().message()));
    saboteur_.add(std::move(*spec), now);
    apply_faults(now);
    return answer(200, R"({"ok":true})");
  }
  answer(404, json_answer("error",
                          "there are GET /control/state, GET /control/books, POST "
                          "/control/fault and POST /control/position"));
}

std::string StandIn::shift_position(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const auto text = [&](const char* key) {
    const auto at = json.is_object() ? json.find(key) : json.end();
    return json.is_object() && at != json.end() && at->is_string() ? at->get<std::string>() : "";
  };
  hyperliquid::Account* const account =
      hyperliquid_ ? hyperliquid_->desk().find(text("account")) : nullptr;
  if (account == nullptr) return "\"account\" names none of this venue";
  for (std::size_t at = 0; at < hyperliquid_->coins().size(); ++at) {
    const Instrument& of = hyperliquid_->coin(at).instrument();
    if (of.symbol != text("coin")) continue;
    const auto lots = parse_decimal(text("by"), of.lot_decimals);
    if (!lots) return "\"by\" is no size of this coin, such as \"-0.5\"";
    hyperliquid_->desk().shift_position(*account, at, Qty::from_lots(*lots));
    return {};
  }
  return "\"coin\" names none of this venue";
}

BookLog* StandIn::book_log(std::string_view venue, std::string_view symbol) {
  if (hyperliquid_ && venue == venue_names[0])
    for (const auto& coin : hyperliquid_->coins())
      if (coin->name() == symbol) return &coin->book_log();
  for (const auto& [name, of] :
       {std::pair{venue_names[1], usdm_.get()}, std::pair{venue_names[2], spot_.get()}})
    for (std::size_t at = 0; of != nullptr && name == venue && at < of->size(); ++at)
      if (of->symbol(at).instrument().symbol == symbol) return &of->symbol(at).book_log();
  return nullptr;
}

// ---------------------------------------------------------------- time

Time StandIn::next_due() const {
  Time soonest = std::min(clock_->wall(driver_->next()), saboteur_.next_due());
  if (hyperliquid_) soonest = std::min(soonest, hyperliquid_->next_due());
  if (usdm_) soonest = std::min(soonest, usdm_->next_due());
  if (spot_) soonest = std::min(soonest, spot_->next_due());
  return soonest;
}

void StandIn::on_time(Time now) {
  apply_faults(now);
  // Market and clocks in the order of time, so that a late call is as good as many.
  Time last;
  int repeats = 0;
  for (;;) {
    const Time market = clock_->wall(driver_->next());
    const Time clocks = std::min({hyperliquid_ ? hyperliquid_->next_due() : Time::max(),
                                  usdm_ ? usdm_->next_due() : Time::max(),
                                  spot_ ? spot_->next_due() : Time::max()});
    const Time at = std::min(market, clocks);
    if (at > now) break;
    repeats = at == last ? repeats + 1 : 0;
    last = at;
    MM_ASSERT(repeats < 1'000'000, "a clock of the stand-in goes on when it is due");
    if (market <= clocks) {
      driver_->step(market);
      continue;
    }
    if (hyperliquid_ && hyperliquid_->next_due() <= at) hyperliquid_->on_time(at);
    if (usdm_ && usdm_->next_due() <= at) usdm_->on_time(at);
    if (spot_ && spot_->next_due() <= at) spot_->on_time(at);
  }
  if (usdm_) usdm_->on_time(now);
  if (spot_) spot_->on_time(now);
}

void StandIn::apply_faults(Time now) {
  saboteur_.on_time(now);
  const auto holds = [&](FaultKind kind, std::string_view venue) {
    return saboteur_.active(kind, venue, now);
  };
  if (hyperliquid_) {
    hyperliquid::Faults& faults = hyperliquid_->faults;
    const std::string_view venue = "hyperliquid";
    faults.lose_replies = holds(FaultKind::reply_lost, venue) != nullptr;
    faults.fill_before_open = holds(FaultKind::fill_first, venue) != nullptr;
    hyperliquid_->set_silent(holds(FaultKind::silence, venue) != nullptr, now);
    faults.rate_limited = holds(FaultKind::http_429, venue) != nullptr ||
                          holds(FaultKind::http_418, venue) != nullptr;
    const FaultSpec* clock = holds(FaultKind::clock, venue);
    faults.clock_offset = clock != nullptr ? clock->by : Duration{};
    const FaultSpec* slow = holds(FaultKind::slow, venue);
    faults.slow = slow != nullptr ? slow->by : Duration{};
    hyperliquid::DeskFaults& desk = hyperliquid_->desk().faults;
    const FaultSpec* reject = holds(FaultKind::reject, venue);
    desk.reject_next = reject != nullptr ? reject->status : "";
    desk.refuse_next =
        holds(FaultKind::refuse, venue) == nullptr
            ? ""
            : "Too many cumulative requests sent (31025 > 31000) for cumulative volume traded "
              "$21000.50. Place taker orders to free up 1 request per USDC traded.";
    desk.post_only_phase = holds(FaultKind::post_only, venue) != nullptr;
    for (const auto& coin : hyperliquid_->coins()) {
      const FaultSpec* ban = holds(FaultKind::ban, venue);
      hyperliquid_->ban(coin->name(), ban != nullptr && ban->coin == coin->name(), now);
    }
  }
  for (const auto& [name, venue] :
       {std::pair{venue_names[1], usdm_.get()}, std::pair{venue_names[2], spot_.get()}}) {
    if (venue == nullptr) continue;
    const FaultSpec* ban = holds(FaultKind::ban, name);
    for (std::size_t at = 0; at < venue->size(); ++at) {
      const std::string& symbol = venue->symbol(at).instrument().symbol;
      venue->ban(symbol, ban != nullptr && ban->coin == symbol);
    }
    const FaultSpec* clock = holds(FaultKind::clock, name);
    venue->set_clock_offset(clock != nullptr ? clock->by : Duration{});
    const FaultSpec* slow = holds(FaultKind::slow, name);
    venue->set_slow_depth(slow != nullptr ? slow->by : Duration{});
    if (holds(FaultKind::http_418, name) != nullptr) {
      venue->limit_until(now + holds(FaultKind::http_418, name)->length, 418);
    } else if (holds(FaultKind::http_429, name) != nullptr) {
      venue->limit_until(now + std::chrono::seconds{1}, 429);
    }
  }
}

std::string StandIn::state_json(Time now) const {
  return fmt::format(
      R"({{"time":{},"marketTime":{},"marketFinished":{},"connections":{},"faults":{},)"
      R"("hyperliquid":{},"binance-usdm":{},"binance-spot":{}}})",
      to_ms(now), to_ms(clock_->market(now)), driver_->finished(), connections_.size(),
      saboteur_.counts_json(), hyperliquid_ ? hyperliquid_->state_json(now) : "null",
      usdm_ ? usdm_->state_json() : "null", spot_ ? spot_->state_json() : "null");
}

}  // namespace mm::standin
