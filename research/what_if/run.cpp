#include "research/what_if/run.hpp"

#include <algorithm>

#include "research/what_if/blocks.hpp"
#include "sim/settings.hpp"
#include "strategies/registry.hpp"
#include "strategies/session_engine.hpp"

namespace mm::research {
namespace {

constexpr Duration behind_window = std::chrono::seconds{10};

/// Told to our real account only; a simulated one has its own.
bool is_about_our_account(RecordKind kind) {
  return kind == RecordKind::position_report || kind == RecordKind::balance_report ||
         kind == RecordKind::funding_payment;
}

bool is_about_quoted_market(const Event& event) {
  if (event.header.instrument.value != 0) return false;
  switch (event.kind()) {
    case RecordKind::book_snapshot:
    case RecordKind::book_delta:
    case RecordKind::best_quote:
    case RecordKind::trade:
    case RecordKind::feed_status:
      return true;
    default:
      return false;
  }
}

Error usage(std::string message) {
  return {ErrorKind::usage, std::move(message)};
}
Error data(std::string message) {
  return {ErrorKind::data, std::move(message)};
}

}  // namespace

std::optional<Error> Run::start(const SessionStart& start, const Recording& recording) {
  auto strategy = make_strategy(start.strategy, start.parameters);
  if (strategy.has_error()) return strategy.error();
  for (const Variant& variant : request_.variants) {
    const auto changed = (*strategy)->clone();
    for (const Setting& setting : variant.parameters) {
      if (const auto wrong = changed->set_parameter(setting.name, setting.value))
        return usage("counterfactual: " + *wrong);
    }
  }
  auto trader = trader_settings(start);
  if (trader.has_error()) return trader.error();
  sim::Settings settings;
  if (const auto wrong = sim::Settings::parse(start.settings, settings))
    return data("counterfactual: the session's settings cannot be read: " + *wrong);

  record_.traded = start.execution != "none";
  if (!record_.traded)
    record_.notes.push_back(
        "The session was recorded without execution: nothing checks the simulator against it.");
  if (start.execution == "live") footprint_.emplace(recording.records());
  trader->trading = true;
  lanes_.emplace_back("simulated_actual", Trader{*trader, std::move(*strategy)},
                      sim::SimWorld{settings});
  return std::nullopt;
}

Result<RunRecord> Run::fold(const Recording& recording) {
  const EventStream events = recording.inputs();
  record_.from = request_.from;
  record_.to = request_.to;
  const Event* event = events();
  const auto* session = event == nullptr ? nullptr : std::get_if<SessionStart>(&event->body);
  if (session == nullptr)
    return data("counterfactual: the recording does not begin with the start of a session");
  if (const auto error = start(*session, recording)) return *error;

  Time last = event->header.recv_time;
  for (; event != nullptr; event = events()) {
    last = event->header.recv_time;
    reach(last);
    if (closed_ && last > record_.to + behind_window) break;
    if (sim::is_simulated(event->kind()) || is_about_our_account(event->kind())) {
      on_recorded(*event);
    } else {
      on_input(footprint_ ? footprint_->without_us(*event, market_) : *event);
    }
  }
  if (!opened_) return data("counterfactual: the recording holds nothing in the window");
  // The recording ends before the window does.
  if (!closed_) close(std::min(request_.to, last + Duration{1}));
  for (Lane& lane : lanes_) lane.account().judge_rest(last);
  actual_->judge_rest(last);
  return record_;
}

void Run::reach(Time now) {
  if (!opened_ && now >= request_.from) open();
  if (!opened_ || closed_) return;
  while (block_end_ <= std::min(now, request_.to)) {
    for (Lane& lane : lanes_) lane.advance(block_end_, market_);
    close_block();
    block_end_ += record_.block;
  }
  if (now >= request_.to) close(request_.to);
}

void Run::open() {
  opened_ = true;
  record_.block = block_length_of(request_.to - request_.from);
  block_end_ = request_.from + record_.block;
  judge_at_ = request_.from;
  const Mark* mark = marks_.latest();
  block_has_gap_ = mark == nullptr || !mark->present;

  lanes_.front().advance(request_.from, market_);
  lanes_.reserve(request_.variants.size() + 1);
  for (const Variant& variant : request_.variants) lanes_.push_back(lanes_.front().fork(variant));
  for (Lane& lane : lanes_) {
    lane.open_account(marks_, record_.instrument, request_.from);
    lane.change_parameters(request_.from, market_);
  }
  actual_.emplace(Qty::from_lots(actual_position_), marks_, record_.instrument, request_.from);
}

void Run::close(Time end) {
  closed_ = true;
  record_.to = end;
  for (Lane& lane : lanes_) lane.advance(end, market_);
  // What is left of the window behind the last whole block is a block as well.
  if (block_end_ - record_.block < end) close_block();
}

void Run::close_block() {
  for (Lane& lane : lanes_) lane.account().close_block();
  actual_->close_block();
  record_.block_has_gap.push_back(block_has_gap_);
  const Mark* mark = marks_.latest();
  block_has_gap_ = mark == nullptr || !mark->present;
}

void Run::on_recorded(const Event& event) {
  if (const auto* fill = std::get_if<Fill>(&event.body)) {
    actual_position_ += sign(fill->side) * fill->qty.lots();
    if (opened_ && !closed_) actual_->on_fill(event.header, *fill);
  } else if (const auto* funding = std::get_if<FundingPayment>(&event.body)) {
    if (opened_ && !closed_) actual_->on_funding(event.header.recv_time, funding->cash);
  }
}

void Run::on_input(const Event& event) {
  const Time now = event.header.recv_time;
  if (!closed_) {
    for (Lane& lane : lanes_) lane.advance(now, market_);
  }
  market_.apply(event);
  if (std::holds_alternative<InstrumentDefined>(event.body))
    record_.instrument = market_.quoted().definition();
  if (is_about_quoted_market(event)) {
    if (!marks_.update(now, market_.quoted())) block_has_gap_ = true;
    const Mark* mark = marks_.latest();
    if (opened_ && !closed_ && mark != nullptr && mark->present && mark->value != mark_) {
      mark_ = mark->value;
      for (Lane& lane : lanes_) lane.account().on_mark(now, mark_);
      actual_->on_mark(now, mark_);
    }
    const auto* trade = std::get_if<Trade>(&event.body);
    if (opened_ && !closed_ && trade != nullptr) record_.tape[minute_of(now)] += trade->qty.lots();
  }
  if (opened_ && now >= judge_at_) {
    // Far more often than a horizon passes, far less often than the market speaks.
    judge_at_ = now + std::chrono::seconds{1};
    for (Lane& lane : lanes_) lane.account().judge_fills(now);
    actual_->judge_fills(now);
  }
  if (closed_) return;
  for (Lane& lane : lanes_) lane.on_market(event, market_);
}

}  // namespace mm::research
