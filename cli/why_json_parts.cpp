#include "cli/why_json_parts.hpp"

#include <fmt/format.h>

#include <cmath>

#include "cli/time_spec.hpp"
#include "engine/describe.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "research/why/words.hpp"

namespace mm::cli {
namespace {

namespace why = research::why;

std::string horizon_name(Duration horizon) {
  return horizon < std::chrono::seconds{1} ? fmt::format("{}ms", horizon.count() / 1'000'000)
                                           : fmt::format("{}s", horizon.count() / 1'000'000'000);
}

std::optional<double> bps_of(const std::optional<double>& fraction) {
  return fraction ? std::optional{*fraction * 1e4} : std::nullopt;
}

Duration fill_horizon(std::size_t index) {
  return Duration{static_cast<std::int64_t>(fill_horizons_s[index] * 1e9)};
}

/// A quantised figure of a record; null where it is absent.
Json figure(std::int64_t value, double unit) {
  return value == absent_e ? Json(nullptr) : Json(static_cast<double>(value) * unit);
}

std::string_view name_of_volatility(VolatilityRegime regime) {
  constexpr std::string_view names[] = {"low", "mid", "high", "extreme"};
  return names[static_cast<std::size_t>(regime)];
}

std::string_view name_of_context(FillContext context) {
  switch (context) {
    case FillContext::shielded:
      return "shielded";
    case FillContext::last_remaining:
      return "last_remaining";
    case FillContext::neutral:
      break;
  }
  return "neutral";
}

std::string_view name_of_position(WallPosition position) {
  switch (position) {
    case WallPosition::inside:
      return "inside";
    case WallPosition::at:
      return "at";
    case WallPosition::outside:
      return "outside";
    case WallPosition::none:
      break;
  }
  return "none";
}

std::string_view name_of_state(OrderState state) {
  switch (state) {
    case OrderState::pending_new:
      return "pending_new";
    case OrderState::pending_cancel:
      return "pending_cancel";
    case OrderState::pending_replace:
      return "pending_replace";
    case OrderState::live:
      break;
  }
  return "live";
}

}  // namespace

Json to_milliseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

Json WhyJson::price(Price value) const {
  return format_price(instrument_, value);
}

Json WhyJson::price(const std::optional<double>& units) const {
  // A mid may be half a unit.
  return units ? Json(format_decimal(std::llround(*units * 10), instrument_.price_decimals + 1))
               : Json(nullptr);
}

Json WhyJson::qty(Qty value) const {
  return format_qty(instrument_, value);
}

Json WhyJson::lots(const std::optional<double>& value) const {
  return value ? Json(format_lots(instrument_, *value)) : Json(nullptr);
}

Json WhyJson::lots(std::int64_t value) const {
  return qty(Qty::from_lots(value));
}

Json WhyJson::money(Money value) {
  return format_money(value);
}

Json WhyJson::money(Int128 units) {
  return format_money(Money::from_units(units));
}

Json WhyJson::money(const std::optional<Money>& value) {
  return value ? money(*value) : Json(nullptr);
}

Json WhyJson::head() const {
  return {{"session", form_.info.number},
          {"session_id", form_.info.id},
          {"strategy", form_.session.strategy},
          {"execution", form_.session.execution},
          {"instrument", instrument_name(InstrumentId{0}, form_.session.instruments)},
          {"currency", instrument_.settlement}};
}

Json WhyJson::levels(const std::vector<why::LevelShot>& levels) const {
  Json list = Json::array();
  for (const why::LevelShot& level : levels)
    list.push_back(
        {{"price", price(level.price)}, {"qty", qty(level.qty)}, {"ours", qty(level.ours)}});
  return list;
}

Json WhyJson::orders(const std::vector<Order>& orders) const {
  Json list = Json::array();
  for (const Order& order : orders)
    list.push_back({{"order", order.id.value},
                    {"side", name_of(order.side)},
                    {"price", price(order.price)},
                    {"remaining", qty(order.remaining)},
                    {"level", order.level},
                    {"state", name_of_state(order.state)},
                    {"sent", format_time(order.sent_at)}});
  return list;
}

Json WhyJson::book(const why::BookShot& shot) const {
  return {{"time", format_time(shot.time)}, {"seq", shot.seq.value},
          {"quotable", shot.quotable},      {"mid", price(shot.mid())},
          {"bids", levels(shot.bids)},      {"asks", levels(shot.asks)},
          {"orders", orders(shot.orders)},  {"position", qty(shot.position)}};
}

Json WhyJson::book(const std::optional<why::BookShot>& shot) const {
  return shot ? book(*shot) : Json(nullptr);
}

Json WhyJson::account(const why::AccountShot& account) const {
  return {{"pnl", money(account.pnl())},
          {"spread_capture", money(account.spread_capture)},
          {"adverse_selection", money(account.adverse_selection)},
          {"inventory", money(account.inventory)},
          {"fees", money(account.fees)},
          {"funding", money(account.funding)},
          {"fills", account.fills},
          {"position", qty(account.position)}};
}

Json WhyJson::account(const std::optional<why::AccountShot>& shot) const {
  return shot ? account(*shot) : Json(nullptr);
}

Json WhyJson::parameters(std::string_view lines) {
  Json out = Json::object();
  if (const auto settings = parse_settings(lines))
    for (const Setting& setting : *settings) out[setting.name] = setting.value;
  return out;
}

Json WhyJson::parameters(const std::vector<why::ParameterNews>& news) {
  Json list = Json::array();
  for (const why::ParameterNews& change : news)
    list.push_back({{"seq", change.seq.value},
                    {"time", format_time(change.time)},
                    {"name", change.name},
                    {"value", change.value}});
  return list;
}

Json WhyJson::walls(const std::optional<WallContext>& walls) const {
  if (!walls) return nullptr;
  return {{"position", name_of_position(walls->position())},
          {"front", lots(walls->front_lots)},
          {"at", lots(walls->at_lots)},
          {"behind", lots(walls->behind_lots)},
          {"nearest_bps", or_null(walls->nearest_distance_bps)}};
}

Json WhyJson::models(const std::optional<why::ModelShot>& shot, Time moment) const {
  if (!shot) return nullptr;
  const Reading& of = shot->reading;
  Json out{
      {"source", shot->of_session ? "session" : "computed_now"},
      {"used_by_strategy", shot->used_by_strategy},
      {"warm_up_s", shot->since ? Json(static_cast<double>((moment - *shot->since).count()) / 1e9)
                                : Json(nullptr)},
      {"read_at", of.at ? Json(format_time(*of.at)) : Json(nullptr)},
      {"microprice", price(of.microprice)},
      {"sigma_bps", or_null(bps_of(of.sigma))},
      {"volatility_regime",
       of.volatility_regime ? Json(name_of_volatility(*of.volatility_regime)) : Json(nullptr)},
      {"kappa", of.kappa.kappa},
      {"kappa_cv", of.kappa.cv},
      {"bid_intensity", of.bid_flow.intensity},
      {"ask_intensity", of.ask_flow.intensity},
      {"branching", of.branching},
      {"imbalance_1s", or_null(of.imbalance_1s)},
      {"imbalance_10s", or_null(of.imbalance_10s)},
      {"liquidation_probability",
       of.liquidation ? Json(of.liquidation->probability) : Json(nullptr)},
      {"cascade", of.cascade},
      {"regime",
       {{"displayed", name_of(of.displayed)},
        {"quiet", of.belief[0]},
        {"trending", of.belief[1]},
        {"volatile", of.belief[2]},
        {"cascade", of.belief[3]},
        {"observations", of.regime_steps}}}};
  out["lead"] = lead(of.lead);
  out["features"] = features(of.features);
  out["walls"] = walls(shot->walls);
  out["spoof_score"] = or_null(shot->spoof_score);
  Json chances = Json::object();
  for (std::size_t i = 0; i < shot->chances.size(); ++i)
    chances[horizon_name(fill_horizon(i))] =
        shot->chances[i] ? Json(shot->chances[i]->fill) : Json(nullptr);
  out["fill_chance"] = std::move(chances);
  return out;
}

Json WhyJson::prediction(const std::optional<why::LoggedPrediction>& of) const {
  if (!of) return nullptr;
  const Prediction& head = of->head;
  const PredictedLevel& level = of->level;
  return {{"seq", of->seq.value},
          {"time", format_time(of->time)},
          {"p_fill_100ms", figure(level.p_fill_100ms_e6, 1e-6)},
          {"p_fill_1s", figure(level.p_fill_1s_e6, 1e-6)},
          {"p_fill_10s", figure(level.p_fill_10s_e6, 1e-6)},
          {"p_adverse", figure(level.p_adverse_e6, 1e-6)},
          {"p_mid_against", figure(level.p_mid_against_e6, 1e-6)},
          {"expected_pnl_bps", figure(level.expected_pnl_e8, 1e-4)},
          {"depth_bps", figure(level.depth_e8, 1e-4)},
          {"queue_ahead", level.queue_ahead == absent_e ? Json(nullptr) : lots(level.queue_ahead)},
          {"queue_total", level.queue_total == absent_e ? Json(nullptr) : lots(level.queue_total)},
          {"cycle", head.cycle},
          {"defensive", head.defensive},
          {"half_spread_bps", figure(head.half_spread_e8, 1e-4)},
          {"skew_bps", figure(head.skew_e8, 1e-4)},
          {"premium_bps", figure(head.premium_e8, 1e-4)},
          {"uncertainty", figure(head.uncertainty_e6, 1e-6)},
          {"sigma_bps", figure(head.sigma_e8, 1e-4)},
          {"kappa", figure(head.kappa_used, 1)},
          {"gamma", figure(head.gamma_effective_e3, 1e-3)},
          {"predicted_move_bps", figure(head.predicted_move_e8, 1e-4)},
          {"informed", figure(head.informed_e6, 1e-6)},
          {"liquidation", figure(head.liquidation_e6, 1e-6)}};
}

Json WhyJson::fill_note(const std::optional<FillNote>& of) const {
  if (!of) return nullptr;
  return {
      {"shelter", name_of(of->shelter)},
      {"wall", name_of(of->wall)},
      {"wall_1s_before", name_of(of->wall_1s)},
      {"others_before", of->others_before == absent_e ? Json(nullptr) : lots(of->others_before)},
      {"others_after", of->others_after == absent_e ? Json(nullptr) : lots(of->others_after)},
      {"pulled_1s", of->pulled_1s == absent_e ? Json(nullptr) : lots(of->pulled_1s)},
      {"queue_ahead", of->queue_ahead == absent_e ? Json(nullptr) : lots(of->queue_ahead)},
      {"visibility", figure(of->visibility_e6, 1e-6)}};
}

Json WhyJson::lead(const std::optional<LeadReading>& of) const {
  if (!of) return nullptr;
  Json out{{"instrument", instrument_name(of->instrument, form_.session.instruments)},
           {"predicted_bps", or_null(bps_of(of->predicted))}};
  if (of->estimate) {
    out["lag_ms"] = to_milliseconds(of->estimate->lag);
    out["rho"] = of->estimate->rho;
    out["beta"] = of->estimate->beta;
  } else {
    out["lag_ms"] = out["rho"] = out["beta"] = nullptr;
  }
  return out;
}

Json WhyJson::features(const Features& of) const {
  return {{"spread_bps", or_null(of.touch_features.spread_bps)},
          {"microprice_imbalance", or_null(of.touch_features.microprice_imbalance)},
          {"liquidity_asymmetry", or_null(of.window.liquidity_asymmetry)},
          {"book_pressure", or_null(of.window.book_pressure)},
          {"band_density", or_null(of.window.band_density)},
          {"liquidity_entropy", or_null(of.window.liquidity_entropy)},
          {"centroid_rel_bps", or_null(of.window.centroid_rel_bps)},
          {"migration_velocity_rel", or_null(of.migration_velocity_rel)},
          {"z_velocity", or_null(of.z_velocity)},
          {"flicker_hz", or_null(of.flicker_hz)},
          {"flush_score", or_null(of.flush_score)},
          {"relative_density", or_null(of.relative_density)},
          {"liquidity", of.liquidity ? Json(std::string(name_of(*of.liquidity))) : Json(nullptr)}};
}

Json WhyJson::note(const why::Note& of) const {
  return {{"seq", of.seq.value},
          {"time", format_time(of.time)},
          {"kind", name_of(of.output.kind())},
          {"text", why::words_of(of.output, instrument_)}};
}

Json WhyJson::leads(const std::vector<why::LeadMove>& leads) const {
  Json list = Json::array();
  for (const why::LeadMove& lead : leads)
    list.push_back({{"instrument", instrument_name(lead.instrument, form_.session.instruments)},
                    {"move_100ms_bps", or_null(lead.last_100ms)},
                    {"move_1s_bps", or_null(lead.last_1s)}});
  return list;
}

Json WhyJson::answer(const std::optional<why::Answer>& answer) {
  if (!answer) return nullptr;
  return {{"seq", answer->seq.value},
          {"heard", format_time(answer->heard)},
          {"stamp", to_ns(answer->stamp) != 0 ? Json(format_time(answer->stamp)) : Json(nullptr)}};
}

Json WhyJson::step(const why::OrderStep& step) const {
  Json asked = Json::array();
  for (const why::Asked& of : step.asked)
    asked.push_back({{"seq", of.seq.value},
                     {"time", format_time(of.at)},
                     {"message", of.replace ? "replace_order" : "cancel_order"},
                     {"reason", name_of(of.reason)}});
  Json fills = Json::array();
  for (const Seq seq : step.fills) fills.push_back(seq.value);
  return {{"order", step.order.value},
          {"replaces", step.replaces.value != 0 ? Json(step.replaces.value) : Json(nullptr)},
          {"seq", step.seq.value},
          {"time", format_time(step.decided)},
          {"message", name_of(step.message())},
          {"reason", name_of(step.reason)},
          {"side", name_of(step.side)},
          {"price", price(step.price)},
          {"qty", qty(step.qty)},
          {"level", step.level},
          {"time_in_force", name_of(step.time_in_force)},
          {"cause", {{"seq", step.cause_seq.value}, {"kind", name_of(step.cause)}}},
          {"acknowledged", answer(step.acknowledged)},
          {"rejected", answer(step.rejected)},
          {"ended", answer(step.ended)},
          {"asked_to_leave", std::move(asked)},
          {"fills", std::move(fills)}};
}

Json WhyJson::queue(const why::FillStory& story) const {
  if (!story.queue) return nullptr;
  const why::QueuePath& path = *story.queue;
  Json points = Json::array();
  for (const why::QueuePoint& point : path.points)
    points.push_back({{"time", format_time(point.time)},
                      {"ahead", lots(point.ahead)},
                      {"estimate", lots(point.estimate)},
                      {"lo", lots(point.lo)},
                      {"hi", lots(point.hi)},
                      {"displayed", lots(point.displayed)}});
  return {{"model", path.model},
          {"accepted", format_time(path.accepted)},
          {"ahead_at_acceptance", lots(path.first().ahead)},
          {"ahead_before_fill", lots(path.last().ahead)},
          {"estimate_before_fill",
           {{"ahead", lots(path.last().estimate)},
            {"lo", lots(path.last().lo)},
            {"hi", lots(path.last().hi)}}},
          {"traded", lots(path.traded)},
          {"cancelled", lots(path.cancelled)},
          {"added", lots(path.added)},
          {"rested_ms", to_milliseconds(story.happened - path.accepted)},
          {"context", story.context ? Json(name_of_context(*story.context)) : Json(nullptr)},
          {"path", std::move(points)},
          {"left_out", path.left_out}};
}

Json WhyJson::decision(const why::FillStory& story) const {
  if (!story.decision) return nullptr;
  const why::OrderStep& order = story.trail.steps.front();
  Json out = step(order);
  Json wanted = Json::array();
  for (const Quote& quote : story.decision->wanted.of(order.side).all())
    wanted.push_back({{"price", price(quote.price)}, {"qty", qty(quote.qty)}});
  out["wanted"] = std::move(wanted);
  out["position"] = qty(story.decision->account.position);
  if (const auto& before = story.decision->before) {
    const auto mid = story.decision->book.mid();
    const auto move = mid && before->mid ? std::optional{(*mid - *before->mid) / *before->mid * 1e4}
                                         : std::nullopt;
    out["previous"] = {{"order", before->order.value},
                       {"seq", before->seq.value},
                       {"time", format_time(before->time)},
                       {"price", price(before->price)},
                       {"mid", price(before->mid)},
                       {"mid_moved_bps", or_null(move)},
                       {"position", before->position ? qty(*before->position) : Json(nullptr)}};
  } else {
    out["previous"] = nullptr;
  }
  return out;
}

Json WhyJson::latency(const why::FillStory& story) const {
  if (!story.latency) return nullptr;
  const why::Latency& of = *story.latency;
  const auto time = [](const std::optional<Time>& at) {
    return at ? Json(format_time(*at)) : Json(nullptr);
  };
  const auto ms = [](const std::optional<Time>& to, const std::optional<Time>& from) {
    return to && from ? to_milliseconds(*to - *from) : Json(nullptr);
  };
  return {{"message", name_of(story.trail.steps.front().message())},
          {"sent", format_time(of.sent)},
          {"arrived", time(of.arrived)},
          {"acknowledged", time(of.heard)},
          {"entry_ms", ms(of.arrived, of.sent)},
          {"response_ms", ms(of.heard, of.arrived)},
          {"round_trip_ms", ms(of.heard, of.sent)}};
}

Json WhyJson::taker(const std::optional<why::TakerOrder>& taker, const Fill& fill) const {
  if (!taker) return nullptr;
  Json prints = Json::array();
  for (const why::Print& print : taker->prints)
    prints.push_back({{"seq", print.seq.value},
                      {"time", format_time(print.received)},
                      {"trade_id", print.trade_id},
                      {"price", price(print.price)},
                      {"qty", qty(print.qty)}});
  return {{"side", name_of(taker->side)},
          {"qty", qty(taker->qty)},
          {"nearest", price(taker->nearest)},
          {"farthest", price(taker->farthest)},
          {"prices", taker->prices},
          {"sweep", taker->sweep()},
          {"our_share", taker->qty > Qty{} ? Json(static_cast<double>(fill.qty.lots()) /
                                                  static_cast<double>(taker->qty.lots()))
                                           : Json(nullptr)},
          {"prints", std::move(prints)}};
}

Json WhyJson::markouts(const research::MarkedFill& marked) const {
  Json out = Json::object();
  for (const research::Markout& markout : marked.markouts)
    out[horizon_name(markout.horizon)] = {
        {"bps", markout.bps ? Json(markout.bps->markout) : Json(nullptr)},
        {"adverse_bps", markout.bps ? Json(markout.bps->adverse_selection) : Json(nullptr)},
        {"pnl", money(markout.pnl)}};
  return out;
}

}  // namespace mm::cli
