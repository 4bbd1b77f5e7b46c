#include "research/what_if/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "engine/engine.hpp"
#include "engine/outlook/parameters.hpp"
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

std::int64_t distance(std::int64_t a, std::int64_t b) {
  return a > b ? a - b : b - a;
}

}  // namespace

void Run::make_members(std::vector<sim::Settings> ensemble) {
  members_ = std::move(ensemble);
  for (const sim::Settings& settings : members_)
    base_.members.push_back(
        fmt::format("queue {}, latency {}", settings.queue.name(), settings.latency.short_name()));
  base_.bounds = request_.bounds;
  if (!request_.bounds) return;
  sim::Settings pessimistic = members_.front();
  pessimistic.queue = {sim::QueueFunction::risk_averse, 0};
  pessimistic.bound = sim::Bound::pessimistic;
  sim::Settings optimistic = members_.front();
  optimistic.queue = {sim::QueueFunction::optimistic, 0};
  members_.push_back(pessimistic);
  members_.push_back(optimistic);
}

Result<std::vector<sim::Settings>> ensemble_of(const CounterfactualRequest& request,
                                               const Recording& recording) {
  const EventStream events = recording.inputs();
  const Event* event = events();
  const auto* start = event == nullptr ? nullptr : std::get_if<SessionStart>(&event->body);
  if (start == nullptr)
    return data("counterfactual: the recording does not begin with the start of a session");
  sim::Settings recorded;
  if (const auto wrong = sim::Settings::parse(start->settings, recorded))
    return data("counterfactual: the session's settings cannot be read: " + *wrong);
  std::vector<sim::Settings> ensemble;
  for (const Member& member : request.members) {
    sim::Settings settings = recorded;
    if (member.queue) settings.queue = *member.queue;
    if (member.latency) settings.latency = *member.latency;
    ensemble.push_back(settings);
  }
  if (ensemble.empty()) ensemble.push_back(recorded);
  return ensemble;
}

std::optional<Error> Run::start(const SessionStart& start, const Recording& recording) {
  auto strategy = make_strategy(start.strategy, start.parameters);
  if (strategy.has_error()) return strategy.error();
  bool changes_models = false;
  for (const Variant& variant : request_.variants) {
    const auto changed = (*strategy)->clone();
    for (const Setting& setting : variant.parameters) {
      if (setting.name.starts_with(model_prefix)) {
        OutlookSettings models;
        if (const auto wrong = set_model_parameter(models, setting.name, setting.value))
          return usage("counterfactual: " + *wrong);
        changes_models = true;
        continue;
      }
      if (const auto wrong = changed->set_parameter(setting.name, setting.value))
        return usage("counterfactual: " + *wrong);
    }
  }
  auto trader = trader_settings(start);
  if (trader.has_error()) return trader.error();
  auto ensemble = ensemble_of(request_, recording);
  if (ensemble.has_error()) return ensemble.error();
  make_members(std::move(*ensemble));

  base_.execution = start.execution;
  if (start.execution == "live") footprint_.emplace(recording.records());
  trader->trading = true;
  // The footprint has already taken us out.
  trader->own_displayed = false;
  lanes_.emplace(trader->decision_interval, trader->stale);
  outlook_ = make_outlook(*trader, **strategy);
  if (changes_models && !outlook_)
    return usage("counterfactual: strategy '" + std::string{start.strategy} +
                 "' quotes without models, so their parameters change nothing");
  const Trader recorded{*trader, std::move(*strategy)};
  for (const sim::Settings& settings : members_)
    lanes_->add(Lane{recorded, sim::SimWorld{settings}, outlook_.get()});
  return std::nullopt;
}

Result<std::optional<SweepRecord>> Run::fold(const Recording& recording) {
  const EventStream events = recording.inputs();
  base_.from = request_.from;
  base_.to = request_.to;
  const Event* event = events();
  const auto* session = event == nullptr ? nullptr : std::get_if<SessionStart>(&event->body);
  if (session == nullptr)
    return data("counterfactual: the recording does not begin with the start of a session");
  if (const auto error = start(*session, recording)) return *error;

  Time last = event->header.recv_time;
  for (std::uint64_t count = 0; event != nullptr; event = events()) {
    if (request_.stop != nullptr && (++count & 1023) == 0 && request_.stop->load())
      return {std::nullopt};
    last = event->header.recv_time;
    reach(last);
    if (closed_ && last > base_.to + behind_window) break;
    if (sim::is_simulated(event->kind()) || is_about_our_account(event->kind())) {
      on_recorded(*event);
    } else {
      on_input(footprint_ ? footprint_->without_us(*event, market_) : *event);
    }
  }
  if (!opened_) return data("counterfactual: the recording holds nothing in the window");
  // The recording ends before the window does.
  if (!closed_) close(std::min(request_.to, last + Duration{1}));
  for (std::size_t i = 0; i < lanes_->size(); ++i) (*lanes_)[i].account().judge_rest(last);
  actual_->judge_rest(last);
  return {record()};
}

void Run::advance(Time limit) {
  lanes_->advance(limit, market_);
  if (lanes_->filled().empty() || !counts()) return;
  const auto count = [&](std::size_t variant) {
    Distance& own = distance_[variant];
    own.sum +=
        Int128{distance(own.position, distance_.front().position)} * (limit - own.since).count();
    own.since = limit;
  };
  // Lanes ascend, so that of the recorded parameters is the first to be seen.
  if (lanes_->filled().front() == 0) {
    for (std::size_t variant = 1; variant < distance_.size(); ++variant) count(variant);
  }
  for (const std::size_t lane : lanes_->filled()) {
    if (!is_detailed(lane)) continue;
    const std::size_t variant = lane / members_.size();
    count(variant);
  }
  for (const std::size_t lane : lanes_->filled()) {
    if (is_detailed(lane))
      distance_[lane / members_.size()].position =
          (*lanes_)[lane].trader().ledger().position().lots();
  }
}

void Run::reach(Time now) {
  if (!opened_ && now >= request_.from) open();
  if (!counts()) return;
  while (block_end_ <= std::min(now, request_.to)) {
    advance(block_end_);
    close_block();
    block_end_ += base_.block;
  }
  if (now >= request_.to) close(request_.to);
}

void Run::open() {
  base_.block = block_length_of(request_.to - request_.from);
  block_end_ = request_.from + base_.block;
  judge_at_ = sample_at_ = catch_up_at_ = request_.from;
  const Mark* mark = marks_.latest();
  block_has_gap_ = mark == nullptr || !mark->present;

  advance(request_.from);
  opened_ = true;
  for (const std::size_t variant : variants_) {
    const std::vector<Setting>& parameters = request_.variants[variant].parameters;
    const Outlook* outlook = outlook_of(parameters);
    for (std::size_t member = 0; member < members_.size(); ++member)
      lanes_->add((*lanes_)[member].fork(parameters, outlook));
  }
  for (std::size_t i = 0; i < lanes_->size(); ++i) {
    Lane& lane = (*lanes_)[i];
    lane.open_account(
        marks_, base_.instrument, request_.from,
        {.fill_marks = i == 0, .fill_lines = request_.keep_fills, .curve = is_detailed(i)});
    lane.change_parameters(request_.from, market_, lanes_->heard());
    lanes_->touched(i, market_);
  }
  exposure_.resize(variants_.size() + 1);
  distance_.resize(variants_.size() + 1);
  for (std::size_t i = 0; i < distance_.size(); ++i) {
    distance_[i].since = request_.from;
    distance_[i].position = (*lanes_)[i * members_.size()].trader().ledger().position().lots();
  }
  actual_.emplace(
      Qty::from_lots(actual_position_), marks_, base_.instrument, request_.from,
      WindowAccount::Keeps{.fill_marks = true, .fill_lines = request_.keep_fills, .curve = true});
}

void Run::close(Time end) {
  advance(end);
  closed_ = true;
  base_.to = end;
  for (Distance& own : distance_) {
    own.sum +=
        Int128{distance(own.position, distance_.front().position)} * (end - own.since).count();
    own.since = end;
  }
  // What is left of the window behind the last whole block is a block as well.
  if (block_end_ - base_.block < end) close_block();
  for (std::size_t i = 0; i < lanes_->size(); ++i) (*lanes_)[i].account().close(end);
  actual_->close(end);
}

void Run::close_block() {
  for (std::size_t i = 0; i < lanes_->size(); ++i) (*lanes_)[i].account().close_block();
  actual_->close_block();
  base_.block_has_gap.push_back(block_has_gap_);
  const Mark* mark = marks_.latest();
  block_has_gap_ = mark == nullptr || !mark->present;
}

void Run::on_recorded(const Event& event) {
  if (const auto* fill = std::get_if<Fill>(&event.body)) {
    actual_position_ += sign(fill->side) * fill->qty.lots();
    if (counts()) actual_->on_fill(event.header, *fill);
  } else if (!counts()) {
    return;
  } else if (const auto* funding = std::get_if<FundingPayment>(&event.body)) {
    actual_->on_funding(event.header.recv_time, funding->cash);
  } else if (const auto* ack = std::get_if<OrderAck>(&event.body)) {
    actual_->on_ack(event.header, *ack);
  } else if (const auto* done = std::get_if<OrderDone>(&event.body)) {
    actual_->on_done(event.header, *done);
  }
}

/// The outlook of a variant: a copy of the recorded one from here on if it changes models, one for
/// all variants that change them alike.
const Outlook* Run::outlook_of(const std::vector<Setting>& parameters) {
  std::vector<Setting> models;
  for (const Setting& setting : parameters)
    if (setting.name.starts_with(model_prefix)) models.push_back(setting);
  if (models.empty()) return outlook_.get();
  for (const OtherOutlook& other : other_outlooks_)
    if (other.models == models) return other.outlook.get();
  auto outlook = std::make_unique<Outlook>(*outlook_);
  for (const Setting& setting : models) outlook->set_parameter(setting.name, setting.value);
  other_outlooks_.push_back({std::move(models), std::move(outlook)});
  return other_outlooks_.back().outlook.get();
}

void Run::fold_outlooks(const Event& event) {
  seen_.clear();
  outlook_->apply(event, market_, seen_);
  const auto* change = std::get_if<ParameterChange>(&event.body);
  for (const OtherOutlook& other : other_outlooks_) {
    // A recorded change of what the variant changes itself is not for it.
    if (change != nullptr && std::ranges::any_of(other.models, [&](const Setting& setting) {
          return setting.name == change->name;
        }))
      continue;
    seen_.clear();
    other.outlook->apply(event, market_, seen_);
  }
}

void Run::on_input(const Event& event) {
  const Time now = event.header.recv_time;
  if (!closed_) {
    advance(now);
    lanes_->before(market_);
  }
  market_.apply(event);
  if (outlook_) fold_outlooks(event);
  if (std::holds_alternative<InstrumentDefined>(event.body))
    base_.instrument = market_.quoted().definition();
  if (is_about_quoted_market(event)) on_quoted_market(event);
  if (opened_ && now >= judge_at_) judge(now);
  if (!closed_) lanes_->after(event, market_);
}

void Run::on_quoted_market(const Event& event) {
  const Time now = event.header.recv_time;
  if (!marks_.update(now, market_.quoted())) block_has_gap_ = true;
  if (!counts()) return;
  if (const auto* trade = std::get_if<Trade>(&event.body))
    tape_[minute_of(now)] += trade->qty.lots();
  const Mark* mark = marks_.latest();
  if (mark == nullptr || !mark->present) return;
  if (!marked_) {
    // What is held since before the first mark is worth it from there on.
    marked_ = true;
    for (std::size_t i = 0; i < lanes_->size(); ++i) (*lanes_)[i].account().catch_up();
    actual_->catch_up();
  }
  if (now >= sample_at_) {
    // Quotes are looked at once a second: each one seen stood for a second.
    sample_at_ = now + std::chrono::seconds{1};
    sample_exposure();
  }
}

void Run::sample_exposure() {
  const Mark& mark = *marks_.latest();
  for (std::size_t variant = 0; variant < exposure_.size(); ++variant) {
    const sim::Exchange& exchange = (*lanes_)[variant * members_.size()].exchange();
    for (const Side side : {Side::buy, Side::sell}) {
      for (const sim::RestingOrder& order : exchange.resting(side)) {
        const auto size = static_cast<std::int64_t>(
            std::bit_width(static_cast<std::uint64_t>(order.remaining.lots())));
        ++exposure_[variant][depth_in_bps(mark, order.price) * size_classes + size];
      }
    }
  }
}

void Run::judge(Time now) {
  // Far more often than a horizon passes, far less often than the market speaks.
  judge_at_ = now + std::chrono::seconds{1};
  const bool catch_up = !closed_ && now >= catch_up_at_;
  if (catch_up) catch_up_at_ = now + std::chrono::seconds{30};
  for (std::size_t i = 0; i < lanes_->size(); ++i) {
    WindowAccount& account = (*lanes_)[i].account();
    if (catch_up) account.catch_up();
    if (account.has_fills_to_judge()) account.judge_fills(now);
  }
  if (catch_up) actual_->catch_up();
  actual_->judge_fills(now);
}

LaneRecord Run::record_of(std::size_t lane) const {
  LaneRecord record = (*lanes_)[lane].account().record(tape_);
  record.output_digest = (*lanes_)[lane].output_digest();
  if (is_detailed(lane)) {
    record.exposure = exposure_[lane / members_.size()];
    record.position_distance = distance_[lane / members_.size()].sum;
  }
  return record;
}

SweepRecord Run::record() const {
  SweepRecord result;
  result.base = base_;
  result.base.actual = actual_->record(tape_);
  for (std::size_t member = 0; member < members_.size(); ++member)
    result.base.simulated.push_back(record_of(member));
  if (base_.execution != "none") {
    const MatchResult match =
        match_fills(actual_->fill_marks(), lanes_->all().front().account().fill_marks());
    result.base.calibration = Calibration{
        .precision = match.precision,
        .recall = match.recall,
        .f1 = match.f1,
        .time_error_ms = match.mean_abs_time_error_ms,
        .pnl_error =
            Money::from_units(result.base.simulated.front().pnl() - result.base.actual.pnl()),
        .any_fill = match.recorded != Qty{} || match.simulated != Qty{}};
  }
  for (std::size_t i = 0; i < variants_.size(); ++i) {
    VariantRecord variant{.index = variants_[i]};
    for (std::size_t member = 0; member < members_.size(); ++member)
      variant.members.push_back(record_of((i + 1) * members_.size() + member));
    result.variants.push_back(std::move(variant));
  }
  return result;
}

}  // namespace mm::research
