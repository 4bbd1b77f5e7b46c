#include "sim/synthetic/truth_text.hpp"

#include <nlohmann/json.hpp>

namespace mm::sim {
namespace {

using Json = nlohmann::ordered_json;

const char* text_of(Side side) {
  return side == Side::buy ? "buy" : "sell";
}

Json json_of(const TruthHead& of) {
  return {{"t", "head"},
          {"seed", of.seed},
          {"start_ns", to_ns(of.start)},
          {"settings", of.settings},
          {"quoted", of.quoted},
          {"lead", of.lead}};
}
Json json_of(const TruthRegime& of) {
  return {{"t", "regime"},
          {"ns", to_ns(of.time)},
          {"regime", name_of(of.regime)},
          {"direction", of.direction}};
}
Json json_of(const TruthSample& of) {
  return {{"t", "sample"},
          {"ns", to_ns(of.time)},
          {"value", of.value},
          {"seen", of.seen_value},
          {"mu", {of.mu_bid, of.mu_ask}},
          {"excitation", {of.excitation_bid, of.excitation_ask}},
          {"funding", of.funding_rate},
          {"open_interest", of.open_interest}};
}
Json json_of(const TruthTaker& of) {
  return {{"t", "taker"},
          {"ns", to_ns(of.time)},
          {"lead", of.instrument == InstrumentRole::lead},
          {"side", text_of(of.side)},
          {"lots", of.qty.lots()},
          {"filled", of.filled.lots()},
          {"mark", of.mark},
          {"liquidation", of.liquidation}};
}
Json json_of(const TruthWall& of) {
  return {{"t", "wall"},
          {"ns", to_ns(of.time)},
          {"id", of.id},
          {"fate", name_of(of.fate)},
          {"side", text_of(of.side)},
          {"fake", of.fake},
          {"price", of.price.units()},
          {"lots", of.size.lots()},
          {"filled", of.filled.lots()},
          {"cancelled", of.cancelled.lots()},
          {"born_ns", to_ns(of.born)}};
}
Json json_of(const TruthQueue& of) {
  return {{"t", "queue"},
          {"ns", to_ns(of.time)},
          {"order", of.order.value},
          {"side", text_of(of.side)},
          {"price", of.price.units()},
          {"ahead", of.ahead.lots()},
          {"behind", of.behind.lots()},
          {"left", of.left.lots()}};
}

Time time_at(const Json& json, const char* key) {
  return time_from_ns(json.at(key).get<std::int64_t>());
}
Qty lots_at(const Json& json, const char* key) {
  return Qty::from_lots(json.at(key).get<std::int64_t>());
}
Price price_at(const Json& json) {
  return Price::from_units(json.at("price").get<std::int64_t>());
}
Side side_at(const Json& json) {
  return json.at("side") == "buy" ? Side::buy : Side::sell;
}
/// The value of an enumeration whose names are `name_of`.
template <class Enum>
Enum named(const Json& json, int count) {
  for (int at = 0; at < count; ++at)
    if (json == name_of(static_cast<Enum>(at))) return static_cast<Enum>(at);
  throw Error(ErrorKind::data, "an unknown name: " + json.dump());
}

Truth truth_of(const Json& json) {
  const auto kind = json.at("t").get<std::string>();
  if (kind == "head")
    return TruthHead{json.at("seed").get<std::uint64_t>(), time_at(json, "start_ns"),
                     json.at("settings").get<std::string>(), json.at("quoted").get<std::string>(),
                     json.at("lead").get<std::string>()};
  if (kind == "regime")
    return TruthRegime{time_at(json, "ns"),
                       named<Regime>(json.at("regime"), static_cast<int>(regime_count)),
                       json.at("direction").get<int>()};
  if (kind == "sample")
    return TruthSample{time_at(json, "ns"),
                       json.at("value").get<double>(),
                       json.at("seen").get<double>(),
                       json.at("mu").at(0).get<double>(),
                       json.at("mu").at(1).get<double>(),
                       json.at("excitation").at(0).get<double>(),
                       json.at("excitation").at(1).get<double>(),
                       json.at("funding").get<double>(),
                       json.at("open_interest").get<double>()};
  if (kind == "taker")
    return TruthTaker{time_at(json, "ns"),
                      json.at("lead").get<bool>() ? InstrumentRole::lead : InstrumentRole::quoted,
                      side_at(json),
                      lots_at(json, "lots"),
                      lots_at(json, "filled"),
                      json.at("mark").get<double>(),
                      json.at("liquidation").get<bool>()};
  if (kind == "wall")
    return TruthWall{time_at(json, "ns"),
                     json.at("id").get<std::uint64_t>(),
                     named<WallFate>(json.at("fate"), 4),
                     side_at(json),
                     json.at("fake").get<bool>(),
                     price_at(json),
                     lots_at(json, "lots"),
                     lots_at(json, "filled"),
                     lots_at(json, "cancelled"),
                     time_at(json, "born_ns")};
  if (kind == "queue")
    return TruthQueue{time_at(json, "ns"),    ClientOrderId{json.at("order").get<std::uint64_t>()},
                      side_at(json),          price_at(json),
                      lots_at(json, "ahead"), lots_at(json, "behind"),
                      lots_at(json, "left")};
  throw Error(ErrorKind::data, "an unknown kind: " + kind);
}

}  // namespace

std::string truth_line(const Truth& truth) {
  return std::visit([](const auto& of) { return json_of(of).dump(); }, truth);
}

Result<Truth> parse_truth(std::string_view line) {
  try {
    return truth_of(Json::parse(line));
  } catch (const nlohmann::json::exception& wrong) {
    return Error(ErrorKind::data, std::string{"a line of truth cannot be read: "} + wrong.what());
  } catch (const Error& wrong) {
    return Error(ErrorKind::data, "a line of truth cannot be read: " + std::string{wrong.what()});
  }
}

}  // namespace mm::sim
