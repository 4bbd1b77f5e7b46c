#include "engine/book/order_script.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "engine/numeric.hpp"

namespace mm {
namespace {

constexpr std::size_t most_fields = 8;

/// The comma-separated parts of a line; one more than `most_fields` of them count as too many.
struct Fields {
  std::array<std::string_view, most_fields + 1> part;
  std::size_t count = 0;

  explicit Fields(std::string_view line) {
    while (count <= most_fields) {
      const std::size_t comma = line.find(',');
      part[count++] = line.substr(0, comma);
      if (comma == std::string_view::npos) return;
      line.remove_prefix(comma + 1);
    }
  }
};

std::string wrong(std::string_view what, std::string_view text, std::string_view must_be) {
  return std::string{what} + " must be " + std::string{must_be} + ", not '" + std::string{text} +
         "'";
}

template <class Integer>
std::optional<Integer> integer(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> read_id(std::string_view what, std::string_view text,
                                   ClientOrderId& out) {
  const auto value = integer<std::uint64_t>(text);
  if (!value || *value == 0) return wrong(what, text, "a whole number from 1");
  out = ClientOrderId{*value};
  return std::nullopt;
}

/// side, tick, qty and tif of an N or M line.
struct Terms {
  Side side = Side::buy;
  Price price;
  Qty qty;
  TimeInForce time_in_force = TimeInForce::post_only;
};

std::optional<std::string> read_terms(std::span<const std::string_view, 4> part,
                                      const Instrument& instrument, Terms& out) {
  if (part[0] != "Buy" && part[0] != "Sell") return wrong("side", part[0], "Buy or Sell");
  out.side = part[0] == "Buy" ? Side::buy : Side::sell;

  const auto tick = integer<std::int64_t>(part[1]);
  const std::int64_t most_ticks =
      max_price_units / std::max(instrument.tick.units(), std::int64_t{1});
  if (!tick || *tick < 1 || *tick > most_ticks)
    return wrong("tick", part[1],
                 "a whole number of ticks from 1 to " + std::to_string(most_ticks));
  out.price = Price::from_units(*tick * instrument.tick.units());

  const auto lots = parse_decimal(part[2], instrument.lot_decimals);
  if (!lots || *lots < 1 || *lots > max_lots)
    return wrong("qty", part[2],
                 "a decimal above 0 with at most " + std::to_string(instrument.lot_decimals) +
                     " digits behind the point");
  out.qty = Qty::from_lots(*lots);

  constexpr std::pair<std::string_view, TimeInForce> known[] = {{"GTX", TimeInForce::post_only},
                                                                {"GTC", TimeInForce::gtc},
                                                                {"IOC", TimeInForce::ioc},
                                                                {"FOK", TimeInForce::fok}};
  for (const auto& [name, value] : known) {
    if (part[3] != name) continue;
    out.time_in_force = value;
    return std::nullopt;
  }
  return wrong("tif", part[3], "GTX, GTC, IOC or FOK");
}

}  // namespace

std::optional<std::string> parse_order_line(std::string_view line, const Instrument& instrument,
                                            std::optional<OrderRequest>& out) {
  out.reset();
  if (line.empty() || line.front() == '#') return std::nullopt;
  const Fields fields(line);
  const std::string_view kind = fields.part[0];
  if (kind == "R") return std::nullopt;
  const std::size_t wanted = kind == "N" ? 7 : kind == "C" ? 3 : kind == "M" ? 8 : 0;
  if (wanted == 0)
    return wrong("a line", kind, "N,... (new), C,... (cancel), M,... (replace) or R,...");
  if (fields.count != wanted)
    return "a line " + std::string{kind} + " has " + std::to_string(wanted) + " fields (" +
           (kind == "N"   ? "N,ts,id,side,tick,qty,tif"
            : kind == "C" ? "C,ts,id"
                          : "M,ts,id,new_id,side,tick,qty,tif") +
           "), not " + (fields.count > most_fields ? "more than " : "") +
           std::to_string(std::min(fields.count, most_fields));
  const auto at = integer<std::int64_t>(fields.part[1]);
  constexpr std::int64_t latest = std::int64_t{1} << 62;  // room for what is added to it
  if (!at || *at < 0 || *at > latest)
    return wrong("ts", fields.part[1], "a time in nanoseconds since the epoch");
  OrderRequest request{.at = time_from_ns(*at), .message = {}};
  ClientOrderId id;
  if (auto error = read_id("id", fields.part[2], id)) return error;
  if (kind == "C") {
    request.message = CancelOrder{.order = id};
    out = request;
    return std::nullopt;
  }
  ClientOrderId replacement;
  if (kind == "M") {
    if (auto error = read_id("new_id", fields.part[3], replacement)) return error;
    if (replacement == id) return wrong("new_id", fields.part[3], "another id than that replaced");
  }
  Terms terms;
  const std::span parts{fields.part};
  const auto terms_text = kind == "N" ? parts.subspan<3, 4>() : parts.subspan<4, 4>();
  if (auto error = read_terms(terms_text, instrument, terms)) return error;
  if (kind == "N") {
    request.message = PlaceOrder{.order = id,
                                 .side = terms.side,
                                 .price = terms.price,
                                 .qty = terms.qty,
                                 .time_in_force = terms.time_in_force};
  } else {
    request.message = ReplaceOrder{.order = id,
                                   .replacement = replacement,
                                   .side = terms.side,
                                   .price = terms.price,
                                   .qty = terms.qty,
                                   .time_in_force = terms.time_in_force};
  }
  out = request;
  return std::nullopt;
}

}  // namespace mm
