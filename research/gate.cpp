#include "research/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/det/math.hpp"
#include "engine/drive.hpp"
#include "engine/engine.hpp"
#include "engine/settings.hpp"
#include "research/analytics/bootstrap.hpp"
#include "research/analytics/proportion.hpp"
#include "research/counterfactual.hpp"
#include "research/predictions.hpp"
#include "research/what_if/blocks.hpp"
#include "research/what_if/footprint.hpp"
#include "sim/settings.hpp"
#include "sim/world.hpp"
#include "strategies/registry.hpp"
#include "strategies/session_engine.hpp"

namespace mm::research {
namespace {

constexpr std::array components = {
    GateComponent{"adverse", "use_adverse", GateLoss::adverse},
    GateComponent{"hawkes", "use_hawkes", GateLoss::arrivals},
    GateComponent{"kappa", "use_kappa", GateLoss::reach},
    GateComponent{"lead_lag", "use_lead_lag", GateLoss::lead},
    GateComponent{"liquidation", "use_liquidation", GateLoss::calls},
    GateComponent{"microprice", "use_microprice", GateLoss::fair},
    GateComponent{"queue", "use_queue", GateLoss::waiting},
    GateComponent{"regime", "use_regime", GateLoss::regime},
    GateComponent{"volatility", "use_volatility", GateLoss::volatility}};

constexpr std::size_t enough_blocks = 30;
constexpr double significant = 0.05;
constexpr std::size_t one_second = 1;  // of fill_horizons_s
static_assert(fill_horizons_s[one_second] == 1);
constexpr Duration behind_window = std::chrono::seconds{61};
/// Predictions are logged at most so often: neighbours share their outcomes.
constexpr Duration log_every = std::chrono::seconds{1};

bool is_told_to_us(RecordKind kind) {
  return sim::is_simulated(kind) || kind == RecordKind::position_report ||
         kind == RecordKind::balance_report;
}

/// The recorded market and control events, with changed parameters from `from` on.
class Upstream {
 public:
  Upstream(const Recording& recording, const GateRequest& request, std::vector<Setting> changes,
           bool live)
      : events_(recording.inputs()), request_(request), changes_(std::move(changes)) {
    if (live) footprint_.emplace(recording.records());
  }
  /// Borrowed; of the core that is driven.
  void set_market(const Market& market) { market_ = &market; }

  const Event* next() {
    if (waiting_ == nullptr) {
      if (request_.stop != nullptr && request_.stop->load()) return nullptr;
      do {
        waiting_ = events_();
      } while (waiting_ != nullptr && is_told_to_us(waiting_->kind()));
      if (waiting_ == nullptr || waiting_->header.recv_time > request_.to + behind_window)
        return nullptr;
    }
    if (waiting_->header.recv_time >= request_.from && changed_ < changes_.size()) {
      const Setting& change = changes_[changed_++];
      change_ = Event{.header = {.recv_time = waiting_->header.recv_time},
                      .body = ParameterChange{.name = change.name, .value = change.value}};
      return &change_;
    }
    const Event* event = std::exchange(waiting_, nullptr);
    return footprint_ ? &footprint_->without_us(*event, *market_) : event;
  }

 private:
  EventStream events_;
  const GateRequest& request_;
  std::vector<Setting> changes_;
  std::size_t changed_ = 0;
  std::optional<Footprint> footprint_;
  const Market* market_ = nullptr;
  const Event* waiting_ = nullptr;
  Event change_;
};

/// Joins what is driven as if it had been recorded, and notes what of the market losses need.
class RunSink {
 public:
  RunSink(const Engine& engine, const GateRequest& request, GateRun& run)
      : engine_(engine), request_(request), run_(run) {}

  void accept(const Event& event) { run_.join.add({.event = &event}); }
  void decided(const Event& event, std::span<Output> outputs) {
    for (const Output& output : outputs) run_.join.add({.output = &output});
    note_market(event);
  }

 private:
  void note_market(const Event& event) {
    const Outlook* outlook = engine_.outlook();
    const Time now = event.header.recv_time;
    if (outlook == nullptr) return;
    for (; heard_ < outlook->order_count(); ++heard_) {
      const TakerOrder* order = outlook->order(heard_ + 1);
      if (order != nullptr && order->at >= request_.from)
        run_.tape.orders.push_back({order->at, order->consumed(), order->reach_bps});
    }
    if (now < request_.from) return;
    if (std::holds_alternative<Liquidation>(event.body) &&
        event.header.instrument == InstrumentId{})
      run_.tape.forced.push_back(now);
    if (now < next_second_ || now >= request_.to || !outlook->reading().mid) return;
    next_second_ = now + log_every;
    const Reading& reading = outlook->reading();
    MarketTape::Quiet quiet{.at = now};
    for (const Side side : {Side::buy, Side::sell})
      quiet.second[static_cast<std::size_t>(side)] = reading.flow(side).counts[one_second].quiet;
    run_.tape.quiet.push_back(quiet);
  }

  const Engine& engine_;
  const GateRequest& request_;
  GateRun& run_;
  std::uint64_t heard_ = 0;
  Time next_second_;
};

struct Start {
  std::string strategy;
  std::string parameters;
  std::string execution;
  TraderSettings trader;
  sim::Settings simulator;
};

Result<Start> start_of(const Recording& recording) {
  const EventStream events = recording.inputs();
  const Event* event = events();
  const auto* start = event == nullptr ? nullptr : std::get_if<SessionStart>(&event->body);
  if (start == nullptr)
    return Error{ErrorKind::data, "gate: the recording does not begin with the start of a session"};
  Start result{std::string{start->strategy},
               std::string{start->parameters},
               std::string{start->execution},
               {},
               {}};
  auto trader = trader_settings(*start);
  if (trader.has_error()) return trader.error();
  result.trader = *trader;
  result.trader.trading = true;
  result.trader.prediction_log = log_every;
  if (const auto wrong = sim::Settings::parse(start->settings, result.simulator))
    return Error{ErrorKind::data, "gate: the session's settings cannot be read: " + *wrong};
  return result;
}

/// One closed loop; empty if it was stopped.
Result<GateRun> run_loop(const Recording& recording, const GateRequest& request, const Start& start,
                         std::vector<Setting> changes) {
  auto strategy = make_strategy(start.strategy, start.parameters);
  if (strategy.has_error()) return strategy.error();
  Engine engine{start.trader, std::move(*strategy)};
  Upstream upstream{recording, request, std::move(changes), start.execution == "live"};
  upstream.set_market(engine.market());
  sim::SimWorld world{start.simulator};
  sim::WorldSource<Upstream> source{upstream, world, engine.market()};
  GateRun run{.join = PredictionJoin{request.from, request.to}, .tape = {}};
  RunSink sink{engine, request, run};
  drive(source, engine, sink);
  run.join.finish();
  return run;
}

// ---------------------------------------------------------------- comparing

struct BlockMeans {
  std::vector<double> sum;
  std::vector<double> count;
  std::optional<double> mean() const {
    double all = 0;
    double records = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      all += sum[i];
      records += count[i];
    }
    return records > 0 ? std::optional{all / records} : std::nullopt;
  }
};

BlockMeans blocks_of(const std::vector<Loss>& losses, Time from, Duration block,
                     std::size_t count) {
  BlockMeans blocks{std::vector<double>(count, 0.0), std::vector<double>(count, 0.0)};
  for (const Loss& loss : losses) {
    const auto at = static_cast<std::size_t>((loss.at - from) / block);
    if (at >= count) continue;
    blocks.sum[at] += loss.value;
    blocks.count[at] += 1;
  }
  return blocks;
}

GateMeasure compare(const std::vector<Loss>& on, const std::vector<Loss>& off,
                    const GateRequest& request) {
  const Duration block = block_length_of(request.to - request.from);
  const auto count = static_cast<std::size_t>((request.to - request.from) / block) + 1;
  const BlockMeans with = blocks_of(on, request.from, block, count);
  const BlockMeans without = blocks_of(off, request.from, block, count);
  GateMeasure measure{.on = with.mean(),
                      .off = without.mean(),
                      .records_on = static_cast<std::int64_t>(on.size()),
                      .records_off = static_cast<std::int64_t>(off.size())};
  std::vector<double> gains;
  for (std::size_t i = 0; i < count; ++i)
    if (with.count[i] > 0 && without.count[i] > 0)
      gains.push_back(without.sum[i] / without.count[i] - with.sum[i] / with.count[i]);
  measure.blocks = static_cast<std::int64_t>(gains.size());
  if (gains.size() < enough_blocks) return measure;
  const BootstrapResult bootstrap =
      stationary_bootstrap(gains, block_length(gains).mean_block, request.resamples, request.seed);
  double sum = 0;
  for (const double gain : gains) sum += gain;
  measure.gain = sum / static_cast<double>(gains.size());
  measure.low = bootstrap.low;
  measure.high = bootstrap.high;
  // Two runs that never differ leave nothing to test.
  const bool same = std::ranges::all_of(gains, [](double gain) { return gain == 0; });
  measure.p = same ? 1 : bootstrap_p(bootstrap);
  return measure;
}

double in_currency(Money money) {
  return static_cast<double>(money.units()) * 1e-12;
}

GateMeasure pnl_of(const CounterfactualResult& result, std::size_t variant) {
  const CounterfactualRow& with = result.rows[1];
  const CounterfactualRow& without = result.rows[2 + variant];
  GateMeasure measure{.on = in_currency(with.pnl),
                      .off = in_currency(without.pnl),
                      .blocks = result.blocks - result.blocks_with_gaps,
                      .records_on = with.fills,
                      .records_off = without.fills};
  // The row's difference is of the run without the component.
  if (!without.delta || !without.ci95) return measure;
  measure.gain = -in_currency(*without.delta);
  measure.low = -in_currency(without.ci95->second);
  measure.high = -in_currency(without.ci95->first);
  measure.p = measure.low == 0 && measure.high == 0 ? std::optional{1.0} : without.p;
  return measure;
}

/// Adjusted p and verdicts of one family.
void judge(std::vector<GateResult>& results, GateMeasure GateResult::*which) {
  std::vector<double> family;
  for (const GateResult& result : results)
    if ((result.*which).p) family.push_back(*(result.*which).p);
  const std::vector<double> adjusted = holm(family);
  std::size_t next = 0;
  for (GateResult& result : results) {
    GateMeasure& measure = result.*which;
    if (!measure.p) continue;
    measure.p_adjusted = adjusted[next++];
    measure.verdict = *measure.p_adjusted > significant ? GateVerdict::no_difference
                      : *measure.low > 0                ? GateVerdict::improve
                      : *measure.high < 0               ? GateVerdict::worse
                                                        : GateVerdict::no_difference;
  }
}

std::optional<Error> refusal(const Start& start, const GateComponent& component) {
  const auto value = find_setting(start.parameters, component.toggle);
  const auto usage = [](std::string message) {
    return Error{ErrorKind::usage, std::move(message)};
  };
  if (!value)
    return usage(
        fmt::format("gate {}: strategy '{}' has no component to switch ({}); record a "
                    "session with 'enhanced'",
                    component.name, start.strategy, component.toggle));
  if (!parse_flag(*value).value_or(false))
    return usage(
        fmt::format("gate {}: the session ran with {}={}, so there is nothing to compare; "
                    "record it with the component on",
                    component.name, component.toggle, *value));
  if (start.execution != "paper" && start.execution != "live")
    return usage(fmt::format("gate: the session was recorded with execution {}: nobody quoted",
                             start.execution));
  return std::nullopt;
}

}  // namespace

std::string_view name_of(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::improve:
      return "improve";
    case GateVerdict::no_difference:
      return "no difference";
    case GateVerdict::worse:
      return "worse";
    case GateVerdict::unknown:
      break;
  }
  return "cannot be told";
}

std::span<const GateComponent> gate_components() {
  return components;
}

const GateComponent* find_gate_component(std::string_view name) {
  const auto found = std::ranges::find(components, name, &GateComponent::name);
  return found == components.end() ? nullptr : &*found;
}

Result<std::vector<GateResult>> run_gates(const Recording& recording, const GateRequest& request) {
  const Result<Start> start = start_of(recording);
  if (start.has_error()) return start.error();
  for (const GateComponent* component : request.components)
    if (const auto error = refusal(*start, *component)) return *error;

  CounterfactualRequest what_if{.from = request.from, .to = request.to};
  for (const GateComponent* component : request.components)
    what_if.variants.push_back(
        {std::string{component->name}, {{std::string{component->toggle}, "off"}}});
  what_if.bounds = false;
  what_if.fidelity = false;
  what_if.seed = request.seed;
  what_if.resamples = request.resamples;
  what_if.threads = request.threads;
  what_if.stop = request.stop;
  what_if.tick = request.tick;
  const auto result = run_counterfactual(what_if, recording);
  if (result.has_error()) return result.error();

  const auto on = run_loop(recording, request, *start, {});
  if (on.has_error()) return on.error();
  std::vector<GateResult> results;
  for (std::size_t i = 0; i < request.components.size(); ++i) {
    const GateComponent& component = *request.components[i];
    const auto off = run_loop(recording, request, *start, {{std::string{component.toggle}, "off"}});
    if (off.has_error()) return off.error();
    GateResult gate{.component = &component};
    const GateScale scale = gate_scale(*on, *off);
    gate.calibration = compare(losses_of(component.loss, *on, true, scale),
                               losses_of(component.loss, *off, false, scale), request);
    gate.pnl = pnl_of(*result, i);
    for (const auto& [what, measure] :
         {std::pair{"Calibration", gate.calibration}, std::pair{"P&L", gate.pnl}})
      if (!measure.p)
        gate.notes.push_back(fmt::format(
            "{} cannot be told: {} blocks of time with something to compare in both runs, an "
            "interval needs {}; take a longer window.",
            what, measure.blocks, enough_blocks));
    results.push_back(std::move(gate));
  }
  judge(results, &GateResult::calibration);
  judge(results, &GateResult::pnl);
  return results;
}

}  // namespace mm::research
