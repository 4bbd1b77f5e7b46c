#include "journal/side_records.hpp"

#include <cstring>
#include <string_view>
#include <type_traits>

#include "engine/describe.hpp"
#include "journal/columns_prediction.hpp"

namespace mm::journal {
namespace {

template <class Wire>
inline constexpr bool writes = requires {
  typename Wire::Builds;
};

template <class Stored>
Stored to_wire(std::int64_t value) {
  return value;
}
template <class Stored>
Stored to_wire(bool value) {
  return value;
}
template <class Stored>
Stored to_wire(Price value) {
  return value.units();
}
template <class Stored>
Stored to_wire(Qty value) {
  return value.lots();
}
template <class Stored>
Stored to_wire(Time value) {
  return to_ns(value);
}
template <class Stored>
Stored to_wire(ClientOrderId value) {
  return value.value;
}
template <class Stored, class Enum>
requires std::is_enum_v<Enum> Stored to_wire(Enum value) {
  return static_cast<Stored>(value);
}

void from_wire(std::int64_t stored, std::int64_t& value, bool&) {
  value = stored;
}
void from_wire(bool stored, bool& value, bool&) {
  value = stored;
}
void from_wire(std::int64_t stored, Price& value, bool&) {
  value = Price::from_units(stored);
}
void from_wire(std::int64_t stored, Qty& value, bool&) {
  value = Qty::from_lots(stored);
}
void from_wire(std::int64_t stored, Time& value, bool&) {
  value = time_from_ns(stored);
}
void from_wire(std::uint64_t stored, ClientOrderId& value, bool&) {
  value.value = stored;
}
template <class Stored, class Enum>
requires std::is_enum_v<Enum>
void from_wire(Stored stored, Enum& value, bool& valid) {
  const auto number = static_cast<std::uint16_t>(stored);
  if (number > static_cast<std::uint16_t>(last_of(Enum{}))) {
    valid = false;
    return;
  }
  value = static_cast<Enum>(number);
}

std::string_view blob_of(std::string_view text) {
  return text;
}
template <class T>
std::string_view blob_of(std::span<const T> items) {
  return {reinterpret_cast<const char*>(items.data()), items.size_bytes()};
}

void from_blob(capnp::Text::Reader stored, std::string_view& text, bool&) {
  text = {stored.begin(), stored.size()};
}
template <class T>
void from_blob(capnp::Data::Reader stored, std::span<const T>& items, bool& valid) {
  if (stored.size() % sizeof(T) != 0) {
    valid = false;
    return;
  }
  // Data starts at a word of the message, so levels can be viewed in place.
  items = {reinterpret_cast<const T*>(stored.begin()), stored.size() / sizeof(T)};
}

// A field of a body and of its generated struct, in whichever direction `wire` goes.
#define MM_SCALAR(member, Name)                                       \
  if constexpr (writes<Wire>)                                         \
    wire.set##Name(to_wire<decltype(wire.get##Name())>(body.member)); \
  else                                                                \
    from_wire(wire.get##Name(), body.member, valid)
#define MM_BLOB(member, Name)                                                               \
  if constexpr (writes<Wire>) {                                                             \
    const std::string_view blob = blob_of(body.member);                                     \
    if (!blob.empty())                                                                      \
      std::memcpy(wire.init##Name(static_cast<unsigned>(blob.size())).begin(), blob.data(), \
                  blob.size());                                                             \
  } else                                                                                    \
    from_blob(wire.get##Name(), body.member, valid)
#define MM_MONEY(member, Name)                                           \
  if constexpr (writes<Wire>) {                                          \
    auto money = wire.init##Name();                                      \
    money.setLow(static_cast<std::uint64_t>(body.member.units()));       \
    money.setHigh(static_cast<std::int64_t>(body.member.units() >> 64)); \
  } else                                                                 \
    body.member = money_of(wire.get##Name())

Money money_of(wire::Money::Reader stored) {
  const auto high = static_cast<unsigned __int128>(static_cast<std::uint64_t>(stored.getHigh()));
  return Money::from_units(static_cast<Int128>(high << 64 | stored.getLow()));
}

template <class Wire, BodyOf<BookSnapshot> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(update_id, UpdateId);
  MM_SCALAR(event_time_ns, EventTimeNs);
  MM_BLOB(bids, Bids);
  MM_BLOB(asks, Asks);
  MM_BLOB(bid_orders, BidOrders);
  MM_BLOB(ask_orders, AskOrders);
}
template <class Wire, BodyOf<BookDelta> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(first_id, FirstId);
  MM_SCALAR(last_id, LastId);
  MM_SCALAR(prev_id, PrevId);
  MM_SCALAR(event_time_ns, EventTimeNs);
  MM_BLOB(bids, Bids);
  MM_BLOB(asks, Asks);
}
template <class Wire, BodyOf<BestQuote> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(update_id, UpdateId);
  MM_SCALAR(event_time_ns, EventTimeNs);
  MM_SCALAR(bid.price, BidPrice);
  MM_SCALAR(bid.qty, BidQty);
  MM_SCALAR(ask.price, AskPrice);
  MM_SCALAR(ask.qty, AskQty);
  MM_SCALAR(bid_orders, BidOrders);
  MM_SCALAR(ask_orders, AskOrders);
}
template <class Wire, BodyOf<Trade> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(trade_id, TradeId);
  MM_SCALAR(event_time_ns, EventTimeNs);
  MM_SCALAR(price, Price);
  MM_SCALAR(qty, Qty);
  MM_SCALAR(aggressor, Aggressor);
  MM_SCALAR(first_id, FirstId);
  MM_SCALAR(last_id, LastId);
}
template <class Wire, BodyOf<AssetContext> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(mark_e8, MarkE8);
  MM_SCALAR(oracle_e8, OracleE8);
  MM_SCALAR(mid_e8, MidE8);
  MM_SCALAR(funding_e12, FundingE12);
  MM_SCALAR(premium_e12, PremiumE12);
  MM_SCALAR(open_interest_e8, OpenInterestE8);
  MM_SCALAR(day_volume_e8, DayVolumeE8);
  MM_SCALAR(next_funding_ns, NextFundingNs);
  MM_SCALAR(event_time_ns, EventTimeNs);
}
template <class Wire, BodyOf<Liquidation> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(side, Side);
  MM_SCALAR(price, Price);
  MM_SCALAR(average_price, AveragePrice);
  MM_SCALAR(qty, Qty);
  MM_SCALAR(event_time_ns, EventTimeNs);
}
template <class Wire, BodyOf<FeedStatus> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(state, State);
  MM_SCALAR(expected_id, ExpectedId);
  MM_SCALAR(found_id, FoundId);
  MM_BLOB(detail, Detail);
}
template <class Wire, BodyOf<ClockStep> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(step_ns, StepNs);
}
template <class Wire, BodyOf<RateLimit> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(used, Used);
  MM_SCALAR(limit, Limit);
  MM_SCALAR(retry_after_ns, RetryAfterNs);
  MM_BLOB(detail, Detail);
}
template <class Wire, BodyOf<OrderAck> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(venue_order_id, VenueOrderId);
  MM_SCALAR(price, Price);
  MM_SCALAR(remaining, Remaining);
}
template <class Wire, BodyOf<OrderReject> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(reason, Reason);
  MM_BLOB(detail, Detail);
}
template <class Wire, BodyOf<OrderDone> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(reason, Reason);
  MM_SCALAR(remaining, Remaining);
  MM_BLOB(detail, Detail);
}
template <class Wire, BodyOf<CancelReject> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(reason, Reason);
  MM_BLOB(detail, Detail);
}
template <class Wire, BodyOf<Fill> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(trade_id, TradeId);
  MM_SCALAR(side, Side);
  MM_SCALAR(price, Price);
  MM_SCALAR(qty, Qty);
  MM_SCALAR(remaining, Remaining);
  MM_SCALAR(maker, Maker);
  MM_MONEY(fee, Fee);
  MM_SCALAR(cause, Cause);
}
template <class Wire, BodyOf<PositionReport> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(position, Position);
  MM_SCALAR(average_price, AveragePrice);
}
template <class Wire, BodyOf<BalanceReport> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_MONEY(balance, Balance);
  MM_BLOB(currency, Currency);
}
template <class Wire, BodyOf<FundingPayment> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_MONEY(cash, Cash);
  MM_SCALAR(rate_e12, RateE12);
}
template <class Wire, BodyOf<SessionStart> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_BLOB(strategy, Strategy);
  MM_BLOB(parameters, Parameters);
  MM_BLOB(execution, Execution);
  MM_BLOB(settings, Settings);
}
template <class Wire, BodyOf<InstrumentDefined> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_BLOB(venue, Venue);
  MM_BLOB(symbol, Symbol);
  MM_SCALAR(role, Role);
  MM_SCALAR(contract, Contract);
  MM_SCALAR(price_decimals, PriceDecimals);
  MM_SCALAR(lot_decimals, LotDecimals);
  MM_SCALAR(tick, Tick);
  MM_SCALAR(qty_step, QtyStep);
  MM_SCALAR(significant_figures, SignificantFigures);
  MM_SCALAR(contract_size, ContractSize);
  MM_MONEY(min_notional, MinNotional);
  MM_SCALAR(min_qty, MinQty);
  MM_SCALAR(maker_fee_e8, MakerFeeE8);
  MM_SCALAR(taker_fee_e8, TakerFeeE8);
  MM_BLOB(settlement, Settlement);
}
template <class Wire, BodyOf<ParameterChange> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_BLOB(name, Name);
  MM_BLOB(value, Value);
}
template <class Wire, BodyOf<Timer> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(id, Id);
}
template <class Wire, BodyOf<Annotation> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_BLOB(author, Author);
  MM_BLOB(text, Text);
}
template <class Wire, BodyOf<KillSwitch> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(engaged, Engaged);
  MM_BLOB(reason, Reason);
}
template <class Wire, BodyOf<SessionEnd> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_BLOB(reason, Reason);
}
template <class Wire, BodyOf<PlaceOrder> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(side, Side);
  MM_SCALAR(price, Price);
  MM_SCALAR(qty, Qty);
  MM_SCALAR(time_in_force, TimeInForce);
  MM_SCALAR(reason, Reason);
  MM_SCALAR(level, Level);
}
template <class Wire, BodyOf<CancelOrder> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(reason, Reason);
}
template <class Wire, BodyOf<ReplaceOrder> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(order, Order);
  MM_SCALAR(replacement, Replacement);
  MM_SCALAR(side, Side);
  MM_SCALAR(price, Price);
  MM_SCALAR(qty, Qty);
  MM_SCALAR(time_in_force, TimeInForce);
  MM_SCALAR(reason, Reason);
  MM_SCALAR(level, Level);
}
template <class Wire, BodyOf<SetTimer> Body>
void fields(Wire wire, Body& body, [[maybe_unused]] bool& valid) {
  MM_SCALAR(id, Id);
  MM_SCALAR(at, AtNs);
}
template <class Wire, BodyOf<Alert> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(code, Code);
  MM_SCALAR(value, Value);
  MM_SCALAR(limit, Limit);
  MM_SCALAR(order, Order);
}

template <class Wire, WallBody Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(side, Side);
  MM_SCALAR(price, Price);
  MM_SCALAR(qty, Qty);
  MM_SCALAR(ratio_e3, RatioE3);
  MM_SCALAR(z_e3, ZE3);
  MM_SCALAR(age_ms, AgeMs);
  MM_SCALAR(steps, Steps);
  MM_SCALAR(pulled_e6, PulledE6);
}
template <class Wire, FlushBody Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(side, Side);
  MM_SCALAR(score_e6, ScoreE6);
  MM_SCALAR(breadth_e6, BreadthE6);
  MM_SCALAR(lasted_ms, LastedMs);
}
template <class Wire, BodyOf<LiquidityChanged> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(from, From);
  MM_SCALAR(to, To);
  MM_SCALAR(score_e6, ScoreE6);
  MM_SCALAR(breadth_e6, BreadthE6);
  MM_SCALAR(density_e6, DensityE6);
  MM_SCALAR(z_velocity_e3, ZVelocityE3);
}
template <class Wire, BodyOf<RegimeChanged> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(from, From);
  MM_SCALAR(to, To);
  MM_SCALAR(quiet_e6, QuietE6);
  MM_SCALAR(trending_e6, TrendingE6);
  MM_SCALAR(volatile_e6, VolatileE6);
  MM_SCALAR(cascade_e6, CascadeE6);
}
template <class Wire, BodyOf<RegimeState> Body>
void fields(Wire wire, Body& body, bool& valid) {
  MM_SCALAR(most_likely, MostLikely);
  MM_SCALAR(quiet_e6, QuietE6);
  MM_SCALAR(trending_e6, TrendingE6);
  MM_SCALAR(volatile_e6, VolatileE6);
  MM_SCALAR(cascade_e6, CascadeE6);
  MM_SCALAR(entropy_e6, EntropyE6);
  MM_SCALAR(sigma_e9, SigmaE9);
  MM_SCALAR(liquidation_e6, LiquidationE6);
}
/// Records of engine/prediction.hpp: all fields as words.
template <class Body>
concept InWords =
    BodyOf<Body, Prediction> || BodyOf<Body, PredictedLevel> || BodyOf<Body, FillNote>;

template <class Wire, InWords Body>
void fields(Wire wire, Body& body, bool& valid) {
  std::array<std::uint64_t, word_count<std::remove_const_t<Body>>()> words{};
  if constexpr (writes<Wire>) {
    describe(body, WordWriter{words.data()});
    std::memcpy(wire.initWords(sizeof words).begin(), words.data(), sizeof words);
  } else {
    const auto stored = wire.getWords();
    valid = stored.size() == sizeof words;
    if (!valid) return;
    std::memcpy(words.data(), stored.begin(), sizeof words);
    WordReader reader{words.data()};
    describe(body, reader);
    valid = reader.valid;
  }
}

#undef MM_SCALAR
#undef MM_BLOB
#undef MM_MONEY

// Every kind: the type of its body and its member in the union, as generated code names it.
#define MM_EACH_KIND(X)                    \
  X(BookSnapshot, BOOK_SNAPSHOT)           \
  X(BookDelta, BOOK_DELTA)                 \
  X(BestQuote, BEST_QUOTE)                 \
  X(Trade, TRADE)                          \
  X(AssetContext, ASSET_CONTEXT)           \
  X(Liquidation, LIQUIDATION)              \
  X(FeedStatus, FEED_STATUS)               \
  X(ClockStep, CLOCK_STEP)                 \
  X(RateLimit, RATE_LIMIT)                 \
  X(OrderAck, ORDER_ACK)                   \
  X(OrderReject, ORDER_REJECT)             \
  X(OrderDone, ORDER_DONE)                 \
  X(CancelReject, CANCEL_REJECT)           \
  X(Fill, FILL)                            \
  X(PositionReport, POSITION_REPORT)       \
  X(BalanceReport, BALANCE_REPORT)         \
  X(FundingPayment, FUNDING_PAYMENT)       \
  X(SessionStart, SESSION_START)           \
  X(InstrumentDefined, INSTRUMENT_DEFINED) \
  X(ParameterChange, PARAMETER_CHANGE)     \
  X(Timer, TIMER)                          \
  X(Annotation, ANNOTATION)                \
  X(KillSwitch, KILL_SWITCH)               \
  X(SessionEnd, SESSION_END)               \
  X(PlaceOrder, PLACE_ORDER)               \
  X(CancelOrder, CANCEL_ORDER)             \
  X(ReplaceOrder, REPLACE_ORDER)           \
  X(SetTimer, SET_TIMER)                   \
  X(Alert, ALERT)                          \
  X(WallAppeared, WALL_APPEARED)           \
  X(WallMoved, WALL_MOVED)                 \
  X(WallPulled, WALL_PULLED)               \
  X(WallFilled, WALL_FILLED)               \
  X(WallGone, WALL_GONE)                   \
  X(FlushStarted, FLUSH_STARTED)           \
  X(FlushEnded, FLUSH_ENDED)               \
  X(LiquidityChanged, LIQUIDITY_CHANGED)   \
  X(RegimeChanged, REGIME_CHANGED)         \
  X(RegimeState, REGIME_STATE)             \
  X(Prediction, PREDICTION)                \
  X(PredictedLevel, PREDICTED_LEVEL)       \
  X(FillNote, FILL_NOTE)

#define MM_INIT(Kind, CONSTANT)                                 \
  auto init_member(wire::Record::Builder record, const Kind&) { \
    return record.init##Kind();                                 \
  }
MM_EACH_KIND(MM_INIT)
#undef MM_INIT

template <class Body, class Wire>
bool read_body(Wire wire_body, const EventHeader& header, Record& record) {
  using Kept = std::conditional_t<is_output(Body::kind), Output, Event>;
  Body body;
  bool valid = true;
  fields(wire_body, body, valid);
  if (valid) record.template emplace<Kept>(Kept{header, body});
  return valid;
}

}  // namespace

void write_side_record(const Record& record, wire::Record::Builder wire_record) {
  wire_record.setExchangeTimeNs(to_ns(header_of(record).exchange_time));
  std::visit(
      [&](const auto& of) {
        std::visit(
            [&](const auto& body) {
              bool valid = true;
              fields(init_member(wire_record, body), body, valid);
            },
            of.body);
      },
      record);
}

bool read_side_record(wire::Record::Reader wire_record, Record& record) {
  EventHeader header;
  header.exchange_time = time_from_ns(wire_record.getExchangeTimeNs());
  switch (wire_record.which()) {
#define MM_READ(Kind, CONSTANT) \
  case wire::Record::CONSTANT:  \
    return read_body<Kind>(wire_record.get##Kind(), header, record);
    MM_EACH_KIND(MM_READ)
#undef MM_READ
#undef MM_EACH_KIND
    case wire::Record::UNSPECIFIED:
      break;
  }
  return false;
}

}  // namespace mm::journal
