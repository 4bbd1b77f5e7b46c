#include "venues/hyperliquid/user_codec.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "venues/decimal.hpp"
#include "venues/excerpt.hpp"
#include "venues/hyperliquid/error_text.hpp"
#include "venues/hyperliquid/json_dom.hpp"
#include "venues/time_text.hpp"

namespace mm::venues::hyperliquid {
namespace {

using Json = nlohmann::json;

const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

std::string text_of(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

/// An integer from 0 that an int64 holds; -1 for anything else.
std::int64_t integer_of(const Json& object, const char* key) {
  const Json* value = find(object, key);
  if (value == nullptr || !value->is_number_unsigned()) return -1;
  const auto number = value->get<std::uint64_t>();
  return number <= std::uint64_t{INT64_MAX} ? static_cast<std::int64_t>(number) : -1;
}

bool is_true(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

/// Whether text that is no JSON was meant to be a frame of a user channel.
bool names_user_channel(std::string_view text) {
  for (const char* channel :
       {"\"orderUpdates\"", "\"userFills\"", "\"userFundings\"", "\"user\""}) {
    if (text.substr(0, 80).find(channel) != std::string_view::npos) return true;
  }
  return false;
}

enum class Range { any, from_zero, above_zero };

}  // namespace

/// The events of one frame.
struct UserCodec::Reader {
  UserCodec& codec;
  EventHeader header;
  EventBatch& out;

  void anomaly(const std::string& what) {
    ++codec.counters_.anomalies;
    EventHeader at = header;
    at.exchange_time = Time{};
    out.add_status(at, FeedState::anomaly, what);
  }

  bool ours(const Json& item) {
    const std::string coin = text_of(item, "coin");
    if (coin == codec.instrument_.symbol) return true;
    if (coin.empty()) {
      anomaly("user frame with something that names no coin");
    } else {
      ++codec.counters_.other_symbol;
    }
    return false;
  }

  /// Milliseconds; an anomaly, and empty, if it holds no time.
  std::optional<std::int64_t> time_of(const Json& item, const char* key) {
    const std::int64_t ms = integer_of(item, key);
    if (is_milliseconds(ms)) return ms;
    const Json* found = hyperliquid::find(item, key);
    const std::string shown = found == nullptr ? "nothing" : excerpt(found->dump());
    anomaly(std::string(key) + " is no time but " + shown);
    return std::nullopt;
  }

  /// Ours, by its cloid; an anomaly if it is somebody else's.
  std::optional<ClientOrderId> order(const Json& item, const char* what) {
    const std::string text = text_of(item, "cloid");
    const auto cloid = Cloid::parse(text);
    if (cloid && cloid->session_tag == codec.session_tag_) return cloid->order;
    if (!cloid || !cloid->is_of_this_program())
      anomaly(std::string(what) + " of an order this session did not send: oid " +
              std::to_string(integer_of(item, "oid")) + ", cloid \"" + excerpt(text) + "\"");
    return std::nullopt;
  }

  template <class Integer = std::int64_t>
  std::optional<Integer> number(const Json& item, const char* key, std::int64_t decimals,
                                Range range, Excess excess = Excess::refuse) {
    const std::string text = text_of(item, key);
    const auto parsed = parse_decimal<Integer>(text, static_cast<int>(decimals), excess);
    const Integer least = range == Range::above_zero ? 1 : 0;
    if (parsed.ok() && (range == Range::any || parsed.value >= least)) return parsed.value;
    anomaly(std::string(key) + " \"" + excerpt(text) + "\" " +
            std::string(parsed.ok() ? "is out of range" : describe(parsed.error)));
    return std::nullopt;
  }

  template <class F>
  void each(const Json* array, F&& take) {
    if (array == nullptr || !array->is_array()) return anomaly("user frame without its array");
    for (const Json& item : *array) {
      if (item.is_object()) {
        take(item);
      } else {
        anomaly("user frame with something else than objects");
      }
    }
  }

  void done(ClientOrderId of, const Json& item, DoneReason reason, const std::string& detail) {
    if (const auto rest = number(item, "sz", codec.instrument_.lot_decimals, Range::from_zero))
      out.add(header, OrderDone{of, reason, Qty::from_lots(*rest), out.arena().copy_text(detail)});
  }

  void order_update(const Json& update) {
    const Json* item = nullptr;
    if ((item = ::mm::venues::hyperliquid::find(update, "order")) == nullptr) {
      return anomaly("orderUpdates element without its order");
    }
    if (!ours(*item)) return;
    const auto of = order(*item, "update");
    if (!of) return;
    const auto time = time_of(update, "statusTimestamp");
    if (!time) return;
    header.exchange_time = time_from_ns(*time * 1'000'000);
    const std::string status = text_of(update, "status");
    const std::int64_t oid = integer_of(*item, "oid");
    if (oid < 0) return anomaly("update of an order without its oid");
    switch (phase_of(status)) {
      case OrderPhase::live: {
        if (status != "open") return;
        const auto price =
            number(*item, "limitPx", codec.instrument_.price_decimals, Range::above_zero);
        const auto remaining =
            number(*item, "sz", codec.instrument_.lot_decimals, Range::from_zero);
        if (!price || !remaining) return;
        out.add(header, OrderAck{*of, oid, Price::from_units(*price), Qty::from_lots(*remaining)});
        return;
      }
      case OrderPhase::filled:
        return;
      case OrderPhase::cancelled:
        return done(*of, *item, DoneReason::cancelled, {});
      case OrderPhase::venue_cancelled:
        return done(*of, *item, DoneReason::venue_cancelled, status);
      case OrderPhase::rejected:
        out.add(header, OrderReject{*of, reason_of(status), out.arena().copy_text(status)});
        return;
      case OrderPhase::unknown:
        anomaly("order status \"" + excerpt(status) + "\" is unknown");
    }
  }

  void fill(const Json& item) {
    if (!ours(item)) return;
    const std::int64_t trade_id = integer_of(item, "tid");
    if (trade_id < 0) return anomaly("fill without its tid");
    const auto time = time_of(item, "time");
    if (!time) return;
    if (*time < codec.since_ms_) {
      ++codec.counters_.duplicates;
      return;
    }
    const std::string side = text_of(item, "side");
    const std::string token = text_of(item, "feeToken");
    if (side != "A" && side != "B") return anomaly("fill with side \"" + excerpt(side) + "\"");
    const auto price = number(item, "px", codec.instrument_.price_decimals, Range::above_zero);
    const auto qty = number(item, "sz", codec.instrument_.lot_decimals, Range::above_zero);
    const auto fee = number<Int128>(item, "fee", 12, Range::any, Excess::round_half_even);
    if (!price || !qty || !fee) return;
    // Only what could be read counts as seen: a mangled fill is news when it comes again.
    if (!codec.first_time(codec.seen_fills_, *time, trade_id)) {
      ++codec.counters_.duplicates;
      return;
    }
    const auto of = order(item, "fill");
    if (!of) return;
    header.exchange_time = time_from_ns(*time * 1'000'000);
    if (!token.empty() && token != codec.instrument_.settlement) {
      anomaly("fee in " + excerpt(token) + ", not in " + codec.instrument_.settlement);
    }
    out.add(header, Fill{.order = *of,
                         .trade_id = trade_id,
                         .side = side == "B" ? Side::buy : Side::sell,
                         .price = Price::from_units(*price),
                         .qty = Qty::from_lots(*qty),
                         .maker = !is_true(item, "crossed"),
                         .fee = Money::from_units(*fee),
                         .cause = FillCause::venue});
  }

  void funding(const Json& item) {
    if (!ours(item)) return;
    const auto time = time_of(item, "time");
    if (!time) return;
    const auto cash = number<Int128>(item, "usdc", 12, Range::any, Excess::round_half_even);
    const auto rate = number(item, "fundingRate", 12, Range::any, Excess::round_half_even);
    if (!cash || !rate) return;
    if (*time < codec.since_ms_ || !codec.first_time(codec.seen_fundings_, *time, 0)) {
      ++codec.counters_.duplicates;
      return;
    }
    header.exchange_time = time_from_ns(*time * 1'000'000);
    out.add(header, FundingPayment{Money::from_units(*cash), *rate});
  }

  void user_event(const Json& data) {
    using ::mm::venues::hyperliquid::find;
    if (const Json* fills = find(data, "fills")) {
      each(fills, [&](const Json& item) { fill(item); });
    } else if (const Json* paid = find(data, "funding")) {
      funding(*paid);
    } else if (find(data, "nonUserCancel") != nullptr) {
      ++codec.counters_.duplicates;
    } else if (find(data, "liquidation") != nullptr) {
      anomaly("the account was liquidated: " + excerpt(data["liquidation"].dump(), 400));
    } else {
      ++codec.counters_.unknown_kind;
    }
  }
};

UserCodec::UserCodec(const Instrument& instrument, InstrumentId id, std::uint64_t session_tag,
                     Time since)
    : instrument_(instrument),
      id_(id),
      session_tag_(session_tag),
      since_ms_(to_ns(since) / 1'000'000) {}

bool UserCodec::first_time(Seen& seen, std::int64_t time, std::int64_t id) {
  const std::pair key{time, id};
  const auto at = std::lower_bound(seen.begin(), seen.end(), key);
  if (at != seen.end() && *at == key) return false;
  seen.insert(at, key);
  // The venue repeats at most the newest 10,000.
  if (seen.size() > 40'000) seen.erase(seen.begin(), seen.begin() + 20'000);
  return true;
}

bool UserCodec::on_frame(Time recv, std::string_view frame, EventBatch& out) {
  Reader reader{*this, EventHeader{.recv_time = recv, .instrument = id_}, out};
  const Json root = dom::parse(frame);
  if (root.is_discarded() && names_user_channel(frame)) {
    ++counters_.frames;
    reader.anomaly("user frame that is not JSON, nested too deeply, or has one key twice: " +
                   excerpt(frame));
    return true;
  }
  const std::string channel = text_of(root, "channel");
  const Json* data = hyperliquid::find(root, "data");
  if (data == nullptr) return false;
  if (channel == "orderUpdates") {
    reader.each(data, [&](const Json& item) { reader.order_update(item); });
  } else if (channel == "userFills") {
    reader.each(hyperliquid::find(*data, "fills"), [&](const Json& item) { reader.fill(item); });
  } else if (channel == "userFundings") {
    const bool history = is_true(*data, "isSnapshot");
    reader.each(hyperliquid::find(*data, "fundings"), [&](const Json& item) {
      if (!history) return reader.funding(item);
      if (const auto time = reader.time_of(item, "time")) first_time(seen_fundings_, *time, 0);
    });
  } else if (channel == "user") {
    reader.user_event(*data);
  } else {
    return false;
  }
  ++counters_.frames;
  return true;
}

bool UserCodec::on_fills_reply(Time recv, std::string_view body, EventBatch& out) {
  Reader reader{*this, EventHeader{.recv_time = recv, .instrument = id_}, out};
  Json fills = dom::parse(body);
  if (!fills.is_array()) {
    reader.anomaly("userFills reply is no array");
    return false;
  }
  // Newest first, as the venue answers; told oldest first.
  std::stable_sort(fills.begin(), fills.end(), [](const Json& a, const Json& b) {
    const auto key = [](const Json& of) {
      return std::pair{integer_of(of, "time"), integer_of(of, "tid")};
    };
    return key(a) < key(b);
  });
  reader.each(&fills, [&](const Json& item) { reader.fill(item); });
  return true;
}

}  // namespace mm::venues::hyperliquid
