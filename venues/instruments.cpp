#include "venues/instruments.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/result.hpp"
#include "venues/decimal.hpp"

namespace mm::venues {

extern const char* const built_in_instruments_json;  // generated from venues/instruments.json

namespace {

using Json = nlohmann::json;

/// Reads the keys of one entry and remembers where it stands, for messages.
class Entry {
 public:
  Entry(const Json& json, std::string place) : json_(json), place_(std::move(place)) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::usage, place_ + ": " + what);
  }
  std::string text(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_string()) {
      fail(std::string("\"") + key + "\" must be a text");
    }
    return found->get<std::string>();
  }
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most) const {
    const auto found = json_.find(key);
    if (found == json_.end()) return least;
    if (!found->is_number_integer() || found->get<std::int64_t>() < least ||
        found->get<std::int64_t>() > most) {
      fail(std::string("\"") + key + "\" must be an integer from " + std::to_string(least) +
           " to " + std::to_string(most));
    }
    return found->get<std::int64_t>();
  }
  Int128 decimal(const char* key, std::int64_t decimals) const {
    const std::string value = text(key);
    const auto parsed = parse_decimal<Int128>(value, static_cast<int>(decimals));
    if (!parsed.ok()) {
      fail(std::string("\"") + key + "\": \"" + value + "\" " +
           std::string(describe(parsed.error)));
    }
    return parsed.value;
  }
  std::int64_t count(const char* key, std::int64_t decimals, std::int64_t least) const {
    const Int128 value = decimal(key, decimals);
    if (value < least || value > 1'000'000'000'000'000'000) {
      fail(std::string("\"") + key + "\" is out of range");
    }
    return static_cast<std::int64_t>(value);
  }

 private:
  const Json& json_;
  std::string place_;
};

Instrument read(const Entry& entry) {
  Instrument of;
  of.venue = entry.text("venue");
  of.symbol = entry.text("symbol");
  if (std::find(std::begin(venue_names), std::end(venue_names), of.venue) ==
      std::end(venue_names)) {
    entry.fail("unknown venue \"" + of.venue + "\"");
  }
  const std::string contract = entry.text("contract");
  if (contract != "linear" && contract != "inverse") {
    entry.fail("\"contract\" must be \"linear\" or \"inverse\"");
  }
  of.contract = contract == "linear" ? ContractKind::linear : ContractKind::inverse;
  of.price_decimals = entry.integer("price_decimals", 0, 9);
  of.lot_decimals = entry.integer("lot_decimals", 0, 9);
  of.tick = Price::from_units(entry.count("tick", of.price_decimals, 1));
  of.qty_step = Qty::from_lots(entry.count("qty_step", of.lot_decimals, 1));
  of.significant_figures = entry.integer("significant_figures", 0, 18);
  of.contract_size = entry.integer("contract_size", 1, 1'000'000'000);
  of.min_notional = Money::from_units(entry.decimal("min_notional", 12));
  of.min_qty = Qty::from_lots(entry.count("min_qty", of.lot_decimals, 0));
  of.maker_fee_e8 = static_cast<std::int64_t>(entry.decimal("maker_fee", 8));
  of.taker_fee_e8 = static_cast<std::int64_t>(entry.decimal("taker_fee", 8));
  of.settlement = entry.text("settlement");
  return of;
}

}  // namespace

Instruments Instruments::built_in() {
  return from_text(built_in_instruments_json, "built-in instruments");
}

Instruments Instruments::from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    throw Error(ErrorKind::data, "cannot read the instruments file " + path);
  }
  return from_text(text.str(), path);
}

Instruments Instruments::from_text(std::string_view text, std::string_view name) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("instruments") ||
      !json["instruments"].is_array()) {
    throw Error(ErrorKind::usage,
                std::string(name) + ": not a JSON object with an array \"instruments\"");
  }
  Instruments table;
  for (const Json& item : json["instruments"]) {
    const std::string number = std::to_string(table.instruments_.size() + 1);
    const Entry entry(item, std::string(name) + ": instrument " + number);
    if (!item.is_object()) entry.fail("not an object");
    Instrument of = read(entry);
    for (const Instrument& other : table.instruments_) {
      if (other.venue == of.venue && other.symbol == of.symbol) {
        entry.fail(of.venue + ":" + of.symbol + " stands here twice");
      }
    }
    table.instruments_.push_back(std::move(of));
  }
  if (json.contains("fee_tiers")) {
    const Json& venues = json["fee_tiers"];
    const Entry place(venues, std::string(name) + ": fee_tiers");
    if (!venues.is_object()) place.fail("not an object of venues");
    for (const auto& [venue, tiers] : venues.items()) {
      for (const Json& tier : tiers) {
        const Entry entry(tier, std::string(name) + ": fee_tiers of " + venue);
        if (!tier.is_object()) entry.fail("a tier is not an object");
        table.fee_tiers_[venue].push_back({static_cast<std::int64_t>(entry.decimal("maker", 8)),
                                           static_cast<std::int64_t>(entry.decimal("taker", 8))});
      }
    }
  }
  return table;
}

std::span<const FeeTier> Instruments::fee_tiers(std::string_view venue) const {
  const auto tiers = fee_tiers_.find(venue);
  return tiers == fee_tiers_.end() ? std::span<const FeeTier>{} : tiers->second;
}

const Instrument& Instruments::find(std::string_view venue, std::string_view symbol,
                                    std::string_view flag) const {
  std::string known;
  for (const Instrument& of : instruments_) {
    if (of.venue != venue) continue;
    if (of.symbol == symbol) return of;
    known += (known.empty() ? "" : ", ") + of.symbol;
  }
  if (known.empty()) known = "none";
  throw Error(ErrorKind::usage, std::string(flag) + ": unknown symbol \"" + std::string(symbol) +
                                    "\"; known of " + std::string(venue) + ": " + known +
                                    " (--instruments FILE adds others)");
}

}  // namespace mm::venues
