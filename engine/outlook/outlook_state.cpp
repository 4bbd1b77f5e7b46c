// Saving, restoring and listing an Outlook.

#include <charconv>

#include "engine/hash.hpp"
#include "engine/outlook/fields_io.hpp"
#include "engine/outlook/outlook.hpp"
#include "engine/outlook/settings_fields.hpp"

namespace mm {

std::string format_hex_double(double value) {
  std::array<char, 40> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex);
  return error == std::errc{} ? std::string{text.data(), end} : std::string{"?"};
}

namespace {

/// Of the taker order whose prints are still coming in; what stood before it is behind them.
template <class Order, class F>
void print_fields(Order& of, F&& f) {
  f("taker", of.taker);
  f("exchange_time", of.exchange_time);
  f("last_print", of.last_print);
  f("lots", of.lots);
  f("first", of.first);
  f("worst", of.worst);
  f("mid", of.mid);
  f("touch", of.touch);
  f("lead_change", of.lead_change);
  f("lead_known", of.lead_known);
  f("ahead_count", of.ahead_count);
}

}  // namespace

void Outlook::save(ByteWriter& out) const {
  FieldWriter write{out};
  visit_fields(settings_, write);
  write("clock_at", clock_at_);
  write("second_at", second_at_);
  write("minute_at", minute_at_);
  write("funding_interval", funding_clock_.interval);
  write("funding_period", funding_clock_.rate_period);
  write("mid", mid_);
  out.put_double(log_mid_);
  out.put_flag(features_.has_value());
  if (features_) features_->save(out);
  volatility_.save(out);
  ranking_.save(out);
  residual_.save(out);
  reach_.save(out);
  hawkes_.save(out);
  write("growth", growth_);
  flow_.save(out);
  for (const auto& adverse : adverse_) adverse.save(out);
  liquidation_.save(out);
  window_.save(out);
  regime_.save(out);
  write("regime_at", regime_at_);
  for (const Score* score : {&funding_score_, &interest_score_}) {
    score->weight.save(out);
    score->sum.save(out);
    score->squares.save(out);
  }
  write("open", order_.open);
  if (order_.open) {
    print_fields(order_, write);
    for (std::uint32_t i = 0; i < order_.ahead_count; ++i) write("ahead", order_.ahead[i]);
  }
  write("order_count", order_count_);
  const std::uint64_t first = order_count_ > orders_kept ? order_count_ - orders_kept : 0;
  for (std::uint64_t i = first; i < order_count_; ++i) write("order", orders_[i % orders_kept]);
  out.put_flag(lead_.has_value());
  if (lead_) {
    const FollowedLead& lead = *lead_;
    write("instrument", lead.instrument);
    lead.contrast.save(out);
    lead.prediction.save(out);
    write("response_known", lead.response_known);
    if (lead.response_known) write("response", lead.response);
    write("mid", lead.mid);
    write("log_mid", lead.log_mid);
    write("entered_log_mid", lead.entered_log_mid);
    write("entered_at", lead.entered_at);
    lead.basis.save(out);
  }
  visit_fields(reading_, write);
}

bool Outlook::restore(ByteReader& in) {
  FieldReader read{in};
  *this = Outlook{};
  visit_fields(settings_, read);
  if (in.failed() || !settings_.features.window.valid() || settings_.interval <= Duration{})
    return false;
  read("clock_at", clock_at_);
  read("second_at", second_at_);
  read("minute_at", minute_at_);
  read("funding_interval", funding_clock_.interval);
  read("funding_period", funding_clock_.rate_period);
  if (in.failed() || funding_clock_.interval <= Duration{} ||
      funding_clock_.rate_period <= Duration{})
    return false;
  read("mid", mid_);
  log_mid_ = in.get_double();
  if (in.get_flag()) {
    features_.emplace(settings_.features);
    features_->restore(in);
  }
  volatility_.restore(in);
  ranking_.restore(in);
  residual_.restore(in);
  reach_.restore(in);
  hawkes_.restore(in);
  read("growth", growth_);
  flow_.restore(in);
  for (auto& adverse : adverse_) adverse.restore(in);
  liquidation_.restore(in);
  window_.restore(in);
  regime_.restore(in);
  read("regime_at", regime_at_);
  for (Score* score : {&funding_score_, &interest_score_}) {
    score->weight.restore(in);
    score->sum.restore(in);
    score->squares.restore(in);
  }
  read("open", order_.open);
  if (order_.open) {
    print_fields(order_, read);
    if (in.failed() || order_.lots <= 0 || order_.ahead_count > order_.ahead.size()) return false;
    for (std::uint32_t i = 0; i < order_.ahead_count; ++i) read("ahead", order_.ahead[i]);
  }
  read("order_count", order_count_);
  const std::uint64_t first = order_count_ > orders_kept ? order_count_ - orders_kept : 0;
  for (std::uint64_t i = first; i < order_count_ && !in.failed(); ++i)
    read("order", orders_[i % orders_kept]);
  if (in.get_flag()) {
    FollowedLead& lead = lead_.emplace();
    read("instrument", lead.instrument);
    lead.contrast.restore(in);
    lead.prediction.restore(in);
    read("response_known", lead.response_known);
    if (lead.response_known) read("response", lead.response);
    read("mid", lead.mid);
    read("log_mid", lead.log_mid);
    read("entered_log_mid", lead.entered_log_mid);
    read("entered_at", lead.entered_at);
    lead.basis.restore(in);
  }
  visit_fields(reading_, read);
  if (reading_.lead.has_value() != lead_.has_value()) in.fail();
  if (features_) features_->resume(reading_.features);
  return !in.failed();
}

void Outlook::list_fields(std::vector<StateField>& fields) const {
  const auto put = [&](const std::string& name, std::string value) {
    fields.push_back({StateModule::outlook, name, std::move(value)});
  };
  FieldLister reading{"", put};
  visit_fields(reading_, reading);
  put("clock_at", std::to_string(to_ns(clock_at_)));
  put("order_count", std::to_string(order_count_));
  put("regime.log_likelihood", format_hex_double(regime_.log_likelihood()));
  FieldLister settings{"settings.", put};
  visit_fields(settings_, settings);
}

}  // namespace mm
