#include "venues/binance/fast_path.hpp"

#include "venues/levels.hpp"
#include "venues/scan.hpp"
#include "venues/time_text.hpp"

namespace mm::venues::binance {

bool is_partial_book(std::string_view stream) {
  const std::size_t at = stream.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view kind = stream.substr(at + 1);
  return kind.starts_with("rpiDepth") ||
         (kind.starts_with("depth") && kind.size() > 5 && kind[5] != '@');
}

/// A side that is there has a price, and the bid is below the ask.
bool is_quote(const BestQuote& quote) {
  const bool bid = quote.bid.qty != Qty{};
  const bool ask = quote.ask.qty != Qty{};
  if ((bid && quote.bid.price == Price{}) || (ask && quote.ask.price == Price{})) return false;
  return !bid || !ask || quote.bid.price < quote.ask.price;
}

bool FastPath::scan_side(Scan& scan, Side side, std::span<const Level>& out) {
  if (!scan.text("[")) return false;
  Level* const levels = arena_->room<Level>(most_levels_);
  std::size_t count = 0;
  if (!scan.text("]")) {
    do {
      std::int64_t price_units = 0;
      std::int64_t lots = 0;
      if (!scan.text("[\"") || !scan.decimal(price_decimals_, price_units) || !scan.text(",\"") ||
          !scan.decimal(lot_decimals_, lots) || !scan.text("]") || price_units == 0 ||
          count == most_levels_) {
        return false;
      }
      levels[count++] = {Price::from_units(price_units), Qty::from_lots(lots)};
    } while (scan.text(","));
    if (!scan.text("]")) return false;
  }
  arena_->commit(levels, count);
  sort_outwards(side, {levels, count});
  out = {levels, count};
  return true;
}

bool FastPath::scan_update(Scan& scan, Message& message) {
  std::int64_t event_ms = 0;
  std::int64_t exchange_ms = 0;
  std::string_view name;
  std::string_view pair;
  BookDelta body;
  if (!scan.integer(event_ms)) return false;
  exchange_ms = event_ms;
  if (scan.text(",\"T\":") && !scan.integer(exchange_ms)) return false;
  if (!scan.text(",\"s\":\"") || !scan.word(name) || name != symbol_) return false;
  if (scan.text(",\"ps\":\"") && !scan.word(pair)) return false;
  if (!scan.text(",\"U\":") || !scan.integer(body.first_id)) return false;
  if (!scan.text(",\"u\":") || !scan.integer(body.last_id)) return false;
  if (scan.text(",\"pu\":") && !scan.integer(body.prev_id)) return false;
  if (!scan.text(",\"b\":") || !scan_side(scan, Side::buy, body.bids)) return false;
  if (!scan.text(",\"a\":") || !scan_side(scan, Side::sell, body.asks)) return false;
  if (body.first_id > body.last_id || !is_milliseconds(event_ms) || !is_milliseconds(exchange_ms) ||
      is_crossed(body.bids, body.asks)) {
    return false;
  }
  body.event_time_ns = event_ms * 1'000'000;
  message.exchange_time = time_from_ns(exchange_ms * 1'000'000);
  message.body = body;
  return true;
}

bool FastPath::scan_ticker(Scan& scan, Message& message) {
  std::string_view name;
  std::string_view pair;
  BestQuote body;
  std::int64_t numbers[4] = {};
  std::int64_t exchange_ms = 0;
  std::int64_t event_ms = 0;
  if (!scan.integer(body.update_id)) return false;
  // COIN-M names the event behind the id.
  scan.text(",\"e\":\"bookTicker\"");
  if (!scan.text(",\"s\":\"") || !scan.word(name) || name != symbol_) return false;
  if (scan.text(",\"ps\":\"") && !scan.word(pair)) return false;
  if (!scan.text(",\"b\":\"") || !scan.decimal(price_decimals_, numbers[0])) return false;
  if (!scan.text(",\"B\":\"") || !scan.decimal(lot_decimals_, numbers[1])) return false;
  if (!scan.text(",\"a\":\"") || !scan.decimal(price_decimals_, numbers[2])) return false;
  if (!scan.text(",\"A\":\"") || !scan.decimal(lot_decimals_, numbers[3])) return false;
  if (scan.text(",\"T\":")) {
    if (!scan.integer(exchange_ms) || !scan.text(",\"E\":") || !scan.integer(event_ms))
      return false;
    if (!is_milliseconds(event_ms) || !is_milliseconds(exchange_ms)) return false;
  }
  if (numbers[1] != 0) body.bid = {Price::from_units(numbers[0]), Qty::from_lots(numbers[1])};
  if (numbers[3] != 0) body.ask = {Price::from_units(numbers[2]), Qty::from_lots(numbers[3])};
  if (!is_quote(body)) return false;
  body.event_time_ns = event_ms * 1'000'000;
  message.exchange_time = time_from_ns(exchange_ms * 1'000'000);
  message.body = body;
  return true;
}

bool FastPath::decode(std::string_view text, Arena& arena, Message& message) {
  arena_ = &arena;
  most_levels_ = most_levels_of(text.size());
  Scan scan(text);
  bool wrapped = false;
  if (scan.text("{\"stream\":\"")) {
    std::string_view stream;
    if (!scan.word(stream) || is_partial_book(stream) || !scan.text(",\"data\":")) return false;
    wrapped = true;
  }
  if (scan.text("{\"e\":\"depthUpdate\",\"E\":")) {
    if (!scan_update(scan, message)) return false;
  } else if (scan.text("{\"e\":\"bookTicker\",\"u\":") || scan.text("{\"u\":")) {
    if (!scan_ticker(scan, message)) return false;
  } else {
    return false;
  }
  return scan.text("}") && (!wrapped || scan.text("}")) && scan.finished();
}

}  // namespace mm::venues::binance
