#include "venues/hyperliquid/recorder_csv.hpp"

#include <algorithm>

#include "engine/assert.hpp"
#include "venues/decimal.hpp"
#include "venues/time_text.hpp"

namespace mm::venues::hyperliquid {
namespace {

std::vector<std::string> split(std::string_view row) {
  std::vector<std::string> cells;
  while (true) {
    const std::size_t comma = row.find(',');
    cells.push_back(without_exponent(row.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    row.remove_prefix(comma + 1);
  }
}

bool has(std::string_view header, std::string_view name) {
  return ("," + std::string(header) + ",").find("," + std::string(name) + ",") != std::string::npos;
}

std::string level(std::string_view price, std::string_view size) {
  return "{\"px\":\"" + std::string(price) + "\",\"sz\":\"" + std::string(size) + "\"}";
}

Error bad_row(std::string message) {
  return {ErrorKind::data, "csv row: " + std::move(message)};
}

}  // namespace

std::string without_exponent(std::string_view number) {
  const std::size_t at = number.find_first_of("eE");
  if (at == std::string_view::npos) return std::string(number);
  std::string_view power_text = number.substr(at + 1);
  const bool down = power_text.starts_with('-');
  if (down || power_text.starts_with('+')) power_text.remove_prefix(1);
  const std::int64_t power = parse_integer(power_text);
  const std::string_view mantissa = number.substr(0, at);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, point));
  if (point < mantissa.size()) digits += mantissa.substr(point + 1);
  const bool plain = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char digit) {
    return digit >= '0' && digit <= '9';
  });
  if (!plain || power < 0 || power > 30) return std::string(number);

  const auto shift = static_cast<std::size_t>(power);
  std::size_t whole = point;  // digits before the point
  if (down) {
    if (whole <= shift) digits.insert(0, shift - whole + 1, '0');
    whole = whole > shift ? whole - shift : 1;
  } else {
    whole += shift;
    if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  }
  return whole == digits.size() ? digits : digits.substr(0, whole) + "." + digits.substr(whole);
}

std::optional<RecorderCsv::Kind> RecorderCsv::kind_of(std::string_view header) {
  if (!has(header, "timestamp") || !has(header, "exchange_timestamp")) return std::nullopt;
  if (has(header, "bid_price_0") && has(header, "ask_size_0")) return Kind::orderbooks;
  if (!has(header, "price") || !has(header, "size") || !has(header, "side")) return std::nullopt;
  return has(header, "trade_id") ? Kind::trades : Kind::prices;
}

RecorderCsv::RecorderCsv(std::string_view header, std::string coin) : coin_(std::move(coin)) {
  const std::optional<Kind> kind = kind_of(header);
  MM_ASSERT(kind.has_value(), "the caller checked the header");
  kind_ = *kind;
  names_ = split(header);
}

std::size_t RecorderCsv::column(std::string_view name) const {
  return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

Result<bool> RecorderCsv::add(std::string_view row, Frame& out) {
  cells_ = split(row);
  if (cells_.size() != names_.size()) {
    return bad_row(std::to_string(cells_.size()) + " cells under " + std::to_string(names_.size()) +
                   " names");
  }
  const std::string& stamp = cells_[column("timestamp")];
  const std::optional<Time> recv = parse_seconds(stamp);
  if (!recv) return bad_row("timestamp \"" + stamp + "\" is not seconds");
  switch (kind_) {
    case Kind::orderbooks:
      return add_book(out, *recv);
    case Kind::trades:
      return add_trade(out, *recv);
    case Kind::prices:
      return add_price(out, *recv);
  }
  return false;
}

/// Ends the open frame and opens the next.
bool RecorderCsv::begin(Time recv, Frame& out) {
  const bool finished = finish(out);
  open_ = true;
  open_recv_ = recv;
  return finished;
}

bool RecorderCsv::finish(Frame& out) {
  if (!open_) return false;
  open_ = false;
  out.recv = open_recv_;
  switch (kind_) {
    case Kind::orderbooks:
      out.json = open_json_ + "}}";
      break;
    case Kind::trades:
      out.json = open_json_ + "]}";
      break;
    case Kind::prices:
      out.json = "{\"channel\":\"bbo\",\"data\":{\"coin\":\"" + coin_ + "\",\"time\":" + bbo_time_ +
                 ",\"bbo\":[" + (bid_.empty() ? "null" : bid_) + "," +
                 (ask_.empty() ? "null" : ask_) + "]}}";
      break;
  }
  return true;
}

Result<bool> RecorderCsv::add_book(Frame& out, Time recv) {
  const bool finished = begin(recv, out);
  std::string sides[2];
  const std::size_t first = column("bid_price_0");
  for (std::size_t at = first; at + 1 < cells_.size(); at += 2) {
    const std::string& price = cells_[at];
    const std::string& size = cells_[at + 1];
    if (price.empty() || size.empty()) continue;
    std::string& side = sides[names_[at].starts_with("ask") ? 1 : 0];
    if (!side.empty()) side += ',';
    side += level(price, size);
  }
  open_json_ = "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"" + coin_ +
               "\",\"time\":" + cells_[column("exchange_timestamp")] + ",\"levels\":[[" + sides[0] +
               "],[" + sides[1] + "]]";
  return finished;
}

Result<bool> RecorderCsv::add_trade(Frame& out, Time recv) {
  const std::string& side = cells_[column("side")];
  if (side != "buy" && side != "sell") return bad_row("trade side \"" + side + "\"");
  bool finished = false;
  if (!open_ || open_recv_ != recv) {
    finished = begin(recv, out);
    open_json_ = "{\"channel\":\"trades\",\"data\":[";
  } else {
    open_json_ += ',';
  }
  open_json_ += "{\"coin\":\"" + coin_ + "\",\"side\":\"" + (side == "buy" ? "B" : "A") +
                "\",\"px\":\"" + cells_[column("price")] + "\",\"sz\":\"" + cells_[column("size")] +
                "\",\"time\":" + cells_[column("exchange_timestamp")] +
                ",\"tid\":" + cells_[column("trade_id")] + "}";
  return finished;
}

Result<bool> RecorderCsv::add_price(Frame& out, Time recv) {
  const std::string& side = cells_[column("side")];
  if (side != "bid" && side != "ask") return bad_row("price side \"" + side + "\"");
  const std::string& time = cells_[column("exchange_timestamp")];
  bool finished = false;
  if (!open_ || open_recv_ != recv || bbo_time_ != time) finished = begin(recv, out);
  bbo_time_ = time;
  (side == "bid" ? bid_ : ask_) = level(cells_[column("price")], cells_[column("size")]);
  return finished;
}

}  // namespace mm::venues::hyperliquid
