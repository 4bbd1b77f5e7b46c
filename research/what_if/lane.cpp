#include "research/what_if/lane.hpp"

#include <algorithm>

namespace mm::research {

Lane Lane::fork(const Variant& variant) const {
  Lane lane = *this;
  lane.name_ = variant.name;
  lane.overrides_ = variant.parameters;
  return lane;
}

void Lane::change_parameters(Time now, Market& market) {
  for (const Setting& setting : overrides_) {
    // A parameter set to what it is must not even wake the strategy.
    const auto changed = trader_.strategy().clone();
    changed->set_parameter(setting.name, setting.value);
    if (changed->parameters() == trader_.strategy().parameters()) continue;
    const Event event{.header = {.recv_time = now},
                      .body = ParameterChange{.name = setting.name, .value = setting.value}};
    apply_own(event, market);
  }
}

void Lane::open_account(const MarkHistory& marks, const Instrument& instrument, Time from) {
  account_.emplace(trader_.ledger().position(), marks, instrument, from);
}

void Lane::advance(Time limit, Market& market) {
  while (const Event* own = world_.next_before(limit, market)) {
    if (account_) {
      if (const auto* fill = std::get_if<Fill>(&own->body)) account_->on_fill(own->header, *fill);
      if (const auto* funding = std::get_if<FundingPayment>(&own->body))
        account_->on_funding(own->header.recv_time, funding->cash);
      if (const auto* ack = std::get_if<OrderAck>(&own->body)) account_->on_ack(own->header, *ack);
      if (const auto* done = std::get_if<OrderDone>(&own->body)) account_->on_done(*done);
    }
    apply_own(*own, market);
  }
}

void Lane::on_market(const Event& event, const Market& market) {
  world_.on_market(event, market);
  if (!overrides_.empty() && overrides(event)) return;
  apply(event, market);
}

bool Lane::overrides(const Event& event) const {
  const auto* change = std::get_if<ParameterChange>(&event.body);
  return change != nullptr &&
         std::any_of(overrides_.begin(), overrides_.end(),
                     [&](const Setting& setting) { return setting.name == change->name; });
}

void Lane::apply_own(const Event& event, Market& market) {
  market.apply(event);
  apply(event, market);
}

void Lane::apply(const Event& event, const Market& market) {
  trader_.apply(event, market, outputs_);
  if (outputs_.empty()) return;
  world_.react(event, outputs_);
  if (account_) {
    ByteWriter bytes;
    for (const Output& output : outputs_) {
      bytes.clear();
      write_record(bytes, output);
      digest_.add(bytes.bytes());
    }
  }
  outputs_.clear();
}

}  // namespace mm::research
