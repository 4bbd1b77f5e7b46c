#include "standin/hyperliquid/subscription.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace mm::standin::hyperliquid {
namespace {

using Json = nlohmann::ordered_json;

struct ChannelName {
  std::string_view type;
  Channel channel;
};
constexpr std::array<ChannelName, 13> channel_names{{
    {"l2Book", Channel::book},
    {"bbo", Channel::quote},
    {"trades", Channel::trades},
    {"activeAssetCtx", Channel::context},
    {"allMids", Channel::mids},
    {"candle", Channel::candle},
    {"userFills", Channel::user_fills},
    {"orderUpdates", Channel::order_updates},
    {"userEvents", Channel::user_events},
    {"userFundings", Channel::user_fundings},
    {"notification", Channel::notification},
    {"openOrders", Channel::open_orders},
    {"clearinghouseState", Channel::clearinghouse_state},
}};

constexpr std::array<std::string_view, 14> intervals{"1m", "3m", "5m",  "15m", "30m", "1h", "2h",
                                                     "4h", "8h", "12h", "1d",  "3d",  "1w", "1M"};

/// A JSON value that is a string under this key.
const std::string* text_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get_ptr<const std::string*>() : nullptr;
}

/// An optional integer: true if it is absent, null or an integer.
bool integer_of(const Json& object, const char* key, std::optional<int>& out) {
  const auto at = object.find(key);
  if (at == object.end() || at->is_null()) return true;
  if (!at->is_number_integer()) return false;
  out = at->get<int>();
  return true;
}

bool is_address(std::string_view text) {
  return text.size() == 42 && text.starts_with("0x") &&
         std::all_of(text.begin() + 2, text.end(),
                     [](char of) { return std::isxdigit(static_cast<unsigned char>(of)) != 0; });
}

enum class Verdict { fine, unparsable, invalid, fatal };

Verdict read_book(const Json& from, Subscription& out, Json& echo) {
  std::optional<int> figures;
  if (!integer_of(from, "nSigFigs", figures) || !integer_of(from, "mantissa", out.view.mantissa)) {
    return Verdict::unparsable;
  }
  if (const auto fast = from.find("fast"); fast != from.end() && !fast->is_null()) {
    if (!fast->is_boolean()) return Verdict::unparsable;
    out.view.fast = fast->get<bool>();
  }
  out.view.significant_figures = figures;
  echo["nSigFigs"] = figures ? Json(*figures) : Json();
  echo["mantissa"] = out.view.mantissa ? Json(*out.view.mantissa) : Json();
  echo["fast"] = out.view.fast;
  if (figures && (*figures < 2 || *figures > 5)) return Verdict::fatal;
  if (out.view.mantissa && (figures != 5 || (*out.view.mantissa != 1 && *out.view.mantissa != 2 &&
                                             *out.view.mantissa != 5))) {
    return Verdict::fatal;
  }
  return Verdict::fine;
}

Verdict read_subscription(const Json& from, Subscription& out) {
  if (!from.is_object()) return Verdict::unparsable;
  const std::string* type = text_of(from, "type");
  if (type == nullptr) return Verdict::unparsable;
  const auto name = std::find_if(channel_names.begin(), channel_names.end(),
                                 [&](const ChannelName& of) { return of.type == *type; });
  if (name == channel_names.end()) return Verdict::unparsable;
  out.channel = name->channel;
  Json echo{{"type", *type}};
  Verdict verdict = Verdict::fine;
  if (out.channel == Channel::mids) {
    if (const std::string* dex = text_of(from, "dex")) echo["dex"] = *dex;
  } else if (!is_user(out.channel)) {
    const std::string* coin = text_of(from, "coin");
    if (coin == nullptr) return Verdict::unparsable;
    out.coin = *coin;
    echo["coin"] = *coin;
    if (out.channel == Channel::book) verdict = read_book(from, out, echo);
    if (out.channel == Channel::candle) {
      const std::string* interval = text_of(from, "interval");
      if (interval == nullptr) return Verdict::unparsable;
      out.interval = *interval;
      echo["interval"] = *interval;
      if (std::find(intervals.begin(), intervals.end(), *interval) == intervals.end()) {
        verdict = Verdict::invalid;
      }
    }
  } else {
    const std::string* user = text_of(from, "user");
    if (user == nullptr) return Verdict::unparsable;
    if (!is_address(*user)) return Verdict::invalid;
    out.user = *user;
    std::transform(out.user.begin(), out.user.end(), out.user.begin(), [](char of) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(of)));
    });
    echo["user"] = out.user;
    if (out.channel == Channel::user_fills) {
      const auto aggregate = from.find("aggregateByTime");
      echo["aggregateByTime"] =
          aggregate != from.end() && aggregate->is_boolean() ? aggregate->get<bool>() : false;
    }
    if (out.channel == Channel::open_orders || out.channel == Channel::clearinghouse_state) {
      const std::string* dex = text_of(from, "dex");
      echo["dex"] = dex != nullptr ? *dex : "";
    }
  }
  out.text = echo.dump();
  return verdict;
}

}  // namespace

std::optional<ClientFrame> read_frame(std::string_view text, FrameProblem& problem) {
  problem = {};
  const auto unparsable = [&] {
    problem.error = "Error parsing JSON into valid websocket request: " + std::string(text);
    return std::nullopt;
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return unparsable();
  const std::string* method = text_of(json, "method");
  if (method == nullptr) return unparsable();
  ClientFrame frame;
  if (*method == "ping") return frame;
  if (*method == "subscribe" || *method == "unsubscribe") {
    frame.method =
        *method == "subscribe" ? ClientFrame::Method::subscribe : ClientFrame::Method::unsubscribe;
    const auto wanted = json.find("subscription");
    if (wanted == json.end()) return unparsable();
    switch (read_subscription(*wanted, frame.subscription)) {
      case Verdict::fine:
        return frame;
      case Verdict::unparsable:
        return unparsable();
      case Verdict::invalid:
        problem.error = "Invalid subscription " + wanted->dump();
        return std::nullopt;
      case Verdict::fatal:
        problem.drop_socket = true;
        return std::nullopt;
    }
  }
  if (*method != "post") return unparsable();
  const auto id = json.find("id");
  const auto request = json.find("request");
  if (id == json.end() || !id->is_number_unsigned() || request == json.end() ||
      !request->is_object()) {
    return unparsable();
  }
  const std::string* type = text_of(*request, "type");
  const auto payload = request->find("payload");
  if (type == nullptr || (*type != "info" && *type != "action") || payload == request->end()) {
    return unparsable();
  }
  frame.method = ClientFrame::Method::post;
  frame.post_id = id->get<std::uint64_t>();
  frame.post_type = *type;
  frame.post_payload = payload->dump();
  return frame;
}

}  // namespace mm::standin::hyperliquid
