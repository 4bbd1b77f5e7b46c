// Saving, restoring and listing a Trader's state, and its settings as text.

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/assert.hpp"
#include "engine/numeric.hpp"
#include "engine/settings.hpp"
#include "engine/trader.hpp"
#include "engine/value_bytes.hpp"

namespace mm {
namespace {

void put_latch(ByteWriter& out, const Latch& latch) {
  out.put_flag(latch.breached());
}
void get_latch(ByteReader& in, Latch& latch) {
  latch.set(in.get_flag());
}

std::string flag_text(bool value) {
  return value ? "on" : "off";
}

}  // namespace

// ---------------------------------------------------------------- settings

std::optional<std::string> TraderSettings::parse(std::string_view lines, TraderSettings& settings) {
  const auto wrong = [](std::string_view name, std::string_view value, std::string_view allowed) {
    return std::optional<std::string>{"setting '" + std::string{name} + "' is '" +
                                      std::string{value} + "'; it must be " + std::string{allowed}};
  };
  TraderSettings read = settings;
  const auto duration = [&](std::string_view name, Duration least,
                            Duration& to) -> std::optional<std::string> {
    const std::optional<std::string_view> text = find_setting(lines, name);
    if (!text) return std::nullopt;
    const std::optional<Duration> value = parse_duration(*text);
    if (!value || *value < least)
      return wrong(
          name, *text,
          least > Duration{} ? "a duration above 0, like 100ms" : "a duration, like 2s (0s: off)");
    to = *value;
    return std::nullopt;
  };
  if (auto error = duration("decision_interval", Duration{1}, read.decision_interval)) return error;
  if (auto error = duration("stale", Duration{0}, read.stale)) return error;
  if (const auto text = find_setting(lines, "max_orders_per_minute")) {
    const std::optional<std::int64_t> value = parse_integer(*text);
    if (!value || *value < 0 || *value > 1'000'000)
      return wrong("max_orders_per_minute", *text, "a whole number from 0 (no limit) to 1000000");
    read.max_orders_per_minute = *value;
  }
  if (const auto text = find_setting(lines, "max_position_value")) {
    const std::optional<double> value = parse_number(*text);
    if (!value || *value < 0)
      return wrong("max_position_value", *text, "an amount of quote currency (0: no limit)");
    read.max_position_value = *value;
  }
  if (const auto text = find_setting(lines, "max_loss")) {
    const std::optional<Money> value = parse_money(*text);
    if (!value || *value < Money{})
      return wrong("max_loss", *text, "an amount of settlement currency (0: no limit)");
    read.max_loss = *value;
  }
  if (const auto text = find_setting(lines, "replace")) {
    const std::optional<bool> value = parse_flag(*text);
    if (!value) return wrong("replace", *text, "on or off");
    read.replace = *value;
  }
  if (const auto text = find_setting(lines, "prediction_log")) {
    const std::optional<bool> flag = parse_flag(*text);
    const std::optional<Duration> every = flag ? std::nullopt : parse_duration(*text);
    if (!flag && (!every || *every <= Duration{}))
      return wrong("prediction_log", *text, "on, off or how often at most, like 1s");
    read.prediction_log = flag ? (*flag ? Duration{} : Duration{-1}) : *every;
  }
  if (const auto text = find_setting(lines, "outlook")) {
    const std::optional<bool> value = parse_flag(*text);
    if (!value) return wrong("outlook", *text, "on or off");
    read.outlook = *value;
  }
  const auto width = [&](std::string_view name, std::int64_t& to) -> std::optional<std::string> {
    const std::optional<std::string_view> text = find_setting(lines, name);
    if (!text) return std::nullopt;
    const std::optional<double> value = parse_bps(*text);
    const double tenths = value.value_or(0) * 10;
    if (!(tenths >= 1 && tenths <= 10'000) || tenths != std::round(tenths))
      return wrong(name, *text, "a width from 0.1bps to 1000bps in steps of 0.1bps, like 50bps");
    to = static_cast<std::int64_t>(tenths);
    return std::nullopt;
  };
  if (auto error = width("window", read.window_tenth_bps)) return error;
  if (auto error = width("bucket", read.bucket_tenth_bps)) return error;
  if (read.window_tenth_bps == 0 && read.bucket_tenth_bps > 0)
    return wrong("bucket", format_bps(static_cast<double>(read.bucket_tenth_bps) / 10),
                 "given together with a window, which it divides");
  if (read.bucket_tenth_bps > read.window_tenth_bps ||
      (read.bucket_tenth_bps > 0 && read.window_tenth_bps > 64 * read.bucket_tenth_bps))
    return wrong("bucket", format_bps(static_cast<double>(read.bucket_tenth_bps) / 10),
                 "between a 64th of the window and the whole");
  settings = read;
  return std::nullopt;
}

std::string TraderSettings::format() const {
  std::vector<Setting> settings = {{"decision_interval", format_duration(decision_interval)},
                                   {"max_loss", format_money(max_loss)},
                                   {"max_orders_per_minute", std::to_string(max_orders_per_minute)},
                                   {"max_position_value", format_double(max_position_value)},
                                   {"replace", flag_text(replace)},
                                   {"stale", format_duration(stale)}};
  const auto width = [&](const char* name, std::int64_t tenth_bps) {
    if (tenth_bps > 0) settings.push_back({name, format_bps(static_cast<double>(tenth_bps) / 10)});
  };
  if (outlook) settings.push_back({"outlook", flag_text(outlook)});
  if (prediction_log < Duration{}) settings.push_back({"prediction_log", "off"});
  if (prediction_log > Duration{})
    settings.push_back({"prediction_log", format_duration(prediction_log)});
  width("window", window_tenth_bps);
  width("bucket", bucket_tenth_bps);
  return format_settings(std::move(settings));
}

// ---------------------------------------------------------------- state

void Trader::save(StateModule module, ByteWriter& out) const {
  switch (module) {
    case StateModule::orders:
      orders_.save(out);
      if (settings_.own_displayed) own_displayed_.save(out);
      return;
    case StateModule::account:
      account_.ledger.save(out);
      account_.attribution.save(out);
      out.put_i64(account_.mark_bid.units());
      out.put_i64(account_.mark_ask.units());
      out.put_i64(account_.max_position.lots());
      out.put_i64(account_.max_position_seen.lots());
      put_latch(out, account_.beyond_position);
      put_latch(out, account_.beyond_loss);
      put_latch(out, account_.mismatch);
      return;
    case StateModule::strategy:
      strategy_->save(out);
      return;
    case StateModule::clock:
      put_time(out, clock_.wake_at);
      out.put_flag(clock_.stale_timer_set);
      out.put_flag(clock_.killed);
      out.put_flag(clock_.ended);
      put_time(out, clock_.buy_paused_until);
      put_time(out, clock_.sell_paused_until);
      out.put_i64(clock_.decision_count);
      clock_.rate.save(out);
      put_latch(out, clock_.rate_limited);
      put_latch(out, clock_.told_stale);
      return;
    case StateModule::own:
      MM_ASSERT(own_ != nullptr, "the trader has this module");
      own_->outlook.save(out);
      put_time(out, own_->next_prediction);
      return;
    case StateModule::book:
    case StateModule::outlook:
      break;
  }
  MM_ASSERT(false, "the module is not the Trader's");
}

bool Trader::restore(StateModule module, ByteReader& in) {
  switch (module) {
    case StateModule::orders:
      return orders_.restore(in) && (!settings_.own_displayed || own_displayed_.restore(in));
    case StateModule::account:
      if (!account_.ledger.restore(in) || !account_.attribution.restore(in)) return false;
      account_.mark_bid = Price::from_units(in.get_i64());
      account_.mark_ask = Price::from_units(in.get_i64());
      account_.max_position = Qty::from_lots(in.get_i64());
      account_.max_position_seen = Qty::from_lots(in.get_i64());
      get_latch(in, account_.beyond_position);
      get_latch(in, account_.beyond_loss);
      get_latch(in, account_.mismatch);
      return !in.failed();
    case StateModule::strategy:
      return strategy_->restore(in);
    case StateModule::clock:
      clock_.wake_at = get_time(in);
      clock_.stale_timer_set = in.get_flag();
      clock_.killed = in.get_flag();
      clock_.ended = in.get_flag();
      clock_.buy_paused_until = get_time(in);
      clock_.sell_paused_until = get_time(in);
      clock_.decision_count = in.get_i64();
      if (!clock_.rate.restore(in)) return false;
      get_latch(in, clock_.rate_limited);
      get_latch(in, clock_.told_stale);
      return !in.failed();
    case StateModule::own:
      MM_ASSERT(own_ != nullptr, "the trader has this module");
      if (!own_->outlook.restore(in)) return false;
      own_->next_prediction = get_time(in);
      note_following();
      return !in.failed();
    case StateModule::book:
    case StateModule::outlook:
      break;
  }
  MM_ASSERT(false, "the module is not the Trader's");
  return false;
}

void Trader::list_fields(std::vector<StateField>& fields) const {
  const auto number = [&](StateModule module, std::string name, std::int64_t value) {
    fields.push_back({module, std::move(name), std::to_string(value)});
  };
  const auto money = [&](std::string name, Int128 units) {
    fields.push_back({StateModule::account, std::move(name), format_decimal(units, 12)});
  };
  for (const Order& order : orders_.all()) {
    const std::string name = "order[" + std::to_string(order.id.value) + "].";
    const auto field = [&](const char* what, std::int64_t value) {
      number(StateModule::orders, name + what, value);
    };
    field("side", static_cast<std::int64_t>(order.side));
    field("state", static_cast<std::int64_t>(order.state));
    field("price", order.price.units());
    field("remaining", order.remaining.lots());
    field("level", order.level);
    field("replaces", static_cast<std::int64_t>(order.replaces.value));
    field("venue_id", order.venue_id);
    field("sent_at", to_ns(order.sent_at));
  }
  if (settings_.own_displayed) {
    const Touch& others = own_displayed_.others();
    number(StateModule::orders, "others.bid.price", others.bid.price.units());
    number(StateModule::orders, "others.bid.qty", others.bid.qty.lots());
    number(StateModule::orders, "others.ask.price", others.ask.price.units());
    number(StateModule::orders, "others.ask.qty", others.ask.qty.lots());
  }
  const Ledger& ledger = account_.ledger;
  number(StateModule::account, "position", ledger.position().lots());
  money("cost", ledger.cost().units());
  money("realised", ledger.realised().units());
  money("fees", ledger.fees().units());
  money("funding", ledger.funding().units());
  money("turnover", ledger.turnover().units());
  number(StateModule::account, "fill_count", ledger.fill_count());
  const Attribution& attribution = account_.attribution;
  money("spread_capture", attribution.spread_capture());
  money("adverse_selection", attribution.adverse_selection());
  money("inventory_cost", attribution.inventory_cost());
  money("fee_cost", attribution.fee_cost());
  money("mark", attribution.current_mark().value_or(0));
  number(StateModule::account, "mark_bid", account_.mark_bid.units());
  number(StateModule::account, "mark_ask", account_.mark_ask.units());
  number(StateModule::account, "max_position", account_.max_position.lots());
  number(StateModule::account, "max_position_seen", account_.max_position_seen.lots());
  fields.push_back({StateModule::strategy, "parameters", strategy_->parameters()});
  number(StateModule::clock, "wake_at", to_ns(clock_.wake_at));
  number(StateModule::clock, "stale_timer_set", clock_.stale_timer_set);
  number(StateModule::clock, "killed", clock_.killed);
  number(StateModule::clock, "ended", clock_.ended);
  number(StateModule::clock, "buy_paused_until", to_ns(clock_.buy_paused_until));
  number(StateModule::clock, "sell_paused_until", to_ns(clock_.sell_paused_until));
  number(StateModule::clock, "decision_count", clock_.decision_count);
  if (own_) own_->outlook.list_fields(fields);
}

}  // namespace mm
