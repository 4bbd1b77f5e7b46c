// Partial results: what one shard computed, whole and exact, and their sum.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "cli/text_file.hpp"
#include "cli/what_if_result.hpp"
#include "engine/numeric.hpp"
#include "engine/result.hpp"

namespace mm::cli {
namespace {

using namespace research;

constexpr const char* format_name = "mmctl-counterfactual-partial";
constexpr int format_version = 1;

/// A document that is not what this program writes.
struct Malformed {
  std::string why;
};

// ---------------------------------------------------------------- values

Json wide(Int128 value) {
  return format_decimal(value, 0);
}
Int128 wide(const Json& json) {
  const auto text = json.get<std::string>();
  Int128 value = 0;
  const bool negative = text.starts_with('-');
  const std::string_view digits = std::string_view{text}.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 38) throw Malformed{"'" + text + "' is no number"};
  for (const char c : digits) {
    if (c < '0' || c > '9') throw Malformed{"'" + text + "' is no number"};
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}
Json time_json(Time time) {
  return to_ns(time);
}
Time time_of(const Json& json) {
  return time_from_ns(json.get<std::int64_t>());
}
Json optional_number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}
std::optional<double> optional_number(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional{json.get<double>()};
}

// ---------------------------------------------------------------- instrument

Json instrument_json(const Instrument& of) {
  return Json{{"venue", of.venue},
              {"symbol", of.symbol},
              {"role", static_cast<int>(of.role)},
              {"contract", static_cast<int>(of.contract)},
              {"price_decimals", of.price_decimals},
              {"lot_decimals", of.lot_decimals},
              {"tick", of.tick.units()},
              {"qty_step", of.qty_step.lots()},
              {"significant_figures", of.significant_figures},
              {"contract_size", of.contract_size},
              {"min_notional", wide(of.min_notional.units())},
              {"min_qty", of.min_qty.lots()},
              {"maker_fee_e8", of.maker_fee_e8},
              {"taker_fee_e8", of.taker_fee_e8},
              {"settlement", of.settlement}};
}
Instrument instrument_of_json(const Json& json) {
  Instrument of;
  of.venue = json.at("venue");
  of.symbol = json.at("symbol");
  of.role = json.at("role") == 0 ? InstrumentRole::quoted : InstrumentRole::lead;
  of.contract = json.at("contract") == 0 ? ContractKind::linear : ContractKind::inverse;
  of.price_decimals = json.at("price_decimals");
  of.lot_decimals = json.at("lot_decimals");
  of.tick = Price::from_units(json.at("tick").get<std::int64_t>());
  of.qty_step = Qty::from_lots(json.at("qty_step").get<std::int64_t>());
  of.significant_figures = json.at("significant_figures");
  of.contract_size = json.at("contract_size");
  of.min_notional = Money::from_units(wide(json.at("min_notional")));
  of.min_qty = Qty::from_lots(json.at("min_qty").get<std::int64_t>());
  of.maker_fee_e8 = json.at("maker_fee_e8");
  of.taker_fee_e8 = json.at("taker_fee_e8");
  of.settlement = json.at("settlement");
  return of;
}

// ---------------------------------------------------------------- rows

Json lane_json(const LaneRecord& lane) {
  Json blocks = Json::array();
  for (const Int128 block : lane.blocks) blocks.push_back(wide(block));
  Json exposure = Json::array();
  for (const auto& [cell, seconds] : lane.exposure) exposure.push_back(Json{cell, seconds});
  Json curve = Json::array();
  for (const auto& [cell, counts] : lane.curve) curve.push_back(Json{cell, counts[0], counts[1]});
  return Json{{"output_digest", lane.output_digest},
              {"spread_capture", wide(lane.spread_capture)},
              {"adverse_selection", wide(lane.adverse_selection)},
              {"inventory", wide(lane.inventory)},
              {"fees", wide(lane.fees)},
              {"funding", wide(lane.funding)},
              {"volume", wide(lane.volume)},
              {"fills", lane.fills},
              {"max_position", lane.max_position},
              {"fills_with_markout", lane.fills_with_markout},
              {"adverse_fills", lane.adverse_fills},
              {"inside_spread_fills", lane.inside_spread_fills},
              {"dominated_minutes", lane.dominated_minutes},
              {"position_distance", wide(lane.position_distance)},
              {"blocks", std::move(blocks)},
              {"exposure", std::move(exposure)},
              {"curve", std::move(curve)}};
}
LaneRecord lane_of(const Json& json) {
  LaneRecord lane;
  lane.output_digest = json.at("output_digest");
  lane.spread_capture = wide(json.at("spread_capture"));
  lane.adverse_selection = wide(json.at("adverse_selection"));
  lane.inventory = wide(json.at("inventory"));
  lane.fees = wide(json.at("fees"));
  lane.funding = wide(json.at("funding"));
  lane.volume = wide(json.at("volume"));
  lane.fills = json.at("fills");
  lane.max_position = json.at("max_position");
  lane.fills_with_markout = json.at("fills_with_markout");
  lane.adverse_fills = json.at("adverse_fills");
  lane.inside_spread_fills = json.at("inside_spread_fills");
  lane.dominated_minutes = json.at("dominated_minutes");
  lane.position_distance = wide(json.at("position_distance"));
  for (const Json& block : json.at("blocks")) lane.blocks.push_back(wide(block));
  for (const Json& cell : json.at("exposure"))
    lane.exposure[cell.at(0).get<std::int64_t>()] = cell.at(1);
  for (const Json& cell : json.at("curve"))
    lane.curve.push_back({cell.at(0).get<std::int64_t>(),
                          {cell.at(1).get<std::int64_t>(), cell.at(2).get<std::int64_t>()}});
  return lane;
}
Json lanes_json(const std::vector<LaneRecord>& lanes) {
  Json list = Json::array();
  for (const LaneRecord& lane : lanes) list.push_back(lane_json(lane));
  return list;
}
std::vector<LaneRecord> lanes_of(const Json& json) {
  std::vector<LaneRecord> lanes;
  for (const Json& lane : json) lanes.push_back(lane_of(lane));
  return lanes;
}

// ---------------------------------------------------------------- how good the simulator is

Json table_json(const FillTable& table) {
  return Json{table.seconds[0][0], table.seconds[0][1], table.seconds[1][0], table.seconds[1][1],
              table.orders};
}
FillTable table_of(const Json& json) {
  FillTable table;
  for (std::size_t i = 0; i < 4; ++i) table.seconds[i / 2][i % 2] = json.at(i);
  table.orders = json.at(4);
  return table;
}

Json fidelity_json(const Fidelity& of) {
  Json slices = Json::array();
  for (const FidelitySlice& slice : of.slices)
    slices.push_back(Json{slice.name, slice.recorded.lots(), slice.simulated.lots(),
                          slice.matched.lots(), slice.recorded_known});
  return Json{{"orders", of.orders},
              {"refused", of.refused},
              {"recorded_fills", of.recorded_fills},
              {"simulated_fills", of.simulated_fills},
              {"recorded", of.recorded.lots()},
              {"simulated", of.simulated.lots()},
              {"matched", of.matched.lots()},
              {"precision", of.precision},
              {"recall", of.recall},
              {"f1", of.f1},
              {"precision_of_fills", of.precision_of_fills},
              {"recall_of_fills", of.recall_of_fills},
              {"time_error_mean_ms", optional_number(of.time_error_mean_ms)},
              {"time_error_p50_ms", optional_number(of.time_error_p50_ms)},
              {"time_error_p95_ms", optional_number(of.time_error_p95_ms)},
              {"pnl_error", wide(of.pnl_error.units())},
              {"fit", table_json(of.fit)},
              {"report", table_json(of.report)},
              {"slices", std::move(slices)}};
}
Fidelity fidelity_of(const Json& json) {
  Fidelity of;
  of.orders = json.at("orders");
  of.refused = json.at("refused");
  of.recorded_fills = json.at("recorded_fills");
  of.simulated_fills = json.at("simulated_fills");
  of.recorded = Qty::from_lots(json.at("recorded").get<std::int64_t>());
  of.simulated = Qty::from_lots(json.at("simulated").get<std::int64_t>());
  of.matched = Qty::from_lots(json.at("matched").get<std::int64_t>());
  of.precision = json.at("precision");
  of.recall = json.at("recall");
  of.f1 = json.at("f1");
  of.precision_of_fills = json.at("precision_of_fills");
  of.recall_of_fills = json.at("recall_of_fills");
  of.time_error_mean_ms = optional_number(json.at("time_error_mean_ms"));
  of.time_error_p50_ms = optional_number(json.at("time_error_p50_ms"));
  of.time_error_p95_ms = optional_number(json.at("time_error_p95_ms"));
  of.pnl_error = Money::from_units(wide(json.at("pnl_error")));
  of.fit = table_of(json.at("fit"));
  of.report = table_of(json.at("report"));
  of.log_score = log_score(of.report, of.fit);
  of.null_log_score = log_score(without_simulator(of.report), without_simulator(of.fit));
  of.fit_log_score = log_score(of.fit, of.fit);
  for (const Json& slice : json.at("slices"))
    of.slices.push_back({slice.at(0), Qty::from_lots(slice.at(1).get<std::int64_t>()),
                         Qty::from_lots(slice.at(2).get<std::int64_t>()),
                         Qty::from_lots(slice.at(3).get<std::int64_t>()), slice.at(4)});
  return of;
}

Json base_json(const BaseRecord& base) {
  Json gaps = Json::array();
  for (const bool gap : base.block_has_gap) gaps.push_back(gap ? 1 : 0);
  Json calibration = nullptr;
  if (base.calibration)
    calibration = Json{{"precision", base.calibration->precision},
                       {"recall", base.calibration->recall},
                       {"f1", base.calibration->f1},
                       {"time_error_ms", optional_number(base.calibration->time_error_ms)},
                       {"pnl_error", wide(base.calibration->pnl_error.units())},
                       {"any_fill", base.calibration->any_fill}};
  return Json{{"from", time_json(base.from)},
              {"to", time_json(base.to)},
              {"instrument", instrument_json(base.instrument)},
              {"execution", base.execution},
              {"members", base.members},
              {"bounds", base.bounds},
              {"block", base.block.count()},
              {"block_has_gap", std::move(gaps)},
              {"actual", lane_json(base.actual)},
              {"simulated", lanes_json(base.simulated)},
              {"calibration", std::move(calibration)},
              {"fidelity", base.fidelity ? fidelity_json(*base.fidelity) : Json(nullptr)}};
}
BaseRecord base_of(const Json& json) {
  BaseRecord base;
  base.from = time_of(json.at("from"));
  base.to = time_of(json.at("to"));
  base.instrument = instrument_of_json(json.at("instrument"));
  base.execution = json.at("execution");
  base.members = json.at("members").get<std::vector<std::string>>();
  base.bounds = json.at("bounds");
  base.block = Duration{json.at("block").get<std::int64_t>()};
  for (const Json& gap : json.at("block_has_gap")) base.block_has_gap.push_back(gap == 1);
  base.actual = lane_of(json.at("actual"));
  base.simulated = lanes_of(json.at("simulated"));
  const Json& calibration = json.at("calibration");
  if (!calibration.is_null())
    base.calibration =
        Calibration{.precision = calibration.at("precision"),
                    .recall = calibration.at("recall"),
                    .f1 = calibration.at("f1"),
                    .time_error_ms = optional_number(calibration.at("time_error_ms")),
                    .pnl_error = Money::from_units(wide(calibration.at("pnl_error"))),
                    .any_fill = calibration.at("any_fill")};
  if (!json.at("fidelity").is_null()) base.fidelity = fidelity_of(json.at("fidelity"));
  return base;
}

// ---------------------------------------------------------------- requests

Json request_json(const SessionAnswer& session) {
  Json variants = Json::array();
  for (const Variant& variant : session.request.variants) {
    Json parameters = Json::array();
    for (const Setting& setting : variant.parameters)
      parameters.push_back(Json{setting.name, setting.value});
    variants.push_back(Json{{"name", variant.name}, {"parameters", std::move(parameters)}});
  }
  return Json{{"number", session.number},
              {"id", session.id},
              {"from", time_json(session.request.from)},
              {"to", time_json(session.request.to)},
              {"variants", std::move(variants)},
              {"seed", session.request.seed},
              {"resamples", session.request.resamples}};
}
SessionAnswer session_of(const Json& json) {
  SessionAnswer session;
  session.number = json.at("number");
  session.id = json.at("id");
  session.request.from = time_of(json.at("from"));
  session.request.to = time_of(json.at("to"));
  session.request.seed = json.at("seed");
  session.request.resamples = json.at("resamples");
  for (const Json& each : json.at("variants")) {
    Variant variant{.name = each.at("name")};
    for (const Json& setting : each.at("parameters"))
      variant.parameters.push_back({setting.at(0), setting.at(1)});
    session.request.variants.push_back(std::move(variant));
  }
  return session;
}

// ---------------------------------------------------------------- merging

/// What the files say so far of one session.
struct Gathered {
  SessionAnswer answer;
  Json request;
  Json base;  // null until a file has it
  std::map<std::size_t, Json> variants;
};

class Merger {
 public:
  void add(const std::string& file) {
    Json document = Json::parse(read_text(file), nullptr, false);
    if (!document.is_object() || document.value("format", "") != format_name)
      refuse(file,
             "is no partial result; `mmctl counterfactual --shard I/N --output FILE` writes "
             "one");
    if (document.value("version", 0) != format_version)
      refuse(file, "has a version this program does not know");
    try {
      add(file, document);
    } catch (const Malformed& wrong) {
      refuse(file, "is damaged: " + wrong.why);
    } catch (const Json::exception& wrong) {
      refuse(file, fmt::format("is damaged: {}", wrong.what()));
    }
  }

  WhatIfAnswer finish() {
    std::string missing;
    for (std::uint64_t shard = 1; shard <= count_; ++shard)
      if (!shards_.contains(shard))
        missing += fmt::format("{}{}/{}", missing.empty() ? "" : ", ", shard, count_);
    if (!missing.empty())
      throw Error(ErrorKind::data, "merge: these shards are missing: " + missing);
    WhatIfAnswer answer;
    answer.all_sessions = all_sessions_;
    for (Gathered& gathered : sessions_) {
      SessionAnswer& session = gathered.answer;
      if (gathered.base.is_null() || gathered.variants.size() != session.request.variants.size())
        throw Error(
            ErrorKind::data,
            fmt::format("merge: of session {} {} of {} variants were computed: a shard was "
                        "interrupted; run it again",
                        session.number, gathered.variants.size(), session.request.variants.size()));
      session.record.base = base_of(gathered.base);
      for (const auto& [index, lanes] : gathered.variants)
        session.record.variants.push_back({index, lanes_of(lanes)});
      answer.sessions.push_back(std::move(session));
    }
    return answer;
  }

 private:
  [[noreturn]] static void refuse(const std::string& file, const std::string& why) {
    throw Error(ErrorKind::data, fmt::format("merge: {}: {}", file, why));
  }

  void add(const std::string& file, const Json& document) {
    const std::uint64_t count = document.at("shards");
    const std::uint64_t shard = document.at("shard");
    const bool all = document.at("all_sessions");
    const Json& sessions = document.at("sessions");
    if (shards_.empty()) {
      count_ = count;
      all_sessions_ = all;
      for (const Json& session : sessions)
        sessions_.push_back({.answer = session_of(session.at("request")),
                             .request = session.at("request"),
                             .base = nullptr,
                             .variants = {}});
    }
    if (count != count_ || all != all_sessions_ || sessions.size() != sessions_.size())
      refuse(file, "is of another run than the files before it");
    if (!shards_.insert(shard).second)
      refuse(file, fmt::format("shard {}/{} was given before", shard, count));
    for (std::size_t i = 0; i < sessions.size(); ++i) add(file, sessions[i], sessions_[i]);
  }

  void add(const std::string& file, const Json& session, Gathered& into) {
    if (session.at("request") != into.request)
      refuse(file, "is of another run than the files before it (window, variants or session)");
    const Json& base = session.at("base");
    if (!base.is_null()) {
      if (!into.base.is_null() && into.base != base)
        refuse(file,
               "computed another simulated_actual than the files before it: another journal, "
               "program or setting");
      into.base = base;
    }
    for (const Json& variant : session.at("variants")) {
      const std::size_t index = variant.at("index");
      if (index >= into.answer.request.variants.size())
        throw Malformed{"a variant beyond the last"};
      into.variants[index] = variant.at("members");
    }
  }

  std::uint64_t count_ = 0;
  bool all_sessions_ = false;
  std::set<std::uint64_t> shards_;
  std::vector<Gathered> sessions_;
};

}  // namespace

Shard parse_shard(const std::string& text) {
  const auto whole = [](std::string_view part, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc{} && end == part.data() + part.size() && !part.empty();
  };
  Shard shard;
  const std::size_t slash = text.find('/');
  const std::string_view view{text};
  if (slash == std::string::npos || !whole(view.substr(0, slash), shard.index) ||
      !whole(view.substr(slash + 1), shard.count) || shard.index < 1 || shard.index > shard.count ||
      shard.count > 100'000)
    throw Error(ErrorKind::usage,
                fmt::format("--shard: '{}' is not I/N with I from 1 to N, for example 2/8", text));
  return shard;
}

Json partial_json(const WhatIfAnswer& answer, const Shard& shard) {
  Json sessions = Json::array();
  for (const SessionAnswer& session : answer.sessions) {
    Json variants = Json::array();
    for (const VariantRecord& variant : session.record.variants)
      variants.push_back(Json{{"index", variant.index}, {"members", lanes_json(variant.members)}});
    sessions.push_back(
        Json{{"request", request_json(session)},
             {"base", session.record.has_base() ? base_json(session.record.base) : Json(nullptr)},
             {"variants", std::move(variants)}});
  }
  return Json{{"format", format_name},
              {"version", format_version},
              {"shard", shard.index},
              {"shards", shard.count},
              {"all_sessions", answer.all_sessions},
              {"sessions", std::move(sessions)}};
}

WhatIfAnswer merge_partials(const std::vector<std::string>& files) {
  Merger merger;
  for (const std::string& file : files) merger.add(file);
  return merger.finish();
}

}  // namespace mm::cli
