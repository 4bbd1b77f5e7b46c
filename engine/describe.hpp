#pragma once

// The fields of every record, listed once.
//
// describe(record_body, f) calls f("name", field) for each field in the order of the canonical
// form. Printing, comparing, encoding and tests follow this list, so a field that is missing here
// is missing everywhere and the round-trip test of its kind fails.

#include <concepts>
#include <type_traits>

#include "engine/output.hpp"

namespace mm {

template <class Body, class Kind>
concept BodyOf = std::same_as<std::remove_const_t<Body>, Kind>;

template <BodyOf<BookSnapshot> Body, class F>
void describe(Body& body, F&& f) {
  f("update_id", body.update_id);
  f("event_time_ns", body.event_time_ns);
  f("bids", body.bids);
  f("asks", body.asks);
  f("bid_orders", body.bid_orders);
  f("ask_orders", body.ask_orders);
}

template <BodyOf<BookDelta> Body, class F>
void describe(Body& body, F&& f) {
  f("first_id", body.first_id);
  f("last_id", body.last_id);
  f("prev_id", body.prev_id);
  f("event_time_ns", body.event_time_ns);
  f("bids", body.bids);
  f("asks", body.asks);
}

template <BodyOf<BestQuote> Body, class F>
void describe(Body& body, F&& f) {
  f("update_id", body.update_id);
  f("event_time_ns", body.event_time_ns);
  f("bid", body.bid);
  f("ask", body.ask);
  f("bid_orders", body.bid_orders);
  f("ask_orders", body.ask_orders);
}

template <BodyOf<Trade> Body, class F>
void describe(Body& body, F&& f) {
  f("trade_id", body.trade_id);
  f("event_time_ns", body.event_time_ns);
  f("price", body.price);
  f("qty", body.qty);
  f("aggressor", body.aggressor);
  f("first_id", body.first_id);
  f("last_id", body.last_id);
}

template <BodyOf<AssetContext> Body, class F>
void describe(Body& body, F&& f) {
  f("mark_e8", body.mark_e8);
  f("oracle_e8", body.oracle_e8);
  f("mid_e8", body.mid_e8);
  f("funding_e12", body.funding_e12);
  f("premium_e12", body.premium_e12);
  f("open_interest_e8", body.open_interest_e8);
  f("day_volume_e8", body.day_volume_e8);
  f("next_funding_ns", body.next_funding_ns);
  f("event_time_ns", body.event_time_ns);
}

template <BodyOf<Liquidation> Body, class F>
void describe(Body& body, F&& f) {
  f("side", body.side);
  f("price", body.price);
  f("average_price", body.average_price);
  f("qty", body.qty);
  f("event_time_ns", body.event_time_ns);
}

template <BodyOf<FeedStatus> Body, class F>
void describe(Body& body, F&& f) {
  f("state", body.state);
  f("expected_id", body.expected_id);
  f("found_id", body.found_id);
  f("detail", body.detail);
}

template <BodyOf<ClockStep> Body, class F>
void describe(Body& body, F&& f) {
  f("step_ns", body.step_ns);
}

template <BodyOf<RateLimit> Body, class F>
void describe(Body& body, F&& f) {
  f("used", body.used);
  f("limit", body.limit);
  f("retry_after_ns", body.retry_after_ns);
  f("detail", body.detail);
}

template <BodyOf<OrderAck> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("venue_order_id", body.venue_order_id);
  f("price", body.price);
  f("remaining", body.remaining);
}

template <BodyOf<OrderReject> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("reason", body.reason);
  f("detail", body.detail);
}

template <BodyOf<OrderDone> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("reason", body.reason);
  f("remaining", body.remaining);
  f("detail", body.detail);
}

template <BodyOf<CancelReject> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("reason", body.reason);
  f("detail", body.detail);
}

template <BodyOf<Fill> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("trade_id", body.trade_id);
  f("side", body.side);
  f("price", body.price);
  f("qty", body.qty);
  f("remaining", body.remaining);
  f("maker", body.maker);
  f("fee", body.fee);
  f("cause", body.cause);
}

template <BodyOf<PositionReport> Body, class F>
void describe(Body& body, F&& f) {
  f("position", body.position);
  f("average_price", body.average_price);
}

template <BodyOf<BalanceReport> Body, class F>
void describe(Body& body, F&& f) {
  f("balance", body.balance);
  f("currency", body.currency);
}

template <BodyOf<FundingPayment> Body, class F>
void describe(Body& body, F&& f) {
  f("cash", body.cash);
  f("rate_e12", body.rate_e12);
}

template <BodyOf<SessionStart> Body, class F>
void describe(Body& body, F&& f) {
  f("strategy", body.strategy);
  f("parameters", body.parameters);
  f("execution", body.execution);
  f("settings", body.settings);
}

template <BodyOf<InstrumentDefined> Body, class F>
void describe(Body& body, F&& f) {
  f("venue", body.venue);
  f("symbol", body.symbol);
  f("role", body.role);
  f("contract", body.contract);
  f("price_decimals", body.price_decimals);
  f("lot_decimals", body.lot_decimals);
  f("tick", body.tick);
  f("qty_step", body.qty_step);
  f("significant_figures", body.significant_figures);
  f("contract_size", body.contract_size);
  f("min_notional", body.min_notional);
  f("min_qty", body.min_qty);
  f("maker_fee_e8", body.maker_fee_e8);
  f("taker_fee_e8", body.taker_fee_e8);
  f("settlement", body.settlement);
}

template <BodyOf<ParameterChange> Body, class F>
void describe(Body& body, F&& f) {
  f("name", body.name);
  f("value", body.value);
}

template <BodyOf<Timer> Body, class F>
void describe(Body& body, F&& f) {
  f("id", body.id);
}

template <BodyOf<Annotation> Body, class F>
void describe(Body& body, F&& f) {
  f("author", body.author);
  f("text", body.text);
}

template <BodyOf<KillSwitch> Body, class F>
void describe(Body& body, F&& f) {
  f("engaged", body.engaged);
  f("reason", body.reason);
}

template <BodyOf<SessionEnd> Body, class F>
void describe(Body& body, F&& f) {
  f("reason", body.reason);
}

template <BodyOf<PlaceOrder> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("side", body.side);
  f("price", body.price);
  f("qty", body.qty);
  f("time_in_force", body.time_in_force);
  f("reason", body.reason);
  f("level", body.level);
}

template <BodyOf<CancelOrder> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("reason", body.reason);
}

template <BodyOf<ReplaceOrder> Body, class F>
void describe(Body& body, F&& f) {
  f("order", body.order);
  f("replacement", body.replacement);
  f("side", body.side);
  f("price", body.price);
  f("qty", body.qty);
  f("time_in_force", body.time_in_force);
  f("reason", body.reason);
  f("level", body.level);
}

template <BodyOf<SetTimer> Body, class F>
void describe(Body& body, F&& f) {
  f("id", body.id);
  f("at", body.at);
}

template <BodyOf<Alert> Body, class F>
void describe(Body& body, F&& f) {
  f("code", body.code);
  f("value", body.value);
  f("limit", body.limit);
  f("order", body.order);
}

template <class Body>
concept WallBody = BodyOf<Body, WallAppeared> || BodyOf<Body, WallMoved> ||
    BodyOf<Body, WallPulled> || BodyOf<Body, WallFilled> || BodyOf<Body, WallGone>;
template <WallBody Body, class F>
void describe(Body& body, F&& f) {
  f("side", body.side);
  f("price", body.price);
  f("qty", body.qty);
  f("ratio_e3", body.ratio_e3);
  f("z_e3", body.z_e3);
  f("age_ms", body.age_ms);
  f("steps", body.steps);
  f("pulled_e6", body.pulled_e6);
}

template <class Body>
concept FlushBody = BodyOf<Body, FlushStarted> || BodyOf<Body, FlushEnded>;
template <FlushBody Body, class F>
void describe(Body& body, F&& f) {
  f("side", body.side);
  f("score_e6", body.score_e6);
  f("breadth_e6", body.breadth_e6);
  f("lasted_ms", body.lasted_ms);
}

template <BodyOf<LiquidityChanged> Body, class F>
void describe(Body& body, F&& f) {
  f("from", body.from);
  f("to", body.to);
  f("score_e6", body.score_e6);
  f("breadth_e6", body.breadth_e6);
  f("density_e6", body.density_e6);
  f("z_velocity_e3", body.z_velocity_e3);
}

template <BodyOf<RegimeChanged> Body, class F>
void describe(Body& body, F&& f) {
  f("from", body.from);
  f("to", body.to);
  f("quiet_e6", body.quiet_e6);
  f("trending_e6", body.trending_e6);
  f("volatile_e6", body.volatile_e6);
  f("cascade_e6", body.cascade_e6);
}

template <BodyOf<RegimeState> Body, class F>
void describe(Body& body, F&& f) {
  f("most_likely", body.most_likely);
  f("quiet_e6", body.quiet_e6);
  f("trending_e6", body.trending_e6);
  f("volatile_e6", body.volatile_e6);
  f("cascade_e6", body.cascade_e6);
  f("entropy_e6", body.entropy_e6);
  f("sigma_e9", body.sigma_e9);
  f("liquidation_e6", body.liquidation_e6);
}

template <BodyOf<Prediction> Body, class F>
constexpr void describe(Body& body, F&& f) {
  Prediction::fields(body, f);
}

template <BodyOf<PredictedLevel> Body, class F>
constexpr void describe(Body& body, F&& f) {
  PredictedLevel::fields(body, f);
}

template <BodyOf<FillNote> Body, class F>
constexpr void describe(Body& body, F&& f) {
  FillNote::fields(body, f);
}

// The largest value of each enum: a stored value above it is damage or a newer format.
constexpr Side last_of(Side) {
  return Side::sell;
}
constexpr FeedState last_of(FeedState) {
  return FeedState::anomaly;
}
constexpr TimeInForce last_of(TimeInForce) {
  return TimeInForce::fok;
}
constexpr RejectReason last_of(RejectReason) {
  return RejectReason::other;
}
constexpr DoneReason last_of(DoneReason) {
  return DoneReason::replaced;
}
constexpr FillCause last_of(FillCause) {
  return FillCause::taker;
}
constexpr InstrumentRole last_of(InstrumentRole) {
  return InstrumentRole::lead;
}
constexpr ContractKind last_of(ContractKind) {
  return ContractKind::inverse;
}
constexpr DecisionReason last_of(DecisionReason) {
  return DecisionReason::loss_limit;
}
constexpr FillShelter last_of(FillShelter) {
  return FillShelter::last_remaining;
}
constexpr WallPlace last_of(WallPlace) {
  return WallPlace::outside;
}
constexpr AlertCode last_of(AlertCode) {
  return AlertCode::liquidation_blind;
}
constexpr LiquidityName last_of(LiquidityName) {
  return LiquidityName::collapsing;
}
constexpr RegimeName last_of(RegimeName) {
  return RegimeName::cascade;
}

/// Printed name of an enum value ("post_only"); "?" if it is out of range.
std::string_view name_of(Side value);
std::string_view name_of(FeedState value);
std::string_view name_of(TimeInForce value);
std::string_view name_of(RejectReason value);
std::string_view name_of(DoneReason value);
std::string_view name_of(FillCause value);
std::string_view name_of(InstrumentRole value);
std::string_view name_of(ContractKind value);
std::string_view name_of(DecisionReason value);
std::string_view name_of(AlertCode value);
std::string_view name_of(LiquidityName value);
std::string_view name_of(RegimeName value);
std::string_view name_of(FillShelter value);
std::string_view name_of(WallPlace value);

}  // namespace mm
