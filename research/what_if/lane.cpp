#include "research/what_if/lane.hpp"

#include <algorithm>

namespace mm::research {

Lane Lane::fork(const std::vector<Setting>& overrides, const Outlook* outlook) const {
  Lane lane{trader_, world_, outlook};
  lane.overrides_ = overrides;
  lane.scratch_ = scratch_;
  return lane;
}

void Lane::change_parameters(Time now, Market& market, Time heard) {
  trader_.pass_over(heard);
  for (const Setting& setting : overrides_) {
    if (setting.name.starts_with(model_prefix)) continue;  // the outlook's
    // A parameter set to what it is must not even wake the strategy.
    const auto changed = trader_.strategy().clone();
    changed->set_parameter(setting.name, setting.value);
    if (changed->parameters() == trader_.strategy().parameters()) continue;
    const Event event{.header = {.recv_time = now},
                      .body = ParameterChange{.name = setting.name, .value = setting.value}};
    apply_own(event, market);
  }
}

void Lane::open_account(const MarkHistory& marks, const Instrument& instrument, Time from,
                        WindowAccount::Keeps keeps) {
  account_.emplace(trader_.ledger().position(), marks, instrument, from, keeps);
}

bool Lane::advance(Time limit, Market& market, Time heard) {
  trader_.pass_over(heard);
  bool any = false;
  while (const Event* own = world_.next_before(limit, market)) {
    if (account_) {
      if (const auto* fill = std::get_if<Fill>(&own->body)) account_->on_fill(own->header, *fill);
      if (const auto* funding = std::get_if<FundingPayment>(&own->body))
        account_->on_funding(own->header.recv_time, funding->cash);
      if (const auto* ack = std::get_if<OrderAck>(&own->body)) account_->on_ack(own->header, *ack);
      if (const auto* done = std::get_if<OrderDone>(&own->body))
        account_->on_done(own->header, *done);
    }
    apply_own(*own, market);
    any = true;
  }
  return any;
}

bool Lane::tell_trader(const Event& event, const Market& market, Time heard) {
  trader_.pass_over(heard);
  if (!overrides_.empty() && overrides(event)) return false;
  return apply(event, market);
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

bool Lane::apply(const Event& event, const Market& market) {
  auto& [outputs, bytes] = *scratch_;
  trader_.apply(event, market, outputs, outlook_);
  if (outputs.empty()) return false;
  world_.react(event, outputs);
  if (account_) {
    for (const Output& output : outputs) {
      bytes.clear();
      write_record(bytes, output);
      digest_.add(bytes.bytes());
    }
  }
  outputs.clear();
  return true;
}

}  // namespace mm::research
