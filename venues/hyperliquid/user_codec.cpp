#include "venues/hyperliquid/user_codec.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "venues/decimal.hpp"
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

/// An integer, 0 where there is none.
std::int64_t integer_of(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

bool is_true(const Json& object, const char* key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

Time ms_time(std::int64_t ms) {
  std::int64_t ns = 0;
  return ms < 0 || __builtin_mul_overflow(ms, 1'000'000, &ns) ? Time{} : time_from_ns(ns);
}

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
    if (text_of(item, "coin") == codec.instrument_.symbol) return true;
    ++codec.counters_.other_symbol;
    return false;
  }

  /// Ours, by its cloid; an anomaly if it is somebody else's.
  std::optional<ClientOrderId> order(const Json& item, const char* what) {
    const std::string text = text_of(item, "cloid");
    const auto cloid = Cloid::parse(text);
    if (cloid && cloid->session_tag == codec.session_tag_) return cloid->order;
    if (!cloid || !cloid->is_of_this_program())
      anomaly(std::string(what) + " of an order this session did not send: oid " +
              std::to_string(integer_of(item, "oid")) + ", cloid \"" + text + "\"");
    return std::nullopt;
  }

  template <class Integer = std::int64_t>
  std::optional<Integer> number(const Json& item, const char* key, std::int64_t decimals,
                                Excess excess = Excess::refuse) {
    const std::string text = text_of(item, key);
    const auto parsed = parse_decimal<Integer>(text, static_cast<int>(decimals), excess);
    if (parsed.ok()) return parsed.value;
    anomaly(std::string(key) + " \"" + text + "\" " + std::string(describe(parsed.error)));
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
    if (const auto rest = number(item, "sz", codec.instrument_.lot_decimals))
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
    header.exchange_time = ms_time(integer_of(update, "statusTimestamp"));
    const std::string status = text_of(update, "status");
    switch (phase_of(status)) {
      case OrderPhase::live: {
        if (status != "open") return;
        const auto price = number(*item, "limitPx", codec.instrument_.price_decimals);
        const auto remaining = number(*item, "sz", codec.instrument_.lot_decimals);
        if (!price || !remaining) return;
        out.add(header, OrderAck{*of, integer_of(*item, "oid"), Price::from_units(*price),
                                 Qty::from_lots(*remaining)});
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
        anomaly("order status \"" + status + "\" is unknown");
    }
  }

  void fill(const Json& item) {
    if (!ours(item)) return;
    const std::int64_t time = integer_of(item, "time");
    const std::int64_t trade_id = integer_of(item, "tid");
    if (time < codec.since_ms_) {
      ++codec.counters_.duplicates;
      return;
    }
    if (!codec.first_time(codec.seen_fills_, time, trade_id)) {
      ++codec.counters_.duplicates;
      return;
    }
    const auto of = order(item, "fill");
    if (!of) return;
    header.exchange_time = ms_time(time);
    const std::string side = text_of(item, "side");
    const std::string token = text_of(item, "feeToken");
    if (side != "A" && side != "B") return anomaly("fill with side \"" + side + "\"");
    if (!token.empty() && token != codec.instrument_.settlement) {
      anomaly("fee in " + token + ", not in " + codec.instrument_.settlement);
    }
    const auto price = number(item, "px", codec.instrument_.price_decimals);
    const auto qty = number(item, "sz", codec.instrument_.lot_decimals);
    const auto fee = number<Int128>(item, "fee", 12, Excess::round_half_even);
    if (!price || !qty || !fee) return;
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
    const std::int64_t time = integer_of(item, "time");
    if (time < codec.since_ms_ || !codec.first_time(codec.seen_fundings_, time, 0)) {
      ++codec.counters_.duplicates;
      return;
    }
    header.exchange_time = ms_time(time);
    const auto cash = number<Int128>(item, "usdc", 12, Excess::round_half_even);
    const auto rate = number(item, "fundingRate", 12, Excess::round_half_even);
    if (cash && rate) out.add(header, FundingPayment{Money::from_units(*cash), *rate});
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
      anomaly("the account was liquidated: " + data["liquidation"].dump());
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
  const Json root = dom::parse(frame);
  const std::string channel = text_of(root, "channel");
  const Json* data = hyperliquid::find(root, "data");
  if (data == nullptr) return false;
  Reader reader{*this, EventHeader{.recv_time = recv, .instrument = id_}, out};
  if (channel == "orderUpdates") {
    reader.each(data, [&](const Json& item) { reader.order_update(item); });
  } else if (channel == "userFills") {
    reader.each(hyperliquid::find(*data, "fills"), [&](const Json& item) { reader.fill(item); });
  } else if (channel == "userFundings") {
    const bool history = is_true(*data, "isSnapshot");
    reader.each(hyperliquid::find(*data, "fundings"), [&](const Json& item) {
      if (!history) return reader.funding(item);
      first_time(seen_fundings_, integer_of(item, "time"), 0);
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
