#include "cli/print_record.hpp"

#include <fmt/format.h>

#include "cli/time_spec.hpp"
#include "engine/describe.hpp"
#include "engine/numeric.hpp"

namespace mm::cli {
namespace {

constexpr std::size_t shown_levels = 3;

struct Decimals {
  int price = 0;
  int lot = 0;
};

Decimals decimals_of(InstrumentId id, const Instruments& instruments) {
  if (id.value >= instruments.size()) return {};
  const Instrument& instrument = instruments[id.value];
  return {static_cast<int>(instrument.price_decimals), static_cast<int>(instrument.lot_decimals)};
}

/// Of a fixed-point field: 8 for "mark_e8"; 0 where the name does not say so.
int decimals_in(std::string_view name) {
  for (const auto& [ending, decimals] : {std::pair<std::string_view, int>{"_e3", 3},
                                         {"_e6", 6},
                                         {"_e8", 8},
                                         {"_e9", 9},
                                         {"_e12", 12}})
    if (name.ends_with(ending)) return decimals;
  return 0;
}

/// Turns each field into a JSON value; text output is made from the same values.
struct JsonFields {
  Json& out;
  Decimals decimals;

  void operator()(const char* name, std::int64_t value) {
    const std::string_view key = name;
    if (value == absent_e) {
      out[name] = nullptr;
    } else if (const int decimals_of_it = decimals_in(key); decimals_of_it > 0) {
      out[name] = format_decimal(value, decimals_of_it);
    } else {
      out[name] = value;
    }
  }
  void operator()(const char* name, bool value) { out[name] = value; }
  void operator()(const char* name, Price value) {
    out[name] = format_decimal(value.units(), decimals.price);
  }
  void operator()(const char* name, Qty value) {
    out[name] = format_decimal(value.lots(), decimals.lot);
  }
  void operator()(const char* name, Money value) { out[name] = format_money(value); }
  void operator()(const char* name, Time value) { out[name] = format_time(value); }
  void operator()(const char* name, ClientOrderId value) { out[name] = value.value; }
  void operator()(const char* name, std::string_view value) { out[name] = std::string(value); }
  void operator()(const char* name, const Level& value) { out[name] = level(value); }
  void operator()(const char* name, std::span<const Level> values) {
    Json list = Json::array();
    for (const Level& value : values) list.push_back(level(value));
    out[name] = std::move(list);
  }
  void operator()(const char* name, std::span<const std::uint32_t> values) {
    if (!values.empty()) out[name] = std::vector<std::uint32_t>(values.begin(), values.end());
  }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(const char* name, E value) { out[name] = std::string(name_of(value)); }

  Json level(const Level& value) const {
    return Json::array({format_decimal(value.price.units(), decimals.price),
                        format_decimal(value.qty.lots(), decimals.lot)});
  }
};

std::string value_to_text(const Json& value) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    return text.find_first_of(" \n") == std::string::npos && !text.empty() ? text : value.dump();
  }
  if (value.is_array() && value.size() == 2 && value[0].is_string())
    return value[0].get<std::string>() + "x" + value[1].get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text = "[";
  for (std::size_t i = 0; i < value.size() && i < shown_levels; ++i)
    text += (i == 0 ? "" : " ") + value_to_text(value[i]);
  if (value.size() > shown_levels) text += fmt::format(" ... {} in all", value.size());
  return text + "]";
}

}  // namespace

std::string instrument_name(InstrumentId id, const Instruments& instruments) {
  if (id.value >= instruments.size()) return fmt::format("#{}", id.value);
  return instruments[id.value].venue + ":" + instruments[id.value].symbol;
}

Json record_to_json(const Record& record, const Instruments& instruments) {
  const EventHeader& header = header_of(record);
  Json out;
  out["seq"] = header.seq.value;
  out["recv_time"] = format_time(header.recv_time);
  out["kind"] = std::string(name_of(kind_of(record)));
  out["instrument"] = instrument_name(header.instrument, instruments);
  if (to_ns(header.exchange_time) != 0) out["exchange_time"] = format_time(header.exchange_time);
  JsonFields fields{out, decimals_of(header.instrument, instruments)};
  std::visit(
      [&](const auto& of) {
        std::visit([&](const auto& body) { describe(body, fields); }, of.body);
      },
      record);
  return out;
}

std::string record_to_text(const Record& record, const Instruments& instruments) {
  const Json json = record_to_json(record, instruments);
  std::string line = fmt::format(
      "{:>9} {} {:<15} {}", json["seq"].get<std::uint64_t>(), json["recv_time"].get<std::string>(),
      json["kind"].get<std::string>(), json["instrument"].get<std::string>());
  for (const auto& [key, value] : json.items()) {
    if (key == "seq" || key == "recv_time" || key == "kind" || key == "instrument") continue;
    line += fmt::format(" {}={}", key, value_to_text(value));
  }
  return line;
}

}  // namespace mm::cli
