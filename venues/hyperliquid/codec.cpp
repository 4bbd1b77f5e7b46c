#include "venues/hyperliquid/codec.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "venues/decimal.hpp"
#include "venues/excerpt.hpp"
#include "venues/json.hpp"
#include "venues/levels.hpp"
#include "venues/scan.hpp"
#include "venues/time_text.hpp"

namespace mm::venues::hyperliquid {
namespace {

using json::bad_frame;
using json::bad_json;
namespace ondemand = json::ondemand;
using MaybeError = std::optional<Error>;

constexpr std::string_view greeting = "Websocket connection established.";

struct BookSide {
  std::span<const Level> levels;
  std::span<const std::uint32_t> orders;
};

/// A level object's tokens.
struct LevelTokens {
  std::string_view price, size, orders;
  bool null = false;  ///< a side of a bbo that is empty
};

std::string number_error(std::string_view what, std::string_view text, DecimalError error) {
  return std::string(what) + " \"" + excerpt(text) + "\" " + std::string(describe(error));
}

/// Keeps the token of a key. A second one is refused: which of them is meant?
MaybeError once(std::string_view& slot, ondemand::value& value) {
  if (!slot.empty()) return bad_frame("one key stands twice");
  slot = json::token_of(value);
  return std::nullopt;
}

/// Whether a token is this text, or else another one; what is no text at all is an error.
MaybeError is_text(std::string_view token, std::string_view name, std::string_view text,
                   bool& same) {
  if (token.size() < 2 || token.front() != '"') {
    return bad_frame("without a text for " + std::string(name));
  }
  same = json::unquoted(token) == text;
  return std::nullopt;
}

/// Calls `take(key, value)` for every field; its error ends the walk.
template <class F>
MaybeError for_each_field(ondemand::object object, F&& take) {
  for (auto entry : object) {
    ondemand::field field;
    if (auto code = std::move(entry).get(field)) return bad_json(code);
    if (MaybeError error = take(json::key_of(field.key()), field.value())) return error;
  }
  return std::nullopt;
}

template <class F>
MaybeError for_each_element(ondemand::value& value, F&& take) {
  ondemand::array array;
  if (auto code = value.get_array().get(array)) return bad_json(code);
  for (auto entry : array) {
    ondemand::value element;
    if (auto code = entry.get(element)) return bad_json(code);
    if (MaybeError error = take(element)) return error;
  }
  return std::nullopt;
}

template <class F>
MaybeError for_each_field_of(ondemand::value& value, F&& take) {
  ondemand::object object;
  if (auto code = value.get_object().get(object)) return bad_json(code);
  return for_each_field(object, take);
}

MaybeError read_time(std::string_view token, Time& out) {
  const std::optional<Time> time = parse_epoch(token);
  if (!time) return bad_frame("time \"" + excerpt(token) + "\" is not milliseconds");
  out = *time;
  return std::nullopt;
}

bool is_user_channel(std::string_view channel) {
  return channel == "userFills" || channel == "user" || channel == "orderUpdates" ||
         channel == "userFundings" || channel == "openOrders" || channel == "clearinghouseState" ||
         channel == "webData2" || channel == "webData3";
}

}  // namespace

struct Codec::Parser {
  ondemand::parser parser;
  json::Enclosed enclosed;
  std::string coin;
  int price_decimals = 0;
  int lot_decimals = 0;
  Arena* arena = nullptr;
  std::size_t most_levels = 0;
  std::vector<Item> items;
  bool other_coin = false;
  bool grouped = false;

  bool scan(std::string_view text);
  bool scan_side(Scan& scan, Side side, BookSide& out);

  MaybeError channel_data(std::string_view channel, ondemand::value& data, Message& message);
  MaybeError book(ondemand::object object);
  MaybeError bbo(ondemand::object object);
  MaybeError trade(ondemand::object object);
  MaybeError context(ondemand::object object);

  MaybeError read_book_side(Side side, ondemand::value& value, BookSide& out);
  MaybeError read_level(ondemand::value& value, LevelTokens& out);
  MaybeError level(const LevelTokens& tokens, Level& out);
};

MaybeError Codec::Parser::read_level(ondemand::value& value, LevelTokens& out) {
  return for_each_field_of(value, [&](std::string_view key, ondemand::value& field) -> MaybeError {
    if (key == "px") return once(out.price, field);
    if (key == "sz") return once(out.size, field);
    if (key == "n") return once(out.orders, field);
    return std::nullopt;
  });
}

MaybeError Codec::Parser::level(const LevelTokens& tokens, Level& out) {
  const auto price = parse_decimal(json::unquoted(tokens.price), price_decimals);
  if (!price.ok()) return bad_frame(number_error("px", tokens.price, price.error));
  const auto size = parse_decimal(json::unquoted(tokens.size), lot_decimals);
  if (!size.ok()) return bad_frame(number_error("sz", tokens.size, size.error));
  if (price.value < 0 || size.value < 0) return bad_frame("negative px or sz");
  if (price.value == 0 && size.value != 0) return bad_frame("a size at price 0");
  out = {Price::from_units(price.value), Qty::from_lots(size.value)};
  return std::nullopt;
}

/// The count of resting orders; -1 if it is not told.
MaybeError read_orders(std::string_view token, std::int64_t& out) {
  out = parse_integer(token);
  if (token.empty() || (out >= 0 && out <= UINT32_MAX)) return std::nullopt;
  return bad_frame("order count \"" + excerpt(token) + "\" out of range");
}

MaybeError Codec::Parser::read_book_side(Side side, ondemand::value& value, BookSide& out) {
  // Levels first, then counts, both in rooms that hold what a frame of this size can.
  Level* const levels = arena->room<Level>(most_levels);
  arena->commit(levels, most_levels);
  std::uint32_t* const orders = arena->room<std::uint32_t>(most_levels);
  std::size_t count = 0;
  bool counted = true;
  MaybeError error = for_each_element(value, [&](ondemand::value& element) -> MaybeError {
    LevelTokens tokens;
    Level parsed;
    if (MaybeError wrong = read_level(element, tokens)) return wrong;
    if (MaybeError wrong = level(tokens, parsed)) return wrong;
    if (parsed.qty == Qty{}) return std::nullopt;
    if (count == most_levels) return bad_frame("more levels than a book can have");
    if (count != 0 && !nearer(side, levels[count - 1].price, parsed.price)) {
      return bad_frame("book levels out of order");
    }
    std::int64_t resting = -1;
    if (MaybeError wrong = read_orders(tokens.orders, resting)) return wrong;
    counted = counted && resting >= 0;
    levels[count] = parsed;
    orders[count++] = static_cast<std::uint32_t>(std::max<std::int64_t>(resting, 0));
    return std::nullopt;
  });
  arena->commit(orders, count);
  out.levels = {levels, count};
  if (counted) out.orders = {orders, count};
  return error;
}

MaybeError Codec::Parser::book(ondemand::object object) {
  BookSide sides[2];
  std::size_t found = 0;
  std::string_view name, stamp;
  Time time;
  bool ours = true;
  bool fast = false;
  MaybeError error =
      for_each_field(object, [&](std::string_view key, ondemand::value& value) -> MaybeError {
        if (key == "coin") {
          if (MaybeError wrong = once(name, value)) return wrong;
          return is_text(name, "coin", coin, ours);
        } else if (key == "time") {
          if (MaybeError wrong = once(stamp, value)) return wrong;
          return read_time(stamp, time);
        } else if (key == "spread") {
          grouped = true;
        } else if (key == "fast") {
          fast = json::token_of(value) == "true";
        } else if (key == "levels" && ours) {
          return for_each_element(value, [&](ondemand::value& side) -> MaybeError {
            if (found == 2) return bad_frame("book with more than two sides");
            const Side which = found == 0 ? Side::buy : Side::sell;
            return read_book_side(which, side, sides[found++]);
          });
        }
        return std::nullopt;
      });
  other_coin = !ours;
  if (!ours) return std::nullopt;
  if (error) return error;
  if (name.empty()) return bad_frame("book without a coin");
  if (found != 2 || time == Time{}) return bad_frame("book without both sides and a time");
  if (grouped) return std::nullopt;
  if (is_crossed(sides[0].levels, sides[1].levels))
    return bad_frame("book whose bids reach its asks");
  BookSnapshot body;
  body.bids = sides[0].levels;
  body.asks = sides[1].levels;
  body.bid_orders = sides[0].orders;
  body.ask_orders = sides[1].orders;
  items.push_back({time, body, fast});
  return std::nullopt;
}

MaybeError Codec::Parser::bbo(ondemand::object object) {
  BestQuote body;
  Time time;
  std::string_view name, stamp;
  bool ours = true;
  std::array<LevelTokens, 2> tokens;
  std::size_t found = 0;
  MaybeError error =
      for_each_field(object, [&](std::string_view key, ondemand::value& value) -> MaybeError {
        if (key == "coin") {
          return once(name, value);
        } else if (key == "time") {
          if (MaybeError wrong = once(stamp, value)) return wrong;
          return read_time(stamp, time);
        } else if (key == "bbo") {
          return for_each_element(value, [&](ondemand::value& side) -> MaybeError {
            if (found == 2) return bad_frame("bbo with more than two sides");
            LevelTokens& into = tokens[found++];
            into.null = json::token_of(side) == "null";
            return into.null ? std::nullopt : read_level(side, into);
          });
        }
        return std::nullopt;
      });
  if (error) return error;
  if (MaybeError wrong = is_text(name, "coin", coin, ours)) return wrong;
  other_coin = !ours;
  if (other_coin) return std::nullopt;
  if (found != 2 || time == Time{}) return bad_frame("bbo without both sides and a time");
  const auto side = [&](const LevelTokens& from, Level& to, std::int64_t& orders) -> MaybeError {
    if (from.null) return std::nullopt;
    if (MaybeError wrong = level(from, to)) return wrong;
    if (to.qty == Qty{}) to = {};
    if (MaybeError wrong = read_orders(from.orders, orders)) return wrong;
    orders = std::max<std::int64_t>(orders, 0);
    return std::nullopt;
  };
  if (MaybeError wrong = side(tokens[0], body.bid, body.bid_orders)) return wrong;
  if (MaybeError wrong = side(tokens[1], body.ask, body.ask_orders)) return wrong;
  if (is_crossed({&body.bid, 1}, {&body.ask, 1})) return bad_frame("bbo whose bid reaches its ask");
  items.push_back({time, body});
  return std::nullopt;
}

MaybeError Codec::Parser::trade(ondemand::object object) {
  Trade body;
  Time time;
  LevelTokens tokens;
  std::string_view name, side, id, stamp;
  bool ours = true;
  MaybeError error =
      for_each_field(object, [&](std::string_view key, ondemand::value& value) -> MaybeError {
        if (key == "coin") return once(name, value);
        if (key == "side") return once(side, value);
        if (key == "px") return once(tokens.price, value);
        if (key == "sz") return once(tokens.size, value);
        if (key == "tid") return once(id, value);
        if (key != "time") return std::nullopt;
        if (MaybeError wrong = once(stamp, value)) return wrong;
        return read_time(stamp, time);
      });
  if (error) return error;
  if (MaybeError wrong = is_text(name, "coin", coin, ours)) return wrong;
  if (!ours) {
    other_coin = true;
    return std::nullopt;
  }
  Level printed;
  if (MaybeError wrong = level(tokens, printed)) return wrong;
  body.trade_id = parse_integer(id);
  if (body.trade_id < 0) return bad_frame("trade without a tid");
  if (side != "\"A\"" && side != "\"B\"") return bad_frame("trade with side other than A or B");
  if (time == Time{}) return bad_frame("trade without a time");
  if (printed.qty == Qty{}) return bad_frame("trade of quantity 0");
  body.price = printed.price;
  body.qty = printed.qty;
  body.aggressor = side == "\"B\"" ? Side::buy : Side::sell;
  items.push_back({time, body});
  return std::nullopt;
}

MaybeError Codec::Parser::context(ondemand::object object) {
  enum class Sign { any, none };
  struct Field {
    std::string_view key;
    std::int64_t AssetContext::*to;
    int decimals;
    Sign sign;
  };
  static constexpr std::array<Field, 7> fields{{
      {"markPx", &AssetContext::mark_e8, 8, Sign::none},
      {"oraclePx", &AssetContext::oracle_e8, 8, Sign::none},
      {"midPx", &AssetContext::mid_e8, 8, Sign::none},
      {"funding", &AssetContext::funding_e12, 12, Sign::any},
      {"premium", &AssetContext::premium_e12, 12, Sign::any},
      {"openInterest", &AssetContext::open_interest_e8, 8, Sign::none},
      {"dayNtlVlm", &AssetContext::day_volume_e8, 8, Sign::none},
  }};
  AssetContext body;
  std::string_view name;
  std::array<std::string_view, fields.size()> tokens;
  bool ours = true;
  bool has_context = false;
  const auto number = [&](const Field& field, std::string_view token) -> MaybeError {
    if (token.empty() || token == "null") return std::nullopt;
    const auto parsed =
        parse_decimal(json::unquoted(token), field.decimals, Excess::round_half_even);
    if (!parsed.ok()) return bad_frame(number_error(field.key, token, parsed.error));
    if (parsed.value < 0 && field.sign == Sign::none) {
      return bad_frame("negative " + std::string(field.key));
    }
    body.*field.to = parsed.value;
    return std::nullopt;
  };
  const auto take = [&](std::string_view key, ondemand::value& value) -> MaybeError {
    for (std::size_t at = 0; at < fields.size(); ++at) {
      if (key == fields[at].key) return once(tokens[at], value);
    }
    return std::nullopt;
  };
  MaybeError error =
      for_each_field(object, [&](std::string_view key, ondemand::value& value) -> MaybeError {
        if (key == "coin") return once(name, value);
        if (key != "ctx") return std::nullopt;
        if (std::exchange(has_context, true)) return bad_frame("one key stands twice");
        return for_each_field_of(value, take);
      });
  if (error) return error;
  if (MaybeError wrong = is_text(name, "coin", coin, ours)) return wrong;
  other_coin = !ours;
  if (other_coin) return std::nullopt;
  for (std::size_t at = 0; at < fields.size(); ++at) {
    if (MaybeError wrong = number(fields[at], tokens[at])) return wrong;
  }
  if (tokens[0].empty()) return bad_frame("activeAssetCtx without a mark price");
  items.push_back({Time{}, body});
  return std::nullopt;
}

MaybeError Codec::Parser::channel_data(std::string_view channel, ondemand::value& data,
                                       Message& message) {
  const auto object_of = [](ondemand::value& value, ondemand::object& out) -> MaybeError {
    if (auto code = value.get_object().get(out)) return bad_json(code);
    return std::nullopt;
  };
  ondemand::object object;
  if (channel == "l2Book") {
    if (MaybeError error = object_of(data, object)) return error;
    return book(object);
  }
  if (channel == "bbo") {
    if (MaybeError error = object_of(data, object)) return error;
    return bbo(object);
  }
  if (channel == "trades") {
    return for_each_element(data, [&](ondemand::value& element) -> MaybeError {
      ondemand::object of;
      if (MaybeError error = object_of(element, of)) return error;
      return trade(of);
    });
  }
  if (channel == "activeAssetCtx") {
    if (MaybeError error = object_of(data, object)) return error;
    return context(object);
  }
  if (channel == "error") {
    message.outcome = Outcome::venue_error;
    message.text = arena->copy_text(excerpt(json::unquoted(json::token_of(data)), 400));
  } else if (is_user_channel(channel)) {
    message.outcome = Outcome::user;
  } else if (channel == "subscriptionResponse" || channel == "post" || channel == "notification") {
    message.outcome = Outcome::control;
  } else {
    message.outcome = Outcome::unknown_kind;
  }
  return std::nullopt;
}

// The fast path: the usual l2Book, in the order of its keys.

bool Codec::Parser::scan_side(Scan& scan, Side side, BookSide& out) {
  if (!scan.text("[")) return false;
  Level* const levels = arena->room<Level>(most_levels);
  arena->commit(levels, most_levels);
  std::uint32_t* const orders = arena->room<std::uint32_t>(most_levels);
  std::size_t count = 0;
  if (!scan.text("]")) {
    do {
      std::int64_t price = 0;
      std::int64_t lots = 0;
      std::int64_t resting = 0;
      if (!scan.text("{\"px\":\"") || !scan.decimal(price_decimals, price) ||
          !scan.text(",\"sz\":\"") || !scan.decimal(lot_decimals, lots) || !scan.text(",\"n\":") ||
          !scan.integer(resting) || !scan.text("}")) {
        return false;
      }
      const Level level{Price::from_units(price), Qty::from_lots(lots)};
      if (price == 0 || lots == 0 || resting > UINT32_MAX || count == most_levels) return false;
      if (count != 0 && !nearer(side, levels[count - 1].price, level.price)) return false;
      levels[count] = level;
      orders[count++] = static_cast<std::uint32_t>(resting);
    } while (scan.text(","));
    if (!scan.text("]")) return false;
  }
  arena->commit(orders, count);
  out.levels = {levels, count};
  out.orders = {orders, count};
  return true;
}

bool Codec::Parser::scan(std::string_view text) {
  Scan scan(text);
  std::string_view name;
  std::int64_t time_ms = 0;
  BookSide bids;
  BookSide asks;
  if (!scan.text("{\"channel\":\"l2Book\",\"data\":") || !scan.text("{\"coin\":\"") ||
      !scan.word(name) || name != coin || !scan.text(",\"time\":") || !scan.integer(time_ms) ||
      !is_milliseconds(time_ms) || !scan.text(",\"levels\":[") ||
      !scan_side(scan, Side::buy, bids) || !scan.text(",") || !scan_side(scan, Side::sell, asks) ||
      !scan.text("]")) {
    return false;
  }
  const bool fast = scan.text(",\"fast\":true");
  if (!scan.text("}}") || !scan.finished()) return false;
  if (is_crossed(bids.levels, asks.levels)) return false;
  BookSnapshot body;
  body.bids = bids.levels;
  body.asks = asks.levels;
  body.bid_orders = bids.orders;
  body.ask_orders = asks.orders;
  items.push_back({time_from_ns(time_ms * 1'000'000), body, fast});
  return true;
}

Codec::Codec(const Instrument& instrument) : parser_(std::make_unique<Parser>()) {
  parser_->coin = instrument.symbol;
  parser_->price_decimals = static_cast<int>(instrument.price_decimals);
  parser_->lot_decimals = static_cast<int>(instrument.lot_decimals);
}

Codec::~Codec() = default;

Result<Message> Codec::decode(std::string_view text, Arena& arena) {
  Parser& of = *parser_;
  of.arena = &arena;
  // The shortest level is {"px":1,"sz":1}.
  of.most_levels = std::min(text.size() / 16 + 1, most_levels_a_side);
  of.items.clear();
  of.other_coin = false;
  of.grouped = false;

  if (of.scan(text)) return Message{Outcome::decoded, of.items};
  if (text == greeting) return Message{Outcome::control};
  text = of.enclosed.of(text);
  ondemand::document document;
  if (auto code =
          of.parser.iterate(text.data(), text.size(), text.size() + frame_padding).get(document)) {
    return bad_json(code);
  }
  // `channel` stands first in every frame seen; where it does not, a second walk knows it.
  Message message;
  std::string_view channel;
  bool has_data = false;
  bool has_levels = false;
  bool done = false;
  for (int walk = 0; walk < 2 && !done; ++walk) {
    if (walk == 1) document.rewind();
    ondemand::object root;
    int keys[2] = {};  // channel, data
    if (auto code = document.get_object().get(root)) return bad_json(code);
    if (walk == 1 && channel.empty()) {
      if (MaybeError error = of.book(root)) return *error;
      break;
    }
    MaybeError error =
        for_each_field(root, [&](std::string_view key, ondemand::value& value) -> MaybeError {
          if (key == "channel") {
            if (keys[0]++ != 0) return bad_frame("one key stands twice");
            channel = json::unquoted(json::token_of(value));
          } else if (key == "data") {
            if (keys[1]++ != 0) return bad_frame("one key stands twice");
            has_data = true;
            if (channel.empty() || done) return std::nullopt;
            done = true;
            return of.channel_data(channel, value, message);
          } else if (key == "levels") {
            has_levels = true;
          }
          return std::nullopt;
        });
    if (error) return *error;
    if (!has_data && channel == "pong") return Message{Outcome::control};
    if (!(has_data && !channel.empty()) && !(has_levels && channel.empty())) {
      return Message{Outcome::unknown_kind};
    }
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return bad_frame("not JSON: something follows the end of the object");
  }
  if (message.outcome != Outcome::decoded) return message;
  if (of.grouped) return Message{Outcome::unknown_kind};
  if (of.items.empty()) {
    message.outcome = of.other_coin ? Outcome::other_symbol : Outcome::control;
  }
  message.items = of.items;
  return message;
}

}  // namespace mm::venues::hyperliquid
