#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "standin/binance/venue.hpp"
#include "standin/query.hpp"
#include "standin/text.hpp"

namespace mm::standin::binance {
namespace {

using Json = nlohmann::ordered_json;

bool is_book_stream(std::string_view stream) {
  return stream.starts_with("depth") || stream == "bookTicker" || stream == "trade";
}

/// "btcusdt@depth@100ms" in its two halves.
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return {name, {}};
  return {name.substr(0, at), name.substr(at + 1)};
}

std::string error_reply(const Json& id, std::string_view message) {
  return fmt::format(R"({{"error":{{"code":2,"msg":{}}},"id":{}}})", json_text(message), id.dump());
}

}  // namespace

bool Venue::owns_socket(std::string_view target, bool bare_ws) const {
  const std::string_view path = path_of(target);
  if (kind_ == Kind::usdm) {
    for (const std::string_view prefix : {"/public", "/market"}) {
      if (!path.starts_with(prefix)) continue;
      const std::string_view rest = path.substr(prefix.size());
      return rest == "/ws" || rest == "/stream" || rest.starts_with("/ws/");
    }
  }
  return path == "/stream" || path.starts_with("/ws/") || (bare_ws && path == "/ws");
}

void Venue::on_open(ConnectionId id, std::string_view target, Time now) {
  Connection& connection = connections_[id];
  connection.opened = now;
  connection.last_pong = now;
  connection.next_ping = now + settings_.ping_every;
  std::string_view path = path_of(target);
  if (path.starts_with("/public")) {
    connection.category = Category::book;
  } else if (path.starts_with("/market")) {
    connection.category = Category::market;
  } else if (kind_ == Kind::usdm) {
    connection.category = Category::book;
  }
  connection.combined = path.ends_with("/stream");
  std::string names;
  if (connection.combined) {
    names = query_value(target, "streams").value_or("");
  } else if (const std::size_t at = path.find("/ws/"); at != std::string_view::npos) {
    names = path.substr(at + 4);
  }
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find('/', at), names.size());
    if (end > at) change(connection, names.substr(at, end - at), true);
    at = end + 1;
  }
}

void Venue::on_closed(ConnectionId id) {
  const auto at = connections_.find(id);
  if (at == connections_.end()) return;
  const std::vector<std::string> names = at->second.streams;
  for (const std::string& name : names) change(at->second, name, false);
  connections_.erase(at);
}

void Venue::change(Connection& connection, const std::string& name, bool add) {
  const auto at = std::find(connection.streams.begin(), connection.streams.end(), name);
  if (add == (at != connection.streams.end())) return;
  if (add) {
    connection.streams.push_back(name);
    ++subscriptions_made_;
  } else {
    connection.streams.erase(at);
  }
  const auto [symbol_name, stream] = split(name);
  const bool carried = connection.category == Category::any ||
                       (connection.category == Category::book) == is_book_stream(stream) ||
                       (stream == "trade");
  for (const auto& symbol : symbols_) {
    if (symbol->stream_symbol() == symbol_name && carried && Symbol::is_stream(stream, kind_)) {
      symbol->want(stream, add ? 1 : -1);
    }
  }
}

void Venue::on_payload(std::size_t symbol, std::string_view stream, std::string text, Time now) {
  if (banned_[symbol]) return;
  const std::string name = symbols_[symbol]->stream_symbol() + "@" + std::string(stream);
  const Topic topic = stream == "bookTicker"        ? Topic::quote
                      : stream.starts_with("depth") ? Topic::book
                      : stream == "trade"           ? Topic::trade
                      : stream == "aggTrade"        ? Topic::trade
                                                    : Topic::context;
  for (const auto& [id, connection] : connections_) {
    if (connection.doomed) continue;
    const bool carried = connection.category == Category::any || stream == "trade" ||
                         (connection.category == Category::book) == is_book_stream(stream);
    if (!carried || std::find(connection.streams.begin(), connection.streams.end(), name) ==
                        connection.streams.end()) {
      continue;
    }
    out_.send(
        id, now, topic,
        connection.combined ? fmt::format(R"({{"stream":"{}","data":{}}})", name, text) : text);
  }
}

void Venue::reply(ConnectionId id, std::string text, Time now) {
  out_.send(id, now, Topic::control, std::move(text));
}

void Venue::on_message(ConnectionId id, std::string_view text, Time now) {
  const auto at = connections_.find(id);
  if (at == connections_.end() || at->second.doomed) return;
  Connection& connection = at->second;
  std::erase_if(connection.messages,
                [now](Time of) { return of + std::chrono::seconds{1} <= now; });
  connection.messages.push_back(now);
  if (connection.messages.size() > settings_.messages_per_second) {
    connection.doomed = true;
    return out_.close(id, now, 1008, "Too many requests");
  }
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return reply(id, R"({"code":2,"msg":"Invalid request: request is not valid JSON"})", now);
  }
  const Json request_id = json.contains("id") ? json["id"] : Json();
  if (!request_id.is_number_integer() && !request_id.is_string()) {
    return reply(
        id, error_reply(Json(), "Invalid request: request ID must be an integer or a string"), now);
  }
  const auto method = json.find("method");
  if (method == json.end() || !method->is_string()) {
    return reply(id, error_reply(request_id, "Invalid request: method must be a string"), now);
  }
  const auto params = json.find("params");
  const auto has_strings = [&] {
    return params != json.end() && params->is_array() &&
           std::all_of(params->begin(), params->end(),
                       [](const Json& of) { return of.is_string(); });
  };
  const auto done = [&](std::string_view result) {
    reply(id, fmt::format(R"({{"result":{},"id":{}}})", result, request_id.dump()), now);
  };
  if (*method == "SUBSCRIBE" || *method == "UNSUBSCRIBE") {
    if (!has_strings()) {
      return reply(id, error_reply(request_id, "Invalid request: params must be strings"), now);
    }
    if (*method == "SUBSCRIBE" &&
        connection.streams.size() + params->size() > settings_.streams_per_connection) {
      return reply(id, error_reply(request_id, "Invalid request: too many streams"), now);
    }
    for (const Json& name : *params) {
      change(connection, name.get<std::string>(), *method == "SUBSCRIBE");
    }
    return done("null");
  }
  if (*method == "LIST_SUBSCRIPTIONS") return done(Json(connection.streams).dump());
  if (*method == "SET_PROPERTY" || *method == "GET_PROPERTY") {
    if (params == json.end() || !params->is_array() || params->empty() ||
        (*params)[0] != "combined") {
      return reply(id, error_reply(request_id, "Invalid property: property must be 'combined'"),
                   now);
    }
    if (*method == "GET_PROPERTY") return done(connection.combined ? "true" : "false");
    if (params->size() != 2 || !(*params)[1].is_boolean()) {
      return reply(id, error_reply(request_id, "Invalid value: 'combined' is a boolean"), now);
    }
    connection.combined = (*params)[1].get<bool>();
    return done("null");
  }
  reply(id,
        error_reply(request_id, "Invalid request: unknown variant `" + method->get<std::string>() +
                                    "`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
                                    "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"),
        now);
}

void Venue::on_pong(ConnectionId id, Time now) {
  const auto at = connections_.find(id);
  if (at != connections_.end()) at->second.last_pong = now;
}

Time Venue::next_due() const {
  Time soonest = Time::max();
  for (const auto& symbol : symbols_) soonest = std::min(soonest, symbol->next_due());
  for (const auto& [id, connection] : connections_) {
    if (connection.doomed) continue;
    soonest = std::min({soonest, connection.next_ping, connection.last_pong + settings_.pong_within,
                        connection.opened + settings_.life});
  }
  return soonest;
}

void Venue::on_time(Time now) {
  for (const auto& symbol : symbols_) symbol->on_time(now);
  for (auto& [id, connection] : connections_) {
    if (connection.doomed) continue;
    if (connection.opened + settings_.life <= now ||
        connection.last_pong + settings_.pong_within <= now) {
      connection.doomed = true;
      out_.close(id, now, 1008,
                 connection.opened + settings_.life <= now ? "24 hours are over" : "Pong timeout");
    } else if (connection.next_ping <= now) {
      connection.next_ping = now + settings_.ping_every;
      out_.ping(id, now);
    }
  }
}

}  // namespace mm::standin::binance
