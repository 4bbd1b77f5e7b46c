#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "cli/probe/family.hpp"
#include "engine/account/attribution.hpp"
#include "engine/det/math.hpp"
#include "engine/random.hpp"
#include "research/analytics/markout.hpp"

namespace mm::probe {
namespace {

// ---------------------------------------------------------------- random numbers

/// Twelve significant digits, as the numeric cases carry: their tolerance is below their last
/// digit.
double twelve_digits(double value) {
  return std::strtod(fmt::format("{:.12g}", value).c_str(), nullptr);
}

Json random_numbers(const Json& input) {
  const auto seed = input.at("seed").get<std::uint64_t>();
  const auto count = input.at("n").get<std::int64_t>();
  if (count < 0 || count > 1'000'000) throw BadInput{"n must be 0 to 1000000"};
  SplitMix64 words{seed};
  SplitMix64 uniforms{seed};
  SplitMix64 normals{seed};
  Json output = {{"hex", Json::array()}, {"uniform", Json::array()}, {"normal", Json::array()}};
  for (std::int64_t i = 0; i < count; ++i) {
    output["hex"].push_back(fmt::format("0x{:016x}", words.next()));
    output["uniform"].push_back(twelve_digits(uniforms.uniform()));
    output["normal"].push_back(twelve_digits(normals.normal()));
  }
  return output;
}

// ---------------------------------------------------------------- P&L and markouts

std::int64_t whole(const Json& value) {
  if (!value.is_number_integer()) throw BadInput{"events hold integers"};
  return value.get<std::int64_t>();
}

std::int64_t narrow(Int128 value) {
  if (value > std::numeric_limits<std::int64_t>::max() ||
      value < std::numeric_limits<std::int64_t>::min())
    throw BadInput{"a sum does not fit 64 bits"};
  return static_cast<std::int64_t>(value);
}

Side side_of(std::int64_t sign) {
  if (sign != 1 && sign != -1) throw BadInput{"a side is 1 or -1"};
  return sign == 1 ? Side::buy : Side::sell;
}

Json attribution(const Json& input) {
  Attribution pnl{Duration{whole(input.at("horizon"))}};
  Time last = Time::min();
  bool empty = true;
  for (const Json& event : input.at("events")) {
    const auto kind = event.at(0).get<std::string>();
    const Time now = time_from_ns(whole(event.at(1)));
    if (now < last) throw BadInput{"events must be in order of time"};
    last = now;
    if (kind == "pos") {
      if (!empty) throw BadInput{"pos must come first"};
      pnl.open(whole(event.at(2)));
    } else if (kind == "mark") {
      pnl.mark(now, whole(event.at(2)));
    } else if (kind == "fill") {
      const std::int64_t price = whole(event.at(3));
      const std::int64_t lots = whole(event.at(4));
      if (lots <= 0) throw BadInput{"a fill has a quantity above 0"};
      pnl.fill(now, side_of(whole(event.at(2))), lots, Int128{price} * lots, whole(event.at(5)));
    } else if (kind == "funding") {
      pnl.funding(now, whole(event.at(2)));
    } else {
      throw BadInput{"an event is pos, mark, fill or funding"};
    }
    empty = false;
  }
  return {{"spread_capture", narrow(pnl.spread_capture())},
          {"adverse_selection", narrow(pnl.adverse_selection())},
          {"inventory_cost", narrow(pnl.inventory_cost())},
          {"fee_cost", narrow(pnl.fee_cost())},
          {"funding", narrow(pnl.funding())},
          {"net_pnl", narrow(pnl.net_pnl())},
          {"gross_pnl", narrow(pnl.gross_pnl())},
          {"residual", narrow(pnl.residual())}};
}

/// The horizon as a key: "0.1", "1.0", "10.0".
std::string horizon_key(double horizon) {
  std::string text = fmt::format("{}", horizon);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

Json markout(const Json& input) {
  const Side side = side_of(input.at("side").get<std::int64_t>());
  const auto price = input.at("price").get<double>();
  const auto size = input.at("size").get<double>();
  const auto time = input.at("t").get<double>();
  const auto end = input.at("t_end").get<double>();
  const auto path = input.at("path").get<std::vector<std::pair<double, double>>>();

  std::optional<double> before;
  for (const auto& [at, mid] : path) {
    if (at < time) before = mid;
  }
  const Json absent = nullptr;
  Json output = {{"mid_at_fill", before ? Json(*before) : absent},
                 {"spread_capture_bps",
                  before ? Json(research::spread_capture_bps(side, price, *before)) : absent},
                 {"markout_bps", Json::object()},
                 {"adverse_selection_bps", Json::object()},
                 {"pnl", Json::object()}};
  for (const Json& each : input.at("horizons")) {
    const auto horizon = each.get<double>();
    std::optional<double> after;
    for (const auto& [at, mid] : path) {
      if (at <= time + horizon && time + horizon <= end) after = mid;
    }
    const std::string key = horizon_key(horizon);
    output["markout_bps"][key] = absent;
    output["adverse_selection_bps"][key] = absent;
    output["pnl"][key] =
        after ? Json(static_cast<double>(sign(side)) * size * (*after - price)) : absent;
    if (!before || !after) continue;
    const research::MarkoutBps bps = research::markout_bps(side, price, *before, *after);
    output["markout_bps"][key] = bps.markout;
    output["adverse_selection_bps"][key] = bps.adverse_selection;
  }
  return output;
}

// ---------------------------------------------------------------- elementary functions

double hexadecimal(const Json& value) {
  if (value.is_number()) return value.get<double>();
  const auto text = value.get<std::string>();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size())
    throw BadInput{"'" + text + "' is no number"};
  return number;
}

std::string hexadecimal(double value) {
  if (std::isnan(value)) return "nan";
  char text[64];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

template <class F>
Json each(const Json& x, F&& f) {
  if (!x.is_array()) return hexadecimal(f(hexadecimal(x)));
  Json values = Json::array();
  for (const Json& element : x) values.push_back(hexadecimal(f(hexadecimal(element))));
  return values;
}

Json power(const Json& input) {
  const Json& x = input.at("x");
  const Json& y = input.at("y");
  if (!x.is_array() && !y.is_array()) return hexadecimal(det::pow(hexadecimal(x), hexadecimal(y)));
  if (!x.is_array() || !y.is_array() || x.size() != y.size())
    throw BadInput{"x and y must be arrays of one length"};
  Json values = Json::array();
  for (std::size_t i = 0; i < x.size(); ++i)
    values.push_back(hexadecimal(det::pow(hexadecimal(x[i]), hexadecimal(y[i]))));
  return values;
}

constexpr Function functions[] = {
    {"rng.splitmix64", random_numbers},
    {"pnl.attribution", attribution},
    {"markout.compute", markout},
    {"det.exp", [](const Json& input) { return each(input.at("x"), det::exp); }},
    {"det.expm1", [](const Json& input) { return each(input.at("x"), det::expm1); }},
    {"det.log", [](const Json& input) { return each(input.at("x"), det::log); }},
    {"det.log1p", [](const Json& input) { return each(input.at("x"), det::log1p); }},
    {"det.pow", power},
    {"det.tanh", [](const Json& input) { return each(input.at("x"), det::tanh); }},
};

}  // namespace

std::span<const Function> basic_functions() {
  return functions;
}

}  // namespace mm::probe
