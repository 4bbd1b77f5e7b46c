#include "venues/l3/l3_feed.hpp"

#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/numeric.hpp"
#include "engine/result.hpp"
#include "venues/decimal.hpp"

namespace mm::venues {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const LineReader& lines, const std::string& what) {
  throw Error(ErrorKind::data, lines.path() + ":" + std::to_string(lines.number()) + ": " + what);
}

}  // namespace

bool LobsterReader::next(L3Event& event) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  std::array<std::string_view, 6> part;
  std::string_view rest = line;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::size_t comma = rest.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == part.size()))
      fail(lines_, "a LOBSTER message is time,type,id,size,price,direction");
    part[i] = rest.substr(0, comma);
    rest.remove_prefix(i + 1 == part.size() ? rest.size() : comma + 1);
  }
  // Some times carry the noise of a double behind the ninth digit.
  const auto time = parse_decimal(part[0], 9, Excess::round_half_even);
  const std::int64_t type = parse_integer(part[1]);
  const std::int64_t id = parse_integer(part[2]);
  const std::int64_t size = parse_integer(part[3]);
  const auto price = parse_decimal(part[4], 0);
  if (!time.ok() || type < 1 || type > 7 || (part[5] != "1" && part[5] != "-1"))
    fail(lines_, "not a LOBSTER message");
  event = {};
  event.at = time_from_ns(time.value);
  if (type >= 6) return true;  // an auction trade or a halt: nothing of it is in the book
  if (id < 0 || size < 1 || size > max_lots || !price.ok() || price.value < 1 ||
      price.value > max_price_units)
    fail(lines_, "an order needs an id, a size and a price above 0");
  static constexpr L3Event::Kind kinds[] = {L3Event::Kind::add, L3Event::Kind::reduce,
                                            L3Event::Kind::remove, L3Event::Kind::execute,
                                            L3Event::Kind::trade};
  event.kind = kinds[type - 1];
  event.id = static_cast<std::uint64_t>(id);
  event.side = part[5] == "1" ? Side::buy : Side::sell;
  event.price = Price::from_units(price.value);
  event.qty = Qty::from_lots(size);
  return true;
}

struct BitstampReader::Parser {
  const LineReader* lines = nullptr;
  std::map<std::uint64_t, std::int64_t> amounts;

  [[noreturn]] void wrong(const std::string& what) const { fail(*lines, what); }

  std::int64_t decimal(const Json& json, int decimals) const {
    std::optional<std::int64_t> value;
    if (json.is_number()) {
      const double scaled = json.get<double>() * std::pow(10, decimals);
      if (scaled >= 0 && scaled <= static_cast<double>(max_lots)) value = std::llround(scaled);
    } else if (json.is_string()) {
      const auto parsed = parse_decimal(json.get_ref<const std::string&>(), decimals);
      if (parsed.ok() && parsed.value >= 0 && parsed.value <= max_lots) value = parsed.value;
    }
    if (!value)
      wrong(json.dump(-1, ' ', false, Json::error_handler_t::replace) +
            " is not a number of this market");
    return *value;
  }
  const Json& field(const Json& json, const char* key) const {
    const auto found = json.find(key);
    if (found == json.end()) wrong(std::string("\"") + key + "\" is missing");
    return *found;
  }
  Price price(const Json& json) const { return Price::from_units(decimal(json, price_decimals)); }
  std::vector<Level> levels(const Json& rows) const {
    std::vector<Level> levels;
    for (const Json& row : rows) {
      if (!row.is_array() || row.size() < 2) wrong("a level is [price, amount]");
      levels.push_back({price(row[0]), Qty::from_lots(decimal(row[1], lot_decimals))});
    }
    return levels;
  }
  void order(std::string_view what, const Json& json, L3Event& event) {
    const Json& id = field(json, "id");
    const Json& type = field(json, "order_type");
    if (!id.is_number_unsigned() || !type.is_number_unsigned()) wrong("an order needs an id");
    event.id = id.get<std::uint64_t>();
    event.side = type == 0 ? Side::buy : Side::sell;
    event.price = price(field(json, "price"));
    const std::int64_t amount = decimal(field(json, "amount"), lot_decimals);
    const auto known = amounts.find(event.id);
    const std::int64_t before = known == amounts.end() ? 0 : known->second;
    if (what == "order_created") {
      event.kind = L3Event::Kind::add;
      event.qty = Qty::from_lots(amount);
      amounts[event.id] = amount;
    } else if (what == "order_changed") {
      event.kind = L3Event::Kind::execute;
      event.qty = Qty::from_lots(before - amount);
      if (known != amounts.end()) known->second = amount;
    } else {
      event.kind = amount == 0 ? L3Event::Kind::execute : L3Event::Kind::remove;
      event.qty = Qty::from_lots(before);
      if (known != amounts.end()) amounts.erase(known);
    }
  }
};

BitstampReader::BitstampReader(const std::string& path)
    : lines_(path), parser_(std::make_unique<Parser>()) {
  parser_->lines = &lines_;
}

BitstampReader::~BitstampReader() = default;

bool BitstampReader::next(L3Event& event) {
  std::string_view line;
  if (!lines_.next(line)) return false;
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first == std::string_view::npos ? first : first + 1);
  const std::int64_t ms = parse_integer(line.substr(0, first));
  if (second == std::string_view::npos || ms < 0)
    fail(lines_, "a Bitstamp event is <ms> <event> <json>");
  const std::string_view what = line.substr(first + 1, second - first - 1);
  const Json json = Json::parse(line.substr(second + 1), nullptr, false);
  if (!json.is_object()) fail(lines_, "a Bitstamp event without a JSON object");
  event = {};
  event.at = time_from_ns(ms * 1'000'000);
  if (what == "order_created" || what == "order_changed" || what == "order_deleted") {
    parser_->order(what, json, event);
  } else if (what == "trade") {
    event.kind = L3Event::Kind::trade;
    event.side_known = false;
    event.price = parser_->price(parser_->field(json, "price"));
    event.qty = Qty::from_lots(parser_->decimal(parser_->field(json, "amount"), lot_decimals));
  } else if (what == "order_book") {
    event.kind = L3Event::Kind::book;
    event.bids = parser_->levels(parser_->field(json, "bids"));
    event.asks = parser_->levels(parser_->field(json, "asks"));
  }
  return true;
}

}  // namespace mm::venues
