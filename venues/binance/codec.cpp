#include "venues/binance/codec.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "venues/binance/fast_path.hpp"
#include "venues/decimal.hpp"
#include "venues/excerpt.hpp"
#include "venues/json.hpp"
#include "venues/levels.hpp"
#include "venues/time_text.hpp"

namespace mm::venues::binance {
namespace {

using json::bad_frame;
using json::bad_json;
namespace ondemand = json::ondemand;

/// The tokens of one object, by key. Keys of one letter have a slot each.
struct Fields {
  std::array<std::string_view, 'z' - 'A' + 1> letter{};
  std::string_view pu, ap, last_update_id, symbol, open_interest, time;
  bool control = false;
  bool twice = false;  // a key that we read stands twice: which one is meant?

  std::string_view& operator[](char key) { return letter[static_cast<std::size_t>(key - 'A')]; }
  void put(std::string_view& slot, std::string_view token) {
    twice = twice || !slot.empty();
    slot = token;
  }
  std::string_view text(char key) { return json::unquoted((*this)[key]); }
};

/// One side of a book as it came, before the symbol of the frame is known for certain.
struct BookSide {
  std::span<Level> levels;
  bool present = false;
  std::string_view error;  // what is wrong with it; empty: nothing
  std::string_view bad;    // the number with the error
};

struct Frame {
  Fields fields;
  Fields order;  // `o` of a forceOrder
  BookSide bids;
  BookSide asks;
  std::string_view stream;
  bool has_order = false;
  bool has_data = false;
};

std::string bad_number(std::string_view what, std::string_view text, std::string_view how) {
  return std::string(what) + " \"" + excerpt(text) + "\" " + std::string(how);
}
std::string number_error(std::string_view what, std::string_view text, DecimalError error) {
  return bad_number(what, text, describe(error));
}

}  // namespace

struct Codec::Parser {
  explicit Parser(const Instrument& instrument) : fast_path(instrument) {}

  FastPath fast_path;
  ondemand::parser parser;
  json::Enclosed enclosed;
  std::string symbol;
  int price_decimals = 0;
  int lot_decimals = 0;
  Arena* arena = nullptr;
  std::size_t most_levels = 0;  // that a frame of this size can hold

  std::optional<Error> walk(ondemand::object object, Frame& frame, bool inner);
  std::optional<Error> walk_order(ondemand::object object, Fields& order);
  std::optional<Error> read_side(ondemand::array array, BookSide& side);

  Result<Message> book_delta(Frame& frame);
  Result<Message> snapshot(Frame& frame);
  Result<Message> best_quote(Frame& frame);
  Result<Message> trade(Frame& frame, bool aggregated);
  Result<Message> mark_price(Frame& frame);
  Result<Message> open_interest(Frame& frame);
  Result<Message> liquidation(Frame& frame);
  Result<Message> dispatch(Frame& frame);

  std::optional<Error> check_sides(Frame& frame);
  std::optional<Error> price(std::string_view text, Price& out, Excess excess = Excess::refuse);
  std::optional<Error> qty(std::string_view text, Qty& out);
};

namespace {

std::optional<Error> read_id(std::string_view text, std::string_view name, std::int64_t& out) {
  out = parse_integer(text);
  if (out >= 0) return std::nullopt;
  return bad_frame(bad_number(name, text, "is not an id"));
}

/// An absent token leaves `out` alone.
std::optional<Error> read_time(std::string_view text, std::string_view name, Time& out) {
  if (text.empty()) return std::nullopt;
  const std::optional<Time> time = parse_epoch(text);
  if (!time) return bad_frame(bad_number(name, text, "is not a time"));
  out = *time;
  return std::nullopt;
}

/// T and E: the venue's stamp and its send time.
struct Times {
  Time exchange;
  std::int64_t event_ns = 0;
};

std::optional<Error> read_times(Fields& fields, Times& out) {
  Time event;
  if (auto error = read_time(fields['E'], "E", event)) return error;
  out.exchange = event;
  out.event_ns = to_ns(event);
  return read_time(fields['T'], "T", out.exchange);
}

}  // namespace

std::optional<Error> Codec::Parser::price(std::string_view text, Price& out, Excess excess) {
  const auto parsed = parse_decimal(text, price_decimals, excess);
  if (!parsed.ok()) return bad_frame(number_error("price", text, parsed.error));
  if (parsed.value < 0) return bad_frame(bad_number("price", text, "is negative"));
  out = Price::from_units(parsed.value);
  return std::nullopt;
}

std::optional<Error> Codec::Parser::qty(std::string_view text, Qty& out) {
  const auto parsed = parse_decimal(text, lot_decimals);
  if (!parsed.ok()) return bad_frame(number_error("quantity", text, parsed.error));
  if (parsed.value < 0) return bad_frame(bad_number("quantity", text, "is negative"));
  out = Qty::from_lots(parsed.value);
  return std::nullopt;
}

// A number that does not parse is remembered and not reported yet: the frame may turn out to be of
// another symbol, whose units are not ours.
std::optional<Error> Codec::Parser::read_side(ondemand::array array, BookSide& side) {
  Level* const levels = arena->room<Level>(most_levels);
  std::size_t count = 0;
  side.present = true;
  for (auto element : array) {
    ondemand::array pair;
    if (auto code = element.get_array().get(pair)) return bad_json(code);
    std::array<std::string_view, 2> numbers;
    std::size_t found = 0;
    for (auto entry : pair) {
      ondemand::value value;
      if (auto code = entry.get(value)) return bad_json(code);
      if (found < numbers.size()) numbers[found] = json::unquoted(json::token_of(value));
      ++found;
    }
    const auto price_of = parse_decimal(numbers[0], price_decimals);
    const auto qty_of = parse_decimal(numbers[1], lot_decimals);
    if (!price_of.ok() || price_of.value < 0) {
      side.error = price_of.ok() ? "is negative" : describe(price_of.error);
      side.bad = numbers[0];
    } else if (!qty_of.ok() || qty_of.value < 0) {
      side.error = qty_of.ok() ? "is negative" : describe(qty_of.error);
      side.bad = numbers[1];
    } else if (price_of.value == 0 && qty_of.value != 0) {
      side.error = "is the price of a quantity";
      side.bad = numbers[0];
    } else if (count == most_levels) {
      return bad_frame("depth with more levels than a book can have");
    } else {
      levels[count++] = {Price::from_units(price_of.value), Qty::from_lots(qty_of.value)};
    }
  }
  arena->commit(levels, count);
  side.levels = {levels, count};
  return std::nullopt;
}

std::optional<Error> Codec::Parser::walk_order(ondemand::object object, Fields& order) {
  for (auto entry : object) {
    ondemand::field field;
    if (auto code = std::move(entry).get(field)) return bad_json(code);
    const std::string_view key = json::key_of(field.key());
    ondemand::value& value = field.value();
    if (key.size() == 1 && key[0] >= 'A' && key[0] <= 'z') {
      order.put(order[key[0]], json::token_of(value));
    } else if (key == "ap") {
      order.put(order.ap, json::token_of(value));
    }
  }
  return std::nullopt;
}

std::optional<Error> Codec::Parser::walk(ondemand::object object, Frame& frame, bool inner) {
  Fields& fields = frame.fields;
  for (auto entry : object) {
    ondemand::field field;
    if (auto code = std::move(entry).get(field)) return bad_json(code);
    const std::string_view key = json::key_of(field.key());
    ondemand::value& value = field.value();
    ondemand::json_type type{};
    if (auto code = value.type().get(type)) return bad_json(code);

    if (type == ondemand::json_type::array) {
      BookSide* side = key == "b" || key == "bids"   ? &frame.bids
                       : key == "a" || key == "asks" ? &frame.asks
                                                     : nullptr;
      if (key == "result") fields.control = true;
      const bool other = !fields['s'].empty() && fields.text('s') != symbol;
      if (side == nullptr || other) continue;
      fields.twice = fields.twice || side->present;
      if (side->present) continue;
      ondemand::array array;
      if (auto code = value.get_array().get(array)) return bad_json(code);
      if (auto error = read_side(array, *side)) return error;
    } else if (type == ondemand::json_type::object) {
      ondemand::object child;
      if (!inner && key == "data") {
        fields.twice = fields.twice || std::exchange(frame.has_data, true);
        if (auto code = value.get_object().get(child)) return bad_json(code);
        if (auto error = walk(child, frame, true)) return error;
      } else if (key == "o") {
        fields.twice = fields.twice || std::exchange(frame.has_order, true);
        if (auto code = value.get_object().get(child)) return bad_json(code);
        if (auto error = walk_order(child, frame.order)) return error;
      } else if (key == "error" || key == "result") {
        fields.control = true;
      }
    } else if (key.size() == 1 && key[0] >= 'A' && key[0] <= 'z') {
      fields.put(fields[key[0]], json::token_of(value));
    } else if (key == "pu") {
      fields.put(fields.pu, json::token_of(value));
    } else if (key == "stream") {
      fields.put(frame.stream, json::unquoted(json::token_of(value)));
    } else if (key == "lastUpdateId") {
      fields.put(fields.last_update_id, json::token_of(value));
    } else if (key == "openInterest") {
      fields.put(fields.open_interest, json::unquoted(json::token_of(value)));
    } else if (key == "time") {
      fields.put(fields.time, json::token_of(value));
    } else if (key == "symbol") {
      fields.put(fields.symbol, json::unquoted(json::token_of(value)));
    } else if (key == "result" || key == "code" || key == "error" || key == "id") {
      fields.control = true;
    }
  }
  return std::nullopt;
}

std::optional<Error> Codec::Parser::check_sides(Frame& frame) {
  for (BookSide* side : {&frame.bids, &frame.asks}) {
    if (!side->present) return bad_frame("depth without both sides");
    if (!side->error.empty()) {
      return bad_frame(bad_number("level with number", side->bad, side->error));
    }
  }
  sort_outwards(Side::buy, frame.bids.levels);
  sort_outwards(Side::sell, frame.asks.levels);
  if (is_crossed(frame.bids.levels, frame.asks.levels)) {
    return bad_frame("depth whose bids reach its asks");
  }
  return std::nullopt;
}

Result<Message> Codec::Parser::book_delta(Frame& frame) {
  Fields& fields = frame.fields;
  BookDelta body;
  Times times;
  if (auto error = read_id(fields['U'], "U", body.first_id)) return *error;
  if (auto error = read_id(fields['u'], "u", body.last_id)) return *error;
  if (!fields.pu.empty()) {
    if (auto error = read_id(fields.pu, "pu", body.prev_id)) return *error;
  }
  if (body.first_id > body.last_id) return bad_frame("depth update with U after u");
  if (fields['E'].empty()) return bad_frame("depth update without a time (E)");
  if (auto error = read_times(fields, times)) return *error;
  if (auto error = check_sides(frame)) return *error;
  body.event_time_ns = times.event_ns;
  body.bids = frame.bids.levels;
  body.asks = frame.asks.levels;
  return Message{Outcome::decoded, times.exchange, body};
}

Result<Message> Codec::Parser::snapshot(Frame& frame) {
  Fields& fields = frame.fields;
  BookSnapshot body;
  Times times;
  if (auto error = read_id(fields.last_update_id, "lastUpdateId", body.update_id)) return *error;
  if (auto error = read_times(fields, times)) return *error;
  if (auto error = check_sides(frame)) return *error;
  for (BookSide* side : {&frame.bids, &frame.asks}) {
    const auto empty = [](const Level& level) { return level.qty == Qty{}; };
    const auto end = std::remove_if(side->levels.begin(), side->levels.end(), empty);
    side->levels = side->levels.first(static_cast<std::size_t>(end - side->levels.begin()));
    if (!prices_differ(side->levels)) return bad_frame("snapshot with one price twice");
  }
  body.event_time_ns = times.event_ns;
  body.bids = frame.bids.levels;
  body.asks = frame.asks.levels;
  return Message{Outcome::decoded, times.exchange, body};
}

Result<Message> Codec::Parser::best_quote(Frame& frame) {
  Fields& fields = frame.fields;
  BestQuote body;
  Times times;
  if (auto error = read_id(fields['u'], "u", body.update_id)) return *error;
  if (auto error = read_times(fields, times)) return *error;
  if (auto error = price(fields.text('b'), body.bid.price)) return *error;
  if (auto error = qty(fields.text('B'), body.bid.qty)) return *error;
  if (auto error = price(fields.text('a'), body.ask.price)) return *error;
  if (auto error = qty(fields.text('A'), body.ask.qty)) return *error;
  if (body.bid.qty == Qty{}) body.bid = {};
  if (body.ask.qty == Qty{}) body.ask = {};
  if (!is_quote(body)) return bad_frame("bookTicker whose bid reaches its ask, or without a price");
  body.event_time_ns = times.event_ns;
  return Message{Outcome::decoded, times.exchange, body};
}

Result<Message> Codec::Parser::trade(Frame& frame, bool aggregated) {
  Fields& fields = frame.fields;
  if (!fields['X'].empty() && fields.text('X') != "MARKET") return Message{Outcome::skipped_trade};
  Trade body;
  Times times;
  if (auto error = read_id(fields[aggregated ? 'a' : 't'], "trade id", body.trade_id)) {
    return *error;
  }
  if (aggregated) {
    if (auto error = read_id(fields['f'], "f", body.first_id)) return *error;
    if (auto error = read_id(fields['l'], "l", body.last_id)) return *error;
    if (body.first_id > body.last_id) return bad_frame("aggTrade with f after l");
  }
  if (fields['E'].empty() && fields['T'].empty()) return bad_frame("trade without a time (T)");
  if (auto error = read_times(fields, times)) return *error;
  if (auto error = price(fields.text('p'), body.price)) return *error;
  if (auto error = qty(fields.text('q'), body.qty)) return *error;
  const std::string_view buyer_made = fields['m'];
  if (buyer_made != "true" && buyer_made != "false") return bad_frame("trade without a side (m)");
  if (body.qty == Qty{}) return bad_frame("trade of quantity 0");
  if (body.price == Price{}) return bad_frame("trade at price 0");
  body.aggressor = buyer_made == "true" ? Side::sell : Side::buy;
  body.event_time_ns = times.event_ns;
  return Message{Outcome::decoded, times.exchange, body, aggregated};
}

Result<Message> Codec::Parser::mark_price(Frame& frame) {
  Fields& fields = frame.fields;
  AssetContext body;
  Time event;
  Time next_funding;
  // Delivery contracts send "" for what they do not have.
  const auto optional = [&](char key, int decimals, std::int64_t& out) -> std::optional<Error> {
    const std::string_view text = fields.text(key);
    if (text.empty()) return std::nullopt;
    const auto parsed = parse_decimal(text, decimals, Excess::round_half_even);
    if (!parsed.ok()) return bad_frame(number_error("mark price field", text, parsed.error));
    if (parsed.value < 0 && key != 'r') return bad_frame(bad_number("price", text, "is negative"));
    out = parsed.value;
    return std::nullopt;
  };
  if (fields['E'].empty()) return bad_frame("markPriceUpdate without a time (E)");
  if (auto error = read_time(fields['E'], "E", event)) return *error;
  if (fields['T'] != "0") {
    if (auto error = read_time(fields['T'], "T", next_funding)) return *error;
  }
  if (auto error = optional('p', 8, body.mark_e8)) return *error;
  if (auto error = optional('i', 8, body.oracle_e8)) return *error;
  if (auto error = optional('r', 12, body.funding_e12)) return *error;
  body.next_funding_ns = to_ns(next_funding);
  body.event_time_ns = to_ns(event);
  return Message{Outcome::decoded, event, body};
}

Result<Message> Codec::Parser::open_interest(Frame& frame) {
  AssetContext body;
  Time time;
  const auto parsed = parse_decimal(frame.fields.open_interest, 8, Excess::round_half_even);
  if (!parsed.ok()) {
    return bad_frame(number_error("openInterest", frame.fields.open_interest, parsed.error));
  }
  if (auto error = read_time(frame.fields.time, "time", time)) return *error;
  body.open_interest_e8 = parsed.value;
  body.event_time_ns = to_ns(time);
  return Message{Outcome::decoded, time, body};
}

Result<Message> Codec::Parser::liquidation(Frame& frame) {
  Fields& order = frame.order;
  Liquidation body;
  Time event;
  if (order.twice) return bad_frame("forceOrder with one key twice");
  if (frame.fields['E'].empty() && order['T'].empty()) {
    return bad_frame("forceOrder without a time (T)");
  }
  if (auto error = read_time(frame.fields['E'], "E", event)) return *error;
  Time exchange = event;
  if (auto error = read_time(order['T'], "T", exchange)) return *error;
  const std::string_view side = order.text('S');
  if (side != "BUY" && side != "SELL") return bad_frame("forceOrder without a side (S)");
  body.side = side == "BUY" ? Side::buy : Side::sell;
  if (auto error = price(order.text('p'), body.price, Excess::round_half_even)) return *error;
  if (!order.ap.empty()) {
    const std::string_view average = json::unquoted(order.ap);
    if (auto error = price(average, body.average_price, Excess::round_half_even)) return *error;
  }
  if (auto error = qty(order.text('z'), body.qty)) return *error;
  body.event_time_ns = to_ns(event);
  return Message{Outcome::decoded, exchange, body};
}

Result<Message> Codec::Parser::dispatch(Frame& frame) {
  Fields& fields = frame.fields;
  if (fields.twice) return bad_frame("one key stands twice");
  if (is_partial_book(frame.stream)) return Message{Outcome::unknown_kind};
  if (!fields.last_update_id.empty()) {
    if (!fields.symbol.empty() && fields.symbol != symbol) return Message{Outcome::other_symbol};
    return snapshot(frame);
  }
  const std::string_view kind = fields.text('e');
  if (kind.empty() && !fields.open_interest.empty() && !fields.symbol.empty()) {
    if (fields.symbol != symbol) return Message{Outcome::other_symbol};
    return open_interest(frame);
  }
  if (kind == "forceOrder") {
    if (!frame.has_order) return bad_frame("forceOrder without its order (o)");
    if (frame.order.text('s') != symbol) return Message{Outcome::other_symbol};
    return liquidation(frame);
  }
  const bool spot_ticker = kind.empty() && !fields['u'].empty() && !fields['B'].empty() &&
                           !fields['A'].empty() && !fields['s'].empty();
  if (kind.empty() && !spot_ticker) {
    if (fields.control) return Message{Outcome::control};
    return Message{Outcome::unknown_kind};
  }
  const bool known = spot_ticker || kind == "depthUpdate" || kind == "bookTicker" ||
                     kind == "trade" || kind == "aggTrade" || kind == "markPriceUpdate";
  if (!known) return Message{Outcome::unknown_kind};
  if (fields.text('s') != symbol) {
    if (fields['s'].empty()) return bad_frame(std::string(kind) + " without a symbol (s)");
    return Message{Outcome::other_symbol};
  }
  if (kind == "depthUpdate") return book_delta(frame);
  if (kind == "trade") return trade(frame, false);
  if (kind == "aggTrade") return trade(frame, true);
  if (kind == "markPriceUpdate") return mark_price(frame);
  return best_quote(frame);
}

Codec::Codec(const Instrument& instrument) : parser_(std::make_unique<Parser>(instrument)) {
  parser_->symbol = instrument.symbol;
  parser_->price_decimals = static_cast<int>(instrument.price_decimals);
  parser_->lot_decimals = static_cast<int>(instrument.lot_decimals);
}

Codec::~Codec() = default;

Result<Message> Codec::decode(std::string_view text, Arena& arena) {
  Parser& of = *parser_;
  of.arena = &arena;
  of.most_levels = most_levels_of(text.size());

  Message usual;
  if (of.fast_path.decode(text, arena, usual)) return usual;
  text = of.enclosed.of(text);
  ondemand::document document;
  const auto code =
      of.parser.iterate(text.data(), text.size(), text.size() + frame_padding).get(document);
  if (code) return bad_json(code);
  ondemand::json_type type{};
  if (auto wrong = document.type().get(type)) return bad_json(wrong);
  if (type == ondemand::json_type::array) return Message{Outcome::unknown_kind};
  ondemand::object root;
  if (auto wrong = document.get_object().get(root)) return bad_json(wrong);

  Frame frame;
  if (auto error = of.walk(root, frame, false)) return *error;
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return bad_frame("not JSON: something follows the end of the object");
  }
  return of.dispatch(frame);
}

}  // namespace mm::venues::binance
